"""The annex of the impact assessment (GDPR, article 35): by risk, what the system enforces, what the policy in force
says of it, and the command that shows it.

A measure is a promise of docs/compliance.md, by its id; nothing here is prose.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from callwarden.model.access import Role
from callwarden.model.paper import Paper, PaperKind, Sources
from callwarden.model.paper_words import Heading, Risk
from callwarden.model.purpose import Purpose
from callwarden.rules.papers.making import cells, paper, table
from callwarden.rules.papers.matrices import access
from callwarden.rules.papers.telling import Telling

InForce = Callable[[Telling], list[str]]
"""What the policy in force says of a measure."""


class Measure(NamedTuple):
    risk: Risk
    promise: str
    in_force: InForce
    shown_by: str
    """A command, by which anybody sees it on the system itself."""


def _recorded(telling: Telling) -> list[str]:
    return [telling.pair(telling.line(line.line), telling.recorded(line)) for line in telling.of.policy.lines.values()]


def _objections(telling: Telling) -> list[str]:
    return [telling.pair(telling.line(line.line), telling.objection(line)) for line in telling.of.policy.lines.values()]


def _periods(telling: Telling) -> list[str]:
    lines = telling.of.policy.lines.values()
    return [telling.pair(telling.line(line.line), one) for line in lines for one in telling.periods(line)]


def _zone(telling: Telling) -> list[str]:
    return [telling.of.policy.time_zone.key]


def _purposes(telling: Telling) -> list[str]:
    return [telling.based(one) for one in telling.every_purpose()]


def _matrix(telling: Telling) -> list[str]:
    return [
        telling.pair(row["role"][0], ", ".join([", ".join(row["artefacts"]), *row.get("conditions", ())]))
        for row in access(telling).rows
    ]


def _trainers(telling: Telling) -> list[str]:
    trainers = telling.of.words.of("roles", Role.TRAINER.value)
    return [one for one in _matrix(telling) if one.startswith(trainers)] or [telling.says("nothing")]


def _regions(telling: Telling) -> list[str]:
    return telling.where()


def _log(telling: Telling) -> list[str]:
    return [telling.says("kept_log", period=telling.of.words.period(telling.of.policy.log_retention))]


def _evaluations(telling: Telling) -> list[str]:
    return [telling.says("kept_evaluations", period=telling.of.words.period(telling.of.evaluations_kept))]


def _holds(telling: Telling) -> list[str]:
    policy, words = telling.of.policy, telling.of.words
    share = telling.percent(policy.holds.share)
    return [
        telling.says("except_hold", delay=words.duration(policy.release_delay)),
        telling.says("holds_limit", count=str(policy.holds.at_most), share=share),
        telling.says("case_review", period=words.period(policy.case_review)),
    ]


def _experiments(telling: Telling) -> list[str]:
    granted = Purpose.AI_EXPERIMENT in telling.every_purpose()
    if not granted:
        return [telling.says("nothing")]
    narrowed = [telling.says("experiments_included")] if telling.of.policy.only_included else []
    return [telling.based(Purpose.AI_EXPERIMENT), *narrowed]


def _tests(telling: Telling) -> list[str]:
    return [telling.testing() or telling.says("testing_none")]


def _within(telling: Telling) -> list[str]:
    return [telling.says("except_objection", within=telling.of.words.duration(telling.of.policy.objection_within))]


def _automated(telling: Telling) -> list[str]:
    return [telling.automated()]


def _nothing(_: Telling) -> list[str]:
    """Enforced whatever the policy says."""
    return []


def _sampled(telling: Telling) -> list[str]:
    return [telling.says("sampled_by", tenant=telling.of.policy.tenant)]


def _intake(telling: Telling) -> list[str]:
    words, limits = telling.of.words, telling.of.policy.limits
    bounds = telling.says(
        "intake",
        size=str(limits.max_audio_bytes // 1000**2),
        length=words.duration(limits.max_duration),
        channels=str(limits.max_channels),
        ahead=words.duration(limits.max_clock_ahead),
        call=words.duration(limits.max_call_length),
        areas=telling.listed(telling.of.policy.landing_areas),
    )
    unlike = telling.says(f"intake_{limits.when_unlike.value}", off=words.duration(limits.times_off))
    return [*_recorded(telling), bounds, unlike]


def _sweep(telling: Telling) -> list[str]:
    sweep = telling.of.policy.sweep
    clock, share = telling.of.words.duration(sweep.clock_within), telling.percent(sweep.share)
    return [*_periods(telling), telling.says("sweep_limits", count=str(sweep.at_most), share=share, clock=clock)]


def _asked(telling: Telling) -> list[str]:
    """How objections are offered, and what becomes of a call where nothing is known of one, or of the announcement."""
    lines = [
        telling.pair(telling.line(line.line), said)
        for line in telling.of.policy.lines.values()
        for said in (telling.unknown(line), telling.stated(line.to_object), telling.announced(line))
        if said
    ]
    return [*_objections(telling), *lines, telling.says("numbers_of", region=telling.of.policy.region)]


def _figures(telling: Telling) -> list[str]:
    return [telling.figures()]


def _unusual(telling: Telling) -> list[str]:
    unusual = telling.of.policy.unusual_reading
    return [
        telling.says(
            "unusual",
            count=str(unusual.at_least),
            times=f"{unusual.times.normalize():f}",
            days=str(unusual.days),
            first=str(unusual.from_hour),
            last=str(unusual.to_hour),
        )
    ]


def _waits(telling: Telling) -> list[str]:
    return [telling.says("read_timeout", wait=telling.of.words.duration(telling.of.policy.read_timeout))]


MEASURES: Final = (
    Measure(Risk.ACCESS, "U2", _matrix, "callwarden policy show --access"),
    Measure(Risk.ACCESS, "U3", _waits, "callwarden log list"),
    Measure(Risk.ACCESS, "L4", _unusual, "callwarden log unusual"),
    Measure(Risk.ACCESS, "U4", _trainers, "callwarden policy show --states"),
    Measure(Risk.ACCESS, "D5", _nothing, "callwarden request verify-answer"),
    Measure(Risk.ACCESS, "D6", _nothing, "callwarden redaction evaluate"),
    Measure(Risk.ACCESS, "U10", _nothing, "callwarden hold disclosures"),
    Measure(Risk.ACCESS, "K5", _regions, "callwarden policy subcontractors"),
    Measure(Risk.CHANGE, "L1", _nothing, "callwarden log list"),
    Measure(Risk.CHANGE, "L2", _nothing, "callwarden log verify"),
    Measure(Risk.CHANGE, "L3", _log, "callwarden log expire"),
    Measure(Risk.LOSS, "K3", _holds, "callwarden hold list"),
    Measure(Risk.LOSS, "K4", _nothing, "callwarden reconcile"),
    Measure(Risk.LOSS, "D4", _nothing, "callwarden request list"),
    Measure(Risk.EXCESS, "R1", _intake, "callwarden calls outcomes"),
    Measure(Risk.EXCESS, "R5", _sampled, "callwarden policy try"),
    Measure(Risk.EXCESS, "K1", _sweep, "callwarden dispose --dry-run"),
    Measure(Risk.EXCESS, "K2", _periods, "callwarden policy schedule"),
    Measure(Risk.EXCESS, "K6", _evaluations, "callwarden evaluation list"),
    Measure(Risk.EXCESS, "K7", _zone, "callwarden policy show"),
    Measure(Risk.EXCESS, "U1", _purposes, "callwarden policy register"),
    Measure(Risk.EXCESS, "U5", _experiments, "callwarden experiment list"),
    Measure(Risk.EXCESS, "U6", _figures, "callwarden report calls"),
    Measure(Risk.EXCESS, "U7", _automated, "callwarden policy show --acts"),
    Measure(Risk.EXCESS, "U8", _tests, "callwarden testing list"),
    Measure(Risk.EXCESS, "U9", _nothing, "callwarden policy show --states"),
    Measure(Risk.RIGHTS, "R2", _nothing, "callwarden log list"),
    Measure(Risk.RIGHTS, "R3", _asked, "callwarden objection list"),
    Measure(Risk.RIGHTS, "R4", _within, "callwarden objection list"),
    Measure(Risk.RIGHTS, "D1", _nothing, "callwarden request list"),
    Measure(Risk.RIGHTS, "D2", _nothing, "callwarden request list"),
    Measure(Risk.RIGHTS, "D3", _nothing, "callwarden request letters check"),
    Measure(Risk.RIGHTS, "D7", _nothing, "callwarden calls consultations"),
)


def dpia(sources: Sources) -> Paper:
    """What the system enforces, by risk."""
    telling, words = Telling(sources), sources.words
    rows = [
        cells(
            risk=words.of("risks", one.risk.value),
            promise=one.promise,
            measure=words.of("promises", one.promise),
            in_force=one.in_force(telling),
            shown_by=one.shown_by,
        )
        for one in MEASURES
    ]
    columns = (Heading.RISK, Heading.MEASURE, Heading.PROMISE, Heading.IN_FORCE, Heading.SHOWN_BY)
    missing = ("missing_sender", "missing_transfers", "missing_processors")
    return paper(telling, PaperKind.DPIA, (table(telling, "measures", *columns, rows=tuple(rows)),), missing=missing)
