"""Putting events on the bus by hand or by a telephone system's script: the other end of `telephony.calls`."""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.model.outcome import Position
from pipeline.ports.bus import EventBus, Message

CALLS_TOPIC = "telephony.calls"
_SPOOL = "spool:"


def read_events(source: Path, content: bytes) -> Iterator[bytes]:
    """The events of a .json file (one event, or an array of them) or a .jsonl file (one a line), as bytes.

    What is not JSON is passed on as it is: the pipeline has a place for it, and a reason. Raises UsageError for an
    empty file.
    """
    if not content.strip():
        raise UsageError(f"{source} is empty: write one event, an array of events, or one event a line (.jsonl)")
    if source.suffix == ".jsonl":
        yield from (line for line in content.splitlines() if line.strip())
        return
    try:
        value = json.loads(content)
    except ValueError:
        lines = [line for line in content.splitlines() if line.strip()]
        yield from lines if len(lines) > 1 and all(_is_json(line) for line in lines) else [content]
        return
    events = value if isinstance(value, list) else [value]
    yield from (json.dumps(event, ensure_ascii=False).encode() for event in events)


def publish(bus: EventBus, events: Iterable[bytes]) -> Sequence[Position]:
    """Publish events, keyed by their call. Durable when it returns. Raises RetryableError."""
    return bus.publish([Message(topic=CALLS_TOPIC, key=key_of(event), value=event) for event in events])


def key_of(event: bytes) -> str:
    """The call an event belongs to: events of one call keep their order. Empty where there is none to read."""
    try:
        data = json.loads(event)["data"]
        call_id = data["call_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return call_id.encode(errors="ignore").decode() if isinstance(call_id, str) else ""  # half characters are no key


def land_audio(events: Iterable[bytes], *, source: Path, spool: Path) -> int:
    """Copy the audio that events name as ``spool:`` from `source` into the watched folder; returns how many files.

    A name that leads out of either folder is left alone: the pipeline will refuse it. A file that is not in
    `source` is left out: the pipeline will say that it is missing.
    """
    copied = 0
    for event in events:
        name = _spool_name(event)
        if name is None:
            continue
        origin, target = source / name, spool / name
        inside = origin.resolve().is_relative_to(source.resolve()) and target.resolve().is_relative_to(spool.resolve())
        if inside and origin.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.partial")
            shutil.copyfile(origin, partial)
            partial.replace(target)
            copied += 1
    return copied


def _spool_name(event: bytes) -> str | None:
    try:
        uri = json.loads(event)["data"]["audio"]["uri"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    usable = isinstance(uri, str) and uri.startswith(_SPOOL) and "\0" not in uri
    return uri.removeprefix(_SPOOL) or None if usable else None


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
