"""What figures are made of: who took a call, how soon, and how long each spoke (U6)."""

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.recording import Measured
from callwarden.model.transcript import Transcript, TranscriptTurn
from callwarden.rules.measured import with_speech

tenths = st.integers(0, 600)
turns = st.lists(st.tuples(st.sampled_from(["agent", "caller"]), tenths, tenths), max_size=8)


def said(*spoken: tuple[str, float, float], duration_s: float = 60.0) -> Transcript:
    return Transcript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        model="none",
        duration_s=duration_s,
        turns=tuple(TranscriptTurn(speaker=who, words=(), start_s=start, end_s=end) for who, start, end in spoken),
        speech_without_words=(),
        pauses=(),
    )


def test_each_speaks_from_the_first_word_of_a_turn_to_its_last_and_the_rest_is_silence() -> None:
    of_it = with_speech(
        Measured(team="day", answered_after_s=7.2),
        said(("agent", 0.0, 10.0), ("caller", 8.0, 20.0), ("caller", 15.0, 18.0), ("agent", 30.0, 31.5)),
    )
    assert of_it == Measured(team="day", answered_after_s=7.2, agent_s=11.5, caller_s=12.0, silence_s=38.5)


def test_where_nobody_knows_who_speaks_only_the_silence_is_known() -> None:
    assert with_speech(None, said(("agent", 0.0, 1.0), ("unknown", 2.0, 4.0))) == Measured(silence_s=57.0)


@given(turns)
def test_nothing_is_counted_twice_however_turns_overlap(spoken: list[tuple[str, int, int]]) -> None:
    of_it = with_speech(None, said(*((who, min(a, b) / 10, max(a, b) / 10) for who, a, b in spoken)))
    heard = {
        who: {tenth for one, a, b in spoken if one == who for tenth in range(min(a, b), max(a, b))}
        for who in ("agent", "caller")
    }
    assert of_it.agent_s == len(heard["agent"]) / 10
    assert of_it.caller_s == len(heard["caller"]) / 10
    assert of_it.silence_s == round(60 - len(heard["agent"] | heard["caller"]) / 10, 3)
