"""People at work on one embedded system, each in a process of its own: `python -m tests.faults.busy_people KIND FOLDER
NUMBER SECONDS`. What was acknowledged to them is written down, a line each, in `FOLDER/KIND-NUMBER.jsonl`."""

import hashlib
import io
import json
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from callwarden.workers.cli import run
from callwarden.workers.processes import logs
from tests.support.tones import tone

PATIENCE_S = 90
"""So much longer they try on a busy machine until something was acknowledged to them."""
LIFE = timedelta(days=1)
"""The policy's period (see the test): a call that ended almost so long ago is due while everybody is at work."""


class Person:
    """Gives commands as a shell would, and keeps the answers."""

    def __init__(self, kind: str, folder: Path, number: int) -> None:
        self._folder, self._name = folder, f"{kind}-{number}"
        self._ledger = (folder / f"{self._name}.jsonl").open("a", encoding="utf-8")
        self._chance = random.Random(self._name)
        self._turn = 0
        self.got: set[str] = set()
        """What was acknowledged to them, by name."""

    def note(self, **fact: Any) -> None:
        self._ledger.write(json.dumps(fact) + "\n")
        self._ledger.flush()
        self.got |= {name for name, value in fact.items() if value}

    def ask(self, *arguments: str) -> Any:
        """Give a command; what it printed as JSON, or None where it was refused or could not be done just now."""
        said, complained = io.StringIO(), io.StringIO()
        with redirect_stdout(said), redirect_stderr(complained):
            code = run([*arguments, "--json"])
        self.note(asked=arguments[:2], code=code)
        faults = [line for line in complained.getvalue().splitlines() if line.startswith('{"error"')]
        if faults:
            self.note(fault=json.loads(faults[-1])["error"], of=arguments)
            return None
        return json.loads(said.getvalue()) if said.getvalue().strip() else None

    def pick(self, count: int) -> list[str]:
        """Some recordings that were stored when the list was made."""
        rows = self.ask("calls", "list") or []
        stored = [row["recording_id"] for row in rows if row["state"] == "stored"]
        return self._chance.sample(stored, min(count, len(stored)))

    # acts
    def publish(self) -> None:
        events = [self._event() for _ in range(4)]
        file = self._folder / f"{self._name}.events.json"
        file.write_text(json.dumps(events), encoding="utf-8")
        answer = self.ask("publish", str(file), "--audio-dir", str(self._folder / "audio"))
        self.note(published=0 if answer is None else answer["published"])
        time.sleep(0.3)  # the others need something to work on, and time to do so

    def hold(self) -> None:
        self._turn += 1
        case = f"CASE-{self._name}-{self._turn}"
        if self.ask("hold", "open", case, "--reason", "a dispute") is None:
            return
        if wanted := self.pick(2):
            answer = self.ask("hold", "place", case, *(f"--recording={one}" for one in wanted))
            self.note(case=case, held=[] if answer is None else answer["held"])

    def object(self) -> None:
        self._turn += 1
        scope, purpose = ("--number", f"+336399{80000 + self._turn % 9:05d}"), "ai_experiment"
        if self._turn % 2 and (rows := self.ask("calls", "list")):
            scope, purpose = ("--call", self._chance.choice(rows)["call_id"]), "recording"
        answer = self.ask("objection", "add", *scope, "--purpose", purpose)
        if answer is not None:
            self.note(objection=answer["objection_id"])

    def sweep(self) -> None:
        gone = self.ask("dispose") or []
        self.note(destroyed=[row["recording_id"] for row in gone if row["state"] == "destroyed"])

    def read(self) -> None:
        for one in self.pick(1):
            target = self._folder / f"{self._name}-{time.monotonic_ns()}.wav"
            what = ("--what", "original-audio", "--purpose", "dispute", "--as", f"legal:{self._name}")
            if self.ask("read", one, *what, "-o", str(target)) is not None:
                self.note(read=one)
                target.unlink()

    def look(self) -> None:
        for command in (("calls", "outcomes"), ("hold", "list"), ("log", "list"), ("log", "status"), ("doctor",)):
            self.ask(*command)
        self.ask(*self._chance.choice([("reconcile",), ("log", "verify"), ("keys", "list"), ("objection", "list")]))

    def _event(self) -> dict[str, Any]:
        self._turn += 1
        call = f"{self._name}-{self._turn}"
        audio = tone(self._turn)
        (self._folder / "audio").mkdir(exist_ok=True)
        (self._folder / "audio" / f"{call}.wav").write_bytes(audio)
        due_soon = self._turn % 2 == 0
        ended = datetime.now(UTC) - (LIFE - timedelta(seconds=8) if due_soon else timedelta(minutes=5))
        data = {
            "call_id": call,
            "leg": "main",
            "segment": 0,
            "line": "customer-service",
            "direction": "inbound",
            "started_at": (ended - timedelta(seconds=1)).isoformat(),
            "ended_at": ended.isoformat(),
            "caller": {"number": f"+336399{80000 + self._turn % 9:05d}", "customer_id": f"C-{self._turn}"},
            "agent": {"id": "a-1"},
            "channels": ["mixed"],
            "audio": {
                "uri": f"spool:{call}.wav",
                "sha256": hashlib.sha256(audio).hexdigest(),
                "bytes": len(audio),
            },
            "objections": [],
        }
        return {
            "specversion": "1.0",
            "type": "call.recorded",
            "source": "pbx/test",
            "id": call,
            "time": datetime.now(UTC).isoformat(),
            "data": data,
        }


def _watch_openings(note: Callable[..., None], home: Path) -> None:
    """Write down whatever opens a database's file in another way than SQLite does: a new file is nobody's yet."""

    def opened(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], str | bytes | os.PathLike):
            return
        path, flags = os.fsdecode(arguments[0]), arguments[2]
        if path.startswith(str(home)) and path.endswith((".db", ".db-wal", ".db-shm")) and not flags & os.O_EXCL:
            note(opened=path)

    sys.addaudithook(opened)


def main(kind: str, folder: Path, number: int, seconds: float) -> int:
    logs.configure()
    person = Person(kind, folder, number)
    _watch_openings(person.note, Path(os.environ["CALLWARDEN_HOME"]))
    if kind == "up":
        return run(["up"])
    act = getattr(person, kind)
    until = time.monotonic() + seconds
    wanted = {"publish": "published", "hold": "held", "object": "objection", "read": "read"}.get(kind, "asked")
    while time.monotonic() < until or (wanted not in person.got and time.monotonic() < until + PATIENCE_S):
        act()
    person.note(finished=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
