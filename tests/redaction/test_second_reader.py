"""The learned reader beside the rules: what it adds and drops, and what happens without it (U4, U5)."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callwarden.model.redaction import KnownFacts, RedactionPolicy, Turn
from callwarden.ports.pii import ModelMissingError
from callwarden.redaction import build_finder, redaction_version
from callwarden.redaction.finder import PresidioFinder
from callwarden.redaction.fr.second_reader import WEIGHTS, SecondReader
from callwarden.redaction.network import load_networks, save_networks
from callwarden.redaction.version import recognisers_version

NOBODY = KnownFacts()
HOUSE = Path(__file__).parents[2] / "pipeline" / "redaction"


def _call(*lines: str) -> list[Turn]:
    """Agent and caller in turn."""
    return [Turn(speaker=("agent", "caller")[at % 2], text=line) for at, line in enumerate(lines)]


UNSEEN = _call(
    "Télésurveillance bonjour.",
    "Bonjour, j'ai déclenché en rentrant.",
    "Et on s'était mis d'accord sur quoi, pour vous reconnaître ?",
    "Girouette cuivrée.",
    "Parfait, j'annule.",
)
GUESSED = _call(
    "Service clients bonjour.",
    "Bonjour, le mot de passe ne marche plus.",
    "C'est une panne générale, on le réinitialise pour tout le monde.",
    "Donc c'est pas moi qui suis bête.",
    "Non, rassurez-vous, tout sera rétabli dans la journée.",
)


@pytest.fixture(scope="module")
def rules(policy: RedactionPolicy) -> PresidioFinder:
    return build_finder(replace(policy, learned=False, time_budget_s=600))


def _gone(finder: PresidioFinder, call: list[Turn]) -> str:
    spans = finder.find(call, language="fr", known=NOBODY)
    return " | ".join(call[one.turn].text[one.start : one.end] for one in spans)


def test_it_finds_what_no_rule_foresaw(finder: PresidioFinder, rules: PresidioFinder) -> None:
    assert _gone(rules, UNSEEN) == ""
    assert _gone(finder, UNSEEN) == "Girouette cuivrée"


def test_it_drops_what_a_rule_only_guessed(finder: PresidioFinder, rules: PresidioFinder) -> None:
    assert "panne générale" in _gone(rules, GUESSED)
    assert _gone(finder, GUESSED) == ""


def test_it_never_drops_what_has_a_form(finder: PresidioFinder) -> None:
    """A number that stands where nobody expects one goes all the same."""
    number = "zéro six, trente-neuf, quatre-vingt-dix-huit, zéro un, dix-sept"
    call = _call("Il fait beau chez vous ?", f"Oui, grand soleil, {number}.", "Ici aussi, bonne journée.")
    assert number in _gone(finder, call)


def test_two_readers_of_the_same_weights_read_the_same(policy: RedactionPolicy, finder: PresidioFinder) -> None:
    again = build_finder(replace(policy, time_budget_s=600))
    assert again.find(UNSEEN, language="fr", known=NOBODY) == finder.find(UNSEEN, language="fr", known=NOBODY)


def test_its_reasons_quote_nobody(finder: PresidioFinder) -> None:
    for one in finder.find(UNSEEN, language="fr", known=NOBODY):
        assert UNSEEN[one.turn].text[one.start : one.end] not in one.explanation


def test_missing_weights_are_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"absent.weights\) is missing: install callwarden again, or set"):
        load_networks(tmp_path / "absent.weights", {})


@pytest.mark.parametrize("at", [0, 5000, -1])
def test_altered_weights_are_refused(tmp_path: Path, at: int) -> None:
    data = bytearray(WEIGHTS.read_bytes())
    data[at] ^= 1
    (tmp_path / "altered.weights").write_bytes(data)
    with pytest.raises(ModelMissingError, match="is not what was shipped"):
        load_networks(tmp_path / "altered.weights", {})


def test_a_model_with_other_vectors_is_refused(finder: PresidioFinder) -> None:
    dictionary = finder.language("fr")[0].dictionary
    with pytest.raises(ModelMissingError, match="taught with other vectors than there are"):
        SecondReader(replace(dictionary, vectors=None))  # type: ignore[type-var]  # a dataclass of the language's own


def test_the_same_weights_are_written_the_same(tmp_path: Path) -> None:
    save_networks(load_networks(WEIGHTS, {}), tmp_path / "again.weights")
    assert (tmp_path / "again.weights").read_bytes() == WEIGHTS.read_bytes()


def test_other_weights_and_a_reader_set_aside_make_another_version(policy: RedactionPolicy, tmp_path: Path) -> None:
    for name in ("same", "other"):
        shutil.copytree(HOUSE, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    networks = load_networks(WEIGHTS, {})
    networks[0].weights["out_bias"][0] += np.float32(1)
    save_networks(networks, tmp_path / "other" / "fr" / WEIGHTS.name)
    assert recognisers_version(tmp_path / "same") == recognisers_version()
    assert recognisers_version(tmp_path / "other") != recognisers_version()
    assert redaction_version(policy) != redaction_version(replace(policy, learned=False))
