"""The key that seals rows where a test opens a catalogue by itself."""

from callwarden.adapters.sql.seals import RowSeals

SEALS = RowSeals(lambda: b"a key of the tests")
