"""Redacted calls listed, narrowed and counted, with or without words."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    extract,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import evaluation, findable, note, recording_label, searchable
from callwarden.adapters.sql.search import WITH_LEXEMES, lexemes_have, search_word
from callwarden.model.reach import Narrowed, Reach
from callwarden.model.recording import RecordingState
from callwarden.model.search import BANDS, Facet, FoundState, Hit, Place, Wanted
from callwarden.rules.search_text import Term, marks, snippet, terms_of

_MOST: Final = 20_000
"""Calls of a word that are counted to see how common it is; from then on it is taken to be in every second one."""
_IN_ORDER: Final = 0.02
"""Of calls that have some words, about how many have them one after the other."""
_LAST_NUMBER: Final = select(func.max(findable.c.number))
_KINDS: Final = {Facet.LINE: "line", Facet.AGENT: "agent", Facet.LABEL: "label"}
"""Facets whose values are encrypted, with their kind."""


class FindableRows(Rows):
    """`callwarden.ports.search.Findable`."""

    def page(
        self, wanted: Wanted, reach: Reach, *, limit: int, after: Place | None = None, before: Place | None = None
    ) -> Sequence[Hit]:
        terms = terms_of(wanted.words)
        if wanted.words.strip() and not terms:
            return []
        place = tuple_(findable.c.ended_at, findable.c.recording_id)
        statement = self._asked(wanted, reach, terms, limit=limit).add_columns(
            findable.c.number, findable.c.recording_id, findable.c.ended_at
        )
        if after is not None:
            statement = statement.where(place < _at(after))
        if before is not None:
            statement = statement.where(place > _at(before))
        order = (findable.c.ended_at, findable.c.recording_id)
        ordered = order if before is not None else (each.desc() for each in order)
        places = statement.order_by(*ordered).limit(limit).subquery("places")
        rows = self._session.run(
            select(places.c.recording_id, searchable.c.generation, searchable.c.text, places.c.ended_at)
            .join_from(places, searchable, searchable.c.number == places.c.number)
            .order_by(places.c.ended_at.desc(), places.c.recording_id.desc())
        )
        return [
            Hit(
                recording_id=recording_id,
                generation=generation,
                snippet=(line := snippet(text, terms)),
                marks=marks(line, terms),
                ended_at=ended_at,
            )
            for recording_id, generation, text, ended_at in rows
        ]

    def count(
        self, facets: Collection[Facet], wanted: Wanted, reach: Reach, *, limit: int
    ) -> tuple[int, Mapping[Facet, Mapping[str, int]]]:
        terms = terms_of(wanted.words)
        if wanted.words.strip() and not terms:
            return 0, {facet: {} for facet in facets}
        newest = (
            self._asked(wanted, reach, terms, limit=limit)
            .add_columns(
                findable.c.recording_id,
                cast(findable.c.line, Text).label(Facet.LINE.value),
                cast(findable.c.agent_id, Text).label(Facet.AGENT.value),
                (self._seconds(findable.c.ended_at) // 3600 * 3600).label(Facet.DAY.value),
                self._band().label(Facet.DURATION.value),
                *(
                    [case((is_so, 1), else_=0).label(state.value) for state, is_so in _STATES.items()]
                    if Facet.STATE in facets
                    else []
                ),
            )
            .order_by(findable.c.ended_at.desc(), findable.c.recording_id.desc())
            .limit(limit)
            .cte("newest")
        )
        counts = [select(literal(""), literal(""), func.count()).select_from(newest)]
        for facet in sorted(facets):
            if facet is Facet.STATE:
                counts += [
                    select(literal(facet.value), literal(state.value), func.count()).where(newest.c[state.value] == 1)
                    for state in FoundState
                ]
            elif facet is Facet.LABEL:
                named = cast(recording_label.c.named, Text)
                counts.append(
                    select(literal(facet.value), named, func.count())
                    .join_from(newest, recording_label, recording_label.c.recording_id == newest.c.recording_id)
                    .where(named.is_not(None))
                    .group_by(named)
                )
            else:
                value = newest.c[facet.value]
                shown = cast(value, Text)
                counts.append(
                    select(literal(facet.value), shown, func.count()).where(value.is_not(None)).group_by(value)
                )
        total, found = 0, {facet: dict[str, int]() for facet in facets}
        for facet, value, count in self._session.run(union_all(*counts)):
            if not facet:
                total = count
            elif count:
                found[Facet(facet)][self._in_clear(Facet(facet), value)] = count
        return total, found

    def _in_clear(self, facet: Facet, value: str) -> str:
        kind = _KINDS.get(facet)
        return value if kind is None else Encrypted(kind).process_result_value(value, self._session.dialect) or ""

    def _band(self) -> ColumnElement[int]:
        lasts = self._lasts()
        known = ((lasts < end, literal(first)) for first, end in BANDS if end is not None)
        return case((lasts.is_(None), None), *known, else_=BANDS[-1][0])

    def _lasts(self) -> ColumnElement[int]:
        return self._seconds(findable.c.ended_at) - self._seconds(findable.c.started_at)

    def _seconds(self, column: ColumnElement[Any]) -> ColumnElement[int]:
        """Whole seconds since 1970."""
        if self._session.on_sqlite:
            return type_coerce(column, BigInteger()).op("/")(1_000_000)
        return func.floor(extract("epoch", column)).cast(BigInteger)

    def _asked(self, wanted: Wanted, reach: Reach, terms: Sequence[Term], *, limit: int) -> Select[*tuple[Any, ...]]:
        begun = wanted.shortest_s is not None or wanted.longest_s is not None
        conditions = [
            *_within_reach(reach),
            *((findable.c.line == wanted.line,) if wanted.line is not None else ()),
            *((findable.c.agent_id == wanted.agent_id,) if wanted.agent_id is not None else ()),
            *((findable.c.ended_at >= wanted.since,) if wanted.since is not None else ()),
            *((findable.c.ended_at < wanted.until,) if wanted.until is not None else ()),
            *((self._lasts() >= (wanted.shortest_s or 0),) if begun else ()),
            *((self._lasts() < wanted.longest_s,) if wanted.longest_s is not None else ()),
            *((_STATES[wanted.state],) if wanted.state is not None else ()),
        ]
        if wanted.label is not None:
            of_call = recording_label.c.recording_id == findable.c.recording_id
            conditions.append(exists().where(of_call, recording_label.c.label == wanted.label))
        statement = select().select_from(findable)
        if terms and self._session.on_sqlite:
            statement = self._worded(statement, terms, limit=limit)
        elif terms:
            statement = statement.join(WITH_LEXEMES, WITH_LEXEMES.c.number == findable.c.number).where(
                *lexemes_have(terms)
            )
        return statement.where(*conditions)

    def _worded(
        self, statement: Select[*tuple[Any, ...]], terms: Sequence[Term], *, limit: int
    ) -> Select[*tuple[Any, ...]]:
        """The newest calls are looked through for common words, until there are enough; of others the calls of the
        rarest word are. A beginning is looked up in the text of a call: it may be that of very many words."""
        words = {(word, term.prefix and word is term.words[-1]) for term in terms for word in term.words}
        calls = {word: self._calls_of(*word) for word in words}
        every = max(1, self._session.run(_LAST_NUMBER).scalar_one() or 1)
        share = math.prod(0.5 if count == _MOST else min(1.0, count / every) for count in calls.values())
        share *= math.prod(_IN_ORDER for term in terms if len(term.words) > 1)
        rarest = min(words, key=lambda word: (calls[word], word))
        if calls[rarest] <= limit / max(share, 1e-9):
            first, begins = rarest
            words.remove(rarest)
            numbers = select(search_word.c.number).where(_is_word(first, begins=begins))
            its = (numbers.distinct() if begins else numbers).subquery("its")
            statement = statement.join(its, its.c.number == findable.c.number)
        for word, begins in sorted(words):
            statement = statement.where(
                _in_text(f" {word}")
                if begins
                else exists().where(search_word.c.number == findable.c.number, search_word.c.word == word)
            )
        return statement.where(*(_in_text(term.pattern) for term in terms if len(term.words) > 1))

    def _calls_of(self, word: str, begins: bool) -> int:  # noqa: FBT001 -- a word as `_worded` has it
        some = select(literal(1)).where(_is_word(word, begins=begins)).select_from(search_word).limit(_MOST).subquery()
        found: int = self._session.run(select(func.count()).select_from(some)).scalar_one()
        return found


def _in_text(pattern: str) -> ColumnElement[bool]:
    return exists().where(searchable.c.number == findable.c.number, func.instr(searchable.c.words, pattern) > 0)


def _is_word(word: str, *, begins: bool) -> ColumnElement[bool]:
    if not begins:
        return search_word.c.word == word
    return and_(search_word.c.word >= word, search_word.c.word < word[:-1] + chr(ord(word[-1]) + 1))


_STATES: Final[Mapping[FoundState, ColumnElement[bool]]] = {
    FoundState.HELD: findable.c.held,
    FoundState.EVALUATED: exists().where(evaluation.c.recording_id == findable.c.recording_id),
    FoundState.NOTED: exists().where(
        note.c.recording_id == findable.c.recording_id, note.c.shared, note.c.about.is_(None)
    ),
}


def _at(place: Place) -> ColumnElement[Any]:
    return tuple_(
        literal(place.ended_at, findable.c.ended_at.type), literal(place.recording_id, findable.c.recording_id.type)
    )


def _within_reach(reach: Reach) -> tuple[ColumnElement[bool], ...]:
    """`callwarden.rules.reach.covers` as conditions on rows of `findable`."""
    in_time: ColumnElement[bool] = findable.c.keep_until > reach.now
    if reach.purpose is not None:
        objected = findable.c.objected.contains(f'"{reach.purpose.value}"', autoescape=True)
        in_time = and_(in_time, ~objected)
    return (
        findable.c.state == RecordingState.STORED.value,
        ~findable.c.restricted,
        findable.c.ended_at <= reach.latest,
        or_(findable.c.held, in_time) if reach.dispute else in_time,
        or_(false(), *(_is_within(each) for each in reach.within)),
        *(() if reach.included is None else (among(findable.c.recording_id, literal(reach.included, TextSet())),)),
    )


def _is_within(narrowed: Narrowed) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [findable.c.state.is_not(None)]
    if narrowed.lines is not None:
        conditions.append(findable.c.line.in_(sorted(narrowed.lines)))
    if narrowed.agents is not None:
        conditions.append(findable.c.agent_id.in_(sorted(narrowed.agents)))
    return and_(*conditions)
