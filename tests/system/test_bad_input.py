"""Whatever a telephone system, or somebody in its place, sends: each has its own outcome and reason, the partition goes
on, nothing else is lost, and memory stays flat."""

import hashlib
import json
import os
import struct
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from callwarden.adapters.bus.settings import SqliteBusSettings
from callwarden.adapters.bus.sqlite import SqliteBus
from callwarden.errors import InvalidMessageError
from callwarden.model.access import Actor, Role
from callwarden.ports.bus import Message
from callwarden.wiring import SystemClock
from tests.servers.places import repository
from tests.support.site import MovableClock, Site, sample
from tests.support.tones import tone

LEGAL = Actor(role=Role.LEGAL, name="bruno")
DAY_S = 24 * 3600
Make = Callable[[Site], dict[str, Any] | bytes]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path / "home") as built:
        yield built


def _changed(site: Site, **envelope: Any) -> dict[str, Any]:
    return {**site.event("c-bad"), **envelope}


def _with_uri(site: Site, uri: str) -> dict[str, Any]:
    event = site.event("c-bad", audio=b"")
    event["data"]["audio"] = {"uri": uri, "sha256": "0" * 64, "bytes": 10}
    return event


def _sound(*, channels: int = 1, seconds: float = 0.5, rate: int = 8000) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(channels)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes((b"\x00\x20\x00\xe0" * channels) * int(rate * seconds / 2))
    return file.getvalue()


DEAD: dict[str, tuple[str, Make]] = {
    "text": ("not_an_event", lambda site: b"Bonjour"),
    "nothing": ("not_an_event", lambda site: b""),
    "bytes": ("not_an_event", lambda site: b"\xff\xfe\x00\x01"),
    "an array": ("not_an_event", lambda site: b"[]"),
    "half an event": ("not_an_event", lambda site: json.dumps(site.event()).encode()[:-30]),
    "endless nesting": ("not_an_event", lambda site: b"[" * 200_000),
    "a later CloudEvents": ("unsupported_version", lambda site: _changed(site, specversion="2.0")),
    "another type": ("unsupported_version", lambda site: _changed(site, type="call.transferred")),
    "a list for an id": ("invalid_field", lambda site: _changed(site, id=[17])),
}

WRONG: dict[str, tuple[str, Callable[[Site], dict[str, Any]]]] = {
    "a number for an id": ("stored", lambda site: _changed(site, id=17)),
    "text for a segment": ("quarantined:invalid_field", lambda site: site.event(segment="first")),
    "a call id with NUL": ("quarantined:invalid_field", lambda site: site.event("c-\0bad")),
    "half a character": ("quarantined:invalid_field", lambda site: site.event("c-\ud800")),
    "right to left": ("quarantined:invalid_field", lambda site: site.event("c-\u202e1")),
    "an endless call id": ("quarantined:invalid_field", lambda site: site.event("c" * 100_000)),
    "half a character for a label": ("stored", lambda site: site.event(labels={"a": "\ud800"})),
    "an endless direction": ("stored", lambda site: site.event(direction="x" * 100_000)),
}
"""What is wrong costs no call: its audio is stored, or kept apart."""

ODD_IDS = {
    "climbing": "../../../etc/passwd",
    "absolute": "/etc/passwd",
    "look-alike": "c\uff0d1\u2024\u2024\u2215",  # full-width hyphen, one-dot leaders, division slash
    "reserved": "CON",
}

ELSEWHERE = [
    "http://127.0.0.1:9/a.wav",
    "http://169.254.169.254/latest/meta-data/",
    "https://[::1]/a.wav",
    "file:///etc/passwd",
    "ftp://example.org/a.wav",
    "gopher://127.0.0.1/",
    "/etc/passwd",
    "spool:../keys/keys.json",
    "spool:/etc/passwd",
    "spool:a/../../keys/keys.json",
    "spool:%2e%2e/keys/keys.json",
    "spool:\uff0e\uff0e/keys/keys.json",
    "s3://somebody-elses/a.wav",
    "s3://landing@169.254.169.254/a.wav",
    "s3://landing/../vault/a.wav",
    "",
]

AUDIO: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("unreadable_audio", lambda: b""),
    "text": ("unreadable_audio", lambda: b"This is a letter, not a recording.\n" * 100),
    "truncated": ("length_mismatch", lambda: sample("bad_truncated.wav")),
    "a header that promises more": ("length_mismatch", lambda: _sound(seconds=2)[:16_000]),
    "silence": ("silent_audio", lambda: _quiet()),
    "twelve channels": ("oversized_audio", lambda: _sound(channels=12)),
    "a zip in a wav's clothes": ("unreadable_audio", lambda: b"RIFF\x00\x00\x00\x00WAVEPK\x03\x04" + b"\0" * 64),
}


def _quiet() -> bytes:
    return _sound(seconds=1)[:44] + b"\0" * 16_000


@pytest.mark.parametrize("what", DEAD)
def test_what_is_no_event_is_a_dead_letter_with_its_reason(site: Site, what: str) -> None:
    reason, make = DEAD[what]
    site.publish(make(site), site.event("c-good"))
    site.drain("ingest", "objections")
    assert sorted(site.verdicts()) == [f"dead-lettered:{reason}", "stored"]
    assert site.report().balance.balanced


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_field_costs_no_call(site: Site, what: str) -> None:
    verdict, make = WRONG[what]
    site.publish(make(site), site.event("c-good"))
    site.drain("ingest", "objections")
    assert sorted(site.verdicts()) == sorted([verdict, "stored"])
    assert site.report().breaches == ()
    assert site.report().balance.balanced


def test_an_event_over_a_megabyte_is_refused_by_the_bus_and_dead_lettered_where_another_bus_carried_it(
    site: Site,
) -> None:
    huge = json.dumps(site.event("c-huge", labels={"note": "x" * 1_200_000})).encode()
    with pytest.raises(InvalidMessageError):
        site.publish(huge)
    wide = SqliteBus(SqliteBusSettings(path=site.home / "bus.db", message_limit=8_000_000), clock=SystemClock())
    wide.publish([Message(topic="telephony.calls", key="c-huge", value=huge)])
    wide.close()
    site.publish(site.event("c-good"))
    site.drain("ingest", "objections")
    assert sorted(site.verdicts()) == ["dead-lettered:not_an_event", "stored"]
    assert site.report().breaches == ()


@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_id_is_never_a_path(site: Site, odd: str) -> None:
    before = {path for path in site.home.parent.rglob("*") if not path.is_relative_to(site.home)}
    site.publish(site.event(ODD_IDS[odd], leg=ODD_IDS[odd], agent={"id": ODD_IDS[odd]}))
    site.drain("ingest", "objections")
    assert site.verdicts() == ["stored"]
    assert {path for path in site.home.parent.rglob("*") if not path.is_relative_to(site.home)} == before
    names = [path.name for path in (site.home / "vault").rglob("*")]
    assert not any("passwd" in name or "CON" in name for name in names)
    assert site.report().breaches == ()


def test_ids_that_look_alike_are_different_calls(site: Site) -> None:
    site.publish(site.event("c-1"), site.event("c\u20101"), site.event("\u0441-1"))
    site.drain("ingest", "objections")
    assert site.verdicts() == ["stored"] * 3
    assert len({one.recording_id for one in site.outcomes()}) == 3


def test_audio_elsewhere_is_not_fetched_and_each_event_says_so(site: Site) -> None:
    """No connection is attempted: port 9 of this host, the metadata service and the rest are judged as text (the socket
    rules are in tests/landing); what lies in the key folder stays where it is."""
    keys = site.system.keys and (site.home / "keys" / "keys.json").read_bytes()
    for uri in ELSEWHERE:
        site.publish(_with_uri(site, uri))
    site.drain("ingest", "objections")
    verdicts = site.verdicts()
    assert set(verdicts) <= {"quarantined:uri_not_allowed", "quarantined:missing_audio"}
    assert verdicts.count("quarantined:missing_audio") == 1, "the one that names no audio at all"
    assert (site.home / "keys" / "keys.json").read_bytes() == keys
    assert site.report().versions == 0


@pytest.mark.parametrize("what", AUDIO)
def test_bad_audio_is_set_aside_with_its_reason_and_the_partition_goes_on(site: Site, what: str) -> None:
    reason, make = AUDIO[what]
    site.publish(site.event("c-bad", audio=make()), site.event("c-good"))
    site.drain("ingest", "objections")
    assert sorted(site.verdicts()) == [f"quarantined:{reason}", "stored"]
    assert site.landed() == []
    assert site.report().breaches == ()


def test_audio_that_is_not_what_the_event_promises_is_set_aside(site: Site) -> None:
    short, other = site.event("c-short"), site.event("c-other")
    short["data"]["audio"]["bytes"] += 1
    other["data"]["audio"]["sha256"] = hashlib.sha256(b"another").hexdigest()
    site.publish(short, other, site.event("c-good"))
    site.drain("ingest", "objections")
    assert sorted(site.verdicts()) == ["quarantined:checksum_mismatch", "quarantined:length_mismatch", "stored"]


def test_a_link_in_the_landing_area_is_not_followed(site: Site) -> None:
    secret = site.home.parent / "secret.wav"
    secret.write_bytes(sample("01.wav"))
    link = site.system.settings.spool_folder / "link.wav"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(secret)
    event = site.event("c-link")
    event["data"]["audio"]["uri"] = "spool:link.wav"
    site.publish(event)
    site.drain("ingest", "objections")
    [verdict] = site.verdicts()
    assert verdict.startswith("quarantined:")
    assert secret.exists()
    assert site.report().versions == 0


def _drained_in_a_process(home: Path) -> int:
    """Let a process of its own work until nothing is left; the most memory it held, in bytes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALLWARDEN_")}
    settings = {"CALLWARDEN_HOME": str(home), "CALLWARDEN_PARTITIONS": "2", "CALLWARDEN_THREADS": "4"}
    process = subprocess.Popen(
        [sys.executable, "-m", "callwarden.workers", "ingest", "--drain"],
        cwd=repository(),
        env={**kept, **settings},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


def _a_day_long(path: Path) -> tuple[str, int]:
    """A WAV file of 24 hours, 8 bit at 1 kHz, mostly a hole; its digest and length."""
    header = (
        b"RIFF"
        + struct.pack("<I", 36 + DAY_S * 1000)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 1000, 1000, 1, 8)
    )
    header += b"data" + struct.pack("<I", DAY_S * 1000)
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + DAY_S * 1000)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def test_memory_stays_flat_over_hundreds_of_events_and_a_recording_of_a_whole_day(tmp_path: Path) -> None:
    now = MovableClock(datetime.now(UTC))
    with Site(tmp_path / "home", clock=now) as site:
        site.publish(*[site.event(f"c-few-{number}", audio=tone(number)) for number in range(20)])
        few = _drained_in_a_process(site.home)
        day = site.event("c-day")
        folder = site.system.settings.spool_folder
        sha256, size = _a_day_long(folder / "day.wav")
        day["data"]["audio"] = {"uri": "spool:day.wav", "sha256": sha256, "bytes": size}
        site.publish(*[site.event(f"c-many-{number}", audio=tone(number)) for number in range(300)], day)
        site.publish(*[b"x" * 500_000 for _ in range(10)])
        many = _drained_in_a_process(site.home)
        verdicts = site.verdicts()
        assert verdicts.count("stored") == 320
        assert verdicts.count("quarantined:oversized_audio") == 1
        assert verdicts.count("dead-lettered:not_an_event") == 10
    assert many - few < 64 << 20, f"{few >> 20} MiB for 20 calls, {many >> 20} MiB for 300 and a whole day"
