"""A hold is placed when the catalogue says so, applied when every version does; nothing is lost between (K3, I4)."""

import io
from datetime import timedelta

import pytest

from callwarden.custody.holding import AT_ONCE
from callwarden.desks.holds import Placed
from callwarden.model.access import service
from callwarden.model.hold import Unapplied
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.recording import Artefact, ArtefactKind, RecordingState
from callwarden.ports.vault import ObjectVersion
from callwarden.rules.vault_layout import HELD_TAG, object_key, recording_prefix
from tests.support.dying import Fate, KilledError, Moment, mortal
from tests.support.workshop import LEGAL, Workshop

CASE = CaseId("DOSSIER-1")
MANY = AT_ONCE + 5
SOON = timedelta(minutes=2)
LATER = timedelta(minutes=20)


def unapplied(shop: Workshop) -> list[Unapplied]:
    with shop.system.catalogue.snapshot() as tx:
        return list(tx.unapplied.find())


def held_versions(shop: Workshop, *recordings: RecordingId) -> int:
    """How many versions carry the flag and the exclusion; no version has one without the other."""
    vault, found = shop.parts["vault"], 0
    for one in recordings:
        for version in vault.versions(recording_prefix(one)):
            flags = (
                vault.is_held(version.key, version.version_id),
                HELD_TAG in vault.tags(version.key, version.version_id),
            )
            assert len(set(flags)) == 1
            found += flags[0]
    return found


def version(shop: Workshop, recording: RecordingId) -> ObjectVersion:
    [found] = shop.parts["vault"].versions(recording_prefix(recording))
    return found


def many(shop: Workshop) -> list[RecordingId]:
    shop.publish(*(shop.event(f"c-{number}") for number in range(MANY)))
    shop.drain("ingest", "holds")
    return [row.recording_id for row in shop.system.catalogue.all_recordings()]


def place(shop: Workshop, *recordings: RecordingId) -> Placed:
    shop.system.case_desk.open(LEGAL, CASE, reason="dispute")
    return shop.system.hold_desk.place(LEGAL, CASE, recordings)


def breaches(shop: Workshop) -> list[str]:
    return [one.code for one in shop.report().breaches]


def test_a_version_whose_flag_the_vault_refuses_is_named_and_flagged_once_it_allows(shop: Workshop) -> None:
    stuck, free = shop.stored("c-stuck"), shop.stored("c-free")
    key = version(shop, stuck).key
    shop.parts["vault"].refused.add(key)
    assert set(place(shop, stuck, free).held) == {stuck, free}, "placed all the same"
    [one] = unapplied(shop)
    assert (one.recording_id, one.tries) == (stuck, 1)
    assert [(fault.key, "AccessDenied" in fault.error) for fault in one.faults] == [(key, True)]
    assert held_versions(shop, stuck, free) == 1
    shown = shop.system.case_desk.shown(LEGAL, CASE)
    assert {hold.recording_id for hold in shown.holds if hold.applied_at is None} == {stuck}
    assert [(each.recording_id, each.faults[0].key) for each in shown.refused] == [(stuck, key)]
    [breach] = shop.report().breaches
    assert (breach.code, breach.subject) == ("hold_not_fast", stuck)
    assert "AccessDenied" in breach.what_to_do
    shop.drain("holds")
    assert held_versions(shop, stuck) == 0, "not before its time comes again"
    shop.parts["vault"].refused.clear()
    shop.clock.move(SOON)
    shop.drain("holds")
    assert (held_versions(shop, stuck), unapplied(shop)) == (1, [])
    assert shop.clean()


def test_what_is_refused_again_and_again_is_tried_ever_more_rarely_and_at_least_every_hour(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    shop.parts["vault"].refused.add(version(shop, recording).key)
    place(shop, recording)
    pauses = []
    for _ in range(9):
        [one] = unapplied(shop)
        assert one.again_at is not None
        pauses.append(one.again_at - shop.clock.now())
        shop.clock.instant = one.again_at
        shop.drain("holds")
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=1), timedelta(hours=1))


def test_many_recordings_are_placed_at_once_and_applied_by_a_worker(shop: Workshop) -> None:
    recordings = many(shop)
    assert len(place(shop, *recordings).held) == MANY
    assert held_versions(shop, *recordings) == 0
    with shop.system.catalogue.snapshot() as tx:
        assert tx.unapplied.count() == {CASE: MANY}
    shop.clock.move(timedelta(days=400))
    assert shop.drain("dispose") == 0, "a hold counts from the moment it is placed"
    shop.drain("holds")
    assert (held_versions(shop, *recordings), unapplied(shop)) == (MANY, [])
    assert shop.clean()


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_killed_among_many_leaves_the_rest_to_the_next(shop: Workshop, after: bool) -> None:
    recordings = many(shop)
    place(shop, *recordings)
    mortal(shop.reopen(), Fate(at=Moment("vault.set_hold", MANY // 2, after=after)))
    with pytest.raises(KilledError):
        shop.drain("holds")
    shop.reopen()
    assert 0 < held_versions(shop, *recordings) < MANY
    shop.drain("holds")
    assert (held_versions(shop, *recordings), unapplied(shop)) == (MANY, [])
    assert shop.clean()


def test_what_no_message_tells_of_is_applied_from_the_catalogue(shop: Workshop) -> None:
    """Messages may expire on the bus before they are read."""
    recordings = many(shop)
    place(shop, *recordings)
    shop.parts["catalogue"].rows.outbox.clear()
    shop.drain("holds")
    assert held_versions(shop, *recordings) == 0, "whoever has them in hand is waited for"
    shop.clock.move(LATER)
    shop.drain("holds")
    assert (held_versions(shop, *recordings), unapplied(shop)) == (MANY, [])


def test_what_is_derived_of_a_held_recording_is_held_too_and_unapplied_until_then(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    place(shop, recording)
    assert unapplied(shop) == []
    stored = shop.parts["vault"].put(
        object_key(recording, ArtefactKind.ORIGINAL_TRANSCRIPT, 1), io.BytesIO(b"words"), size=5, tags={HELD_TAG: "yes"}
    )
    words = Artefact(
        recording_id=recording, kind=ArtefactKind.ORIGINAL_TRANSCRIPT, generation=1, key=stored.key,
        version_id=stored.version_id, size=5, stored_size=5, sha256="0" * 64, media_type="application/json",
        stored_at=shop.clock.now(),
    )  # fmt: skip
    with shop.system.catalogue.transaction() as tx:
        tx.artefacts.add([words])
    assert [one.recording_id for one in unapplied(shop)] == [recording]
    assert breaches(shop) == ["hold_not_fast"]
    [hold] = shop.system.case_desk.shown(LEGAL, CASE).holds
    assert hold.applied_at is None, "it was applied to what there was before"
    shop.drain("holds")
    shop.clock.move(LATER)
    shop.drain("holds")
    assert (held_versions(shop, recording), unapplied(shop)) == (2, [])


def test_a_flag_that_would_not_come_off_keeps_no_recording_for_good(shop: Workshop) -> None:
    """The release counts; what the vault still holds when the sweep comes is let go first."""
    recording = shop.stored("c-1")
    shop.hold(recording)
    key = version(shop, recording).key
    shop.parts["vault"].refused.add(key)
    shop.release()
    assert [one.recording_id for one in unapplied(shop)] == [recording]
    assert breaches(shop) == ["hold_unknown"]
    shop.clock.move(timedelta(days=400))
    assert shop.drain("dispose") == 0
    assert shop.recording("c-1").state is RecordingState.DISPOSING
    shop.parts["vault"].refused.clear()
    shop.clock.move(LATER)
    shop.drain("holds")
    assert shop.drain("dispose") == 1
    shop.drain("holds")
    assert shop.clean()


# the reconciler


def repair(shop: Workshop) -> None:
    shop.system.reconciler.repair(service("test"))


def test_a_repair_sets_again_what_somebody_took_off_past_us(shop: Workshop) -> None:
    recordings = [shop.stored("c-1"), shop.stored("c-2")]
    place(shop, *recordings)
    flag, tag = (version(shop, one) for one in recordings)
    shop.parts["vault"].set_hold(flag.key, flag.version_id, held=False, tags={HELD_TAG: "yes"})
    shop.parts["vault"].set_hold(tag.key, tag.version_id, held=True, tags={})
    assert breaches(shop) == ["hold_not_fast"] * 2, "within reach of the lifecycle is not held"
    repair(shop)
    assert held_versions(shop, *recordings) == 2
    assert shop.clean()


def test_a_hold_in_the_vault_that_no_case_ever_placed_is_reported_and_left_to_legal(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    one = version(shop, recording)
    shop.parts["vault"].set_hold(one.key, one.version_id, held=True, tags={HELD_TAG: "yes"})
    repair(shop)
    [breach] = shop.report().breaches
    assert (breach.code, "ask legal" in breach.what_to_do) == ("hold_unknown", True)
    assert shop.parts["vault"].is_held(one.key, one.version_id)


def test_a_hold_in_the_vault_whose_cases_were_all_released_is_taken_off_by_a_repair(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    shop.hold(recording)
    shop.release()
    one = version(shop, recording)
    shop.parts["vault"].set_hold(one.key, one.version_id, held=True, tags={HELD_TAG: "yes"})
    [breach] = shop.report().breaches
    assert (breach.code, "--repair" in breach.what_to_do) == ("hold_unknown", True)
    repair(shop)
    assert held_versions(shop, recording) == 0
    assert shop.clean()


def test_no_flag_comes_off_while_the_journal_knows_of_a_case_that_holds(shop: Workshop) -> None:
    """Somebody took the hold's row away: by that nothing is let go."""
    recording = shop.stored("c-1")
    shop.hold(recording)
    shop.parts["catalogue"].rows.holds.clear()
    shop.system.holding.apply(recording)
    repair(shop)
    assert held_versions(shop, recording) == 1
    assert set(breaches(shop)) == {"hold_gone", "hold_unknown"}
