"""What every catalogue promises of disclosures (U10)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.ports.catalogue import Catalogue
from tests.support.catalogue_backends import DATABASES, backend_named
from tests.support.catalogue_rows import case, disclosure


@pytest.fixture(params=("memory", *DATABASES))
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    opened = backend_named(request.param, request, tmp_path).catalogue
    with opened.transaction() as tx:
        tx.cases.save(case())
    yield opened
    opened.close()


def test_disclosures_come_back_as_they_were_kept_newest_first(catalogue: Catalogue) -> None:
    first, second = disclosure(1, manifest=None), disclosure(2, recordings=frozenset())
    with catalogue.transaction() as tx:
        tx.disclosures.save(first)
        tx.disclosures.save(second)
        tx.disclosures.save(whole := replace(first, manifest="cd" * 32))
    with catalogue.snapshot() as tx:
        assert tx.disclosures.all() == [second, whole]
        assert tx.disclosures.get(first.disclosure_id) == whole
        assert tx.disclosures.get("dis-none") is None
