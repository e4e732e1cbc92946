"""A watched folder. Every step of a path is opened without following links, so no name leads out of it."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from callwarden.adapters.durable_files import translated
from callwarden.adapters.landing.received import receive
from callwarden.adapters.landing.spool_upload import SpoolUpload
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.model.landing import LandingUri
from callwarden.ports.landing import Fetched, Landed, LandingMissingError, LandingRefusedError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe that somebody put there would wait for a writer for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class SpoolFolder:
    """`callwarden.adapters.landing.areas.LandingPlace` over a folder on this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, place: LandingUri, *, max_bytes: int) -> Fetched:
        with (
            translated("fetching from the spool folder", part="landing", names_file=False),
            self._parent(place) as (folder, name),
        ):
            found = _look(name, folder)
            if found is None:
                raise LandingMissingError("nothing lies at this name in the spool folder")
            _refuse_unusual(found)
            try:
                descriptor = os.open(name, _FILE, dir_fd=folder)
            except FileNotFoundError:
                raise LandingMissingError("nothing lies at this name in the spool folder") from None
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                status = os.fstat(descriptor)
                _refuse_unusual(status)  # it may have been exchanged since we looked
                if not status.st_nlink:
                    raise LandingMissingError("what lay at this name in the spool folder was just taken away")
                return Fetched(
                    file=receive(file, announced=status.st_size, max_bytes=max_bytes),
                    # What is put there again may have the same number and the same time of writing.
                    instance=f"{status.st_dev}.{status.st_ino}.{status.st_mtime_ns}.{status.st_ctime_ns}",
                )

    def delete(self, place: LandingUri) -> None:
        with (
            translated("deleting from the spool folder", part="landing", names_file=False),
            suppress(LandingMissingError),
            self._parent(place) as (folder, name),
        ):
            found = _look(name, folder)
            if found is None:
                return
            _refuse_unusual(found)
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    def exists(self, place: LandingUri) -> bool:
        with (
            translated("looking into the spool folder", part="landing", names_file=False),
            suppress(LandingMissingError),
        ):
            with self._parent(place) as (folder, name):
                found = _look(name, folder)
            return found is not None and stat.S_ISREG(found.st_mode)
        return False

    def begin(self, place: LandingUri) -> SpoolUpload:
        *above, name = place.name.split("/")
        with translated("making a file in the spool folder", part="landing", names_file=False):
            with self._parent(LandingUri(scheme="spool", bucket="", name=".")) as (root, _):
                folder = os.dup(root)
            for part in above:
                try:
                    with suppress(FileExistsError):
                        os.mkdir(part, 0o700, dir_fd=folder)
                        os.fsync(folder)
                    below = _step(part, folder)
                finally:
                    os.close(folder)
                folder = below
            return SpoolUpload(folder, name, uri=place.uri)

    def lying(self, area: LandingUri) -> Iterator[Landed]:
        with translated("listing the spool folder"), suppress(LandingMissingError), self._folder(area.name) as top:
            for folder, _, names, descriptor in os.fwalk(".", dir_fd=top, follow_symlinks=False, onerror=_raise):
                for name in names:
                    found = _look(name, descriptor)
                    if found is None or stat.S_ISDIR(found.st_mode):
                        continue  # taken since, or a link that os.fwalk could not tell
                    path = "/".join(part for part in (area.name, *folder.split("/"), name) if part not in ("", "."))
                    yield Landed(
                        place=LandingUri(scheme="spool", bucket="", name=path),
                        left_at=_left_at(found),
                        size=found.st_size,
                    )

    def remove(self, landed: Landed) -> bool:
        with (
            translated("deleting from the spool folder"),
            suppress(LandingMissingError, FileNotFoundError),
            self._parent(landed.place) as (folder, name),
        ):
            found = _look(name, folder)
            if found is None or stat.S_ISDIR(found.st_mode) or _left_at(found) != landed.left_at:
                return False
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)
            return True
        return False

    @contextmanager
    def _folder(self, name: str) -> Iterator[int]:
        """An open folder below the root; the root itself for an empty name."""
        with self._parent(LandingUri(scheme="spool", bucket="", name=f"{name}/." if name else ".")) as (folder, _):
            yield folder

    def check(self, place: LandingUri) -> None:
        folder = self._root / place.name
        if not folder.is_dir():
            raise ConfigurationError(f"{folder} is no folder: make it, or correct CALLWARDEN_SPOOL")
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise ConfigurationError(
                f"{folder}: audio could not be fetched from there and taken away: give us its rights"
            )

    @contextmanager
    def _parent(self, place: LandingUri) -> Iterator[tuple[int, str]]:
        """The open folder that holds the file, and the file's name in it."""
        *above, name = place.name.split("/")
        try:
            folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise RetryableError(
                f"the spool folder {self._root} is out of reach (disk not mounted?)", part="landing"
            ) from error
        try:
            for part in above:
                below = _step(part, folder)
                os.close(folder)
                folder = below
            yield folder, name
        finally:
            os.close(folder)


def _step(part: str, folder: int) -> int:
    try:
        return os.open(part, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        raise LandingMissingError("nothing lies at this name in the spool folder") from None
    except OSError:
        found = _look(part, folder)
        if found is None:
            raise LandingMissingError("nothing lies at this name in the spool folder") from None
        if not stat.S_ISDIR(found.st_mode):
            raise LandingRefusedError("the name leads through a link or a file in the spool folder") from None
        raise


def _look(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _refuse_unusual(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise LandingRefusedError("the name is a link, a folder or a device in the spool folder, not a file")


def _left_at(found: os.stat_result) -> datetime:
    """When it came to lie there: a file that was moved in keeps the time it was written, so the change of its entry
    counts too."""
    return datetime.fromtimestamp(max(found.st_mtime, found.st_ctime), tz=UTC)


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # a folder that was taken away meanwhile
        raise error
