"""Transcripts as JSON bytes, one form each, with the form's name and version in front."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from callwarden.errors import InvariantError
from callwarden.model.ids import RecordingId
from callwarden.model.transcript import (
    KeyedTones,
    RedactedTranscript,
    RedactedTurn,
    RedactedWord,
    TimeRange,
    Transcript,
    TranscriptTurn,
    Word,
)

TRANSCRIPT = "callwarden.transcript/1"
REDACTED = "callwarden.redacted-transcript/1"


class StoredTranscriptError(InvariantError):
    """Stored bytes are not a transcript of the form asked for. Says where, never what."""


class JsonTranscriptCodec:
    """`callwarden.ports.speech.TranscriptCodec`."""

    def encode(self, transcript: Transcript) -> bytes:
        return _bytes(
            {
                "form": TRANSCRIPT,
                "recording_id": transcript.recording_id,
                "language": transcript.language,
                "model": transcript.model,
                "duration_s": transcript.duration_s,
                "turns": [
                    {
                        "speaker": turn.speaker,
                        "start_s": turn.start_s,
                        "end_s": turn.end_s,
                        "words": [
                            [word.text, word.start_s, word.end_s, word.probability, word.channel] for word in turn.words
                        ],
                    }
                    for turn in transcript.turns
                ],
                "speech_without_words": _pairs(transcript.speech_without_words),
                "pauses": _pairs(transcript.pauses),
                "tones": [
                    {
                        "start_s": keyed.when.start_s,
                        "end_s": keyed.when.end_s,
                        "channels": keyed.channels,
                        "speaker": keyed.speaker,
                        "card": keyed.card,
                    }
                    for keyed in transcript.tones
                ],
            }
        )

    def decode(self, data: bytes) -> Transcript:
        document = _document(data, TRANSCRIPT)
        try:
            return Transcript(
                recording_id=RecordingId(document["recording_id"]),
                language=document["language"],
                model=document["model"],
                duration_s=float(document["duration_s"]),
                turns=tuple(
                    TranscriptTurn(
                        speaker=turn["speaker"],
                        start_s=float(turn["start_s"]),
                        end_s=float(turn["end_s"]),
                        words=tuple(
                            Word(
                                text=text,
                                start_s=float(start),
                                end_s=float(end),
                                probability=float(sure),
                                channel=channel,
                            )
                            for text, start, end, sure, channel in turn["words"]
                        ),
                    )
                    for turn in document["turns"]
                ),
                speech_without_words=_ranges(document["speech_without_words"]),
                pauses=_ranges(document["pauses"]),
                tones=tuple(_tones(keyed) for keyed in document.get("tones", ())),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise StoredTranscriptError(f"not a {TRANSCRIPT}: {type(error).__name__}") from None

    def encode_redacted(self, transcript: RedactedTranscript) -> bytes:
        return _bytes(
            {
                "form": REDACTED,
                "recording_id": transcript.recording_id,
                "language": transcript.language,
                "redaction_version": transcript.redaction_version,
                "verified": transcript.verified,
                "duration_s": transcript.duration_s,
                "turns": [
                    {
                        "speaker": turn.speaker,
                        "start_s": turn.start_s,
                        "end_s": turn.end_s,
                        "text": turn.text,
                        **(
                            {"words": [[word.text, word.start_s, word.end_s] for word in turn.words]}
                            if turn.words
                            else {}
                        ),
                    }
                    for turn in transcript.turns
                ],
                "beeped": _pairs(transcript.beeped),
            }
        )

    def decode_redacted(
        self, data: bytes, *, worded: Callable[[Sequence[tuple[float, float]]], range] | None = None
    ) -> RedactedTranscript:
        document = _document(data, REDACTED)
        try:
            times = [(float(turn["start_s"]), float(turn["end_s"])) for turn in document["turns"]]
            wanted = range(len(times)) if worded is None else worded(times)
            return RedactedTranscript(
                recording_id=RecordingId(document["recording_id"]),
                language=document["language"],
                redaction_version=document["redaction_version"],
                duration_s=float(document["duration_s"]),
                turns=tuple(
                    RedactedTurn(
                        speaker=turn["speaker"],
                        text=turn["text"],
                        start_s=times[number][0],
                        end_s=times[number][1],
                        words=tuple(
                            RedactedWord(text=text, start_s=float(start), end_s=float(end))
                            for text, start, end in (turn.get("words", ()) if number in wanted else ())
                        ),
                    )
                    for number, turn in enumerate(document["turns"])
                ),
                beeped=_ranges(document["beeped"]),
                verified=document["verified"] is True,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise StoredTranscriptError(f"not a {REDACTED}: {type(error).__name__}") from None


def _tones(keyed: dict[str, Any]) -> KeyedTones:
    return KeyedTones(
        when=TimeRange(start_s=float(keyed["start_s"]), end_s=float(keyed["end_s"])),
        channels=tuple(int(channel) for channel in keyed["channels"]),
        speaker=keyed["speaker"],
        card=keyed["card"] is True,
    )


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _document(data: bytes, form: str) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except ValueError:
        raise StoredTranscriptError(f"not a {form}: not JSON") from None
    if not isinstance(document, dict) or document.get("form") != form:
        raise StoredTranscriptError(f"not a {form}")
    return document


def _pairs(ranges: tuple[TimeRange, ...]) -> list[list[float]]:
    return [[item.start_s, item.end_s] for item in ranges]


def _ranges(pairs: list[list[float]]) -> tuple[TimeRange, ...]:
    return tuple(TimeRange(start_s=float(start), end_s=float(end)) for start, end in pairs)
