"""An experiment on Apache Kafka, Ceph and PostgreSQL: built, interrupted, objected to, exported, revoked, over (U5)."""

from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.datasets.applying import apply_revocations
from callwarden.errors import RefusedError
from callwarden.model.experiment import Carried, ItemState
from tests.faults.real import SOCKETS_OF_THE_DEAD, RealSite
from tests.support.experiments import ADA, NAME, WAV, approved, redact
from tests.support.workshop import DPO

CALLS = 5


def to_take_out(site: RealSite) -> list[int]:
    return [len(one.to_take_out) for one in site.system.experiment_desk.shown(DPO, NAME).exports]


@pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD)
def test_an_experiment_is_built_through_a_death_and_leaves_without_who_has_objected_since(
    real: RealSite, tmp_path: Path
) -> None:
    for number in range(CALLS):
        real.publish(real.event(f"exp-{number}", labels={"set": "experiment"}))
    real.drain("ingest", "objections", "holds")
    rows = {row.call_id: row.recording_id for row in real.system.catalogue.all_recordings()}
    for number in range(CALLS):
        redact(real, rows[f"exp-{number}"], "Bonjour.", "Je suis [PERSON].", sound=WAV)
    wanted = {"carries": frozenset({Carried.TEXT, Carried.AUDIO}), "labels": frozenset({"set=experiment"})}
    experiment = approved(real, **wanted)

    class DiedError(Exception):
        pass

    def dies(_number: int) -> None:
        with real.system.catalogue.snapshot() as tx:
            if tx.experiment_items.of(experiment.experiment_id, limit=1):
                raise DiedError

    desk = replace(real.system.experiment_build_desk, portion=2)
    with pytest.raises(DiedError):
        desk.build(ADA, NAME, told=dies)
    real.reopen()
    with real.system.catalogue.snapshot() as tx:
        begun = len(tx.experiment_items.of(experiment.experiment_id, limit=99))
    built = real.system.experiment_build_desk.build(ADA, NAME)
    assert 0 < begun < CALLS
    assert (built.included, built.new) == (CALLS, CALLS - begun)

    ended = real.clock.now().isoformat()
    said = {"call_id": "exp-1", "purposes": ["ai_experiment"], "channel": "phone", "at": ended}
    real.publish(real.envelope("call.objected", said))
    real.drain("objections")
    exported = real.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set")
    assert exported.made.dropped == {"objected": 1}
    sounds = list((tmp_path / "set" / "audio").iterdir())
    assert [path.read_bytes() for path in sounds] == [WAV] * (CALLS - 1)
    again = real.system.experiment_build_desk.build(ADA, NAME)
    assert (again.included, again.revoked) == (CALLS - 1, {"objected": 1})

    ended = real.clock.now().isoformat()
    real.publish(real.envelope("call.objected", {**said, "call_id": "exp-2", "at": ended}))
    real.drain("objections", "dispose")
    assert to_take_out(real) == [1]
    listed = tmp_path / "list"
    listed.write_bytes(real.system.revocation_desk.signed(ADA, NAME).document)
    trusted = [real.system.signer.trusted]
    done = apply_revocations(tmp_path / "set", listed, trust=lambda _: trusted[0], at=ended, keys=trusted)
    assert (len(done.applied.removed), done.left) == (1, CALLS - 2)
    assert len(list((tmp_path / "set" / "audio").iterdir())) == CALLS - 2
    real.system.revocation_desk.acknowledge(ADA, NAME, done.certificate.read_bytes())
    assert to_take_out(real) == [0]

    real.system.experiment_desk.close(DPO, NAME)
    assert to_take_out(real) == [CALLS - 2]
    shown = real.system.experiment_desk.shown(DPO, NAME)
    assert {state for state, _ in shown.items} == {ItemState.DESTROYED}
    assert [one.export.manifest for one in shown.exports] == [exported.export.manifest]
    with pytest.raises(RefusedError):
        real.system.experiment_export_desk.export(ADA, NAME, tmp_path / "later")
