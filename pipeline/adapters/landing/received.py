"""Foreign bytes taken in under a cap: small ones in memory, large ones in a file without a name."""

import io
import tempfile
from typing import BinaryIO, Protocol, cast

from callwarden.adapters.durable_files import translated
from callwarden.ports.landing import LandingOversizedError

IN_MEMORY_BYTES = 8 << 20
_CHUNK = 1 << 20
_MORE = 1 << 12
"""Asked for where nothing more is expected."""


class Incoming(Protocol):
    def read(self, size: int, /) -> bytes: ...


def receive(source: Incoming, *, announced: int, max_bytes: int) -> BinaryIO:
    """Read `source` to its end into a seekable file at position 0. `announced` is the size it claims, which decides
    where it goes and is not believed otherwise.

    Raises LandingOversizedError once `max_bytes` is passed, RetryableError when there is no room for it; what
    `source.read` raises passes through.
    """
    if announced > max_bytes:
        raise LandingOversizedError(f"{announced} bytes are announced, {max_bytes} are allowed")
    if announced <= IN_MEMORY_BYTES:
        # All of it in one read and never copied: fresh pages cost more than the bytes in them.
        target: BinaryIO = io.BytesIO(source.read(max(1, announced)))
        target.seek(0, io.SEEK_END)
    else:
        with translated("making a temporary file"):
            # On Linux it never has a name; elsewhere its name is gone before the first byte. It dies with us.
            target = cast(BinaryIO, tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 -- the caller closes it
    try:
        _copy(source, target, max_bytes)
        target.seek(0)
    except BaseException:
        target.close()
        raise
    return target


def _copy(source: Incoming, target: BinaryIO, max_bytes: int) -> None:
    received = target.tell()
    wanted = _CHUNK if received == 0 else _MORE
    while chunk := source.read(min(wanted, max_bytes + 1 - received)):
        received += len(chunk)
        if received > max_bytes:
            raise LandingOversizedError(f"more than the {max_bytes} bytes that are allowed")
        with translated("writing a temporary file"):
            _write_all(target, chunk)


def _write_all(target: BinaryIO, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[target.write(view) :]
