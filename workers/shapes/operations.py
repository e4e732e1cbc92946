"""How the system stands, as JSON."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from callwarden.desks.operations import Operations, wants_of
from callwarden.workers.processes import health
from callwarden.workers.processes.log_figures import LogFigures
from callwarden.workers.shapes import Row
from callwarden.workers.shapes.calls import sums_shape, waiting_rows
from callwarden.workers.shapes.policy_changes import change_shape


def operations_shape(found: Operations, said: Mapping[str, Any]) -> dict[str, Any]:
    """Everything in one object; `said` is what the workers of this machine say (`callwarden health --json`)."""
    rows, faults = found.rows, step_faults(found, said)
    log = None
    if found.log is not None:
        log = LogFigures(status=found.log, now=found.at, checkpoint_every=found.checkpoint_every)
    return {
        "at": found.at,
        "wants": list(wants_of(found, steps_stopped=bool(faults))),
        "faults": faults,
        "out_of_reach": dict(found.faults),
        "outcomes": None if found.sums is None else sums_shape(found.sums, found.waits),
        "waiting": waiting_rows(found.waits),
        "lag": lag_rows(found),
        "quarantine": dict(rows.quarantine),
        "dead_letters": dict(rows.dead_letters),
        "disposal": {
            "due": rows.due,
            "due_since": rows.due_since,
            "audio_due": rows.audio_due,
            "stopped": None
            if found.stopped is None
            else {
                "reasons": list(found.stopped.reasons),
                "at": found.stopped.at,
                "believed": found.stopped.believed,
                "due": found.stopped.due,
                "at_most": found.stopped.at_most,
            },
        },
        "log": None if log is None else log.as_row(),
        "disks": [{"holds": list(one.holds), "free": one.free, "total": one.total} for one in found.disks],
        "steps": step_rows(said),
        "policy": {
            "waits": rows.policy_waits,
            "redating": None if rows.redating is None else change_shape(rows.redating),
        },
        "webhooks": {state.value: number for state, number in rows.notices.items()},
        "revocations": rows.revocations,
    }


def workers_here(home: Path, *, embedded: bool) -> dict[str, Any]:
    """What the worker processes of this machine say. On a distributed system none may run here: that is no fault."""
    found = health.look(home, ready=False)
    return found if embedded or found["workers"] else {**found, "faults": []}


def step_faults(found: Operations, said: Mapping[str, Any]) -> list[str]:
    """Which steps of this machine do not run that should, and why: one that is left out, too, once there is work for
    it, and the pages beside the workers that have not come up."""
    unread = {one.group for one in found.lag if one.behind}
    served = any(set(one["steps"]) == {"web"} for one in said["workers"])
    faults = list(said["faults"])
    for one in said["workers"]:
        for name, step in one["steps"].items():
            is_left = step["state"] == "left_out" and name in unread
            is_down = name == "web" and step["state"] in {"waiting", "working"} and not served
            if is_left or is_down:
                what = "left out, with work to do" if is_left else "not up"
                faults.append(f"process {one['pid']}: {name} is {what}: {step.get('why', '')}".rstrip(": "))
    return faults


def lag_rows(found: Operations) -> list[Row]:
    """How many messages each group has still to read, by topic."""
    return [{"group": one.group, "topic": one.topic, "behind": one.behind} for one in found.lag]


def step_rows(said: Mapping[str, Any]) -> list[Row]:
    """Each step of each worker process of this machine."""
    return [row for one in said["workers"] for row in _steps(one)]


def _steps(said: Mapping[str, Any]) -> Iterable[Row]:
    for name, step in said["steps"].items():
        yield {
            "process": said["pid"],
            "step": name,
            "state": step["state"],
            "heard_s_ago": step["heard_s_ago"],
            "why": step.get("why"),
        }
