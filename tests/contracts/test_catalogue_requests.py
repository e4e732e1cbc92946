"""What every catalogue promises of people's requests, and what an open one keeps from disposal (D1)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.model.ids import CallId, Pseudonym, RecordingId
from callwarden.model.request import Decision, RefusalGround, RequestState, RequestType
from callwarden.ports.catalogue import Catalogue
from tests.support.catalogue_backends import DATABASES, backend_named
from tests.support.catalogue_rows import at, rec, recording, request, request_item

FIRST = request(1)
LONG_AFTER = at(10_000)


@pytest.fixture(params=("memory", *DATABASES))
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    opened = backend_named(request.param, request, tmp_path).catalogue
    with opened.transaction() as tx:
        tx.recordings.insert(
            [
                recording(1),
                recording(2, caller=Pseudonym("num-k1-zz"), customer=None, call_id=CallId("c-1"), leg="transfer"),
                recording(3, caller=Pseudonym("num-k1-zz"), customer=None),
                recording(4, keep_until=at(-1)),
            ]
        )
    yield opened
    opened.close()


def test_a_request_and_its_items_come_back_as_they_were_kept(catalogue: Catalogue) -> None:
    whole = replace(
        FIRST,
        state=RequestState.ANSWERED_PARTLY,
        refused=RefusalGround.IDENTITY_UNPROVEN,
        preview="ab" * 32,
        previewed_by="chloé",
        verified_at=at(1),
        extended_at=at(2),
        answered_at=at(3),
        lifted_at=at(4),
    )
    item = replace(
        request_item(1),
        decision=Decision.GRANTED,
        reason="litigation",
        decided_by="chloé",
        decided_at=at(1),
        approved_at=at(2),
        done_at=at(3),
        backends=frozenset({"vault", "key"}),
        revision=3,
    )
    with catalogue.transaction() as tx:
        tx.requests.save(FIRST)
        tx.requests.save_items([request_item(1)])
        tx.requests.save(whole)
        tx.requests.save_items([item])
    with catalogue.transaction() as tx:
        assert tx.requests.get(FIRST.request_id, lock=True) == whole
        assert tx.requests.items(FIRST.request_id) == [item]
        assert tx.requests.about([rec(1), rec(2)]) == [item]
        assert tx.requests.asking([rec(1), rec(2)]) == [FIRST.request_id]
        assert tx.requests.asking([rec(2)]) == []
        assert tx.requests.get(request(2).request_id) is None
        assert tx.requests.items(request(2).request_id) == []


def test_requests_are_listed_by_receipt_and_by_whose_they_are(catalogue: Catalogue) -> None:
    second = request(2, received_at=at(1), reference=Pseudonym("cus-k1-bb"))
    third = request(3, received_at=at(2))
    with catalogue.transaction() as tx:
        for one in (third, FIRST, second):
            tx.requests.save(one)
    with catalogue.snapshot() as tx:
        assert tx.requests.all() == [third, second, FIRST]
        assert tx.requests.unanswered() == [FIRST, second, third]
        assert tx.requests.under(FIRST.reference) == [FIRST, third]


def frozen(catalogue: Catalogue, *, but_for: str | None = None) -> set[RecordingId]:
    with catalogue.snapshot() as tx:
        return set(tx.requests.freezing([rec(number) for number in range(1, 6)], but_for=but_for))  # type: ignore[arg-type]


def due(catalogue: Catalogue) -> set[RecordingId]:
    with catalogue.transaction() as tx:
        found = {row.recording_id for row in tx.recordings.due(now=LONG_AFTER, limit=10)}
        assert tx.recordings.count_due(now=LONG_AFTER) == len(found)
        return found


def test_an_open_request_keeps_what_is_the_persons_and_what_was_found_and_nothing_that_was_over(
    catalogue: Catalogue,
) -> None:
    assert due(catalogue) == {rec(1), rec(2), rec(3), rec(4)}
    with catalogue.transaction() as tx:
        tx.requests.save(FIRST)
        tx.requests.save_items([request_item(1, recording=2)])
    assert frozen(catalogue) == {rec(1), rec(2)}
    assert due(catalogue) == {rec(3), rec(4)}
    assert frozen(catalogue, but_for=FIRST.request_id) == set()
    with catalogue.transaction() as tx:
        tx.requests.save(request(2, reference=Pseudonym("cus-k1-bb"), type=RequestType.ERASURE))
    assert frozen(catalogue, but_for=FIRST.request_id) == {rec(1)}


@pytest.mark.parametrize("over", [{"answered_at": at(1)}, {"type": RequestType.INFORMATION}])
def test_a_request_that_is_answered_or_asks_for_no_recording_keeps_none(
    catalogue: Catalogue, over: dict[str, object]
) -> None:
    with catalogue.transaction() as tx:
        tx.requests.save(request(1, **over))
        tx.requests.save_items([request_item(1, recording=2)])
    assert frozen(catalogue) == set()
    assert len(due(catalogue)) == 4


def test_what_was_approved_and_what_was_answered_is_unfinished_until_it_is_closed(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        for number, state in ((1, RequestState.DECIDED), (2, RequestState.DECIDED), (3, RequestState.CLOSED)):
            tx.requests.save(request(number, state=state))
        tx.requests.save(request(4, state=RequestState.ANSWERED, answered_at=at(1)))
        tx.requests.save_items([request_item(1, approved_at=at(1)), request_item(2, approved_at=at(1), done_at=at(2))])
    with catalogue.snapshot() as tx:
        assert tx.requests.unfinished() == [FIRST.request_id, request(4).request_id]


def test_every_leg_of_a_call_is_found(catalogue: Catalogue) -> None:
    with catalogue.snapshot() as tx:
        assert [row.recording_id for row in tx.recordings.of_calls([CallId("c-1"), CallId("c-none")])] == [
            rec(1),
            rec(2),
        ]
        assert [row.recording_id for row in tx.recordings.of_calls([CallId("c-1")], but_for=[rec(1)])] == [rec(2)]
        assert tx.recordings.of_calls([]) == []


def test_how_identity_was_verified_is_kept_apart_and_destroyed(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        tx.requests.save(FIRST)
        tx.requests.keep_evidence(FIRST.request_id, "seen")
        tx.requests.keep_evidence(FIRST.request_id, "called back, élise")
        assert tx.requests.evidence(FIRST.request_id) == "called back, élise"
        tx.requests.destroy_evidence([FIRST.request_id])
    with catalogue.snapshot() as tx:
        assert tx.requests.evidence(FIRST.request_id) is None
