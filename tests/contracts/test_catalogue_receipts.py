"""What every catalogue promises of receipts and of landed files: each is taken once, whoever is first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from callwarden.model.ids import Pseudonym
from callwarden.model.receipt import Receipt, ReceiptId
from callwarden.ports.catalogue import Catalogue
from tests.support.catalogue_backends import DATABASES, backend_named
from tests.support.catalogue_rows import at, origin, rec, receipt


@pytest.fixture(params=("memory", *DATABASES))
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    opened = backend_named(request.param, request, tmp_path).catalogue
    yield opened
    opened.close()


def test_whoever_adds_a_receipt_second_is_given_the_first(catalogue: Catalogue) -> None:
    first, second = receipt(1), receipt(1, upload="another.wav", key=None)
    with catalogue.transaction() as tx:
        assert tx.receipts.add(first) == first
    with catalogue.transaction() as tx:
        assert tx.receipts.add(second) == first
    with catalogue.snapshot() as tx:
        assert tx.receipts.get(first.receipt_id) == first
        assert tx.receipts.get(ReceiptId("rcp-none")) is None


def test_of_several_who_add_a_receipt_at_once_all_are_given_the_same(catalogue: Catalogue) -> None:
    ready = Barrier(4, timeout=30)

    def add(number: int) -> Receipt:
        ready.wait()
        with catalogue.transaction() as tx:
            return tx.receipts.add(receipt(1, upload=f"{number}.wav", key=None))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(add, range(4)))
    assert len({one.upload for one in found}) == 1


def test_a_receipt_is_found_by_its_key_and_by_its_upload(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        for one in (receipt(1), receipt(2, key=None), receipt(3, key=None)):
            tx.receipts.add(one)
    with catalogue.snapshot() as tx:
        assert tx.receipts.of_key(Pseudonym("idk-k1-1")) == receipt(1)
        assert tx.receipts.of_key(Pseudonym("idk-k1-2")) is None
        assert tx.receipts.uploads([receipt(2).upload, "nobody.wav"]) == {receipt(2).upload}
        assert tx.receipts.uploads([]) == frozenset()


def test_a_receipt_is_replaced_by_its_id(catalogue: Catalogue) -> None:
    newer = replace(receipt(1), upload="newer.wav", key=None)
    with catalogue.transaction() as tx:
        tx.receipts.add(receipt(1))
        tx.receipts.save(newer)
    with catalogue.snapshot() as tx:
        assert tx.receipts.get(newer.receipt_id) == newer


def test_receipts_are_forgotten_by_the_time_they_were_given_at(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        for one in (receipt(1, received_at=at(-48)), receipt(2, key=None, received_at=at(-24))):
            tx.receipts.add(one)
    with catalogue.transaction() as tx:
        tx.receipts.forget(before=at(-24))
    with catalogue.snapshot() as tx:
        assert tx.receipts.get(receipt(1).receipt_id) is None
        assert tx.receipts.get(receipt(2).receipt_id) is not None


def test_of_several_who_take_a_landed_file_the_first_keeps_it(catalogue: Catalogue) -> None:
    first, second, other = origin(1), origin(1, recording_id=rec(2)), origin(3, at=at(-48))
    with catalogue.transaction() as tx:
        assert tx.origins.take([first]) == {first.origin: first}
    with catalogue.transaction() as tx:
        assert tx.origins.take([other, second]) == {first.origin: first, other.origin: other}
        assert tx.origins.take([]) == {}
    with catalogue.transaction() as tx:
        tx.origins.forget(before=at(-24))
        assert tx.origins.take([origin(3)]) == {other.origin: origin(3)}
        assert tx.origins.take([second]) == {first.origin: first}
