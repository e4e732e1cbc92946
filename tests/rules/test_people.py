"""One person is one person, however the account is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.rules.people import is_account_name, person, same_person

BRUNO = ["bruno", "Bruno", "BRUNO", " bruno ", "br uno", "ｂｒｕｎｏ", "brunó", "bru\u200bno", "b\u0301runo", "bruno\n"]
LOOK_ALIKE = ["brunо", "вruno", "bruηo", "brunο", "ьruno", "brun\u0585"]


@pytest.mark.parametrize("written", BRUNO)
def test_capitals_accents_spaces_and_width_make_no_second_person(written: str) -> None:
    assert same_person(written, "bruno")
    assert same_person("bruno", written)
    assert person(written) == "bruno"


@pytest.mark.parametrize("written", LOOK_ALIKE)
def test_a_name_in_letters_that_look_like_others_never_makes_a_second_person(written: str) -> None:
    assert same_person(written, "bruno")
    assert same_person("denise", written)
    assert not is_account_name(written)


@pytest.mark.parametrize("other", ["denise", "bruno2", "b.runo", "bruno@x", "brun0"])
def test_other_accounts_are_other_people(other: str) -> None:
    assert not same_person("bruno", other)


def test_an_older_name_with_accents_is_told_from_others() -> None:
    assert not same_person("élise", "bruno")
    assert same_person("Élise", "elise")


@given(st.text(max_size=12), st.text(max_size=12))
def test_it_is_the_same_both_ways_and_everybody_is_themselves(one: str, other: str) -> None:
    assert same_person(one, one)
    assert same_person(one, other) == same_person(other, one)


@given(st.text(alphabet=st.characters(codec="ascii"), min_size=1, max_size=64))
def test_what_may_be_an_account_name_is_ascii_and_prints(name: str) -> None:
    if is_account_name(name):
        assert name.isascii()
        assert name.isprintable()
        assert " " not in name


@pytest.mark.parametrize("name", ["élise", "ｂｒｕｎｏ", "brunо", "", "bob marley", "x" * 65, "a:b", "a\n", "٣"])
def test_no_other_account_is_accepted(name: str) -> None:
    assert not is_account_name(name)
