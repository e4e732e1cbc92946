"""What every catalogue promises of answers that are kept for a while: of all who begin the same, one does it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.model.given_answer import GivenAnswer
from callwarden.ports.catalogue import Catalogue
from tests.support.catalogue_backends import DATABASES, backend_named
from tests.support.catalogue_rows import given_answer


@pytest.fixture(params=("memory", *DATABASES))
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    opened = backend_named(request.param, request, tmp_path).catalogue
    yield opened
    opened.close()


def _begin(catalogue: Catalogue, wanted: GivenAnswer) -> GivenAnswer:
    with catalogue.transaction() as tx:
        return tx.given_answers.begin(wanted)


def test_of_all_who_begin_the_same_at_once_one_is_the_first(catalogue: Catalogue) -> None:
    wanted = [given_answer(1, attempt=f"{number:032x}") for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda each: _begin(catalogue, each), wanted))
    assert len({each.attempt for each in found}) == 1


def test_what_was_answered_is_given_again_until_it_is_forgotten(catalogue: Catalogue) -> None:
    begun = _begin(catalogue, given_answer(1))
    done = replace(begun, status=201, answer='{"case": "été"}')
    with catalogue.transaction() as tx:
        tx.given_answers.save(done)
        tx.given_answers.forget(before=begun.begun_at)
    assert _begin(catalogue, given_answer(1, attempt="another")) == done
    with catalogue.transaction() as tx:
        tx.given_answers.forget(before=begun.begun_at + timedelta(seconds=1))
    again = given_answer(1, attempt="another")
    assert _begin(catalogue, again) == again


def test_what_was_removed_may_begin_anew(catalogue: Catalogue) -> None:
    begun = _begin(catalogue, given_answer(1))
    with catalogue.transaction() as tx:
        tx.given_answers.remove(begun.key)
    again = given_answer(1, attempt="another")
    assert _begin(catalogue, again) == again
