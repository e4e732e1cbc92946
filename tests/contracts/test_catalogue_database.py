"""What is particular to a catalogue on a database: its revisions, its plans, its files, its error texts."""

import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, event, inspect, text

from callwarden.accesslog.book.tables import metadata as of_the_log
from callwarden.accesslog.book.upgrade import upgrade_log
from callwarden.accesslog.proof.encoding import encode_entry
from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.adapters.sql.engine import open_engine
from callwarden.adapters.sql.schema import metadata
from callwarden.adapters.sql.upgrade import CATALOGUE, upgrade
from callwarden.errors import ConfigurationError, InvalidMessageError, InvariantError, RetryableError
from callwarden.model.ids import CallId, EventId, Pseudonym
from callwarden.model.objection import ScopeKind
from callwarden.model.recording import ArtefactKind
from callwarden.ports.catalogue import ObjectionReference, RecordingFilter
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, database_url
from tests.support.catalogue_rows import NOON, rec
from tests.support.seals import SEALS

ROOT = Path(__file__).parents[2]
TABLES = Path(__file__).parent / "tables"
NOT_COMPARED = frozenset({"search_word", "lexemes", "ix_searchable_lexemes", "log_version"})
"""How each database finds a word is its own; `test_search_contract` shows that it does."""


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return database_url(request.param, request, tmp_path)


@pytest.fixture
def catalogue(url: str) -> Iterator[SqlCatalogue]:
    opened = open_catalogue(url, seals=SEALS)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqlCatalogue]:
    opened = open_catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}", seals=SEALS)
    yield opened
    opened.close()


# revisions


@pytest.mark.parametrize("begun", ["by this version", "at the first revision"])
def test_a_database_has_exactly_the_tables_the_code_knows(url: str, begun: str) -> None:
    """Whoever changes a table writes a revision, too: the files in `tables` stay as they are."""
    engine = open_engine(url)
    if begun == "at the first revision":
        with engine.begin() as connection:
            for statement in (TABLES / f"{engine.dialect.name}.sql").read_text().split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
    upgrade(engine)
    upgrade_log(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": lambda _, name, *__: name not in NOT_COMPARED}
        )
        assert compare_metadata(context, [metadata, of_the_log]) == []
        found = inspect(connection)
        for table in metadata.sorted_tables:
            checks = {one["name"]: words(one["sqltext"]) for one in found.get_check_constraints(table.name)}
            assert checks == {
                one.name: words(str(one.sqltext)) for one in table.constraints if isinstance(one, CheckConstraint)
            }
    engine.dispose()


def test_a_revision_is_carried_out_where_there_are_tables_and_not_where_they_are_made(url: str, tmp_path: Path) -> None:
    folder = shutil.copytree(CATALOGUE.folder, tmp_path / "versions")
    engine = open_engine(url)
    upgrade(engine)
    (folder / "9000_flags.py").write_text(
        f"""from alembic import op
revision = "9000"
down_revision = "{max(CATALOGUE.known)}"
def upgrade():
    op.execute("CREATE TABLE flag (name TEXT)")
"""
    )
    upgrade(engine, replace(CATALOGUE, folder=folder))
    with engine.connect() as connection:
        assert "flag" in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9000"
    engine.dispose()
    new = open_engine(f"sqlite:///{tmp_path / 'new.db'}")
    upgrade(new, replace(CATALOGUE, folder=folder))
    with new.connect() as connection:
        assert "flag" not in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9000"
    new.dispose()


def words(condition: str) -> set[str]:
    """A word that is new in a closed vocabulary needs a revision: else no row may hold it."""
    return set(re.findall(r"'([^']*)'", condition))


def test_many_processes_may_bring_one_database_up_to_date_at_once(url: str) -> None:
    program = (
        "import sys; from callwarden.adapters.sql.catalogue import open_catalogue; "
        "from tests.support.seals import SEALS; "
        "open_catalogue(sys.argv[1], seals=SEALS).close()"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT) for _ in range(3)]
    assert [one.wait(60) for one in started] == [0, 0, 0]
    again = open_catalogue(url, seals=SEALS)
    assert list(again.all_recordings()) == []
    again.close()


def test_a_database_of_another_version_than_the_code_is_refused_and_left_alone(url: str) -> None:
    open_catalogue(url, seals=SEALS).close()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match=r"revision 9999.*another version"):
        upgrade(engine)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://localhost/x", "no catalogue on 'mysql'"),
        ("no url at all", "cannot be read"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
def test_a_wrong_address_says_what_to_write(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        open_engine(url)
    assert "sqlite:///<path>" in str(refused.value)


# plans


def test_no_statement_of_a_batch_reads_a_whole_table(sqlite: SqlCatalogue) -> None:
    """A full scan is invisible in a small test and ruinous in a large catalogue, so the planner is asked."""
    statements: list[tuple[str, Any]] = []

    @event.listens_for(sqlite.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    _work_through_everything(sqlite)
    event.remove(sqlite.engine, "before_cursor_execute", note)
    plans: dict[str, list[str]] = {}
    with sqlite.engine.connect() as connection:
        for statement, parameters in statements:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                values = parameters[0] if isinstance(parameters, list) else parameters
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(values))
                plans[statement] = [row.detail for row in plan]
    assert len(plans) >= 20
    # The outbox is read in the order of its numbers up to a limit; what is sent is not there any more.
    scans = {
        statement: detail
        for statement, details in plans.items()
        for detail in details
        if detail.startswith("SCAN")
        and detail not in ("SCAN outbox", "SCAN sqlite_schema")  # the first row, to begin a snapshot with
        and "USING INDEX" not in detail
        and "VIRTUAL TABLE" not in detail
    }
    assert scans == {}


def _work_through_everything(catalogue: SqlCatalogue) -> None:
    numbers = [rec(1), rec(2)]
    references = [ObjectionReference(scope=ScopeKind.CALL, reference="c-1")]
    with catalogue.transaction() as transaction:
        transaction.outcomes.of_events([EventId("pbx 1")])
        transaction.outcomes.at([rows.outcome(1).position])
        transaction.objections.under(references)
        transaction.recordings.insert([rows.recording(1), rows.recording(2)])
        transaction.recordings.begin_attempts(numbers)
        transaction.recordings.attempts(numbers)
        transaction.recordings.get(numbers, lock=True)
        transaction.recordings.save([rows.recording(1, leg="changed")])
        transaction.artefacts.add([rows.artefact(1)])
        transaction.artefacts.get(numbers)
        transaction.artefacts.newest(rec(1), ArtefactKind.ORIGINAL_AUDIO)
        transaction.keys.add([rows.key(1)])
        transaction.keys.get(numbers)
        transaction.outcomes.record([rows.outcome(1)])
        transaction.waiting.add([rows.waiting_event(1)])
        transaction.waiting.find(due_before=NOON)
        transaction.waiting.find(recordings=numbers)
        transaction.waiting.remove([rows.waiting_event(1).position])
        transaction.log.append([rows.entry(1)])
        entries = transaction.outbox.append([rows.message(1)])
        transaction.recordings.due(now=NOON, limit=9)
        transaction.recordings.unfinished(limit=9)
        transaction.cases.save(rows.case())
        transaction.cases.get(rows.case().case_id, lock=True)
        transaction.holds.save([rows.hold(1)])
        transaction.holds.find(recording_id=rec(1))
        transaction.holds.find(case_id=rows.case().case_id)
        transaction.recordings.get(numbers)
        transaction.holds.remove([rows.hold(1)])
        transaction.recordings.find(RecordingFilter(call_id=CallId("c-1")))
        transaction.recordings.find(RecordingFilter(caller=Pseudonym("x")), lock=True)
        transaction.recordings.find(RecordingFilter(customer=Pseudonym("x")))
        transaction.recordings.find(RecordingFilter(agent_id="x"))
        transaction.artefacts.remove(numbers)
        transaction.keys.destroy(numbers)
    catalogue.mark_sent(entries)
    catalogue.unsent(older_than_s=0, limit=10)
    catalogue.outcomes_from("telephony.calls", 0, 5)
    catalogue.list_outcomes(recording_id=rec(1))
    catalogue.list_outcomes(call_id=CallId("c-1"))


def test_what_is_due_is_read_from_its_own_index(catalogue: SqlCatalogue) -> None:
    statements: list[str] = []

    @event.listens_for(catalogue.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(number) for number in range(200)])
        transaction.recordings.due(now=NOON, limit=10)
    (due,) = [one for one in statements if "due_from <=" in one]
    with catalogue.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {due}", (0, 10, 0))
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan TO off")
            plan = connection.exec_driver_sql(f"EXPLAIN {due}", {"now": NOON, "limit": 10})
        told = " ".join(str(value) for row in plan for value in row)
    assert "ix_recording_due" in told
    assert "Sort" not in told
    assert "TEMP B-TREE" not in told


# files


def test_a_destroyed_key_is_nowhere_in_the_files_of_the_database(sqlite: SqlCatalogue, tmp_path: Path) -> None:
    """I10: neither in a free page nor in the write-ahead log."""
    secret = b"wrapped-key-that-must-be-gone"
    with sqlite.transaction() as transaction:
        transaction.recordings.insert([rows.recording(number) for number in range(50)])
        transaction.keys.add([rows.key(number, wrapped=secret + str(number).encode()) for number in range(50)])
    assert any(secret in one.read_bytes() for one in tmp_path.iterdir())
    with sqlite.transaction() as transaction:
        transaction.keys.destroy([rec(number) for number in range(50)])
    assert not any(secret in one.read_bytes() for one in tmp_path.iterdir())


def test_only_the_owner_may_read_the_file(sqlite: SqlCatalogue, tmp_path: Path) -> None:
    with sqlite.transaction() as transaction:
        transaction.recordings.insert([rows.recording(1)])
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("catalogue.db", "catalogue.db-wal", "catalogue.db-shm"), 0o600)


def test_every_connection_is_durable_and_overwrites_what_it_deletes(sqlite: SqlCatalogue) -> None:
    with sqlite.transaction() as transaction:
        sqlite_entries = transaction.outbox.append([rows.message(1)])
    sqlite.mark_sent(sqlite_entries)  # borrows a connection and loosens it for one transaction
    with sqlite.engine.connect() as first, sqlite.engine.connect() as second:
        for connection in (first, second):
            for pragma, value in (("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)):
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value, pragma
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            connection.rollback()


# what is written, and what is told


def test_log_entries_wait_as_the_bytes_the_log_is_made_of(catalogue: SqlCatalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.log.append([rows.entry(1), rows.entry(2)])
    with catalogue.engine.connect() as connection:
        staged = connection.execute(text("SELECT entry_id, bytes FROM log_staged ORDER BY entry_id")).all()
    assert [(one, bytes(data)) for one, data in staged] == [
        (entry.entry_id, encode_entry(entry)) for entry in (rows.entry(1), rows.entry(2))
    ]


def test_errors_name_the_constraint_and_never_a_value(catalogue: SqlCatalogue) -> None:
    secret = "vault/secret-object-key"
    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(1)])
        transaction.artefacts.add([rows.artefact(1, key=secret)])
    with pytest.raises(InvariantError) as refused, catalogue.transaction() as transaction:
        transaction.artefacts.add([rows.artefact(1, key=secret)])
    told = str(refused.value)
    assert "IntegrityError" in told or "UniqueViolation" in told
    assert secret not in told
    assert rec(1) not in told
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////no-such-folder/catalogue.db", "unable to open database file"),
        ("postgresql://nobody:secret@127.0.0.1:9/nowhere", "port 9 failed: Connection refused"),
    ],
)
def test_an_outage_says_what_could_not_be_reached_but_no_password(url: str, says: str) -> None:
    with pytest.raises(RetryableError, match=says) as outage:
        open_catalogue(url, seals=SEALS)
    assert "secret" not in str(outage.value)


def test_a_naive_instant_is_a_mistake_and_not_some_zone(catalogue: SqlCatalogue) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(InvariantError), catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(1, ended_at=naive)])


def test_text_that_is_no_unicode_is_the_messages_fault_and_the_worker_goes_on(catalogue: SqlCatalogue) -> None:
    with pytest.raises(InvalidMessageError) as refused, catalogue.transaction() as transaction:
        transaction.outcomes.record([rows.outcome(1, leg="\ud800")])
    assert refused.value.reason == "invalid_field"
    with ThreadPoolExecutor(max_workers=1) as threads:
        assert threads.submit(catalogue.list_outcomes).result(10) == []


def test_everything_is_read_in_portions_without_losing_or_repeating_a_row(url: str) -> None:
    open_catalogue(url, seals=SEALS).close()
    catalogue = SqlCatalogue(open_engine(url), seals=SEALS, portion=3)
    recordings = [rows.recording(number) for number in range(10)]
    artefacts = [rows.artefact(number, key="the same", generation=one) for number in range(5) for one in (1, 2)]
    with catalogue.transaction() as transaction:
        transaction.recordings.insert(recordings)
        transaction.artefacts.add(artefacts)
    assert list(catalogue.all_recordings()) == recordings
    assert list(catalogue.all_artefacts()) == artefacts
    catalogue.close()
