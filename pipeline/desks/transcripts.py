"""Where people read what was said in a call, redacted: in portions, and as captions. The gate decides, and writes it
down."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256

from callwarden.custody.gate import Gate
from callwarden.errors import UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.content import About, Content
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.transcript import TranscriptTurn
from callwarden.ports.speech import TranscriptCodec
from callwarden.rules.turn_portions import MOST_TURNS, Portion, numbers, portion, webvtt

CAPTIONS = "text/vtt; charset=utf-8"
_NO_PORTION = f"a portion begins at a turn from 0 on, and has 1 to {MOST_TURNS} turns"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A portion of a call, what it is a part of, and the entry of the access log that says who reads it."""

    portion: Portion
    about: About
    entry_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Turns of the original transcript, names and all; `following` is the number of the first turn after them."""

    turns: Sequence[TranscriptTurn] = field(repr=False)
    following: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptDesk:
    """Each method is one reading of a transcript, redacted but for `spoken`; raises as `Gate.read`. Thread-safe."""

    gate: Gate
    codec: TranscriptCodec

    def turns(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_id: RecordingId,
        *,
        first: int | None = None,
        from_s: float = 0.0,
        to_s: float | None = None,
        limit: int = 200,
    ) -> Portion:
        """Turns of a portion (`callwarden.rules.turn_portions.portion`). Raises UsageError for one that cannot be."""
        return self.opened(actor, purpose, recording_id, first=first, from_s=from_s, to_s=to_s, limit=limit).portion

    def opened(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_id: RecordingId,
        *,
        first: int | None = None,
        from_s: float = 0.0,
        to_s: float | None = None,
        limit: int = 200,
    ) -> OpenCall:
        """As `turns`, with what a reader is told beside them."""
        if not 1 <= limit <= MOST_TURNS or (first is not None and first < 0):
            raise UsageError(_NO_PORTION)
        content = self.gate.read(actor, purpose, recording_id, Readable.REDACTED_TRANSCRIPT)
        wanted = partial(numbers, first=first, from_s=from_s, to_s=to_s, limit=limit)
        transcript = self.codec.decode_redacted(content.read_all(), worded=wanted)
        found = portion(transcript, first=first, from_s=from_s, to_s=to_s, limit=limit)
        return OpenCall(portion=found, about=content.about, entry_id=content.entry_id)

    def spoken(
        self, actor: Actor, purpose: Purpose, recording_id: RecordingId, *, first: int = 0, limit: int = 200
    ) -> Spoken:
        """Turns of the original, from number `first` on: for those the policy opens originals to."""
        if not 1 <= limit <= MOST_TURNS or first < 0:
            raise UsageError(_NO_PORTION)
        content = self.gate.read(actor, purpose, recording_id, Readable.ORIGINAL_TRANSCRIPT)
        turns = self.codec.decode(content.read_all()).turns
        following = first + limit if first + limit < len(turns) else None
        return Spoken(turns=turns[first : first + limit], following=following)

    def captions(self, actor: Actor, purpose: Purpose, recording_id: RecordingId) -> Content:
        """The whole of it as WebVTT, UTF-8."""
        content = self.gate.read(actor, purpose, recording_id, Readable.REDACTED_TRANSCRIPT)
        text = webvtt(self.codec.decode_redacted(content.read_all())).encode()
        made = replace(content.artefact, size=len(text), sha256=sha256(text).hexdigest(), media_type=CAPTIONS)
        return replace(
            content, artefact=made, start=0, length=len(text), size=len(text), media_type=CAPTIONS, pieces=iter((text,))
        )
