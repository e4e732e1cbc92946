"""The page of a call: what it says, and to whom it says nothing (U1, U3, U4)."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.recording import ArtefactKind
from callwarden.model.transcript import Transcript, TranscriptTurn, Word
from callwarden.steps.redact.said import REDACTOR
from tests.support.reviewed import ALARM, review
from tests.support.site import Site
from tests.support.web import client

ALICE = Actor(role=Role.TRAINER, name="alice")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("call")) as made:
        yield made


@pytest.fixture(scope="module")
def rec(site: Site) -> RecordingId:
    return review(site, pauses=[(20.0, 23.0)])


@pytest.fixture(scope="module")
def alice(site: Site) -> TestClient:
    return client(site.system, ALICE)


def entries(site: Site, operation: Operation) -> list[LogEntry]:
    return [found.entry for found in site.system.log_reader.entries() if found.entry.operation is operation]


def test_nothing_opens_before_a_purpose_is_chosen(site: Site, rec: RecordingId, alice: TestClient) -> None:
    before = len(entries(site, Operation.CONTENT_READ))
    page = alice.get(f"/calls/{rec}?q=alarme").text
    assert re.findall(r'name="purpose" value="(\w+)"', page) == ["training", "quality"]
    assert 'name="q" value="alarme"' in page
    assert "alarme de la maison" not in page
    assert len(entries(site, Operation.CONTENT_READ)) == before


def test_the_page_says_as_whom_for_what_until_when_and_which_entry_says_so(
    site: Site, rec: RecordingId, alice: TestClient
) -> None:
    page = alice.get(f"/calls/{rec}?purpose=training").text
    assert "<b>trainer:alice</b> pour <b>formation</b>" in page
    assert re.search(r"disparaît <b>dans 18\d jours</b> \(20 mai 2027, ", page)
    assert "sans litige" in page
    named = re.search(r"inscription <code[^>]*>([0-9A-Z]+)</code>", page)
    assert named is not None
    [entry] = [one for one in entries(site, Operation.CONTENT_READ) if one.entry_id == named[1]]
    assert (entry.subject, entry.purpose, entry.artefact) == (rec, "training", "redacted-transcript")


def test_it_has_the_conversation_with_what_was_taken_out_in_words(rec: RecordingId, alice: TestClient) -> None:
    page = alice.get(f"/calls/{rec}?purpose=training").text
    assert page.count("<li id=") == len(ALARM)
    assert "Oui, c’est <em>nom 1</em> et le mot de passe c’est <em>secret 1</em>." in page
    assert 'class="lane agent"' in page
    assert 'class="lane caller"' in page
    assert len(page.encode()) < 60_000
    english = alice.get(f"/calls/{rec}?purpose=training", headers={"accept-language": "en"}).text
    assert "<em>name 1</em>" in english
    assert "20 Nov 2026, 10:59" in english


def test_a_portion_of_turns_comes_by_itself(rec: RecordingId, alice: TestClient) -> None:
    portion = alice.get(f"/calls/{rec}/turns?purpose=training&at=26.5").text
    assert "<html" not in portion
    assert portion.lstrip().startswith('<li class="more">')
    assert "Je corrige" in portion or "je corrige" in portion


@pytest.mark.parametrize(
    ("role", "purpose", "status", "words"),
    [
        (Role.TRAINER, "dispute", 403, "Votre rôle n’a pas cet accès"),
        (Role.OPERATOR, "training", 403, "Votre rôle n’a pas cet accès"),
        (Role.TRAINER, "gossip", 422, "n’est pas correcte"),
    ],
)
def test_a_refusal_is_a_page_that_says_why_and_that_it_is_written_down(
    site: Site, rec: RecordingId, role: Role, purpose: str, status: int, words: str
) -> None:
    answer = client(site.system, Actor(role=role, name="somebody")).get(f"/calls/{rec}?purpose={purpose}")
    assert answer.status_code == status
    assert words in answer.text
    assert "alarme" not in answer.text
    if status == 403:
        assert "journal des accès" in answer.text
        assert 'href="?purpose="' in answer.text  # another one may be open to them
        assert f">{role.value}:somebody<" in answer.text
        assert entries(site, Operation.ACCESS_REFUSED)[-1].outcome is EntryOutcome.REFUSED


def test_who_may_have_the_original_gets_a_download_and_a_trainer_gets_none(
    site: Site, rec: RecordingId, alice: TestClient
) -> None:
    legal = client(site.system, Actor(role=Role.LEGAL, name="lea"))
    assert "download" not in alice.get(f"/calls/{rec}?purpose=training").text.replace("nodownload", "")
    assert (
        f'href="/api/v1/recordings/{rec}/audio?purpose=dispute" download'
        in legal.get(f"/calls/{rec}?purpose=dispute").text
    )


def test_what_was_missed_is_withdrawn_at_once_for_everybody(site: Site, alice: TestClient) -> None:
    rec = review(site, ended=site.clock.now() - timedelta(hours=3))
    assert alice.get(f"/calls/{rec}?purpose=training").status_code == 200
    answer = alice.post(f"/calls/{rec}/missed?purpose=training", data={"from_s": "3.2", "to_s": "3.9"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/calls/{rec}/missed?purpose=training")
    assert "Retiré." in alice.get(answer.headers["location"]).text
    refused = client(site.system, Actor(role=Role.SUPERVISOR, name="sam")).get(f"/calls/{rec}?purpose=quality")
    assert refused.status_code == 403
    assert "redaction_incomplete" in refused.text
    assert alice.get(f"/api/v1/recordings/{rec}/audio?purpose=training").status_code == 403


def test_who_the_purpose_opens_the_original_to_hears_it_while_its_redaction_is_not_released(site: Site) -> None:
    """U1, U4: the policy opens originals to legal for a dispute, and to no trainer."""
    site.publish(site.event("c-unredacted"))
    site.drain("objections", "ingest")
    [rec] = [one.recording_id for one in site.outcomes() if one.call_id == "c-unredacted"]
    legal = client(site.system, Actor(role=Role.LEGAL, name="lea"))
    refused = len(entries(site, Operation.ACCESS_REFUSED))
    sent_on = legal.get(f"/calls/{rec}?purpose=dispute")
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, f"/calls/{rec}/original?purpose=dispute")
    page = legal.get(sent_on.headers["location"]).text
    assert "noms, numéros, secrets" in page
    assert f'src="/api/v1/recordings/{rec}/original-audio?purpose=dispute"' in page
    assert legal.get(f"/api/v1/recordings/{rec}/original-audio?purpose=dispute").content[:4] == b"RIFF"
    assert len(entries(site, Operation.ACCESS_REFUSED)) == refused + 1  # the transcript: there is none yet
    trainer = client(site.system, ALICE)
    assert trainer.get(f"/calls/{rec}/original?purpose=training").status_code == 403
    assert "redaction_incomplete" in trainer.get(f"/calls/{rec}?purpose=training").text


def test_beside_a_released_redaction_the_original_is_one_step_away_with_its_text(site: Site, rec: RecordingId) -> None:
    legal = client(site.system, Actor(role=Role.LEGAL, name="lea"))
    assert f"/calls/{rec}/original?purpose=dispute" in legal.get(f"/calls/{rec}?purpose=dispute").text
    system = site.system
    with system.catalogue.transaction() as tx:
        row, attempt = tx.recordings.get([rec])[rec], tx.recordings.attempts([rec])[rec]
    words = tuple(
        Word(text=text, start_s=1.0, end_s=2.0, probability=1.0, channel=1) for text in ("<b>Madame</b>", "Delorme")
    )
    turn = TranscriptTurn(speaker="caller", start_s=1.0, end_s=2.0, words=words)
    said = Transcript(
        recording_id=rec,
        language="fr",
        model="m",
        duration_s=9.0,
        turns=(turn,) * 50,
        speech_without_words=(),
        pauses=(),
    )
    body, kind = io.BytesIO(JsonTranscriptCodec().encode(said)), ArtefactKind.ORIGINAL_TRANSCRIPT
    stored = system.store.derived(row, kind, 1, body, attempt=attempt, media_type="application/json", actor=REDACTOR)
    with system.catalogue.transaction() as tx:
        tx.artefacts.add([stored])
    page = legal.get(f"/calls/{rec}/original?purpose=dispute").text
    assert page.count("&lt;b&gt;Madame&lt;/b&gt; Delorme") == 40
    assert "turn=40" in page
    assert legal.get(f"/calls/{rec}/original?purpose=dispute&turn=40").text.count("Delorme") == 10


def test_a_refusal_says_since_when_it_is_so_and_who_can_help(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        rec = review(site)
        site.clock.move(timedelta(days=200))
        asking = client(site.system, ALICE)
        address = f"/calls/{rec}?purpose=training&lang=en"
        page = asking.get(address).text
        assert "The period of this recording is over." in page
        assert "It has been so since 20 May 2027," in page
        site.drain("dispose")
        page = asking.get(address).text
        assert "Nothing of it is left but its certificate, which the auditor" in page
        assert re.search(r"It has been so since \d+ Jun 2027,", page)
        never = asking.get("/calls/rec-00000000000000000000000000000000?purpose=training&lang=en").text
        assert "It has been so" not in never
