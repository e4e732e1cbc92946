"""`callwarden policy`: is the policy file right, and what does it say?"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from callwarden.desks.trial import tried
from callwarden.errors import CallwardenError, UsageError
from callwarden.model.access import Role
from callwarden.model.policy import Policy
from callwarden.model.policy_change import Told
from callwarden.rules.access_table import STATES
from callwarden.rules.consent import kept_without_consent
from callwarden.rules.policy_change import changes, statements
from callwarden.rules.policy_told import facts_of, told
from callwarden.rules.policy_words import explain
from callwarden.settings import load_settings
from callwarden.shipped import shipped_config
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.opening import open_for_programs
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing, say, warn
from callwarden.workers.cli.papers import PAPERS
from callwarden.workers.cli.publishing import read_events
from callwarden.workers.shapes.policy import access_rows, act_rows, policy_shape, state_rows
from callwarden.workers.shapes.policy_changes import change_shape, effect_shape, effect_words, told_words
from callwarden.workers.shapes.pushes import trial_shape

app = typer.Typer(help="The policy: who is recorded, how long it is kept, who may read what.", no_args_is_help=True)

for _kind, _command in PAPERS.items():
    app.command(_kind.value)(_command)

FileArgument = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="A policy file; the one in force when left out.")
]


@app.command()
def check(file: FileArgument = None, *, as_json: JsonOption = False) -> None:
    """Check whether a policy file can be used; if not, name the line at fault and the values allowed there. Checks the
    file of periods of appeal in force as well."""
    path, policy = _policy(file)
    stored = _stored(policy)
    valid = {"file": path, "valid": True, "version": policy.version, "lines": sorted(policy.lines)}
    print_thing({**valid, **stored, "procedure": _procedure()}, as_json=as_json)
    if stored.get("waits_for_approval"):
        say(WAITS, as_json=as_json)
    if lines := kept_without_consent(policy):
        say(
            f"A purpose rests on consent (legal_bases), and calls of {', '.join(lines)} are kept without a word from "
            "the caller: ask for it before the call, write objection_unknown: refuse, or another basis.",
            as_json=as_json,
        )
    if stored.get("another_date"):
        say(
            f"{stored['another_date']} of {stored['stored']} stored recordings keep another date than this policy "
            "would give them now: what is stored keeps the date it was given.",
            as_json=as_json,
        )


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A policy file.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Another.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Say in words how one policy differs from another, and how many stored recordings the new one would date
    otherwise."""
    (_, before), (_, after) = _policy(old), _policy(new)
    rows = [asdict(change) for change in changes(statements(before), statements(after))]
    said = told(facts_of(before), facts_of(after))
    stored = _stored(after)
    if as_json:
        words = {about: [told_words(one) for one in said if one.about == about] for about in ("callers", "staff")}
        print_thing({"old": before.version, "new": after.version, "changes": rows, **words, **stored}, as_json=True)
        return
    if not rows:
        say("They say the same." if before.version == after.version else NO_WORDS, as_json=False)
    else:
        _say_told(said)
    if stored:
        say(str(stored["words"]), as_json=False)


NO_WORDS = "They differ in nothing that has words."


@app.command("try")
def try_(
    event: Annotated[Path, typer.Argument(metavar="EVENT.json", help="An event, as the telephone system sends it.")],
    file: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="A policy file; the one in force when left out.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """The outcome of an event, and why, without storing anything. Looks at no audio and at nothing that is stored."""
    _, policy = _policy(file)
    try:
        content = event.read_bytes()
    except OSError as error:
        raise UsageError(f"{event} cannot be read: {error.strerror}") from error
    events = list(read_events(event, content, raw=True))
    if len(events) != 1:
        raise UsageError(f"{event} holds {len(events)} events: give one")
    system = open_for_programs(load_settings())
    trial = tried(events[0], codec=system.codec, policy=policy, now=system.clock.now())
    print_thing(trial_shape(trial, policy_version=policy.version), as_json=as_json)


def _stored(policy: Policy) -> dict[str, object]:
    """How many recordings are stored, and what an approval of `policy` would do to them; empty where there is no system
    yet. The policy in force opens it: looking at another puts none in force."""
    settings = load_settings()
    if settings.database is None and not (settings.home / "catalogue.db").exists():
        return {}
    try:
        with open_for_programs(settings) as system:
            return {
                **effect_shape(system.redating.effect(policy)),
                "waits_for_approval": system.policy.version == policy.version and system.redating.waits(),
            }
    except CallwardenError as error:
        warn(f"what is stored could not be counted: {error}")
        return {}


@app.command()
def propose(
    actor: ActorOption,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A policy file; the one in force when left out.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Say what a policy changes for callers, for staff and for what is stored, and put it before the data protection
    officer. Nothing else is done."""
    text = None if file is None else _policy(file)[1]
    with signed_in(actor) as (system, asking):
        change, effect = system.policy_desk.propose(asking, text)
    if as_json:
        print_thing({**change_shape(change), "effect": effect_shape(effect)}, as_json=True)
        return
    _say_told(change.told)
    say(effect_words(effect), as_json=False)
    say(f"Now, by the data protection officer: callwarden policy approve {change.change_id}", as_json=False)


@app.command()
def approve(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Its version, the first digits of it, or its id.")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Approve what somebody else proposed. Where its policy is in force what is stored is dated anew at once, and what
    is due by that goes with the next sweep, at its limits; where it is not yet, once it is."""
    with signed_in(actor) as (system, asking):
        change = system.policy_desk.approve(asking, version, at_once=True)
    print_thing(change_shape(change), as_json=as_json)


@app.command()
def withdraw(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Its version, the first digits of it, or its id.")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take a proposal back that nobody has approved: whoever proposed it, and the data protection officer."""
    with signed_in(actor) as (system, asking):
        change = system.policy_desk.withdraw(asking, version)
    print_thing(change_shape(change), as_json=as_json)


@app.command("changes")
def list_changes(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Every change that was proposed, newest first, and whether the policy in force waits for its approval."""
    with signed_in(actor) as (system, asking):
        standing = system.policy_desk.listed(asking)
    rows = [change_shape(change) for change in standing.changes]
    columns = ("change", "version", "state", "sooner", "later", "changed", "proposed_at", "approved_at")
    print_list(rows, columns=columns, as_json=as_json, title="Changes of the policy", empty="None was proposed.")
    if standing.is_unproposed:
        say(WAITS, as_json=as_json)


WAITS = (
    "The policy in force waits for approval: what is stored keeps the dates it was given (callwarden policy propose)."
)


def _say_told(told: Sequence[Told]) -> None:
    for about, title in (("callers", "For callers:"), ("staff", "For staff:")):
        say(title, as_json=False)
        for line in [told_words(one) for one in told if one.about == about] or ["nothing changes"]:
            say(f"  {line}", as_json=False)


@app.command()
def show(
    file: FileArgument = None,
    *,
    access: Annotated[bool, typer.Option("--access", help="Show who may read what, for which purpose.")] = False,
    states: Annotated[bool, typer.Option("--states", help="Show what is open in each state of a recording.")] = False,
    acts: Annotated[bool, typer.Option("--acts", help="Show who may do what else; no policy changes that.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Explain a policy in words, statement by statement."""
    if acts:
        print_list(act_rows(), columns=ACT_COLUMNS, as_json=as_json, title="Who may do what")
        return
    path, policy = _policy(file)
    if states:
        _show_states(policy, as_json=as_json)
    elif access:
        columns = ("role", "purposes", "artefacts", "conditions")
        matrix: list[Row] = [*access_rows(policy), *(() if as_json else _granted_nothing(policy))]
        print_list(matrix, columns=columns, as_json=as_json, title=f"Who may read what ({path})")
        if not as_json:
            _show_states(policy, as_json=False)
    elif as_json:
        print_thing({"file": path, **policy_shape(policy)}, as_json=True)
    else:
        rows = [asdict(row) for row in explain(policy)]
        print_list(rows, columns=("about", "key", "says"), as_json=False, title=f"The policy ({path})")


ACT_COLUMNS = ("act", "who", "reach", "people", "by_policy", "entry")


def _show_states(policy: Policy, *, as_json: bool) -> None:
    rows = state_rows(policy)
    if not as_json:
        found = {row["state"] for row in rows}
        rows += [{"state": state, "artefacts": "nothing, to nobody"} for state in STATES if state not in found]
    columns = ("state", "role", "purposes", "artefacts", "lines", "break_glass")
    print_list(rows, columns=columns, as_json=as_json, title="What is open in each state of a recording")


def _policy(file: Path | None) -> tuple[Path, Policy]:
    settings = load_settings()
    if file is not None:
        settings = settings.model_copy(update={"policy": file})
    with open_for_programs(settings) as system:
        return settings.policy or shipped_config() / "policy.yaml", system.policy


def _procedure() -> dict[str, object]:
    """The periods of appeal in force, which come from a file of their own."""
    settings = load_settings()
    with open_for_programs(settings) as system:
        rules = system.procedure.rules
    return {
        "file": settings.procedure or shipped_config() / "procedure.yaml",
        "version": rules.version,
        "confirmed_by_lawyer": rules.confirmed or None,
    }


def _granted_nothing(policy: Policy) -> list[Row]:
    """Roles the policy grants nothing, so that the list is the whole matrix."""
    granted = {grant.role for grant in policy.access}
    return [{"role": role, "conditions": "nothing"} for role in Role if role not in granted]
