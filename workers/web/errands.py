"""Long work for one person: it goes on when their page is closed, and what it made is theirs to fetch for an hour.

An errand belongs to the process it was given to: behind several, keep a person at one. What it makes lies in a private
folder under ``TMPDIR`` until that hour is over; what a killed process left there is removed by the next.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import BoundedSemaphore, Lock, Thread, Timer
from typing import Annotated, Final, Self
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from fastapi import Depends, Request

from callwarden.diagnostics import log
from callwarden.errors import CallwardenError, RefusedError
from callwarden.model.access import Actor

KEPT: Final = timedelta(hours=1)
AT_ONCE: Final = 2
MOST: Final = 100
"""Errands one process remembers; a further one is refused, ``busy``, until the oldest is over."""
_PREFIX: Final = "callwarden-errands-"
_PIECE: Final = 1 << 20


class Stage(StrEnum):
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


@dataclass(slots=True)
class Errand:
    """One piece of work. `folder` is where it writes, `done` of `total` how far it has come, `made` what it says of
    what it made, `over_at` when that is removed; `saved` once all of it went to whoever asked."""

    errand_id: str
    owner: str
    kind: str
    about: str
    folder: Path
    total: int
    begun_at: datetime
    over_at: datetime
    done: int = 0
    stage: Stage = Stage.RUNNING
    error: CallwardenError | None = None
    saved: bool = False
    made: Mapping[str, object] = field(default_factory=dict)

    def told(self, steps: int) -> None:
        """So many steps further."""
        self.done += steps


class Errands:
    """Those of one process; what they make lies under `place`, ``TMPDIR`` where left out. Thread-safe."""

    def __init__(self, place: Path | None = None) -> None:
        self._under = place or Path(tempfile.gettempdir())
        self._all: dict[str, Errand] = {}
        self._lock = Lock()
        self._hands = BoundedSemaphore(AT_ONCE)
        self._root: Path | None = None
        self._held: int | None = None

    def prepare(self, actor: Actor, kind: str, about: str, *, now: datetime, total: int = 0) -> Errand:
        """An errand with a folder beside its own for what it needs; `start` has it done. Raises RefusedError,
        ``busy``."""
        with self._lock:
            if len(self._all) >= MOST:
                raise RefusedError(("busy",), "too much is being made at once: try again in a few minutes")
            name = secrets.token_urlsafe(18)
            errand = Errand(
                errand_id=name,
                owner=actor.account,
                kind=kind,
                about=about,
                folder=self._place() / name / kind,
                total=total,
                begun_at=now,
                over_at=now + KEPT,
            )
            errand.folder.parent.mkdir(mode=0o700)
            self._all[name] = errand
        return errand

    def start(self, errand: Errand, work: Callable[[Errand], Mapping[str, object]]) -> None:
        """Have it done, beside the others."""
        Thread(target=self._do, args=(errand, work), name=f"errand-{errand.kind}", daemon=True).start()

    def of(self, actor: Actor, errand_id: str, *, about: str) -> Errand:
        """Their errand. Raises RefusedError, ``unknown``."""
        found = self._all.get(errand_id)
        if found is None or found.owner != actor.account or found.about != about:
            raise RefusedError(("unknown",), "there is nothing of yours under this address, or no longer")
        return found

    def theirs(self, actor: Actor) -> list[Errand]:
        """All of them, newest first."""
        with self._lock:
            mine = [one for one in self._all.values() if one.owner == actor.account]
        return sorted(mine, key=lambda one: one.begun_at, reverse=True)

    def forget(self, errand: Errand) -> None:
        """Remove it, and what it made."""
        with self._lock:
            self._all.pop(errand.errand_id, None)
        shutil.rmtree(errand.folder.parent, ignore_errors=True)

    def _do(self, errand: Errand, work: Callable[[Errand], Mapping[str, object]]) -> None:
        with self._hands:
            try:
                errand.made = work(errand)
                errand.stage = Stage.READY
            except CallwardenError as error:
                errand.error, errand.stage = error, Stage.FAILED
            except Exception as error:  # noqa: BLE001 -- the last of a thread: who waits is told
                log.error("errand_failed", kind=errand.kind, error=type(error).__name__)
                errand.error, errand.stage = CallwardenError("something failed here"), Stage.FAILED
        timer = Timer(KEPT.total_seconds(), self.forget, (errand,))
        timer.daemon = True
        timer.start()

    def _place(self) -> Path:
        """This process's folder, under a lock that ends with it."""
        if self._root is None:
            _remove_what_was_left(self._under)
            self._root = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._under))
            self._held = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self._root

    def close(self) -> None:
        """Remove all that was made."""
        with self._lock:
            self._all.clear()
            if self._root is not None:
                shutil.rmtree(self._root, ignore_errors=True)
            if self._held is not None:
                os.close(self._held)
            self._root = self._held = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _remove_what_was_left(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def errands_of(request: Request) -> Errands:
    """Those of the application that answers."""
    found: Errands = request.app.state.errands
    return found


TheErrands = Annotated[Errands, Depends(errands_of)]


class _Sink:
    """What a zip file is written into, to be sent on piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing is open here."""

    def taken(self) -> bytes:
        """What was written since, for good."""
        pieces, self._pieces = b"".join(self._pieces), []
        return pieces


def archive(folder: Path, name: str) -> Iterator[bytes]:
    """The folder as a zip file, under `name` in it; never all of it in memory. Nothing is compressed: sound is already,
    and who receives it sees every file's own bytes."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as packed:
        for file in sorted(one for one in folder.rglob("*") if one.is_file()):
            entry = ZipInfo(f"{name}/{file.relative_to(folder)}")
            with file.open("rb") as source, packed.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
                    yield sink.taken()
    yield sink.taken()
