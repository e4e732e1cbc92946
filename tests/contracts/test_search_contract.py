"""`callwarden.ports.search` on every database: redacted words found, folded alike, and gone when gone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from callwarden.adapters.sql.catalogue import SqlCatalogue
from callwarden.errors import InvariantError
from callwarden.model.ids import LineId
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.rules.search_text import MAX_TEXT
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import at, rec

# One catalogue serves all examples of a property: each example empties it first.
examples = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

CALL = "Bonjour [PERSON_1], l'alarme s'est déclenchée à l'étage.\nLe garçon a réinitialisé la clé du cœur de système."


@pytest.fixture(params=("memory", *DATABASES))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.catalogue.close()


@pytest.fixture
def catalogue(backend: Backend) -> Catalogue:
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(number) for number in range(1, 9)])
    return backend.catalogue


def indexed(tx: Transaction, number: int, text: str, *, line: str = "sales", ended: float = 0) -> None:
    tx.search.index(rec(number), generation=1, line=LineId(line), ended_at=at(ended), text=text)


def found(catalogue: Catalogue, question: str, *, limit: int = 9) -> list[str]:
    with catalogue.snapshot() as tx:
        return [hit.recording_id for hit in tx.search.find(question, limit=limit)]


@pytest.mark.parametrize(
    ("question", "is_there"),
    [
        ("alarme", True),
        ("ALARME declenchee", True),
        ("déclenchée ALARME", True),
        ("coeur", True),
        ("cœur CLÉ", True),
        ("clé\N{COMBINING ACUTE ACCENT}", True),
        ("alarme incendie", False),
        ("alar", False),
        ("alar*", True),
        ("réinit* garc*", True),
        ("zz*", False),
        ('"alarme s\'est déclenchée"', True),
        ("« la clé du cœur »", True),
        ('"s\'est alarme"', False),
        ('"clé du systeme"', False),
        ('"la clé du cœ*"', True),
        ("l'alarme", True),
        ("l'étage d'accueil", False),
    ],
)
def test_words_phrases_and_beginnings_are_found_whatever_their_accents(
    catalogue: Catalogue, question: str, is_there: bool
) -> None:
    with catalogue.transaction() as tx:
        indexed(tx, 1, CALL)
        indexed(tx, 2, "Tout autre chose")
    assert found(catalogue, question) == ([rec(1)] if is_there else [])


@pytest.mark.parametrize("question", ["PERSON_1", "person", '"bonjour l\'alarme"', '"étage le garçon"', "\ue000"])
def test_nothing_matches_a_placeholder_and_no_phrase_reaches_across_one_or_across_turns(
    catalogue: Catalogue, question: str
) -> None:
    with catalogue.transaction() as tx:
        indexed(tx, 1, CALL)
    assert found(catalogue, question) == []
    assert found(catalogue, "bonjour") == [rec(1)]


@examples
@given(question=st.text(max_size=30) | st.text("\"'*() -:&|!<>\\«»ANDORTé", max_size=30))
@example('"')
@example("AND OR NOT NEAR(")
@example("' OR 1=1 --")
@example("a:* & !b <-> 'c")
@example("\x00")
@example("\ud800")
@example("\U0010ffff*")
@example("zzz\U0002ebe0*")
def test_there_is_no_wrong_question(backend: Backend, question: str) -> None:
    backend.clear()
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(1)])
        indexed(tx, 1, CALL)
    assert found(backend.catalogue, question) in ([], [rec(1)])


@examples
@given(
    texts=st.lists(st.text("ab éE[P_1]\n'\0\ud800\U0001f600", max_size=12), min_size=1, max_size=4),
    question=st.text("ab éE*\" '", max_size=8),
)
def test_every_database_finds_what_the_fake_finds(backend: Backend, texts: list[str], question: str) -> None:
    backend.clear()
    model = backend_named("memory", None, Path()).catalogue  # type: ignore[arg-type]  # memory asks for nothing
    for one in (backend.catalogue, model):
        with one.transaction() as tx:
            tx.recordings.insert([rows.recording(number) for number in range(len(texts))])
            for number, text in enumerate(texts):
                indexed(tx, number, text)
    assert sorted(found(backend.catalogue, question)) == sorted(found(model, question))


def test_the_best_comes_first_then_the_newest_call_and_a_page_follows_the_other(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        indexed(tx, 1, "panne et le reste", ended=1)
        indexed(tx, 2, "panne et le reste", ended=3)
        indexed(tx, 3, "panne et panne et panne", ended=0)
        indexed(tx, 4, "panne et le reste", ended=2)
    assert found(catalogue, "panne") == [rec(3), rec(2), rec(4), rec(1)]
    with catalogue.snapshot() as tx:
        hits = tx.search.find("panne", limit=2, skip=1)
        assert [hit.recording_id for hit in hits] == [rec(2), rec(4)]
        assert hits[0].rank == hits[1].rank < tx.search.find("panne", limit=1)[0].rank


def test_lines_narrow_and_no_line_finds_nothing(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        indexed(tx, 1, CALL, line="sales")
        indexed(tx, 2, CALL, line="claims")
        tx.search.index(rec(3), generation=1, line=LineId("sales"), ended_at=None, text=CALL)
        for lines, expected in (({"sales"}, [1, 3]), ({"sales", "claims"}, [1, 2, 3]), (set(), []), (None, [1, 2, 3])):
            wanted = None if lines is None else {LineId(line) for line in lines}
            hits = tx.search.find("alarme", limit=9, lines=wanted)
            assert [hit.recording_id for hit in hits] == [rec(number) for number in expected]


def test_a_hit_shows_the_redacted_words_around_and_keeps_them_out_of_its_repr(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        tx.search.index(rec(1), generation=7, line=LineId("sales"), ended_at=None, text="mot " * 200 + CALL)
        (hit,) = tx.search.find("declenchee", limit=1)
    assert hit.generation == 7
    assert "[PERSON_1], l'alarme s'est déclenchée à l'étage. Le garçon" in hit.snippet
    assert len(hit.snippet) < 300
    assert "alarme" not in repr(hit)


def test_a_transcript_indexed_again_is_found_by_its_new_words_only(catalogue: Catalogue) -> None:
    """I11, and a secret that a better redaction has taken out."""
    with catalogue.transaction() as tx:
        indexed(tx, 1, "le mot de passe est soleil")
        indexed(tx, 1, "le mot de passe est [SECRET_1]")
        indexed(tx, 1, "le mot de passe est [SECRET_1]")
    assert found(catalogue, "soleil") == []
    assert found(catalogue, "passe") == [rec(1)]


def test_what_is_removed_or_whose_key_is_destroyed_is_not_found(catalogue: Catalogue) -> None:
    """K1, K4."""
    with catalogue.transaction() as tx:
        for number in (1, 2, 3):
            indexed(tx, number, CALL)
            tx.keys.add([rows.key(number)])
    with catalogue.transaction() as tx:
        tx.search.remove([rec(1), rec(8)])
        tx.search.remove([])
        tx.keys.destroy([rec(2)])
    assert found(catalogue, "alarme") == [rec(3)]
    with catalogue.transaction() as tx:
        tx.artefacts.remove([rec(3)])
        tx.search.remove([rec(3)])
        indexed(tx, 4, "après tout")
    assert found(catalogue, "alarme") == []
    assert found(catalogue, "apres") == [rec(4)]


def test_the_index_is_durable_with_the_rows_or_not_at_all(catalogue: Catalogue) -> None:
    with pytest.raises(InvariantError), catalogue.transaction() as tx:  # noqa: PT012 -- rolls back all of it
        indexed(tx, 1, CALL)
        assert [hit.recording_id for hit in tx.search.find("alarme", limit=1)] == [rec(1)]
        tx.recordings.save([rows.recording(99)])
    assert found(catalogue, "alarme") == []
    with pytest.raises(InvariantError), catalogue.transaction() as tx:
        indexed(tx, 99, CALL)


def test_a_call_of_ten_hours_is_indexed_up_to_a_limit_and_phrases_hold_anywhere_in_it(catalogue: Catalogue) -> None:
    text = "de la panne " * 20_000
    text = text[: MAX_TEXT - 40] + " un coffre vraiment ouvert" + " fin" * 9 + " oublié" * 9
    with catalogue.transaction() as tx:
        indexed(tx, 1, text)
        indexed(tx, 2, "".join(f"{number:x} " for number in range(40_000)))
    assert found(catalogue, '"coffre vraiment"') == [rec(1)]
    assert found(catalogue, '"vraiment coffre"') == []
    assert found(catalogue, "oublié") == []
    assert found(catalogue, "8fff") == [rec(2)]


def test_destroyed_words_are_nowhere_in_the_files_of_the_database(tmp_path: Path) -> None:
    """K1: neither in a free page nor in the write-ahead log; SQLite."""
    backend = backend_named("sqlite", None, tmp_path)  # type: ignore[arg-type]  # SQLite asks for nothing
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(number) for number in range(20)])
        for number in range(20):
            indexed(tx, number, f"tournesol{number} et la maison")
    assert any(b"tournesol" in one.read_bytes() for one in tmp_path.iterdir())
    with backend.catalogue.transaction() as tx:
        tx.keys.destroy([rec(number) for number in range(10)])
        tx.search.remove([rec(number) for number in range(10, 20)])
    assert not any(b"tournesol" in one.read_bytes() for one in tmp_path.iterdir())
    backend.catalogue.close()


@pytest.mark.parametrize("database", DATABASES)
def test_a_word_is_found_through_an_index_and_not_by_reading_every_transcript(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    catalogue = backend_named(database, request, tmp_path).catalogue
    assert isinstance(catalogue, SqlCatalogue)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(catalogue.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(number) for number in range(200)])
        for number in range(200):
            indexed(tx, number, f"mot{number} partout")
        assert len(tx.search.find('"mot7 partout" mot*', limit=9)) == 1
    event.remove(catalogue.engine, "before_cursor_execute", note)
    statement, parameters = asked[-1]
    with catalogue.engine.connect() as connection:
        if database == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan TO off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        told = [" ".join(str(value) for value in row) for row in plan]
    way = (
        "SEARCH search_word USING PRIMARY KEY" if database == "sqlite" else "Bitmap Index Scan on ix_searchable_lexemes"
    )
    assert any(way in line for line in told)
    assert not any(whole in line for line in told for whole in ("Seq Scan", "SCAN search_word", "SCAN searchable"))
    catalogue.close()
