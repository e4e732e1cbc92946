"""docs/compliance.md says what the code and the tests say, and every kept promise is shown by a test."""

from tests.compliance import INVARIANTS, NOT_BUILT, PAGE, PROMISES, is_test, named, page


def test_every_promise_the_system_keeps_is_named_by_a_test() -> None:
    places = named()
    kept = [one for one in (*PROMISES, *INVARIANTS) if one not in NOT_BUILT]
    assert [one for one in kept if not any(is_test(place) for place in places[one])] == []


def test_a_promise_that_is_not_built_is_one_that_was_made() -> None:
    assert set(NOT_BUILT) <= set(PROMISES)


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.compliance"
