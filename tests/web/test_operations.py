"""The operator's pages: everything adds up or is said not to, and nothing of any call is shown."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from starlette.testclient import TestClient

from callwarden.custody.balance import Lag
from callwarden.errors import RetryableError
from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import Operation
from callwarden.model.recording import RecordingState
from callwarden.workers.shapes.operations import operations_shape
from tests.support.site import Site
from tests.support.web import client

OTTO = Actor(role=Role.OPERATOR, name="otto")
CHLOE = Actor(role=Role.DPO, name="chloe")
ALICE = Actor(role=Role.TRAINER, name="alice")
NUMBER = "+33639980001"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("operations")) as made:
        made.publish(
            made.event("c-1"),
            made.event("=cmd|'/c calc'!A0", line="<script>alert(1)</script>"),
            made.event("c-3", line="nowhere"),
            made.event("c-4", line="nowhere"),
            made.event("c-5", objections=["recording"]),
            b"no event at all",
            b"nor this",
        )
        made.drain("objections", "ingest", "holds")
        yield made


@pytest.fixture
def operator(site: Site) -> TestClient:
    return client(site.system, OTTO)


def quarantined(site: Site, call_id: str) -> str:
    return next(
        one.recording_id
        for one in site.system.catalogue.all_recordings()
        if one.call_id == call_id and one.state is RecordingState.QUARANTINED
    )


def test_the_page_shows_outcomes_that_add_up_and_what_wants_a_person(operator: TestClient) -> None:
    page = operator.get("/operations?lang=en")
    assert page.status_code == 200
    assert "adds up" in page.text
    assert "Recordings in quarantine wait for somebody." in page.text
    assert "Dead letters wait for somebody." in page.text
    assert '<svg class="chart"' in page.text
    assert 'style="' not in page.text
    assert NUMBER not in page.text


def test_the_api_says_the_same_in_figures(operator: TestClient) -> None:
    found = operator.get("/api/v1/operations").json()
    sums = found["outcomes"]
    assert sums["balanced"]
    assert sums["published"] == sum(sums["outcomes"].values()) + sums["in_flight"] == 7
    assert found["quarantine"] == {"unknown_line": 3}
    assert found["dead_letters"] == {"not_an_event": 2}
    assert {"quarantine", "dead_letters"} <= set(found["wants"])
    assert all(one["free"] <= one["total"] for one in found["disks"])
    assert next(one["behind"] for one in found["lag"] if one["group"] == "ingest") == 0


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_whoever_sees_the_operations_begins_with_what_they_want(site: Site, role: Role) -> None:
    begun = client(site.system, Actor(role=role, name="rosa")).get("/?lang=en").text
    assert "Nothing waits for you." not in begun
    assert 'href="/operations#aside">Recordings in quarantine wait for somebody.' in begun
    assert 'href="/operations#aside">Dead letters wait for somebody.' in begun
    assert "no worker runs here" in begun


def test_a_step_without_its_model_and_pages_that_are_down_are_named_with_the_reason(site: Site) -> None:
    found = site.system.operations_desk.shown(OTTO)
    behind = replace(found, lag=[Lag(group="transcribe", topic="recordings.stored", behind=3)])
    left = {"state": "left_out", "heard_s_ago": 9.0, "why": "no speech model"}
    works = {"state": "working", "heard_s_ago": 0.1}
    said = {"faults": [], "workers": [{"pid": 7, "steps": {"transcribe": left, "redact": left, "web": works}}]}
    shape = operations_shape(behind, said)
    assert shape["faults"] == [
        "process 7: transcribe is left out, with work to do: no speech model",
        "process 7: web is not up",
    ]
    assert "step_stopped" in shape["wants"]
    said["workers"].append({"pid": 8, "steps": {"web": works}})
    assert operations_shape(replace(found, lag=[]), said)["faults"] == []


def test_a_part_that_is_away_leaves_the_others_on_the_page(site: Site, operator: TestClient) -> None:
    def away() -> None:
        raise RetryableError("the vault is away")

    desk = site.system.operations_desk
    site.system.stand_in(operations_desk=type(desk)(**{**_fields(desk), "stopped": away}))
    found = operator.get("/api/v1/operations").json()
    site.system.stand_in(operations_desk=desk)
    assert found["out_of_reach"] == {"sweep": "the vault is away"}
    assert found["outcomes"]["balanced"]


def _fields(desk: object) -> dict[str, object]:
    return {name: getattr(desk, name) for name in desk.__dataclass_fields__}  # type: ignore[attr-defined]


def test_the_lists_are_taken_away_as_files_that_hold_no_formula(site: Site, operator: TestClient) -> None:
    answer = operator.get("/operations/quarantine?format=csv&lang=fr")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 3
    assert {row["call_id"][0] for row in rows} == {"'", "c"}
    assert answer.headers["content-disposition"].startswith('attachment; filename="callwarden-quarantine-')
    entries = site.system.log_reader.entries(operations={Operation.TABLE_EXPORTED}, limit=1)
    assert [(one.entry.reasons, one.entry.count) for one in entries] == [(("quarantine", "csv"), 3)]
    assert len(operator.get("/operations?table=lag&format=json").json()) > 3
    assert operator.get("/operations?table=none&format=json").status_code == 404
    assert operator.get("/operations/dead-letters?format=xls").status_code == 404


def test_what_came_from_outside_is_text_on_a_page(operator: TestClient) -> None:
    page = operator.get("/operations/quarantine").text
    assert "<script>alert" not in page
    assert "=cmd" in page


def test_one_is_shown_with_what_was_expected_and_found(site: Site, operator: TestClient) -> None:
    page = operator.get(f"/operations/quarantine/{quarantined(site, 'c-3')}?lang=en").text
    assert "the policy has no such line" in page
    assert "Expected and found" in page
    assert "Decide again" in page
    assert "Store it after all" not in page, "that is for legal and the data protection officer"
    assert NUMBER not in page


def test_one_is_cleared_by_a_form_with_what_was_put_right(site: Site) -> None:
    rec = quarantined(site, "c-3")
    asking = client(site.system, CHLOE)
    blank = asking.post(f"/operations/quarantine/{rec}/clear", data={"reason": "its line"})
    assert blank.status_code == 403
    assert "its line" in blank.text, "what was typed is kept"
    done = asking.post(f"/operations/quarantine/{rec}/clear", data={"reason": "its line", "line": "customer-service"})
    assert (done.status_code, done.headers["location"]) == (303, "/operations/quarantine?done=stored")


def test_one_is_destroyed_only_by_its_typed_name(site: Site) -> None:
    rec = quarantined(site, "c-4")
    asking = client(site.system, CHLOE)
    typed = {"reason": "nobody needs it", "confirmation": "OK"}
    assert asking.post(f"/operations/quarantine/{rec}/discard", data=typed).status_code == 422
    done = asking.post(f"/operations/quarantine/{rec}/discard", data={**typed, "confirmation": rec})
    assert done.headers["location"] == "/operations/quarantine?done=destroyed"
    assert rec not in {one.recording.recording_id for one in site.system.quarantine_desk.listed(CHLOE)}


def test_a_dead_letter_is_sent_again_and_another_destroyed(site: Site) -> None:
    asking = client(site.system, CHLOE)
    listed = asking.get("/operations/dead-letters").text
    first, second = sorted(set(re.findall(r"/operations/(dead-letters/[^\"]+)\"", listed)))
    assert "no event at all" not in asking.get(f"/operations/{first}").text
    assert asking.post(f"/operations/{first}/retry").headers["location"].endswith("done=sent")
    name = second.removeprefix("dead-letters/")
    typed = {"reason": "noise", "confirmation": name}
    assert asking.post(f"/operations/{second}/discard", data=typed).headers["location"].endswith("done=destroyed")
    assert asking.get("/operations/dead-letters/none/0/0").status_code == 404


@pytest.mark.parametrize(
    "path", ["/operations", "/operations/quarantine", "/operations/dead-letters", "/operations/overdue"]
)
def test_these_pages_are_not_for_trainers(site: Site, path: str) -> None:
    assert client(site.system, ALICE).get(path).status_code == 403


def test_what_is_due_is_listed_until_the_sweep(site: Site) -> None:
    site.clock.move(timedelta(days=200))
    try:
        operator = client(site.system, OTTO)
        due = operator.get("/operations/overdue?format=json").json()
        found = operator.get("/api/v1/operations").json()
    finally:
        site.clock.move(timedelta(days=-200))
    assert found["disposal"]["due"] == len(due) >= 1
    assert "overdue" in found["wants"]
