"""Who may do what: every role, scope and act, against a table written by hand (U2).

The table below is the second, independent statement of `callwarden.rules.rights`, for somebody who answers for it.
"""

from dataclasses import dataclass
from itertools import product

import pytest

from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.rules.rights import RIGHTS, Act, refusals
from tests.support.catalogue_rows import recording

# act, how far it reaches, who may. ``!``: takes two people; ``*``: the policy grants it as well; ``+``: a program.
MAY = """
calls.list              each         operator telephony dpo legal auditor supervisor investigator
calls.show              each         operator telephony dpo legal auditor supervisor investigator
calls.outcomes          whole        operator telephony dpo legal auditor
calls.waiting           whole        operator telephony dpo legal auditor
calls.certificate       recording    operator telephony dpo legal auditor supervisor investigator
calls.transcribe        recording    operator dpo legal
calls.push              none         telephony
calls.try               none         operator telephony dpo legal auditor supervisor investigator
hold.open               none         dpo legal
hold.edit               none         dpo legal
hold.show               each         dpo legal auditor
hold.preview            whole        dpo legal
hold.place              each         dpo legal
hold.place_criteria     whole        dpo legal
hold.place.ask          whole        dpo legal
hold.place.confirm      whole!       dpo legal
hold.end_criteria       whole        dpo legal
hold.release.ask        all          dpo legal
hold.release.confirm    all!         dpo legal
hold.release.withdraw   all          dpo legal
hold.list               each         dpo legal auditor
hold.custody            recording    dpo legal
hold.pack               all          dpo legal
hold.disclose           all          dpo legal
hold.procedure.add      none         dpo legal
hold.procedure.undo     none         dpo legal
hold.procedure.show     none         dpo legal
hold.due                each         dpo legal
hold.review             none         dpo legal
hold.calendar           each         dpo legal
hold.disclosures        each         dpo legal
objection.add           whole        dpo legal supervisor telephony +objections
objection.add_call      all          dpo legal supervisor telephony +objections
objection.withdraw      whole        dpo legal supervisor telephony +objections
objection.withdraw_call all          dpo legal supervisor telephony +objections
objection.decide        whole        dpo
objection.list          each         dpo legal supervisor telephony auditor
request.open            whole        dpo legal
request.list            whole        dpo legal auditor
request.show            whole        dpo legal auditor
request.ask_identity    whole        dpo
request.verify          whole        dpo
request.find            whole        dpo
request.find_named      whole        dpo
request.preview         whole        dpo
request.decide          whole        dpo
request.approve         whole!       dpo legal
request.extend          whole        dpo
request.answer          whole        dpo
request.lift_tell       whole        dpo
request.lift            whole        dpo
request.close           whole        +requests
request.letter          whole        dpo
request.rectify         whole        dpo
request.rectifications  whole        dpo
request.recipients      whole        dpo
request.tell_recipients whole        dpo
request.acknowledge     whole        dpo
note.add                recording    trainer supervisor
note.list               recording    trainer supervisor
note.remove             none         trainer supervisor
evaluation.make         recording    trainer supervisor
evaluation.show         each         trainer supervisor
evaluation.list         each         trainer supervisor
evaluation.end          whole        +evaluations
experiment.open         none         analyst
experiment.preview      none         analyst dpo
experiment.approve      none!        dpo
experiment.build        none         analyst
experiment.export       none         analyst
experiment.show         none         analyst dpo auditor
experiment.list         none         analyst dpo auditor
experiment.close        none         analyst dpo
experiment.end          whole        +experiments
experiment.revoke       whole        +experiments
experiment.revocations  none         analyst dpo
experiment.acknowledge  none         analyst dpo
course.make             none         trainer supervisor
course.add              recording    trainer supervisor
course.drop             none         trainer supervisor
course.share            none         trainer supervisor
course.show             each         trainer supervisor
course.list             each         trainer supervisor
course.remove           none         trainer supervisor
quarantine.list         each         operator telephony dpo legal auditor
quarantine.show         recording    operator telephony dpo legal auditor
quarantine.open         recording    dpo legal
quarantine.hear         recording    dpo legal
quarantine.clear        recording    dpo legal
quarantine.retry        recording    operator dpo legal
quarantine.discard      recording    dpo
deadletters.list        whole        operator telephony dpo legal auditor
deadletters.show        whole        operator telephony dpo legal auditor
deadletters.open        whole        dpo legal
deadletters.retry       whole        operator dpo legal
deadletters.discard     whole        dpo
dispose.preview         each         operator telephony dpo legal auditor
dispose.run             whole        operator dpo legal +dispose
dispose.ask             whole        operator dpo legal
dispose.confirm         whole!       dpo legal
log.list                whole*       everybody
log.prove               whole*       everybody
log.verify              whole*       everybody
log.unusual             whole*       everybody
log.export              whole*       everybody
log.checkpoint          whole        operator dpo legal auditor
log.expire              whole        operator dpo legal +log
log.rotate_key          whole        operator
log.begin_ask           whole        operator dpo legal
log.begin_confirm       whole!       dpo legal
journal.adopt           whole        dpo
reconcile.repair        whole        operator dpo
lifecycle.apply         whole        operator dpo +setup
backup.make             whole        operator
backup.restore          whole        operator
testing.ask             none         trainer supervisor investigator analyst
testing.approve         whole!       dpo
testing.list            none         trainer supervisor investigator analyst dpo auditor
testing.close           none         trainer supervisor investigator analyst dpo
testing.end             whole        +testing
breakglass.request      recording*   everybody
breakglass.approve      recording!   dpo legal supervisor
breakglass.list         each         everybody
breakglass.close        recording    everybody
breakglass.end          whole        +break-glass
redaction.show          recording    operator telephony dpo legal auditor trainer supervisor analyst
redaction.list          each         operator telephony dpo legal auditor trainer supervisor analyst
redaction.report        recording*   everybody
redaction.rerun         whole        operator dpo
keys.rotate             whole        operator
keys.rewrap             whole        operator +keys
keys.retire             whole        operator
token.issue             whole        operator dpo
token.issue_first       whole        operator
token.revoke            whole        operator dpo
token.list              whole        operator dpo auditor
people.add              whole        operator dpo
people.change           whole        operator dpo
people.password         whole        operator dpo
people.sign_out         whole        operator dpo
people.remove           whole        operator dpo
people.list             whole        operator dpo auditor
me.sessions             none         everybody
me.sign_out             none         everybody
me.password             none         everybody
me.accesses             none         everybody
table.export            none         everybody
operations.show         whole        operator telephony dpo legal auditor
report.read             each         analyst supervisor dpo auditor operator
policy.propose          whole        operator dpo legal
policy.approve          whole!       dpo
policy.withdraw         whole        operator dpo legal
policy.changes          whole        operator dpo legal auditor
webhook.add             whole        operator dpo
webhook.rotate          whole        operator dpo
webhook.remove          whole        operator dpo
webhook.list            whole        operator dpo auditor
webhook.test            whole        operator dpo
webhook.deliveries      whole        operator dpo auditor
webhook.retry           whole        operator dpo
webhook.end             whole        +webhooks
"""

PEOPLE = "trainer supervisor legal dpo investigator analyst auditor operator telephony"
MACHINES = {Role.TRANSCRIBER, Role.REDACTOR, Role.SERVICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    reach: str
    roles: set[str]
    programs: set[str]
    two_people: bool
    by_policy: bool


ROWS = {
    act: Row(
        reach=reach.rstrip("!*"),
        roles={one for one in who if not one.startswith("+")},
        programs={one.removeprefix("+") for one in who if one.startswith("+")},
        two_people="!" in reach,
        by_policy="*" in reach,
    )
    for act, reach, *who in (line.replace("everybody", PEOPLE).split() for line in MAY.strip().splitlines())
}
PROGRAMS = {"stranger"}.union(*(row.programs for row in ROWS.values()))

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


def expected(act: str, who: Actor, scope: str, *, exists: bool) -> tuple[str, ...]:
    row = ROWS[act]
    if who.role is Role.SERVICE and who.name not in row.programs:
        return ("not_permitted",)
    if who.role is not Role.SERVICE and who.role.value not in row.roles:
        return ("not_permitted",)
    if row.by_policy:
        return ()
    if row.reach == "whole":
        return () if scope == "not narrowed" else ("not_permitted",)
    if row.reach == "recording":
        return () if exists and scope in REACHES_THEIRS else ("unknown",)
    return ()


def test_every_act_is_in_the_table_and_in_this_one() -> None:
    assert {act.value for act in Act} == {act.value for act in RIGHTS} == set(ROWS)


@pytest.mark.parametrize("act", [act.value for act in Act])
def test_every_role_and_scope_gets_what_the_table_says(act: str) -> None:
    for role, (scope, actor), exists in product(Role, SCOPES.items(), (True, False)):
        for name in PROGRAMS if role is Role.SERVICE else ("x",):
            who = Actor(role=role, name=name, lines=actor.lines, agents=actor.agents)
            told = tuple(one.value for one in refusals(who, RIGHTS[Act(act)], recording=THEIRS if exists else None))
            assert told == expected(act, who, scope, exists=exists), (act, role, name, scope, exists)


@pytest.mark.parametrize("act", Act)
def test_an_act_takes_as_many_people_as_the_table_says(act: Act) -> None:
    assert RIGHTS[act].two_people is ROWS[act.value].two_people


@pytest.mark.parametrize("act", Act)
def test_no_program_performs_an_act_of_people_but_the_one_that_is_named(act: Act) -> None:
    assert not RIGHTS[act].roles & MACHINES
    assert RIGHTS[act].programs == ROWS[act.value].programs


@pytest.mark.parametrize("act", [act for act in Act if ROWS[act.value].reach == "all"])
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
