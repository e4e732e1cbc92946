"""Looks at a system as the people do who use it: what opens, what is shown, who raises the alarm."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from callwarden.errors import CallwardenError, RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.ports.log import LogDamagedError
from callwarden.rules.certificate import check_certificate
from callwarden.rules.signed_document import SignedDocumentError
from callwarden.wiring import System, trusted_keys
from tests.support.site import Site
from tests.tamper.town import CASE, DPO, INVESTIGATOR, LEGAL, SECOND, SONIA, Town

_AUDIO = Readable.ORIGINAL_AUDIO


@dataclass(slots=True)
class Seen:
    """What came of it. `alarms` as ``who: what``; `opened` is what is closed and opened all the same; `lost` is what
    has to stay and went, or has to be shown and was left out without a word."""

    alarms: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)

    @contextmanager
    def by(self, who: str) -> Iterator[None]:
        """What is raised inside is an alarm of theirs."""
        try:
            yield
        except RefusedError as error:
            self.alarms.update(f"{who}: {reason}" for reason in error.reasons)
        except CallwardenError as error:
            self.alarms.add(f"{who}: {type(error).__name__}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the log shows of a system nobody has touched."""

    of_held: tuple[str, ...]
    of_kept: tuple[str, ...]
    told: int


def evidence(town: Town) -> Evidence:
    with town.open() as site:
        reader = site.system.log_book.reader
        return Evidence(
            of_held=tuple(one.entry.entry_id for one in reader.entries(subjects=[town.ids["held"]])),
            of_kept=tuple(one.entry.entry_id for one in reader.entries(subjects=[town.ids["kept"]])),
            told=sum(one.times for one in site.system.consultations.of(DPO, number="+33639980001").consultations),
        )


def look(town: Town, before: Evidence) -> Seen:
    """Everything, once. What cannot even be opened serves nobody: then that is all."""
    seen = Seen()
    site: Site | None = None
    with seen.by("start"):
        site = town.open()
        _ = site.system.catalogue
        _ = site.system.keys
    if site is None:
        return seen
    with site:
        if seen.alarms:
            with seen.by("reconcile"):
                seen.alarms.update(f"reconcile: {one.code}" for one in site.report().breaches)
            return seen
        _at_the_log(site.system, town, before, seen)
        _at_reconcile(site, seen)
        _at_the_doors(site.system, town, seen)
        _at_custody(site.system, town, seen)
        _at_the_sweep(site.system, town, seen)
    return seen


def _at_the_log(system: System, town: Town, before: Evidence, seen: Seen) -> None:
    with seen.by("log"):
        book = system.log_book
        for name, ids in (("held", before.of_held), ("kept", before.of_kept)):
            with seen.by("log list"):
                shown = [one.entry.entry_id for one in book.reader.entries(subjects=[town.ids[name]])]
                if set(ids) - set(shown):
                    seen.lost.add(f"readings of {name}, from log list")
        with seen.by("consultations"):
            if (
                sum(one.times for one in system.consultations.of(DPO, number="+33639980001").consultations)
                < before.told
            ):
                seen.lost.add("readings, from what the person concerned is shown")
        with seen.by("log verify"):
            report = book.verify()
            seen.alarms.update(f"log verify: {one.kind}" for one in report.faults)
            if not report.outside:
                seen.alarms.add("log verify: no outside checkpoint")
        with seen.by("log status"):
            if system.log_reader.status(outside=True).missing_outside:
                seen.alarms.add("log status: missing_outside")
        with seen.by("sequencer"), book.sequencer():
            pass


def _at_reconcile(site: Site, seen: Seen) -> None:
    with seen.by("reconcile"):
        seen.alarms.update(f"reconcile: {one.code}" for one in site.report().breaches)


def _at_the_doors(system: System, town: Town, seen: Seen) -> None:
    """What opens to the right people, and does not to the others."""

    def reads(actor: Actor, purpose: Purpose, call: str) -> Callable[[], object]:
        return lambda: system.gate.read(actor, purpose, town.ids[call], _AUDIO).read_all()

    with seen.by("read"):
        reads(LEGAL, Purpose.DISPUTE, "held")()
    with seen.by("read"):
        reads(INVESTIGATOR, Purpose.FRAUD_CONTROL, "kept")()
    for name in ("trainer", "narrow"):
        with seen.by("token"):
            actor = system.doorkeeper.actor_of(town.tokens[name])
            if actor.role not in (Role.TRAINER, Role.INVESTIGATOR) or (name == "narrow" and actor.lines is None):
                seen.opened.add("another role or a wider scope to a token")
    doors = {
        "an original to a supervisor, without approval": reads(SONIA, Purpose.STAFF_PROTECTION, "kept"),
        "what is past its period": reads(INVESTIGATOR, Purpose.FRAUD_CONTROL, "over"),
        "what is held, to another purpose than the dispute": reads(INVESTIGATOR, Purpose.FRAUD_CONTROL, "held"),
        "what was objected to": reads(LEGAL, Purpose.DISPUTE, "objected"),
        "what was objected to later": reads(LEGAL, Purpose.DISPUTE, "late"),
        "what is quarantined": reads(INVESTIGATOR, Purpose.FRAUD_CONTROL, "strange"),
        "what is restricted": reads(INVESTIGATOR, Purpose.FRAUD_CONTROL, "closed"),
        "what is destroyed": reads(INVESTIGATOR, Purpose.FRAUD_CONTROL, "gone"),
        "the system to a revoked token": lambda: system.doorkeeper.actor_of(town.tokens["revoked"]),
        "the system to a spent token": lambda: system.doorkeeper.actor_of(town.tokens["spent"]),
    }
    for name, door in doors.items():
        try:
            door()
        except CallwardenError:
            continue
        seen.opened.add(name)


def _at_custody(system: System, town: Town, seen: Seen) -> None:
    with seen.by("custody"):
        if not system.custody_desk.record(LEGAL, town.ids["held"]).unbroken:
            seen.alarms.add("custody: broken")
    with system.catalogue.snapshot() as tx:
        found = tx.certificates.get([RecordingId(town.ids["gone"])])
    if not found:
        seen.lost.add("the certificate of what is destroyed")
    for one in found:
        try:
            check_certificate(one.document, trusted=trusted_keys(None, system))
        except SignedDocumentError:
            seen.alarms.add("certificate: not genuine")


def _at_the_sweep(system: System, town: Town, seen: Seen) -> None:
    """The last look, as it destroys; and one person, who asks for and confirms a release."""
    there = {name: list(map(Path.exists, town.objects(name))) for name in ("kept", "held", "closed")}
    with seen.by("sweep"):
        for batch in system.sweep.rounds():
            if any(one.held_in_vault for one in batch.disposed):
                seen.alarms.add("sweep: held_in_vault")
    for name, objects in there.items():
        if objects and not town.objects(name):
            seen.lost.add(f"what is {name}, to the sweep")
    try:
        if not system.hold_desk.release(SECOND, CASE).waiting_for_second:
            seen.opened.add("a release of a hold by one person")
    except (CallwardenError, LogDamagedError):
        pass
