"""A small system with something of everything in it, and an older state of it, for attackers to try their hands on."""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from callwarden.model.access import Actor, Readable, Role
from callwarden.model.break_glass import GlassId
from callwarden.model.criteria import Asked
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CaseId, LineId, RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.request import RequestType
from tests.support.site import MovableClock, Site

BEGUN = datetime(2026, 10, 25, 12, tzinfo=UTC)
LOOKED_AT = datetime(2026, 11, 5, 12, tzinfo=UTC)
CASE = CaseId("DOSSIER-1")

LEGAL = Actor(role=Role.LEGAL, name="bruno")
SECOND = Actor(role=Role.LEGAL, name="brigitte")
DPO = Actor(role=Role.DPO, name="denise")
INVESTIGATOR = Actor(role=Role.INVESTIGATOR, name="irene")
SONIA = Actor(role=Role.SUPERVISOR, name="sonia")
OPERATOR = Actor(role=Role.OPERATOR, name="otto")
TRAINER = Actor(role=Role.TRAINER, name="alice")
NARROW = Actor(role=Role.INVESTIGATOR, name="ines", lines=frozenset({LineId("monitoring-centre")}))

_HALF_A_YEAR_OLD = datetime(2026, 4, 30, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Town:
    """A home, the older state of it, and the names of what is in it. `ids` by call: kept, held, over, objected, gone,
    strange, closed, late, cleared."""

    home: Path
    older: Path
    ids: dict[str, RecordingId]
    tokens: dict[str, str]
    token_ids: dict[str, str]
    glass: GlassId
    objections: dict[str, str]

    def at(self, home: Path) -> "Town":
        """The same town, elsewhere."""
        shutil.copytree(self.home, home)
        return replace(self, home=home)

    def open(self) -> Site:
        """The system, at the moment it is looked at."""
        return Site(self.home, clock=MovableClock(LOOKED_AT), overrides=_ALONE)

    # what somebody without the keys can do
    def sql(self, *statements: str, **values: Any) -> None:
        """Write past the system."""
        with closing(sqlite3.connect(self.home / "catalogue.db")) as database, database:
            for statement in statements:
                database.execute(statement, {name: one for name, one in values.items() if f":{name}" in statement})

    def select(self, statement: str, *, older: bool = False) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect((self.older if older else self.home) / "catalogue.db")) as database:
            return database.execute(statement).fetchall()

    def put_back(self, table: str, where: str) -> None:
        """The older state's rows in the place of today's."""
        columns = [row[1] for row in self.select(f"PRAGMA table_xinfo({table})") if row[6] == 0]
        names = ", ".join(f'"{one}"' for one in columns)
        rows = self.select(f"SELECT {names} FROM {table} WHERE {where}", older=True)
        assert rows, "the older state has such a row"
        marks = ", ".join("?" * len(columns))
        with closing(sqlite3.connect(self.home / "catalogue.db")) as database, database:
            database.executemany(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", rows)

    def put_database_back(self) -> None:
        """The whole older catalogue, with its log."""
        for name in ("catalogue.db", "catalogue.db-wal", "catalogue.db-shm"):
            (self.home / name).unlink(missing_ok=True)
        shutil.copy2(self.older / "catalogue.db", self.home / "catalogue.db")

    def objects(self, call: str) -> Sequence[Path]:
        """The files of a recording's versions."""
        found = (self.home / "vault" / "objects").rglob("@*")
        return sorted(one for one in found if self.ids[call] in str(one) and not one.name.endswith(".held"))

    def checkpoints(self) -> Sequence[Path]:
        """From the oldest to the newest."""
        return sorted((self.home / "checkpoints").glob("*.checkpoint"))

    @property
    def journal(self) -> Path:
        return self.home / "erasures" / "journal.log"


_ALONE = {"partitions": 1, "threads": 2}


def build(folder: Path) -> Town:
    """Half a month in the life of a system."""
    home, older = folder / "home", folder / "older"
    clock = MovableClock(BEGUN)
    with Site(home, clock=clock, overrides=_ALONE) as site:
        system = site.system
        _calls(site)
        ids = {
            str(one.call_id): RecordingId(str(one.recording_id))
            for one in site.outcomes()
            if one.recording_id is not None
        }
        with system.catalogue.transaction() as tx:
            [closed] = tx.recordings.get([ids["closed"]], lock=True).values()
            tx.recordings.save([replace(closed, restricted=True)])
            tx.redactions.save([_released(ids["closed"], BEGUN)])
        desk = system.token_desk
        issued = {
            name: desk.issue(OPERATOR, actor, lasts=timedelta(days=90), once=once)
            for name, actor, once in (
                ("trainer", TRAINER, False),
                ("narrow", NARROW, False),
                ("revoked", INVESTIGATOR, False),
                ("spent", INVESTIGATOR, True),
            )
        }
        objections = {
            name: system.objection_desk.add(
                DPO, ObjectionScope(customer_id=name), frozenset({"training"}), channel="mail", source=name
            ).objection.objection_id
            for name in ("C-stands", "C-withdrawn", "C-later")
        }  # fmt: skip
        system.case_desk.open(LEGAL, CASE, reason="dispute")
        _read(site, INVESTIGATOR, Purpose.FRAUD_CONTROL, ids["kept"])
        _sign(site)
    shutil.copytree(home, older)

    clock.move(timedelta(days=3))
    with Site(home, clock=clock, overrides=_ALONE) as site:
        system = site.system
        system.hold_desk.place(LEGAL, CASE, [ids["held"]])
        system.placement_desk.place(LEGAL, CASE, Asked(customer="C-later"))
        system.request_desk.open(DPO, RequestType.ACCESS, customer_id="C-later")
        system.token_desk.revoke(OPERATOR, issued["revoked"][0].token_id)
        system.doorkeeper.actor_of(issued["spent"][1])
        system.objection_desk.withdraw(DPO, ObjectionScope(customer_id="C-withdrawn"), frozenset())
        _decide_otherwise(site, ids)
        assert [len(one.disposed) for one in system.sweep.rounds()] == [1]
        for _ in range(3):
            _read(site, LEGAL, Purpose.DISPUTE, ids["held"])
        _sign(site)
    clock.move(timedelta(days=6))
    with Site(home, clock=clock, overrides=_ALONE) as site:
        list(site.system.sweep.rounds())  # nothing is due; the clock is believed
        _sign(site)  # October is sealed
        clock.instant = LOOKED_AT - timedelta(minutes=10)
        _read(site, INVESTIGATOR, Purpose.FRAUD_CONTROL, ids["kept"])
        request = site.system.break_glass_desk.request(
            SONIA, Purpose.STAFF_PROTECTION, ids["kept"], Readable.ORIGINAL_AUDIO, reason="a threat"
        )
        list(site.system.sweep.rounds())
        _sign(site)
        _read(site, LEGAL, Purpose.DISPUTE, ids["held"])  # waits for its number
    return Town(
        home=home,
        older=older,
        ids=ids,
        tokens={name: text for name, (_, text) in issued.items()},
        token_ids={name: str(token.token_id) for name, (token, _) in issued.items()},
        glass=request.request_id,
        objections=objections,
    )


def _released(one: RecordingId, at: datetime) -> RedactionRecord:
    return RedactionRecord(
        recording_id=one, generation=1, version="1", status=RedactionStatus.RELEASED, reasons=(), decided_at=at
    )


def _decide_otherwise(site: Site, ids: dict[str, RecordingId]) -> None:
    """What an older row does not know: an objection to one use, a quarantine that ended, a redaction withdrawn."""
    desk, now = site.system.objection_desk, site.clock.now()
    scope = ObjectionScope(customer_id="C-late")
    desk.add(DPO, scope, frozenset({"dispute"}), channel="mail", source="late")
    with site.system.catalogue.transaction() as tx:
        rows = tx.recordings.get([ids["cleared"], ids["kept"]], lock=True)
        line = rows[ids["kept"]].line
        stored = replace(rows[ids["cleared"]], state=RecordingState.STORED, quarantine_reason=None, line=line)
        tx.recordings.save([stored])
        tx.redactions.save([replace(_released(ids["closed"], now), status=RedactionStatus.WITHDRAWN)])


def _calls(site: Site) -> None:
    def call(name: str, ended: datetime, **changes: Any) -> dict[str, Any]:
        times = {"started_at": (ended - timedelta(seconds=30)).isoformat(), "ended_at": ended.isoformat()}
        return site.event(
            name, **{"caller": {"number": "+33639980001", "customer_id": f"C-{name}"}, **times, **changes}
        )

    yesterday = BEGUN - timedelta(days=1)
    site.publish(
        call("kept", yesterday),
        call("held", _HALF_A_YEAR_OLD),
        call("over", _HALF_A_YEAR_OLD + timedelta(days=5, hours=1)),
        call("gone", _HALF_A_YEAR_OLD - timedelta(days=4)),
        call("objected", yesterday, objections=["dispute"]),
        call("strange", yesterday, line="a-line-nobody-knows"),
        call("closed", yesterday),
        call("late", yesterday),
        call("cleared", yesterday, line="another-nobody-knows"),
    )
    site.drain("ingest", "objections")


def _read(site: Site, actor: Actor, purpose: Purpose, one: RecordingId) -> None:
    site.system.gate.read(actor, purpose, one, Readable.ORIGINAL_AUDIO).read_all()


def _sign(site: Site) -> None:
    site.system.log_book.checkpoint(wait_s=5)
