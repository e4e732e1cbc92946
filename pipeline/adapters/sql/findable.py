"""Redacted calls listed, narrowed and counted, with or without words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    extract,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)

from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import evaluation, findable, note, recording_label, searchable
from callwarden.adapters.sql.search import WITH_LEXEMES, lexemes_have, search_word
from callwarden.model.reach import Narrowed, Reach
from callwarden.model.recording import RecordingState
from callwarden.model.search import BANDS, Facet, FoundState, Hit, Place, Wanted
from callwarden.rules.search_text import Term, marks, snippet, terms_of

COMMON: Final = 2_000
"""From so many calls on a word is common: the newest calls are then looked through for it, not its calls sorted."""


class FindableRows(Rows):
    """`callwarden.ports.search.Findable`."""

    def page(
        self, wanted: Wanted, reach: Reach, *, limit: int, after: Place | None = None, before: Place | None = None
    ) -> Sequence[Hit]:
        terms = terms_of(wanted.words)
        if wanted.words.strip() and not terms:
            return []
        place = tuple_(findable.c.ended_at, findable.c.recording_id)
        statement = self._asked(wanted, reach, terms, paged=True).add_columns(
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

    def count(self, facet: Facet, wanted: Wanted, reach: Reach) -> Mapping[str, int]:
        terms = terms_of(wanted.words)
        if wanted.words.strip() and not terms:
            return {}
        if facet is Facet.STATE:
            counts = [func.count().filter(_STATES[state]) for state in FoundState]
            row = self._session.run(self._asked(wanted, reach, terms).add_columns(*counts)).one()
            return {state.value: count for state, count in zip(FoundState, row, strict=True) if count}
        statement = self._asked(wanted, reach, terms)
        if facet is Facet.LABEL:
            each = recording_label.alias("each_label")
            value: ColumnElement[Any] = each.c.named
            statement = statement.where(each.c.recording_id == findable.c.recording_id)
        else:
            value = self._value(facet)
        counted = statement.add_columns(value, func.count()).where(value.is_not(None)).group_by(value)
        return {str(found): count for found, count in self._session.run(counted)}

    def _value(self, facet: Facet) -> ColumnElement[Any]:
        if facet is Facet.LINE:
            return findable.c.line
        if facet is Facet.AGENT:
            return findable.c.agent_id
        if facet is Facet.DAY:
            return self._seconds(findable.c.ended_at) // 3600 * 3600
        lasts = self._lasts()
        return case(*((lasts < end, literal(first)) for first, end in BANDS if end is not None), else_=BANDS[-1][0])

    def _lasts(self) -> ColumnElement[int]:
        return self._seconds(findable.c.ended_at) - self._seconds(findable.c.started_at)

    def _seconds(self, column: ColumnElement[Any]) -> ColumnElement[int]:
        """Whole seconds since 1970."""
        if self._session.on_sqlite:
            return type_coerce(column, BigInteger()).op("/")(1_000_000)
        return func.floor(extract("epoch", column)).cast(BigInteger)

    def _asked(
        self, wanted: Wanted, reach: Reach, terms: Sequence[Term], *, paged: bool = False
    ) -> Select[*tuple[Any, ...]]:
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
            statement = self._worded(statement, terms, paged=paged)
        elif terms:
            statement = statement.join(WITH_LEXEMES, WITH_LEXEMES.c.number == findable.c.number).where(
                *lexemes_have(terms)
            )
        return statement.where(*conditions)

    def _worded(
        self, statement: Select[*tuple[Any, ...]], terms: Sequence[Term], *, paged: bool
    ) -> Select[*tuple[Any, ...]]:
        """Of a page of common words the newest calls are looked through; of others the calls of the rarest."""
        words = {(word, term.prefix and word is term.words[-1]) for term in terms for word in term.words}
        by_calls = sorted((self._calls_of(*word), word) for word in words)
        rest = [word for _, word in by_calls]
        if by_calls[0][0] < COMMON or not paged:
            first, begins = rest.pop(0)
            calls = select(search_word.c.number).where(_is_word(first, begins=begins))
            its = (calls.distinct() if begins else calls).subquery("its")
            statement = statement.join(its, its.c.number == findable.c.number)
        for word, begins in rest:
            statement = statement.where(
                exists().where(search_word.c.number == findable.c.number, _is_word(word, begins=begins))
            )
        for term in terms:
            if len(term.words) > 1:
                of_call = searchable.c.number == findable.c.number
                statement = statement.where(exists().where(of_call, func.instr(searchable.c.words, term.pattern) > 0))
        return statement

    def _calls_of(self, word: str, begins: bool) -> int:  # noqa: FBT001 -- a word as `_worded` has it
        few = select(literal(1)).where(_is_word(word, begins=begins)).select_from(search_word).limit(COMMON).subquery()
        found: int = self._session.run(select(func.count()).select_from(few)).scalar_one()
        return found


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
    )


def _is_within(narrowed: Narrowed) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [findable.c.state.is_not(None)]
    if narrowed.lines is not None:
        conditions.append(findable.c.line.in_(sorted(narrowed.lines)))
    if narrowed.agents is not None:
        conditions.append(findable.c.agent_id.in_(sorted(narrowed.agents)))
    return and_(*conditions)
