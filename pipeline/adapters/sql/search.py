"""Full-text search. Words are split and folded before they come here; the database only looks them up.

PostgreSQL keeps them as a tsvector under a GIN index, SQLite in a table of its own, one row a word: the deleted
words of its FTS5 stay in the file until some later merge (before 3.42 nothing can be done about it), and what is
destroyed here must be gone.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.types import UserDefinedType

from callwarden.adapters.sql import findable_copies
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import searchable
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.search import Hit
from callwarden.rules.search_text import GAP, Term, folded, indexable, marks, snippet, terms_of


class _OfPostgresql(UserDefinedType[str]):
    """One of PostgreSQL's own types, by name: its dialect is loaded where it is in use."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_options: Any) -> str:
        return self.name


_TSVECTOR: Final = _OfPostgresql("TSVECTOR")
_TSQUERY: Final = _OfPostgresql("TSQUERY")

# Of one database each, so not among the tables both have; made with `searchable`.
_OF_ONE: Final = MetaData()
search_word: Final = Table(
    "search_word",
    _OF_ONE,
    Column("word", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False),
    sqlite_with_rowid=False,
)
WITH_LEXEMES: Final = searchable.to_metadata(_OF_ONE, referred_schema_fn=lambda *_: None)
WITH_LEXEMES.append_column(Column("lexemes", _TSVECTOR, nullable=False))

RANKED: Final = 20_000
"""Matches PostgreSQL ranks: those of the newest calls."""
_MAX_PLACES: Final = 255
_LAST_PLACE: Final = 16_383
"""What a tsvector keeps of one word; places only weigh in the rank, phrases are looked up in the words."""

_IDS: Final = bindparam("ids", type_=TextSet())
_INDEXED: Final = select(searchable.c.number, searchable.c.words).where(among(searchable.c.recording_id, _IDS))
_REMOVE: Final = delete(searchable).where(among(searchable.c.recording_id, _IDS))
_REMOVE_WORD: Final = delete(search_word).where(
    search_word.c.word == bindparam("of_word"), search_word.c.number == bindparam("of_number")
)
_ADD: Final = insert(searchable).returning(searchable.c.number)
_ADD_WORDS: Final = insert(search_word)
_ADD_WITH_LEXEMES: Final = (
    insert(WITH_LEXEMES)
    .values(lexemes=cast(bindparam("lexemes", type_=Text()), _TSVECTOR))
    .returning(WITH_LEXEMES.c.number)
)


class SearchRows(Rows):
    """`callwarden.ports.search.SearchIndex`."""

    def index(
        self, recording_id: RecordingId, *, generation: int, line: LineId, ended_at: datetime | None, text: str
    ) -> None:
        self.remove([recording_id])
        text = indexable(text)
        words = folded(text)
        row = {
            "recording_id": recording_id,
            "generation": generation,
            "line": line,
            "ended_at": ended_at,
            "text": text,
            "words": words,
        }
        places = _places(words)
        if self._session.on_sqlite:
            number: int = self._session.run(_ADD, row).scalar_one()
            rows = [{"word": word, "number": number, "times": len(found)} for word, found in sorted(places.items())]
            if rows:
                self._session.run(_ADD_WORDS, rows)
        else:
            number = self._session.run(_ADD_WITH_LEXEMES, {**row, "lexemes": _tsvector(places)}).scalar_one()
        self._session.run(findable_copies.ADD, {"number": number, "id": recording_id})

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        if not recording_ids:
            return
        if self._session.on_sqlite:
            indexed = self._session.run(_INDEXED, {"ids": recording_ids}).all()
            gone = [
                {"of_word": word, "of_number": number} for number, words in indexed for word in sorted(_places(words))
            ]
            if gone:
                self._session.run(_REMOVE_WORD, gone)
        self._session.run(findable_copies.REMOVE, {"ids": recording_ids})
        if self._session.run(_REMOVE, {"ids": recording_ids}).rowcount:
            self._session.destroyed_keys = True  # text leaves the database's history as keys do

    def find(
        self, question: str, *, limit: int, skip: int = 0, lines: Collection[LineId] | None = None
    ) -> Sequence[Hit]:
        terms = terms_of(question)
        if not terms:
            return []
        wanted = (_wanted_on_sqlite if self._session.on_sqlite else _wanted_on_postgresql)(
            terms, narrowed=lines is not None
        )
        parameters: dict[str, Any] = {"limit": limit, "skip": skip}
        if lines is not None:
            parameters["lines"] = lines
        return [
            Hit(
                recording_id=recording_id,
                generation=generation,
                snippet=(line := snippet(text, terms)),
                rank=rank,
                marks=marks(line, terms),
            )
            for recording_id, generation, text, rank in self._session.run(wanted, parameters)
        ]


def _places(words: str) -> dict[str, list[int]]:
    """Each word of a folded text and where it stands, counted from 1; gaps take a place."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words.split(), start=1):
        if word != GAP:
            places.setdefault(word, []).append(place)
    return places


def _tsvector(places: dict[str, list[int]]) -> str:
    """PostgreSQL's way to write one. A word is letters and digits only, so it needs no escapes."""
    return " ".join(
        f"'{word}':{','.join(str(min(place, _LAST_PLACE)) for place in found[:_MAX_PLACES])}"
        for word, found in places.items()
    )


def _wanted_on_postgresql(terms: Sequence[Term], *, narrowed: bool) -> Select[Any]:
    table = WITH_LEXEMES
    # The rank reads every place of every word, so the newest calls only; of any word, because pairs are dear.
    newest = (
        _narrowed(select(table.c.number, table.c.ended_at).where(*lexemes_have(terms)), table, by_line=narrowed)
        .order_by(table.c.ended_at.desc().nulls_last(), table.c.recording_id)
        .limit(RANKED)
        .subquery("newest")
    )
    rank = func.ts_rank(table.c.lexemes, _tsquery(" | ", terms), type_=Float())
    return _columns(table, rank).join_from(table, newest, newest.c.number == table.c.number)


def lexemes_have(terms: Sequence[Term]) -> Iterator[ColumnElement[bool]]:
    """Conditions on rows of `WITH_LEXEMES`: they have all that is asked for."""
    yield WITH_LEXEMES.c.lexemes.bool_op("@@")(_tsquery(" & ", terms))
    yield from _in_order(WITH_LEXEMES, terms, func.strpos)


def _tsquery(operator: str, terms: Sequence[Term]) -> ColumnElement[Any]:
    singles = [f"'{word}'" for term in terms for word in (term.words[:-1] if term.prefix else term.words)]
    words = [*singles, *(f"'{term.words[-1]}':*" for term in terms if term.prefix)]
    return cast(literal(operator.join(words), Text()), _TSQUERY)


def _wanted_on_sqlite(terms: Sequence[Term], *, narrowed: bool) -> Select[Any]:
    singles = {word for term in terms for word in (term.words[:-1] if term.prefix else term.words)}
    beginnings = {term.words[-1] for term in terms if term.prefix}
    one_each = select(search_word.c.number, search_word.c.times)
    found = [one_each.where(search_word.c.word == word) for word in sorted(singles)]
    for beginning in sorted(beginnings):
        after = beginning[:-1] + chr(ord(beginning[-1]) + 1)
        found.append(
            select(search_word.c.number, func.sum(search_word.c.times).label("times"))
            .where(search_word.c.word >= beginning, search_word.c.word < after)
            .group_by(search_word.c.number)
        )
    each = union_all(*found).subquery("each_word")
    all_of_them = (
        select(each.c.number, func.sum(each.c.times).label("times"))
        .group_by(each.c.number)
        .having(func.count() == len(found))
        .subquery("every_word")
    )
    wanted = _columns(searchable, cast(all_of_them.c.times, Float())).join_from(
        searchable, all_of_them, all_of_them.c.number == searchable.c.number
    )
    return _narrowed(wanted, searchable, by_line=narrowed).where(*_in_order(searchable, terms, func.instr))


def _columns(table: Table, rank: ColumnElement[float]) -> Select[Any]:
    return (
        select(table.c.recording_id, table.c.generation, table.c.text, rank.label("rank"))
        .order_by(rank.desc(), table.c.ended_at.desc().nulls_last(), table.c.recording_id)
        .limit(bindparam("limit"))
        .offset(bindparam("skip"))
    )


def _narrowed(wanted: Select[Any], table: Table, *, by_line: bool) -> Select[Any]:
    return wanted.where(among(table.c.line, bindparam("lines", type_=TextSet()))) if by_line else wanted


def _in_order(
    table: Table, terms: Sequence[Term], place_of: Callable[..., ColumnElement[int]]
) -> list[ColumnElement[bool]]:
    """Words that must stand one after another are looked up in the text, once the index has found each of them."""
    return [place_of(table.c.words, term.pattern) > 0 for term in terms if len(term.words) > 1]
