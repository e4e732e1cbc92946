"""What a second listening still gives away (U4, I8), and what it does not."""

import pytest

from callwarden.model.ids import RecordingId
from callwarden.model.redaction import Span, SpanType
from callwarden.model.transcript import HeardAgain, TimeRange, Transcript, TranscriptTurn, Word
from callwarden.rules.second_listening import heard_again, tokens


def call(*turns: str, start: float = 0.0) -> Transcript:
    """Turns of words, half a second each."""
    made = []
    at = start
    for text in turns:
        words = []
        for part in text.split():
            words.append(Word(text=part, start_s=at, end_s=at + 0.5, probability=0.9, channel=0))
            at += 0.5
        made.append(TranscriptTurn(speaker="caller", words=tuple(words), start_s=words[0].start_s, end_s=at))
    return Transcript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        model="test",
        duration_s=at + 1,
        turns=tuple(made),
        speech_without_words=(),
        pauses=(),
    )


def span_of(transcript: Transcript, text: str, kind: SpanType) -> tuple[Span, TimeRange]:
    for index, turn in enumerate(transcript.turns):
        at = turn.text.find(text)
        if at >= 0:
            said = turn.words_at(at, at + len(text))
            found = Span(turn=index, start=at, end=at + len(text), type=kind, score=0.9, explanation="test")
            return found, TimeRange(start_s=said[0].start_s, end_s=said[-1].end_s)
    raise AssertionError(text)


FIRST = call("le mot de passe est tournesol merci bien", "je note tournesol et je vous rappelle")


def test_nothing_is_heard_again_when_all_of_it_is_beeped() -> None:
    span, window = span_of(FIRST, "tournesol", SpanType.SECRET)
    second = call("le mot de passe est", start=0.0)
    assert heard_again(FIRST, [span], second, [window]) == ()


def test_a_secret_said_twice_and_found_once_is_heard_elsewhere() -> None:
    span, window = span_of(FIRST, "tournesol", SpanType.SECRET)
    (heard,) = heard_again(FIRST, [span], FIRST, [window])
    assert heard.how is HeardAgain.SAID_ELSEWHERE
    assert heard.when == TimeRange(start_s=5.0, end_s=5.5)


def test_a_secret_beside_its_beep_is_heard() -> None:
    span, window = span_of(FIRST, "tournesol", SpanType.SECRET)
    late = TimeRange(start_s=window.start_s + 0.4, end_s=window.end_s + 0.4)
    findings = heard_again(call("le mot de passe est tournesol merci"), [span], FIRST, [late])
    assert HeardAgain.BESIDE_WINDOW in {heard.how for heard in findings}


def test_the_accents_and_the_spelling_of_case_do_not_hide_a_name() -> None:
    first = call("madame Hélène Marchand bonjour", "merci HELENE")
    span, window = span_of(first, "Hélène Marchand", SpanType.PERSON)
    assert [heard.when.start_s for heard in heard_again(first, [span], first, [window])] == [2.5]


def test_common_words_of_a_long_address_said_elsewhere_give_nothing_away() -> None:
    first = call("au douze rue des Lilas à Villeurbanne", "la rue est barrée et vingt voitures attendent")
    span, window = span_of(first, "douze rue des Lilas à Villeurbanne", SpanType.LOCATION)
    assert heard_again(first, [span], first, [window]) == ()


def test_two_words_in_a_row_of_a_long_secret_give_it_away() -> None:
    first = call("la réponse est notre petit chalet rouge au bord du lac", "ah oui petit chalet joli")
    span, window = span_of(first, "notre petit chalet rouge au bord du lac", SpanType.SECRET)
    assert [heard.how for heard in heard_again(first, [span], first, [window])] == [HeardAgain.SAID_ELSEWHERE]


@pytest.mark.parametrize("number", ["0612345678", "4417"])
def test_a_number_of_four_digits_is_known_by_itself(number: str) -> None:
    first = call(f"c'est le {number} voilà", f"donc {number} merci")
    span, window = span_of(first, number, SpanType.PHONE)
    assert len(heard_again(first, [span], first, [window])) == 1


def test_a_word_mostly_under_a_beep_is_the_recognisers_own_invention() -> None:
    span, window = span_of(FIRST, "tournesol", SpanType.SECRET)
    both = [window, TimeRange(start_s=4.9, end_s=5.3)]
    assert heard_again(FIRST, [span], FIRST, both) == ()


def test_punctuation_is_no_part_of_a_word() -> None:
    assert tokens("L'été-97,") == ["l", "ete", "97"]
