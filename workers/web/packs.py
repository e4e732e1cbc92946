"""Folders that desks write, such as an answer or an evidence pack, as one archive to keep.

What is in it lies on this machine only while it is sent: in a private folder that goes with the answer.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

MEDIA_TYPE: Final = "application/zip"
DETAILS: Final = "X-Callwarden-Sha256"
"""The digest of what was signed, so that it can be compared with the access log's."""
Made = TypeVar("Made")


def as_archive(write: Callable[[Path], Made], *, name: str, digest: Callable[[Made], str]) -> Response:
    """What `write` puts into the folder it is given. Nothing is left of the folder, whatever happens."""
    room = Path(tempfile.mkdtemp(prefix="callwarden-"))  # 0700
    try:
        made = write(room / name)
        archive = room / f"{name}.zip"
        with zipfile.ZipFile(archive, "x", zipfile.ZIP_STORED) as packed:  # sound is compressed or random already
            for file in sorted((room / name).rglob("*")):
                if file.is_file():
                    packed.write(file, file.relative_to(room))
    except BaseException:
        shutil.rmtree(room, ignore_errors=True)
        raise
    return FileResponse(
        archive,
        filename=f"{name}.zip",
        media_type=MEDIA_TYPE,
        headers={DETAILS: found} if (found := digest(made)) else {},
        background=BackgroundTask(shutil.rmtree, room, ignore_errors=True),
    )
