"""Where the policy wants it, people read for `ai_experiment` what an approved experiment of theirs includes (U5)."""

from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.adapters.policy.file import load_policy
from callwarden.desks.finding import Sought
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.experiment import Carried
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.rules.policy_words import explain
from tests.desks.test_experiment_builds import entries
from tests.support.experiments import ADA, NAME, approved, redact
from tests.support.quick import policy_of
from tests.support.redactions import redacted
from tests.support.site import MovableClock
from tests.support.workshop import DPO, SHIPPED_POLICY, Workshop

BEN = Actor(role=Role.ANALYST, name="ben")
FOR = Purpose.AI_EXPERIMENT


@pytest.fixture
def strict(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "site", MovableClock(), policy=replace(policy_of(SHIPPED_POLICY), only_included=True))


def call(shop: Workshop, number: int, line: str) -> RecordingId:
    one = shop.stored(f"c-{number}", line=line, caller={"number": f"+3363998000{number}"})
    redacted(shop, one, "le tournesol est ouvert")
    return one


def read(shop: Workshop, one: RecordingId, who: Actor = ADA) -> tuple[str, ...]:
    """Why not; empty where it is read."""
    try:
        shop.system.gate.read(who, FOR, one, Readable.REDACTED_TRANSCRIPT).read_all()
    except RefusedError as error:
        return error.reasons
    return ()


def found(shop: Workshop, who: Actor = ADA) -> list[set[RecordingId]]:
    """By either search."""
    page = shop.system.find_desk.find(who, FOR, Sought(words="tournesol"), limit=9)
    hits = shop.system.gate.search(who, FOR, "tournesol", limit=9)
    return [{one.recording.recording_id for one in page.calls}, {one.recording_id for one in hits}]


def test_only_what_an_approved_experiment_of_theirs_includes_is_open_and_until_its_end(strict: Workshop) -> None:
    inside, outside = call(strict, 1, "customer-service"), call(strict, 2, "monitoring-centre")
    nowhere = RecordingId("rec-" + "0" * 32)
    assert {read(strict, one) for one in (inside, outside, nowhere)} == {("not_included",)}
    with pytest.raises(RefusedError) as refused:
        found(strict)
    assert refused.value.reasons == ("not_included",)
    assert len(entries(strict, Operation.ACCESS_REFUSED)) == 4
    approved(strict, carries=frozenset({Carried.TEXT}))
    assert read(strict, inside) == ("not_included",), "it is not built"
    assert strict.system.experiment_build_desk.build(ADA, NAME).included == 1
    assert read(strict, inside) == ()
    assert {read(strict, one) for one in (outside, nowhere)} == {read(strict, inside, BEN)} == {("not_included",)}
    assert found(strict) == [{inside}, {inside}]
    assert strict.system.find_desk.count(ADA, FOR, Sought(words="tournesol")).total == 1
    strict.publish(strict.say("objected", call_id="c-1", purposes=["ai_experiment"]))
    strict.drain()
    assert read(strict, inside) == ("objected",)
    strict.system.experiment_desk.close(DPO, NAME)
    assert read(strict, inside) == ("not_included",)


def test_who_owns_it_takes_a_copy_out_and_a_colleague_gets_none(strict: Workshop, tmp_path: Path) -> None:
    one = strict.stored("c-1")
    redact(strict, one, "Bonjour.")
    approved(strict)
    strict.system.experiment_build_desk.build(BEN, NAME)
    desk = strict.system.experiment_export_desk
    with pytest.raises(RefusedError) as refused:
        desk.export(BEN, NAME, tmp_path / "ben")
    assert refused.value.reasons == ("nothing_to_export",)
    assert len(desk.export(ADA, NAME, tmp_path / "ada").export.items) == 1


def test_as_shipped_a_grant_is_enough(shop: Workshop) -> None:
    one = call(shop, 1, "customer-service")
    assert read(shop, one, BEN) == ()
    assert found(shop, BEN) == [{one}, {one}]


def test_the_policy_says_so_or_says_nothing(tmp_path: Path) -> None:
    said = tmp_path / "policy.yaml"
    said.write_text(
        SHIPPED_POLICY.read_text(encoding="utf-8").replace("# experiment_readings:", "experiment_readings:")
    )
    strict, shipped = load_policy(said), policy_of(SHIPPED_POLICY)
    assert (strict.only_included, shipped.only_included) == (True, False)
    assert {row.key for row in explain(strict)} - {row.key for row in explain(shipped)} == {"experiment_readings"}
