"""`callwarden init | reconcile | lifecycle`: a system made, and is everything in order?"""

from collections.abc import Sequence
from typing import Annotated

import typer

from callwarden.model.access import Actor, Role, service
from callwarden.ports.vault import LifecycleRule
from callwarden.settings import load_settings
from callwarden.steps.reconcile import Report, damage, foreign_keys
from callwarden.workers.cli.actor import OperatorOption, actor_option, admitted, by_token
from callwarden.workers.cli.opening import account, open_or_make, open_system
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing, say

SETUP = service("setup")
"""The deployment of a distributed system, which runs before anybody has a token."""
lifecycle = typer.Typer(help="The bucket's own expiry rules, from the policy: a backstop.", no_args_is_help=True)


def init_command(*, as_json: JsonOption = False) -> None:
    """Make a new system where the settings say: its folder, keys, tables and topics. One that is there is left as it
    is, with exit code 0. `up`, `work`, `demo` and `publish` do this by themselves."""
    settings = load_settings()
    with open_or_make(settings) as system:
        new = not system.is_there
        system.make()
    thing = {"home": settings.home.absolute(), "new": new, "policy": system.policy.version}
    print_thing(thing, as_json=as_json)
    kept = "" if new or not system.database_files else "There was a system already: it is left as it is. "
    say(f"{kept}Now: callwarden doctor, and callwarden up", as_json=as_json)


def reconcile_command(
    actor: OperatorOption,
    *,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="First replay the whole journal, destroy unknown versions, abort stale uploads."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare vault, catalogue, journal, bus and log, once SQLite's own check finds their files whole and the key store
    is the right one. Exit code 1 on any breach."""
    report: Report | None = None
    settings = load_settings()
    with open_system(settings) as system:
        files = [file.name for file in system.database_files]
        found = damage(system.database_files)  # before anything opens them: what a damaged file says proves nothing
        found = found or foreign_keys(system.key_census)
        if not found:
            if repair:
                system.upkeep_desk.repair(admitted(actor, system))
            report = system.reconciler.reconcile()
            found = report.breaches
    breaches = [{"code": fault.code, "subject": fault.subject, "what_to_do": fault.what_to_do} for fault in found]
    if as_json:
        print_thing(
            {
                "recordings": report and report.recordings,
                "versions": report and report.versions,
                "held": report and report.held,
                "due": report and report.due,
                "in_flight": report and report.balance.in_flight,
                "deleted_unread": report and sum(report.balance.deleted_unread.values()),
                "balanced": report and report.balance.balanced,
                "files_checked": files,
                "landing": report
                and [{"area": area.area, "lying": area.lying, "overdue": area.overdue} for area in report.landing],
                "breaches": breaches,
            },
            as_json=True,
        )
    else:
        print_list(breaches, columns=("code", "subject", "what_to_do"), as_json=False, empty="No breach.")
        say(_sentence(report, files), as_json=False)
        for area in report.landing if report else ():
            say(f"{area.area} holds {area.lying} items, {area.overdue} of them overdue.", as_json=False)
    if breaches:
        raise typer.Exit(1)


def _sentence(report: Report | None, files: Sequence[str]) -> str:
    if report is None:
        return "Nothing else was compared."
    sound = f" SQLite's own check of {' and '.join(files)} finds nothing wrong." if files else ""
    return (
        f"{report.recordings} recordings, {report.versions} stored versions, {report.held} held, "
        f"{report.due} due.{sound}"
    )


@lifecycle.command("show")
def show(*, as_json: JsonOption = False) -> None:
    """The rules the policy asks for, and whether the vault has them."""
    with open_system(load_settings()) as system:
        wanted = system.lifecycle_rules
        found = system.vault.lifecycle()
    rows = [_rule(rule, "none" if found is None else "yes" if rule in found else "no") for rule in wanted]
    rows += [_rule(rule, "unwanted") for rule in found or () if rule not in wanted]
    title = (
        "Lifecycle" if found is not None else "Lifecycle (this vault has no rules of its own: only the sweep destroys)"
    )
    print_list(rows, columns=("rule", "tags", "expire_after_days", "in_force"), as_json=as_json, title=title)


@lifecycle.command("apply")
def apply(
    actor: Annotated[Actor | None, actor_option(default="the token's holder, or the program setup")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make exactly these rules the vault's. A distributed system's deployment does so at its start, without a token."""
    settings = load_settings()
    alone = actor is None and settings.token is None and not settings.is_embedded
    with open_or_make(settings) as system:
        asking = SETUP if alone else admitted(actor or by_token() or account(Role.OPERATOR), system)
        rows = [_rule(rule, "yes") for rule in system.upkeep_desk.apply_lifecycle(asking)]
    print_list(rows, columns=("rule", "tags", "expire_after_days", "in_force"), as_json=as_json, title="Applied")


def _rule(rule: LifecycleRule, in_force: str) -> Row:
    return {
        "rule": rule.rule_id,
        "tags": dict(rule.tags),
        "expire_after_days": rule.expire_after_days,
        "in_force": in_force,
    }
