"""What waits for somebody: one question a kind, to the desks whose acts are theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from callwarden.model.access import Actor, Role
from callwarden.model.break_glass import GlassState
from callwarden.model.permission import PermissionState
from callwarden.model.redaction_record import RedactionStatus
from callwarden.rules.case_procedure import DueKind
from callwarden.rules.people import same_person
from callwarden.rules.requests import Nearness
from callwarden.rules.rights import Act
from callwarden.workers.web.asking import TheSystem
from callwarden.workers.web.errands import Errands, Stage
from callwarden.workers.web.portal.cases import case_address
from callwarden.workers.web.portal.forms import may

MOST: Final = 50
"""Of a kind; the page it leads to has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that waits. `kind` has its words in the vocabulary; `urgent` is overdue."""

    kind: str
    name: str
    address: str
    on: date | None = None
    at: datetime | None = None
    urgent: bool = False


def waiting(system: TheSystem, errands: Errands, actor: Actor) -> Iterator[Waiting]:
    """What waits for them, kind by kind. Each question is an act of theirs, and an entry."""
    yield from _errands(errands, actor)
    if may(actor, Act.REQUEST_APPROVE):
        yield from _requests(system, actor, answers=may(actor, Act.REQUEST_ANSWER))
    if may(actor, Act.HOLD_DUE):
        yield from _cases(system, actor)
    if may(actor, Act.OBJECTION_DECIDE):
        for objection in system.objection_desk.listed(actor, undecided=True)[:MOST]:
            name = objection.objection_id[:14]
            yield Waiting(kind="objection", name=name, address="/objections#weigh", at=objection.objected_at)
    if may(actor, Act.BREAKGLASS_APPROVE):
        yield from _emergencies(system, actor)
    if may(actor, Act.EXPERIMENT_ACKNOWLEDGE):
        yield from _experiments(system, actor, approves=may(actor, Act.EXPERIMENT_APPROVE))
    if may(actor, Act.POLICY_CHANGES):
        yield from _policy(system, actor)
    if may(actor, Act.TESTING_APPROVE):
        for test in system.testing_desk.listed(actor):
            if test.state is PermissionState.WAITING and not same_person(test.permission.asked_by, actor.name):
                name = test.permission.permission_id
                yield Waiting(kind="testing", name=name, address="/testing", at=test.permission.asked_at)
    if actor.role in _LOOKS_AT_REDACTIONS and may(actor, Act.REDACTION_LIST):
        for record in system.redaction_desk.not_released(actor, limit=MOST):
            if record.status is RedactionStatus.WITHDRAWN:
                yield Waiting(kind="redaction", name=record.recording_id, address=f"/calls/{record.recording_id}")


_LOOKS_AT_REDACTIONS: Final = frozenset({Role.SUPERVISOR, Role.OPERATOR, Role.DPO})
"""Who does something about one that was withdrawn."""


def _errands(errands: Errands, actor: Actor) -> Iterator[Waiting]:
    for one in errands.theirs(actor):
        match one.kind:
            case "pack":
                where = case_address(one.about, "pack", one.errand_id)
            case "data-set":
                where = f"/experiments/{one.about}/export/{one.errand_id}"
            case _:
                where = f"/requests/{one.about}/made/{one.errand_id}"
        kind = {Stage.RUNNING: "making", Stage.READY: "ready", Stage.FAILED: "failed"}[one.stage]
        kind = "saved" if one.saved else kind
        yield Waiting(kind=kind, name=one.about, address=where, at=one.begun_at)


def _requests(system: TheSystem, actor: Actor, *, answers: bool) -> Iterator[Waiting]:
    for one in system.request_desk.listed(actor):
        asked, where = one.request, f"/requests/{one.request.request_id}"
        urgent = one.nearness is Nearness.OVERDUE
        if answers and one.to_tell:
            yield Waiting(kind="tell", name=asked.request_id, address=where)
        elif answers and one.nearness is not Nearness.IN_TIME:
            yield Waiting(kind="request", name=asked.request_id, address=where, on=asked.due_on, urgent=urgent)
        if one.first_people and not any(same_person(name, actor.name) for name in one.first_people):
            erasure = f"{where}#erasure"
            yield Waiting(kind="erasure", name=asked.request_id, address=erasure, on=asked.due_on, urgent=urgent)


def _cases(system: TheSystem, actor: Actor) -> Iterator[Waiting]:
    today = system.clock.now().astimezone(system.policy.time_zone).date()
    for due in system.procedure_desk.due(actor):
        if due.kind is DueKind.CONFIRM and same_person(due.case.release_requested_by or "", actor.name):
            continue
        place = {DueKind.CONFIRM: "release", DueKind.EXHAUSTED: "release", DueKind.WAITING: "held"}
        where = f"{case_address(due.case.case_id)}#{place.get(due.kind, 'procedure')}"
        urgent = due.kind is DueKind.REVIEW and due.on < today
        yield Waiting(kind=f"case.{due.kind.value}", name=due.case.case_id, address=where, on=due.on, urgent=urgent)


def _policy(system: TheSystem, actor: Actor) -> Iterator[Waiting]:
    standing = system.policy_desk.listed(actor)
    where = "/policy#changes"
    if standing.is_unproposed and may(actor, Act.POLICY_PROPOSE):
        yield Waiting(kind="policy.propose", name=standing.in_force[:22], address=where)
    for one in standing.proposals if may(actor, Act.POLICY_APPROVE) else ():
        if not same_person(one.proposed_by, actor.name):
            yield Waiting(kind="policy", name=one.version[:22], address=where, at=one.proposed_at)


def _emergencies(system: TheSystem, actor: Actor) -> Iterator[Waiting]:
    for one in system.break_glass_desk.listed(actor):
        if one.state is GlassState.WAITING and not same_person(one.request.requested_by, actor.name):
            yield Waiting(
                kind="emergency", name=one.request.request_id, address="/breakglass", at=one.request.requested_at
            )


def _experiments(system: TheSystem, actor: Actor, *, approves: bool) -> Iterator[Waiting]:
    for one in reversed(system.experiment_desk.listed(actor)):
        asked, where = one.experiment, f"/experiments/{one.experiment.name}"
        if approves and one.waits_for_approval:
            yield Waiting(kind="experiment", name=asked.name, address=where, at=asked.opened_at)
        if one.waits_for_holder:
            yield Waiting(kind="revocations", name=asked.name, address=f"{where}#copies")
