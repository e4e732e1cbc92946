"""Values as they lie in the database, which somebody may have written past the system."""


def stored_bytes(value: object) -> bytes:
    """A column's bytes. SQLite keeps whatever type it is given: text or a number put there by hand comes back as its
    own bytes, so that it is found to be wrong like any other wrong bytes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "surrogateescape")
