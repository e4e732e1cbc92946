"""How this system talks to its databases: what is durable, what is overwritten, how long anything may wait."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from callwarden.adapters.sqlite.disk import DATABASE_FILE
from callwarden.adapters.sqlite.file import Patience, PatientConnection, make_private
from callwarden.errors import ConfigurationError

READ_ONLY: Final = "callwarden_read_only"
"""Execution option of a connection that only reads: on SQLite it then takes no write lock."""


def open_engine(
    url: str,
    *,
    pool_size: int = 8,
    wait_s: float = 20.0,
    statement_s: float = 30.0,
    patience: Patience | None = None,
) -> Engine:
    """An engine for ``sqlite:///<path>`` or ``postgresql://…``; connects to nothing yet.

    `wait_s` bounds the wait for a lock or a free connection, `statement_s` one statement; `patience` stands in for
    `wait_s` where SQLite's locks are waited for. Raises ConfigurationError for a URL of another kind, or when the
    driver is not installed.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, pool_size=pool_size, patience=patience or Patience(wait_s))
    return _postgresql(parsed, pool_size=pool_size, wait_s=wait_s, statement_s=statement_s)


def file_of(url: str) -> Path | None:
    """The file behind a URL of SQLite's, None for a server. Raises ConfigurationError as `open_engine`."""
    parsed = _parse(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _parse(url: str) -> URL:
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "the database URL cannot be read; write sqlite:///<path> or postgresql://user:password@host/name"
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise ConfigurationError("the catalogue needs a file: write sqlite:///<path>")
            return parsed
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise ConfigurationError(f"no catalogue on {other!r}; write sqlite:///<path> or postgresql://…")


def _sqlite(url: URL, *, pool_size: int, patience: Patience) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=-1,
        hide_parameters=True,
        connect_args={
            "timeout": patience.left,
            "check_same_thread": False,
            "cached_statements": 256,
            "factory": PatientConnection,
        },
    )

    @event.listens_for(engine, "do_connect")
    def private_file(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
        with suppress(OSError):  # SQLite says it better
            make_private(Path(arguments[0]))

    @event.listens_for(engine, "handle_error")
    def name_file(context: ExceptionContext) -> None:
        context.original_exception.add_note(f"{DATABASE_FILE}{url.database}")  # SQLite's own text names no file

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, where it is said how
        connection.use_wal(patience)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "journal_size_limit=67108864",
            "cache_size=-16384",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READ_ONLY, False)
        with patience.waiting(driver_of(connection)):
            connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
            if reading:  # takes no lock until it reads
                connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1")

    return engine


def _postgresql(url: URL, *, pool_size: int, wait_s: float, statement_s: float) -> Engine:
    try:
        engine = create_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=wait_s,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={
                "connect_timeout": 5,
                "application_name": "callwarden",
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
                "tcp_user_timeout": int(statement_s * 1000),
            },
        )
    except ModuleNotFoundError as error:
        raise ConfigurationError("PostgreSQL needs its driver: pip install 'callwarden[postgres]'") from error

    from psycopg.types.array import ListBinaryDumper  # here: the driver is an extra, absent where SQLite is used

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # Batches travel as arrays; the driver's text form quotes every element, a sixth of a batch's time.
        connection.adapters.register_dumper(list, ListBinaryDumper)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('TimeZone', 'UTC', false), set_config('lock_timeout', %s, false), "
                "set_config('statement_timeout', %s, false), "
                "set_config('idle_in_transaction_session_timeout', %s, false)",
                [f"{wait_s * 1000:.0f}", f"{statement_s * 1000:.0f}", f"{statement_s * 2000:.0f}"],
            )
        connection.commit()

    return engine


@contextmanager
def begin_unsynced(connection: Connection) -> Iterator[None]:
    """A transaction that may be lost, whole, in a power cut; later ones are as durable as ever."""
    if connection.dialect.name == "postgresql":
        with connection.begin():
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            yield
        return
    raw = driver_of(connection)
    raw.execute("PRAGMA synchronous=NORMAL").close()
    try:
        with connection.begin():
            yield
    finally:
        raw.execute("PRAGMA synchronous=FULL").close()


def overwrite_history(connection: Connection) -> None:
    """See `PatientConnection.empty_wal`. PostgreSQL has nothing of the kind; its vacuum and the age of its own log
    decide there."""
    if connection.dialect.name == "sqlite":
        driver_of(connection).empty_wal()


def driver_of(connection: Connection) -> PatientConnection:
    """SQLite's own connection under SQLAlchemy's."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, PatientConnection)
    return raw
