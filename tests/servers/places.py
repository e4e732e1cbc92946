"""Folders of the servers: what is installed once, and what one run writes and throws away."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "callwarden-servers-"


def repository() -> Path:
    """The root of the source tree."""
    return Path(__file__).resolve().parents[2]


def servers_folder() -> Path:
    """What the install script fetched: `.servers` in the source tree, or where CALLWARDEN_SERVERS_DIR points."""
    return Path(os.environ.get("CALLWARDEN_SERVERS_DIR") or repository() / ".servers")


@contextlib.contextmanager
def run_folder() -> Iterator[Path]:
    """A folder for the data of this run's servers, removed afterwards.

    Its path is short (Ceph's sockets have room for 107 bytes) and other users may pass through it (PostgreSQL runs
    as another user when we are root). What runs killed with -9 left behind goes first: their pid is in the name.
    """
    parent = Path(tempfile.gettempdir())
    for left in parent.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not _lives(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
