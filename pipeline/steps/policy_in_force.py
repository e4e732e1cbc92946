"""Writes into the access log that another policy has come into force, before the first decision by it (L1).

What the policy said that was in force before is kept with the rows, so that the entry can say what changed.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation, make_entry_id
from callwarden.model.paper import SheetDates
from callwarden.model.policy import Policy
from callwarden.model.policy_change import Told
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.rules.papers.prints import prints_of
from callwarden.rules.policy_change import Change, changes, codes_of, statements
from callwarden.rules.policy_told import facts_of, told
from callwarden.rules.redating import DATED_BY, dated_by

IN_FORCE: Final = "policy-in-force"
_PROGRAM: Final = "service:policy"


KEPT: Final = 20
"""Policies before the one in force of which it is known what they said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNote:
    """A policy that was in force; `since` is None where an older version noted it."""

    version: str
    since: datetime | None
    changes: tuple[Change, ...]
    told: tuple[Told, ...] = ()
    """The same for callers and for staff; empty where an older version noted one of the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """`by` gives the name in the log of the person who starts a program under this policy; of a program that starts by
    itself nothing personal is in the entry, and no key is needed."""

    policy: Policy
    catalogue: Catalogue
    clock: Clock
    by: Callable[[], str] | None = None

    def note(self) -> tuple[str, ...]:
        """Note that this policy is in force; the codes of what it changed, empty where it was in force already or is
        the system's first. Costs one look where nothing changed. Raises RetryableError."""
        with self.catalogue.snapshot() as tx:
            if self._is_known(tx.landmarks.get(IN_FORCE)):
                return ()
        new = statements(self.policy)
        with self.catalogue.transaction() as tx:
            written = tx.landmarks.get(IN_FORCE)
            old_version = _version(written)
            if self._is_known(written):
                return ()  # another process has just noted it
            same = written is not None and old_version == self.policy.version
            now = json.loads(written or "{}").get("since") if same else self.clock.now().isoformat()
            known = {
                "version": self.policy.version,
                "says": new,
                "facts": facts_of(self.policy),
                "since": now,
                "sheets": _sheets(written, self.policy, now),
                "before": _before(written, self.policy.version),
                "retentions": sorted(
                    {*_retentions(written), *(str(line.retention) for line in self.policy.lines.values())}
                ),
            }
            tx.landmarks.save(IN_FORCE, json.dumps(known))
            tx.landmarks.save(DATED_BY, dated_by(tx.landmarks.get(DATED_BY), self.policy))
            if written is None or old_version is None or old_version == self.policy.version:
                return ()
            codes = codes_of(changes(json.loads(written)["says"], new))
            tx.log.append([self._entry(old_version, codes)])
        return codes

    def retentions(self) -> frozenset[str]:
        """The periods of every policy there was: objects may carry their tags."""
        with self.catalogue.snapshot() as tx:
            return frozenset(_retentions(tx.landmarks.get(IN_FORCE)))

    def _is_known(self, written: str | None) -> bool:
        """Whether it is noted, and with all that this version notes."""
        return written is not None and _version(written) == self.policy.version and "sheets" in json.loads(written)

    def sheets(self) -> dict[str, SheetDates]:
        """When each sheet of the register appeared and last changed, by its reference; none where another policy is in
        force."""
        with self.catalogue.snapshot() as tx:
            written = tx.landmarks.get(IN_FORCE)
        noted = json.loads(written).get("sheets", {}) if _version(written) == self.policy.version and written else {}
        return {
            name: SheetDates(created=self._day(each["created"]), updated=self._day(each["updated"]))
            for name, each in noted.items()
        }

    def _day(self, at: str | None) -> date | None:
        return None if at is None else datetime.fromisoformat(at).astimezone(self.policy.time_zone).date()

    def history(self) -> list[PolicyNote]:
        """The policies that were in force, the newest first, and what each changed of the one before."""
        with self.catalogue.snapshot() as tx:
            written = tx.landmarks.get(IN_FORCE)
        if written is None:
            return []
        known = json.loads(written)
        noted = [known, *known.get("before", [])]
        return [
            PolicyNote(
                version=each["version"],
                since=datetime.fromisoformat(each["since"]) if each.get("since") else None,
                changes=tuple(changes(noted[number + 1]["says"], each["says"])) if number + 1 < len(noted) else (),
                told=_told(noted[number + 1], each) if number + 1 < len(noted) else (),
            )
            for number, each in enumerate(noted)
        ]

    def _entry(self, old_version: str, codes: tuple[str, ...]) -> LogEntry:
        now = self.clock.now()
        return LogEntry(
            entry_id=make_entry_id(now, os.urandom(10)),
            at=now,
            actor=_PROGRAM if self.by is None else self.by(),
            operation=Operation.POLICY_CHANGED,
            outcome=EntryOutcome.DONE,
            reasons=codes,
            policy_version=self.policy.version,
            digest=_digest(self.policy.version),
            correlation=_digest(old_version),
        )


def _sheets(written: str | None, policy: Policy, now: str | None) -> dict[str, dict[str, str | None]]:
    """Each sheet as it is printed, since when, and since when there is one. Of what an older version noted of several
    policies it is not known which of them changed a sheet."""
    known = json.loads(written or "{}")
    first = written is None or (known["version"] == policy.version and not known.get("before"))
    old = known.get("sheets") or {}
    unknown = not (first or old)
    sheets: dict[str, dict[str, str | None]] = {}
    for name, printed in prints_of(policy).items():
        was = old.get(name, {})
        same = was.get("printed") == printed
        appeared = was["created"] if was else None if unknown else now
        updated = was["updated"] if same else None if unknown else now
        sheets[name] = {"printed": printed, "created": appeared, "updated": updated}
    return sheets


def _told(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Told, ...]:
    return told(old["facts"], new["facts"]) if old.get("facts") and new.get("facts") else ()


def _retentions(written: str | None) -> list[str]:
    return [] if written is None else list(json.loads(written).get("retentions", ()))


def _before(written: str | None, version: str) -> list[dict[str, object]]:
    """What is known of the policies before, the one that was in force until now first."""
    if written is None:
        return []
    known = json.loads(written)
    if known["version"] == version:
        return list(known.get("before", []))
    last = {name: known.get(name) for name in ("version", "says", "facts", "since")}
    return [last, *known.get("before", [])][:KEPT]


def _version(written: str | None) -> str | None:
    return None if written is None else str(json.loads(written)["version"])


def _digest(version: str) -> str:
    return version.removeprefix("sha256:")
