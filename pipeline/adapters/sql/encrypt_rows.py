"""Encrypts what older versions left in clear: once, in portions, and from the start again after an interruption."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, Text, bindparam, insert, literal, select, tuple_, type_coerce, update

from callwarden.adapters.sql.catalogue import SqlCatalogue
from callwarden.adapters.sql.encrypted import ColumnCipher, Encrypted, cipher_of
from callwarden.adapters.sql.engine import READ_ONLY, overwrite_history
from callwarden.adapters.sql.faults import translated
from callwarden.adapters.sql.schema import hold, landmark, litigation_case, metadata

_DONE: Final = select(landmark.c.name).where(landmark.c.name == "columns-encrypted")
_PORTION: Final = 1000


def encrypt_rows(catalogue: SqlCatalogue) -> None:
    """Encrypt every value that is still in clear. Costs one look where that is done. Rows say what they said, so their
    seals stay. Raises RetryableError, and what the key's source raises."""
    with translated(), catalogue.engine.execution_options(**{READ_ONLY: True}).connect() as connection:
        if connection.execute(_DONE).first():
            return  # nearly always: so no start waits for whoever is writing
    _rename_cases(catalogue)
    for table in metadata.sorted_tables:
        if _encrypted_columns(table):
            _encrypt_table(catalogue, table)
    with catalogue.alone(), translated(), catalogue.engine.connect() as connection:
        with connection.begin():
            if not connection.execute(_DONE).first():
                connection.execute(insert(landmark).values(name="columns-encrypted", value="1"))
        overwrite_history(connection)


def _encrypted_columns(table: Table) -> list[tuple[Column[Any], str]]:
    return [(column, column.type.kind) for column in table.c if isinstance(column.type, Encrypted)]


def _encrypt_table(catalogue: SqlCatalogue, table: Table) -> None:
    key = [_as_it_is(column) for column in table.primary_key.columns]
    columns = _encrypted_columns(table)
    wanted = select(*key, *(_as_it_is(column) for column, _ in columns)).order_by(*key).limit(_PORTION)
    portion = wanted
    while True:
        with catalogue.alone(), translated(), catalogue.engine.connect() as connection, connection.begin():
            cipher = cipher_of(connection.dialect)
            rows = connection.execute(portion.with_for_update()).all()
            for row in rows:
                values = {
                    column.name: cipher.encrypt(kind, text)
                    for (column, kind), text in zip(columns, row[len(key) :], strict=True)
                    if text is not None and not _is_encrypted(cipher, kind, text)
                }
                if values:
                    _write(connection, table, key, row, values)
        if len(rows) < _PORTION:
            return
        last = [literal(value, type_=column.type) for column, value in zip(key, rows[-1], strict=False)]
        portion = wanted.where(tuple_(*key) > tuple_(*last))


def _write(connection: Connection, table: Table, key: list[Any], row: Sequence[Any], values: dict[str, str]) -> None:
    new = {name: bindparam(f"new_{name}", text, type_=Text()) for name, text in values.items()}
    this = (column == value for column, value in zip(key, row, strict=False))
    connection.execute(update(table).where(*this).values(new))


def _rename_cases(catalogue: SqlCatalogue) -> None:
    """A case's name is what its holds refer to: each is renamed together with them."""
    name_of, of_hold = _as_it_is(litigation_case.c.case_id), _as_it_is(hold.c.case_id)
    others = [_as_it_is(column) for column in litigation_case.c if column.name != "case_id"]
    with catalogue.alone(), translated(), catalogue.engine.connect() as connection, connection.begin():
        cipher = cipher_of(connection.dialect)
        for name in list(connection.execute(select(name_of)).scalars()):
            if _is_encrypted(cipher, "case", name):
                continue
            new = bindparam("new_name", cipher.encrypt("case", name), type_=Text())
            copied = select(new, *others).where(name_of == name)
            connection.execute(
                insert(litigation_case).from_select(["case_id", *(column.name for column in others)], copied)
            )
            connection.execute(update(hold).where(of_hold == name).values(case_id=new))
            connection.execute(litigation_case.delete().where(name_of == name))


def _as_it_is(column: Column[Any]) -> Any:
    """The column as the database has it."""
    return type_coerce(column, Text()).label(column.name) if isinstance(column.type, Encrypted) else column


def _is_encrypted(cipher: ColumnCipher, kind: str, text: str) -> bool:
    return cipher.decrypt(kind, text) is not None  # a foreign text may begin like one of ours
