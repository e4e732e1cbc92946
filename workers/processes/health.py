"""`callwarden health`: whether the workers of this machine go on, from the files they write. Nothing but the standard
library, so that asking every few seconds costs nothing.

Exit code 0 when every worker process here was heard of lately and none of its loops hangs; 1 otherwise, and where no
worker runs. With ``--ready`` also 1 while a step waits for a server at its start, or cannot go on.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

FOLDER: Final = "health"
WRITTEN_EVERY_S: Final = 5.0
SILENT_AFTER_S: Final = 30.0
"""A process that has not written for so long is stopped, or its machine is."""
STUCK_AFTER_S: Final = 180.0
"""A loop that was not heard of for so long hangs: no outage keeps one from being heard of for longer."""
_USAGE: Final = "usage: callwarden health [--ready] [--json]"


def main(arguments: Sequence[str]) -> int:
    """Print what is wrong, or that nothing is; the exit code."""
    if set(arguments) - {"--ready", "--json"}:
        sys.stderr.write(f"{__doc__}\n{_USAGE}\n" if "--help" in arguments else f"wrong usage: {_USAGE}\n")
        return 0 if "--help" in arguments else 2
    found = look(home(), ready="--ready" in arguments)
    if "--json" in arguments:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in found["faults"] or ["every worker here is running"]))
    return 1 if found["faults"] else 0


def home() -> Path:
    """CALLWARDEN_HOME, from the environment or from `.env`, as the settings read it."""
    value = os.environ.get("CALLWARDEN_HOME", "")
    if not value and Path(".env").is_file():
        for line in Path(".env").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, rest = line.strip().removeprefix("export ").partition("=")
            if name.strip().upper() == "CALLWARDEN_HOME":
                value = rest.strip().strip("'\"")
    return Path(value or "var")


def look(folder: Path, *, ready: bool, silent_after_s: float = SILENT_AFTER_S) -> dict[str, Any]:
    """What the workers of this machine say: ``{"faults":[TEXT…],"workers":[…]}``. Files of processes that have ended
    are taken away."""
    workers, faults = [], []
    for file in sorted((folder / FOLDER).glob(f"{socket.gethostname()}.*.json")):
        pid = file.name.removesuffix(".json").rpartition(".")[2]
        if not (pid.isdigit() and _lives(int(pid))):
            file.unlink(missing_ok=True)
            continue
        try:
            silent_s = time.time() - file.stat().st_mtime
            said = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            faults.append(f"process {pid}: {file} cannot be read ({type(error).__name__})")
            continue
        workers.append(said)
        if silent_s > silent_after_s:
            faults.append(f"process {pid} was not heard of for {silent_s:.0f} s: it is stopped")
        else:
            faults += _faults(said, ready=ready)
    if not workers and not faults:
        faults.append(f"no worker runs here, or none with the home {folder}")
    return {"faults": faults, "workers": workers}


def taking_in(folder: Path) -> int | None:
    """The process of this machine that takes calls in, or waits to; None where none does."""
    found = look(folder, ready=False)
    for said in found["workers"]:
        pid, ingest = said["pid"], said["steps"].get("ingest", {})
        at_fault = any(fault.startswith((f"process {pid} ", f"process {pid}:")) for fault in found["faults"])
        if ingest.get("state") in _TAKES and not at_fault:
            return int(pid)
    return None


_TAKES: Final = frozenset({"starting", "waiting", "working"})


def _faults(said: dict[str, Any], *, ready: bool) -> list[str]:
    who = f"process {said['pid']}"
    found = []
    for name, step in said["steps"].items():
        if step["state"] != "left_out" and step["heard_s_ago"] > STUCK_AFTER_S:
            found.append(f"{who}: {name} was not heard of for {step['heard_s_ago']:.0f} s: it hangs")
        elif step["state"] == "stopped" or (ready and step["state"] not in {"working", "left_out"}):
            found.append(f"{who}: {name} is {step['state']}: {step.get('why', '')}".rstrip(": "))
    return found


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
