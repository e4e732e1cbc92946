"""Reading a password out of an answer ends, stays inside the turn and goes forward (charter U4; fails closed)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.redaction.fr.secret_answer import alternatives, choose, read_values

PIECES = [
    "c'est", "c'était", "je crois", "que", "euh", "mettez", "on a mis", "le mot de passe", "mon chien", "s'appelait",
    "Non",
    "ou alors", "qui l'a changé", "tournesol", "Belle-Île", "douze", "12", "d'abord", "prenez", "j'ai", "ça", "?",
    ".", ",", "!",
    "…", "«", "»", "'", "-", "\n", "ez", "à", "#*", "on doit dire",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join), st.booleans(), st.booleans())
def test_values_lie_in_the_turn_in_order_and_begin_and_end_with_a_sign(text: str, told: bool, asking: bool) -> None:
    values = list(read_values(text, told=told, asking=asking))
    for value in values:
        assert 0 <= value.start < value.end <= len(text)
        assert text[value.start].isalnum()
    for before, after in pairwise(values):
        assert before.end <= after.start


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join), st.booleans())
def test_what_is_chosen_was_read_and_nothing_is_chosen_twice(text: str, late: bool) -> None:
    values = list(read_values(text, asking=True))
    chosen = choose(values, late=late)
    instead = alternatives(text, [*chosen, *(v for v in values if v not in chosen)])
    assert set(chosen) <= set(values)
    assert set(instead) <= set(values)
    assert not set(chosen) & set(instead)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Euh, je crois que c'est grand huit.", ["grand huit"]),
        ("Le corbeau et le renard.", ["Le corbeau et le renard"]),
        ("on avait un chat euh Mistigri", ["Mistigri"]),
        ("mettez pamplemousse rose je le retiendrai", ["pamplemousse rose"]),
        ("Je suis la voisine, je n'ai pas ça.", []),
        ("Lequel, celui de l'alarme ?", []),
        ("Patientez, je regarde dans mon agenda.", []),
        ("On doit dire j'attends le plombier.", ["j'attends le plombier"]),
    ],
)
def test_an_answer_is_taken_by_the_clause(text: str, values: list[str]) -> None:
    assert [text[v.start : v.end] for v in choose(list(read_values(text, asking=True)), late=False)] == values
