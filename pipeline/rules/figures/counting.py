"""What is counted: calls, each once whatever parts it was recorded in, and evaluations (U6)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from callwarden.model.figure import Cell, Contribution, Subject, TeamId, Week
from callwarden.model.ids import CallId, LineId, Pseudonym, RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import Measured, Recording, RecordingState
from callwarden.model.review import Evaluation

CALLS = (Subject.CALLS, Subject.ANSWERS, Subject.SPEECH, Subject.OBJECTIONS, Subject.SET_ASIDE)
"""What is counted of calls."""
DURATION, ANSWERED, AGENT, CALLER, SILENCE = "duration_s", "answered_s", "agent_s", "caller_s", "silence_s"
SCORE, SCORES = "score", "scores"
_DROPPED = frozenset({RecordingState.DROPPING, RecordingState.DROPPED, RecordingState.REFUSED})
"""Of these nothing is left because somebody objected to recording."""
_NOTHING = Measured()
_Place = tuple[LineId, TeamId, Week]


def last_over(now: datetime, policy: Policy) -> Week:
    """The last week that is over, and all of whose calls are in: they have had as long as they may lie landed."""
    stay = max(policy.landing.values(), default=timedelta())
    return Week.of((now - stay).astimezone(policy.time_zone).date()).after(-1)


def began(week: Week, zone: tzinfo) -> datetime:
    """The instant a week began, in UTC."""
    return datetime.combine(week.monday, time(), zone).astimezone(UTC)


@dataclass(slots=True)
class _Call:
    """What is known of a call by those of its parts that were found. The earliest says whose it is."""

    first: tuple[datetime, str, int]
    line: LineId
    team: TeamId
    caller: Pseudonym | None
    agent: str | None
    answered_s: float | None
    ended: datetime
    agent_s: float | None
    caller_s: float | None
    silence_s: float | None
    objected: bool
    set_aside: bool


class CallsFound:
    """Calls as their parts are found, in whatever order. Those of no line of the policy are left out."""

    def __init__(self, lines: Collection[LineId], zone: tzinfo) -> None:
        self._lines, self._zone = lines, zone
        self._calls: dict[CallId, _Call] = {}

    def add(self, part: Recording) -> None:
        """A part of a call. One that somebody wrote past the system, or without a time, is not counted."""
        if part.altered or part.ended_at is None or part.line not in self._lines:
            return
        began_at, measured = part.started_at or part.ended_at, part.measured or _NOTHING
        found = _Call(
            first=(began_at, part.leg, part.segment),
            line=part.line,
            team=TeamId(measured.team or ""),
            caller=part.caller,
            agent=part.agent_id,
            answered_s=measured.answered_after_s,
            ended=part.ended_at,
            agent_s=measured.agent_s,
            caller_s=measured.caller_s,
            silence_s=measured.silence_s,
            objected=bool(part.objected) or part.state in _DROPPED,
            set_aside=part.state is RecordingState.QUARANTINED,
        )
        known = self._calls.get(part.call_id)
        self._calls[part.call_id] = found if known is None else _joined(known, found)

    def cells(self, subject: Subject, first: Week, last: Week) -> list[Cell]:
        """Those of these weeks: of the week a call began in."""
        counted, left, neither = (defaultdict[_Place, list[Contribution]](list) for _ in range(3))
        for call in self._calls.values():
            week = Week.of(call.first[0].astimezone(self._zone).date())
            if first <= week <= last:
                amounts = _amounts(subject, call)
                one = Contribution(caller=call.caller, employee=call.agent, amounts=amounts or {})
                (left if amounts is None else counted)[call.line, call.team, week].append(one)
                if amounts is None and not call.objected:
                    neither[call.line, call.team, week].append(one)
        # Where no call is both objected to and set aside, those that are neither can be worked out, too.
        rests = {Subject.OBJECTIONS: (left,), Subject.SET_ASIDE: (left, neither)}.get(subject, ())
        return [
            Cell(
                line=line,
                team=team,
                week=week,
                contributions=counted.get((line, team, week), ()),
                rests=[rest.get((line, team, week), ()) for rest in rests],
            )
            for line, team, week in sorted(counted.keys() | left.keys())
        ]


def evaluation_cells(
    evaluations: Iterable[Evaluation], of: Mapping[RecordingId, Recording], zone: tzinfo
) -> list[Cell]:
    """By the week they were made in. Whose call it was is known as long as the call is."""
    found = defaultdict[_Place, list[Contribution]](list)
    for each in evaluations:
        call = of.get(each.recording_id)
        genuine = call is not None and not call.altered
        if not each.altered:
            team = call.measured.team if call is not None and genuine and call.measured is not None else None
            week = Week.of(each.made_at.astimezone(zone).date())
            found[each.line, TeamId(team or ""), week].append(
                Contribution(
                    caller=call.caller if call is not None and genuine else None,
                    employee=each.agent_id,
                    amounts={SCORE: sum(each.scores.values()), SCORES: len(each.scores)},
                )
            )
    return [
        Cell(line=line, team=team, week=week, contributions=found[line, team, week])
        for line, team, week in sorted(found)
    ]


def _joined(one: _Call, other: _Call) -> _Call:
    early, late = (one, other) if one.first <= other.first else (other, one)
    early.ended = max(one.ended, other.ended)
    early.agent_s = _sum(early.agent_s, late.agent_s)
    early.caller_s = _sum(early.caller_s, late.caller_s)
    early.silence_s = _sum(early.silence_s, late.silence_s)
    early.objected = one.objected or other.objected
    early.set_aside = one.set_aside or other.set_aside
    return early


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _amounts(subject: Subject, call: _Call) -> Mapping[str, int] | None:
    """What is added up of a call, in whole seconds; None: it is not counted as one of this subject."""
    match subject:
        case Subject.CALLS:
            return {DURATION: max(0, round((call.ended - call.first[0]).total_seconds()))}
        case Subject.ANSWERS:
            return None if call.answered_s is None else {ANSWERED: round(call.answered_s)}
        case Subject.SPEECH:
            if call.agent_s is None or call.caller_s is None or call.silence_s is None:
                return None
            return {AGENT: round(call.agent_s), CALLER: round(call.caller_s), SILENCE: round(call.silence_s)}
        case Subject.OBJECTIONS:
            return {} if call.objected else None
        case Subject.SET_ASIDE:
            return {} if call.set_aside else None
        case Subject.EVALUATIONS:
            raise ValueError("evaluations are not counted of calls")
