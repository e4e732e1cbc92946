"""A whole system whose ports are in memory: the steps, the rules and the runtime are the real ones."""

from dataclasses import dataclass, field, replace
from typing import Any

from callwarden.accesslog.key.signer import open_signer
from callwarden.adapters.journal.catalogue import journalled
from callwarden.adapters.keys.file import FileKeyStore
from callwarden.model.hold import CaseState
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import Recording
from callwarden.wiring import System, shipped_config, topics
from callwarden.workers.processes.pace import Pace
from callwarden.workers.processes.running import drain
from tests.fakes.bus import MemoryBus
from tests.fakes.catalogue import FakeCatalogue
from tests.support.memory import (
    MemoryJournal,
    MemoryLanding,
    MemoryLogReader,
    MemoryLogWriter,
    MemoryVault,
    PrefixProbe,
)
from tests.support.quick import policy_of
from tests.support.scenarios import DPO, LEGAL, SECOND_LEGAL
from tests.support.site import Site, drained

PACE = Pace(threads=2, window=16, idle_poll_s=0, busy_wait_s=0.001, housekeeping_s=0, commit_every_s=0)
LINE = "customer-service"
SHIPPED_POLICY = shipped_config() / "policy.yaml"


@dataclass(slots=True)
class Workshop(Site):
    """A site in memory; only the key file lies on disk. `policy` may differ from the shipped one."""

    policy: Policy = field(default_factory=lambda: policy_of(SHIPPED_POLICY))
    parts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = {
            "policy": self.policy,
            "bus": MemoryBus(),
            "catalogue": FakeCatalogue(),
            "vault": MemoryVault(self.clock),
            "landing": MemoryLanding(self.policy.landing_areas, self.clock),
            "journal": MemoryJournal(),
            "probe": PrefixProbe(),
            "keys": FileKeyStore(self.home / "keys" / "keys.json", create=True),
            "signer": open_signer(self.home / "log.pem", f"callwarden.log/{self.policy.tenant}"),
        }
        self.parts["log_writer"] = MemoryLogWriter(self.parts["catalogue"])
        self.parts["log_reader"] = MemoryLogReader(self.parts["catalogue"])
        Site.__post_init__(self)
        self.parts["bus"].ensure_topics(topics(2))

    def _open(self) -> System:
        system = Site._open(self)
        system.stand_in(**self.parts)
        system.stand_in(
            opened_log=self.parts["log_reader"],
            opened_catalogue=self.parts["catalogue"],
            catalogue=journalled(self.parts["catalogue"], self.parts["journal"], self.clock),
        )
        system.stand_in(journal_replay=replace(system.journal_replay, marks=lambda: ()))  # no log, no checkpoints
        return system

    def land(self, name: str, content: bytes) -> str:
        landing, uri = self.parts["landing"], f"spool:{name}"
        landing.files[uri], landing.left_at[uri] = content, self.clock.now()
        return uri

    def event(self, call_id: str = "", *, audio: bytes | None = None, **changes: Any) -> dict[str, Any]:
        return Site.event(self, call_id, audio=b"a call" if audio is None else audio, **changes)

    def landed(self) -> list[str]:
        return sorted(self.parts["landing"].files)

    def drain(self, *names: str) -> int:
        return drained(drain(self.system, names or ("ingest", "objections", "holds"), pace=PACE))

    def say(self, kind: str, **data: Any) -> dict[str, Any]:
        """The event of an objection or a withdrawal, now, by telephone."""
        said = {"purposes": ["recording"], "channel": "phone", "at": self.clock.now().isoformat(), **data}
        return self.envelope(f"call.{kind}", said)

    # what a test looks at
    def recording(self, call_id: str) -> Recording:
        """The only recording of a call."""
        [found] = [one for one in self.system.catalogue.all_recordings() if one.call_id == call_id]
        return found

    def stored(self, call_id: str = "c-1", **changes: Any) -> RecordingId:
        """Publish a call and take it in."""
        self.publish(self.event(call_id, **changes))
        self.drain()
        return self.recording(call_id).recording_id

    def hold(self, *recordings: RecordingId, case: str = "DOSSIER-1") -> None:
        """Hold these for a case."""
        self.system.case_desk.open(LEGAL, CaseId(case), reason="dispute")
        self.system.hold_desk.place(LEGAL, CaseId(case), recordings)

    def release(self, case: str = "DOSSIER-1") -> CaseState:
        """Both people release a case."""
        self.system.hold_desk.release(LEGAL, CaseId(case))
        return self.system.hold_desk.release(SECOND_LEGAL, CaseId(case)).case.state

    def clean(self) -> bool:
        """Whether a reconciliation finds nothing and every event has its outcome."""
        report = self.report()
        assert report.breaches == ()
        assert report.balance.in_flight == 0
        return report.balance.balanced


def with_line(policy: Policy, **changes: Any) -> Policy:
    """The policy with its customer-service line changed."""
    lines = dict(policy.lines)
    [line] = [one for one in lines if one == LINE]
    lines[line] = replace(lines[line], **changes)
    return replace(policy, lines=lines)


__all__ = ["DPO", "LEGAL", "LINE", "SECOND_LEGAL", "Workshop", "with_line"]
