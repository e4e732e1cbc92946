"""`callwarden.ports.catalogue.experiments` on every database, and in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from callwarden.errors import InvariantError
from callwarden.model.experiment import (
    Carried,
    Experiment,
    ExperimentExport,
    ExperimentId,
    ExperimentItem,
    ExperimentItemId,
    ExperimentKey,
    ExperimentState,
    ExportId,
    ItemState,
)
from callwarden.model.ids import LineId
from callwarden.ports.catalogue import KeyOf
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import NOON, at, rec

EXPERIMENT = Experiment(
    experiment_id=ExperimentId("exp-1"),
    name="levee-de-doute",
    purpose="Mesurer les silences, à la demande d'Élise",
    hypothesis="On attend moins le matin",
    owner="analyst:ada",
    dpia="AIPD-7",
    line=LineId("here"),
    first=date(2026, 3, 1),
    last=date(2026, 3, 28),
    until=date(2026, 6, 1),
    carries=frozenset({Carried.TEXT, Carried.METADATA}),
    labels=frozenset({"alarm_id=A-1"}),
    sample=10,
    seed=2**63 - 1,
    k=5,
    with_agents=False,
    state=ExperimentState.DRAFT,
    opened_by="analyst:ada",
    opened_at=NOON,
    ends_at=at(24),
)
ITEM = ExperimentItem(
    experiment_id=EXPERIMENT.experiment_id,
    recording_id=rec(1),
    item_id=ExperimentItemId("item-1"),
    state=ItemState.INCLUDED,
    generation=1,
    digest="ab" * 32,
    included_at=NOON,
    changed_at=NOON,
)
EXPORT = ExperimentExport(
    export_id=ExportId("export-1"),
    experiment_id=EXPERIMENT.experiment_id,
    generation=1,
    made_by="ada",
    made_at=NOON,
    manifest="cd" * 32,
    items=frozenset({ExperimentItemId("item-1"), ExperimentItemId("item-2")}),
)


@pytest.fixture(params=("memory", *DATABASES))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.clear()
    opened.catalogue.close()


def test_an_experiment_comes_back_as_it_was_and_is_found_by_its_name_and_its_end(backend: Backend) -> None:
    later = replace(
        EXPERIMENT,
        experiment_id=ExperimentId("exp-2"),
        name="accueil",
        labels=frozenset(),
        sample=None,
        seed=None,
        opened_at=at(1),
        ends_at=at(20),
    )
    approved = replace(later, state=ExperimentState.APPROVED, approved_by="dpo:chloe", approved_at=at(2))
    with backend.catalogue.transaction() as tx:
        tx.experiments.save(EXPERIMENT)
        tx.experiments.save(later)
        tx.experiments.save(approved)
    with backend.catalogue.transaction() as tx:
        assert tx.experiments.get(EXPERIMENT.experiment_id, lock=True) == EXPERIMENT
        assert tx.experiments.named("accueil", lock=True) == approved
        assert tx.experiments.named("Accueil") is None
        assert list(tx.experiments.all()) == [approved, EXPERIMENT]
        assert list(tx.experiments.due(now=at(19), limit=9)) == []
        assert list(tx.experiments.due(now=at(24), limit=9)) == [approved, EXPERIMENT]
        assert list(tx.experiments.due(now=at(24), limit=1)) == [approved]
        ended = replace(approved, state=ExperimentState.ENDED, over_at=at(25))
        closed = replace(EXPERIMENT, state=ExperimentState.CLOSED, over_at=at(3), over_by="dpo:chloe")
        tx.experiments.save(ended)
        tx.experiments.save(closed)
        assert list(tx.experiments.due(now=at(99), limit=9)) == []
        assert list(tx.experiments.uncleared()) == [closed, ended]
        tx.experiments.save(replace(closed, cleared_at=at(4)))
        assert list(tx.experiments.uncleared()) == [ended]


def test_no_two_experiments_share_a_name(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.experiments.save(EXPERIMENT)
    with pytest.raises(InvariantError), backend.catalogue.transaction() as tx:
        tx.experiments.save(replace(EXPERIMENT, experiment_id=ExperimentId("exp-2")))


def test_items_are_read_in_portions_and_counted_by_what_became_of_them(backend: Backend) -> None:
    items = [
        replace(ITEM, recording_id=rec(number), item_id=ExperimentItemId(f"item-{number}")) for number in (1, 2, 3)
    ]
    revoked = replace(items[1], state=ItemState.REVOKED, reason="objected", changed_at=at(1))
    other = replace(EXPERIMENT, experiment_id=ExperimentId("exp-2"), name="accueil")
    elsewhere = replace(ITEM, experiment_id=other.experiment_id, recording_id=rec(2), generation=3)
    with backend.catalogue.transaction() as tx:
        tx.experiments.save(EXPERIMENT)
        tx.experiments.save(other)
        tx.experiment_items.save([*reversed(items), elsewhere])
        tx.experiment_items.save([revoked])
        tx.experiment_items.save([])
    with backend.catalogue.snapshot() as tx:
        of = tx.experiment_items.of
        assert list(of(EXPERIMENT.experiment_id, limit=9)) == [items[0], revoked, items[2]]
        assert list(of(EXPERIMENT.experiment_id, limit=1)) == [items[0]]
        assert list(of(EXPERIMENT.experiment_id, after=rec(1), limit=9)) == [revoked, items[2]]
        included = of(EXPERIMENT.experiment_id, states={ItemState.INCLUDED}, after=rec(1), limit=9)
        assert list(included) == [items[2]]
        assert list(tx.experiment_items.get(EXPERIMENT.experiment_id, [rec(3), rec(1), rec(9)])) == [items[0], items[2]]
        assert list(tx.experiment_items.get(EXPERIMENT.experiment_id, [])) == []
        assert list(tx.experiment_items.about([rec(2)])) == [revoked, elsewhere]
        assert tx.experiment_items.count(EXPERIMENT.experiment_id) == {
            (ItemState.INCLUDED, None): 2,
            (ItemState.REVOKED, "objected"): 1,
        }
        assert tx.experiment_items.count(ExperimentId("exp-9")) == {}
        assert list(tx.experiment_items.renewed(EXPERIMENT.experiment_id)) == []
    anew = replace(items[2], generation=2, changed_at=at(1))
    with backend.catalogue.transaction() as tx:
        tx.experiment_items.save([anew])
    with backend.catalogue.snapshot() as tx:
        assert list(tx.experiment_items.renewed(EXPERIMENT.experiment_id)) == [anew]
        assert list(tx.experiment_items.renewed(other.experiment_id)) == []


def test_nothing_is_taken_by_an_experiment_that_there_is_not(backend: Backend) -> None:
    with pytest.raises(InvariantError), backend.catalogue.transaction() as tx:
        tx.experiment_items.save([ITEM])


def test_what_has_left_is_known_by_its_items_and_by_what_was_taken_out_since(backend: Backend) -> None:
    later = replace(EXPORT, export_id=ExportId("export-2"), made_at=at(1), generation=2)
    told = replace(EXPORT, taken_out=frozenset({ExperimentItemId("item-1")}), acknowledged_at=at(2))
    with backend.catalogue.transaction() as tx:
        tx.experiments.save(EXPERIMENT)
        tx.experiment_exports.save(EXPORT)
        tx.experiment_exports.save(later)
        assert list(tx.experiment_exports.of(EXPERIMENT.experiment_id)) == [later, EXPORT]
        tx.experiment_exports.save(told)
    with backend.catalogue.transaction() as tx:
        assert tx.experiment_exports.get(EXPORT.export_id, lock=True) == told
        assert tx.experiment_exports.get(ExportId("export-9")) is None
        assert list(tx.experiment_exports.of(ExperimentId("exp-9"))) == []
    with pytest.raises(InvariantError), backend.catalogue.transaction() as tx:
        tx.experiment_exports.save(replace(EXPORT, experiment_id=ExperimentId("exp-9")))


def test_an_experiment_has_one_key_until_it_is_destroyed(backend: Backend) -> None:
    name = EXPERIMENT.experiment_id
    key = ExperimentKey(experiment_id=name, wrapped_key=b"first", master_key_id="m1")
    with backend.catalogue.transaction() as tx:
        tx.experiments.save(EXPERIMENT)
        assert tx.experiment_keys.get(name) is None
        tx.experiment_keys.add(key)
        tx.experiment_keys.add(replace(key, wrapped_key=b"second"))
    with backend.catalogue.transaction() as tx:
        assert tx.experiment_keys.get(name) == key
        assert tx.keys.count_by_master() == {"m1": 1}
        [old] = tx.other_keys.find(but_under="m2")
        assert (old.of, old.owner) == (KeyOf.EXPERIMENT, name)
        assert tx.other_keys.replace([(old, replace(old, wrapped=b"anew", master_key_id="m2"))]) == 1
        assert tx.experiment_keys.get(name) == replace(key, wrapped_key=b"anew", master_key_id="m2")
        tx.experiment_keys.destroy(name)
    with backend.catalogue.snapshot() as tx:
        assert tx.experiment_keys.get(name) is None
