"""What the demonstration's telephone system delivers: a dozen calls and what is special about each."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCall:
    """One delivery. `ended` is how long before the demonstration the call ended, `lasts_s` its full seconds, as in its
    audio."""

    story: str
    file: str
    lasts_s: int
    ended: timedelta
    line: str = "customer-service"
    name: str = ""
    """Its call id; made from the file where empty."""
    objections: tuple[str, ...] | None = ()
    number: str = "+33639980001"
    channels: tuple[str, ...] = ("agent", "caller")
    hold: bool = False

    @property
    def call_id(self) -> str:
        return self.name or "demo-" + self.file.split(".")[0].replace("_", "-")


LAST_SPRING = timedelta(days=215)
MONO = ("mixed",)

FROM_SPRING = (
    SampleCall(
        story="from last spring: its six months are over",
        file="10.wav",
        lasts_s=25,
        ended=LAST_SPRING,
        number="+33639980010",
    ),
    SampleCall(
        story="from last spring, and part of a dispute",
        file="08.wav",
        lasts_s=28,
        ended=LAST_SPRING - timedelta(days=2),
        number="+33639980008",
        hold=True,
    ),
)

FROM_TODAY = (
    SampleCall(story="stereo, A-law", file="01.wav", lasts_s=32, ended=timedelta(hours=2)),
    SampleCall(
        story="both parties on one channel",
        file="02_mono_alaw.wav",
        lasts_s=24,
        ended=timedelta(hours=3),
        channels=MONO,
    ),
    SampleCall(
        story="Opus", file="03_stereo_opus_16k.ogg", lasts_s=33, ended=timedelta(hours=4), number="+33639980003"
    ),
    SampleCall(story="MP3", file="07_mono_8k.mp3", lasts_s=25, ended=timedelta(hours=5), channels=MONO),
    SampleCall(
        story="GSM, as an old exchange sends it",
        file="09_mono_gsm610.wav",
        lasts_s=26,
        ended=timedelta(hours=6),
        channels=MONO,
    ),
    SampleCall(
        story="on the monitoring line", file="06.wav", lasts_s=34, ended=timedelta(hours=7), line="monitoring-centre"
    ),
    SampleCall(
        story="objects to AI experiments only",
        file="11.wav",
        lasts_s=29,
        ended=timedelta(hours=8),
        objections=("ai_experiment",),
        number="+33639980011",
    ),
    SampleCall(
        story="the caller objects to being recorded",
        file="05.wav",
        lasts_s=27,
        ended=timedelta(hours=1),
        objections=("recording",),
        number="+33639980005",
    ),
    SampleCall(
        story="damaged on its way: half of it is missing",
        file="bad_truncated.wav",
        lasts_s=29,
        ended=timedelta(hours=9),
    ),
    SampleCall(
        story="arrives eight months late", file="12.wav", lasts_s=29, ended=timedelta(days=245), number="+33639980012"
    ),
)


def customer_of(call: SampleCall) -> str:
    """The customer who calls."""
    return f"C-{call.number[-4:]}"


def event_of(call: SampleCall, *, folder: Path, now: datetime, event_id: str = "") -> dict[str, Any]:
    """The CloudEvent of a sample call, as a telephone system writes it."""
    audio = (folder / call.file).read_bytes()
    ended = (now - call.ended).astimezone(PARIS).replace(microsecond=0)
    data: dict[str, Any] = {
        "call_id": call.call_id,
        "leg": "main",
        "segment": 0,
        "line": call.line,
        "direction": "inbound",
        "started_at": (ended - timedelta(seconds=call.lasts_s)).isoformat(),
        "ended_at": ended.isoformat(),
        "answered_after_s": 6.5,
        "caller": {"number": call.number, "customer_id": customer_of(call)},
        "agent": {"id": "a-104"},
        "channels": list(call.channels),
        "audio": {
            "uri": f"spool:{call.call_id}/{call.file}",
            "sha256": hashlib.sha256(audio).hexdigest(),
            "bytes": len(audio),
        },
        "notice_version": "2026-01",
    }
    if call.objections is not None:
        data["objections"] = list(call.objections)
    return {
        "specversion": "1.0",
        "type": "call.recorded",
        "source": "pbx/demo",
        "id": event_id or f"e-{call.call_id}",
        "time": ended.isoformat(),
        "data": data,
    }
