"""How well calls are understood, and how much of what is personal gets beeped, measured on calls with the truth."""

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text_to_num import alpha2digit  # type: ignore[import-untyped]  # carries no types

from callwarden.errors import UsageError
from callwarden.model.audio import AudioCaps
from callwarden.model.ids import RecordingId
from callwarden.model.redaction import RedactionPolicy
from callwarden.model.transcript import TimeRange, Transcript
from callwarden.ports.audio import AudioBeeper
from callwarden.ports.pii import PersonalDataFinder
from callwarden.ports.speech import SecondListener, SpeechRecogniser
from callwarden.rules.beep_windows import merged
from callwarden.rules.word_errors import WordErrors, word_errors

_WORD = re.compile(r"\d|[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldCall:
    """A call with the truth: what each channel says, when somebody speaks, and when it is personal. `in_order` is
    all that is said, as the turns follow one another."""

    name: str
    audio: Path
    roles: tuple[str, ...]
    said: tuple[str, ...]
    in_order: str
    speech: tuple[TimeRange, ...]
    personal: tuple[tuple[str, TimeRange], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallScore:
    """One call's figures. Seconds of speech are the truth's; `recovered` says how much of what was removed each further
    listening heard, empty when there was none; `withheld` says why the call would not have been released."""

    name: str
    duration_s: float
    errors: tuple[tuple[str, WordErrors], ...]
    personal_s: float = 0.0
    personal_beeped_s: float = 0.0
    other_s: float = 0.0
    other_beeped_s: float = 0.0
    spans: tuple[tuple[str, float, float], ...] = ()
    """Type, seconds and seconds beeped of each personal thing."""
    recovered: tuple[int, ...] = ()
    withheld: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechReport:
    """All calls together; `seconds` is what recognising them took."""

    calls: tuple[CallScore, ...]
    seconds: float

    def errors(self, role: str | None = None) -> WordErrors:
        """Of one role's channels, or of all."""
        total = WordErrors(errors=0, words=0)
        for call in self.calls:
            for name, part in call.errors:
                if role in (None, name):
                    total += part
        return total

    @property
    def personal_beeped(self) -> float:
        """Share of personal speech time under a beep; target at least 0.93 with the base model."""
        return _share(self.calls, "personal_beeped_s", "personal_s")

    @property
    def other_beeped(self) -> float:
        """Share of all other speech time under a beep; target at most 0.20."""
        return _share(self.calls, "other_beeped_s", "other_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beeped:
    """What would be released of a call: the windows overwritten, and what each further listening recovered."""

    windows: tuple[TimeRange, ...]
    recovered: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReleased:
    """Nothing would be, and why."""

    why: str


Beep = Callable[[GoldCall, Transcript], Beeped | NotReleased]
"""Everything between a transcript and the release, as the redacting step does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacting:
    """What beeping takes. Without a `listener` no second listening is done."""

    finder: PersonalDataFinder
    policy: RedactionPolicy
    beeper: AudioBeeper
    caps: AudioCaps
    listener: SecondListener | None


def read_gold(directory: Path) -> list[GoldCall]:
    """The calls of a directory: ``NN.wav`` beside ``NN.json``. Raises UsageError when there are none or one is odd."""
    calls = []
    for path in sorted(directory.glob("*.json")):
        audio = next(
            (path.with_suffix(end) for end in (".wav", ".flac", ".ogg") if path.with_suffix(end).exists()), None
        )
        if audio is None:
            continue
        try:
            calls.append(_gold(path.stem, audio, json.loads(path.read_text(encoding="utf-8"))))
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{path} is not a call with its truth: {type(error).__name__} {error}") from error
    if not calls:
        raise UsageError(f"{directory} has no calls with their truth (NN.wav beside NN.json)")
    return calls


def _gold(name: str, audio: Path, document: dict[str, Any]) -> GoldCall:
    roles = tuple(document["channels"])
    turns = document["turns"]
    return GoldCall(
        name=name,
        audio=audio,
        roles=roles,
        said=tuple(" ".join(turn["written"] for turn in turns if turn["speaker"] == role) for role in roles),
        in_order=" ".join(turn["written"] for turn in turns),
        speech=tuple(TimeRange(start_s=turn["start_s"], end_s=turn["end_s"]) for turn in turns),
        personal=tuple(
            (span["type"], TimeRange(start_s=span["start_s"], end_s=span["end_s"]))
            for span in document["spans"]
            if span["form"] == "spoken"
        ),
    )


def evaluate(
    calls: Sequence[GoldCall],
    recogniser: SpeechRecogniser,
    *,
    language: str,
    beep: Beep | None,
    at_once: int = 2,
    done: Callable[[GoldCall], None] = lambda _: None,
) -> SpeechReport:
    """Recognise every call, and beep it where `beep` is given. The shares count the calls that would be released."""

    def heard(call: GoldCall) -> Transcript:
        with call.audio.open("rb") as file:
            transcript = recogniser.transcribe(
                file,
                recording_id=RecordingId(call.name),
                roles=call.roles,
                language=language,
                hint=call.audio.suffix,
            )
        done(call)
        return transcript

    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        transcripts = list(pool.map(heard, calls))
    seconds = time.perf_counter() - began
    scores = [_score(call, transcript, language, beep) for call, transcript in zip(calls, transcripts, strict=True)]
    return SpeechReport(calls=tuple(scores), seconds=seconds)


def comparable(text: str, language: str) -> list[str]:
    """Words in one form however they were written: numbers as single digits, no case, no punctuation."""
    figures = alpha2digit(text.lower().replace("-", " "), language)
    return _WORD.findall(figures)


def channel_errors(call: GoldCall, transcript: Transcript, language: str) -> tuple[tuple[str, WordErrors], ...]:
    """Word errors of each channel, by role."""
    heard = {role: " ".join(turn.text for turn in transcript.turns if turn.speaker == role) for role in call.roles}
    return tuple(
        (role, word_errors(comparable(said, language), comparable(heard[role], language)))
        for role, said in zip(call.roles, call.said, strict=True)
    )


def _score(call: GoldCall, transcript: Transcript, language: str, beep: Beep | None) -> CallScore:
    errors = channel_errors(call, transcript, language)
    if beep is None:
        return CallScore(name=call.name, duration_s=transcript.duration_s, errors=errors)
    made = beep(call, transcript)
    if isinstance(made, NotReleased):
        return CallScore(name=call.name, duration_s=transcript.duration_s, errors=errors, withheld=made.why)
    windows = made.windows
    personal = merged((when for _, when in call.personal), merge_gap_s=0, duration_s=transcript.duration_s)
    speech_s, beeped_s = _seconds(call.speech), _common(call.speech, windows)
    return CallScore(
        name=call.name,
        duration_s=transcript.duration_s,
        errors=errors,
        personal_s=_seconds(personal),
        personal_beeped_s=_common(personal, windows),
        other_s=speech_s - _common(call.speech, personal),
        other_beeped_s=beeped_s - _common_of_three(call.speech, personal, windows),
        spans=tuple((kind, when.length_s, _common([when], windows)) for kind, when in call.personal),
        recovered=made.recovered,
    )


def _seconds(ranges: Iterable[TimeRange]) -> float:
    return sum(item.length_s for item in ranges)


def _overlap(one: TimeRange, two: TimeRange) -> TimeRange | None:
    start, end = max(one.start_s, two.start_s), min(one.end_s, two.end_s)
    return TimeRange(start_s=start, end_s=end) if start < end else None


def _overlaps(some: Iterable[TimeRange], others: Sequence[TimeRange]) -> list[TimeRange]:
    found = [_overlap(one, two) for one in some for two in others]
    return [item for item in found if item is not None]


def _common(some: Iterable[TimeRange], others: Sequence[TimeRange]) -> float:
    return _seconds(_overlaps(some, others))


def _common_of_three(some: Iterable[TimeRange], others: Sequence[TimeRange], more: Sequence[TimeRange]) -> float:
    return _common(_overlaps(some, others), more)


def _share(calls: Sequence[CallScore], part: str, whole: str) -> float:
    total = sum(getattr(call, whole) for call in calls)
    return float(sum(getattr(call, part) for call in calls) / total) if total else 0.0
