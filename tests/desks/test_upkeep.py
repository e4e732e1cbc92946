"""Keeping a system in order: by operators and the data protection officer, ordered in the log before it is done."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.errors import ConfigurationError, RefusedError
from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import Operation
from callwarden.rules.lifecycle import lifecycle_rules
from callwarden.wiring import System
from tests.support.site import Site

OLGA = Actor(role=Role.OPERATOR, name="olga")
DOES: dict[str, Callable[[System, Actor], object]] = {
    "reconcile.repair": lambda system, actor: system.upkeep_desk.repair(actor),
    "lifecycle.apply": lambda system, actor: system.upkeep_desk.apply_lifecycle(actor),
}


def entries(site: Site) -> list[tuple[Operation, tuple[str, ...]]]:
    return [(one.entry.operation, one.entry.reasons) for one in site.system.log_reader.entries()]


def test_a_repair_is_ordered_in_the_log(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        site.system.upkeep_desk.repair(OLGA)
        assert entries(site) == [(Operation.RECONCILED, ())]


def test_the_buckets_rules_are_the_policys_and_in_the_log_once_they_are(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        with pytest.raises(ConfigurationError, match="no lifecycle of its own"):
            site.system.upkeep_desk.apply_lifecycle(OLGA)
        assert entries(site) == []
        applied: list[object] = []
        desk = replace(site.system.upkeep_desk, apply=applied.append)
        assert desk.apply_lifecycle(OLGA) == lifecycle_rules(site.system.policy)
        assert applied == [desk.rules()]
        assert entries(site) == [(Operation.LIFECYCLE_APPLIED, ())]


@pytest.mark.parametrize("act", DOES)
@pytest.mark.parametrize("role", [Role.TRAINER, Role.TELEPHONY, Role.SUPERVISOR])
def test_for_others_nothing_is_done_and_the_refusal_is_an_entry(tmp_path: Path, act: str, role: Role) -> None:
    with Site(tmp_path / "home") as site:
        with pytest.raises(RefusedError):
            DOES[act](site.system, Actor(role=role, name="eve"))
        assert entries(site) == [(Operation.ACCESS_REFUSED, ("not_permitted", act))]
