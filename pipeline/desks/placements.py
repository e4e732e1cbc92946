"""The desk where litigation holds by criteria are previewed and placed (K3, I4).

Criteria reach every line, and calls to come: this is for nobody who is narrowed to lines or agents.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from callwarden.custody.holding import Holding
from callwarden.custody.placing import Placing
from callwarden.desks.acts import Acts
from callwarden.desks.criteria import CriteriaReader
from callwarden.desks.holds import Placed, audio_gone, held_alone, too_many
from callwarden.desks.named_case import NAME_TAKEN, case_named, find_case, known_case, open_case
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.criteria import Asked, Criteria, Tally
from callwarden.model.hold import Case, CaseEdit, CaseState, Placement, PlacementState
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.policy import Policy
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.criteria import is_everything
from callwarden.rules.free_text import free_text
from callwarden.rules.rights import Act, ActRefusal
from callwarden.rules.sweeping import most_at_once

EVERYTHING: Final = "hold_on_everything"
CRITERIA: Final = "criteria"
"""What ended criteria are called in the history of their case."""
SHOWN: Final = 1000
"""Recordings named in one answer; how many there are is said beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What criteria match now. `gone` were destroyed, or are being: with the digest of the newest certificate, None
    where there is none yet; the first `SHOWN` of `tally.gone`."""

    tally: Tally
    gone: Sequence[tuple[RecordingId, str | None]]
    at_most: int
    """More than this takes two people and a justification."""
    alone: int
    """How many they would hold for the case alone: by this, and by what they alone placed before."""
    takes_two: bool = False
    refused_as: str | None = None
    """The reason for which placing this would be refused."""

    @property
    def share(self) -> float:
        """Of all recordings there are."""
        return round(self.tally.count / self.tally.kept, 4) if self.tally.kept else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementDesk:
    """Each method is an act of somebody, and may be repeated. Raises RefusedError, RetryableError; UsageError for
    criteria that cannot be meant. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    holding: Holding
    placing: Placing
    criteria: CriteriaReader

    def preview(self, actor: Actor, case_id: CaseId, asked: Asked) -> Preview:
        """What placing this would hold."""
        case_id, criteria = case_named(case_id), self.criteria.read(asked)
        self.acts.admit(Act.HOLD_PREVIEW, actor)
        found = self._previewed(criteria, case_id, actor)
        with self.acts.perform(Act.HOLD_PREVIEW, actor, case=case_id) as doing:
            case = known_case(doing, case_id)
            _, known = self._known(doing.tx, case.case_id, criteria, once=False)
            doing.count = found.tally.count
        refused = NAME_TAKEN if case.state is CaseState.RELEASED else None
        if is_everything(criteria, found.tally):
            refused = EVERYTHING
        waits = known is not None and known.state is PlacementState.WAITING
        return replace(
            found,
            takes_two=refused is None and (waits or (known is None and found.alone > found.at_most)),
            refused_as=refused,
        )

    def place(
        self, actor: Actor, case_id: CaseId, asked: Asked, *, once: bool = False, justification: str | None = None
    ) -> Placed:
        """Hold whatever matches for a case, now and, but `once`, later; then put the flags on. Goes on where it was
        interrupted.

        Of more than the policy's `holds` one asks, with a justification (``too_many_to_hold`` without), and another
        confirms by asking for the same: until then nothing of it is held. Everything is refused:
        ``hold_on_everything``.
        """
        case_id, criteria = case_named(case_id), self.criteria.read(asked)
        self.acts.admit(Act.HOLD_PLACE_CRITERIA, actor)
        preview = self._previewed(criteria, case_id, actor)
        with self.acts.catalogue.snapshot() as tx:
            case = find_case(tx, case_id)
            placement_id, known = self._known(tx, case_id if case is None else case.case_id, criteria, once=once)
        wanted = Placement(
            placement_id=placement_id,
            case_id=case_id if case is None else case.case_id,
            criteria=criteria,
            once=once,
            state=PlacementState.RUNNING,
            placed_by=actor.name,
            placed_at=self.clock.now(),
            matched=preview.tally.count,
            kept=preview.tally.kept,
            justification=justification,
        )
        if known is not None and known.state is PlacementState.WAITING:
            placed = self._confirmed(actor, known, preview)
        elif known is None and preview.alone > preview.at_most:
            placed = self._asked_for(actor, wanted, preview)
        else:
            placed = self._ordered(actor, wanted, preview)
        return placed if placed.waiting_for_second else self._held(placed, placement_id, criteria, preview)

    def confirm(self, actor: Actor, case_id: CaseId, placement_id: str) -> Placed:
        """Be the second person for criteria that wait for one, as `place` is where the same is asked for. Refused:
        ``unknown`` where the case has none of this id; ``same_person``."""
        case_id = case_named(case_id)
        self.acts.admit(Act.HOLD_PLACE_CONFIRM, actor)
        with self.acts.catalogue.snapshot() as tx:
            waiting, case = tx.placements.get(placement_id), find_case(tx, case_id)
        if waiting is None or waiting.altered or case is None or waiting.case_id != case.case_id:
            with self.acts.perform(Act.HOLD_PLACE_CONFIRM, actor, case=case_id) as doing:
                known_case(doing, case_id)
                raise RefusedError((ActRefusal.UNKNOWN.value,), "nothing of this id waits in this case")
        preview = self._previewed(waiting.criteria, case_id, actor)
        return self._held(self._confirmed(actor, waiting, preview), placement_id, waiting.criteria, preview)

    def end(self, actor: Actor, case_id: CaseId, placement_id: str) -> Placement:
        """Later calls are not held by these criteria any more; those that are held stay held. In the case's history.
        Refused, ``unknown``, where the case has none of this id; UsageError where they wait for a second person."""
        case_id = case_named(case_id)
        with self.acts.perform(Act.HOLD_END_CRITERIA, actor, subject=placement_id, case=case_id) as doing:
            case, tx = open_case(doing, case_id), doing.tx
            known = tx.placements.get(placement_id, lock=True)
            if known is None or known.altered or known.case_id != case.case_id:
                raise RefusedError((ActRefusal.UNKNOWN.value,), "this case has no criteria of this id")
            if known.state is PlacementState.WAITING:
                raise UsageError("nothing is held by these criteria yet: they wait for a second person")
            if known.once and known.state is PlacementState.DONE:
                doing.silent = True
                doing.looks(Act.HOLD_SHOW)
                return known
            ended = CaseEdit(at=self.clock.now(), by=actor.name, field=CRITERIA, before=placement_id, after="")
            tx.cases.save(replace(case, history=(*case.history, ended)))
            known = replace(known, once=True, state=PlacementState.DONE)
            tx.placements.save(known)
        return known

    def _held(self, placed: Placed, placement_id: str, criteria: Criteria, preview: Preview) -> Placed:
        """Go through what there is, and say what is held now."""
        new = [name for portion in self.placing.run(placement_id) for name in portion]
        self.holding.apply_some(new)
        with self.acts.catalogue.snapshot() as tx:
            held = tx.placements.matching(criteria, limit=SHOWN)
            silent = audio_gone(tx.recordings.get(held).values())
            certified = {each.recording_id: each.digest for each in tx.certificates.get(silent)} if silent else {}
        return replace(
            placed,
            held=tuple(held),
            audio_gone=silent,
            certificates={**placed.certificates, **certified},
            count=preview.tally.count,
        )

    def _previewed(self, criteria: Criteria, case_id: CaseId, actor: Actor) -> Preview:
        with self.acts.catalogue.snapshot() as tx:
            tally = tx.placements.tally(criteria)
            gone = tx.placements.matching(criteria, gone=True, limit=SHOWN) if tally.gone else ()
            case = find_case(tx, case_id)
            before = [] if case is None else held_alone(tx, case.case_id, actor.name, besides=criteria)
            newest = {each.recording_id: each.digest for each in tx.certificates.get(gone)} if gone else {}
        at_most = most_at_once(self.policy.holds, kept=tally.kept)
        return Preview(
            tally=tally,
            gone=[(name, newest.get(name)) for name in gone],
            at_most=at_most,
            alone=tally.count + len(before),
        )

    def _ordered(self, actor: Actor, wanted: Placement, preview: Preview) -> Placed:
        with self.acts.perform(
            Act.HOLD_PLACE_CRITERIA, actor, subject=wanted.placement_id, case=wanted.case_id
        ) as doing:
            case = open_case(doing, wanted.case_id)
            _refuse_everything(wanted.criteria, preview.tally)
            known = doing.tx.placements.get(wanted.placement_id, lock=True)
            if known is None or (wanted.once and known.state is PlacementState.DONE):
                doing.tx.placements.save(wanted)
                doing.count = wanted.matched
            else:
                wanted, doing.silent = known, True
                doing.looks(Act.HOLD_SHOW)
        return _placed(case, wanted, preview)

    def _asked_for(self, actor: Actor, wanted: Placement, preview: Preview) -> Placed:
        with self.acts.perform(Act.HOLD_PLACE_ASK, actor, subject=wanted.placement_id, case=wanted.case_id) as doing:
            case = open_case(doing, wanted.case_id)
            _refuse_everything(wanted.criteria, preview.tally)
            if not (wanted.justification or "").strip():
                raise too_many(preview.alone, preview.at_most)
            free_text(wanted.justification or "", "say why it may be so many: --justification TEXT")
            wanted = replace(wanted, state=PlacementState.WAITING)
            doing.tx.placements.save(wanted)
            doing.count = wanted.matched
        return replace(_placed(case, wanted, preview), waiting_for_second=True, held=(), count=0)

    def _confirmed(self, actor: Actor, waiting: Placement, preview: Preview) -> Placed:
        name = waiting.placement_id
        with self.acts.perform(Act.HOLD_PLACE_CONFIRM, actor, subject=name, case=waiting.case_id) as doing:
            case = open_case(doing, waiting.case_id)
            _refuse_everything(waiting.criteria, preview.tally)
            known = doing.tx.placements.get(name, lock=True)
            assert known is not None, "nobody takes criteria back"
            doing.second_person(known.placed_by)
            if known.state is PlacementState.WAITING:
                now = self.clock.now()
                known = replace(known, state=PlacementState.RUNNING, confirmed_by=actor.name, confirmed_at=now)
                doing.tx.placements.save(known)
            doing.count = preview.tally.count
        return _placed(case, known, preview)

    def _known(
        self, tx: Transaction, case_id: CaseId, criteria: Criteria, *, once: bool
    ) -> tuple[str, Placement | None]:
        """What the case has of these criteria, and its id. Criteria for all time that were ended stay as they are: who
        asks for the same again asks for others."""
        for again in count():
            known = tx.placements.get(name := self._name(case_id, criteria, once=once, again=again))
            if known is None or once or not known.once:
                return name, known
        raise AssertionError

    def _name(self, case_id: CaseId, criteria: Criteria, *, once: bool, again: int) -> str:
        """The same for the same, so that whoever asks again asks for the same."""
        values = [(name, _plain(getattr(criteria, name))) for name in Criteria.__dataclass_fields__]
        said = repr((case_id, once, values, again) if again else (case_id, once, values))
        keyed = self.criteria.keys.pseudonym("placement", said)
        return f"crit-{hashlib.sha256(keyed.encode()).hexdigest()[:32]}"


_FIELDS: Final = tuple(Criteria.__dataclass_fields__)


def _placed(case: Case, placement: Placement, preview: Preview) -> Placed:
    return Placed(
        case=case,
        held=(),
        gone=tuple(name for name, _ in preview.gone),
        certificates={name: digest for name, digest in preview.gone if digest is not None},
        placement=placement,
    )


def _refuse_everything(criteria: Criteria, tally: Tally) -> None:
    if is_everything(criteria, tally):
        raise RefusedError((EVERYTHING,), "this is everything there is: say which calls, by caller, line, days or more")


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value
