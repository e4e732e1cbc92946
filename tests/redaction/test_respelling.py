"""Words of the same sound as a cue or a number are read as that, and only where they cannot be themselves (U4)."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.redaction import KnownFacts, Turn
from callwarden.redaction.evaluate import FIXED_FORM, Mark, Scored, evaluate
from callwarden.redaction.finder import PresidioFinder
from callwarden.redaction.fr.sound import quick, sound
from callwarden.redaction.respelling import Change, Respelled, as_written, changed
from callwarden.redaction.words import WORD
from tests.redaction.misheard_form import as_misheard

GOLD = Path(__file__).parent / "gold"
SETS = ("calls", "hand", "hand6", "hand11")
Respell = Callable[[Sequence[Turn]], Respelled]


def _key(text: str) -> str:
    return quick(sound(match.group() for match in WORD.finditer(text)))


def _gone(finder: PresidioFinder, *texts: str) -> str:
    """The turns, those of two speakers, with a line for each letter and digit that goes."""
    turns = [Turn(speaker=("agent", "caller")[number % 2], text=text) for number, text in enumerate(texts)]
    left = [list(text) for text in texts]
    for span in finder.find(turns, language="fr", known=KnownFacts()):
        for at in range(span.start, span.end):
            left[span.turn][at] = "_" if texts[span.turn][at].isalnum() else texts[span.turn][at]
    return " / ".join("".join(chars) for chars in left)


@pytest.mark.parametrize(
    "same",
    [
        "c'est|s'est|ces|ses|sait|sais|c est",
        "mot de passe|mode passe|mots de passe|mot d'passe",
        "code|côte|cote|cotte|kode",
        "arobase|à robase|a ro base|arrobase",
        "je m'appelle|je ma pelle|je m'apelle",
        "mon|m'on|mont",
        "point|poing|points",
        "tiret|tirer|tirez",
        "téléphone|télé fone|téléfonne",
        "numéro|nu méros|numérot",
        "à l'appareil|à la pareil|à la pareille",
        "dièse|d'yèses",
        "cent|sans|sang",
        "vingt|vin|vain|vins",
        "neuf|neufs|neuve",
        "douze|douce",
        "treize|tresse",
        "sette|set|cet|cette",
    ],
)
def test_what_is_said_alike_has_one_key(same: str) -> None:
    assert len({_key(text) for text in same.split("|")}) == 1


@pytest.mark.parametrize("different", ["code|côté", "mot de passe|mode basse", "tiret|terre", "nom|nous", "douze|deux"])
def test_what_is_said_otherwise_has_another_key(different: str) -> None:
    one, two = different.split("|")
    assert _key(one) != _key(two)


@given(st.text(max_size=40))
def test_any_text_has_a_key(text: str) -> None:
    assert isinstance(_key(text), str)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("le mot de passe s'est tournesol", "le mot de passe s'est _________"),
        ("mon code s'est pivoine", "mon code s'est _______"),
        ("le mode passe ces tournesol", "le mode passe ces _________"),
        ("Le mot de pas sait tournesol.", "Le mot de pas sait _________."),
        ("m'on côte ses pivoine", "m'on côte ses _______"),
        ("Bonjour, je ma pelle Claire Dupuis.", "Bonjour, je ma pelle ______ ______."),
        ("Mon adresse ces julien poing lefebvre à robase exemple poing fr.", None),
        ("julien tirer lefebvre a rose base exemple poing fr", None),
        ("C'est l'un de 41,07, 79, 123, 45, 22.", "C'est l'__ __ __,__, __, ___, __, __."),
        (
            "Zéro sis, douce, trente, cinquante-six, soixante-dix-huit.",
            "____ ___, _____, ______, _________-___, ________-___-____.",
        ),
        ("Le digicode sait quatre sans vin-deux.", "Le digicode sait ______ ____ ___-____."),
        ("Alors set, zéro, neufs, un.", None),
    ],
)
def test_a_misspelled_cue_or_number_is_one(finder: PresidioFinder, text: str, left: str | None) -> None:
    """The words between are gone in the text as it was written, whatever was read."""
    gone = _gone(finder, "Votre numéro, votre adresse mail ?" if left is None else "Je vous écoute.", text)
    if left is None:
        assert not re.search(r"julien|lefebvre|exemple|zéro|neufs", gone.partition(" / ")[2], re.IGNORECASE), gone
    else:
        assert gone.partition(" / ")[2] == left


@pytest.mark.parametrize(
    "text",
    [
        "L'alarme s'est déclenchée deux fois cette nuit.",
        "Le code s'est bloqué.",
        "Mon mari s'est trompé de porte.",
        "Ses parents sont là, ces gens ne partent pas.",
        "Elle sait où se trouve la centrale.",
        "Il y a le bouton coup de poing, il faut tirer dessus.",
        "Le vin est au frais, sans glace, dans cette armoire.",
        "Passez en mode basse consommation, sur le côté gauche.",
        "J'en ai deux de trop, et cet appareil sonne.",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "Sous-titrage ST' 501",
        "Merci d'avoir regardé cette vidéo !",
        "Vous êtes allés sur le site, à orange.fr ?",
    ],
)
def test_ordinary_words_stay_what_they_are(finder: PresidioFinder, text: str) -> None:
    pack, _ = finder.language("fr")
    assert [turn.text for turn in pack.respell([Turn(speaker="caller", text=text)]).turns] == [text]
    assert "_" not in _gone(finder, "Je vous écoute.", text)


def test_the_gold_sets_are_read_as_they_are_written(finder: PresidioFinder) -> None:
    """At most one word in ten thousand of calls written without such mistakes is taken for another."""
    pack, _ = finder.language("fr")
    words = other = 0
    for path in sorted(GOLD.glob("*.jsonl")):
        if not path.stem.startswith("english"):
            for line in path.read_text(encoding="utf-8").splitlines():
                document = json.loads(line)
                texts = [turn["text"] for turn in document.get("turns", [document])]
                read = pack.respell([Turn(speaker="caller", text=text) for text in texts])
                words += sum(len(text.split()) for text in texts)
                other += len(read.edges) // 2
    assert words > 30_000
    assert other <= words / 10_000


def test_calls_are_redacted_as_well_when_their_cues_are_misspelled(finder: PresidioFinder) -> None:
    """Every cue and each third number word of the calls as other words of the same sound."""
    scored: list[Scored] = []
    for name in SETS:
        for line in (GOLD / f"{name}_spoken.jsonl").read_text(encoding="utf-8").splitlines():
            document = as_misheard(json.loads(line))
            turns = [Turn(speaker=turn["speaker"], text=turn["text"]) for turn in document["turns"]]
            found = finder.find(turns, language="fr", known=KnownFacts())
            scored.append(
                Scored(
                    texts=tuple(turn.text for turn in turns),
                    gold=tuple(
                        Mark(turn=s["turn"], start=s["start"], end=s["end"], type=s["type"]) for s in document["spans"]
                    ),
                    found=tuple(Mark(turn=s.turn, start=s.start, end=s.end, type=str(s.type)) for s in found),
                )
            )
    result = evaluate(scored)
    assert (result.recall_of(FIXED_FORM) or 0) >= 0.95
    assert (result.recall or 0) >= 0.95
    assert (result.precision or 0) >= 0.93


texts = st.lists(st.text(alphabet="ab cé", max_size=12), min_size=1, max_size=4)


@st.composite
def respelled(draw: st.DrawFn) -> tuple[list[Turn], list[list[Change]]]:
    turns = [Turn(speaker="caller", text=text) for text in draw(texts)]
    changes: list[list[Change]] = []
    for turn in turns:
        cuts = sorted(draw(st.sets(st.integers(0, len(turn.text)), max_size=6)))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        changes.append(
            [Change(start, end, draw(st.text(alphabet="xyz", min_size=1, max_size=5))) for start, end in pairs]
        )
    return turns, changes


@given(respelled())
def test_every_stretch_leads_back_to_what_was_written(made: tuple[list[Turn], list[list[Change]]]) -> None:
    """What was not changed leads back to itself, a part of what was changed to all that it was made of."""
    turns, changes = made
    read = changed(turns, changes)
    text, written = ("\n".join(turn.text for turn in some) for some in (read.turns, turns))
    at = base = 0
    for turn, ones in zip(turns, changes, strict=True):
        before = base
        for one in [*ones, Change(len(turn.text), len(turn.text), "")]:
            for plain in range(before, base + one.start):
                assert read.back(at, at + 1) == (plain, plain + 1)
                assert text[at] == written[plain]
                at += 1
            for other in range(at, at + len(one.text)):
                assert read.back(other, other + 1) == (base + one.start, base + one.end)
            at, before = at + len(one.text), base + one.end
        at, base = at + 1, base + len(turn.text) + 1


def test_nothing_changed_leads_back_to_itself() -> None:
    turns = [Turn(speaker="caller", text="oui"), Turn(speaker="agent", text="bien")]
    assert as_written(turns).turns == tuple(turns)
    assert as_written(turns).back(2, 7) == (2, 7)
