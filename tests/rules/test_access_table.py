"""The table of what is open in each state says what the rule says, and nothing else (U1, U2, U4)."""

from dataclasses import replace

import pytest

from callwarden.model.access import Readable, Role
from callwarden.model.ids import LineId
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.rules.access_table import Opening, access_table
from callwarden.rules.reading import CONTENT
from callwarden.wiring import shipped_config
from tests.support.quick import policy_of

ORIGINALS = {Readable.ORIGINAL_AUDIO, Readable.ORIGINAL_TRANSCRIPT}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_of(shipped_config() / "policy.yaml")


@pytest.fixture(scope="module")
def table(policy: Policy) -> list[Opening]:
    return access_table(policy)


def of(table: list[Opening], state: str) -> list[Opening]:
    return [one for one in table if one.state == state]


def test_a_live_recording_is_open_as_the_policy_grants_it(table: list[Opening], policy: Policy) -> None:
    opened = {
        (one.role, p, what, one.break_glass)
        for one in of(table, "live")
        for p in one.purposes
        for what in one.artefacts
    }
    granted = {
        (grant.role, p, what, grant.break_glass)
        for grant in policy.access
        for p in grant.purposes
        for what in grant.artefacts
        if what is not Readable.LOG
    }
    assert opened == granted


@pytest.mark.parametrize("state", ["past its period", "restricted", "in quarantine"])
def test_nothing_is_open_to_anybody(table: list[Opening], state: str) -> None:
    assert of(table, state) == []


def test_an_objection_leaves_open_what_is_a_duty_and_nothing_else(table: list[Opening]) -> None:
    opened = {purpose for one in of(table, "objected to for that purpose") for purpose in one.purposes}
    assert opened == {Purpose.RIGHTS_REQUEST, Purpose.FRAUD_CONTROL}


def test_what_only_a_hold_keeps_opens_to_disputes_alone(table: list[Opening]) -> None:
    held = of(table, "past its period and held")
    assert {one.purposes for one in held} == {(Purpose.DISPUTE,)}
    assert Role.LEGAL in {one.role for one in held}


def test_without_a_finished_redaction_no_redacted_form_is_open(table: list[Opening]) -> None:
    opened = {what for one in of(table, "redaction incomplete") for what in one.artefacts}
    assert opened & CONTENT == ORIGINALS


def test_an_original_is_never_a_trainers_and_a_supervisors_only_once_glass_is_broken(table: list[Opening]) -> None:
    assert not [one for one in table if one.role is Role.TRAINER and ORIGINALS & set(one.artefacts)]
    assert {one.break_glass for one in table if one.role is Role.SUPERVISOR and ORIGINALS & set(one.artefacts)} == {
        True
    }


def test_a_grant_of_some_lines_only_names_them(policy: Policy) -> None:
    line = LineId(sorted(policy.lines)[0])
    legal = [replace(grant, lines=frozenset({line})) for grant in policy.access if grant.role is Role.LEGAL]
    assert {one.lines for one in access_table(replace(policy, access=tuple(legal)))} == {(line,)}
