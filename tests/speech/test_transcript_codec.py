"""What is stored of a transcript, and that the two kinds are never taken for each other (U4, I8)."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.speech.codec import JsonTranscriptCodec, StoredTranscriptError
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

CODEC = JsonTranscriptCodec()
seconds = st.floats(min_value=0, max_value=20_000)
ranges = st.tuples(seconds, seconds).map(lambda pair: TimeRange(start_s=min(pair), end_s=max(pair)))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = st.builds(
    Word, text=texts, start_s=seconds, end_s=seconds, probability=st.floats(0, 1), channel=st.integers(0, 1)
)
turns = st.builds(
    TranscriptTurn,
    speaker=st.sampled_from(["agent", "caller", "unknown"]),
    words=st.lists(words, max_size=4).map(tuple),
    start_s=seconds,
    end_s=seconds,
)
transcripts = st.builds(
    Transcript,
    recording_id=st.just(RecordingId("rec-1")),
    language=st.just("fr"),
    model=st.just("base@sha256:00"),
    duration_s=seconds,
    turns=st.lists(turns, max_size=3).map(tuple),
    speech_without_words=st.lists(ranges, max_size=2).map(tuple),
    pauses=st.lists(ranges, max_size=2).map(tuple),
    tones=st.lists(
        st.builds(
            KeyedTones,
            when=ranges,
            channels=st.sampled_from([(0,), (1,), (1, 0)]),
            speaker=st.sampled_from(["agent", "caller", "unknown"]),
            card=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)
redacted = st.builds(
    RedactedTranscript,
    recording_id=st.just(RecordingId("rec-1")),
    language=st.just("fr"),
    redaction_version=texts,
    duration_s=seconds,
    turns=st.lists(st.builds(RedactedTurn, speaker=texts, text=texts, start_s=seconds, end_s=seconds), max_size=3).map(
        tuple
    ),
    beeped=st.lists(ranges, max_size=3).map(tuple),
    verified=st.booleans(),
)


@given(transcripts)
def test_a_transcript_comes_back_as_it_was(transcript: Transcript) -> None:
    assert CODEC.decode(CODEC.encode(transcript)) == transcript


@given(transcripts)
def test_a_transcript_stored_before_tones_were_looked_for_has_none(transcript: Transcript) -> None:
    document = json.loads(CODEC.encode(transcript))
    del document["tones"]
    assert CODEC.decode(json.dumps(document).encode()) == replace(transcript, tones=())


@given(redacted)
def test_a_redacted_transcript_comes_back_as_it_was(transcript: RedactedTranscript) -> None:
    assert CODEC.decode_redacted(CODEC.encode_redacted(transcript)) == transcript


@given(redacted, st.integers(0, 3), st.integers(0, 3))
def test_of_a_long_call_the_words_of_the_wanted_turns_alone_are_read(
    transcript: RedactedTranscript, first: int, last: int
) -> None:
    words = (RedactedWord(text="oui", start_s=0.0, end_s=0.5),)
    turns = tuple(replace(turn, words=words) for turn in transcript.turns)
    whole = replace(transcript, turns=turns)
    read = CODEC.decode_redacted(CODEC.encode_redacted(whole), worded=lambda times: range(first, last))
    wanted = tuple(
        turn if number in range(first, last) else replace(turn, words=()) for number, turn in enumerate(turns)
    )
    assert read == replace(whole, turns=wanted)


@given(transcripts, redacted)
def test_neither_is_read_as_the_other(original: Transcript, shown: RedactedTranscript) -> None:
    with pytest.raises(StoredTranscriptError):
        CODEC.decode_redacted(CODEC.encode(original))
    with pytest.raises(StoredTranscriptError):
        CODEC.decode(CODEC.encode_redacted(shown))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"form":"callwarden.transcript/1"}', b"null"])
def test_other_bytes_are_refused_without_repeating_them(data: bytes) -> None:
    with pytest.raises(StoredTranscriptError, match="not a callwarden"):
        CODEC.decode(data)


def test_what_was_said_is_not_printed() -> None:
    said = Word(text="tournesol", start_s=0, end_s=1, probability=1, channel=0)
    turn = TranscriptTurn(speaker="caller", words=(said,), start_s=0, end_s=1)
    shown = RedactedTurn(speaker="caller", text="tournesol", start_s=0, end_s=1)
    assert "tournesol" not in repr(turn) + repr(said) + repr(shown)
