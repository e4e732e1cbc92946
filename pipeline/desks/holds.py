"""The desk where litigation holds on listed recordings are placed, and all holds released (K3, I4).

A hold counts from the moment its row is committed: the sweep and the reading rule ask the catalogue. The flag in
the vault follows at once, and is repeated by the worker until it is on every version. Whoever is narrowed to lines or
agents holds and releases recordings of theirs only.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from callwarden.custody.holding import TOO_LATE, Holding
from callwarden.custody.placing import PORTION, Placing
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.named_case import case_named, find_case, found_case, known_case, no_such_case, open_case
from callwarden.errors import RefusedError, UsageError
from callwarden.messages import HoldsChanged
from callwarden.model.access import Actor
from callwarden.model.criteria import Criteria
from callwarden.model.hold import Case, CaseEdit, CaseState, Hold, Placement
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import AudioState, Recording
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.cases import is_theirs
from callwarden.rules.criteria import matches
from callwarden.rules.people import same_person
from callwarden.rules.reading import is_scoped
from callwarden.rules.rights import Act, ActRefusal
from callwarden.rules.sweeping import most_at_once

TOO_MANY: Final = "too_many_to_hold"
PROPOSAL: Final = "release"
"""What a proposal that was taken back is called in the history of its case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What placing a hold came to. `gone` were destroyed, or being destroyed, before the hold: they are reported,
    with the digest of their newest disposal certificate in `certificates` once there is one.

    By criteria, `held` are the first of `count`, and `placement` is what is kept with the case.
    """

    case: Case
    held: tuple[RecordingId, ...]
    gone: tuple[RecordingId, ...]
    unknown: tuple[RecordingId, ...] = ()
    audio_gone: tuple[RecordingId, ...] = ()
    """Of `held`, those whose audio had ended before: what is kept is the redacted transcript."""
    certificates: Mapping[RecordingId, str] = field(default_factory=dict)
    count: int = 0
    placement: Placement | None = None
    waiting_for_second: bool = False


def audio_gone(rows: Iterable[Recording]) -> tuple[RecordingId, ...]:
    """Of these, those whose audio has ended."""
    return tuple(row.recording_id for row in rows if row.audio is not AudioState.KEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What a release came to; of many `recordings` the first. `waiting_for_second` is true while a second person has
    yet to confirm."""

    case: Case
    recordings: tuple[RecordingId, ...]
    waiting_for_second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDesk:
    """Each method is an act of somebody, and may be repeated. Raises RefusedError, RetryableError. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    holding: Holding
    placing: Placing

    def place(self, actor: Actor, case_id: CaseId, recordings: Sequence[RecordingId]) -> Placed:
        """Hold these recordings for a case, from this moment on; then put the flags on. Those of other lines than the
        actor's are unknown. Refused for a case that is not open: ``unknown``, ``name_taken``."""
        case_id, now = case_named(case_id), self.clock.now()
        with self.acts.perform(Act.HOLD_PLACE, actor, case=case_id) as doing:
            case, tx = open_case(doing, case_id), doing.tx
            rows = {row.recording_id: row for row in doing.theirs(tx.recordings.get(recordings, lock=True).values())}
            held = [name for name, row in rows.items() if row.state not in TOO_LATE]
            self._bounded(tx, case.case_id, actor.name, held)
            already = {hold.recording_id for hold in tx.holds.find(case_id=case.case_id)}
            new = [name for name in held if name not in already]
            tx.holds.save(
                [Hold(case_id=case.case_id, recording_id=name, placed_by=actor.name, placed_at=now) for name in new]
            )
            tx.outbox.append([Message.of(HoldsChanged(recording_id=name)) for name in new])
            gone = tuple(name for name, row in rows.items() if row.state in TOO_LATE)
            silent = audio_gone(rows[name] for name in held)
            certificates = {each.recording_id: each.digest for each in tx.certificates.get((*gone, *silent))}
            unknown = tuple(name for name in recordings if name not in rows)
            doing.subjects, doing.withheld = new, len(unknown)
            doing.looks(Act.HOLD_LIST, [name for name in rows if name not in new])
        self.holding.apply_some(held)
        return Placed(
            case=case,
            held=tuple(held),
            gone=gone,
            audio_gone=silent,
            certificates=certificates,
            unknown=unknown,
            count=len(held),
        )

    def _bounded(self, tx: Transaction, case_id: CaseId, name: str, held: Sequence[RecordingId]) -> None:
        listed = Criteria(recordings=frozenset(held))
        count = len(held) + (len(held_alone(tx, case_id, name, besides=listed)) if held else 0)
        if count <= self.policy.holds.at_most:
            return
        at_most = most_at_once(self.policy.holds, kept=tx.placements.tally(listed).kept)
        if count > at_most:
            raise too_many(count, at_most)

    def release(self, actor: Actor, case_id: CaseId) -> Released:
        """Release a case: the first person asks, a second, other person confirms. Nothing is destroyed at once: the
        original clock applies again after the policy's delay.

        Raises RefusedError: ``unknown`` where there is no such case, ``same_person`` when one person does both.
        """
        case_id = case_named(case_id)
        with self.acts.catalogue.snapshot() as tx:
            case = find_case(tx, case_id)
        if case is None or case.release_requested_by is None:
            return self._ask(actor, case_id)
        return self._confirm(actor, case_id)

    def withdraw(self, actor: Actor, case_id: CaseId) -> Released:
        """Take back a proposed release, whoever proposed it: the case keeps what it holds. Where none is proposed,
        nothing changes. Raises RefusedError: ``unknown``, ``name_taken`` once it is released."""
        case_id = case_named(case_id)
        with self.acts.perform(Act.HOLD_RELEASE_WITHDRAW, actor, case=case_id) as doing:
            _reached(doing, case_id)
            case = open_case(doing, case_id)
            if case.release_requested_by is None:
                doing.silent = True
                doing.looks(Act.HOLD_LIST)
            else:
                proposed = CaseEdit(
                    at=self.clock.now(), by=actor.name, field=PROPOSAL, before=case.release_requested_by, after=""
                )
                case = replace(case, release_requested_by=None, history=(*case.history, proposed))
                doing.tx.cases.save(case)
        return Released(case=case, recordings=(), waiting_for_second=False)

    def _ask(self, actor: Actor, case_id: CaseId) -> Released:
        with self.acts.perform(Act.HOLD_RELEASE_ASK, actor, case=case_id) as doing:
            case, rows = _reached(doing, case_id)
            if case.release_requested_by is None:
                case = replace(case, release_requested_by=actor.name)
                doing.tx.cases.save(case)
            else:
                doing.silent = True  # somebody else was faster
                doing.looks(Act.HOLD_LIST)
        open_still = case.state is CaseState.OPEN
        return Released(case=case, recordings=_ids(rows) if open_still else (), waiting_for_second=open_still)

    def _confirm(self, actor: Actor, case_id: CaseId) -> Released:
        now = self.clock.now()
        with self.acts.perform(Act.HOLD_RELEASE_CONFIRM, actor, case=case_id) as doing:
            (case, rows), tx = _reached(doing, case_id), doing.tx
            if case.state is CaseState.RELEASED:
                doing.silent, rows = True, ()
                doing.looks(Act.HOLD_LIST)
            else:
                if case.release_requested_by is None:
                    raise UsageError("this release has been withdrawn meanwhile: look at the case again")
                doing.second_person(case.release_requested_by)
                case = replace(case, state=CaseState.RELEASED, released_by=actor.name, released_at=now)
                tx.cases.save(case)
                self.placing.let_go(tx, case.case_id, rows)
                doing.subjects = _ids(rows) or None
        self.placing.finish_release(case.case_id)
        self.holding.apply_some(_ids(rows))
        return Released(case=case, recordings=_ids(rows), waiting_for_second=False)


def _reached(doing: Doing, case_id: CaseId) -> tuple[Case, Collection[Recording]]:
    """A case and what it holds, all of which has to be the actor's; who is narrowed hears of no other. Of many, the
    first portion, where the actor is not narrowed."""
    case = found_case(doing, case_id)
    if case is not None and not is_theirs(case, doing.actor):
        raise no_such_case(case_id)
    limit = None if is_scoped(doing.actor) else PORTION
    holds = () if case is None else doing.tx.holds.find(case_id=case.case_id, limit=limit)
    rows = doing.tx.recordings.get([hold.recording_id for hold in holds], lock=True).values()
    try:
        doing.touches(rows)
    except RefusedError as error:
        if ActRefusal.UNKNOWN.value in error.reasons:  # in the words for a name that nobody used
            raise no_such_case(case_id) from None
        raise
    return case or known_case(doing, case_id), rows


def _ids(rows: Collection[Recording]) -> tuple[RecordingId, ...]:
    return tuple(row.recording_id for row in rows)


def held_alone(tx: Transaction, case_id: CaseId, name: str, *, besides: Criteria) -> Sequence[RecordingId]:
    """What a case holds because this person alone asked for it: nothing that a second person confirmed, nor what
    matches `besides`."""
    mine = [hold.recording_id for hold in tx.holds.find(case_id=case_id) if same_person(hold.placed_by, name)]
    apart = [besides, *(one.criteria for one in tx.placements.of_case(case_id) if one.confirmed_by is not None)]
    labels = tx.labels.of(mine) if any(one.labels for one in apart) else {}
    rows = tx.recordings.get(mine).values()
    return [
        row.recording_id
        for row in rows
        if not any(matches(one, row, labels.get(row.recording_id, ())) for one in apart)
    ]


def too_many(count: int, at_most: int) -> RefusedError:
    """Why one person alone does not hold so many."""
    return RefusedError(
        (TOO_MANY,),
        f"with what you placed before, this holds {count} recordings, and one person may hold {at_most}: say why with "
        "--justification TEXT; then "
        "somebody else has to confirm it by asking for the same",
    )
