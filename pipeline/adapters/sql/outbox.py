"""What follows a transaction: access-log entries and messages, durable with the rows they tell about."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, insert, select

from callwarden.accesslog.proof.encoding import encode_entry
from callwarden.adapters.sql.bulk import BulkInsert, Row
from callwarden.adapters.sql.mapped import AnyRow
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import log_staged, outbox
from callwarden.model.log_entry import LogEntry
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import OutboxEntry

_NO_HEADERS: Final = "[]"
_STAGE: Final = BulkInsert(log_staged, ("entry_id", "bytes"))
_APPEND: Final = insert(outbox).returning(outbox.c.outbox_id, sort_by_parameter_order=True)
UNSENT: Final = (
    select(outbox.c.outbox_id, outbox.c.topic, outbox.c.key, outbox.c.value, outbox.c.headers)
    .where(outbox.c.written_at <= bindparam("newest"))
    .order_by(outbox.c.outbox_id)
    .limit(bindparam("limit"))
)


class LogRows(Rows):
    """`callwarden.ports.catalogue.records.Log`."""

    def append(self, entries: Sequence[LogEntry]) -> None:
        rows: list[Row] = [{"entry_id": entry.entry_id, "bytes": encode_entry(entry)} for entry in entries]
        self._session.insert(_STAGE, rows)


class OutboxRows(Rows):
    """`callwarden.ports.catalogue.records.Outbox`."""

    def append(self, messages: Sequence[Message]) -> Sequence[OutboxEntry]:
        if not messages:
            return []
        # The age of an entry is the machine's own time, not the business clock, which may stand still.
        written_at = datetime.now(UTC)
        rows = [
            {
                "written_at": written_at,
                "topic": message.topic,
                "key": message.key,
                "value": message.value,
                "headers": _headers_text(message.headers),
            }
            for message in messages
        ]
        numbers = self._session.run(_APPEND, rows).scalars()
        return [OutboxEntry(outbox_id=number, message=one) for number, one in zip(numbers, messages, strict=True)]


def entry_of(row: AnyRow) -> OutboxEntry:
    outbox_id, topic, key, value, headers = row
    message = Message(topic=topic, key=key, value=value, headers=_headers_of(headers))
    return OutboxEntry(outbox_id=outbox_id, message=message)


def _headers_text(headers: tuple[tuple[str, bytes], ...]) -> str:
    return json.dumps([(name, value.hex()) for name, value in headers]) if headers else _NO_HEADERS


def _headers_of(text: str) -> tuple[tuple[str, bytes], ...]:
    if text == _NO_HEADERS:
        return ()
    return tuple((name, bytes.fromhex(value)) for name, value in json.loads(text))
