"""Makes a redaction that fails closed: find, place, beep, listen again; anything in doubt widens a beep or withholds.

Nothing here is stored: what comes out is a `MadeRedaction` in files without names, or the reason why there is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from callwarden.custody.store import scratch_file
from callwarden.model.audio import AudioCaps
from callwarden.model.event import CallRecorded
from callwarden.model.redaction import KnownFacts, RedactedText, RedactionPolicy, Span, Turn
from callwarden.model.redaction_record import AudioWithheld, WithheldReason
from callwarden.model.transcript import Heard, RedactedTranscript, RedactedTurn, TimeRange, Transcript
from callwarden.ports.audio import AudioBeeper, BadAudioError
from callwarden.ports.pii import FinderError, FinderTimeoutError, PersonalDataFinder, UnsupportedLanguageError
from callwarden.ports.speech import LanguageNotSupportedError, SecondListener
from callwarden.redaction.doubt import BELIEFS, doubtful, sound_withheld
from callwarden.redaction.placeholders import redact
from callwarden.redaction.spans import resolve
from callwarden.rules.beep_windows import Unplaceable, beep_windows, merged
from callwarden.rules.keyed_turns import keyed_spans, with_keyed_turns
from callwarden.rules.redacted_words import redacted_words
from callwarden.rules.reported_misses import nowhere, reported_spans
from callwarden.rules.waveform import marked
from callwarden.rules.withholding import Withhold, decide, not_understood
from callwarden.steps.redact.beside import ALONE, Beside, Reading, readings

AGENT = "agent"
LISTENINGS = 3
"""How often the beeped audio is listened to, each time with wider beeps, before the call is withheld."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRedaction:
    """What a reviewer may have of a call. `beeped` is open, at its start; whoever takes it closes it. `heard_again`
    says how much each listening still recovered: the last, nothing; empty where nobody listened."""

    transcript: RedactedTranscript
    beeped: BinaryIO = field(repr=False)
    media_type: str
    waveform: bytes = field(repr=False)
    heard_again: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOnly:
    """What was said, without its sound."""

    transcript: RedactedTranscript
    reason: AudioWithheld


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldRedaction:
    """Nothing may be released. `detail` is a code or a place, never words of the call. `nowhere` are reported places
    at which nothing can go."""

    reason: WithheldReason
    detail: str = ""
    nowhere: tuple[TimeRange, ...] = ()


Made = MadeRedaction | TextOnly | WithheldRedaction


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionMaker:
    """The whole way from a transcript to what reviewers get. Thread-safe. Without a `listener` nobody listens again,
    and the redacted transcript says that it is not verified."""

    policy: RedactionPolicy
    version: str
    finder: PersonalDataFinder
    beeper: AudioBeeper
    listener: SecondListener | None
    caps: AudioCaps

    def make(
        self,
        transcript: Transcript,
        event: CallRecorded,
        audio: BinaryIO,
        *,
        hint: str | None,
        missed: Sequence[TimeRange] = (),
    ) -> Made:
        """Redact one call. `audio` is the original, seekable; `missed` are places that go whatever is found there.
        Raises RecogniserError (retry)."""
        return self.make_known(transcript, known_facts(event), audio, hint=hint, missed=missed)

    def make_known(
        self,
        transcript: Transcript,
        known: KnownFacts,
        audio: BinaryIO,
        *,
        hint: str | None,
        missed: Sequence[TimeRange] = (),
    ) -> Made:
        """As `make`, of a call without an event: `known` is what its event would say of the people in it."""
        found = self.find(transcript, known)
        if isinstance(found, WithheldRedaction):
            return found
        return self.make_found(transcript, found, audio, hint=hint, missed=missed)

    def find(
        self, transcript: Transcript, known: KnownFacts, beside: Beside = ALONE
    ) -> tuple[Span, ...] | WithheldRedaction:
        """What goes of one part of a call, by its words alone; `beside` are the other parts of it. Turns of keys
        pressed count (`with_keyed_turns`)."""
        transcript = with_keyed_turns(transcript)
        if (speaker := not_understood(transcript, self.policy)) is not None:
            return WithheldRedaction(reason=WithheldReason.LOW_CONFIDENCE, detail=f"{speaker} was not understood")
        try:
            found = [
                span
                for reading in readings(transcript, self._usable(transcript, beside))
                for span in self._read(reading, transcript.language, known)
            ]
        except FinderTimeoutError:
            return WithheldRedaction(reason=WithheldReason.FINDER_TIMEOUT)
        except UnsupportedLanguageError as error:
            return WithheldRedaction(reason=WithheldReason.LANGUAGE_UNSUPPORTED, detail=error.language)
        except FinderError as error:
            return WithheldRedaction(reason=WithheldReason.FINDER_FAILED, detail=error.code)
        turns = [Turn(speaker=turn.speaker, text=turn.text) for turn in transcript.turns]
        decision = decide(keyed_spans(turns, resolve(found), transcript), self.policy)
        if isinstance(decision, Withhold):
            return WithheldRedaction(reason=WithheldReason.LOW_CONFIDENCE, detail=decision.reason)
        return decision.spans

    def make_found(
        self,
        transcript: Transcript,
        found: Sequence[Span],
        audio: BinaryIO,
        *,
        hint: str | None,
        missed: Sequence[TimeRange] = (),
    ) -> Made:
        """Take out of text and sound what `find` has found. Otherwise as `make`."""
        transcript = with_keyed_turns(transcript)
        try:
            made = self._sound(transcript, found, audio, hint=hint, missed=missed)
        except BadAudioError as error:
            return WithheldRedaction(reason=WithheldReason.BAD_AUDIO, detail=error.fault.value)
        except LanguageNotSupportedError as error:
            return WithheldRedaction(reason=WithheldReason.LANGUAGE_UNSUPPORTED, detail=error.language)
        if isinstance(made, WithheldRedaction):
            return made
        if lost := nowhere(transcript, missed, sound=isinstance(made, MadeRedaction)):
            if isinstance(made, MadeRedaction):
                made.beeped.close()
            return WithheldRedaction(reason=WithheldReason.PLACE_CHANGED_NOTHING, nowhere=lost)
        return made

    def _usable(self, transcript: Transcript, beside: Beside) -> Beside:
        """Without the parts whose words mean nothing: in another language, or not understood."""
        before, after = (
            tuple(
                replace(other, transcript=with_keyed_turns(other.transcript))
                for other in parts
                if other.transcript.language == transcript.language
                and not_understood(other.transcript, self.policy) is None
            )
            for parts in (beside.before, beside.after)
        )
        return replace(beside, before=before, after=after)

    def _read(self, reading: Reading, language: str, known: KnownFacts) -> Iterator[Span]:
        """What is found of the part itself, its channels in order or exchanged."""
        exchanged = None if reading.opening else other_way_round(reading.turns)
        for turns in (reading.turns, exchanged):
            if turns is not None:
                for span in self.finder.find(turns, language=language, known=known, opening=reading.opening):
                    if (number := reading.own[span.turn]) is not None:
                        yield replace(span, turn=number)

    def _sound(
        self,
        transcript: Transcript,
        found: Sequence[Span],
        audio: BinaryIO,
        *,
        hint: str | None,
        missed: Sequence[TimeRange],
    ) -> Made:
        turns = [Turn(speaker=turn.speaker, text=turn.text) for turn in transcript.turns]
        spans = resolve([*found, *reported_spans(transcript, missed)])
        placed = beep_windows(
            spans,
            transcript,
            pad_s=self.policy.padding_s,
            merge_gap_s=self.policy.merge_gap_s,
            doubtful_below=self.policy.doubtful_below,
        )
        if isinstance(placed, Unplaceable):
            return WithheldRedaction(reason=WithheldReason.UNPLACEABLE_SPAN, detail=placed.why.value)
        shown = redact(turns, spans)
        try:
            unbelieved = self._unbelieved(transcript, turns)
        except FinderError as error:
            return WithheldRedaction(reason=WithheldReason.FINDER_FAILED, detail=error.code)
        windows = self._wider(placed.windows, missed, transcript.duration_s)
        windows = merged([*windows, *unbelieved], merge_gap_s=self.policy.merge_gap_s, duration_s=transcript.duration_s)
        recovered: list[int] = []
        places: list[TimeRange] = []
        for _ in range(LISTENINGS):
            target = scratch_file()
            try:
                made = self.beeper.beep(audio, target, windows=windows, caps=self.caps, hint=hint)
                target.seek(0)
                heard = self._heard(transcript, spans, windows, target, media_type=made.media_type)
                recovered.append(len(heard))
                if not heard:
                    if (
                        reason := sound_withheld(transcript, unbelieved, placed.windows, self.policy.level)
                    ) is not None:
                        target.close()
                        return TextOnly(transcript=self._redacted(transcript, shown, ()), reason=reason)
                    target.seek(0)
                    return MadeRedaction(
                        transcript=self._redacted(transcript, shown, windows),
                        beeped=target,
                        media_type=made.media_type,
                        waveform=marked(made.waveform, transcript, beeps=windows),
                        heard_again=tuple(recovered) if self.listener is not None else (),
                    )
            except BaseException:
                target.close()
                raise
            target.close()
            windows = self._wider(windows, [one.when for one in heard], transcript.duration_s)
            # What was heard again may be written at that place in another spelling: it leaves the text too.
            places += [one.when for one in heard]
            shown = redact(turns, resolve([*spans, *reported_spans(transcript, places)]))
        listened = ", ".join(map(str, recovered))
        return WithheldRedaction(reason=WithheldReason.HEARD_AGAIN, detail=f"recovered by each listening: {listened}")

    def _unbelieved(self, transcript: Transcript, turns: Sequence[Turn]) -> tuple[TimeRange, ...]:
        """Words that are beeped although nothing was found in them, by the policy's level."""
        attention = self.finder.attend(turns, language=transcript.language)
        return doubtful(transcript, attention, BELIEFS[self.policy.level])

    def _heard(
        self,
        transcript: Transcript,
        spans: Sequence[Span],
        windows: Sequence[TimeRange],
        beeped: BinaryIO,
        *,
        media_type: str,
    ) -> tuple[Heard, ...]:
        if self.listener is None:
            return ()
        suffix = ".flac" if media_type == "audio/flac" else ".ogg"
        return self.listener.listen(beeped, first=transcript, spans=spans, windows=windows, hint=suffix)

    def _wider(
        self, windows: Sequence[TimeRange], places: Sequence[TimeRange], duration_s: float
    ) -> tuple[TimeRange, ...]:
        pad = self.policy.padding_s
        more = [TimeRange(start_s=max(0.0, place.start_s - pad), end_s=place.end_s + pad) for place in places]
        return merged([*windows, *more], merge_gap_s=self.policy.merge_gap_s, duration_s=duration_s)

    def _redacted(
        self, transcript: Transcript, text: RedactedText, windows: tuple[TimeRange, ...]
    ) -> RedactedTranscript:
        return RedactedTranscript(
            recording_id=transcript.recording_id,
            language=transcript.language,
            redaction_version=self.version,
            duration_s=transcript.duration_s,
            turns=tuple(
                RedactedTurn(
                    speaker=turn.speaker,
                    text=turn.text,
                    start_s=heard.start_s,
                    end_s=heard.end_s,
                    words=redacted_words(heard, turn.text, [span for span in text.spans if span.turn == number]),
                )
                for number, (turn, heard) in enumerate(zip(text.turns, transcript.turns, strict=True))
            ),
            beeped=windows,
            verified=self.listener is not None,
        )


def other_way_round(turns: Sequence[Turn]) -> tuple[Turn, ...] | None:
    """The turns with their two speakers exchanged where the channels may be; None where they are in order.

    Who answers the telephone greets, and that is the agent. Where another speaks first the channels may be swapped: a
    rule that trusts an agent's words would spare the caller's.
    """
    speakers = {turn.speaker for turn in turns}
    if len(speakers) != 2 or AGENT not in speakers or turns[0].speaker == AGENT:
        return None
    (other,) = speakers - {AGENT}
    return tuple(replace(turn, speaker=other if turn.speaker == AGENT else AGENT) for turn in turns)


def known_facts(event: CallRecorded) -> KnownFacts:
    """What the event already says about the people in the call: found wherever it is spoken."""
    numbers = (event.caller.number, event.caller.customer_id)
    return KnownFacts(names=event.caller.known_names, numbers=tuple(number for number in numbers if number is not None))
