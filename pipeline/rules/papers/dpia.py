"""The annex of the impact assessment (GDPR, article 35): by risk, what the system enforces, what the policy in force says of
it, and the command that shows it. A measure is a promise of docs/compliance.md, by its id; nothing here is prose.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from callwarden.model.paper import Heading, Paper, PaperKind, Risk, Sources
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
    return [f"{telling.line(line.line)} : {telling.recorded(line)}" for line in telling.of.policy.lines.values()]


def _objections(telling: Telling) -> list[str]:
    return [f"{telling.line(line.line)} : {telling.objection(line)}" for line in telling.of.policy.lines.values()]


def _periods(telling: Telling) -> list[str]:
    lines = telling.of.policy.lines.values()
    return [f"{telling.line(line.line)} : {one}" for line in lines for one in telling.periods(line)]


def _zone(telling: Telling) -> list[str]:
    return [telling.of.policy.time_zone.key]


def _purposes(telling: Telling) -> list[str]:
    return [telling.based(one) for one in telling.every_purpose()]


def _matrix(telling: Telling) -> list[str]:
    return [f"{row['role'][0]} : {', '.join(row['artefacts'])}" for row in access(telling.of).tables[0].rows]


def _regions(telling: Telling) -> list[str]:
    return telling.transfers()


def _log(telling: Telling) -> list[str]:
    return [telling.says("kept_log", period=telling.of.words.period(telling.of.policy.log_retention))]


def _evaluations(telling: Telling) -> list[str]:
    return [telling.says("kept_evaluations", period=telling.of.words.period(telling.of.evaluations_kept))]


def _holds(telling: Telling) -> list[str]:
    return [telling.says("except_hold", delay=telling.of.words.duration(telling.of.policy.release_delay))]


def _experiments(telling: Telling) -> list[str]:
    granted = Purpose.AI_EXPERIMENT in telling.every_purpose()
    return [telling.based(Purpose.AI_EXPERIMENT)] if granted else [telling.says("nothing")]


def _within(telling: Telling) -> list[str]:
    return [telling.says("except_objection", within=telling.of.words.duration(telling.of.policy.objection_within))]


def _automated(telling: Telling) -> list[str]:
    return [telling.automated()]


def _nothing(telling: Telling) -> list[str]:
    """Enforced whatever the policy says."""
    return []


MEASURES: Final = (
    Measure(Risk.ACCESS, "U2", _matrix, "callwarden policy show --access"),
    Measure(Risk.ACCESS, "U3", _nothing, "callwarden log list"),
    Measure(Risk.ACCESS, "U4", _matrix, "callwarden policy show --states"),
    Measure(Risk.ACCESS, "D5", _nothing, "callwarden request verify-answer"),
    Measure(Risk.ACCESS, "D6", _nothing, "callwarden redaction evaluate"),
    Measure(Risk.ACCESS, "U10", _nothing, "callwarden hold disclosures"),
    Measure(Risk.ACCESS, "K5", _regions, "callwarden policy subcontractors"),
    Measure(Risk.CHANGE, "L1", _nothing, "callwarden log list"),
    Measure(Risk.CHANGE, "L2", _nothing, "callwarden log verify"),
    Measure(Risk.CHANGE, "L3", _log, "callwarden log expire"),
    Measure(Risk.LOSS, "K3", _holds, "callwarden hold list"),
    Measure(Risk.LOSS, "K4", _nothing, "callwarden journal status"),
    Measure(Risk.LOSS, "D4", _nothing, "callwarden request list"),
    Measure(Risk.EXCESS, "R1", _recorded, "callwarden calls outcomes"),
    Measure(Risk.EXCESS, "R5", _recorded, "callwarden policy try"),
    Measure(Risk.EXCESS, "K1", _periods, "callwarden dispose --dry-run"),
    Measure(Risk.EXCESS, "K2", _periods, "callwarden policy schedule"),
    Measure(Risk.EXCESS, "K6", _evaluations, "callwarden evaluation list"),
    Measure(Risk.EXCESS, "K7", _zone, "callwarden policy show"),
    Measure(Risk.EXCESS, "U1", _purposes, "callwarden policy register"),
    Measure(Risk.EXCESS, "U5", _experiments, "callwarden policy show --access"),
    Measure(Risk.EXCESS, "U7", _automated, "callwarden policy show --acts"),
    Measure(Risk.EXCESS, "U9", _nothing, "callwarden policy show --states"),
    Measure(Risk.RIGHTS, "R2", _nothing, "callwarden log list"),
    Measure(Risk.RIGHTS, "R3", _objections, "callwarden objection list"),
    Measure(Risk.RIGHTS, "R4", _within, "callwarden objection list"),
    Measure(Risk.RIGHTS, "D1", _nothing, "callwarden request list"),
    Measure(Risk.RIGHTS, "D2", _nothing, "callwarden request list"),
    Measure(Risk.RIGHTS, "D3", _nothing, "callwarden request letters check"),
    Measure(Risk.RIGHTS, "D7", _nothing, "callwarden calls consultations"),
)
"""U6, U8 and L4 are kept by how the system is used, and stand in docs/compliance.md."""


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
