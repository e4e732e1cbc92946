"""docs/compliance.md says what the code and the tests say, and every kept promise is shown by a test."""

from tests.compliance import INVARIANTS, NOT_BUILT, PAGE, PROMISES, ROOT, is_test, named, page
from tests.traps import TRAPS


def test_every_promise_the_system_keeps_is_named_by_a_test() -> None:
    places = named()
    kept = [one for one in (*PROMISES, *INVARIANTS) if one not in NOT_BUILT]
    assert [one for one in kept if not any(is_test(place) for place in places[one])] == []


def test_a_promise_that_is_not_built_is_one_that_was_made() -> None:
    assert set(NOT_BUILT) <= set(PROMISES)


def test_every_test_that_is_said_to_show_something_is_there() -> None:
    shown = [one.partition("::") for traps in TRAPS.values() for tests in traps.values() for one in tests]
    missing = [
        f"{path}::{name}" for path, _, name in shown if f"def {name}(" not in (ROOT / "tests" / path).read_text()
    ]
    assert missing == []


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.compliance"
