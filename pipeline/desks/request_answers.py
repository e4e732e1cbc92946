"""The desk where a request is answered: the letter, and for access the pack of what is kept (D5, D7).

In this order: everything is read through the gate for the purpose ``rights_request``, each reading an entry before its
first byte; the files lie hidden; the answer is an entry with the manifest's digest; then the folder appears. What is
interrupted before the entry is made again as if nothing had been; after it, by asking once more.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.desks.acts import Acts
from callwarden.desks.recipients import disclosed
from callwarden.desks.rectifications import RectificationDesk
from callwarden.desks.request_enclosures import WITH_CONTENT, WITH_PACK, Enclosures, HowToAnswer
from callwarden.desks.request_letters import letter_about
from callwarden.desks.requests import RequestDesk
from callwarden.evidence.folder import PackFolder, appearing_folder
from callwarden.evidence.manifest import ANSWER, MANIFEST
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.letter import LetterCorrection, LetterKind, Words
from callwarden.model.policy import Policy
from callwarden.model.recording import Recording
from callwarden.model.request import Decision, Request, RequestId, RequestItem, RequestType
from callwarden.ports.clock import Clock
from callwarden.ports.letter_book import LetterBook
from callwarden.rules.access_pack import PackItem
from callwarden.rules.erasing import Waits
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.rectifying import OF_OTHERS, TIMES
from callwarden.rules.requests import day_of
from callwarden.rules.rights import Act
from callwarden.rules.signed_document import canonical, digest_of, document_of

LETTER: Final = "letter.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer that was written. `digest` is the SHA-256 of its manifest, as the access log has it."""

    request: Request
    directory: Path
    files: tuple[str, ...]
    digest: str
    enclosed: int
    """Recordings whose content is in it."""
    not_enclosed: Mapping[RecordingId, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDesk:
    """Writes answers. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    requests: RequestDesk
    enclosures: Enclosures
    rectifications: RectificationDesk
    book: LetterBook
    signer: Callable[[], Signer]

    def answer(self, actor: Actor, request_id: RequestId, directory: Path, how: HowToAnswer) -> Answered:
        """Write letter and pack into a new folder, and note that the request is answered. One that was answered already
        gets the same again, and stays as it is.

        Raises RefusedError as `RequestDesk.ready`, and where a reading is refused for another reason than the person is
        told of; UsageError for a folder that is taken; ConfigurationError for a broken template; RetryableError. Then
        nothing is there.
        """
        with appearing_folder(directory) as folder:
            self.acts.admit(Act.REQUEST_ANSWER, actor)
            file = self.requests.ready(actor, request_id)
            request = file.request
            rows, told = self._known(file.items, self.book.words(how.language))
            encloses = request.type in WITH_PACK and request.refused is None
            items = self.enclosures.enclose(actor, folder, file, rows, told, how) if encloses else []
            owed = _owed(request, items)
            letter = letter_about(
                request,
                _as_told(request, file.items, owed),
                rows,
                policy=self.policy,
                kind=LetterKind.ANSWER if request.refused is None else LetterKind.REFUSAL,
                language=how.language,
                today=day_of(self.clock.now(), self.policy.time_zone),
                reason=None if request.refused is None else request.refused.value,
                to=how.to,
                recipients=told,
                corrections=self._corrections(actor, request, rows, self.book.words(how.language)),
                not_enclosed=sum(bool(item.withheld) for item in items) - len(owed),
            )
            folder.write(LETTER, [self.book.letter(letter).encode()])
            document = self._manifest(folder, request, how)
            folder.write(MANIFEST, [document])
            answered = self.requests.answer(actor, request_id, digest=digest_of(document), owed=owed)
            files = tuple(sorted(one.name for one in folder.files))
        return Answered(
            request=answered,
            directory=directory,
            files=(*files, MANIFEST),
            digest=digest_of(document),
            enclosed=sum(not item.withheld and request.type in WITH_CONTENT for item in items),
            not_enclosed={item.recording.recording_id: item.withheld for item in items if item.withheld},
        )

    def _known(
        self, items: Sequence[RequestItem], words: Words
    ) -> tuple[Mapping[RecordingId, Recording], Sequence[str]]:
        """The recordings of these items as far as there are any, and in words who was given copies of what is granted,
        and when: never a name, which may be that of an investigation."""
        granted = [item.recording_id for item in items if item.decision is Decision.GRANTED]
        with self.acts.catalogue.snapshot() as tx:
            rows, left = tx.recordings.get([item.recording_id for item in items]), disclosed(tx, granted)
        zone = self.policy.time_zone
        told = [f"{words.phrases['disclosed']} ({words.day(day_of(one.made_at, zone))})" for one in left]
        return rows, list(dict.fromkeys(told))

    def _corrections(
        self, actor: Actor, request: Request, rows: Mapping[RecordingId, Recording], words: Words
    ) -> Sequence[LetterCorrection]:
        """What was put right for this request, from what to what; never who of the staff took the call."""
        if request.type is not RequestType.RECTIFICATION or request.refused is not None:
            return ()
        made = [
            one
            for one in self.rectifications.history(actor, request.request_id)
            if one.rectification.request_id == request.request_id
        ]
        return [
            LetterCorrection(
                when=_began(rows.get(one.rectification.recording_id), self.policy),
                what=what,
                was=self._value(what, said["was"], words),
                now=self._value(what, said["now"], words),
            )
            for one in made
            for what, said in (one.changes or {}).items()
        ]

    def _value(self, what: str, text: str | None, words: Words) -> str | None:
        if text is None:
            return None
        if what in OF_OTHERS:
            return f"[{words.phrases['masked']}]"
        return words.moment(datetime.fromisoformat(text).astimezone(self.policy.time_zone)) if what in TIMES else text

    def _manifest(self, folder: PackFolder, request: Request, how: HowToAnswer) -> bytes:
        statement = canonical(
            {
                "format": ANSWER.format,
                "request": request.request_id,
                "type": request.type.value,
                "language": how.language.value,
                "made_at": self.clock.now().isoformat(),
                "files": [
                    {"name": one.name, "bytes": one.size, "sha256": one.sha256}
                    for one in sorted(folder.files, key=lambda one: one.name)
                ],
            }
        )
        signer = self.signer()
        return document_of(statement, key=format_key(signer.key), signature=signer.sign(ANSWER.prefix + statement))


def _owed(request: Request, items: Sequence[PackItem]) -> frozenset[RecordingId]:
    """What was granted and is not handed over yet, because our own redaction is unfinished."""
    if request.type not in WITH_CONTENT:
        return frozenset()
    return frozenset(
        item.recording.recording_id for item in items if item.withheld == (ReadRefusal.REDACTION_INCOMPLETE,)
    )


def _as_told(request: Request, items: Sequence[RequestItem], owed: Collection[RecordingId]) -> Sequence[RequestItem]:
    """The items as this answer tells of them: of an access, what is owed waits, and nothing else does."""
    if request.type not in WITH_CONTENT:
        return items
    why = Waits.REDACTION_INCOMPLETE.value
    return [
        replace(item, reason=why if item.recording_id in owed else None) if item.decision is Decision.GRANTED else item
        for item in items
    ]


def _began(row: Recording | None, policy: Policy) -> datetime | None:
    return None if row is None or row.started_at is None else row.started_at.astimezone(policy.time_zone)
