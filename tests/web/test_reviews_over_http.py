"""Notes, evaluations and courses over HTTP: the desks' answers, in the commands' names (U4, K6)."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from tests.support.redactions import redacted
from tests.support.site import Site
from tests.support.web import client

FOR = "?purpose=training"
API = "/api/v1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("reviews")) as made:
        yield made


@pytest.fixture(scope="module")
def call(site: Site) -> RecordingId:
    site.publish(site.event("c-1"))
    site.drain("ingest")
    [row] = site.system.catalogue.all_recordings()
    redacted(site, row.recording_id, "le tournesol est ouvert")
    return row.recording_id


@pytest.fixture(scope="module")
def alice(site: Site) -> TestClient:
    return client(site.system, Actor(role=Role.TRAINER, name="alice"))


@pytest.fixture(scope="module")
def bob(site: Site) -> TestClient:
    return client(site.system, Actor(role=Role.TRAINER, name="bob"))


def test_a_note_is_written_listed_and_taken_back(alice: TestClient, bob: TestClient, call: RecordingId) -> None:
    notes = f"{API}/recordings/{call}/notes{FOR}"
    made = alice.post(notes, json={"text": "<script>alert(1)</script>", "from_s": 3.5, "team": True})
    assert made.status_code == 201
    [note] = bob.get(notes).json()["items"]
    assert (note["text"], note["from_s"], note["own"], note["made_by"]) == (
        "<script>alert(1)</script>",
        3.5,
        False,
        "trainer:alice",
    )
    assert bob.delete(f"{API}/notes/{note['note']}").status_code == 404
    assert alice.delete(f"{API}/notes/{note['note']}").status_code == 204
    assert alice.get(notes).json()["items"] == []


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "x", "from_s": -1}, {"text": "x", "at": 3}, {"text": "x" * 2001}]
)
def test_a_note_that_is_none_is_told_field_by_field(
    alice: TestClient, call: RecordingId, body: dict[str, object]
) -> None:
    answer = alice.post(f"{API}/recordings/{call}/notes{FOR}", json=body)
    assert answer.status_code == 422
    assert answer.json()["fields"]


def test_an_evaluation_is_made_by_the_grid_and_shown_with_its_own_clock(alice: TestClient, call: RecordingId) -> None:
    grid = alice.get(f"{API}/evaluations/grid").json()
    question = next(iter(grid["questions"]))
    made = alice.post(
        f"{API}/recordings/{call}/evaluations{FOR}", json={"scores": {question: grid["highest"]}, "remark": "bien"}
    )
    assert made.status_code == 201
    shown = alice.get(f"{API}/evaluations/{made.json()['evaluation']}{FOR}").json()
    assert (shown["scores"], shown["remark"], shown["keep_until"][:4]) == ({question: grid["highest"]}, "bien", "2027")
    assert [one["evaluation"] for one in alice.get(f"{API}/evaluations?agent=a-1").json()["items"]] == [
        shown["evaluation"]
    ]
    assert alice.post(f"{API}/recordings/{call}/evaluations{FOR}", json={"scores": {"taste": 1}}).status_code == 422


def test_a_course_is_made_filled_shared_and_ended(alice: TestClient, bob: TestClient, call: RecordingId) -> None:
    course = alice.post(f"{API}/courses", json={"title": "Levée de doute"}).json()["course"]
    moment = {"recording_id": call, "from_s": 2, "to_s": 5, "text": "à imiter"}
    added = alice.post(f"{API}/courses/{course}/moments{FOR}", json=moment)
    assert (added.status_code, added.json()["moment_count"]) == (201, 1)
    assert bob.get(f"{API}/courses/{course}{FOR}").status_code == 404
    assert alice.put(f"{API}/courses/{course}/sharing", json={"people": ["bob"]}).json()["people"] == ["bob"]
    [shown] = bob.get(f"{API}/courses/{course}{FOR}").json()["moments"]
    assert (shown["state"], shown["text"], shown["from_s"]) == ("open", "à imiter", 2.0)
    assert [one["course"] for one in bob.get(f"{API}/courses").json()["items"]] == [course]
    assert alice.delete(f"{API}/courses/{course}/moments/1").json()["moment_count"] == 0
    assert bob.delete(f"{API}/courses/{course}").status_code == 404
    assert alice.delete(f"{API}/courses/{course}").status_code == 204
    assert bob.get(f"{API}/courses").json()["items"] == []


def test_a_report_says_where_or_that_it_cannot(alice: TestClient, call: RecordingId) -> None:
    redaction = f"{API}/redactions/{call}"
    for body in ({}, {"at": []}, {"place_unknown": False}, {"at": [{"start_s": 1, "end_s": 2}], "place_unknown": True}):
        assert alice.post(f"{redaction}/report", json=body).status_code == 422
    assert alice.get(redaction).json()["status"] == "released"
    assert alice.post(f"{redaction}/report", json={"place_unknown": True}).json()["status"] == "withdrawn"
