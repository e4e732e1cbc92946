"""Click a word and hear it: each word of a redacted turn has the time of what it says or stands for (U4)."""

import json

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.redaction import Span, SpanType, Turn
from callwarden.model.transcript import RedactedWord, TimeRange
from callwarden.redaction.placeholders import redact
from callwarden.rules.redacted_words import redacted_words
from callwarden.rules.waveform import marked
from tests.rules.test_beep_windows import SAID, call_of, span, turn_of


def words_after(*spans: Span) -> list[tuple[str, float, float]]:
    shown = redact([Turn(speaker="caller", text=SAID.text)], spans)
    return [(word.text, word.start_s, word.end_s) for word in redacted_words(SAID, shown.turns[0].text, spans)]


def test_words_that_stay_keep_their_times_and_a_placeholder_has_that_of_what_it_replaced() -> None:
    assert words_after(span(12, 21)) == [
        ("le", 1.0, 1.2),
        ("code", 1.2, 1.6),
        ("est", 1.6, 1.8),
        ("[SECRET_1],", 2.0, 2.7),
        ("merci", 5, 6),
    ]


def test_a_placeholder_for_several_words_lasts_as_long_as_all_of_them() -> None:
    assert words_after(span(3, 21))[1] == ("[SECRET_1],", 1.2, 2.7)


@given(st.data())
def test_no_word_of_what_was_taken_out_is_left_and_every_other_is_there_once(data: st.DataObject) -> None:
    said = [f"m{number}" for number in range(data.draw(st.integers(1, 12)))]
    turn = turn_of([(word, float(at), at + 0.5) for at, word in enumerate(said)])
    edges = sorted(data.draw(st.sets(st.integers(0, len(said)), max_size=6)))
    taken = list(zip(edges[::2], edges[1::2], strict=False))
    starts = [turn.text.index(word) for word in said]
    spans = [
        Span(
            turn=0,
            start=starts[first],
            end=starts[last - 1] + len(said[last - 1]),
            type=SpanType.PERSON,
            score=1.0,
            explanation="test",
        )
        for first, last in taken
    ]
    text = redact([Turn(speaker="caller", text=turn.text)], spans).turns[0].text
    words = redacted_words(turn, text, spans)
    assert " ".join(word.text for word in words) == text
    covered = {at for first, last in taken for at in range(first, last)}
    kept = [
        RedactedWord(text=word, start_s=float(at), end_s=at + 0.5) for at, word in enumerate(said) if at not in covered
    ]
    assert [word for word in words if not word.text.startswith("[")] == kept
    times = [(word.start_s, word.end_s) for word in words if word.text.startswith("[")]
    assert times == [(float(first), last - 0.5) for first, last in taken]


def test_a_waveform_says_whose_channel_is_which_and_where_beeps_and_pauses_are() -> None:
    agent, pause = turn_of([("bonjour", 0, 1)]), TimeRange(start_s=8, end_s=9.5)
    words = tuple(type(word)(text=word.text, start_s=0, end_s=1, probability=1, channel=0) for word in agent.words)
    call = call_of(type(agent)(speaker="agent", words=words, start_s=0, end_s=1), SAID, pauses=(pause,))
    outline = json.loads(
        marked(b'{"channels":2,"data":[[0,1],[0,2]]}', call, beeps=[TimeRange(start_s=2, end_s=3), pause])
    )
    assert outline == {
        "channels": 2,
        "data": [[0, 1], [0, 2]],
        "lanes": ["agent", "caller"],
        "beeps": [[2, 3], [8, 9.5]],
        "pauses": [[8, 9.5]],
    }


def test_one_channel_is_nobodys() -> None:
    assert json.loads(marked(b'{"channels":1}', call_of(SAID), beeps=()))["lanes"] == ["unknown"]
