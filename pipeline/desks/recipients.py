"""The desk where whoever was given a copy is told what changed since, and says that they know (GDPR, article 19)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from callwarden.desks.acts import Acts, Doing
from callwarden.desks.request_file import locked, refuse
from callwarden.desks.request_letters import letter_about
from callwarden.errors import RefusedError, UsageError
from callwarden.evidence.folder import appearing_folder
from callwarden.model.access import Actor
from callwarden.model.disclosure import Disclosure
from callwarden.model.ids import RecordingId
from callwarden.model.letter import Language, LetterKind
from callwarden.model.policy import Policy
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.request import Decision, Request, RequestId, RequestItem, RequestType
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.letter_book import LetterBook
from callwarden.rules.requests import RequestRefusal, day_of
from callwarden.rules.rights import Act, ActRefusal

TELLS = frozenset({RequestType.RECTIFICATION, RequestType.ERASURE, RequestType.RESTRICTION})
"""Of these article 19 speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who was given a copy of something that a request changed; `notice` is None until they are told."""

    disclosure: Disclosure
    notice: RecipientNotice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError, UsageError. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    book: LetterBook

    def listed(self, actor: Actor, request_id: RequestId) -> Sequence[Recipient]:
        """Who was given copies of what the request was granted for, and who of them was told."""
        with self.acts.perform(Act.REQUEST_RECIPIENTS, actor, subject=request_id) as doing:
            found = _recipients(doing, locked(doing, request_id))[0]
            doing.count = len(found)
        return found

    def tell(
        self, actor: Actor, request_id: RequestId, directory: Path, *, language: Language = Language.FR
    ) -> Sequence[Recipient]:
        """Write a letter to each recipient that was not told yet, into a new folder, and note that they are told.
        Refused for a request by which nothing is erased, rectified or restricted, and before it is decided."""
        now = self.clock.now()
        with (
            appearing_folder(directory) as folder,
            self.acts.perform(Act.REQUEST_TELL, actor, subject=request_id) as doing,
        ):
            request = locked(doing, request_id)
            if request.type not in TELLS:
                raise UsageError("recipients are told of what was rectified, erased or restricted")
            found, items = _recipients(doing, request)
            if not items:
                refuse(RequestRefusal.UNDECIDED)
            rows = doing.tx.recordings.get([item.recording_id for item in items])
            untold = [one.disclosure for one in found if one.notice is None]
            for number, gone in enumerate(untold, 1):
                letter = letter_about(
                    request,
                    [item for item in items if item.recording_id in gone.recordings],
                    rows,
                    policy=self.policy,
                    kind=LetterKind.RECIPIENT,
                    language=language,
                    today=day_of(now, self.policy.time_zone),
                    reason=None,
                    to=(gone.recipient,),
                )
                folder.write(f"recipient-{number:02}.html", [self.book.letter(letter).encode()])
                doing.tx.notices.save(_told(request, gone, actor, now))
            if not untold:
                raise UsageError("there is nobody to tell: callwarden request recipients REQ")
            doing.count = len(untold)
        return self.listed(actor, request_id)

    def acknowledge(self, actor: Actor, request_id: RequestId, disclosure_id: str) -> RecipientNotice:
        """Note that a recipient has said that they know. Refused where they were not told."""
        with self.acts.perform(Act.REQUEST_ACKNOWLEDGE, actor, subject=request_id) as doing:
            locked(doing, request_id)
            told = doing.tx.notices.of(request_id)
            notice = next((one for one in told if one.disclosure_id == disclosure_id), None)
            if notice is None:
                words = f"nobody was told of disclosure {disclosure_id}: callwarden request recipients REQ -o DIR"
                raise RefusedError((ActRefusal.UNKNOWN.value,), words)
            if notice.acknowledged_at is None:
                notice = replace(notice, acknowledged_at=self.clock.now())
                doing.tx.notices.save(notice)
            doing.correlation = disclosure_id
        return notice


def _recipients(doing: Doing, request: Request) -> tuple[Sequence[Recipient], Sequence[RequestItem]]:
    """Who had a copy of what was granted, and the items that were."""
    granted = [one for one in doing.tx.requests.items(request.request_id) if one.decision is Decision.GRANTED]
    notices = {one.disclosure_id: one for one in doing.tx.notices.of(request.request_id)}
    left = disclosed(doing.tx, [item.recording_id for item in granted])
    return [Recipient(disclosure=one, notice=notices.get(one.disclosure_id)) for one in left], granted


def disclosed(tx: Transaction, recordings: Sequence[RecordingId]) -> Sequence[Disclosure]:
    """What left with any of these recordings, oldest first; a pack whose making was interrupted never did."""
    wanted = set(recordings)
    found = [one for one in tx.disclosures.all() if one.manifest is not None and one.recordings & wanted]
    return found[::-1]


def _told(request: Request, gone: Disclosure, actor: Actor, now: datetime) -> RecipientNotice:
    return RecipientNotice(
        request_id=request.request_id, disclosure_id=gone.disclosure_id, told_at=now, told_by=actor.name
    )
