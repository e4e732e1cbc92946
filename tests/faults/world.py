"""What the world outside knows and was told: whoever tests a system in any order compares it with this.

Nothing here is read from the system's own rows: what was acknowledged to people, what was seen to be gone, and what was
on file, is written down when it is heard.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from callwarden.desks.named_case import NAME_TAKEN
from callwarden.errors import RefusedError, RetryableError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CallId, RecordingId
from callwarden.model.log_entry import EntryOutcome
from callwarden.model.objection import Objection
from callwarden.model.period import CalendarPeriod
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.model.recording import GONE, AudioState, Recording, RecordingState
from callwarden.ports.catalogue import ObjectionReference
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.requests import RequestRefusal
from callwarden.rules.rights import ActRefusal
from callwarden.rules.vault_layout import recording_prefix
from callwarden.workers.processes.pace import Pace
from tests.fakes.transaction import Rows
from tests.support.dying import Fate, KilledError, Moment, mortal
from tests.support.quick import policy_of
from tests.support.scenarios import work
from tests.support.workshop import SHIPPED_POLICY, Workshop, with_line

PACE = Pace(threads=2, window=8, idle_poll_s=0, busy_wait_s=0.001, housekeeping_s=0, commit_every_s=0)
STEP_NAMES = ("ingest", "objections", "holds", "dispose")
TRAINER = Actor(role=Role.TRAINER, name="alice")
REASONS = {NAME_TAKEN, *(reason.value for words in (ActRefusal, ReadRefusal, RequestRefusal) for reason in words)}
POLICY = with_line(policy_of(SHIPPED_POLICY), audio_retention=CalendarPeriod(days=30))
"""Customer service keeps the sound thirty days, and the rest its six months."""
KEPT = (RecordingState.STORED, RecordingState.QUARANTINED)
Answer = TypeVar("Answer")


@dataclass(slots=True)
class KnownCase:
    """A case as its people know it: what it was said to hold, the customers it holds whatever comes from, and who has
    asked for its release."""

    recordings: set[RecordingId] = field(default_factory=set)
    customers: set[int] = field(default_factory=set)
    asked_by: str | None = None
    released: bool = False


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of everything but the journal and the bus, and how far every group had read."""

    rows: Rows
    objects: dict[Any, Any]
    landing: dict[str, bytes]
    left_at: dict[str, Any]
    offsets: dict[Any, Any]


class World:
    """One system in memory, and what is known of it outside."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.shop = Workshop(self.folder, policy=POLICY)
        self.sent: list[dict[str, Any]] = []
        self.published = 0
        self.contents: dict[str, bytes] = {}
        self.cases: dict[str, KnownCase] = {}
        self.digests: dict[RecordingId, str] = {}
        """Of what was acknowledged as held, once it was stored."""
        self.gone: set[RecordingId] = set()
        self.silent: set[RecordingId] = set()
        """Of these the audio had ended, and the rest was kept."""
        self.on_file: dict[str, Objection] = {}
        self.restricted: set[RecordingId] = set()
        self.to_erase: set[RecordingId] = set()
        """Their erasure was approved, and waited for a case or something else."""
        self.backups: list[Backup] = []

    def close(self) -> None:
        self.shop.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    # what is done
    def publish(self, event: dict[str, Any] | bytes) -> None:
        self.shop.publish(event)
        self.published += 1

    def asks(self, call: Callable[[], Answer]) -> Answer | tuple[str, ...]:
        """What somebody is answered; or the reasons of a refusal, which are of the closed lists and in the log."""
        try:
            return call()
        except RefusedError as error:
            reasons = error.reasons
        entry = self.shop.parts["catalogue"].log[-1]
        assert entry.outcome is EntryOutcome.REFUSED
        assert reasons
        assert set(reasons) <= REASONS & set(entry.reasons)
        return reasons

    @contextmanager
    def dying(self, moment: Moment) -> Iterator[None]:
        """A process that may die in the block; the next one is there after it."""
        mortal(self.shop.reopen(), Fate(at=moment))
        with suppress(KilledError, RetryableError):
            yield
        self.shop.reopen()

    def back_up(self) -> Backup:
        parts = self.shop.parts
        return Backup(
            rows=parts["catalogue"].rows.snapshot(),
            objects={place: replace(one) for place, one in parts["vault"]._objects.items()},
            landing=dict(parts["landing"].files),
            left_at=dict(parts["landing"].left_at),
            offsets=dict(parts["bus"]._offsets),
        )

    def restore(self, backup: Backup) -> None:
        """The machine is lost: what the backup has is put back, and what the telephone system had left since is there
        still. The journal and the bus are elsewhere."""
        parts = self.shop.parts
        parts["catalogue"].rows = backup.rows.snapshot()
        parts["vault"]._objects = {place: replace(one) for place, one in backup.objects.items()}
        parts["landing"].files |= backup.landing
        parts["landing"].left_at = {**backup.left_at, **parts["landing"].left_at}
        parts["bus"]._offsets = dict(backup.offsets)
        _ = self.shop.reopen().replayed  # before anything is served

    # what is seen
    def rows(self) -> list[Recording]:
        return list(self.shop.system.catalogue.all_recordings())

    def row(self, recording: RecordingId) -> Recording | None:
        with self.shop.system.catalogue.snapshot() as tx:
            return tx.recordings.get([recording]).get(recording)

    def held(self) -> dict[RecordingId, set[str]]:
        """What open cases were said to hold, and which."""
        found: dict[RecordingId, set[str]] = {}
        for name, case in self.cases.items():
            for recording in () if case.released else case.recordings:
                found.setdefault(recording, set()).add(name)
        return found

    def versions(self, recording: RecordingId) -> int:
        return len(list(self.shop.system.vault.versions(recording_prefix(recording))))

    def settle(self) -> None:
        """Everything that was sent is dealt with, and what the vault refused for a while is done."""
        self.shop.parts["vault"].refused.clear()
        work(self.shop, *STEP_NAMES, pace=PACE)
        with self.shop.system.catalogue.snapshot() as tx:
            later = [one.again_at for one in tx.unapplied.find() if one.again_at is not None]
        if later:
            self.shop.clock.instant = max(self.shop.clock.now(), *later)
            work(self.shop, *STEP_NAMES, pace=PACE)

    def look(self) -> None:
        """Write down what is gone and what is on file: neither may be otherwise again."""
        with self.shop.system.catalogue.snapshot() as tx:
            self.on_file |= {one.objection_id: one for one in tx.objections.all()}
        self.gone |= {row.recording_id for row in self.rows() if row.state in GONE}
        self.silent |= {row.recording_id for row in self.rows() if row.audio is AudioState.ENDED}

    def nothing_lies_about(self) -> None:
        """The landing area holds nothing that was taken, refused or dropped."""
        waiting = {one["data"]["audio"]["uri"] for one in self.sent if "audio" in one["data"]}
        assert set(self.shop.landed()) & waiting == set()

    def refusal(self, actor: Actor, purpose: Purpose, row: Recording, what: Readable) -> tuple[str, ...]:
        """The reasons a reading is refused for, which it has to be."""
        with pytest.raises(RefusedError) as refused:
            self.shop.system.gate.read(actor, purpose, row.recording_id, what)
        return refused.value.reasons

    def recordings_of(self, calls: set[int]) -> list[RecordingId]:
        wanted = {CallId(f"c-{call}") for call in calls}
        return [one.recording_id for one in self.rows() if one.call_id in wanted]

    def stored(self) -> set[RecordingId]:
        return {one.recording_id for one in self.rows() if one.state in KEPT}

    def is_objected(self, row: Recording, purpose: str) -> bool:
        """Whether an objection to this purpose covers this row; one to recording only on a line that honours it, and
        outside any case."""
        if purpose == RECORDING and (row.line == "monitoring-centre" or row.holds or row.not_before is not None):
            return False
        by_call = ObjectionReference(scope="call", reference=row.call_id)  # type: ignore[arg-type]  # a StrEnum's value
        with self.shop.system.catalogue.snapshot() as tx:
            on_file = tx.objections.all()
        references = {by_call.reference, row.caller, row.customer}
        return any(
            purpose in one.purposes and one.reference in references and one.covers(row.ended_at) for one in on_file
        )
