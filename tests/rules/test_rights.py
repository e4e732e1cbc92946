"""Who may do what: every role, scope and act, against a table written by hand (U2).

The table below is the second, independent statement of `callwarden.rules.rights`, for somebody who answers for it.
"""

from itertools import product

import pytest

from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.rules.rights import RIGHTS, Act, refusals
from tests.support.catalogue_rows import recording

# act, how far it reaches, who may. ``!``: takes two people.
MAY = """
calls.list              each         operator telephony dpo legal auditor supervisor investigator
calls.show              each         operator telephony dpo legal auditor supervisor investigator
calls.outcomes          whole        operator telephony dpo legal auditor
calls.waiting           whole        operator telephony dpo legal auditor
calls.certificate       recording    operator telephony dpo legal auditor supervisor investigator
hold.open               none         dpo legal
hold.place              each         dpo legal
hold.release.ask        all          dpo legal
hold.release.confirm    all!         dpo legal
hold.list               each         dpo legal auditor
hold.custody            recording    dpo legal
objection.add           whole        dpo legal supervisor telephony
objection.add_call      all          dpo legal supervisor telephony
objection.withdraw      whole        dpo legal supervisor telephony
objection.withdraw_call all          dpo legal supervisor telephony
objection.list          each         dpo legal supervisor telephony auditor
quarantine.list       each         operator telephony dpo legal auditor
quarantine.show       recording    operator telephony dpo legal auditor
quarantine.open       recording    dpo legal
quarantine.hear       recording    dpo legal
quarantine.clear      recording    dpo legal
quarantine.retry      recording    operator dpo legal
quarantine.discard    recording    dpo
deadletters.list      whole        operator telephony dpo legal auditor
deadletters.show      whole        operator telephony dpo legal auditor
deadletters.open      whole        dpo legal
deadletters.retry     whole        operator dpo legal
deadletters.discard   whole        dpo
dispose.ask           whole        operator dpo legal
dispose.confirm       whole!       dpo legal
log.expire            whole        operator dpo legal
journal.adopt         whole        dpo
"""

ROWS = {
    act: (reach.rstrip("!"), set(roles), reach.endswith("!"))
    for act, reach, *roles in map(str.split, MAY.strip().splitlines())
}

THEIRS = recording(1, line=LineId("customer-service"), agent_id="a-1")
ANOTHERS = recording(2, line=LineId("somewhere-else"), agent_id="a-3")
SCOPES = {
    "not narrowed": Actor(role=Role.OPERATOR, name="x"),
    "their line": Actor(role=Role.OPERATOR, name="x", lines=frozenset({LineId("customer-service")})),
    "another line": Actor(role=Role.OPERATOR, name="x", lines=frozenset({LineId("monitoring-centre")})),
    "no line at all": Actor(role=Role.OPERATOR, name="x", lines=frozenset()),
    "their agent": Actor(role=Role.OPERATOR, name="x", agents=frozenset({"a-1"})),
    "another agent": Actor(role=Role.OPERATOR, name="x", agents=frozenset({"a-2"})),
    "their line, another agent": Actor(
        role=Role.OPERATOR, name="x", lines=frozenset({LineId("customer-service")}), agents=frozenset({"a-2"})
    ),
}
REACHES_THEIRS = {"not narrowed", "their line", "their agent"}


def expected(act: str, role: str, scope: str, *, exists: bool) -> tuple[str, ...]:
    reach, roles, _ = ROWS[act]
    if role not in roles:
        return ("not_permitted",)
    if reach == "whole":
        return () if scope == "not narrowed" else ("not_permitted",)
    if reach == "recording":
        return () if exists and scope in REACHES_THEIRS else ("unknown",)
    return ()


def test_every_act_is_in_the_table_and_in_this_one() -> None:
    assert {act.value for act in Act} == {act.value for act in RIGHTS} == set(ROWS)


@pytest.mark.parametrize("act", [act.value for act in Act])
def test_every_role_and_scope_gets_what_the_table_says(act: str) -> None:
    for role, (scope, actor), exists in product(Role, SCOPES.items(), (True, False)):
        who = Actor(role=role, name="x", lines=actor.lines, agents=actor.agents)
        told = tuple(one.value for one in refusals(who, RIGHTS[Act(act)], recording=THEIRS if exists else None))
        assert told == expected(act, role.value, scope, exists=exists), (act, role, scope, exists)


@pytest.mark.parametrize("act", Act)
def test_an_act_takes_as_many_people_as_the_table_says(act: Act) -> None:
    assert RIGHTS[act].two_people is ROWS[act.value][2]


PROGRAMS = {f"objection.{what}": {"objections"} for what in ("add", "add_call", "withdraw", "withdraw_call")}


@pytest.mark.parametrize("act", Act)
def test_no_program_performs_an_act_of_people_but_the_one_that_is_named(act: Act) -> None:
    assert not RIGHTS[act].roles & {Role.TRANSCRIBER, Role.REDACTOR, Role.SERVICE}
    assert RIGHTS[act].programs == PROGRAMS.get(act.value, set())


@pytest.mark.parametrize("act", [act for act in Act if ROWS[act.value][0] == "all"])
def test_what_is_changed_together_has_to_be_theirs_altogether(act: Act) -> None:
    """Who knows of some is told that there are others; who knows of none is told nothing, as where there are none."""
    right = RIGHTS[act]
    for scope, narrowed in SCOPES.items():
        who = Actor(role=Role.LEGAL, name="x", lines=narrowed.lines, agents=narrowed.agents)
        told = [
            tuple(map(str, refusals(who, right, touched=touched)))
            for touched in ([THEIRS], [THEIRS, ANOTHERS], [ANOTHERS], [])
        ]
        if scope == "not narrowed":
            assert told == [(), (), (), ()]
        elif scope in REACHES_THEIRS:
            assert told == [(), ("not_permitted",), ("unknown",), ("unknown",)]
        else:
            assert told == [("unknown",)] * 4
