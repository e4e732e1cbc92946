"""Content and search over HTTP: decided and logged at the gate, in ranges, and never held in memory (U3, U4)."""

import io
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from callwarden.model.recording import ArtefactKind
from callwarden.steps.redact.said import REDACTOR
from tests.rules.test_turn_portions import LONG
from tests.support.redactions import redacted
from tests.support.site import Site
from tests.support.web import client

SOUND = bytes(range(256)) * 4096
TRAINER = Actor(role=Role.TRAINER, name="alice")
FOR = "?purpose=training"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("reading")) as made:
        yield made


@pytest.fixture(scope="module")
def call(site: Site) -> RecordingId:
    site.publish(site.event("c-1"))
    site.drain("ingest")
    [row] = site.system.catalogue.all_recordings()
    redacted(site, row.recording_id, JsonTranscriptCodec().encode_redacted(LONG).decode())
    with site.system.catalogue.transaction() as tx:
        attempt = tx.recordings.attempts([row.recording_id])[row.recording_id]
    artefact = site.system.store.derived(
        row,
        ArtefactKind.BEEPED_AUDIO,
        1,
        io.BytesIO(SOUND),
        attempt=attempt,
        media_type="audio/flac",
        actor=REDACTOR,
    )
    with site.system.catalogue.transaction() as tx:
        tx.artefacts.add([artefact])
    return row.recording_id


@pytest.fixture(scope="module")
def alice(site: Site, call: RecordingId) -> TestClient:
    return client(site.system, TRAINER)


def audio(call: RecordingId, query: str = FOR) -> str:
    return f"/api/v1/recordings/{call}/audio{query}"


def test_audio_comes_whole_with_its_length_and_tag(alice: TestClient, call: RecordingId) -> None:
    answer = alice.get(audio(call))
    assert (answer.status_code, answer.content) == (200, SOUND)
    assert answer.headers["content-type"] == "audio/flac"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store"
    head = alice.head(audio(call))
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(SOUND)))
    assert head.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=1048000-", 1048000, len(SOUND)),
        ("bytes=-76", len(SOUND) - 76, len(SOUND)),
        ("bytes=1048570-9999999", 1048570, len(SOUND)),
    ],
)
def test_a_range_comes_as_it_was_asked_for(
    alice: TestClient, call: RecordingId, asked: str, first: int, end: int
) -> None:
    answer = alice.get(audio(call), headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, SOUND[first:end])
    assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{len(SOUND)}"
    assert answer.headers["content-length"] == str(end - first)


def test_a_range_outside_is_416_and_says_how_long_it_is(alice: TestClient, call: RecordingId) -> None:
    answer = alice.get(audio(call), headers={"range": f"bytes={len(SOUND)}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(SOUND)}")


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=0-3", "bytes=a-b", "bytes=-0"])
def test_a_range_that_is_none_is_passed_over(alice: TestClient, call: RecordingId, asked: str) -> None:
    assert alice.get(audio(call), headers={"range": asked}).status_code == 200


def test_tags_spare_what_is_known_and_guard_a_range_of_what_has_changed(alice: TestClient, call: RecordingId) -> None:
    tag = alice.head(audio(call)).headers["etag"]
    assert alice.get(audio(call), headers={"if-none-match": tag}).status_code == 304
    assert alice.get(audio(call), headers={"if-none-match": '"other"'}).status_code == 200
    half = {"range": "bytes=0-9"}
    assert alice.get(audio(call), headers={**half, "if-range": tag}).status_code == 206
    assert alice.get(audio(call), headers={**half, "if-range": '"other"'}).content == SOUND


@pytest.mark.parametrize("what", ["original-audio", "original-transcript"])
def test_a_trainer_gets_no_original(alice: TestClient, call: RecordingId, what: str) -> None:
    answer = alice.get(f"/api/v1/recordings/{call}/{what}{FOR}")
    assert (answer.status_code, answer.json()["reasons"]) == (403, ["not_permitted"])


def test_what_is_wrong_is_named_and_what_is_unknown_looks_like_what_is_not_theirs(
    site: Site, alice: TestClient, call: RecordingId
) -> None:
    assert alice.get(audio(call, "")).status_code == 422
    assert alice.get(audio(call, "?purpose=fun")).json()["fields"][0]["field"] == "purpose"
    assert alice.get(f"/api/v1/recordings/{call}/sound{FOR}").status_code == 422
    narrow = client(site.system, Actor(role=Role.TRAINER, name="bob", agents=frozenset({"a-9"})))
    not_theirs = narrow.get(audio(call))
    nowhere = narrow.get(audio(RecordingId("rec-" + "0" * 32)))
    assert (not_theirs.status_code, nowhere.status_code) == (404, 404)
    assert not_theirs.json() == nowhere.json()


def test_turns_and_captions_are_the_commands_answers(alice: TestClient, call: RecordingId) -> None:
    portion = alice.get(f"/api/v1/recordings/{call}/turns{FOR}&from_s=203&to_s=222").json()
    assert [turn["number"] for turn in portion["turns"]] == [20, 21, 22]
    assert (portion["turn_count"], portion["next"]) == (50, 23)
    captions = alice.get(f"/api/v1/recordings/{call}/captions{FOR}")
    assert captions.headers["content-type"] == "text/vtt; charset=utf-8"
    assert captions.text.startswith("WEBVTT\n")


def test_a_search_gives_items_marks_counts_and_where_it_goes_on(alice: TestClient, call: RecordingId) -> None:
    answer = alice.get(f"/api/v1/search{FOR}&q=tour&line=customer-service&limit=1").json()
    [item] = answer["items"]
    assert (item["recording_id"], item["duration_s"], item["held"], answer["next"]) == (call, 30.0, False, None)
    start, end = item["marks"][0]
    assert item["snippet"][start:end] == "tour"
    assert alice.get(f"/api/v1/search{FOR}&cursor={item['cursor']}").json() == {"items": [], "next": None}
    assert alice.get(f"/api/v1/search{FOR}&cursor=zz").status_code == 422
    facets = alice.get(f"/api/v1/search/facets{FOR}&q=tour").json()
    assert (facets["total"], facets["day"], facets["week"]) == (1, {"2026-11-20": 1}, {"2026-W47": 1})
