"""Nothing that may name a person lies in clear, wherever a telephone system or a person has put it (L1, D6).

A marker stands in every field of every kind of event and of every act; then every file of the system is searched,
pages that are free again, the write-ahead log and the search index included. Allowed are, for as long as
docs/operators.md says, what the telephone system itself put there: the topic it publishes on, and the landing area.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.adapters.bus.settings import SqliteBusSettings
from callwarden.adapters.bus.sqlite import SqliteBus
from callwarden.model.ids import LineId, RecordingId
from callwarden.wiring.surroundings import topics
from tests.support.diagnostics import capture_logs
from tests.support.site import MovableClock, sample
from tests.system.test_restore import BACKED_UP, Desk

MARKER = "zz0639980001zz"
"""Looks like an account name and an id, and holds a telephone number."""
NUMBER = "+33639980001"
FORBIDDEN = (MARKER, NUMBER, "0639980001")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path / "home", monkeypatch, capsys)


def in_clear(home: Path) -> list[str]:
    """Files in which, or in whose names, something forbidden stands."""
    found = []
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        content = path.read_bytes() if path.is_file() else b""
        encodings = [(one, one.encode(), one.encode("utf-16-le"), one.encode().hex().encode()) for one in FORBIDDEN]
        if any(text in name or any(form in content for form in forms) for text, *forms in encodings):
            found.append(name)
    return found


def plant(kind: str, call: str, spooled: str | None = None, **data: Any) -> dict[str, Any]:
    """An event with the marker wherever a telephone system may write."""
    ended = BACKED_UP - timedelta(hours=1)
    recorded: dict[str, Any] = {
        "leg": f"leg-{MARKER}",
        "segment": 0,
        "line": "customer-service",
        "direction": "inbound",
        "started_at": (ended - timedelta(seconds=30)).isoformat(),
        "ended_at": ended.isoformat(),
        "caller": {"number": NUMBER, "customer_id": f"C-{MARKER}", "names": [f"Name {MARKER}"]},
        "agent": {"id": f"agent-{MARKER}", "name": f"Agent {MARKER}"},
        "channels": ["agent", "caller"],
        "audio": {"uri": f"spool:{spooled}"},
        "objections": [],
        "notice_version": f"notice-{MARKER}",
        "notice": {"version": f"notice-{MARKER}"},
        "codec": f"codec-{MARKER}",
        "pauses": [{"from_s": 1.0, "to_s": 2.0, "reason": f"pause {MARKER}"}],
        "labels": {f"label-{MARKER}": f"value {MARKER}"},
        f"more-{MARKER}": f"unknown {MARKER}",
    }
    return {
        "specversion": "1.0",
        "type": kind,
        "source": f"pbx/{MARKER}",
        "id": f"{call}-{kind}-{MARKER}",
        "time": BACKED_UP.isoformat(),
        "subject": f"subject {MARKER}",
        f"x{MARKER}": f"extension {MARKER}",
        "data": {"call_id": f"{call}-{MARKER}", **(recorded if kind == "call.recorded" else {}), **data},
    }


def audio(desk: Desk, name: str) -> str:
    spool = desk.home / "landing"
    spool.mkdir(parents=True, exist_ok=True)
    (spool / f"{name}-{MARKER}.wav").write_bytes(sample("01.wav"))
    return f"{name}-{MARKER}.wav"


def events(desk: Desk) -> list[Any]:
    instant = BACKED_UP.isoformat()
    return [
        plant("call.recorded", "kept", audio(desk, "kept")),
        plant("call.recorded", "objected", audio(desk, "objected")),
        plant("call.recorded", "refused", audio(desk, "refused"), objections=["recording"]),
        plant("call.recorded", "unknown", audio(desk, "unknown"), line=f"line {MARKER}"),
        plant("call.recorded", "odd", audio(desk, "odd"), direction=f"d {MARKER}", segment=f"s {MARKER}"),
        plant("call.recorded", "untimely", audio(desk, "untimely"), started_at=f"t {MARKER}", ended_at=f"t {MARKER}"),
        plant("call.recorded", "vague", audio(desk, "vague"), objections=[f"o {MARKER}"]),
        plant("call.recorded", "absent", f"absent-{MARKER}.wav"),
        plant("call.recorded", "elsewhere", None, audio={"uri": f"https://{MARKER}/x.wav", "sha256": f"h {MARKER}"}),
        plant("call.objected", "kept", purposes=["training"], channel=f"channel-{MARKER}", at=instant),
        plant("call.objected", "number", call_id=None, caller={"number": NUMBER}, purposes=["training"],
              channel=f"channel-{MARKER}", at=instant),
        plant("call.objection_withdrawn", "kept", purposes=["training"], channel=f"channel-{MARKER}", at=instant),
        plant("call.monitored", "kept", listener={"id": f"listener-{MARKER}", "role": f"role-{MARKER}"},
              purpose=f"purpose-{MARKER}", **{"from": instant, "to": instant}),
        plant("call.monitored", "kept2", listener={"id": f"listener-{MARKER}", "role": "supervisor"},
              purpose="quality", **{"from": instant, "to": instant}),
        plant(f"call.{MARKER}", "other"),
        {f"no event {MARKER}": NUMBER},
    ]  # fmt: skip


def publish(desk: Desk) -> None:
    file = desk.home.parent / "events.jsonl"
    file.write_text("".join(json.dumps(_without_none(one)) + "\n" for one in events(desk)), encoding="utf-8")
    desk.does("publish", str(file))
    for step in ("ingest", "objections", "holds"):
        desk.does("work", step, "--drain")


def _without_none(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    return event if data is None else {**event, "data": {k: v for k, v in data.items() if v is not None}}


def act(desk: Desk) -> dict[str, str]:
    """Every act with the marker in whatever a person may write. Returns the recordings by the beginning of the call."""
    stored = {one["call_id"].partition("-")[0]: one["recording_id"] for one in desk.does("calls", "list")
              if one["outcome"] == "stored"}  # fmt: skip
    kept, case = stored["kept"], f"Dupont / {MARKER}"  # what looks like a number of the file stands in the log as it is
    desk.does("hold", "open", case, "--reason", f"why {MARKER}", "--as", f"legal:open-{MARKER}")
    desk.does("hold", "place", case, "--recording", kept, "--as", f"legal:place-{MARKER}")
    desk.does("hold", "release", case, "--as", f"legal:ask-{MARKER}")
    desk.does("hold", "release", case, "--as", f"dpo:confirm-{MARKER}")
    desk.does("hold", "open", f"{case}-2", "--reason", f"why {MARKER}", "--as", f"legal:open-{MARKER}")
    with capture_logs():
        glass = desk.does("breakglass", "request", kept, "--purpose", "staff_protection", "--reason", f"why {MARKER}",
                          "--as", f"supervisor:ask-{MARKER}")  # fmt: skip
        desk.does("breakglass", "approve", glass["request"], "--as", f"dpo:approve-{MARKER}")
    desk.does("token", "issue", "--role", "supervisor", "--name", f"holder-{MARKER}", "--agent", f"agent-{MARKER}",
              "--own-agent-id", f"agent-{MARKER}")  # fmt: skip
    for who in (("--number", NUMBER), ("--customer", f"C-{MARKER}"), ("--call", f"kept-{MARKER}")):
        given = ("--purpose", "ai_experiment", "--as", f"dpo:object-{MARKER}")
        desk.does("objection", "add", *who, *given)
        desk.does("objection", "withdraw", *who, *given)
    desk.says("redaction", "report", kept, "--at", "1.0-1.5", "--as", f"trainer:report-{MARKER}")
    desk.says("read", kept, "--what", "original-audio", "--purpose", "dispute", "--as", f"legal:read-{MARKER}",
              "-o", str(desk.home.parent / "read.wav"))  # fmt: skip
    desk.says("search", f"words {MARKER}", "--purpose", "training", "--as", f"trainer:search-{MARKER}")
    _ask(desk, kept)
    desk.does("keys", "rotate", "--as", f"operator:rotate-{MARKER}")
    desk.does("work", "log", "--drain")
    return stored


def _ask(desk: Desk, kept: str) -> None:
    """A request, with what a person writes about it."""
    dpo, folder = ("--as", f"dpo:ask-{MARKER}"), desk.home.parent
    asked = ("--type", "rectification", "--number", NUMBER)
    request = desk.does("request", "open", *asked, *dpo)["request"]
    desk.does("request", "verify", request, "--how", f"known as {MARKER}", *dpo)
    desk.does("request", "find", request, *dpo)
    desk.does("request", "decide", request, "--item", kept, "--grant", *dpo)
    desk.does("request", "decide", request, "--refuse", "accurate", *dpo)
    desk.does("request", "extend", request, "--reason", f"why {MARKER}", *dpo)
    named = ("--name", f"Name {MARKER}", "--customer", f"C2-{MARKER}", "--label", f"l-{MARKER}={MARKER}")
    desk.does("request", "rectify", request, "--item", kept, *named, *dpo)
    written = ("--to", f"Address {MARKER}", "-o", str(folder / "extension.html"))
    desk.does("request", "letter", request, "extension", *written, *dpo)
    desk.does("request", "answer", request, "--to", f"Address {MARKER}", "-o", str(folder / "answer"), *dpo)


def told_in_clear(desk: Desk) -> list[tuple[str, bytes]]:
    """Messages of our own topics with something forbidden in them."""
    from callwarden.settings import load_settings
    from callwarden.wiring import open_system

    found = []
    with open_system(load_settings()) as system:
        own = [one.name for one in topics(1) if one.name != "telephony.calls"]
        with system.bus.subscribe(tuple(own), group="looking") as subscription:
            left = sum(sum(system.bus.end_offsets(one).values()) for one in own)
            assert left
            while left:
                for one in subscription.poll(limit=100, timeout_s=5.0):
                    left -= 1
                    said = (one.key or b"") + one.value + repr(one.headers).encode()
                    if any(text.encode() in said for text in FORBIDDEN):
                        found.append((one.position.topic, said))
    return found


def forget_inbound(desk: Desk) -> None:
    """The retention of the topics is over."""
    much_later = MovableClock(datetime.now(BACKED_UP.tzinfo) + timedelta(days=60))
    bus = SqliteBus(SqliteBusSettings(path=desk.home / "bus.db"), clock=much_later)
    bus.sweep()
    bus.close()


def test_no_file_holds_a_person_in_clear_before_or_after_disposal(desk: Desk) -> None:
    publish(desk)
    assert set(in_clear(desk.home)) - {name for name in in_clear(desk.home) if name.startswith("landing/")} <= {
        "bus.db",
        "bus.db-wal",
    }
    stored = act(desk)
    assert told_in_clear(desk) == []
    assert not [one for one in in_clear(desk.home) if not one.startswith(("landing/", "bus.db"))]

    from callwarden.settings import load_settings
    from callwarden.wiring import open_system

    with open_system(load_settings()) as system, system.catalogue.transaction() as tx:
        spoken = f"the redacted words {MARKER}"
        for one in stored.values():
            tx.search.index(
                RecordingId(one), generation=1, line=LineId("customer-service"), ended_at=BACKED_UP, text=spoken
            )

    desk.does("objection", "add", "--call", f"objected-{MARKER}", "--purpose", "recording", "--as", f"dpo:d-{MARKER}")
    desk.at(BACKED_UP + timedelta(days=400))
    desk.does("dispose")
    desk.does("dispose")
    desk.does("work", "log", "--drain")
    forget_inbound(desk)
    assert {one["state"] for one in _recordings(desk)} <= {"disposed", "dropped", "refused"}
    assert in_clear(desk.home) == [], [one["call_id"] for one in _recordings(desk)]

    kept = desk.does("calls", "show", f"kept-{MARKER}")
    assert kept, "and it is still known what became of the call"


def _recordings(desk: Desk) -> list[dict[str, Any]]:
    from callwarden.settings import load_settings
    from callwarden.wiring import open_system

    with open_system(load_settings()) as system:
        return [{"state": one.state.value, "call_id": one.call_id} for one in system.catalogue.all_recordings()]
