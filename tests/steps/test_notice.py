"""What the caller was told of the recording is kept with it as evidence, and the policy says what it means (R3)."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.errors import RefusedError
from callwarden.model.event import Notice
from callwarden.model.policy import WhenUntold
from callwarden.model.recording import RecordingState
from callwarden.rules.clearing import Correction
from callwarden.workers.cli import run
from tests.support.quick import policy_of
from tests.support.site import NOON, Site
from tests.support.workshop import DPO, SHIPPED_POLICY, Workshop, with_line

TOLD = {"version": "2026-01", "played": True, "at": "2026-11-20T11:59:00+01:00", "completed": True}
HUNG_UP = {**TOLD, "completed": False}


def under(tmp_path: Path, notice: WhenUntold) -> Workshop:
    return Workshop(tmp_path / "site", policy=with_line(policy_of(SHIPPED_POLICY), notice=notice))


def test_what_the_caller_was_told_stays_with_the_recording_and_goes_with_it(shop: Workshop) -> None:
    shop.stored("c-1", notice=TOLD)
    shop.stored("c-2", notice_version="2025-09", caller={})
    kept = shop.recording("c-1").notice
    assert kept == Notice(version="2026-01", played=True, at=NOON - timedelta(minutes=1), completed=True)
    assert shop.recording("c-2").notice == Notice(version="2025-09")
    shop.publish(shop.say("objected", call_id="c-1"))
    shop.drain()
    assert (shop.recording("c-1").state, shop.recording("c-1").notice) == (RecordingState.DROPPED, None)


@pytest.mark.parametrize("notice", [HUNG_UP, {"played": False}, None])
def test_a_line_that_insists_refuses_a_call_whose_caller_was_not_told_and_nothing_of_it_stays(
    tmp_path: Path, notice: dict[str, object] | None
) -> None:
    with under(tmp_path, WhenUntold.REFUSE) as shop:
        shop.publish(shop.event("c-1", notice=... if notice is None else notice), shop.event("c-2", notice=TOLD))
        shop.drain()
        why = "notice_unfinished" if notice == HUNG_UP else "notice_missing"
        assert sorted(shop.verdicts()) == [f"refused:{why}", "stored"]
        assert shop.landed() == []
        assert shop.clean()


def test_what_is_set_aside_for_its_notice_is_stored_once_a_person_answers_for_it(tmp_path: Path) -> None:
    with under(tmp_path, WhenUntold.QUARANTINE) as shop:
        shop.publish(shop.event("c-1", notice=HUNG_UP))
        shop.drain()
        assert shop.verdicts() == ["quarantined:notice_unfinished"]
        desk, recording = shop.system.quarantine_desk, shop.recording("c-1").recording_id
        with pytest.raises(RefusedError) as refused:
            desk.retried(DPO, recording)
        assert refused.value.reasons == ("notice_unfinished",)
        cleared = desk.cleared(DPO, recording, Correction(), reason="the agent said it")
        assert cleared.state is RecordingState.STORED
        assert cleared.notice is not None
        assert not cleared.notice.completed
        assert shop.clean()


def test_a_notice_that_cannot_be_read_costs_no_call(tmp_path: Path) -> None:
    with under(tmp_path, WhenUntold.REFUSE) as shop:
        shop.publish(shop.event("c-1", notice={"played": "perhaps"}))
        shop.drain()
        assert shop.verdicts() == ["quarantined:notice_missing"]


def test_a_call_is_shown_with_what_was_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1", notice=TOLD))
        site.drain("ingest")
    assert run(["calls", "show", "c-1", "--json"]) == 0
    [recording] = json.loads(capsys.readouterr().out)["recordings"]
    assert recording["notice"] == {**TOLD, "at": "2026-11-20T10:59:00+00:00"}
    assert recording["objection_offered"] is True
