"""What every test may use. The fixtures of the real servers are in `tests/servers/fixtures.py`."""

pytest_plugins = ("tests.servers.fixtures",)
