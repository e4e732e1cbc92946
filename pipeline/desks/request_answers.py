"""The desk where a request is answered: the letter, and for access the pack of what is kept (D5, D7).

In this order: everything is read through the gate for the purpose ``rights_request``, each reading an entry before its
first byte; the files lie hidden; the answer is an entry with the manifest's digest; then the folder appears. What is
interrupted before the entry is made again as if nothing had been; after it, by asking once more.
"""

import json
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.custody.gate import Gate
from callwarden.desks.acts import Acts
from callwarden.desks.consultations import Consultations
from callwarden.desks.recipients import disclosed
from callwarden.desks.request_file import RequestFile
from callwarden.desks.request_letters import letter_about
from callwarden.desks.requests import RequestDesk
from callwarden.errors import RefusedError
from callwarden.evidence.folder import PackFolder, appearing_folder
from callwarden.evidence.manifest import MANIFEST
from callwarden.model.access import Actor, Readable
from callwarden.model.event import CallRecorded
from callwarden.model.ids import RecordingId
from callwarden.model.letter import Language, LetterKind, Words
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import GONE, Recording
from callwarden.model.request import Decision, Request, RequestId, RequestItem, RequestType
from callwarden.model.transcript import Transcript
from callwarden.ports.clock import Clock
from callwarden.ports.letter_book import LetterBook
from callwarden.ports.speech import TranscriptCodec
from callwarden.rules.access_copy import CopyTurn, OwnFacts, own_copy
from callwarden.rules.access_pack import NOT_ENCLOSED, PackItem, pack_document
from callwarden.rules.requests import day_of
from callwarden.rules.rights import Act
from callwarden.rules.signed_document import DocumentKind, canonical, digest_of, document_of

ANSWER: Final = DocumentKind(
    name="manifest of an answer", format="callwarden-answer/1", prefix=b"callwarden answer v1\n"
)
LETTER: Final = "letter.html"
PAGE: Final = "pack.html"
PACK: Final = "pack.json"
SOUND: Final = "sound"

WITH_CONTENT: Final = frozenset({RequestType.ACCESS})
WITH_PACK: Final = WITH_CONTENT | {RequestType.INFORMATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class HowToAnswer:
    """`own` are names, addresses and numbers that the officer knows to be the person's own: they stay readable, and so
    does what stands behind the placeholders of `unmask`, such as ``LOCATION_1``. `to` is the address on the letter.
    None of it is kept. Without `sound` the transcript stands in for the audio (D5)."""

    language: Language = Language.FR
    own: tuple[str, ...] = ()
    unmask: Mapping[RecordingId, frozenset[str]] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    sound: bool = True


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
    gate: Gate
    consultations: Consultations
    book: LetterBook
    codec: TranscriptCodec
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
            items = self._enclose(folder, actor, file, rows, told, how) if request.type in WITH_PACK else []
            letter = letter_about(
                request,
                file.items,
                rows,
                policy=self.policy,
                kind=LetterKind.ANSWER if request.refused is None else LetterKind.REFUSAL,
                language=how.language,
                today=day_of(self.clock.now(), self.policy.time_zone),
                reason=None if request.refused is None else request.refused.value,
                to=how.to,
                recipients=told,
                not_enclosed=sum(bool(item.withheld) for item in items),
            )
            folder.write(LETTER, [self.book.letter(letter).encode()])
            document = self._manifest(folder, request, how)
            folder.write(MANIFEST, [document])
            answered = self.requests.answer(actor, request_id, digest=digest_of(document))
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

    def _enclose(
        self,
        folder: PackFolder,
        actor: Actor,
        file: RequestFile,
        rows: Mapping[RecordingId, Recording],
        told: Sequence[str],
        how: HowToAnswer,
    ) -> list[PackItem]:
        """Write the pack of what was granted."""
        granted = [item.recording_id for item in file.items if item.decision is Decision.GRANTED]
        there = [rows[name] for name in granted if name in rows and rows[name].state not in GONE]
        seen = self.consultations.about(actor, there).consultations if there else ()
        items = [self._read(folder, actor, row, file.request, how) for row in there]
        words, sender, today = (
            self.book.words(how.language),
            self.book.sender,
            day_of(self.clock.now(), self.policy.time_zone),
        )
        received = day_of(file.request.received_at, self.policy.time_zone)
        request = {"reference": file.request.request_id, "type": file.request.type.value}
        document = pack_document(
            {**request, "received": received.isoformat()},
            items,
            seen,
            told=told,
            sender=sender,
            words=words,
            policy=self.policy,
            today=today,
        )
        page = {"pack": document, "request": {**request, "received": received}, "today": today}
        folder.write(PAGE, [self.book.page("pack", how.language, page).encode()])
        folder.write(PACK, [json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"])
        return items

    def _read(self, folder: PackFolder, actor: Actor, row: Recording, request: Request, how: HowToAnswer) -> PackItem:
        item = PackItem(recording=row, event=None)
        try:
            event = self.gate.details(actor, Purpose.RIGHTS_REQUEST, row.recording_id)
            item = replace(item, event=event)
            if request.type not in WITH_CONTENT:
                return item
            item = replace(item, transcript=self._transcript(actor, row.recording_id, event, how))
        except RefusedError as error:
            return replace(item, withheld=_told(error))
        if not how.sound:
            return item
        try:
            return replace(item, audio=self._sound(folder, actor, row.recording_id))
        except RefusedError as error:
            return replace(item, silent=_told(error))

    def _transcript(
        self, actor: Actor, recording_id: RecordingId, event: CallRecorded, how: HowToAnswer
    ) -> tuple[CopyTurn, ...]:
        redacted = self.gate.read(actor, Purpose.RIGHTS_REQUEST, recording_id, Readable.REDACTED_TRANSCRIPT)
        original = self._original(actor, recording_id)
        known = (event.caller.name, event.caller.number, event.caller.customer_id)
        texts = (*(one for one in known if one is not None), *how.own)
        own = OwnFacts(texts=texts, masks=how.unmask.get(recording_id, frozenset()))
        return own_copy(self.codec.decode_redacted(redacted.read_all()), original, own)

    def _original(self, actor: Actor, recording_id: RecordingId) -> Transcript | None:
        """None where its period is over, and the redacted transcript alone is left."""
        try:
            content = self.gate.read(actor, Purpose.RIGHTS_REQUEST, recording_id, Readable.ORIGINAL_TRANSCRIPT)
        except RefusedError as error:
            _told(error)
            return None
        return self.codec.decode(content.read_all())

    def _sound(self, folder: PackFolder, actor: Actor, recording_id: RecordingId) -> str:
        content = self.gate.read(actor, Purpose.RIGHTS_REQUEST, recording_id, Readable.BEEPED_AUDIO)
        suffix = mimetypes.guess_extension(content.media_type) or ""
        return folder.write(f"{SOUND}/{recording_id}{suffix}", content.pieces).name

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


def _told(error: RefusedError) -> tuple[str, ...]:
    """Why something is not enclosed, where that is what the person is told; raised again where it is not."""
    if not set(error.reasons) <= {reason.value for reason in NOT_ENCLOSED}:
        raise error
    return tuple(error.reasons)
