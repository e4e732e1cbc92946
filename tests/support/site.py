"""A whole system for a test: real adapters under a temporary folder or on real servers, and a clock that moves."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from callwarden.adapters.policy.file import load_policy
from callwarden.errors import CallwardenError, LackingError, RetryableError
from callwarden.model.outcome import EventOutcome
from callwarden.model.policy import Policy
from callwarden.ports.bus import Delivery, Message
from callwarden.settings import Settings, load_settings
from callwarden.steps.reconcile import Report
from callwarden.wiring import System, open_system, shipped_config
from callwarden.workers.cli.publishing import publish
from callwarden.workers.processes.pace import Pace
from callwarden.workers.processes.running import STEPS, Drained, drain

if TYPE_CHECKING:
    from callwarden.wiring.speech import Speech

CALLS = shipped_config() / "demo" / "calls"
_SHIPPED_WAIT = timedelta(seconds=2)
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
QUICK = Pace(threads=4, window=16, idle_poll_s=0.02, busy_wait_s=0.01, housekeeping_s=0.05, commit_every_s=0.01)


def drained(steps: Iterable[Drained]) -> int:
    """How many deliveries or recordings a drain handled. Raises what a step could not go on with; what needs a model
    that is not here stays off."""
    handled = 0
    for one in steps:
        if one.error is not None and not isinstance(one.error, LackingError):
            raise one.error
        if one.left:
            raise RetryableError(one.left[0].why)
        handled += one.handled
    return handled


def make_home() -> None:
    """What `callwarden init` does, by the settings of the environment."""
    with open_system(load_settings()) as system:
        system.make()


class MovableClock:
    """A clock a test can set."""

    def __init__(self, instant: datetime = NOON) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def move(self, by: timedelta) -> None:
        self.instant += by


@lru_cache(maxsize=64)
def sample(name: str) -> bytes:
    """The bytes of a sample call."""
    return (CALLS / name).read_bytes()


@lru_cache(maxsize=8)
def patient_policy(path: Path, _written_at: int) -> Policy:
    """The policy in a file, read once for all. Where it gives the log the shipped two seconds, an entry may take a
    minute: the disk of a busy machine is no fault of a rule."""
    policy = load_policy(path)
    return replace(policy, read_timeout=timedelta(minutes=1)) if policy.read_timeout == _SHIPPED_WAIT else policy


@dataclass(slots=True)
class Site:
    """One installation. `system` is opened anew by `reopen`, as after a crash, over the same state."""

    home: Path
    clock: MovableClock = field(default_factory=MovableClock)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Settings that differ from an embedded system's."""
    speech: "Speech | None" = None
    """Loaded speech steps to use for every drain; each drain loads its own otherwise."""
    patient: bool = True
    """See `patient_policy`; False where a test looks at what the policy says."""
    system: System = field(init=False)
    _closing: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.system = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _open(self) -> System:
        values: dict[str, Any] = {"home": self.home, "session_timeout_s": 0.3, "threads": 4, "partitions": 2}
        system = open_system(Settings(**{**values, **self.overrides}), clock=self.clock)
        self._closing.callback(system.close)
        path = system.settings.policy or shipped_config() / "policy.yaml"
        with suppress(CallwardenError, OSError):  # a policy that is none is told about where it is used
            if self.patient:
                system.stand_in(policy=patient_policy(path, path.stat().st_mtime_ns))
        return system

    def reopen(self) -> System:
        """A new system over the same state; the old one is left as a killed process leaves it."""
        self.system = self._open()
        return self.system

    # what a telephone system does
    def land(self, name: str, content: bytes) -> str:
        """Leave audio in the watched folder; returns its URI."""
        target = self.system.settings.spool_folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return f"spool:{name}"

    def event(self, call_id: str = "", *, audio: bytes | None = None, **changes: Any) -> dict[str, Any]:
        """The event of a call that ended a minute ago, its audio landed. `changes` replace fields of ``data``; a
        change to ``...`` leaves the field out."""
        call_id = call_id or f"c-{uuid.uuid4().hex[:12]}"
        content = sample("01.wav") if audio is None else audio
        ended = self.clock.now() - timedelta(minutes=1)
        data: dict[str, Any] = {
            "call_id": call_id,
            "leg": "main",
            "segment": 0,
            "line": "customer-service",
            "direction": "inbound",
            "started_at": (ended - timedelta(seconds=30)).isoformat(),
            "ended_at": ended.isoformat(),
            "caller": {"number": "+33639980001", "customer_id": "C-1"},
            "agent": {"id": "a-1"},
            "channels": ["agent", "caller"],
            "audio": {
                "uri": self.land(f"{uuid.uuid4().hex}.wav", content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
            },
            "objections": [],
        }
        data.update(changes)
        data = {name: value for name, value in data.items() if value is not ...}
        return self.envelope("call.recorded", data)

    def envelope(self, kind: str, data: Mapping[str, Any], *, event_id: str = "") -> dict[str, Any]:
        """A CloudEvent around `data`."""
        return {
            "specversion": "1.0",
            "type": kind,
            "source": "pbx/test",
            "id": event_id or uuid.uuid4().hex,
            "time": self.clock.now().isoformat(),
            "data": dict(data),
        }

    def publish(self, *events: Mapping[str, Any] | bytes) -> None:
        """Put events on the bus; bytes as they are."""
        publish(self.system.bus, [one if isinstance(one, bytes) else json.dumps(one).encode() for one in events])

    def publish_again(self, topic: str) -> None:
        """Put every message of one of our own topics on it once more."""
        with self.system.bus.subscribe((topic,), group=f"again-{uuid.uuid4().hex}") as subscription:
            seen: list[Delivery] = []
            wanted = sum(self.system.bus.end_offsets(topic).values())
            while len(seen) < wanted:
                seen += subscription.poll(limit=100, timeout_s=1.0)
        messages = [Message(topic=topic, key=(one.key or b"").decode(), value=one.value) for one in seen]
        self.system.bus.publish(messages)

    # what the workers do
    def drain(self, *names: str) -> int:
        """Run the steps (all by default) until nothing is left; returns how many deliveries or recordings."""
        return drained(drain(self.system, names or STEPS, pace=QUICK, speech=self.speech))

    # what a test looks at
    def outcomes(self) -> Sequence[EventOutcome]:
        """Every outcome, in the order of the decisions."""
        return self.system.catalogue.list_outcomes()

    def verdicts(self) -> list[str]:
        """Every outcome as ``outcome`` or ``outcome:reason``."""
        return [one.outcome + (f":{one.reason}" if one.reason else "") for one in self.outcomes()]

    def report(self) -> Report:
        """What a reconciliation finds."""
        return self.system.reconciler.reconcile()

    def landed(self) -> list[str]:
        """Names of the files that still lie in the watched folder."""
        spool = self.system.settings.spool_folder
        return sorted(str(one.relative_to(spool)) for one in spool.rglob("*") if one.is_file())
