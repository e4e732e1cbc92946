"""What an experiment takes: what is open at that instant, pinned, each with its entry, and nothing twice (U5)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from callwarden.errors import RefusedError
from callwarden.model.experiment import Carried, ExperimentItem, ExperimentState, ItemState
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import LogEntry, Operation
from tests.support.experiments import ADA, NAME, WAV, approved, redact, wish
from tests.support.workshop import DPO, Workshop

TAKEN = (Operation.EXPERIMENT_INCLUDED, Operation.EXPERIMENT_REVOKED, Operation.EXPERIMENT_DESTROYED)


def call(shop: Workshop, call_id: str, **changes: object) -> RecordingId:
    one = shop.stored(call_id, **changes)
    redact(shop, one, "Bonjour.", "Je suis [PERSON].")
    return one


def items(shop: Workshop, name: str = NAME) -> dict[RecordingId, ExperimentItem]:
    with shop.system.catalogue.snapshot() as tx:
        experiment = tx.experiments.named(name)
        assert experiment is not None
        return {one.recording_id: one for one in tx.experiment_items.of(experiment.experiment_id, limit=99)}


def entries(shop: Workshop, *operations: Operation) -> list[LogEntry]:
    return [entry for entry in shop.parts["catalogue"].log if entry.operation in operations]


def restrict(shop: Workshop, recording_id: RecordingId, *, restricted: bool) -> None:
    with shop.system.catalogue.transaction() as tx:
        [row] = tx.recordings.get([recording_id], lock=True).values()
        tx.recordings.save([replace(row, restricted=restricted)])


def object_to(shop: Workshop, call_id: str) -> None:
    shop.publish(shop.say("objected", call_id=call_id, purposes=["ai_experiment"]))
    shop.drain()


def test_a_build_takes_what_is_open_at_that_instant_and_each_item_is_an_entry(shop: Workshop) -> None:
    """U5: the lineage is recording, redaction and experiment."""
    taken = call(shop, "c-1")
    call(shop, "c-2", objections=["ai_experiment"])
    shop.stored("c-3")
    experiment = approved(shop)
    built = shop.system.experiment_build_desk.build(ADA, NAME)
    assert (built.included, built.new, built.experiment.state) == (1, 1, ExperimentState.BUILT)
    assert built.left_out == built.experiment.left_out == {"objected": 1, "redaction_incomplete": 1}
    [item] = items(shop).values()
    assert (item.recording_id, item.state, item.generation) == (taken, ItemState.INCLUDED, 1)
    [entry] = entries(shop, *TAKEN)
    assert (entry.subject, entry.correlation, entry.digest) == (taken, experiment.experiment_id, item.digest)
    [done] = entries(shop, Operation.EXPERIMENT_BUILT)
    assert (done.subject, done.count) == (experiment.experiment_id, 1)
    assert shop.system.experiment_desk.shown(ADA, NAME).experiment.left_out == built.left_out
    assert taken.removeprefix("rec-") not in item.item_id


def test_nothing_is_built_before_it_is_approved_after_its_end_or_by_others(shop: Workshop) -> None:
    call(shop, "c-1")
    shop.system.experiment_desk.open(ADA, wish(shop))
    desk = shop.system.experiment_build_desk
    for actor, reason in ((ADA, "not_approved"), (DPO, "not_permitted")):
        with pytest.raises(RefusedError) as refused:
            desk.build(actor, NAME)
        assert refused.value.reasons == (reason,)
    shop.system.experiment_desk.approve(DPO, NAME)
    shop.clock.move(timedelta(days=61))  # the sweep has not come by yet
    with pytest.raises(RefusedError) as refused:
        desk.build(ADA, NAME)
    assert refused.value.reasons == ("experiment_over",)
    assert items(shop) == {}


def test_a_second_build_leaves_out_what_was_revoked_since_and_takes_it_never_again(shop: Workshop) -> None:
    gone, anew, stays = (call(shop, f"c-{number}") for number in range(3))
    approved(shop)
    desk = shop.system.experiment_build_desk
    desk.build(ADA, NAME)
    first = items(shop)
    restrict(shop, gone, restricted=True)
    redact(shop, anew, "Bonjour, [PERSON].", generation=2)
    second = desk.build(ADA, NAME)
    assert (second.included, second.new, second.renewed) == (2, 0, 1)
    assert second.revoked == second.left_out == {"restricted": 1}
    found = items(shop)
    assert (found[gone].state, found[gone].reason) == (ItemState.REVOKED, "restricted")
    assert found[stays] == first[stays]
    assert (found[anew].generation, found[anew].item_id) == (2, first[anew].item_id)
    assert found[anew].digest != first[anew].digest
    [told] = entries(shop, Operation.EXPERIMENT_REVOKED)
    assert (told.subject, told.reasons) == (gone, ("restricted",))
    restrict(shop, gone, restricted=False)
    third = desk.build(ADA, NAME)
    assert (third.included, third.left_out) == (2, {"revoked_before": 1})


def test_a_sample_is_drawn_once_and_what_goes_leaves_a_gap(shop: Workshop) -> None:
    ids = {call(shop, f"c-{number}") for number in range(6)}
    approved(shop, sample=3, seed=7)
    preview = shop.system.experiment_desk.preview(ADA, NAME)
    desk = shop.system.experiment_build_desk
    built = desk.build(ADA, NAME)
    drawn = items(shop)
    assert set(drawn) == set(preview.ids) < ids
    assert built.left_out == {"not_drawn": 3}
    call(shop, "later")
    [one] = [row.call_id for row in shop.system.catalogue.all_recordings() if row.recording_id == min(drawn)]
    object_to(shop, one)
    again = desk.build(ADA, NAME)
    assert (again.included, again.new, again.left_out) == (2, 0, {"not_drawn": 4, "objected": 1})


@pytest.mark.parametrize("sample", [None, 4], ids=["all", "a sample"])
def test_a_build_that_was_cut_off_goes_on_and_takes_nothing_twice(shop: Workshop, sample: int | None) -> None:
    for number in range(5):
        call(shop, f"c-{number}")
    approved(shop, sample=sample, seed=None if sample is None else 3)
    expected = set(shop.system.experiment_desk.preview(ADA, NAME).ids)
    desk, seen = replace(shop.system.experiment_build_desk, portion=2), list[int]()

    class CutOffError(Exception):
        pass

    judge = desk.candidates.judge

    def cut_off(*asked: object) -> object:
        seen.append(1)
        if len(seen) == 2:  # a portion is written by then
            raise CutOffError
        return judge(*asked)  # type: ignore[arg-type]

    with pytest.raises(CutOffError):
        replace(desk, candidates=Judging(desk.candidates, cut_off)).build(ADA, NAME)  # type: ignore[arg-type]
    assert 0 < len(items(shop)) < len(expected)
    assert shop.system.experiment_desk.shown(ADA, NAME).experiment.state is ExperimentState.APPROVED
    built = desk.build(ADA, NAME)
    assert set(items(shop)) == expected
    assert (built.included, built.experiment.generation) == (len(expected), 1)
    assert sorted(one.subject or "" for one in entries(shop, Operation.EXPERIMENT_INCLUDED)) == sorted(expected)
    assert desk.build(ADA, NAME).new == 0
    assert len(entries(shop, Operation.EXPERIMENT_INCLUDED)) == len(expected)


class Judging:
    """Candidates that are judged by something else."""

    def __init__(self, inner: object, judge: Callable[..., object]) -> None:
        self._inner, self.judge = inner, judge

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_a_caller_who_objects_while_it_is_built_is_not_in_it(shop: Workshop) -> None:
    """The transaction that writes an item has judged it."""
    call(shop, "c-1")
    refused = call(shop, "c-2")
    approved(shop)
    desk, waits = shop.system.experiment_build_desk, [True]
    counted = desk.candidates.counted

    class Meanwhile(Judging):
        def counted(self, *asked: object) -> object:
            found = list(counted(*asked))  # type: ignore[arg-type]
            if waits.pop():
                object_to(shop, "c-2")
            return iter(found)

    built = replace(desk, candidates=Meanwhile(desk.candidates, desk.candidates.judge)).build(ADA, NAME)  # type: ignore[arg-type]
    assert built.included == 1
    assert refused not in items(shop)


def test_sound_is_asked_for_where_an_item_carries_it(shop: Workshop) -> None:
    """U5: an item has all that it carries, or is none."""
    call(shop, "c-1")
    whole = shop.stored("c-2")
    redact(shop, whole, "Bonjour.", sound=WAV)
    approved(shop, carries=frozenset({Carried.TEXT, Carried.AUDIO}))
    built = shop.system.experiment_build_desk.build(ADA, NAME)
    assert set(items(shop)) == {whole}
    assert built.left_out == {"redaction_incomplete": 1}


def test_names_are_of_one_experiment_and_their_key_goes_with_it(shop: Workshop) -> None:
    """L1, U5: the end destroys what makes the names; the lineage stays."""
    one = call(shop, "c-1")
    for name in (NAME, "another"):
        approved(shop, name=name)
        shop.system.experiment_build_desk.build(ADA, name)
    assert items(shop)[one].item_id != items(shop, "another")[one].item_id
    closed = shop.system.experiment_desk.close(ADA, NAME)
    with shop.system.catalogue.snapshot() as tx:
        assert tx.experiment_keys.get(closed.experiment_id) is None
    assert (items(shop)[one].state, items(shop)[one].reason) == (ItemState.DESTROYED, "closed")
    [entry] = entries(shop, Operation.EXPERIMENT_DESTROYED)
    assert (entry.subject, entry.actor, entry.reasons) == (one, "service:experiments", ("closed",))
    assert items(shop, "another")[one].state is ItemState.INCLUDED
    shop.clock.move(timedelta(days=61))
    shop.drain("dispose")
    assert items(shop, "another")[one].reason == "ended"


def test_an_item_somebody_has_written_past_the_system_is_let_go(shop: Workshop) -> None:
    call(shop, "c-1")
    approved(shop)
    desk = shop.system.experiment_build_desk
    desk.build(ADA, NAME)
    rows = shop.parts["catalogue"].rows.experiment_items
    rows.update({name: replace(one, altered=True) for name, one in rows.items()})
    assert desk.build(ADA, NAME).revoked == {"row_altered": 1}
