"""The desk where people's requests about their own data are entered, followed and answered (D1, D2).

Everything a request asks for is kept from disposal from the moment it is entered (`callwarden.rules.requests`); what is
told of it, and when, is the order of its steps.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from callwarden.desks.acts import Acts, Doing
from callwarden.desks.concerned import Concerned
from callwarden.desks.request_file import (
    RequestFile,
    event,
    flags_follow,
    items_of,
    locked,
    meeting,
    refuse,
)
from callwarden.desks.request_finding import search
from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.objection import ScopeKind
from callwarden.model.policy import Policy
from callwarden.model.purpose import OBJECTABLE, RECORDING
from callwarden.model.request import Decision, Request, RequestId, RequestItem, RequestState, RequestType
from callwarden.ports.alarm import Alarm
from callwarden.ports.clock import Clock
from callwarden.rules.erasing import Waits, first_people
from callwarden.rules.free_text import free_text
from callwarden.rules.requests import (
    Nearness,
    RequestRefusal,
    day_of,
    due_on,
    extended,
    is_answered,
    is_to_tell,
    may_answer,
    may_extend,
    nearness,
    state_of_answer,
)
from callwarden.rules.rights import Act

OLDEST = timedelta(days=366)
"""How long ago a request may have come in that is entered now: older is a slip of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A request that was entered. `customers` is how many customers have called from the number."""

    request: Request
    meets: tuple[RequestId, ...]
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A request, how near its last day is, and whether something was done since its answer that the person is still to
    be told."""

    request: Request
    nearness: Nearness
    to_tell: bool
    received_on: date
    """In the policy's time zone, as all its days."""
    first_people: frozenset[str] = frozenset()
    """Of an erasure that waits to be approved: who may not, by name (`callwarden.rules.erasing.first_people`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError; UsageError for what makes no sense as it
    was typed. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    concerned: Concerned
    alarm: Alarm

    def open(
        self,
        actor: Actor,
        kind: RequestType,
        *,
        number: str | None = None,
        customer_id: str | None = None,
        received: date | None = None,
        purposes: frozenset[str] = frozenset(),
    ) -> Opened:
        """Enter a request that came in on a day (today, where left out). `purposes` are those an objection is to:
        recording, where left out."""
        if (number is None) == (customer_id is None):
            raise UsageError("say whose data: exactly one of --number or --customer")
        now = self.clock.now()
        received_at = self._received_at(received, now)
        if number is not None:
            scope, reference = ScopeKind.NUMBER, self.concerned.number(number)
        else:
            scope, reference = ScopeKind.CUSTOMER, self.concerned.customer(customer_id or "")
        request_id = RequestId(f"req-{day_of(now, self.policy.time_zone):%Y%m%d}-{secrets.token_hex(4)}")
        with self.acts.perform(Act.REQUEST_OPEN, actor, subject=request_id) as doing:
            request = Request(
                request_id=request_id,
                type=kind,
                scope=scope,
                reference=reference,
                received_at=received_at,
                due_on=due_on(day_of(received_at, self.policy.time_zone)),
                state=RequestState.RECEIVED,
                purposes=_purposes(kind, purposes),
                history=(event(doing, now),),
            )
            doing.tx.requests.save(request)
            found = search(doing.tx, request, now=now)
            doing.tx.requests.save_items(found.new)
            flags_follow(doing, found.rows)
            meets = meeting(doing, request, found.items)
        return Opened(request=request, meets=meets, customers=found.customers)

    def listed(self, actor: Actor, *, overdue: bool = False) -> Sequence[Listed]:
        """Every request, newest first, and how near its last day is; with `overdue` those past theirs."""
        today = day_of(self.clock.now(), self.policy.time_zone)
        with self.acts.perform(Act.REQUEST_LIST, actor) as doing:
            found = [
                Listed(
                    request=one,
                    received_on=day_of(one.received_at, self.policy.time_zone),
                    nearness=nearness(one, today=today),
                    to_tell=one.state is RequestState.ANSWERED_PARTLY
                    and is_to_tell(one, doing.tx.requests.items(one.request_id)),
                    first_people=first_people(one, doing.tx.requests.items(one.request_id))
                    if one.previewed_by and not is_answered(one)
                    else frozenset(),
                )
                for one in doing.tx.requests.all()
            ]
            if overdue:
                found = [one for one in found if one.nearness is Nearness.OVERDUE]
            doing.count = len(found)
        return found

    def remind(self, actor: Actor) -> int:
        """By a program: the alarm for every request whose last day is near (``request_due_soon``) or over
        (``request_overdue``); how many there are."""
        assert actor.is_service, "people have the list"
        today = day_of(self.clock.now(), self.policy.time_zone)
        with self.acts.catalogue.snapshot() as tx:
            near = [(one, nearness(one, today=today)) for one in tx.requests.unanswered()]
        near = [(one, how) for one, how in near if how is not Nearness.IN_TIME]
        for one, how in near:
            self.alarm.sound(f"request_{how}", subject=one.request_id, correlation=one.due_on.isoformat())
        return len(near)

    def shown(self, actor: Actor, request_id: RequestId) -> RequestFile:
        """One request, its items and its history."""
        with self.acts.perform(Act.REQUEST_SHOW, actor, subject=request_id) as doing:
            return self._file(doing, locked(doing, request_id))

    def ask_identity(self, actor: Actor, request_id: RequestId) -> Request:
        """Note that the person was asked to show who they are. The day to answer by stays as it is."""
        with self.acts.perform(Act.REQUEST_ASK_IDENTITY, actor, subject=request_id) as doing:
            return self._step(doing, request_id, RequestState.IDENTITY_ASKED)

    def verify(self, actor: Actor, request_id: RequestId, *, how: str) -> Request:
        """Note that it is known who asks, and how. How is destroyed when the request is answered."""
        how = free_text(how, "say how you know who asks: --how TEXT")
        with self.acts.perform(Act.REQUEST_VERIFY, actor, subject=request_id) as doing:
            now = self.clock.now()
            request = self._step(doing, request_id, RequestState.VERIFIED, verified_at=now, refused=None)
            doing.tx.requests.keep_evidence(request_id, how)
        return request

    def extend(self, actor: Actor, request_id: RequestId, *, reason: str) -> Request:
        """Take two months more, for a reason that is told to the person."""
        reason, now, zone = (
            free_text(reason, "say why it takes longer: --reason TEXT"),
            self.clock.now(),
            self.policy.time_zone,
        )
        with self.acts.perform(Act.REQUEST_EXTEND, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            if refused := may_extend(request, today=day_of(now, zone), zone=zone):
                refuse(refused)
            longer = extended(day_of(request.received_at, zone))
            request = request.noted(event(doing, now, text=reason), due_on=longer, extended_at=now)
            doing.tx.requests.save(request)
        return request

    def ready(self, actor: Actor, request_id: RequestId) -> RequestFile:
        """What is to be answered, or was. Refused before identity is verified and every item is decided and carried
        out."""
        with self.acts.perform(Act.REQUEST_SHOW, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            return self._answerable(doing, request)

    def answer(
        self,
        actor: Actor,
        request_id: RequestId,
        *,
        digest: str | None = None,
        owed: Collection[RecordingId] = (),
    ) -> Request:
        """Note that the answer is written, with the digest of its manifest: nothing is kept from disposal for it any
        more, but for what is `owed`: granted, and not enclosed because our own redaction is unfinished. Written once
        more, the request stays as it is, unless it says now that what waited is done. Refused as `ready`."""
        now = self.clock.now()
        with self.acts.perform(Act.REQUEST_ANSWER, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            items = self._answerable(doing, request).items
            doing.count, doing.digest = len(items), digest
            if is_answered(request):
                if is_to_tell(request, items):
                    request = request.noted(event(doing, now), state=state_of_answer(items))
                    doing.tx.requests.save(request)
                return request
            if request.type is RequestType.ACCESS:
                items = self._owing(doing, items, owed)
            request = request.noted(event(doing, now), state=state_of_answer(items), answered_at=None if owed else now)
            doing.tx.requests.save(request)
            doing.tx.requests.destroy_evidence([request_id])
            flags_follow(doing, search(doing.tx, request, now=now).rows)  # calls that came since, too
        return request

    def _owing(
        self, doing: Doing, items: Sequence[RequestItem], owed: Collection[RecordingId]
    ) -> Sequence[RequestItem]:
        """The items, each that is owed with what it waits for."""
        after = [
            item.now(reason=Waits.REDACTION_INCOMPLETE.value if item.recording_id in owed else None)
            if item.decision is Decision.GRANTED
            else item
            for item in items
        ]
        doing.tx.requests.save_items([one for one, was in zip(after, items, strict=True) if one.reason != was.reason])
        return after

    def _answerable(self, doing: Doing, request: Request) -> RequestFile:
        file = self._file(doing, request)
        if request.answered_at is None and (refused := may_answer(request, file.items)):
            refuse(refused)
        return file

    def _file(self, doing: Doing, request: Request) -> RequestFile:
        items = items_of(doing, request.request_id)
        return RequestFile(
            request=request,
            received_on=day_of(request.received_at, self.policy.time_zone),
            items=items,
            meets=meeting(doing, request, items),
            evidence=doing.tx.requests.evidence(request.request_id),
            rows=doing.tx.recordings.get([item.recording_id for item in items]),
        )

    def _step(self, doing: Doing, request_id: RequestId, state: RequestState, **changes: object) -> Request:
        """Before it is found what there is; done again later, the request stays as far as it has come."""
        request = locked(doing, request_id)
        if is_answered(request):
            refuse(RequestRefusal.ALREADY_ANSWERED)
        reached = RequestState.RECEIVED if request.refused is not None else request.state
        state = max(reached, state, key=tuple(RequestState).index)
        request = request.noted(event(doing, self.clock.now()), state=state, **changes)
        doing.tx.requests.save(request)
        return request

    def _received_at(self, received: date | None, now: datetime) -> datetime:
        """The beginning of the day it came in: what was still kept then counts."""
        zone = self.policy.time_zone
        if received is None:
            return now
        if received > day_of(now, zone):
            raise UsageError(f"{received.isoformat()} is still to come: say when it came in: --received YYYY-MM-DD")
        if received < day_of(now, zone) - OLDEST:
            raise UsageError(f"--received {received.isoformat()} is more than a year ago: look at the day")
        return datetime.combine(received, time(), tzinfo=zone)


def _purposes(kind: RequestType, purposes: frozenset[str]) -> frozenset[str]:
    if kind is not RequestType.OBJECTION:
        if purposes:
            raise UsageError("purposes are of an objection: --type objection --purpose P")
        return purposes
    if unknown := sorted(purposes - OBJECTABLE):
        raise UsageError(f"nobody can object to {', '.join(unknown)}: the words are {', '.join(sorted(OBJECTABLE))}")
    return purposes or frozenset({RECORDING})
