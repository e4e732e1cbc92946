"""The tests of callwarden. Names are sentences about behaviour; the servers are real ones, see `tests/servers`."""
