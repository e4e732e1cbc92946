"""A sheet of the register was updated when what it prints last changed, and created when it first appeared."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from callwarden.adapters.policy.file import read_policy
from callwarden.model.policy import Policy
from callwarden.rules.papers.prints import prints_of
from callwarden.steps.policy_in_force import PolicyInForce
from tests.papers.making import tree
from tests.support.site import MovableClock
from tests.support.workshop import Workshop

LINES = {"customer-service", "monitoring-centre"}


def with_keys(**keys: Any) -> Policy:
    return read_policy(yaml.safe_dump({**tree(), **keys}), name="policy.yaml")


def of_line(**keys: Any) -> Policy:
    lines = tree()["lines"]
    return with_keys(lines={**lines, "customer-service": {**lines["customer-service"], **keys}})


@pytest.mark.parametrize(
    ("policy", "sheets"),
    [
        (of_line(name={"fr": "Accueil"}), {"customer-service", "experiments"}),
        (of_line(retention="P3M"), {"customer-service", "experiments"}),
        (with_keys(legal_bases={"training": "consent"}), {*LINES, "evaluations", "courses"}),
        (with_keys(legal_bases={"dispute": "contract"}), {*LINES, "cases"}),
        (with_keys(log_retention="P13M"), {"access-log"}),
        (with_keys(sweep={"at_most": "1001"}), set()),
    ],
    ids=["name", "retention", "basis", "basis of litigation", "log", "nothing printed"],
)
def test_a_sheet_is_updated_where_what_it_prints_changes_and_nowhere_else(policy: Policy, sheets: set[str]) -> None:
    before, after = prints_of(with_keys()), prints_of(policy)
    assert {name for name in after if after[name] != before[name]} == sheets


def test_processors_are_on_every_sheet() -> None:
    before, after = prints_of(with_keys()), prints_of(with_keys(processors=[]))
    assert not before.items() & after.items()


def test_a_line_is_as_old_as_its_first_policy_and_as_new_as_the_last_that_changed_it(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "site", MovableClock())
    days = [shop.clock.now().date() + timedelta(days=each) for each in range(3)]
    more = {**tree()["lines"], "front-desk": tree()["lines"]["customer-service"]}
    policies = (with_keys(), of_line(name={"fr": "Accueil"}), with_keys(lines=more))
    for policy in policies:
        in_force = PolicyInForce(policy=policy, catalogue=shop.system.catalogue, clock=shop.clock)
        in_force.note()
        shop.clock.move(timedelta(days=1))
    dates = in_force.sheets()
    assert (dates["customer-service"].created, dates["customer-service"].updated) == (days[0], days[2])
    assert (dates["monitoring-centre"].created, dates["monitoring-centre"].updated) == (days[0], days[0])
    assert (dates["front-desk"].created, dates["front-desk"].updated) == (days[2], days[2])
    assert replace(in_force, policy=policies[0]).sheets() == {}
