"""What every test may use. The fixtures of the real servers are in `tests/servers/fixtures.py`."""

import os

from hypothesis import settings

pytest_plugins = ("tests.servers.fixtures",)

# A machine shared with servers is slow at times, which is no fault of a rule. In continuous integration the examples
# are the same in every run; elsewhere every run looks for new ones.
settings.register_profile("callwarden", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("callwarden")
