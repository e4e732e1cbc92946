"""The desk where the letters of a request are written, but for its answer (D1, D2).

That a letter was written is in the history of its request before it is anywhere else.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from callwarden.desks.acts import Acts, Doing
from callwarden.desks.request_file import event, items_of, locked, refuse
from callwarden.desks.request_objections import by_purpose
from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.letter import Language, Letter, LetterCorrection, LetterItem, LetterKind
from callwarden.model.log_entry import Operation
from callwarden.model.policy import Policy
from callwarden.model.recording import Recording
from callwarden.model.request import Decision, Request, RequestId, RequestItem, RequestState, RequestType
from callwarden.ports.clock import Clock
from callwarden.ports.letter_book import LetterBook
from callwarden.rules.free_text import free_text
from callwarden.rules.requests import RequestRefusal, day_of, waits
from callwarden.rules.rights import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter as one HTML page; `digest` is its SHA-256, as the access log has it."""

    request: Request
    page: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError, UsageError. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    book: LetterBook

    @property
    def sender_is_example(self) -> bool:
        """Whether nobody has written yet who sends the letters."""
        return self.book.sender_is_example

    def write(
        self,
        actor: Actor,
        request_id: RequestId,
        kind: LetterKind,
        *,
        language: Language = Language.FR,
        reason: str | None = None,
        to: Sequence[str] = (),
    ) -> Written:
        """Write a letter. `reason` is told with that a restriction will be lifted; `to` is an address, kept nowhere.
        Raises ConfigurationError for a broken template: then nothing is noted."""
        with self.acts.perform(Act.REQUEST_LETTER, actor, subject=request_id) as doing:
            request, page = self._page(doing, request_id, kind, language=language, reason=reason, to=to)
            doing.digest = hashlib.sha256(page.encode()).hexdigest()
            doing.reasons = (kind.value,)
            asked = kind is LetterKind.IDENTITY and request.state is RequestState.RECEIVED
            state = RequestState.IDENTITY_ASKED if asked else request.state
            request = request.noted(event(doing, self.clock.now(), reason=kind.value), state=state)
            doing.tx.requests.save(request)
        return Written(request=request, page=page, digest=doing.digest)

    def draft(
        self,
        actor: Actor,
        request_id: RequestId,
        kind: LetterKind,
        *,
        language: Language = Language.FR,
        reason: str | None = None,
        to: Sequence[str] = (),
    ) -> str:
        """The same page, to be looked at: nothing was written to anybody, and nothing is noted but that somebody looked
        at the request. Raises as `write`."""
        with self.acts.perform(Act.REQUEST_SHOW, actor, subject=request_id) as doing:
            return self._page(doing, request_id, kind, language=language, reason=reason, to=to)[1]

    def _page(
        self,
        doing: Doing,
        request_id: RequestId,
        kind: LetterKind,
        *,
        language: Language,
        reason: str | None,
        to: Sequence[str],
    ) -> tuple[Request, str]:
        request = locked(doing, request_id)
        items = [one for one in items_of(doing, request_id) if one.decision is Decision.GRANTED]
        given = None if reason is None else free_text(reason, "say why: --reason TEXT")
        reason = _reason(request, kind, given, granted=bool(items))
        letter = letter_about(
            request,
            items,
            doing.tx.recordings.get([item.recording_id for item in items]),
            policy=self.policy,
            kind=kind,
            language=language,
            today=day_of(self.clock.now(), self.policy.time_zone),
            reason=reason,
            to=to,
        )
        return request, self.book.letter(letter)


def letter_about(
    request: Request,
    items: Sequence[RequestItem],
    rows: Mapping[RecordingId, Recording],
    *,
    policy: Policy,
    kind: LetterKind,
    language: Language,
    today: date,
    reason: str | None,
    to: Sequence[str],
    recipients: Sequence[str] = (),
    not_enclosed: int = 0,
    corrections: Sequence[LetterCorrection] = (),
) -> Letter:
    """A letter about a request and these of its items; `rows` are their recordings as far as there are any."""
    return Letter(
        kind=kind,
        language=language,
        reference=request.request_id,
        type=request.type.value,
        received=day_of(request.received_at, policy.time_zone),
        due=request.due_on,
        today=today,
        reason=reason,
        items=tuple(_item(one, rows.get(one.recording_id), policy) for one in items),
        recipients=tuple(recipients),
        not_enclosed=not_enclosed,
        purposes=by_purpose(request, items),
        corrections=tuple(corrections),
        to=tuple(to),
    )


def _item(item: RequestItem, row: Recording | None, policy: Policy) -> LetterItem:
    began = None if row is None or row.started_at is None else row.started_at.astimezone(policy.time_zone)
    return LetterItem(reference=item.recording_id, when=began, reason=item.reason, waits=waits(item))


def _reason(request: Request, kind: LetterKind, given: str | None, *, granted: bool) -> str | None:
    """What the letter gives as its reason. Refused where there is nothing to write such a letter about."""
    if given is not None and kind is not LetterKind.RESTRICTION_LIFTED:
        raise UsageError("a reason is told with a restriction that will be lifted; that of an extension is on file")
    match kind:
        case LetterKind.ACKNOWLEDGEMENT:
            return None
        case LetterKind.IDENTITY:
            if request.verified_at is not None:
                raise UsageError("it is known who asks: callwarden request show REQ")
            return None
        case LetterKind.EXTENSION:
            steps = [step for step in request.history if step.what == Operation.REQUEST_EXTENDED]
            if not steps:
                raise UsageError("it was not extended: callwarden request extend REQ --reason TEXT")
            return steps[-1].text
        case LetterKind.RESTRICTION_LIFTED:
            if request.type is not RequestType.RESTRICTION:
                refuse(RequestRefusal.NOT_A_RESTRICTION)
            if request.lifted_at is not None or not granted:
                refuse(RequestRefusal.NOTHING_RESTRICTED)
            return given
        case LetterKind.ANSWER | LetterKind.REFUSAL:
            raise UsageError("the answer is written with its pack: callwarden request answer REQ -o DIR")
        case LetterKind.RECIPIENT:
            raise UsageError("recipients are told together: callwarden request recipients REQ -o DIR")
