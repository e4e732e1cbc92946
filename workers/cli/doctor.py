"""`callwarden doctor`: the settings in force, whether each part works, and what lies open."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial

import typer

from callwarden.accesslog.proof.status import late_after, tail_age
from callwarden.errors import CallwardenError, ConfigurationError, RetryableError
from callwarden.ports.log import LogDamagedError
from callwarden.settings import Settings, load_settings
from callwarden.workers.cli.opening import System, no_system, open_for_programs
from callwarden.workers.cli.output import JsonOption, print_list, print_thing

_TRIAL = {"purpose": "doctor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What came of testing one part. One that is not `needed` may fail: everything else works without it."""

    part: str
    works: bool
    what: str
    needed: bool = True


def doctor_command(*, as_json: JsonOption = False) -> None:
    """Print the settings in force, secrets hidden, test each part, and warn of what is not protected. Exit code 1
    when a part that is needed does not work; a model that is not there, one of several landing areas, and a place
    of checkpoints that is late or takes nothing, are reported and are no failure, as everything else works without.
    Makes no system where there is none."""
    settings = load_settings()
    with open_for_programs(settings) as system:
        if system.is_there:
            checks = [*_files(system), *(_checked(name, test, system) for name, test in _PARTS.items())]
            checks += [*_landing(system), *_waiting(system), _checkpoints(system), *_models(system)]
        else:
            alone = [_checked(name, _PARTS[name], system) for name in ("policy", "procedure", "clock")]
            checks = [Check(part="system", works=False, what=no_system(settings)), *alone, *_models(system)]
        warnings = [asdict(exposure) for exposure in system.exposures()]
    in_force = {name: _plain(value) for name, value in _in_force(settings).items()}
    rows = [asdict(check) for check in checks]
    if as_json:
        print_thing({"settings": in_force, "checks": rows, "warnings": warnings}, as_json=True)
    else:
        print_thing({f"CALLWARDEN_{name.upper()}": value for name, value in in_force.items()}, as_json=False)
        print_list(rows, columns=("part", "works", "what"), as_json=False, title="Parts")
        if warnings:
            columns = ("code", "subject", "what_to_do")
            print_list(warnings, columns=columns, as_json=False, title="Warnings")
    if not all(check.works for check in checks if check.needed):
        raise typer.Exit(1)


def _in_force(settings: Settings) -> dict[str, object]:
    return {name: value for name, value in settings.model_dump().items() if value not in (None, ())}


def _plain(value: object) -> object:
    """Types that hold secrets hide them in their text."""
    match value:
        case int() | float():
            return value
        case tuple():
            return ",".join(str(part) for part in value)
    return str(value)


def _checked(name: str, test: Callable[[System], str], system: System, *, needed: bool = True) -> Check:
    try:
        return Check(part=name, works=True, what=test(system), needed=needed)
    except CallwardenError as error:
        return Check(part=name, works=False, what=str(error), needed=needed)


def _files(system: System) -> Iterator[Check]:
    """Whether SQLite finds its own files whole; it reads all of them."""
    for file in system.database_files:
        try:
            found = file.damage(thorough=False)
        except RetryableError as error:
            what = f"{error}: check that its disk and folder can be written"
            yield Check(part="file", works=False, what=what)
            continue
        advice = (
            f"damaged: {found[0]}; callwarden reconcile says what to do" if found else "its own check finds no fault"
        )
        yield Check(part="file", works=not found, what=f"{file.name}: {advice}")


def _policy(system: System) -> str:
    said = f"{system.policy.version}, lines {', '.join(sorted(system.policy.lines))}"
    if not (system.is_there and system.redating.waits()):
        return said
    count = system.redating.effect().another_date
    return f"{said}; a changed policy waits for approval: {count} recordings keep the old date"


def _vault(system: System) -> str:
    system.try_vault()
    said = f"{system.settings.vault.value}: an object was stored, read back and destroyed"
    if (found := system.vault.lifecycle()) is None:
        return said
    try:
        wanted = system.lifecycle_rules
    except CallwardenError as error:  # what the catalogue lacks is another part's fault
        return f"{said}; its lifecycle could not be compared: {error}"
    if set(found) != set(wanted):
        raise ConfigurationError("the bucket's lifecycle is not the policy's: callwarden lifecycle apply")
    return said


def _keys(system: System) -> str:
    """Both keys are tried, one wraps and unwraps, the other makes pseudonyms; and they are those that were used."""
    current = system.keys.current_master_key()
    if faulty := system.key_census.faults():
        listed = ", ".join(f"{key.key_id} ({key.fault.value}, {key.data_keys} data keys under it)" for key in faulty)
        raise ConfigurationError(
            f"keys that are not as they were: {listed}; put the right key store back (docs/keys.md)"
        )
    key = system.keys.new_data_key(_TRIAL)
    system.keys.unwrap(key.wrapped, _TRIAL)
    system.keys.pseudonym("doctor", "trial")
    return f"master key {current}"


def _log(system: System) -> str:
    key, status = system.signer.key, system.log_reader.status(outside=True)
    if status.set_back is not None:
        raise LogDamagedError(status.set_back)
    if status.checkpoint is None:
        return f"key {key.key_id.hex()}, no checkpoint yet"
    age = (system.clock.now() - status.checkpoint.signed_at).total_seconds()
    return f"key {key.key_id.hex()}, newest checkpoint {age:.0f} s old, {status.unanchored} entries wait for the next"


def _landing(system: System) -> list[Check]:
    """Every area is looked into. Where one works, calls come in, so another that does not is no failure."""
    try:
        areas = system.policy.landing_areas
    except CallwardenError:
        return []  # the policy's own row says why
    found = [(area, _checked("landing", partial(_look_into, area), system)) for area in areas]
    works = all(check.works for _, check in found)
    needed = not any(check.works for _, check in found)
    what = "; ".join(f"{area} {check.what}" for area, check in found)
    return [Check(part="landing", works=works, what=what, needed=needed)]


def _look_into(area: str, system: System) -> str:
    settings = system.settings
    if area.startswith("s3:") and not any((settings.s3_endpoint, settings.s3_region, settings.s3_access_key)):
        raise ConfigurationError(
            "was not tried, no CALLWARDEN_S3_… is set: calls that lie there wait; take it out of the policy's "
            "landing_areas if there are none"
        )
    system.landing.check(area)
    return f"works ({settings.spool_folder})" if area.startswith("spool:") else "works"


def _checkpoints(system: System) -> Check:
    """Whether the log's places take checkpoints and have the newest one."""

    def places(system: System) -> str:
        for place in system.log_places:
            place.check()
        status = system.log_reader.status(outside=True)
        if status.out_of_reach:
            raise RetryableError(status.out_of_reach[0])
        if status.missing_outside:
            missing = ", ".join(status.missing_outside)
            raise ConfigurationError(f"the newest checkpoint is not in {missing}: callwarden log checkpoint")
        age = tail_age(status.unanchored_since, now=system.clock.now())
        if age > late_after(timedelta(seconds=system.settings.checkpoint_every_s)):
            raise ConfigurationError(
                f"entries have waited {age.total_seconds():.0f} s for a checkpoint: check that callwarden work log runs"
            )
        return ", ".join(place.name for place in system.log_places)

    return _checked("checkpoints", places, system, needed=False)


def _waiting(system: System) -> list[Check]:
    """Whether events wait for a place that cannot be reached."""
    try:
        waits = [wait for wait in system.catalogue.waits() if wait.place]
    except CallwardenError:
        return []  # the row of the catalogue tells of it
    return [
        Check(
            part="waiting",
            works=False,
            what=f"{wait.events} events wait for {wait.place}"
            + ("" if wait.since is None else f" since {wait.since:%Y-%m-%d %H:%M}Z")
            + f": {wait.why}",
            needed=False,
        )
        for wait in waits
    ]


def _models(system: System) -> list[Check]:
    """Whether every model is there, which matters where a line is transcribed."""
    from callwarden.wiring.models import needed_models

    try:
        if not any(line.transcription for line in system.policy.lines.values()):
            return [Check(part="speech", works=True, what="the policy transcribes nothing", needed=False)]
        models = needed_models(system.settings)
    except CallwardenError as error:
        return [Check(part="speech", works=False, what=str(error), needed=False)]
    return [
        Check(
            part=model.part,
            works=model.place is not None,
            what=f"{model.name} in {model.place}"
            if model.place
            else f"no model {model.name}, so {' and '.join(model.steps)} cannot run: {model.what_to_do}",
            needed=False,
        )
        for model in models
    ]


def _journal(system: System) -> str:
    mark = system.journal.mark()
    return f"{0 if mark is None else mark.count} records so far"


_PARTS: dict[str, Callable[[System], str]] = {
    "policy": lambda system: _policy(system),
    "procedure": lambda system: (
        f"version {system.procedure.rules.version}, confirmed by {system.procedure.rules.confirmed or 'no lawyer yet'}"
    ),
    "clock": lambda system: system.clock.now().isoformat(),
    "bus": lambda system: f"{sum(system.bus.end_offsets('telephony.calls').values())} events so far",
    "catalogue": lambda system: f"{sum(system.catalogue.count_outcomes('telephony.calls').values())} outcomes so far",
    "vault": _vault,
    "keys": _keys,
    "journal": _journal,
    "log": _log,
}
