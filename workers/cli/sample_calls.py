"""Recorded calls that never were: their events, as a telephone system hands them over, and tones for their sound.

What varies follows from the seed and the place in the set alone, so that a set of any size is made one call at a time
and the same set twice. One recording in 25 is a further part of the call before it; one in 37 is of a caller who
objects to being recorded.
"""

import hashlib
import io
import math
import struct
import wave
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from callwarden.workers.cli.sample_dialogues import phone

_RATE = 8000
_PARTS, _REFUSALS = 25, 37
_PURPOSES = ("training", "quality", "ai_experiment")
_REASONS = ("intrusion", "fire", "technical", "test", "billing")
_CALL = timedelta(minutes=2)  # between the starts of two parts, and of the last to the end of the days


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A file of sound with its digest. `seconds` is its length."""

    name: str
    sha256: str
    size: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSet:
    """What the calls of a set have in common. They end in the `days` days before `until`."""

    name: str
    seed: str
    lines: tuple[str, ...]
    until: datetime
    days: int

    def recording(self, each: int) -> str:
        """The name of a recording: of its event, its dialogue and, in a small set, its sound."""
        return f"{self.name}-{each:04d}"

    def chance(self, each: int, of: str) -> Random:
        """The chance of one thing of one call."""
        return Random(f"{self.seed}:{each}:{of}")  # noqa: S311  # the same set twice, no secret

    def event(self, each: int, sound: Sound) -> dict[str, Any]:
        """A CloudEvent `call.recorded`; the numbers are those set aside for fiction."""
        first = first_part(each)
        call, own = self.chance(first, "call"), self.chance(each, "part")
        within = timedelta(days=self.days) - 2 * _CALL
        started = self.until - timedelta(seconds=call.randrange(1, int(within.total_seconds()))) - 2 * _CALL
        started = (started + (each - first) * _CALL).replace(microsecond=0)
        ended = started + timedelta(seconds=sound.seconds)
        transferred = each != first and each % (2 * _PARTS) == 0
        agent = own.randint(1, 60) if transferred else call.randint(1, 60)
        number = call.choice(("", phone(call))) if call.random() < 0.1 else phone(call)
        data: dict[str, Any] = {
            "call_id": self.recording(first),
            "leg": "transfer" if transferred else "main",
            "segment": 0 if transferred else each - first,
            "line": call.choice(self.lines),
            "direction": "outbound" if call.random() < 0.2 else "inbound",
            "started_at": started.isoformat(),
            "ended_at": ended.isoformat(),
            "answered_after_s": round(call.expovariate(1 / 15), 1),
            "caller": {
                "number": f"+33{number[1:].replace(' ', '')}" if number else "",
                "customer_id": f"C-{call.randrange(100_000):05d}",
            },
            "agent": {"id": f"a-{agent:02d}", "team": f"team-{agent % 5 + 1}"},
            "channels": ["agent", "caller"],
            "audio": {"uri": f"spool:{sound.name}", "sha256": sound.sha256, "bytes": sound.size},
            "notice": {"version": "2026-01", "played": True, "completed": call.random() > 0.05},
            "labels": {"reason": call.choice(_REASONS), "site": f"S-{call.randrange(10_000):04d}"},
        }
        if first % _REFUSALS == 0:
            data["objections"] = ["recording"]
        elif call.random() > 0.1:  # else the telephone system did not say
            data["objections"] = call.sample(_PURPOSES, call.choice((1, 1, 2))) if call.random() < 0.08 else []
        if own.random() < 0.1:
            data["pauses"] = [{"from_s": 1, "to_s": 2, "reason": "card-payment"}]
        return {
            "specversion": "1.0",
            "type": "call.recorded",
            "source": "callwarden/sample",
            "id": f"e-{self.recording(each)}",
            "time": ended.isoformat(),
            "data": data,
        }


def first_part(each: int) -> int:
    """The recording a call begins with."""
    return each - 1 if each % _PARTS == 0 else each


def sound(each: int, name: str) -> tuple[Sound, bytes]:
    """Two tones of a whole number of hertz, one second over and over: no two of the first 8,000 are the same."""
    agent, caller, seconds = 300 + each % 97 * 4, 700 + each % 89 * 4, 3 + each % 5
    second = bytearray()
    for at in range(_RATE):
        angle = 2 * math.pi * at / _RATE
        second += struct.pack("<hh", round(6000 * math.sin(angle * agent)), round(6000 * math.sin(angle * caller)))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(bytes(second) * seconds)
    content = file.getvalue()
    return Sound(name=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content), seconds=seconds), content
