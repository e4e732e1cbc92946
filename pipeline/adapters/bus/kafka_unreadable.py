"""Batches that cannot be unpacked become messages that say so, one for each offset, and the partition goes on.

kafka-python 3.0.12 raises the error of a batch (a codec it does not have, a wrong checksum, bytes that do not unpack)
out of every poll: its partition stands still, and the others of the poll with it. Here each offset of such a batch is a
delivery with `unreadable` set, the first of them with the bytes as the broker has them, so that it gets an outcome like
any other.

Without the parts named here (another version of the library) nothing is changed.
"""

from collections.abc import Callable, Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord, Fetcher

from callwarden.diagnostics import log

_NO_SIZE = -1


class UnreadableRecord(ConsumerRecord):  # type: ignore[misc]  # a class of kafka-python, which has no types
    """An offset of a batch nobody can unpack. `why` names the fault, without any of the bytes."""

    why: str


def deliver_unreadable(consumer: KafkaConsumer) -> None:
    """Call once, before the consumer's first poll."""
    fetcher: Any = getattr(consumer, "_fetcher", None)
    if not hasattr(fetcher, "PartitionRecords") or not hasattr(_Unpacked, "_unpack_records"):
        return
    fetcher.PartitionRecords = _unpacker(consumer.highwater)


def _unpacker(highwater: Callable[[TopicPartition], int | None]) -> Callable[..., Any]:
    def unpacked(*arguments: Any, **named: Any) -> "_Unpacked":
        records = _Unpacked(*arguments, **named)
        records.end = highwater(records.topic_partition)
        return records

    return unpacked


class _Batches:
    """Hands out the batches of one answer, knowing the one under way and the one after it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.current: Any = None
        self._ahead: Any = None
        self._error: Exception | None = None
        self._look_ahead()

    def next_batch(self) -> Any:
        self.current = None
        if self._error is not None:
            raise self._error
        self.current = self._ahead
        self._look_ahead()
        return self.current

    @property
    def following(self) -> int | None:
        """The first offset of the batch after this one."""
        return None if self._ahead is None else int(self._ahead.base_offset)

    def _look_ahead(self) -> None:
        self._ahead = None
        try:
            self._ahead = self._inner.next_batch()
        except Exception as error:  # noqa: BLE001 -- whatever the bytes do to the library belongs to the next batch
            self._error = error


class _Unpacked(Fetcher.PartitionRecords):  # type: ignore[misc]  # a class of kafka-python, which has no types
    """kafka-python's records of one answer, without its errors."""

    next_fetch_offset: int
    end: int | None = None

    def _unpack_records(self, tp: TopicPartition, records: Any, *deserializers: Any) -> Iterator[ConsumerRecord]:
        batches = _Batches(records)
        while True:
            try:
                yield from super()._unpack_records(tp, batches, *deserializers)
            except Exception as error:  # noqa: BLE001 -- codecs raise what they like, and none of it may stop the rest
                yield from self._unreadable(tp, batches, f"{type(error).__name__}: {_printable(error)}")
                if batches.current is None:  # the bytes do not even say where a batch ends
                    self.drain()
                    return
            else:
                return

    def _unreadable(self, tp: TopicPartition, batches: _Batches, why: str) -> Iterator[UnreadableRecord]:
        first, last = self.next_fetch_offset, self._last(batches)
        log.error(
            "batch_unreadable", part="bus", topic=tp.topic, partition=tp.partition, first=first, last=last, why=why
        )
        value = bytes(getattr(batches.current, "_buffer", b""))
        for offset in range(first, last + 1):
            self.next_fetch_offset = offset + 1
            yield _record(tp, offset, value, why)
            value = b""

    def _last(self, batches: _Batches) -> int:
        """The last offset of the batch, as far as it can be believed: not past what follows. At least one is told, so
        that the partition goes on."""
        first = self.next_fetch_offset
        if batches.current is None:
            return first
        last = int(getattr(batches.current, "last_offset", batches.current.base_offset))
        limits = [end - 1 for end in (batches.following, self.end) if end is not None]
        return max(first, min([last, *limits]))


def _record(tp: TopicPartition, offset: int, value: bytes, why: str) -> UnreadableRecord:
    record = UnreadableRecord(
        tp.topic, tp.partition, _NO_SIZE, offset, 0, 0, None, value, [], None, _NO_SIZE, len(value), _NO_SIZE
    )
    record.why = why
    return record


def _printable(error: Exception) -> str:
    """The library's errors name codecs, sizes and offsets; some quote bytes, which stay out."""
    text = str(error)
    return text if text.isascii() and len(text) <= _LONGEST_WHY and "b'" not in text else "the bytes do not unpack"


_LONGEST_WHY = 200
