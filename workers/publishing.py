"""Putting events on the bus by hand or by a telephone system's script: the other end of `telephony.calls`."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.errors import RetryableError, UsageError
from pipeline.model.outcome import Position
from pipeline.ports.bus import EventBus, Message
from pipeline.wiring import EVENT_LIMIT

CALLS_TOPIC = "telephony.calls"
_SPOOL = "spool:"


def read_events(source: Path, content: bytes) -> Iterator[bytes]:
    """The events of a .json file (one event, or an array of them) or a .jsonl file (one a line), as bytes.

    What is not JSON is passed on as it is: the pipeline has a place for it, and a reason. Raises UsageError for an
    empty file, and naming file and line for an event that no bus carries because it is too large.
    """
    if not content.strip():
        raise UsageError(f"{source} is empty: write one event, an array of events, or one event a line (.jsonl)")
    for place, event in _events(source, content):
        size = len(key_of(event).encode()) + len(event)
        if size > EVENT_LIMIT:
            raise UsageError(
                f"{source}, {place}: the event has {size} bytes with its key, {EVENT_LIMIT} at most; "
                "nothing was published"
            )
        yield event


def _events(source: Path, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Each event with its place in the file."""
    lines = [(f"line {number}", line) for number, line in enumerate(content.splitlines(), 1) if line.strip()]
    if source.suffix == ".jsonl":
        yield from lines
        return
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        yield from lines if len(lines) > 1 and all(_is_json(line) for _, line in lines) else [("line 1", content)]
        return
    events = value if isinstance(value, list) else [value]
    for number, event in enumerate(events, 1):
        yield f"event {number}", json.dumps(event, ensure_ascii=False).encode(errors="surrogatepass")


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
    `source`, or whose name no file can have, is left out: the pipeline will say that it is missing.

    Raises RetryableError when a file that is there cannot be copied; nothing was published then.
    """
    copied = 0
    for event in events:
        name = _spool_name(event)
        if name is None:
            continue
        origin, target = source / name, spool / name
        if _is_there(origin, source) and target.resolve().is_relative_to(spool.resolve()):
            try:
                _copy(origin, target)
            except OSError as error:
                raise RetryableError(f"{origin} cannot be copied to {target}: {error.strerror}") from error
            copied += 1
    return copied


def _is_there(file: Path, folder: Path) -> bool:
    try:
        return file.resolve().is_relative_to(folder.resolve()) and file.is_file()
    except (OSError, ValueError, RuntimeError):  # too long, half characters, links in a ring
        return False


def _copy(origin: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not of the name itself: that may be as long as a name can be.
    partial = target.with_name(
        f".{hashlib.sha256(target.name.encode(errors='surrogatepass')).hexdigest()[:16]}.partial"
    )
    shutil.copyfile(origin, partial)
    partial.replace(target)


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
    except (ValueError, RecursionError):
        return False
    return True
