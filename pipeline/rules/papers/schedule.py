"""How long each kind of data is kept, from when, what ends it, and what makes an exception (K1 to K7, L3)."""

from callwarden.model.paper import Cells, Paper, PaperKind, Sources
from callwarden.model.paper_words import NEED_TEXT, OF_SOUND, Heading, Kind
from callwarden.model.policy import LinePolicy
from callwarden.rules.papers.making import cells, paper, table
from callwarden.rules.papers.register import exceptions
from callwarden.rules.papers.telling import Telling

_COLUMNS = (
    Heading.KIND,
    Heading.LINE,
    Heading.KEPT,
    Heading.FROM,
    Heading.ENDED_BY,
    Heading.EXCEPTIONS,
)


def schedule(sources: Sources) -> Paper:
    """Each kind of data of each line that is recorded, then what is of no line."""
    telling = Telling(sources)
    lines = [row for line in sources.policy.lines.values() if line.share for row in _line(telling, line)]
    rows = (*lines, *_general(telling))
    except_for = tuple(
        cells(line=telling.line(line.line), exceptions=exceptions(telling, line))
        for line in sources.policy.lines.values()
        if line.share
    )
    tables = (
        table(telling, "schedule", *_COLUMNS, rows=rows),
        table(telling, "exceptions", Heading.LINE, Heading.EXCEPTIONS, rows=except_for),
    )
    return paper(telling, PaperKind.SCHEDULE, tables)


def _line(telling: Telling, line: LinePolicy) -> list[Cells]:
    policy, words = telling.of.policy, telling.of.words
    kinds = (*OF_SOUND, Kind.REDACTED_TRANSCRIPT, Kind.DETAILS, Kind.NOTES)
    sound = line.audio_retention or line.retention
    return [
        cells(
            kind=words.of("kinds", kind.value),
            line=telling.line(line.line),
            kept=words.period(sound if kind in OF_SOUND else line.retention),
            **{"from": telling.says("from_call_end", zone=policy.time_zone.key)},
            ended_by=[
                telling.says("ended_sweep"),
                telling.says("ended_backstop", margin=words.period(policy.lifecycle_margin)),
            ],
            exceptions=telling.says("see_exceptions", line=telling.line(line.line)),
        )
        for kind in kinds
        if line.transcription or kind not in NEED_TEXT
    ]


def _general(telling: Telling) -> list[Cells]:
    policy, words, stays = telling.of.policy, telling.of.words, telling.says("stays")
    by_area = [
        _row(telling, Kind.LANDING, words.duration(stay), "from_landing", ["ended_stored"], [], name=area)
        for area, stay in sorted(policy.landing.items())
    ]
    return [
        *by_area,
        _row(
            telling,
            Kind.QUARANTINE,
            words.period(policy.quarantine),
            "from_arrival",
            ["ended_sweep"],
            ["except_decision"],
        ),
        _row(
            telling,
            Kind.EVALUATIONS,
            words.period(telling.of.evaluations_kept),
            "from_made",
            ["ended_row"],
            ["except_none"],
        ),
        _row(
            telling,
            Kind.LOG,
            words.period(policy.log_retention),
            "from_month_end",
            ["ended_log"],
            ["except_litigation_log"],
        ),
        _row(
            telling, Kind.OBJECTIONS, telling.says("until_withdrawn", stays=stays), "from_entered", ["ended_person"], []
        ),
        _row(telling, Kind.REQUESTS, stays, "from_entered", [], []),
        _row(telling, Kind.CASES, stays, "from_entered", [], []),
        _row(telling, Kind.PROOFS, stays, "from_entered", [], []),
        _row(telling, Kind.FIGURES, telling.says("figures_kept"), "from_entered", [], []),
        _row(telling, Kind.COURSES, telling.says("courses_kept"), "from_entered", [], []),
        _row(telling, Kind.ACCOUNTS, telling.says("accounts_kept"), "from_entered", [], []),
    ]


def _row(
    telling: Telling, kind: Kind, kept: str, since: str, ended_by: list[str], exceptions: list[str], *, name: str = ""
) -> Cells:
    what = telling.of.words.of("kinds", kind.value)
    return cells(
        kind=f"{what} ({name})" if name else what,
        kept=kept,
        **{"from": telling.says(since)},
        ended_by=[telling.says(one) for one in ended_by],
        exceptions=[telling.says(one) for one in exceptions],
    )
