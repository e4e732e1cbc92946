"""What the gate knows of a question, and the verdict: rows as the log and the objections on file bear them out."""

import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.own_restrictions import is_asked_for_by_its_own
from callwarden.errors import InvariantError
from callwarden.model.access import REDACTED, Actor, Readable, Role
from callwarden.model.break_glass import BreakGlass
from callwarden.model.experiment import ItemState
from callwarden.model.ids import CallId, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.permission import Permission
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording
from callwarden.model.request import RequestId
from callwarden.ports.catalogue import Transaction, WrappedKey
from callwarden.ports.clock import Clock
from callwarden.ports.log import LogReader
from callwarden.rules.audio_period import readable_until
from callwarden.rules.break_glass import opening
from callwarden.rules.cases import is_theirs
from callwarden.rules.erasing import erasures_that_wait, over_from
from callwarden.rules.experiments import opens_to
from callwarden.rules.objection import as_objected, references_of
from callwarden.rules.permissions import opening_permission
from callwarden.rules.reading import Deny, Question, Reading, ReadRefusal, decide, is_narrowed
from callwarden.rules.released import is_released
from callwarden.rules.retention import is_past
from callwarden.rules.rights import RIGHTS, Act, refusals

_ASKABLE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OPENED_BY_OTHERS = frozenset({Purpose.DISPUTE, Purpose.RIGHTS_REQUEST})
_NO_RECORDING = RecordingId("rec-00000000000000000000000000000000")
"""Looked up in the place of an id that cannot be one: the same work for every wrong id."""
_ITEMS = 5_000
_NO_CALL = CallId("")
_NO_REQUEST = RequestId("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with its verdict and what is known of its object. `opened_by` is the emergency access or permission to
    test that opens it, `closes_at` when the latter ends; `began` is when it was asked, by a clock that never jumps."""

    question: Question
    verdict: Reading
    artefact: Artefact | None
    key: WrappedKey | None
    opened_by: str | None
    closes_at: datetime | None
    began: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Decides; lets out nothing and writes nothing. Thread-safe."""

    policy: Policy
    clock: Clock
    noted: LogReader

    def ask(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_id: RecordingId | None,
        what: Readable,
        tx: Transaction,
        *,
        set_aside: bool = False,
    ) -> Asked:
        """What may be read of it now. The same reads whether or not the recording exists."""
        began = time.monotonic()
        now = self.clock.now()
        wanted = recording_id if recording_id is not None and _ASKABLE.fullmatch(recording_id) else _NO_RECORDING
        kind = ArtefactKind(what.value) if what.value in set(ArtefactKind) else ArtefactKind.ORIGINAL_AUDIO
        recording = _of_their_cases(actor, self.as_objected(tx.recordings.get([wanted]), tx).get(wanted), tx)
        artefact = tx.artefacts.newest(wanted, kind)
        key = tx.keys.get([wanted]).get(wanted)
        question = Question(
            actor=actor,
            purpose=purpose,
            what=what,
            recording=recording,
            redaction_complete=what not in REDACTED or is_released(tx.redactions.get([wanted]).get(wanted), artefact),
            glass_broken=False,
            now=now,
            set_aside=set_aside,
            requested=purpose is Purpose.RIGHTS_REQUEST and _asked_in_time(wanted, recording, what, tx),
            own_restriction=purpose is Purpose.RIGHTS_REQUEST
            and recording is not None
            and recording.restricted
            and is_asked_for_by_its_own(tx, recording),
            included=is_narrowed(actor, purpose, policy=self.policy) and self._is_included(actor, wanted, tx, now=now),
        )
        barred = refusals(actor, RIGHTS[Act.QUARANTINE_HEAR], recording=recording) if set_aside else ()
        if barred:
            verdict: Reading = Deny(reasons=tuple(ReadRefusal(why.value) for why in barred))
        else:
            verdict = decide(question, policy=self.policy)
        glass, permission = None, None
        if isinstance(verdict, Deny) and ReadRefusal.TESTING_NOT_OPEN in verdict.reasons:
            permission = self._permission(actor, purpose, what, recording, tx, now=now)
        if permission is not None:
            question = replace(question, testing=True)
            verdict = decide(question, policy=self.policy)
        if isinstance(verdict, Deny) and ReadRefusal.BREAK_GLASS_NEEDED in verdict.reasons:
            glass = opening(tx.break_glass.find(recording_id=wanted), actor, purpose, what, now=now)
        if glass is not None:
            question = replace(question, glass_broken=True)
            verdict = decide(question, policy=self.policy)
        return Asked(
            question=question,
            verdict=verdict,
            artefact=artefact,
            key=key,
            opened_by=_name_of(glass, permission),
            closes_at=None if permission is None else permission.ends_at,
            began=began,
        )

    def ask_each(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_ids: Sequence[RecordingId],
        whats: Sequence[Readable],
        tx: Transaction,
        *,
        testing: bool = False,
        included: bool = False,
    ) -> Mapping[RecordingId, tuple[Reading, ...]]:
        """What `ask` answers of each of these, of each of `whats`, with as many queries for all as for one; what is
        destroyed counts as such. For redacted forms and an ordinary purpose only: nothing is opened here by an
        emergency, a case, a request of a person, a permission to test or an experiment, but for `testing` and
        `included`: as if one opened them all.
        """
        if purpose in _OPENED_BY_OTHERS or actor.role is Role.LEGAL or not REDACTED.issuperset(whats):
            raise InvariantError("only `ask` knows what opens this")
        now, destroyed = self.clock.now(), self.destroyed_among(recording_ids)
        recordings = self.as_objected(tx.recordings.get(recording_ids), tx)
        redactions = tx.redactions.get(recording_ids)
        newest = {
            (one.recording_id, one.kind): one
            for one in sorted(tx.artefacts.get(recording_ids), key=lambda one: one.generation)
        }
        gone = Deny(reasons=(ReadRefusal.DISPOSED,))
        return {
            one: tuple(
                gone
                if one in destroyed
                else decide(
                    Question(
                        actor=actor,
                        purpose=purpose,
                        what=what,
                        recording=recordings.get(one),
                        redaction_complete=is_released(redactions.get(one), newest.get((one, ArtefactKind(what)))),
                        glass_broken=False,
                        now=now,
                        testing=testing,
                        included=included,
                    ),
                    policy=self.policy,
                )
                for what in whats
            )
            for one in recording_ids
        }

    def included(self, actor: Actor, purpose: Purpose, tx: Transaction) -> frozenset[RecordingId] | None:
        """The recordings that are all this person may read for this purpose; None: it is narrowed to none."""
        if not is_narrowed(actor, purpose, policy=self.policy):
            return None
        now, found = self.clock.now(), set[RecordingId]()
        for experiment in tx.experiments.all():
            after: RecordingId | None = None
            while opens_to(experiment, actor, now=now):
                items = tx.experiment_items.of(
                    experiment.experiment_id, states={ItemState.INCLUDED}, after=after, limit=_ITEMS
                )
                found.update(one.recording_id for one in items if not one.altered)
                if len(items) < _ITEMS:
                    break
                after = items[-1].recording_id
        return frozenset(found)

    def _is_included(self, actor: Actor, wanted: RecordingId, tx: Transaction, *, now: datetime) -> bool:
        for item in tx.experiment_items.about([wanted]):
            experiment = tx.experiments.get(item.experiment_id)
            there = item.state is ItemState.INCLUDED and not item.altered
            if there and experiment is not None and opens_to(experiment, actor, now=now):
                return True
        return False

    def _permission(
        self,
        actor: Actor,
        purpose: Purpose,
        what: Readable,
        recording: Recording | None,
        tx: Transaction,
        *,
        now: datetime,
    ) -> Permission | None:
        """The one that opens it now, and of which the log knows no end: rows may be older ones that somebody put
        back."""
        unended = tx.permissions.find(unended=True)
        zone = self.policy.time_zone
        if recording is None:
            return None
        found = opening_permission(unended, actor, purpose, what, recording, now=now, zone=zone)
        ended = found is not None and self.noted.noted(found.permission_id, Operation.TESTING_ENDED)
        return None if ended else found

    def as_objected(
        self, recordings: Mapping[RecordingId, Recording], tx: Transaction
    ) -> Mapping[RecordingId, Recording]:
        """Closed to what the objections on file close them to, too: rows may be older ones that somebody put back. What
        a case alone keeps from an approved erasure is past its period (D1, D3)."""
        asked = {
            reference
            for row in recordings.values()
            for reference in references_of(row.call_id, caller=row.caller, customer=row.customer)
        }
        on_file = tx.objections.under(asked or references_of(_NO_CALL, caller=None, customer=None))
        held = [recording_id for recording_id, row in recordings.items() if row.holds or row.not_before is not None]
        erased = erasures_that_wait(tx.requests.about(held)) if held else {}
        return {
            recording_id: as_objected(
                over_from(row, erased.get(recording_id)), on_file, line=self.policy.lines.get(row.line)
            )
            for recording_id, row in recordings.items()
        }

    def is_destroyed(self, recording_id: RecordingId) -> bool:
        """Whether the log knows it as destroyed, although its rows are there: somebody put them back."""
        return self.noted.noted(recording_id, Operation.RECORDING_DISPOSED, waiting=False)

    def destroyed_among(self, recording_ids: Collection[RecordingId]) -> frozenset[str]:
        """Those of these of which `is_destroyed` says so."""
        return self.noted.noted_among(recording_ids, Operation.RECORDING_DISPOSED)


def _name_of(glass: BreakGlass | None, permission: Permission | None) -> str | None:
    if glass is not None:
        return glass.request_id
    return None if permission is None else permission.permission_id


def _of_their_cases(actor: Actor, recording: Recording | None, tx: Transaction) -> Recording | None:
    """The recording with the cases that are open to somebody of legal: those of others keep it, and open it to nobody
    but their people (U9, U2)."""
    if recording is None or actor.role is not Role.LEGAL:
        return recording
    closed = {
        name for name in recording.holds if (case := tx.cases.get(name)) is not None and not is_theirs(case, actor)
    }
    return replace(recording, holds=tuple(name for name in recording.holds if name not in closed))


def _asked_in_time(wanted: RecordingId, recording: Recording | None, what: Readable, tx: Transaction) -> bool:
    """Whether an open request asks for this of it that came in before the period of this was over: the audio may have a
    shorter one than the rest."""
    request = tx.requests.get(tx.requests.freezing([wanted]).get(wanted, _NO_REQUEST))
    until = None if recording is None else readable_until(recording, what)
    return request is not None and until is not None and not is_past(until, now=request.received_at)
