"""`callwarden sample make`: synthetic calls to try a system with, as a telephone system hands them over."""

import hashlib
import io
import json
import math
import struct
import wave
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from callwarden.errors import RetryableError, UsageError
from callwarden.settings import load_settings
from callwarden.workers.cli.opening import open_for_programs
from callwarden.workers.cli.output import JsonOption, print_thing

RATE = 8000
LENGTH = timedelta(seconds=4)

app = typer.Typer(help="Synthetic calls to try a system with.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `make` a command of its own."""


@app.command()
def make(
    number: Annotated[int, typer.Argument(metavar="N", min=1, max=10_000, help="How many calls.")],
    directory: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="A new directory.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Write N synthetic calls: each an event (.json) and its sound (.wav), tones in two channels. Nobody speaks, and
    the numbers are nobody's. Hand them over with: callwarden publish DIR/*.json --audio-dir DIR"""
    with open_for_programs(load_settings()) as system:
        now, lines = system.clock.now().astimezone(system.policy.time_zone), sorted(system.policy.lines)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} exists already: name a new directory")
    stamp = f"{now:%Y%m%d%H%M%S}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for each in range(1, number + 1):
            sound = _sound(each)
            name = f"sample-{stamp}-{each:04d}"
            (directory / f"{name}.wav").write_bytes(sound)
            event = _event(each, sound, name, line=lines[each % len(lines)], now=now)
            (directory / f"{name}.json").write_text(json.dumps(event, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise RetryableError(f"{directory} cannot be written: {error.strerror}", part="disk") from error
    print_thing({"directory": directory, "calls": number}, as_json=as_json)


def _event(each: int, sound: bytes, name: str, *, line: str, now: datetime) -> dict[str, Any]:
    """A CloudEvent `call.recorded`; the numbers are those set aside for fiction."""
    ended = (now - timedelta(minutes=each)).replace(microsecond=0)
    return {
        "specversion": "1.0",
        "type": "call.recorded",
        "source": "callwarden/sample",
        "id": f"e-{name}",
        "time": ended.isoformat(),
        "data": {
            "call_id": name,
            "leg": "main",
            "segment": 0,
            "line": line,
            "direction": "inbound",
            "started_at": (ended - LENGTH).isoformat(),
            "ended_at": ended.isoformat(),
            "caller": {"number": f"+3363998{each % 10_000:04d}", "customer_id": f"C-{each:05d}"},
            "agent": {"id": f"a-{each % 7 + 1}"},
            "channels": ["agent", "caller"],
            "audio": {"uri": f"spool:{name}.wav", "sha256": hashlib.sha256(sound).hexdigest(), "bytes": len(sound)},
            "objections": [],
        },
    }


def _sound(each: int) -> bytes:
    """Two tones, of a pitch of their own for every call, so that no two files are the same."""
    agent, caller = 300 + each % 97 * 4, 700 + each % 89 * 4 + each / 1000
    frames = bytearray()
    for at in range(RATE * LENGTH.seconds):
        angle = 2 * math.pi * at / RATE
        frames += struct.pack("<hh", round(6000 * math.sin(angle * agent)), round(6000 * math.sin(angle * caller)))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(bytes(frames))
    return file.getvalue()
