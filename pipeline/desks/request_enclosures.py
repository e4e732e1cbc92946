"""What is enclosed with an answer: of each recording what the person may have, read through the gate (D5, D7)."""

import json
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from callwarden.custody.gate import Gate
from callwarden.desks.consultations import Consultations
from callwarden.desks.request_file import RequestFile
from callwarden.errors import RefusedError, UsageError
from callwarden.evidence.folder import PackFolder
from callwarden.model.access import Actor, Readable
from callwarden.model.event import CallRecorded
from callwarden.model.ids import RecordingId
from callwarden.model.letter import Language
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import GONE, Recording
from callwarden.model.request import Decision, Request, RequestType
from callwarden.model.transcript import Transcript
from callwarden.ports.clock import Clock
from callwarden.ports.letter_book import LetterBook
from callwarden.ports.speech import TranscriptCodec
from callwarden.rules.access_copy import CopyTurn, OwnFacts, own_copy
from callwarden.rules.access_pack import NOT_ENCLOSED, PackItem, pack_document
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.requests import day_of

PAGE: Final = "pack.html"
PACK: Final = "pack.json"
SOUND: Final = "sound"
BY_HAND: Final = "masked-by-hand"

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
    by_hand: Mapping[RecordingId, Path] = field(default_factory=dict)
    """Copies that a person has masked, of what redaction withholds."""
    to: tuple[str, ...] = ()
    sound: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosures:
    """Reads what is enclosed, and writes it into the folder of an answer. Thread-safe."""

    policy: Policy
    clock: Clock
    gate: Gate
    consultations: Consultations
    book: LetterBook
    codec: TranscriptCodec

    def enclose(
        self,
        actor: Actor,
        folder: PackFolder,
        file: RequestFile,
        rows: Mapping[RecordingId, Recording],
        told: Sequence[str],
        how: HowToAnswer,
    ) -> list[PackItem]:
        """Write the pack of what was granted. Raises RefusedError where a reading is refused for a reason the person is
        not told of."""
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
            why = _told(error)
            if why == (ReadRefusal.REDACTION_INCOMPLETE,) and (file := how.by_hand.get(row.recording_id)) is not None:
                return replace(
                    item, by_hand=folder.write(f"{BY_HAND}/{row.recording_id}{file.suffix}", _bytes(file)).name
                )
            if why == (ReadRefusal.QUARANTINED,):
                item = replace(item, event=self._of_set_aside(actor, row.recording_id))
            return replace(item, withheld=why)
        if not how.sound:
            return item
        try:
            return replace(item, audio=self._sound(folder, actor, row.recording_id))
        except RefusedError as error:
            return replace(item, silent=_told(error))

    def _of_set_aside(self, actor: Actor, recording_id: RecordingId) -> CallRecorded | None:
        """What its event says; None where nothing of it may be known yet."""
        try:
            return self.gate.details(actor, Purpose.RIGHTS_REQUEST, recording_id, set_aside=True)
        except RefusedError as error:
            if ReadRefusal.LOG_UNAVAILABLE in error.reasons:
                raise
            return None

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


def _bytes(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                yield piece
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _told(error: RefusedError) -> tuple[str, ...]:
    """Why something is not enclosed, where that is what the person is told; raised again where it is not."""
    if not set(error.reasons) <= {reason.value for reason in NOT_ENCLOSED}:
        raise error
    return tuple(error.reasons)
