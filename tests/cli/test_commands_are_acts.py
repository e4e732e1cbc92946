"""A command parses and prints. What it does is an act of the table, a reading at the gate, or named below (U2)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from callwarden import workers
from callwarden.model.paper import PaperKind
from callwarden.rules.rights import RIGHTS, Act
from callwarden.workers.cli import application

READING = "the gate decides, by the policy"
LOOKING = "says whether the system is in order, also where nobody can be recognised any more"
RUNNING = "makes or runs the system on its own machine"
ON_FILES = "works on files or settings, and on no system"

ACTS = """
calls list               calls.list
calls show               calls.show
calls outcomes           calls.outcomes
calls waiting            calls.waiting
calls certificate        calls.certificate
calls transcribe         calls.transcribe
calls push               calls.push
hold open                hold.open
hold edit                hold.edit
hold show                hold.show
hold preview             hold.preview
hold place               hold.place hold.place_criteria hold.place.ask hold.place.confirm
hold confirm             hold.place.confirm
hold end-criteria        hold.end_criteria
hold release             hold.release.ask hold.release.confirm
hold withdraw            hold.release.withdraw
hold list                hold.list
hold custody             hold.custody
hold pack                hold.pack hold.disclose
hold procedure add       hold.procedure.add
hold procedure undo      hold.procedure.undo
hold procedure show      hold.procedure.show
hold due                 hold.due
hold review              hold.review
hold calendar            hold.calendar
hold disclosures         hold.disclosures
objection add            objection.add objection.add_call
objection withdraw       objection.withdraw objection.withdraw_call
objection decide         objection.decide
objection list           objection.list
request open             request.open
request list             request.list
request show             request.show
request verify           request.verify request.ask_identity
request find             request.find request.find_named
request preview          request.preview
request decide           request.decide
request approve          request.approve
request extend           request.extend
request answer           request.answer
request lift             request.lift request.lift_tell
request letter           request.letter
request rectify          request.rectify
request rectifications   request.rectifications
request recipients       request.recipients request.tell_recipients
request acknowledge      request.acknowledge
note add                 note.add
note list                note.list
note remove              note.remove
evaluation make          evaluation.make
evaluation show          evaluation.show
evaluation list          evaluation.list
experiment open          experiment.open
experiment preview       experiment.preview
experiment approve       experiment.approve
experiment build         experiment.build
experiment export        experiment.export
experiment show          experiment.show
experiment list          experiment.list
experiment close         experiment.close
experiment revocations   experiment.revocations
experiment acknowledge   experiment.acknowledge
course make              course.make
course share             course.share
course add               course.add
course drop              course.drop
course show              course.show
course list              course.list
course remove            course.remove
quarantine list          quarantine.list
quarantine show          quarantine.show quarantine.open quarantine.hear
quarantine clear         quarantine.clear
quarantine retry         quarantine.retry
quarantine discard       quarantine.discard
deadletters list         deadletters.list
deadletters show         deadletters.show deadletters.open
deadletters retry        deadletters.retry
deadletters discard      deadletters.discard
dispose                  dispose.preview dispose.run dispose.ask dispose.confirm
log list                 log.list
log prove                log.prove
log unusual              log.unusual
log export               log.export
log checkpoint           log.checkpoint
log expire               log.expire
log rotate-key           log.rotate_key
log begin-anew           log.begin_ask log.begin_confirm
journal adopt            journal.adopt
reconcile                reconcile.repair
lifecycle apply          lifecycle.apply
backup                   backup.make
restore                  backup.restore
testing allow            testing.ask
testing approve          testing.approve
testing list             testing.list
testing end              testing.close
breakglass request       breakglass.request
breakglass approve       breakglass.approve
breakglass list          breakglass.list
breakglass end           breakglass.close
redaction status         redaction.show redaction.list
redaction cases          redaction.list
redaction report         redaction.report
redaction rerun          redaction.rerun
keys rotate              keys.rotate keys.rewrap
keys rewrap              keys.rewrap
keys retire              keys.retire
token issue              token.issue token.issue_first
token revoke             token.revoke
token list               token.list
people add               people.add
people change            people.change
people password          people.password
people sign-out          people.sign_out
people remove            people.remove
people list              people.list
me sessions              me.sessions
me sign-out              me.sign_out
me password              me.password
me accesses              me.accesses
operations               operations.show
report calls             report.read
report outcomes          report.read
report answer-times      report.read
report durations         report.read
report outcomes          report.read
report objections        report.read
report evaluations       report.read
policy propose           policy.propose
policy approve           policy.approve
policy withdraw          policy.withdraw
policy changes           policy.changes
webhook add              webhook.add
webhook rotate           webhook.rotate
webhook remove           webhook.remove
webhook list             webhook.list
webhook test             webhook.test
webhook deliveries       webhook.deliveries
webhook retry            webhook.retry
"""
PERFORMS = {line[:24].strip(): line[24:].split() for line in ACTS.strip().splitlines()}
OTHERS = {
    **dict.fromkeys(("read", "turns", "find", "search", "calls consultations"), READING),
    **dict.fromkeys(
        ("doctor", "health", "keys list", "lifecycle show", "log status", "log verify", "log key"), LOOKING
    ),
    **dict.fromkeys(("init", "up", "work", "demo", "publish"), RUNNING),
    **dict.fromkeys(
        ("policy check", "evaluation grid", "policy diff", "policy try", "policy show", "models fetch", "models list"),
        ON_FILES,
    ),
    **dict.fromkeys(
        (
            "redaction apply",
            "redaction evaluate",
            "speech evaluate",
            "hold procedure try",
            "hold verify-pack",
            "log verify-proof",
            "sample make",
        ),
        ON_FILES,
    ),
    **dict.fromkeys(
        ("experiment apply-revocations", "request letters check", "request letters show", "request verify-answer"),
        ON_FILES,
    ),
    **dict.fromkeys((f"policy {kind}" for kind in PaperKind), ON_FILES),
}

ROUTES_ALONE = {"calls.try", "log.verify", "table.export"}
"""Acts that a route is and no command: `policy try` and `log verify` need nobody the system would know; every list of a
command is a file already."""

DOORS = {"gate", "clock", "settings", "policy", "consultations"}
"""What any command may have of a system, beside its desks."""
BEYOND = {
    "opening": ({"is_there", "bus", "catalogue"}, "opens it, and sends what an act has left in the outbox"),
    "actor": ({"doorkeeper", "early_doorkeeper", "needs_token"}, "asks who presents a token"),
    "doctor": (None, LOOKING),
    "upkeep": ({"is_there", "make", "database_files", "key_census", "reconciler", "vault", "lifecycle_rules"}, LOOKING),
    "keys": ({"key_census"}, LOOKING),
    "log": ({"log_book", "log_reader", "log_places", "log_key"}, LOOKING),
    "log_key": ({"log_key"}, LOOKING),
    "flow": ({"bus", "home", "landing_sweep", "provider", "sign_in"}, RUNNING),
    "draining": ({"catalogue"}, RUNNING),
    "policy": (
        {"codec", "procedure", "redating"},
        "counts what another policy would date otherwise; figures only",
    ),
    "procedure": ({"procedure"}, "tries what a file says, on no system"),
    "reading": ({"log_writer"}, "makes the log ready before it is asked for a file to write into"),
}


def commands(found: Any, path: str = "") -> Iterator[str]:
    if not hasattr(found, "commands"):
        yield path
    for name, command in getattr(found, "commands", {}).items():
        yield from commands(command, f"{path} {name}".strip())


@pytest.fixture(scope="module")
def every_command() -> set[str]:
    return set(commands(typer.main.get_command(application())))


def test_every_command_is_an_act_a_reading_or_named_with_its_reason(every_command: set[str]) -> None:
    assert every_command == PERFORMS.keys() | OTHERS.keys()
    assert not PERFORMS.keys() & OTHERS.keys()


def test_every_act_of_people_has_a_command_and_no_command_an_act_of_no_table() -> None:
    performed = {act for acts in PERFORMS.values() for act in acts}
    assert performed == {act.value for act in Act if RIGHTS[act].roles} - ROUTES_ALONE


@pytest.mark.parametrize("path", sorted(Path(workers.__path__[0], "cli").glob("*.py")), ids=lambda path: path.stem)
def test_a_command_asks_a_system_for_desks_and_the_gate_only(path: Path) -> None:
    asked = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "system"
    }
    more, reason = BEYOND.get(path.stem, (set(), ""))
    beyond = {name for name in asked - DOORS if not name.endswith("_desk")}
    assert beyond <= (beyond if more is None else more), f"ask a desk: {sorted(beyond)} ({reason})"
