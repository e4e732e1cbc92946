"""The desk where a changed policy is proposed, seen for what it does to what is stored, and approved (K1, K2).

New calls are decided by the policy in force, whoever put it there. What is stored keeps the dates it was given until
two people have said otherwise: nothing is destroyed earlier, and nothing is kept longer, because a file was edited.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from callwarden.custody.redating import Redating
from callwarden.desks.acts import Acts, Doing
from callwarden.errors import ConfigurationError, RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import PolicyVersion
from callwarden.model.log_entry import make_entry_id
from callwarden.model.policy import Policy
from callwarden.model.policy_change import ChangeState, PolicyChange, Told
from callwarden.ports.clock import Clock
from callwarden.rules.people import same_person
from callwarden.rules.policy_change import PolicyEffect, changes, codes_of, statements
from callwarden.rules.policy_told import facts_of, told
from callwarden.rules.redating import DATED_BY, is_current, is_settled, is_waiting, periods_of
from callwarden.rules.rights import Act, ActRefusal

SHORTEST: Final = 8
"""So much of a version is enough to name it."""
LONGEST_TEXT: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the policy in force took the place of, and what it says otherwise."""

    version: PolicyVersion | None
    told: tuple[Told, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Changes, newest first. `waits`: recordings are dated by other periods than those in force, and nobody has
    approved that."""

    changes: Sequence[PolicyChange]
    waits: bool
    in_force: PolicyVersion
    before: PolicyVersion | None

    @property
    def proposals(self) -> Sequence[PolicyChange]:
        """What can be approved: of each policy the newest change, where it was proposed against what it takes the place
        of."""
        newest = {each.version: each for each in reversed(self.changes)}.values()
        return [
            each
            for each in newest
            if each.state is ChangeState.PROPOSED
            and not each.altered
            and is_current(each, in_force=self.in_force, before=self.before)
        ]

    @property
    def unfinished(self) -> Sequence[PolicyChange]:
        """What waits to be approved, waits for its policy, or is being applied; newest first."""
        going = (ChangeState.APPROVED, ChangeState.RUNNING)
        proposals = self.proposals
        return [each for each in self.changes if each.state in going or each in proposals]

    @property
    def is_unproposed(self) -> bool:
        """Whether the policy in force waits, and nobody has put it before whoever approves it."""
        return self.waits and all(each.version != self.in_force for each in self.proposals)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    redating: Redating
    before: Callable[[], Before]
    read: Callable[[str], Policy]
    """A policy of its text. Raises ConfigurationError."""

    def propose(self, actor: Actor, policy: Policy | str | None = None) -> tuple[PolicyChange, PolicyEffect]:
        """Say what a policy would change, and put it before whoever approves it; None: the one in force. Nothing else
        is done. Raises UsageError where there is nothing to approve, where it waits for approval already, and for a
        text that is no policy.
        """
        self.acts.admit(Act.POLICY_PROPOSE, actor)
        if isinstance(policy, str):
            policy = self._read(policy)
        stated = self.policy if policy is None else policy
        effect = self.redating.effect(stated)
        now = self.clock.now()
        with self.acts.perform(Act.POLICY_PROPOSE, actor) as doing:
            if stated.version == self.policy.version:
                former, said, codes = (before := self.before()).version, before.told, before.codes
                if self._settled(doing) and not effect.sooner + effect.later:
                    raise UsageError("this policy is in force and changes nothing of what is stored")
            else:
                former, said = self.policy.version, told(facts_of(self.policy), facts_of(stated))
                codes = codes_of(changes(statements(self.policy), statements(stated)))
            if open_one := _open(doing, stated.version, former):
                raise UsageError(
                    f"this policy is proposed already: {open_one.change_id} waits for approval "
                    "(callwarden policy changes); callwarden policy withdraw takes it back"
                )
            change = PolicyChange(
                change_id=f"pol-{make_entry_id(now, os.urandom(10))}",
                version=stated.version,
                former=former,
                time_zone=stated.time_zone.key,
                lines=periods_of(stated),
                told=said,
                sooner=effect.sooner,
                later=effect.later,
                proposed_by=actor.name,
                proposed_at=now,
            )
            doing.tx.policy_changes.save(change)
            doing.subject, doing.reasons = change.change_id, codes
            doing.count, doing.digest = effect.sooner + effect.later, digest_of(stated.version)
        return change, effect

    def approve(self, actor: Actor, named: str, *, at_once: bool = False) -> PolicyChange:
        """Be the second person for the newest proposal of this version, or of this id. What is stored is dated
        anew once its policy is in force: by the next sweep, or with `at_once` before this returns. Refused:
        ``unknown``, ``same_person``. Raises UsageError where another policy came into force since it was proposed."""
        with self.acts.perform(Act.POLICY_APPROVE, actor) as doing:
            change = _named(doing, named)
            doing.subject, doing.digest = change.change_id, digest_of(change.version)
            doing.second_person(change.proposed_by)
            if not is_current(change, in_force=self.policy.version, before=self.before().version):
                raise UsageError(
                    f"another policy came into force since {change.change_id} was proposed: withdraw it (callwarden "
                    "policy withdraw), see what its policy would change now, and propose it again"
                )
            change = replace(change, state=ChangeState.APPROVED, approved_by=actor.name, approved_at=self.clock.now())
            doing.tx.policy_changes.save(change)
            doing.count = change.sooner + change.later
        if not at_once:
            return change
        for _ in self.redating.run(change.change_id):
            pass
        with self.acts.catalogue.snapshot() as tx:
            return tx.policy_changes.get(change.change_id) or change

    def withdraw(self, actor: Actor, named: str) -> PolicyChange:
        """Take back the newest proposal of this version, or of this id, that nobody has approved: whoever proposed it,
        and the officer. Refused: ``unknown``, ``not_permitted``."""
        with self.acts.perform(Act.POLICY_WITHDRAW, actor) as doing:
            change = _named(doing, named)
            doing.subject, doing.digest = change.change_id, digest_of(change.version)
            if not may_withdraw(actor, change):
                raise RefusedError(
                    (ActRefusal.NOT_PERMITTED.value,),
                    "whoever proposed it withdraws it, or the data protection officer",
                )
            now = self.clock.now()
            change = replace(change, state=ChangeState.WITHDRAWN, withdrawn_by=actor.name, ended_at=now)
            doing.tx.policy_changes.save(change)
        return change

    def listed(self, actor: Actor) -> Standing:
        """Every change there ever was, and whether one waits."""
        with self.acts.perform(Act.POLICY_CHANGES, actor) as doing:
            found = doing.tx.policy_changes.all()
            waits = is_waiting(doing.tx.landmarks.get(DATED_BY), found, self.policy)
            standing = Standing(changes=found, waits=waits, in_force=self.policy.version, before=self.before().version)
            doing.count = len(standing.changes)
        return standing

    def _read(self, text: str) -> Policy:
        if len(text) > LONGEST_TEXT:
            raise UsageError(f"this text is no policy: it has more than {LONGEST_TEXT} characters")
        try:
            return self.read(text)
        except ConfigurationError as error:
            raise UsageError(f"this text is no policy: {error}") from error

    def _settled(self, doing: Doing) -> bool:
        return is_settled(doing.tx.landmarks.get(DATED_BY), self.policy)


def digest_of(version: PolicyVersion) -> str:
    """As it stands in the log."""
    return version.removeprefix("sha256:")


def may_withdraw(actor: Actor, change: PolicyChange) -> bool:
    """Whether this proposal is theirs to take back, or everybody's is, as the officer's."""
    return actor.role is Role.DPO or same_person(change.proposed_by, actor.name)


def _open(doing: Doing, version: PolicyVersion, former: PolicyVersion | None) -> PolicyChange | None:
    """The proposal of this very change that waits."""
    for each in doing.tx.policy_changes.all():
        if each.state is ChangeState.PROPOSED and not each.altered and (each.version, each.former) == (version, former):
            return each
    return None


def _named(doing: Doing, named: str) -> PolicyChange:
    wanted = named.removeprefix("sha256:").lower()
    for each in doing.tx.policy_changes.all():
        of_it = len(wanted) >= SHORTEST and digest_of(each.version).startswith(wanted)
        if each.state is ChangeState.PROPOSED and not each.altered and (of_it or each.change_id == named):
            change = doing.tx.policy_changes.get(each.change_id, lock=True)
            if change is not None and change.state is ChangeState.PROPOSED:
                return change
    raise RefusedError((ActRefusal.UNKNOWN.value,), "no such proposal: see callwarden policy changes")
