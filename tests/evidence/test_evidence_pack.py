"""An evidence pack holds what the case holds, goes to whom it may, and is written down before a byte of it is read
(K3, U9, U10)."""

import hashlib
import json
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from callwarden.custody.gate import Gate
from callwarden.errors import RefusedError, RetryableError, UsageError
from callwarden.evidence.bordereau import REASONS
from callwarden.evidence.folder import appearing_folder
from callwarden.evidence.verify import verify_pack
from callwarden.model.access import Actor, Role
from callwarden.model.criteria import Asked
from callwarden.model.ids import CaseId, LineId, RecordingId
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.ports.log import LogUnavailableError
from callwarden.rules.cases import CaseDetails
from callwarden.rules.reading import ReadRefusal
from callwarden.wiring import trusted_keys
from callwarden.workers.shapes.evidence import left_out_rows
from tests.evidence.conftest import CASE, COURT, LEGAL, WORDS, Made, hold, taken_in
from tests.support.site import MovableClock, Site, sample

READINGS = (Operation.CONTENT_READ, Operation.CONTENT_RANGE, Operation.LOG_READ)


class TickingClock(MovableClock):
    """One that goes on whenever it is looked at, so that entries keep their order."""

    def now(self) -> datetime:
        self.move(timedelta(milliseconds=1))
        return MovableClock.now(self)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path / "home", clock=TickingClock()) as built:
        yield built


def stored(site: Site, call_id: str = "c-1", **changes: object) -> RecordingId:
    site.publish(site.event(call_id, **changes))
    taken_in(site)
    [outcome] = site.system.catalogue.list_outcomes(call_id=call_id)  # type: ignore[arg-type]  # a call id
    assert outcome.recording_id is not None
    return outcome.recording_id


def entries(site: Site) -> list[LogEntry]:
    """Oldest first."""
    return [found.entry for found in site.system.log_reader.entries()][::-1]


def pack(site: Site, directory: Path, actor: Actor = LEGAL, **told: str) -> Any:
    return site.system.evidence_desk.pack(actor, CASE, directory, **told, wait_s=5)


def text(made: Made, name: str) -> Any:
    return json.loads((made.directory / name).read_bytes())


def test_a_pack_holds_the_originals_and_the_chain_from_the_telephone_systems_digest_to_todays(made: Made) -> None:
    for recording_id, name in zip(made.held, ("01.wav", "05.wav"), strict=True):
        place = made.directory / "recordings" / recording_id
        assert (place / "original-audio.wav").read_bytes() == sample(name)
        custody = text(made, f"recordings/{recording_id}/custody.json")
        digest = hashlib.sha256(sample(name)).hexdigest()
        audio = custody["objects"][0]
        assert all(one["unchanged"] for one in custody["objects"])
        assert custody["sha256_of_telephone_system"] == audio["sha256_stored"] == audio["sha256_today"] == digest
        assert [one["case"] for one in custody["held"]] == [CASE]
        assert text(made, f"recordings/{recording_id}/metadata.json")["caller"] == "+33639980001"


def test_a_pack_says_what_the_caller_was_told_of_the_recording(made: Made) -> None:
    told = [text(made, f"recordings/{recording_id}/metadata.json")["notice"] for recording_id in made.held]
    assert told == [{"version": "2026-01", "played": True, "completed": True}, None]


def test_a_transcript_lies_beside_its_audio_and_in_the_vcon(made: Made) -> None:
    assert text(made, f"recordings/{made.held[0]}/original-transcript.json") == WORDS
    assert not (made.directory / "recordings" / made.held[1] / "original-transcript.json").exists()
    said = {one["subject"]: one["analysis"] for one in (json.loads(file.read_bytes()) for file in made.files("calls"))}
    assert [analysis["body"] for analysis in said["c-1"]] == [WORDS]
    assert said["c-2"] == []


def test_the_bordereau_names_recipient_basis_and_every_file(made: Made) -> None:
    page = (made.directory / "bordereau.html").read_text()
    for said in (
        *COURT.values(),
        CASE,
        made.packed.contents.recordings[0].call_id,
        "segment 0",
        "Europe/Paris",
        "UTC+0",
    ):
        assert said in page
    for recording in made.packed.contents.recordings:
        for file in recording.files:
            assert file.name in page
            assert file.sha256 in page


def test_each_call_lies_in_it_as_a_vcon_of_the_drafts_shape_with_its_sound(made: Made) -> None:
    checker = jsonschema.Draft202012Validator(VCON, format_checker=jsonschema.FormatChecker())
    vcons = {one["subject"]: one for one in (json.loads(file.read_bytes()) for file in made.files("calls"))}
    for vcon, name in ((vcons["c-1"], "01.wav"), (vcons["c-2"], "05.wav")):
        checker.validate(vcon)
        [dialog] = vcon["dialog"]
        body = dialog["body"]
        assert urlsafe_b64decode(body + "=" * (-len(body) % 4)) == sample(name)
        assert [vcon["parties"][index] for index in dialog["parties"]] == [
            {"name": "agent a-1"},
            {"name": "caller", "tel": "+33639980001"},
        ]


def test_the_entry_of_a_disclosure_is_durable_before_the_first_byte_is_read(site: Site, tmp_path: Path) -> None:
    one = stored(site)
    hold(site, one)
    before = len(entries(site))
    packed = pack(site, tmp_path / "pack", **COURT)
    said = entries(site)[before:]
    told = packed.contents.disclosed_by
    first = min(number for number, entry in enumerate(said) if entry.operation in READINGS)
    disclosed = [entry for entry in said[:first] if entry.operation is Operation.EVIDENCE_DISCLOSED]
    assert [(entry.entry_id, entry.subject, entry.count) for entry in disclosed] == [(told[0], one, 1)]
    [made] = [entry for entry in said if entry.operation is Operation.EVIDENCE_PACKED]
    assert made.digest == packed.digest
    assert not any(word in repr(said) for word in ("Niort", "2026/114", "bruno", "+336"))


def test_a_disclosure_is_kept_with_its_recipient_for_those_of_the_case_and_the_dpo(site: Site, tmp_path: Path) -> None:
    one = stored(site)
    hold(site, one)
    packed = pack(site, tmp_path / "pack", **COURT)
    [kept] = site.system.evidence_desk.disclosures(LEGAL, CASE)
    assert (kept.recipient, kept.basis, kept.recordings) == (*COURT.values(), {one})
    assert kept.manifest == packed.digest
    dpo = Actor(role=Role.DPO, name="chloé")
    assert site.system.evidence_desk.disclosures(dpo) == [kept]
    narrowed = replace(LEGAL, lines=frozenset({LineId("monitoring-centre")}))
    assert site.system.evidence_desk.disclosures(narrowed) == []
    raw = b"".join(path.read_bytes() for path in (tmp_path / "home").glob("*.db*"))
    assert not any(word.encode() in raw for word in ("Tribunal judiciaire", "2026/114"))


def test_a_pack_that_goes_to_nobody_is_no_disclosure(site: Site, tmp_path: Path) -> None:
    hold(site, stored(site))
    packed = pack(site, tmp_path / "pack")
    assert packed.contents.disclosure is None
    assert Operation.EVIDENCE_DISCLOSED not in {entry.operation for entry in entries(site)}
    assert verify_pack(tmp_path / "pack", trusted=trusted_keys(None, site.system)).ok


def test_without_the_log_nothing_is_read_and_nothing_is_left(site: Site, tmp_path: Path) -> None:
    class NoLog:
        def append(self, entry: LogEntry) -> Any:
            raise LogUnavailableError("full")

        def append_all(self, entries: object) -> Any:
            raise LogUnavailableError("full")

    hold(site, stored(site))
    desk = site.system.evidence_desk
    gate = replace(desk.gate, log=NoLog())
    desk = replace(desk, gate=gate, custody=replace(desk.custody, gate=gate))
    with pytest.raises(RefusedError) as refused:
        desk.pack(LEGAL, CASE, tmp_path / "pack", **COURT, wait_s=5)
    assert refused.value.reasons == ("log_unavailable",)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_who_may_read_originals_for_a_dispute_packs_and_only_what_is_all_theirs(site: Site, tmp_path: Path) -> None:
    hold(site, stored(site), stored(site, "c-2", line="monitoring-centre"))
    narrowed = replace(LEGAL, lines=frozenset({LineId("customer-service")}))
    for actor, reasons in (
        (Actor(role=Role.TRAINER, name="alice"), ("not_permitted",)),
        (Actor(role=Role.OPERATOR, name="olga"), ("not_permitted",)),
        (Actor(role=Role.DPO, name="chloé"), ("not_permitted",)),  # an act of theirs, but for what the policy grants
        (narrowed, ("not_permitted",)),
    ):
        with pytest.raises(RefusedError) as refused:
            pack(site, tmp_path / "pack", actor, **COURT)
        assert refused.value.reasons == reasons
    with pytest.raises(RefusedError) as unknown:
        site.system.evidence_desk.pack(LEGAL, "DOSSIER-2026-999", tmp_path / "pack", wait_s=5)
    assert unknown.value.reasons == ("unknown",)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert not {entry.operation for entry in entries(site)} & {*READINGS, Operation.EVIDENCE_DISCLOSED}


def test_what_was_gone_is_in_it_with_its_certificates_and_the_query_with_its_counts(site: Site, tmp_path: Path) -> None:
    """Of criteria, of which one recording was destroyed before they were placed."""
    gone = stored(site)
    site.clock.move(timedelta(days=200))
    site.drain("dispose")
    kept = stored(site, "c-2", labels={"alarm_id": "A-17"})
    site.system.case_desk.open(LEGAL, CASE, reason="dispute")
    site.system.placement_desk.place(LEGAL, CASE, Asked(line="customer-service", first=date(2026, 1, 1)))
    site.system.placement_desk.place(LEGAL, CASE, Asked(caller="06 39 98 00 01", first=date(2026, 1, 1)))
    site.system.placement_desk.place(LEGAL, CASE, Asked(labels=("alarm_id=A-17",)))
    later = stored(site, "c-3", audio=sample("05.wav"))
    packed = pack(site, tmp_path / "pack", **COURT)
    [lost] = packed.contents.gone
    assert lost.recording_id == gone
    [certificate] = site.system.call_desk.certificates(LEGAL, gone)
    assert lost.certificates == (certificate.digest,)
    [file] = (tmp_path / "pack" / "certificates").iterdir()
    assert file.read_bytes() == certificate.document
    assert [(one["matched_then"], one["of_recordings_then"]) for one in packed.contents.query] == [(1, 1)] * 3
    since = "2025-12-31T23:00:00+00:00"
    asked = [
        {"line": "customer-service", "since": since},
        {"caller": "+33639980001", "since": since},
        {"labels": ["alarm_id=A-17"]},
    ]
    assert [one["criteria"] for one in packed.contents.query] == asked
    assert "correspondant\u00a0: +33639980001" in (tmp_path / "pack" / "bordereau.html").read_text()
    assert {one.recording_id for one in packed.contents.recordings} == {kept, later}
    report = verify_pack(tmp_path / "pack", trusted=trusted_keys(None, site.system))
    assert (report.ok, report.certificates) == (True, 1)
    file.write_bytes(file.read_bytes().replace(b"retention", b"objection"))
    [fault] = verify_pack(tmp_path / "pack", trusted=trusted_keys(None, site.system)).faults
    assert fault.file == f"certificates/{file.name}"


def test_a_case_of_named_people_is_packed_by_them_alone(site: Site, tmp_path: Path) -> None:
    site.system.case_desk.open(LEGAL, CASE, reason="dispute", details=CaseDetails(people=("bruno",)))
    site.system.hold_desk.place(LEGAL, CASE, [stored(site)])
    for somebody in (Actor(role=Role.LEGAL, name="brigitte"), Actor(role=Role.DPO, name="chloé")):
        with pytest.raises(RefusedError) as refused:
            pack(site, tmp_path / "pack", somebody, **COURT)
        assert refused.value.reasons == ("unknown",)
    assert not (tmp_path / "pack").exists()
    assert pack(site, tmp_path / "pack", **COURT).contents.recordings


def test_another_cases_reference_is_in_nothing_that_leaves(site: Site, tmp_path: Path) -> None:
    one = stored(site)
    hold(site, one)
    hold(site, one, case=CaseId("DOSSIER-2026-777"))
    packed = pack(site, tmp_path / "pack", **COURT)
    assert packed.contents.other_cases_entries == 1
    for path in (tmp_path / "pack").rglob("*"):
        assert path.is_dir() or b"DOSSIER-2026-777" not in path.read_bytes()


def test_what_the_case_holds_and_cannot_be_read_is_named_with_its_reasons(site: Site, tmp_path: Path) -> None:
    heard, aside = stored(site), stored(site, "c-2", line="no-such-line")
    hold(site, heard, aside)
    packed = pack(site, tmp_path / "pack", **COURT)
    assert [one.recording_id for one in packed.contents.recordings] == [heard]
    assert list(packed.contents.left_out) == [aside]
    assert [(one["call"], one["line"]) for one in left_out_rows(packed)] == [("c-2", "no-such-line")]
    report = verify_pack(tmp_path / "pack", trusted=trusted_keys(None, site.system))
    assert report.ok
    assert report.manifest is not None
    assert report.manifest.statement["count"] == {"held": 2, "in_the_pack": 1, "left_out": 1, "gone": 0}
    assert not (tmp_path / "pack" / "recordings" / aside).exists()
    page = (tmp_path / "pack" / "bordereau.html").read_text()
    assert "1 enregistrement dans ce dossier de preuve, 1 non communiqué, 0 déjà détruit." in page
    assert re.search(rf"{aside}</td><td>[^<]* [^<]*</td>", page), "in words"


def test_a_disclosure_counts_what_was_handed_over_and_not_what_was_left_out(site: Site, tmp_path: Path) -> None:
    heard, aside = stored(site), stored(site, "c-2", line="no-such-line")
    hold(site, heard, aside)
    pack(site, tmp_path / "pack", **COURT)
    [kept] = site.system.evidence_desk.disclosures(LEGAL, CASE)
    assert kept.recordings == {heard}, "nobody is told of a recording that they never had"


def test_every_recording_of_a_pack_is_accounted_for_by_a_query(site: Site, tmp_path: Path) -> None:
    """By criteria, or by its name."""
    alike, named = stored(site), stored(site, "c-2", line="monitoring-centre")
    site.system.case_desk.open(LEGAL, CASE, reason="dispute")
    site.system.placement_desk.place(LEGAL, CASE, Asked(line="customer-service", first=date(2026, 1, 1)))
    site.system.hold_desk.place(LEGAL, CASE, [named])
    packed = pack(site, tmp_path / "pack", **COURT)
    assert {one.recording_id for one in packed.contents.recordings} == {alike, named}
    by_criteria, by_name = packed.contents.query
    assert by_criteria["matched_then"] == 1
    assert by_name["criteria"] == {"recordings": 1}
    assert "enregistrements désignés nommément" in (tmp_path / "pack" / "bordereau.html").read_text()


def test_every_reason_for_leaving_one_recording_out_has_words_for_the_court() -> None:
    of_the_pack = {ReadRefusal.NOT_PERMITTED, ReadRefusal.LOG_UNAVAILABLE}
    assert {reason.value for reason in ReadRefusal if reason not in of_the_pack} <= REASONS.keys()


def test_a_disclosure_names_both_and_a_folder_is_new_and_a_case_holds_something(site: Site, tmp_path: Path) -> None:
    site.system.case_desk.open(LEGAL, CASE, reason="dispute")
    for wrong in ({"recipient": "the police"}, {"basis": "art. 60-1 CPP"}, {"recipient": "the police", "basis": " "}):
        with pytest.raises(UsageError, match="--recipient"):
            pack(site, tmp_path / "pack", **wrong)
    with pytest.raises(UsageError, match="exists already"):
        pack(site, tmp_path / "home", **COURT)
    for who, why in ((Actor(role=Role.TRAINER, name="alice"), "not_permitted"), (LEGAL, "unknown")):
        case = CASE if who is not LEGAL else CaseId("NONE-1")
        with pytest.raises(RefusedError) as refused:  # whatever stands under the name: the right comes first
            site.system.evidence_desk.pack(who, case, tmp_path / "home", wait_s=5)
        assert refused.value.reasons == (why,)
    with pytest.raises(UsageError, match="holds nothing"):
        pack(site, tmp_path / "pack", **COURT)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_an_interrupted_pack_leaves_nothing_and_is_made_again(site: Site, tmp_path: Path) -> None:
    class Away:
        """The vault, out of reach from its second reading on."""

        def __init__(self, gate: Gate) -> None:
            self.vault, self.left = gate.vault, 1

        def read(self, *place: Any, **part: Any) -> bytes:
            self.left -= 1
            if self.left < 0:
                raise RetryableError("away", part="vault")
            return self.vault.read(*place, **part)

    hold(site, stored(site), stored(site, "c-2", audio=sample("05.wav")))
    desk = site.system.evidence_desk
    gate = replace(desk.gate, vault=Away(desk.gate))
    interrupted = replace(desk, gate=gate, custody=replace(desk.custody, gate=gate))
    with pytest.raises(RetryableError):
        interrupted.pack(LEGAL, CASE, tmp_path / "pack", **COURT, wait_s=5)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    site.clock.move(timedelta(minutes=1))
    pack(site, tmp_path / "pack", **COURT)
    assert verify_pack(tmp_path / "pack", trusted=trusted_keys(None, site.system)).ok


def test_what_a_killed_process_left_is_no_pack_and_goes_with_the_next_attempt(tmp_path: Path) -> None:
    code = f"""
import os
from pathlib import Path
from callwarden.evidence.folder import appearing_folder
with appearing_folder(Path({str(tmp_path / "pack")!r})) as folder:
    folder.write("recordings/one.wav", [b"a voice"])
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert not (tmp_path / "pack").exists()
    [left] = tmp_path.iterdir()
    assert left.stat().st_mode & 0o077 == 0
    assert not verify_pack(left, trusted=()).ok
    with appearing_folder(tmp_path / "pack") as folder:
        assert not any(left.iterdir())
        with pytest.raises(UsageError, match="another process"), appearing_folder(tmp_path / "pack"):
            pass
        folder.write("bordereau.html", [b"a page"])
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]
    assert [path.name for path in (tmp_path / "pack").iterdir()] == ["bordereau.html"]


INSTANT = {"type": "string", "format": "date-time"}
INDEX = {"type": "integer", "minimum": 0}
CONTENT = {
    "mediatype": {"type": "string", "pattern": "^[a-z]+/[A-Za-z0-9.+-]+"},
    "filename": {"type": "string"},
    "encoding": {"enum": ["base64url", "json", "none"]},
    "body": True,
}
VCON = {
    "type": "object",
    "required": ["uuid", "created_at", "parties", "dialog"],
    "additionalProperties": False,
    "properties": {
        "vcon": {"const": "0.4.0"},
        "uuid": {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"},
        "created_at": INSTANT,
        "subject": {"type": "string"},
        "parties": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"tel": {"type": "string", "pattern": r"^\+[0-9]+$"}, "name": {"type": "string"}},
            },
        },
        "dialog": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "start", "body", "encoding", "mediatype"],
                "additionalProperties": False,
                "properties": {
                    "type": {"const": "recording"},
                    "start": INSTANT,
                    "duration": {"type": "number", "minimum": 0},
                    "parties": {"type": "array", "items": INDEX},
                    **CONTENT,
                },
            },
        },
        "analysis": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "vendor", "dialog", "body", "encoding"],
                "additionalProperties": False,
                "properties": {
                    "type": {"const": "transcript"},
                    "dialog": INDEX,
                    "vendor": {"type": "string"},
                    "schema": {"type": "string"},
                    **CONTENT,
                },
            },
        },
    },
}
"""What draft-ietf-vcon-vcon-core-04 asks of the parts this product writes, in our own words; no member beside them."""
