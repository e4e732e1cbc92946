"""Putting events on the bus by hand or by a telephone system's script: the other end of `telephony.calls`."""

import filecmp
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from callwarden.errors import RetryableError, UsageError
from callwarden.messages import CALLS_TOPIC
from callwarden.model.outcome import Position, Reason
from callwarden.ports.bus import EventBus, Message
from callwarden.rules.landing_uri import allowed, unaddressed
from callwarden.workers.cli.opening import EVENT_LIMIT

_SPOOL = "spool:"


def read_events(source: Path, content: bytes, *, raw: bool = False) -> Iterator[bytes]:
    """The events of a .json file (one event, or an array of them) or a .jsonl file (one a line), as bytes.

    Raises UsageError for an empty file, and naming file and line for an event that no bus carries because it is too
    large, and for what is no JSON; `raw` passes that on as it is: the pipeline has a place for it, and a reason.
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
        if not raw and not _is_json(event):
            raise UsageError(f"{source}, {place}: this is no JSON; nothing was published (--raw sends it all the same)")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """How many files were copied, and the audio that lies nowhere, each with the event that names it."""

    copied: int
    missing: tuple[tuple[str, str], ...]


def unaddressable(events: Iterable[bytes], *, areas: tuple[str, ...]) -> list[tuple[str, str]]:
    """The addresses at which no audio will be looked for, each with the event that names it: they lie outside `areas`
    or hold what no address may."""
    named = [(event, uri) for event in events if (uri := _uri(event)) is not None]
    return [
        (_printable(_event_name(event)), _printable(uri))
        for event, uri in named
        if unaddressed(uri, areas) is Reason.URI_NOT_ALLOWED
    ]


def land_audio(events: Iterable[bytes], *, source: Path | None, spool: Path) -> Landed:
    """Copy the audio that events name as ``spool:`` from `source`, if any, into the watched folder.

    A name that no audio is looked for at (`unaddressable`), or that leads out of either folder, is left alone. A file
    that is in neither is named: the pipeline will say that it is missing.

    Raises UsageError where another file of that name waits, RetryableError when a file that is there cannot be copied;
    nothing was published then.
    """
    missing, copies = list[tuple[str, str]](), list[tuple[Path, Path]]()
    for event in events:
        name = _spool_name(event)
        if name is None:
            continue
        target = spool / name
        if source is not None and _is_there(source / name, source) and target.resolve().is_relative_to(spool.resolve()):
            copies.append((target, source / name))
        elif not _is_there(target, spool):
            missing.append((_printable(_event_name(event)), _printable(_SPOOL + name)))
    for target, origin in copies:
        _refuse_another(origin, target)
    for target, origin in copies:
        try:
            _copy(origin, target)
        except OSError as error:
            raise RetryableError(f"{origin} cannot be copied to {target}: {error.strerror}") from error
    return Landed(copied=len(copies), missing=tuple(missing))


def _refuse_another(origin: Path, target: Path) -> None:
    """Another call's audio that waits under the same name must not be written over."""
    try:
        same = not target.exists() or filecmp.cmp(origin, target, shallow=False)
    except OSError:
        same = True  # taken away meanwhile by a worker
    if not same:
        raise UsageError(
            f"{target} waits for a worker and is not {origin}: give the audio another name, also in its event, or wait "
            "until the other is taken; nothing was published"
        )


def _printable(name: str) -> str:
    """The name without half characters, which nothing can print."""
    return name.encode(errors="backslashreplace").decode()


def _event_name(event: bytes) -> str:
    """What the event is called, for whoever sent it; its call where it has no name."""
    fields = json.loads(event)
    identifier = fields.get("id")
    return identifier if isinstance(identifier, str) and identifier else key_of(event)


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
    place = allowed(_uri(event) or "", (_SPOOL,))
    return None if place is None else place.name


def _uri(event: bytes) -> str | None:
    try:
        uri = json.loads(event)["data"]["audio"]["uri"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return uri if isinstance(uri, str) else None


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
