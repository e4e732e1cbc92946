"""What a person gets to read of their own call: exact, and nothing of anybody else (D5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.redaction import Span, SpanType, Turn
from callwarden.model.transcript import (
    KeyedTones,
    RedactedTranscript,
    RedactedTurn,
    TimeRange,
    Transcript,
    TranscriptTurn,
    Word,
)
from callwarden.redaction.placeholders import redact
from callwarden.rules.access_copy import CopyTurn, Masked, OwnFacts, own_copy
from callwarden.rules.keyed_turns import with_keyed_turns

OWN = OwnFacts(texts=("Hélène Marchand", "+33612345678", "C-88213", "Mme Hélène Marie Marchand"))
SPOKEN = tuple[str, str, str]


def call(*turns: list[str | tuple[str, SpanType]], speaker: str = "caller") -> tuple[Transcript, RedactedTranscript]:
    """A call and its redaction: of each turn the pieces, those with a type taken out."""
    spans, texts = list[Span](), list[str]()
    for number, pieces in enumerate(turns):
        text = ""
        for piece in pieces:
            said, kind = piece if isinstance(piece, tuple) else (piece, None)
            start = len(text)
            text += said
            if kind is not None:
                spans.append(Span(turn=number, start=start, end=len(text), type=kind, score=1.0, explanation="told"))
        texts.append(text)
    original = Transcript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        model="m",
        duration_s=60.0,
        turns=tuple(
            TranscriptTurn(
                speaker=speaker,
                words=tuple(
                    Word(text=w, start_s=n, end_s=n + 0.5, probability=0.9, channel=0) for w in text.split(" ")
                ),
                start_s=float(n),
                end_s=n + 0.5,
            )
            for n, text in enumerate(texts)
        ),
        speech_without_words=(),
        pauses=(),
    )
    return original, of(original, redact([Turn(speaker=speaker, text=text) for text in texts], spans).turns)


def of(original: Transcript, turns: tuple[Turn, ...]) -> RedactedTranscript:
    return RedactedTranscript(
        recording_id=original.recording_id,
        language="fr",
        redaction_version="v",
        duration_s=60.0,
        turns=tuple(
            RedactedTurn(speaker=turn.speaker, text=turn.text, start_s=heard.start_s, end_s=heard.end_s)
            for turn, heard in zip(turns, original.turns, strict=True)
        ),
        beeped=(),
        verified=True,
    )


def shown(turns: tuple[CopyTurn, ...]) -> list[str]:
    return [
        "".join(part if isinstance(part, str) else f"<{part.type or 'keys'}>" for part in turn.parts) for turn in turns
    ]


def theirs(text: str) -> bool:
    return OWN.hold(text, name=False)


PERSON, PHONE, PLACE, NUMBER = SpanType.PERSON, SpanType.PHONE, SpanType.LOCATION, SpanType.ID_NUMBER


@pytest.mark.parametrize(
    ("pieces", "reads"),
    [
        (["Je suis ", ("Hélène Marchand", PERSON), "."], "Je suis Hélène Marchand."),
        (["Madame ", ("helene MARCHAND", PERSON)], "Madame helene MARCHAND"),
        (["mon mari, ", ("Paul Marchand", PERSON)], "mon mari, <PERSON>"),
        (["ma fille, ", ("Marie Marchand", PERSON)], "ma fille, <PERSON>"),
        (["ici ", ("Hélène", PERSON)], "ici <PERSON>"),  # perhaps the adviser's first name
        ([("madame Marchand", PERSON)], "<PERSON>"),  # perhaps another madame Marchand
        (["au ", ("06 12 34 56 78", PHONE)], "au 06 12 34 56 78"),
        (["au ", ("0033 612-34-56-78", PHONE)], "au 0033 612-34-56-78"),
        (["au ", ("06 99 99 99 99", PHONE)], "au <PHONE>"),
        (["dossier ", ("C 88213", NUMBER)], "dossier C 88213"),
        (["dossier ", ("C 88214", NUMBER)], "dossier <ID_NUMBER>"),
        (["au ", ("12 rue des Lilas", PLACE)], "au <LOCATION>"),
        ([("Hélène Marchand", PERSON), " ", ("Paul Dupont", PERSON)], "<PERSON> <PERSON>"),  # two ways to read it
        (["Bonjour"], "Bonjour"),
    ],
)
def test_what_is_known_to_be_theirs_is_readable_and_all_else_stays_masked(
    pieces: list[str | tuple[str, SpanType]], reads: str
) -> None:
    original, redacted = call(pieces)
    assert shown(own_copy(redacted, original, OWN)) == [reads]


def test_what_the_officer_says_is_theirs_is_theirs() -> None:
    original, redacted = call([("12 rue des Lilas", PLACE), " chez ", ("madame Marchand", PERSON)])
    own = OwnFacts(texts=("12 rue des Lilas, 79000 Niort", "Madame Marchand"))
    assert shown(own_copy(redacted, original, own)) == ["12 rue des Lilas chez madame Marchand"]


def test_keys_that_were_pressed_stay_masked_and_the_turns_around_them_still_fit() -> None:
    original, _ = call(["Je suis ", ("Hélène Marchand", PERSON)])
    keyed = KeyedTones(when=TimeRange(start_s=5.0, end_s=6.0), channels=(0,), speaker="caller", card=False)
    whole = with_keyed_turns(
        Transcript(**{name: getattr(original, name) for name in original.__slots__} | {"tones": (keyed,)})
    )
    redacted = of(whole, (Turn(speaker="caller", text="Je suis [PERSON_1]"), Turn(speaker="caller", text="[DTMF]")))
    assert shown(own_copy(redacted, whole, OWN)) == ["Je suis Hélène Marchand", "<keys>"]


def test_without_the_transcript_that_was_redacted_everything_stays_masked() -> None:
    original, redacted = call(["Je suis ", ("Hélène Marchand", PERSON)])
    other, _ = call(["Moi, je suis Hélène Marchand"], ["et encore"])
    retold, _ = call(["Nous sommes Hélène Marchand"])
    for what in (None, other, retold):
        assert shown(own_copy(redacted, what, OWN)) == ["Je suis <PERSON>"]
    assert original is not None


NAMES = st.sampled_from(
    ["Hélène Marchand", "Paul Marchand", "Karim Benali", "06 99 99 99 99", "06 12 34 56 78", "a", " a"]
)
PIECES = st.lists(st.one_of(st.sampled_from(["a", " a ", "je ", " et "]), st.tuples(NAMES, st.sampled_from(SpanType))))


@given(turns=st.lists(PIECES, min_size=1, max_size=4))
def test_a_copy_holds_nothing_that_was_taken_out_but_what_is_theirs(
    turns: list[list[str | tuple[str, SpanType]]],
) -> None:
    """Between any words at all: what comes back is a whole stretch that was taken out, and one that is theirs."""
    original, redacted = call(*turns)
    for pieces, turn in zip(turns, own_copy(redacted, original, OWN), strict=True):
        taken = [piece[0] for piece in pieces if isinstance(piece, tuple)]
        kept = "".join(piece for piece in pieces if isinstance(piece, str))
        masked = sum(isinstance(part, Masked) for part in turn.parts)
        back = "".join(part for part in turn.parts if isinstance(part, str))
        assert len(back) <= len(kept) + sum(len(text) for text in taken if theirs(text))
        assert masked >= sum(not theirs(text) for text in taken)
        assert not any(name in back for name in ("Karim", "Paul", "06 99"))
