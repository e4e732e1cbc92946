"""What is sent twice under one word is done once, and what is asked twice is told to be the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId
from callwarden.model.log_entry import Operation
from callwarden.workers.web.limits import LARGEST_BODY
from tests.support.site import Site
from tests.support.web import client, token_of

BRUNO = Actor(role=Role.LEGAL, name="bruno")
CHLOE = Actor(role=Role.DPO, name="chloe")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("again")) as made:
        yield made


@pytest.fixture(scope="module")
def bruno(site: Site) -> TestClient:
    return client(site.system, BRUNO)


def _case(name: str) -> dict[str, str]:
    return {"case": name, "reason": "a claim"}


def _opened(site: Site) -> int:
    return sum(1 for _ in site.system.log_reader.entries(operations=[Operation.HOLD_OPENED]))


def test_the_same_sent_again_is_done_once_and_answered_by_its_ids(site: Site, bruno: TestClient) -> None:
    first = bruno.post("/api/v1/cases", json=_case("D-1"), headers={"Idempotency-Key": "word-1"})
    before = _opened(site)
    again = bruno.post("/api/v1/cases", json=_case("D-1"), headers={"Idempotency-Key": "word-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {"case": "D-1", "state": "open"}
    assert again.headers["idempotency-replayed"] == "true"
    assert _opened(site) == before


def test_another_process_gives_the_same_answer(site: Site, bruno: TestClient) -> None:
    bruno.post("/api/v1/cases", json=_case("D-2"), headers={"Idempotency-Key": "word-2"})
    with Site(site.home, clock=site.clock) as other:
        again = client(other.system, BRUNO).post(
            "/api/v1/cases", json=_case("D-2"), headers={"Idempotency-Key": "word-2"}
        )
    assert (again.status_code, again.json()["case"]) == (201, "D-2")


def test_under_the_same_word_nothing_else_is_done(bruno: TestClient) -> None:
    bruno.post("/api/v1/cases", json=_case("D-3"), headers={"Idempotency-Key": "word-3"})
    other = bruno.post("/api/v1/cases", json=_case("D-4"), headers={"Idempotency-Key": "word-3"})
    assert (other.status_code, other.json()["reasons"]) == (409, ["key_of_another"])
    assert bruno.get("/api/v1/cases/D-4").status_code == 404


def test_a_word_is_its_owners_and_of_its_address(site: Site, bruno: TestClient) -> None:
    bruno.post("/api/v1/cases", json=_case("D-5"), headers={"Idempotency-Key": "word-5"})
    theirs = client(site.system, CHLOE).post("/api/v1/cases", json=_case("D-5"), headers={"Idempotency-Key": "word-5"})
    assert "idempotency-replayed" not in theirs.headers
    elsewhere = bruno.post("/api/v1/cases/D-5/review", headers={"Idempotency-Key": "word-5"})
    assert elsewhere.json()["case"] == "D-5"


def test_what_was_refused_or_wrong_may_be_tried_again_under_its_word(site: Site, bruno: TestClient) -> None:
    word = {"Idempotency-Key": "word-6"}
    assert bruno.post("/api/v1/cases/D-6/review", headers=word).status_code == 404
    site.system.case_desk.open(BRUNO, CaseId("D-6"), reason="a claim")
    assert bruno.post("/api/v1/cases/D-6/review", headers=word).status_code == 200


def test_after_a_day_it_is_done_anew(site: Site, bruno: TestClient) -> None:
    site.system.case_desk.open(BRUNO, CaseId("D-7"), reason="a claim")
    word = {"Idempotency-Key": "word-7"}
    bruno.post("/api/v1/cases/D-7/review", headers=word)
    site.clock.move(timedelta(hours=24, seconds=1))
    anew = bruno.post("/api/v1/cases/D-7/review", headers=word)
    assert (anew.status_code, anew.headers.get("idempotency-replayed")) == (200, None)


def test_of_many_at_once_one_is_done(site: Site, bruno: TestClient) -> None:
    before = _opened(site)
    with ThreadPoolExecutor(6) as threads:
        answers = list(
            threads.map(
                lambda _: bruno.post("/api/v1/cases", json=_case("D-8"), headers={"Idempotency-Key": "word-8"}),
                range(6),
            )
        )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert any(answer.status_code == 201 for answer in answers)
    assert _opened(site) == before + 1


def test_what_was_shown_once_is_not_shown_again(site: Site) -> None:
    chloe = client(site.system, CHLOE)
    wanted = {"role": "trainer", "name": "alice"}
    assert "token" in chloe.post("/api/v1/tokens", json=wanted, headers={"Idempotency-Key": "word-9"}).json()
    again = chloe.post("/api/v1/tokens", json=wanted, headers={"Idempotency-Key": "word-9"})
    assert (again.status_code, again.json()["reasons"]) == (409, ["shown_once"])


def test_somebody_whose_token_has_ended_is_given_nothing_again(site: Site) -> None:
    text = token_of(site.system, BRUNO)
    asking = client(site.system, headers={"authorization": f"Bearer {text}"})
    asking.post("/api/v1/cases", json=_case("D-10"), headers={"Idempotency-Key": "word-10"})
    site.clock.move(timedelta(hours=1))
    issued = max(site.system.token_desk.listed(CHLOE), key=lambda token: token.issued_at)
    for token in site.system.token_desk.listed(CHLOE):
        if token.name == BRUNO.name and token.issued_at == issued.issued_at:
            site.system.token_desk.revoke(CHLOE, token.token_id)
    again = asking.post("/api/v1/cases", json=_case("D-10"), headers={"Idempotency-Key": "word-10"})
    assert again.status_code == 401


def test_a_word_that_is_none_is_told(bruno: TestClient) -> None:
    for word in ("", "x" * 201, "caf\xe9"):
        answer = bruno.post("/api/v1/cases", json=_case("D-11"), headers={"Idempotency-Key": word.encode("latin-1")})
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "Idempotency-Key")


def test_what_somebody_has_already_is_not_sent_again(site: Site) -> None:
    chloe = client(site.system, CHLOE)
    first = chloe.get("/api/v1/policy")
    assert first.headers["etag"]
    again = chloe.get("/api/v1/policy", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert chloe.get("/api/v1/policy", headers={"If-None-Match": '"other"'}).status_code == 200


def test_more_than_is_taken_is_refused_whether_or_not_its_length_is_said(site: Site) -> None:
    chloe = client(site.system, CHLOE)
    body = b'{"case": "' + b"x" * LARGEST_BODY + b'"}'
    said = chloe.post("/api/v1/cases", content=body)
    unsaid = chloe.post("/api/v1/cases", content=iter([body[: LARGEST_BODY // 2], body[LARGEST_BODY // 2 :]]))
    assert [said.status_code, unsaid.status_code] == [413, 413]
