"""Holds outrank disposal, disposal outranks nothing; both may be interrupted and repeated (K1, K3, D4, I4, I5)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callwarden.custody.disposal import DisposedBatch
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Role
from callwarden.model.hold import CaseState
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.recording import RecordingState
from callwarden.ports.journal import ErasureRecord
from callwarden.ports.vault import UnfinishedUpload
from callwarden.rules.vault_layout import HELD_TAG, RETENTION_TAG, recording_prefix
from callwarden.workers.processes.running import count_gone
from tests.support.scenarios import LEGAL
from tests.support.workshop import Workshop

UNKNOWN = RecordingId("rec-" + "0" * 32)


def _only_version(shop: Workshop) -> tuple[bool, dict[str, str]]:
    [version] = shop.system.vault.versions("")
    vault = shop.parts["vault"]
    return vault.is_held(version.key, version.version_id), dict(vault.tags(version.key, version.version_id))


def test_a_hold_puts_the_flag_on_every_version_and_takes_it_out_of_the_lifecycle(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    assert _only_version(shop) == (False, {RETENTION_TAG: "P6M"})
    shop.hold(recording)
    assert _only_version(shop) == (True, {HELD_TAG: "yes"})
    assert shop.clean()


def test_a_hold_that_no_flag_follows_is_a_breach_until_the_worker_has_been_there(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    shop.hold(recording)
    [version] = shop.system.vault.versions("")
    shop.parts["vault"].set_hold(version.key, version.version_id, held=False, tags={})
    assert [one.code for one in shop.report().breaches] == ["hold_not_fast"]
    shop.drain("holds")
    assert _only_version(shop) == (True, {HELD_TAG: "yes"})
    assert shop.clean()


def test_a_held_recording_survives_every_sweep(shop: Workshop) -> None:
    """I4"""
    shop.hold(shop.stored("c-1"))
    shop.clock.move(timedelta(days=4000))
    assert shop.drain("dispose") == 0
    assert shop.report().versions == 1


def test_two_cases_hold_one_recording_and_releasing_one_leaves_the_other(shop: Workshop) -> None:
    """K3: a hold belongs to a case; it is no flag."""
    recording = shop.stored("c-1")
    shop.hold(recording, case="DOSSIER-1")
    shop.hold(recording, case="DOSSIER-2")
    assert shop.release("DOSSIER-1") is CaseState.RELEASED
    assert shop.recording("c-1").holds == ("DOSSIER-2",)
    assert _only_version(shop) == (True, {HELD_TAG: "yes"})
    shop.clock.move(timedelta(days=400))
    assert shop.drain("dispose") == 0


def test_after_a_release_the_original_clock_applies_again_once_the_delay_is_over(shop: Workshop) -> None:
    shop.hold(shop.stored("c-1"))
    shop.clock.move(timedelta(days=400))
    shop.release()
    assert _only_version(shop) == (False, {HELD_TAG: "yes"}), "the lifecycle knows nothing of the delay"
    assert shop.drain("dispose") == 0
    shop.clock.move(shop.policy.release_delay)
    assert shop.drain("dispose") == 1
    assert shop.report().versions == 0
    assert shop.clean()


def test_a_release_takes_two_people(shop: Workshop) -> None:
    shop.hold(shop.stored("c-1"))
    desk = shop.system.hold_desk
    assert desk.release(LEGAL, CaseId("DOSSIER-1")).waiting_for_second
    names = (LEGAL.name, LEGAL.name.upper(), f" {LEGAL.name}", LEGAL.name.replace("r", "г"))
    for name in names:
        for role in (Role.LEGAL, Role.DPO):
            with pytest.raises(RefusedError) as refused:
                desk.release(Actor(role=role, name=name), CaseId("DOSSIER-1"))
            assert refused.value.reasons == ("same_person",)
    entries = [one for one in shop.parts["catalogue"].log if one.operation is Operation.ACCESS_REFUSED]
    assert [one.case for one in entries] == ["DOSSIER-1"] * 8
    assert len({one.actor for one in entries if one.actor.startswith("legal:")}) == 2, "one person, and one look-alike"


def test_a_released_case_takes_no_more_recordings(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    shop.hold(recording)
    shop.release()
    with pytest.raises(RefusedError, match="was released"):
        shop.system.hold_desk.place(LEGAL, CaseId("DOSSIER-1"), [recording])


def test_placing_a_hold_says_what_was_gone_already_and_what_nobody_knows(shop: Workshop) -> None:
    gone = shop.stored("c-gone")
    shop.clock.move(timedelta(days=200))
    shop.drain("dispose")
    kept = shop.stored("c-kept")
    desk = shop.system.hold_desk
    shop.system.case_desk.open(LEGAL, CaseId("DOSSIER-1"), reason="dispute")
    placed = desk.place(LEGAL, CaseId("DOSSIER-1"), [gone, kept, UNKNOWN])
    assert (placed.gone, placed.held, placed.unknown) == ((gone,), (kept,), (UNKNOWN,))


def test_a_hold_that_comes_while_the_sweep_has_claimed_the_recording_says_that_it_came_too_late(
    shop: Workshop,
) -> None:
    """Between claim and erasure there is no way back: the answer is exact, never hopeful."""
    recording = shop.stored("c-1")
    shop.clock.move(timedelta(days=200))
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(shop.recording("c-1"), state=RecordingState.DISPOSING)])
    desk = shop.system.hold_desk
    shop.system.case_desk.open(LEGAL, CaseId("DOSSIER-1"), reason="dispute")
    assert desk.place(LEGAL, CaseId("DOSSIER-1"), [recording]).gone == (recording,)
    assert shop.drain("dispose") == 1
    assert shop.clean()


def test_an_erasure_that_was_interrupted_is_one_breach_and_no_loss_of_objects_or_keys(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    shop.clock.move(timedelta(days=200))
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(shop.recording("c-1"), state=RecordingState.DISPOSING)])
        tx.keys.destroy([recording])
    for version in shop.system.vault.versions(recording_prefix(recording)):
        shop.parts["vault"].destroy([version])
    assert [one.code for one in shop.report().breaches] == ["erasure_unfinished"]
    shop.drain("dispose")
    assert shop.clean()


def test_a_restriction_blocks_the_ordinary_disposal_until_it_is_lifted(shop: Workshop) -> None:
    """D4"""
    shop.stored("c-1")
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(shop.recording("c-1"), restricted=True)])
    shop.clock.move(timedelta(days=400))
    assert shop.drain("dispose") == 0
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(shop.recording("c-1"), restricted=False)])
    assert shop.drain("dispose") == 1


def test_quarantined_audio_goes_after_the_quarantine_period(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", audio=b"silent"))
    shop.drain()
    shop.clock.move(timedelta(days=29))
    assert shop.drain("dispose") == 0
    shop.clock.move(timedelta(days=2))
    assert shop.drain("dispose") == 1
    assert shop.clean()


def test_the_sweep_destroys_every_version_every_unfinished_upload_the_key_and_what_was_personal(
    shop: Workshop,
) -> None:
    """K1, I5"""
    recording = shop.stored("c-1")
    prefix = recording_prefix(recording)
    shop.parts["vault"].uploads.append(
        UnfinishedUpload(key=f"{prefix}original-audio.1", upload_id="u", started_at=shop.clock.now())
    )
    shop.clock.move(timedelta(days=200))
    shop.drain("dispose")
    row = shop.recording("c-1")
    assert (row.state, row.caller, row.customer, row.agent_id, row.sealed_event) == (
        RecordingState.DISPOSED, None, None, None, None,
    )  # fmt: skip
    with shop.system.catalogue.transaction() as tx:
        assert tx.keys.get([recording]) == {}
        assert tx.artefacts.get([recording]) == []
    erased = [one for one in shop.parts["journal"].records if isinstance(one, ErasureRecord)]
    assert [one.recording_id for one in erased] == [recording]
    assert len(shop.parts["bus"].messages("recordings.disposed")) == 1
    assert shop.clean()


def test_a_version_under_a_hold_nobody_here_knows_is_left_and_the_others_go(shop: Workshop) -> None:
    """A legal hold set from outside forbids it; the sweep goes on and a reconciliation says what is unfinished."""
    stuck = shop.stored("c-stuck")
    shop.stored("c-free")
    [version] = shop.system.vault.versions(recording_prefix(stuck))
    shop.parts["vault"].set_hold(version.key, version.version_id, held=True, tags={})
    shop.clock.move(timedelta(days=200))
    assert shop.drain("dispose") == 1
    assert {one.code for one in shop.report().breaches} >= {"erasure_unfinished"}
    shop.parts["vault"].set_hold(version.key, version.version_id, held=False, tags={})
    assert shop.drain("dispose") == 1
    assert shop.clean()


def test_of_two_sweeps_at_once_one_destroys_and_is_counted(shop: Workshop) -> None:
    """Both may take up what one of them has claimed: it is destroyed, certified and told once."""
    shop.stored("c-1")
    shop.clock.move(timedelta(days=400))
    counts: list[int] = []

    class AfterAnother:
        """The other sweep runs to its end between this one's claim and its first erasure."""

        def end(self, recording_ids: Sequence[RecordingId], *, actor: Actor, as_at: datetime | None) -> DisposedBatch:
            if not counts:
                counts.append(sum(count_gone(batch) for batch in shop.system.sweep.rounds(confirmed=True)))
            return shop.system.disposal.end(recording_ids, actor=actor, as_at=as_at)

    second = replace(shop.system.sweep, disposal=AfterAnother())  # type: ignore[arg-type]  # all of it that is used
    counts.append(sum(count_gone(batch) for batch in second.rounds(confirmed=True)))
    assert counts == [1, 0]
    assert len(shop.parts["bus"].messages("recordings.disposed")) == 0  # waits in the outbox, once:
    shop.drain()
    assert len(shop.parts["bus"].messages("recordings.disposed")) == 1
    assert shop.report().breaches == ()
