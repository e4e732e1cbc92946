"""Two spellings of a telephone number are one caller: an objection by number finds every call of it (R3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.numbers import PhoneNumberPlan
from callwarden.ports.numbers import NumberPlan

PLAN: NumberPlan = PhoneNumberPlan()


@pytest.mark.parametrize(
    "spelling",
    [
        "+33612345678",
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "+33 (0)6 12 34 56 78",
        "0033612345678",
        "33612345678",
        "tel:+33612345678",
        "sip:+33612345678@pbx.example",
        "０６１２３４５６７８",
        "٠٦١٢٣٤٥٦٧٨",
    ],
)
def test_every_way_of_writing_a_french_number_is_one_number(spelling: str) -> None:
    assert PLAN.canonical(spelling, region="FR") == "+33612345678"


def test_a_number_without_country_is_read_in_the_policys_region() -> None:
    assert PLAN.canonical("0612345678", region="BE") != PLAN.canonical("0612345678", region="FR")
    assert PLAN.canonical("020 7946 0958", region="GB") == "+442079460958"
    assert PLAN.canonical("+44 20 7946 0958", region="FR") == "+442079460958"


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("4012", "4012"),
        ("poste 12", "12"),
        ("+999 1", "+9991"),
        ("anonymous", ""),
        ("", ""),
        ("+", ""),
        ("\0", ""),
        ("1" * 300, "1" * 300),
    ],
)
def test_what_is_no_number_of_the_plan_is_its_digits(number: str, digits: str) -> None:
    assert PLAN.canonical(number, region="FR") == digits


numbers = st.text(st.sampled_from("0123456789+ .-()/;ext=#*,abc"), max_size=25) | st.text(max_size=25)


@given(number=numbers, region=st.sampled_from(["FR", "BE", "GB", "US", "IT", "XX"]))
def test_reading_a_number_again_changes_nothing(number: str, region: str) -> None:
    once = PLAN.canonical(number, region=region)
    assert PLAN.canonical(once, region=region) == once
    assert once.removeprefix("+").isdecimal() or once == ""
    assert once.isascii()
