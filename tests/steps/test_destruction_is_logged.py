"""Whatever is destroyed is in the access log, also where its recording stays (L1, K4)."""

import io
from datetime import timedelta

from callwarden.custody.store import measured
from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.recording import ArtefactKind, RecordingState
from callwarden.ports.vault import UnfinishedUpload
from callwarden.rules.vault_layout import object_key, recording_prefix
from tests.support.redacting import Redacting
from tests.support.workshop import Workshop

OPERATOR = Actor(role=Role.OPERATOR, name="otto")
UNKNOWN = RecordingId("rec-" + "a1" * 16)
TRANSCRIPT = "je suis la cliente et mon nom est connu"


def destroyed(shop: Workshop) -> list[tuple[str | None, str | None, tuple[str, ...], int | None, str]]:
    return [
        (one.subject, one.artefact, one.reasons, one.count, one.actor.partition(":")[0])
        for one in shop.parts["catalogue"].log
        if one.operation is Operation.ARTEFACT_DESTROYED
    ]


def test_a_repair_logs_what_it_destroys_by_recording_under_the_name_of_who_ran_it(shop: Workshop) -> None:
    known = shop.stored()
    vault, at = shop.parts["vault"], shop.clock.now()
    for recording_id, generation in ((UNKNOWN, 1), (UNKNOWN, 2), (known, 7)):
        vault.put(object_key(recording_id, ArtefactKind.WAVEFORM, generation), io.BytesIO(b"x"), size=1, tags={})
    key = object_key(UNKNOWN, ArtefactKind.BEEPED_AUDIO, 1)
    vault.uploads.append(UnfinishedUpload(key=key, upload_id="u-1", started_at=at))
    shop.clock.move(timedelta(hours=2))
    assert shop.system.reconciler.repair(OPERATOR) == 4
    assert sorted(destroyed(shop), key=str) == sorted(
        [
            (UNKNOWN, None, ("object_unknown",), 3, "operator"),
            (known, "waveform", ("object_unknown",), 1, "operator"),
        ],
        key=str,
    )
    assert shop.clean()
    assert shop.system.reconciler.repair(OPERATOR) == 0
    assert len(destroyed(shop)) == 2


def test_a_version_too_young_to_repair_is_said_to_be_and_until_when(shop: Workshop) -> None:
    shop.stored()
    key = object_key(UNKNOWN, ArtefactKind.WAVEFORM, 1)
    shop.parts["vault"].put(key, io.BytesIO(b"x"), size=1, tags={})
    until = shop.clock.now() + timedelta(hours=1)
    [young] = shop.system.reconciler.reconcile().breaches
    assert f"after {until:%Y-%m-%d %H:%M:%S}Z callwarden reconcile --repair destroys it" in young.what_to_do
    assert shop.system.reconciler.repair(OPERATOR) == 0
    shop.clock.move(timedelta(hours=1, seconds=1))
    [old] = shop.system.reconciler.reconcile().breaches
    assert old.what_to_do.endswith("in no row: run callwarden reconcile --repair")
    assert shop.system.reconciler.repair(OPERATOR) == 1


def test_a_superseded_redaction_is_logged_as_it_goes(shop: Workshop) -> None:
    one = shop.stored()
    first = Redacting(shop)
    first.transcribed(one, TRANSCRIPT)
    first.deliver(one)
    assert destroyed(shop) == []
    Redacting(shop, version="v2").deliver(one)
    assert destroyed(shop) == [(one, None, ("superseded",), 3, "service")]
    assert shop.clean()


def test_set_aside_audio_is_logged_as_it_gives_way_to_better(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", audio=b"noise"))
    shop.drain()
    assert shop.recording("c-1").state is RecordingState.QUARANTINED
    shop.publish(shop.event("c-1", audio=b"a call"))
    shop.drain()
    stored = shop.recording("c-1")
    assert stored.state is RecordingState.STORED
    assert destroyed(shop) == [(stored.recording_id, "original-audio", ("replaced",), 1, "service")]


def test_what_a_backup_brought_back_and_no_row_knows_is_logged_as_it_goes_again(shop: Workshop) -> None:
    shop.system  # noqa: B018 -- it came up before the backup was put back
    at = shop.clock.now()
    shop.parts["journal"].append(UNKNOWN, destroyed_at=at, reason="objection")
    key = object_key(UNKNOWN, ArtefactKind.ORIGINAL_AUDIO, 1)
    shop.parts["vault"].put(key, io.BytesIO(b"x"), size=1, tags={})
    shop.system.journal_replay.run()
    assert list(shop.parts["vault"].versions(recording_prefix(UNKNOWN))) == []
    assert destroyed(shop) == [(UNKNOWN, "original-audio", ("restored_backup",), 1, "service")]


def test_a_call_dropped_on_an_objection_is_told_as_disposed_like_any_other(shop: Workshop) -> None:
    one = shop.stored("c-1")
    shop.publish(shop.say("objected", call_id="c-1"))
    shop.drain()
    [message] = shop.parts["bus"].messages("recordings.disposed")
    assert ((message.key or b"").decode(), b'"reason":"objection"' in message.value) == (one, True)


def test_the_measure_of_a_file_is_that_of_all_of_it_wherever_it_was_read_to() -> None:
    file = io.BytesIO(b"a call")
    file.read(3)
    assert measured(file).size == 6
