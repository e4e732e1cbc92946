"""The desk of tests on real calls (U8): tests use synthetic data (`callwarden sample make`); where only real calls will
do, one person says why, and the data protection officer opens some, redacted, drawn by lot, for a limited time."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final

from callwarden.custody.deciding import Decider
from callwarden.desks.acts import Acts, Doing
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, service
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import make_entry_id
from callwarden.model.permission import Permission, PermissionId, PermissionState, Wanted
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.ports.clock import Clock
from callwarden.rules.experiments import drawn
from callwarden.rules.people import person
from callwarden.rules.permissions import checked, permission_state, scope_of
from callwarden.rules.reading import Allow, may_test
from callwarden.rules.rights import Act, ActRefusal

ENDS: Final = service("testing")
"""Writes down what time has ended."""
_FOR: Final = Purpose.QUALITY.value
_PORTION: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPermission:
    """A permission, and where it stands."""

    permission: Permission
    state: PermissionState


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTestingDesk:
    """Each method is an act of somebody. Raises RefusedError, UsageError, RetryableError. Thread-safe."""

    acts: Acts
    policy: Policy
    clock: Clock
    decider: Decider

    def ask(self, actor: Actor, wanted: Wanted) -> Permission:
        """Ask for real calls to test on. Nothing opens before the data protection officer has approved. Refused,
        ``not_permitted``, where the policy lets nobody of this role test on real calls."""
        now = self.clock.now()
        with self.acts.perform(Act.TESTING_ASK, actor, purpose=_FOR) as doing:
            limits = self.policy.testing
            if limits is None or not may_test(actor.role, Purpose.QUALITY, policy=self.policy):
                raise RefusedError(
                    (ActRefusal.NOT_PERMITTED.value,),
                    "the policy lets nobody of your role test on real calls: callwarden sample make writes others",
                )
            today = now.astimezone(self.policy.time_zone).date()
            wanted = checked(wanted, limits=limits, lines=self.policy.lines, today=today)
            if actor.lines is not None and wanted.line not in actor.lines:
                raise RefusedError((ActRefusal.NOT_PERMITTED.value,), "this is none of your lines")
            permission = Permission(
                **{name: getattr(wanted, name) for name in Wanted.__dataclass_fields__},
                permission_id=PermissionId(f"testing-{make_entry_id(now, os.urandom(10))}"),
                role=actor.role,
                asked_by=actor.name,
                asked_at=now,
                ends_at=datetime.combine(wanted.until, time(), self.policy.time_zone),
            )
            doing.tx.permissions.save(permission)
            doing.subject, doing.count = permission.permission_id, permission.number
        return permission

    def approve(self, actor: Actor, permission_id: PermissionId) -> Permission:
        """Be the second person: draw the recordings, and open them until its end. Raises UsageError where it does not
        wait, and where no recording of its scope could be read."""
        self.acts.admit(Act.TESTING_APPROVE, actor)
        with self.acts.catalogue.snapshot() as tx:
            asked = tx.permissions.get(permission_id)
        chosen = () if asked is None else self._drawn(asked)  # may take a while: no transaction waits for it
        now = self.clock.now()
        with self.acts.perform(Act.TESTING_APPROVE, actor, purpose=_FOR) as doing:
            permission = _named(doing, permission_id)
            doing.second_person(permission.asked_by)
            state = permission_state(permission, now=now)
            if state is not PermissionState.WAITING:
                when = (
                    ""
                    if permission.approved_at is None
                    else f", approved at {permission.approved_at:%Y-%m-%d %H:%M:%SZ}"
                )
                raise UsageError(f"{permission_id} is {state.value}{when}: only one that waits can be approved")
            if not chosen:
                raise UsageError("no recording of these days and this line can be read by who asked, redacted")
            permission = replace(permission, recordings=chosen, approved_by=actor.name, approved_at=now)
            doing.tx.permissions.save(permission)
            doing.count, doing.digest = len(chosen), hashlib.sha256("\n".join(chosen).encode()).hexdigest()
        return permission

    def listed(self, actor: Actor) -> Sequence[ListedPermission]:
        """Newest first: to who approves and to auditors every one, to anybody else their own."""
        now = self.clock.now()
        with self.acts.perform(Act.TESTING_LIST, actor) as doing:
            found = [one for one in doing.tx.permissions.find() if self._sees_all(actor) or _is_theirs(one, actor)]
            doing.count = len(found)
        return [ListedPermission(permission=one, state=permission_state(one, now=now)) for one in found]

    def end(self, actor: Actor, permission_id: PermissionId) -> Permission:
        """Close it before its time, or take it back: from now on it opens nothing. By who asked, and by who approves;
        to anybody else it is ``unknown``. Raises UsageError where it has ended already."""
        with self.acts.perform(Act.TESTING_CLOSE, actor, purpose=_FOR) as doing:
            permission = _named(doing, permission_id)
            if not (self.acts.rights[Act.TESTING_APPROVE].is_for(actor) or _is_theirs(permission, actor)):
                raise RefusedError((ActRefusal.UNKNOWN.value,))
            if permission.ended_at is not None:
                at = f"{permission.ended_at:%Y-%m-%d %H:%M:%SZ}"
                if permission.ended_at >= permission.ends_at:
                    raise UsageError(f"nothing was changed: {permission_id} was ended already, by its end, at {at}")
                raise UsageError(
                    f"nothing was changed: {permission_id} was ended already, by whoever asked for it or a data "
                    f"protection officer, at {at}"
                )
            permission = replace(permission, ended_at=self.clock.now())
            doing.tx.permissions.save(permission)
        return permission

    def end_due(self, actor: Actor) -> int:
        """Write into the log the end of what time has ended; how many."""
        now = self.clock.now()
        with self.acts.catalogue.snapshot() as tx:
            over = [one.permission_id for one in tx.permissions.find(unended=True) if one.ends_at <= now]
        for one in over:
            with self.acts.perform(Act.TESTING_END, actor, purpose=_FOR) as doing:
                permission = _named(doing, one)
                if permission.ended_at is not None or permission.ends_at > now:
                    doing.silent = True
                    continue
                doing.tx.permissions.save(replace(permission, ended_at=now))
        return len(over)

    def _sees_all(self, actor: Actor) -> bool:
        return not self.acts.rights[Act.TESTING_ASK].is_for(actor)

    def _drawn(self, permission: Permission) -> tuple[RecordingId, ...]:
        return drawn(self._readable(permission), sample=permission.number, seed=permission.permission_id)

    def _readable(self, permission: Permission) -> Iterator[RecordingId]:
        """What of its scope who asked could read, were it open to them."""
        scope = scope_of(permission, self.policy.time_zone)
        reader = Actor(role=permission.role, name=permission.asked_by)
        after: RecordingId | None = None
        while True:
            with self.acts.catalogue.snapshot() as tx:
                ids = tx.placements.matching(scope, after=after, limit=_PORTION)
                whats = (Readable.REDACTED_TRANSCRIPT,)
                found = self.decider.ask_each(reader, Purpose.QUALITY, ids, whats, tx, testing=True) if ids else {}
            yield from (one for one in ids if isinstance(found[one][0], Allow))
            if len(ids) < _PORTION:
                return
            after = ids[-1]


def _named(doing: Doing, permission_id: PermissionId) -> Permission:
    permission = doing.tx.permissions.get(permission_id, lock=True)
    if permission is None:
        raise RefusedError((ActRefusal.UNKNOWN.value,), "no such permission: see callwarden testing list")
    doing.subject = permission.permission_id
    return permission


def _is_theirs(permission: Permission, actor: Actor) -> bool:
    return (permission.role, person(permission.asked_by)) == (actor.role, person(actor.name))
