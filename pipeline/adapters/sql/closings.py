"""Weeks whose figures are frozen, as rows."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import words_from_text, words_to_text
from callwarden.adapters.sql.mapped import Codec, Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import figure_week
from callwarden.model.figure import Closing, Figure, Subject, Week
from callwarden.model.ids import LineId


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _figures_to_text(figures: Sequence[Figure]) -> str:
    return _json(
        [
            [each.subject, each.line, each.team, _day(each.first), _day(each.last), each.count, dict(each.amounts)]
            for each in figures
        ]
    )


def _figures_from_text(text: str) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            subject=Subject(subject),
            line=line,
            team=team,
            first=_week(first),
            last=_week(last),
            count=count,
            amounts=amounts,
        )
        for subject, line, team, first, last, count, amounts in json.loads(text)
    )


def _waiting_from_text(text: str) -> Mapping[LineId, Week]:
    return {LineId(line): _week(monday) for line, monday in json.loads(text).items()}


def _day(week: Week) -> str:
    return week.monday.isoformat()


def _week(text: str) -> Week:
    return Week(date.fromisoformat(text))


def _or(codec: Codec, nothing: Any) -> Codec:
    """What somebody without the key has put there says nothing: its row is marked, and nobody goes by it."""
    write, read = codec

    def safely(text: str) -> Any:
        try:
            return read(text)
        except (ValueError, TypeError, AttributeError):
            return nothing

    return write, safely


_CLOSING: Final = Mapped(
    figure_week,
    Closing,
    subject=word(Subject),
    week=_or((_day, _week), Week(date.min)),
    figures=_or((_figures_to_text, _figures_from_text), ()),
    waiting=_or(
        (lambda waiting: _json({line: _day(week) for line, week in waiting.items()}), _waiting_from_text),
        {},
    ),
    silent=_or((words_to_text, words_from_text), frozenset()),
)
_SELECT: Final = select(*figure_week.c)
_ADD: Final = _CLOSING.insert(key=("subject", "week"), clash=Clash.KEEP)


class ClosingRows(Rows):
    """`callwarden.ports.catalogue.closings.Closings`."""

    def of(self, subject: Subject) -> Sequence[Closing]:
        wanted = _SELECT.where(figure_week.c.subject == subject.value).order_by(figure_week.c.week)
        return self._session.read(_CLOSING, self._session.run(wanted))

    def newest(self, subject: Subject) -> Closing | None:
        wanted = _SELECT.where(figure_week.c.subject == subject.value).order_by(figure_week.c.week.desc()).limit(1)
        return next(iter(self._session.read(_CLOSING, self._session.run(wanted))), None)

    def add(self, closing: Closing) -> bool:
        self._session.save(_ADD, _CLOSING, [closing])
        wanted = _SELECT.where(figure_week.c.subject == closing.subject.value, figure_week.c.week == _day(closing.week))
        return self._session.read(_CLOSING, self._session.run(wanted)) == [closing]
