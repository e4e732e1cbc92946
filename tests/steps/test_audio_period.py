"""The audio goes before the redacted transcript where the policy says so: at reading, at the sweep, after a restore
(K1, K3, K4, D4, I2, I4, I5)."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Readable
from callwarden.model.criteria import Asked
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.period import CalendarPeriod
from callwarden.model.purpose import Purpose
from callwarden.model.recording import ArtefactKind, AudioState, RecordingState
from callwarden.rules.vault_layout import read_key, recording_prefix
from callwarden.workers.cli import run
from tests.journal.test_replay import backup, coming_up, restore
from tests.support.dying import Fate, KilledError, Moment, mortal
from tests.support.policies import write_policy
from tests.support.quick import policy_of
from tests.support.redacting import Redacting
from tests.support.redactions import redacted
from tests.support.scenarios import work
from tests.support.site import NOON, Site
from tests.support.workshop import LEGAL, SHIPPED_POLICY, Workshop, with_line

A_MONTH = CalendarPeriod(months=1)
LATER = timedelta(days=40)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """Customer service keeps audio a month and the rest six."""
    with Workshop(tmp_path / "site", policy=with_line(policy_of(SHIPPED_POLICY), audio_retention=A_MONTH)) as built:
        yield built


def redacted_call(shop: Workshop, call_id: str = "c-1") -> RecordingId:
    """A call with everything there is of one."""
    recording = shop.stored(call_id)
    making = Redacting(shop)
    making.transcribed(recording, "bonjour je m'appelle Colette")
    making.settle(recording)
    assert kinds(shop, recording) == set(ArtefactKind)
    return recording


def kinds(shop: Site, recording: RecordingId) -> set[ArtefactKind]:
    listed = (read_key(one.key) for one in shop.system.vault.versions(recording_prefix(recording)))
    return {known[1] for known in listed if known is not None}


def read(shop: Site, recording: RecordingId, what: Readable) -> bytes:
    return shop.system.gate.read(LEGAL, Purpose.DISPUTE, recording, what).read_all()


def refusal(shop: Site, recording: RecordingId, what: Readable) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        read(shop, recording, what)
    return refused.value.reasons


def sweep(shop: Workshop, by: timedelta = LATER) -> None:
    for day in range(int(by / timedelta(days=10))):  # a clock that jumps further would not be believed
        shop.clock.move(timedelta(days=10))
        work(shop, "dispose")
        assert day < 100


def row(shop: Workshop, recording: RecordingId):  # type: ignore[no-untyped-def]
    with shop.system.catalogue.snapshot() as tx:
        return tx.recordings.get([recording])[recording]


AUDIO = (Readable.ORIGINAL_AUDIO, Readable.BEEPED_AUDIO, Readable.WAVEFORM, Readable.ORIGINAL_TRANSCRIPT)


def test_past_its_period_the_audio_is_unreadable_at_once_and_gone_at_the_sweep_and_the_transcript_stays(
    shop: Workshop,
) -> None:
    recording = redacted_call(shop)
    said = read(shop, recording, Readable.REDACTED_TRANSCRIPT)
    assert [read(shop, recording, what) != b"" for what in AUDIO] == [True] * 4
    shop.clock.instant = row(shop, recording).audio_until - timedelta(seconds=1)
    assert read(shop, recording, Readable.ORIGINAL_AUDIO) == b"a call"
    shop.clock.move(timedelta(seconds=1))
    assert {refusal(shop, recording, what) for what in AUDIO} == {("past_retention",)}
    assert read(shop, recording, Readable.REDACTED_TRANSCRIPT) == said
    shop.clock.instant = NOON
    sweep(shop)
    assert kinds(shop, recording) == {ArtefactKind.REDACTED_TRANSCRIPT}
    assert read(shop, recording, Readable.REDACTED_TRANSCRIPT) == said
    assert {refusal(shop, recording, what) for what in AUDIO} == {("disposed",)}
    assert row(shop, recording).sealed_audio_key is None
    assert shop.system.gate.details(LEGAL, Purpose.DISPUTE, recording).call_id == "c-1"
    assert len(shop.system.gate.search(LEGAL, Purpose.DISPUTE, "bonjour", limit=5)) == 1
    with shop.system.catalogue.snapshot() as tx:
        [certificate] = tx.certificates.get([recording])
    statement = json.loads(certificate.document)["statement"]
    assert (statement["part"], statement["rule"], len(statement["versions_listed_before"])) == (
        "audio",
        "audio_retention",
        4,
    )
    assert shop.clean()
    sweep(shop, timedelta(days=170))
    assert kinds(shop, recording) == set()
    assert row(shop, recording).state is RecordingState.DISPOSED
    assert shop.clean()


def test_the_key_of_the_audio_is_gone_for_good_though_that_of_the_transcript_stays(shop: Workshop) -> None:
    """K4: a copy of the vault that lies elsewhere opens no sound any more."""
    recording = redacted_call(shop)
    copied = dict(shop.parts["vault"]._objects)
    before = row(shop, recording)
    sweep(shop)
    shop.parts["vault"]._objects = copied
    forged = replace(row(shop, recording), audio=AudioState.KEPT, audio_until=None)
    shop.parts["catalogue"].rows.recordings[recording] = forged
    with shop.system.catalogue.snapshot() as tx:
        shop.parts["catalogue"].rows.artefacts.update(
            {(one.recording_id, one.kind, one.generation): one for one in tx.artefacts.get([recording])}
        )
    assert before.sealed_audio_key is not None
    with pytest.raises(RefusedError):
        read(shop, recording, Readable.ORIGINAL_AUDIO)
    assert read(shop, recording, Readable.REDACTED_TRANSCRIPT)


def test_a_hold_outranks_the_audios_period_and_its_end_lets_it_go_after_the_delay(shop: Workshop) -> None:
    recording = redacted_call(shop)
    shop.hold(recording)
    sweep(shop)
    assert kinds(shop, recording) == set(ArtefactKind)
    assert read(shop, recording, Readable.ORIGINAL_AUDIO) == b"a call"
    shop.release()
    shop.drain()
    work(shop, "dispose")
    assert kinds(shop, recording) == set(ArtefactKind), "nothing goes before the delay is over"
    shop.clock.move(shop.policy.release_delay)
    work(shop, "dispose")
    assert kinds(shop, recording) == {ArtefactKind.REDACTED_TRANSCRIPT}
    assert shop.clean()


def test_a_hold_that_comes_once_the_audio_is_gone_keeps_the_transcript(shop: Workshop) -> None:
    recording = redacted_call(shop)
    sweep(shop)
    with shop.system.catalogue.snapshot() as tx:
        [certificate] = tx.certificates.get([recording])
    shop.hold(recording)
    placed = shop.system.hold_desk.place(LEGAL, CaseId("DOSSIER-1"), [recording])
    assert (placed.held, placed.gone, placed.audio_gone) == ((recording,), (), (recording,))
    assert placed.certificates == {recording: certificate.digest}
    by_criteria = shop.system.placement_desk.place(LEGAL, CaseId("DOSSIER-1"), Asked(call="c-1"), once=True)
    assert (by_criteria.audio_gone, by_criteria.certificates) == ((recording,), {recording: certificate.digest})
    shop.drain()
    sweep(shop, timedelta(days=200))
    assert kinds(shop, recording) == {ArtefactKind.REDACTED_TRANSCRIPT}
    assert shop.clean()


def test_a_restriction_keeps_the_audio(shop: Workshop) -> None:
    """D4"""
    recording = redacted_call(shop)
    with shop.system.catalogue.transaction() as tx:
        [locked] = tx.recordings.get([recording], lock=True).values()
        tx.recordings.save([replace(locked, restricted=True)])
    sweep(shop)
    assert kinds(shop, recording) == set(ArtefactKind)


def test_what_a_worker_is_making_of_the_sound_just_then_leaves_nothing(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    making = Redacting(shop)
    making.transcribed(recording, "bonjour")
    step = making.step()
    done = [step.carry_out(plan) for plan in step.begin([making.delivery(recording)]).plans]
    sweep(shop)
    for aftermath in step.finish(done).aftermaths:
        step.clean_up(aftermath)
    assert kinds(shop, recording) == set()
    assert shop.clean()
    making.deliver(recording)
    assert kinds(shop, recording) == set(), "of sound that is gone nothing is made"


def test_a_call_that_arrives_past_its_audios_period_is_not_kept(shop: Workshop) -> None:
    event = shop.event("c-1")
    shop.clock.move(timedelta(days=40))
    shop.publish(event)
    shop.drain()
    assert shop.verdicts() == ["refused:past_retention"]
    assert shop.landed() == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("call", ["vault.destroy", "catalogue.transaction.commit", "journal.append_acts"])
def test_a_sweep_that_dies_in_the_middle_is_finished_by_the_next(
    shop: Workshop, call: str, nth: int, after: bool
) -> None:
    recording = redacted_call(shop)
    for _ in range(3):
        shop.clock.move(timedelta(days=13))
        if shop.clock.now() >= row(shop, recording).audio_until:
            break
        work(shop, "dispose")
    mortal(shop.reopen(), Fate(at=Moment(call, nth, after=after)))
    with suppress(KilledError):
        work(shop, "dispose")
    shop.reopen()
    assert refusal(shop, recording, Readable.ORIGINAL_AUDIO)
    coming_up(shop)
    work(shop, "dispose")
    assert kinds(shop, recording) == {ArtefactKind.REDACTED_TRANSCRIPT}
    assert shop.clean()


def test_a_restored_backup_does_not_bring_the_audio_back(shop: Workshop) -> None:
    recording, held = redacted_call(shop, "c-1"), redacted_call(shop, "c-2")
    copied = backup(shop)
    sweep(shop)
    shop.hold(held)
    shop.drain()
    restore(shop, copied)
    assert row(shop, recording).sealed_audio_key is not None
    shop.clock.instant = NOON + timedelta(days=1)
    assert coming_up(shop).not_replayed == ()
    assert refusal(shop, recording, Readable.ORIGINAL_AUDIO) == ("disposed",)
    assert refusal(shop, held, Readable.ORIGINAL_AUDIO) == ("disposed",), "it was gone before the hold was placed"
    assert row(shop, recording).sealed_audio_key is None
    shop.clock.instant = NOON
    work(shop, "holds", "dispose")
    assert kinds(shop, recording) == kinds(shop, held) == {ArtefactKind.REDACTED_TRANSCRIPT}
    assert shop.clean()
    assert coming_up(shop).acts == 0


def test_the_sweep_and_the_call_say_that_the_audio_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = write_policy(
        tmp_path / "policy.yaml", ("    retention: P6M ", "    audio_retention: P7D\n    retention: P6M ")
    )
    monkeypatch.setenv("CALLWARDEN_POLICY", str(policy))
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    with Site(tmp_path / "home", overrides={"policy": policy}) as site:
        site.publish(site.event("c-1"))
        site.drain("ingest")
        [stored] = site.system.catalogue.all_recordings()
        redacted(site, stored.recording_id, '{"turns": []}')
    for instant, fate in ((6, []), (8, ["audio_destroyed"])):
        monkeypatch.setenv("CALLWARDEN_NOW", (NOON + timedelta(days=instant)).isoformat())
        assert run(["dispose", "--json"]) == 0
        assert [one["state"] for one in json.loads(capsys.readouterr().out)] == fate
    assert run(["calls", "show", "c-1", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in shown["artefacts"]] == ["redacted-transcript"]
    assert (shown["recordings"][0]["audio"], shown["recordings"][0]["state"]) == ("ended", "stored")
    assert run(["reconcile", "--json"]) == 0
    legal, pack = ["--as", "legal:bruno", "--json"], str(tmp_path / "pack")
    assert run(["hold", "open", "D-1", "--reason", "dispute", *legal]) == 0
    capsys.readouterr()
    assert run(["hold", "place", "D-1", "--recording", stored.recording_id, *legal]) == 0
    placed = json.loads(capsys.readouterr().out)
    [certificate] = placed["certificates"].values()
    assert (placed["held"], placed["audio_gone"]) == ([stored.recording_id], [stored.recording_id])
    assert run(["hold", "pack", "D-1", "-o", pack, "--recipient", "TJ", "--basis", "2026/114", *legal]) == 0
    custody = json.loads((tmp_path / "pack" / "recordings" / stored.recording_id / "custody.json").read_text())
    assert (custody["unbroken"], custody["audio_ended"]) == (True, certificate)
    assert run(["hold", "verify-pack", pack, "--json"]) == 0, "what has ended in its time breaks no chain"


def test_an_older_row_that_has_the_audio_again_is_seen(shop: Workshop) -> None:
    """I7"""
    recording = redacted_call(shop)
    before = row(shop, recording)
    sweep(shop)
    shop.parts["catalogue"].rows.recordings[recording] = before
    assert ("audio_revived", recording) in {(one.code, one.subject) for one in shop.report().breaches}
