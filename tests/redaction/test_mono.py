"""Calls of which nobody knows who speaks: one channel, one text, segments that end anywhere (charter U4, U5)."""

import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.redaction import KnownFacts, Span, Turn
from callwarden.model.transcript import Transcript, Word
from callwarden.redaction import redact_dialogue
from callwarden.redaction.evaluate import Evaluation, Mark, Scored, evaluate
from callwarden.redaction.finder import PresidioFinder
from callwarden.redaction.fr.cutting import find_ends
from callwarden.redaction.utterances import utterances
from callwarden.rules.beep_windows import Beeps, beep_windows
from callwarden.rules.turns import make_turns
from tests.redaction.raw_form import FORMS

GOLD = Path(__file__).parent / "gold"
NOBODY = KnownFacts()

PIECES = st.sampled_from(
    ["votre code ?", "Oui.", "M. Roy", "zéro six", "c'est", "\n", " ", "…", "Merci", "tournesol", "?", "\x00", "a . b"]
)
turns = st.lists(
    st.builds(Turn, speaker=st.sampled_from(["unknown", "agent"]), text=st.lists(PIECES, max_size=9).map(" ".join)),
    max_size=5,
)


@given(turns)
def test_cutting_moves_no_character(given_turns: list[Turn]) -> None:
    """What is found in the utterances lies at the same place in the turns."""
    before = "\n".join(t.text for t in given_turns)
    after = "\n".join(t.text for t in utterances(given_turns, find_ends))
    assert len(before) == len(after)
    assert all(a == b or {a, b} == {" ", "\n"} for a, b in zip(before, after, strict=True))


@given(turns)
def test_turns_of_known_speakers_are_left_whole(given_turns: list[Turn]) -> None:
    known = [Turn(speaker=("agent", "caller")[n % 2], text=turn.text) for n, turn in enumerate(given_turns)]
    assert len({t.speaker for t in known}) < 2 or utterances(known, find_ends) == known


@pytest.mark.parametrize(
    ("text", "must_go", "must_stay"),
    [
        ("Quel est votre mot de passe ? Tournesol. Merci, et votre adresse ?", ["Tournesol"], ["votre adresse"]),
        (
            "Le mot de passe ? Alors, c'est Grenadine. Parfait. Et un numéro ? Zéro six, trente-neuf, douze, zéro.",
            ["Grenadine", "Zéro six", "zéro."],
            ["un numéro ?"],
        ),
        (
            "Je peux avoir votre nom ? Kerbrat. Vous prenez un traitement ? De la cortisone. D'accord, je préviens.",
            ["Kerbrat", "cortisone"],
            ["un traitement", "je préviens"],
        ),
        (
            "Quel était le nom de votre premier chien ? Attendez… Pistache, je crois. Très bien, c'est noté.",
            ["Pistache"],
            ["premier chien", "c'est noté"],
        ),
    ],
)
def test_a_question_types_what_follows_it_in_the_same_turn(
    finder: PresidioFinder, text: str, must_go: list[str], must_stay: list[str]
) -> None:
    left = _left(text, finder.find([Turn(speaker="unknown", text=text)], language="fr", known=NOBODY))
    assert not [word for word in must_go if word in left]
    assert [word for word in must_stay if word in left] == must_stay


@pytest.mark.parametrize(
    ("text", "must_go", "must_stay"),
    [
        ("quel est votre mot de passe tournesol merci et votre adresse", ["tournesol"], ["et votre adresse"]),
        (
            "bonjour vous pouvez me donner le mot convenu s'il vous plaît les deux magots très bien je note",
            ["les deux magots"],
            ["s'il vous plaît", "je note"],
        ),
        (
            "il me faut le code du portail de la résidence trente et un soixante-dix d'accord et le badge sept cent un",
            ["trente", "soixante-dix", "sept cent"],
            ["du portail", "et le badge"],
        ),
        (
            "vous prenez des médicaments oui de la cortisone entendu je préviens les secours",
            ["cortisone"],
            ["je préviens les secours"],
        ),
    ],
)
def test_a_question_types_what_follows_it_without_a_mark_as_well(
    finder: PresidioFinder, text: str, must_go: list[str], must_stay: list[str]
) -> None:
    left = _left(text, finder.find([Turn(speaker="unknown", text=text)], language="fr", known=NOBODY))
    assert not [word for word in must_go if word in left]
    assert [word for word in must_stay if word in left] == must_stay


@pytest.mark.parametrize(
    "text",
    ["mot de passe " * 2_500, "alors et alors et " * 2_000, "votre adresse " * 4_000, "« " * 20_000, "oui " * 10_000,
     "le mot de passe c'est je crois que " * 1_500, "." * 50_000, " " * 50_000, "votre numéro de la " * 2_000],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_no_text_is_cut_slowly(text: str) -> None:
    start = time.thread_time()
    utterances([Turn(speaker="unknown", text=f"oui {text}")], find_ends)
    assert time.thread_time() - start < 20


def test_an_answer_cut_in_two_by_a_segment_goes_in_both(finder: PresidioFinder) -> None:
    texts = ["Quel est votre mot de passe ? La grande", "ourse. Merci, je", "regarde votre dossier."]
    found = finder.find([Turn(speaker="unknown", text=text) for text in texts], language="fr", known=NOBODY)
    left = [_left(text, [s for s in found if s.turn == n]) for n, text in enumerate(texts)]
    assert ("grande" in left[0], "ourse" in left[1], left[2]) == (False, False, texts[2])


def test_in_sound_the_answer_is_beeped_wherever_a_pause_cuts_it(finder: PresidioFinder) -> None:
    """One channel, a turn a pause: question and answer in one turn, the answer in two."""
    said = [
        ("Votre", 0.0), ("mot", 0.3), ("de", 0.5), ("passe", 0.7), ("?", 1.0), ("La", 1.2), ("grande", 1.4),
        ("ourse.", 2.9), ("Merci,", 4.0), ("je", 4.3), ("regarde.", 4.5),
    ]  # fmt: skip
    words = [Word(text=t, start_s=at, end_s=at + 0.2, probability=0.9, channel=0) for t, at in said]
    made = make_turns(words, speakers=("unknown",))
    assert [turn.text for turn in made] == ["Votre mot de passe ? La grande", "ourse.", "Merci, je regarde."]
    spans = finder.find([Turn(speaker=t.speaker, text=t.text) for t in made], language="fr", known=NOBODY)
    transcript = Transcript(
        recording_id=RecordingId("r"), language="fr", model="none", duration_s=5, turns=made, speech_without_words=(),
        pauses=(),
    )  # fmt: skip
    placed = beep_windows(spans, transcript, pad_s=0.1, merge_gap_s=0.1)
    assert isinstance(placed, Beeps)
    beeped = {word.text for word in words for w in placed.windows if w.start_s < word.end_s and word.start_s < w.end_s}
    assert beeped >= {"grande", "ourse."}
    assert not beeped & {"Votre", "mot", "passe", "Merci,", "regarde."}


def test_a_note_without_a_dialogue_is_no_call(finder: PresidioFinder) -> None:
    """Clinical notes are about nothing but health: policy keeps them in, not redaction."""
    note = "Antécédents de diabète de type 2. Le patient décrit des vertiges. Pas de fièvre."
    assert not finder.find([Turn(speaker="unknown", text=note)], language="fr", known=NOBODY)


@pytest.fixture(scope="module")
def score_as(finder: PresidioFinder) -> Callable[[str], Evaluation]:
    """Some calls scored in a form, once each."""
    names = ("hand6_spoken", "hand8_spoken", "hand9_spoken", "hand11_spoken")
    documents = [json.loads(d) for n in names for d in (GOLD / f"{n}.jsonl").read_text(encoding="utf-8").splitlines()]
    return cache(lambda form: evaluate(_scored(finder, [FORMS[form](d) for d in documents])))


@pytest.mark.parametrize(
    ("form", "points"), [("mono", 0.02), ("one text", 0.02), ("segments", 0.02), ("one text, heard", 0.04)]
)
def test_calls_on_one_channel_score_as_those_on_two(
    score_as: Callable[[str], Evaluation], form: str, points: float
) -> None:
    stereo, mono = score_as("stereo, heard" if "heard" in form else "stereo"), score_as(form)
    assert (mono.recall or 0) >= (stereo.recall or 0) - points
    assert (mono.precision or 0) >= 0.93
    for kind, score in ((k, s) for k, s in mono.by_type.items() if s.spans):
        assert score.covered >= min(0.85 * score.spans, stereo.by_type[kind].covered), kind


def _left(text: str, spans: list[Span]) -> str:
    for span in reversed(spans):
        text = text[: span.start] + "█" + text[span.end :]
    return text


def _scored(finder: PresidioFinder, documents: list[dict[str, Any]]) -> list[Scored]:
    calls = [[Turn(speaker=t["speaker"], text=t["text"]) for t in d["turns"]] for d in documents]
    found = finder.find_many(calls, language="fr", known=[NOBODY] * len(calls))
    return [
        Scored(
            texts=tuple(turn.text for turn in call),
            gold=tuple(Mark(turn=s["turn"], start=s["start"], end=s["end"], type=s["type"]) for s in document["spans"]),
            found=tuple(Mark(turn=s.turn, start=s.start, end=s.end, type=str(s.type)) for s in spans),
        )
        for document, call, spans in zip(documents, calls, found, strict=True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Votre mot de passe ?\nC'est tournesol.",
        "Bonjour\n\nvotre mot de passe ?\ntournesol\n\nmerci",
        "Agent : Bonjour, votre mot de passe ?\nClient : tournesol\nAgent : Merci, c'est noté.",
    ],
)
def test_lines_of_one_text_are_read_as_talk(text: str) -> None:
    spoken = redact_dialogue([Turn(speaker="unknown", text=text)]).turns[0].text
    assert "tournesol" not in spoken
    assert spoken.count("\n") == text.count("\n")
    assert [line.split(" : ")[0] for line in spoken.split("\n") if " : " in line] == [
        line.split(" : ")[0] for line in text.split("\n") if " : " in line
    ], "who speaks stays"
