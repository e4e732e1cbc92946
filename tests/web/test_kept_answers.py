"""Of an answer that may be given again, nothing of a call or of a person is kept, and nobody is given it undecided (U2,
U3)."""

from collections.abc import Iterator
from typing import Final

import pytest
from fastapi import FastAPI

from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.rules.rights import RIGHTS, Act
from callwarden.workers.web.app import API, application
from callwarden.workers.web.routes import done_once, table
from callwarden.workers.web.sent_again import KEPT
from tests.support.description import bodies_of, filled
from tests.support.redactions import redacted
from tests.support.site import Site
from tests.support.web import client

ALICE: Final = Actor(role=Role.TRAINER, name="alice")
CHLOE: Final = Actor(role=Role.DPO, name="chloe")
WORD: Final = {"Idempotency-Key": "word"}
ANEW: Final = {
    "/cases/{case}/preview": "reads",
    "/cases/procedure/try": "computes",
    "/consultations": "reads",
    "/decisions": "reads",
    "/log/export": "reads",
    "/log/verify": "reads",
    "/requests/{request}/find": "finds the same again",
    "/requests/{request}/preview": "finds the same again",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("kept")) as made:
        yield made


@pytest.fixture(scope="module")
def app(site: Site) -> FastAPI:
    return application(site.system)


@pytest.fixture(scope="module")
def call(site: Site) -> RecordingId:
    site.publish(site.event("c-1"))
    site.drain("ingest")
    [row] = site.system.catalogue.all_recordings()
    redacted(site, row.recording_id, "le tournesol est ouvert")
    return row.recording_id


def _entries(site: Site, operation: Operation) -> list[LogEntry]:
    return [one.entry for one in site.system.log_reader.entries(operations=[operation])]


def _posts(app: FastAPI) -> dict[str, frozenset[Act]]:
    return {
        path: done_once(done)
        for method, path, done in table(app)
        if method == "POST" and path.startswith(API) and not path.startswith(f"{API}/holds")
    }


@pytest.mark.parametrize(
    ("what", "body", "ids"),
    [
        ("notes", {"text": "un secret"}, {"note", "recording_id"}),
        ("evaluations", {"scores": {"greeting": 3}, "remark": "un secret"}, {"evaluation", "recording_id"}),
    ],
)
def test_what_was_written_of_a_call_is_not_read_by_sending_it_again(
    site: Site, call: RecordingId, what: str, body: dict[str, object], ids: set[str]
) -> None:
    address = f"{API}/recordings/{call}/{what}?purpose=training"
    alice = client(site.system, ALICE)
    if what == "evaluations":
        grid = alice.get(f"{API}/evaluations/grid").json()
        body = {**body, "scores": {next(iter(grid["questions"])): grid["highest"]}}
    assert alice.post(address, json=body, headers=WORD).status_code == 201
    before = len(_entries(site, Operation.ANSWER_REPEATED))
    again = alice.post(address, json=body, headers=WORD)
    assert (again.status_code, again.headers["idempotency-replayed"], set(again.json())) == (201, "true", ids)
    assert "secret" not in again.text
    repeated = _entries(site, Operation.ANSWER_REPEATED)
    assert (len(repeated), {entry.subject for entry in repeated}) == (before + 1, {call})

    elsewhere = Actor(
        role=ALICE.role,
        name=ALICE.name,
        lines=frozenset({LineId("monitoring-centre")}),
    )
    refusals = len(_entries(site, Operation.ACCESS_REFUSED))
    refused = client(site.system, elsewhere).post(address, json=body, headers=WORD)
    assert (refused.status_code, refused.json()["reasons"]) == (404, ["unknown"])
    assert len(_entries(site, Operation.ACCESS_REFUSED)) == refusals + 1


def test_what_only_reads_is_read_and_logged_each_time(site: Site, call: RecordingId) -> None:
    chloe = client(site.system, CHLOE)
    before = len(_entries(site, Operation.LOG_READ))
    body = {"number": "+33612345678"}
    assert chloe.post(f"{API}/consultations", json=body, headers=WORD).status_code == 200
    once = len(_entries(site, Operation.LOG_READ))
    again = chloe.post(f"{API}/consultations", json=body, headers=WORD)
    assert (again.status_code, "idempotency-replayed" in again.headers) == (200, False)
    assert len(_entries(site, Operation.LOG_READ)) - once == once - before > 0


def test_each_route_that_is_sent_to_is_done_once_or_says_why_not(app: FastAPI) -> None:
    anew = {path.removeprefix(API) for path, acts in _posts(app).items() if not acts}
    assert anew == set(ANEW)


def test_nothing_that_is_kept_is_what_people_wrote_or_who_they_are() -> None:
    assert not KEPT & {"text", "remark", "reason", "title", "name", "number", "customer", "agent", "people", "made_by"}


@pytest.mark.parametrize("role", [Role.DPO, Role.TRAINER])
def test_no_route_gives_an_answer_again_without_deciding_and_an_entry(site: Site, app: FastAPI, role: Role) -> None:
    actor = Actor(role=role, name=f"one-{role}")
    asking, bodies = client(site.system, actor), bodies_of(app.openapi())
    for path, acts in _posts(app).items():
        if not acts:
            continue
        sent = asking.build_request("POST", filled(path), json=bodies.get(("POST", path)), headers=WORD)
        begun = site.system.repeats.begin(actor, f"POST {filled(path)}?", WORD["Idempotency-Key"], sent.content)
        site.system.repeats.end(begun, status=200, answer='{"state": "done", "text": "un secret"}')
        before = len(_entries(site, Operation.ANSWER_REPEATED)), len(_entries(site, Operation.ACCESS_REFUSED))
        answer = asking.send(sent)
        after = len(_entries(site, Operation.ANSWER_REPEATED)), len(_entries(site, Operation.ACCESS_REFUSED))
        if answer.status_code == 200:
            assert any(RIGHTS[act].is_for(actor) for act in acts), path
            assert (answer.json(), after) == ({"state": "done"}, (before[0] + 1, before[1])), path
        else:
            assert answer.status_code in {403, 404}, (path, answer.text)
            assert after == (before[0], before[1] + 1), path
