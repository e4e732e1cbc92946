"""`callwarden reconcile | lifecycle | doctor`: is everything in order?"""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import typer

from pipeline.errors import CallwardenError, ConfigurationError, RetryableError
from pipeline.ports.vault import LifecycleRule
from pipeline.rules.lifecycle import lifecycle_rules
from pipeline.settings import load_settings
from pipeline.steps.reconcile import Report, damage
from pipeline.wiring import System, open_system, speech_model_folder
from workers.cli.output import JsonOption, Row, print_list, print_thing, say

lifecycle = typer.Typer(help="The bucket's own expiry rules, from the policy: a backstop.", no_args_is_help=True)


def reconcile_command(
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Destroy versions nobody knows and give up stale uploads first.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare vault, catalogue, journal and bus, once SQLite's own check finds their files whole. Exit code 1 on any
    breach."""
    report: Report | None = None
    with open_system(load_settings()) as system:
        files = [file.name for file in system.database_files]
        found = damage(system.database_files)  # before anything opens them: what a damaged file says proves nothing
        if not found:
            if repair:
                system.reconciler.repair()
            report = system.reconciler.reconcile()
            found = report.breaches
    breaches = [{"code": one.code, "subject": one.subject, "what_to_do": one.what_to_do} for one in found]
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
                and [{"area": one.area, "lying": one.lying, "overdue": one.overdue} for one in report.landing],
                "breaches": breaches,
            },
            as_json=True,
        )
    else:
        print_list(breaches, columns=("code", "subject", "what_to_do"), as_json=False, empty="No breach.")
        say(_sentence(report, files), as_json=False)
        for area in report.landing if report else ():
            say(f"{area.area} holds {area.lying} things, {area.overdue} of them too long.", as_json=False)
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
        wanted = lifecycle_rules(system.policy)
        found = system.vault.lifecycle()
    rows = [_rule(rule, "none" if found is None else "yes" if rule in found else "no") for rule in wanted]
    rows += [_rule(rule, "unwanted") for rule in found or () if rule not in wanted]
    title = "Lifecycle" if found is not None else "Lifecycle (this vault has none of its own: the sweep does it all)"
    print_list(rows, columns=("rule", "tags", "expire_after_days", "in_force"), as_json=as_json, title=title)


@lifecycle.command("apply")
def apply(*, as_json: JsonOption = False) -> None:
    """Make exactly these rules the vault's."""
    with open_system(load_settings()) as system:
        wanted = lifecycle_rules(system.policy)
        system.vault.apply_lifecycle(wanted)
    rows = [_rule(rule, "yes") for rule in wanted]
    print_list(rows, columns=("rule", "tags", "expire_after_days", "in_force"), as_json=as_json, title="Applied")


def _rule(rule: LifecycleRule, in_force: str) -> Row:
    return {
        "rule": rule.rule_id,
        "tags": dict(rule.tags),
        "expire_after_days": rule.expire_after_days,
        "in_force": in_force,
    }


def doctor_command(*, as_json: JsonOption = False) -> None:
    """Print the settings in force, secrets hidden, and test each part. Exit code 1 when one does not work; a speech
    model that is not there, and a place of checkpoints that is late or takes nothing, are said and are no failure, as
    everything else works without."""
    settings = load_settings()
    with open_system(settings) as system:
        checks = [*_files(system), *(_checked(name, system) for name in _PARTS)]
        checks_beside = [_checkpoints(system), _speech(system)]
    in_force = {name: _plain(value) for name, value in settings.model_dump().items() if value is not None}
    if as_json:
        print_thing({"settings": in_force, "checks": [*checks, *checks_beside]}, as_json=True)
    else:
        print_thing({f"CALLWARDEN_{name.upper()}": value for name, value in in_force.items()}, as_json=False)
        print_list([*checks, *checks_beside], columns=("part", "works", "what"), as_json=False, title="Parts")
    if not all(check["works"] for check in checks):
        raise typer.Exit(1)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | bool) else str(value)


def _checked(name: str, system: System) -> Row:
    try:
        what = _PARTS[name](system)
    except CallwardenError as error:
        return {"part": name, "works": False, "what": str(error)}
    return {"part": name, "works": True, "what": what}


def _files(system: System) -> Iterator[Row]:
    """Whether SQLite finds its own files whole; it reads all of them."""
    for file in system.database_files:
        try:
            found = file.damage(thorough=False)
        except RetryableError as error:
            found = (str(error),)
        advice = (
            f"damaged: {found[0]}; callwarden reconcile says what to do" if found else "its own check finds it whole"
        )
        yield {"part": "file", "works": not found, "what": f"{file.name}: {advice}"}


def _checkpoints(system: System) -> Row:
    """Whether the log's places take checkpoints and have the newest one."""
    from pipeline.wiring.log import check_places

    try:
        places = check_places(system)
    except CallwardenError as error:
        return {"part": "checkpoints", "works": False, "what": str(error)}
    return {"part": "checkpoints", "works": True, "what": ", ".join(places)}


def _speech(system: System) -> Row:
    """Whether the speech model is there, which matters where a line is transcribed."""
    wanted, found = system.settings.speech_model, speech_model_folder(system.settings)
    if found is not None:
        return {"part": "speech", "works": True, "what": f"{wanted} in {found}"}
    if not any(line.transcription for line in system.policy.lines.values()):
        return {"part": "speech", "works": True, "what": "the policy transcribes nothing"}
    what = f"no model {wanted} in {system.settings.models_folder}, so nothing is transcribed: callwarden models fetch"
    return {"part": "speech", "works": False, "what": what}


def _vault(system: System) -> str:
    wanted, found = lifecycle_rules(system.policy), system.vault.lifecycle()
    if found is not None and set(found) != set(wanted):
        raise ConfigurationError("the bucket's lifecycle is not the policy's: callwarden lifecycle apply")
    return system.settings.vault.value


def _keys(system: System) -> str:
    current = system.keys.current_master_key()
    if faulty := system.key_census.faults():
        listed = ", ".join(f"{one.key_id} ({one.fault.value}, {one.data_keys} recordings under it)" for one in faulty)
        raise ConfigurationError(
            f"keys that are not as they were: {listed}; put the right key store back (docs/keys.md)"
        )
    return f"master key {current}"


def _log(system: System) -> str:
    from pipeline.wiring.log import log_signer

    key, status = log_signer(system).key, system.log_reader.status()
    if status.checkpoint is None:
        return f"key {key.key_id.hex()}, no checkpoint yet"
    age = (system.clock.now() - status.checkpoint.signed_at).total_seconds()
    return f"key {key.key_id.hex()}, newest checkpoint {age:.0f} s old, {status.unanchored} entries wait for the next"


_PARTS: dict[str, Callable[[System], str]] = {
    "policy": lambda system: f"{system.policy.version}, lines {', '.join(sorted(system.policy.lines))}",
    "clock": lambda system: system.clock.now().isoformat(),
    "bus": lambda system: f"{sum(system.bus.end_offsets('telephony.calls').values())} events so far",
    "catalogue": lambda system: f"{sum(system.catalogue.count_outcomes('telephony.calls').values())} outcomes so far",
    "vault": _vault,
    "keys": _keys,
    "journal": lambda system: f"{sum(1 for _ in system.journal.iterate())} erasures so far",
    "log": _log,
    "landing": lambda system: f"{', '.join(system.policy.landing_areas)}; spool is {system.settings.spool_folder}",
}
