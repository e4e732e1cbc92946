"""May they do this? One pure table: act → roles, scope, one person or two (U2, L1).

Reading what callers said is `callwarden.rules.reading`'s; this is everything else people do. An act that is not in the
table cannot be performed. Somebody narrowed to lines or agents acts on recordings of theirs only, and of any other
gets the answer for one that does not exist: ``unknown``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from callwarden.model.access import MACHINES, Actor, Role
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.recording import Recording
from callwarden.rules.reading import in_scope, is_scoped


class Act(StrEnum):
    """What can be done; closed vocabulary. A refusal's log entry names the act among its reasons."""

    QUARANTINE_LIST = "quarantine.list"
    QUARANTINE_SHOW = "quarantine.show"
    QUARANTINE_OPEN = "quarantine.open"
    QUARANTINE_HEAR = "quarantine.hear"
    QUARANTINE_CLEAR = "quarantine.clear"
    QUARANTINE_RETRY = "quarantine.retry"
    QUARANTINE_DISCARD = "quarantine.discard"
    DEADLETTERS_LIST = "deadletters.list"
    DEADLETTERS_SHOW = "deadletters.show"
    DEADLETTERS_OPEN = "deadletters.open"
    DEADLETTERS_RETRY = "deadletters.retry"
    DEADLETTERS_DISCARD = "deadletters.discard"
    DISPOSE_ASK = "dispose.ask"
    DISPOSE_CONFIRM = "dispose.confirm"
    LOG_EXPIRE = "log.expire"
    JOURNAL_ADOPT = "journal.adopt"


class Scope(StrEnum):
    """What an act is about, and so what being narrowed to lines or agents does to it."""

    RECORDING = "recording"
    """One recording, which has to be theirs."""
    EACH = "each"
    """A list: they get those items that are theirs. The desk filters with `in_scope`."""
    WHOLE = "whole"
    """The system, or something of no known line: for nobody who is narrowed."""


class ActRefusal(StrEnum):
    """Why an act is refused by the table; documented in docs/reasons.md."""

    NOT_PERMITTED = "not_permitted"
    UNKNOWN = "unknown"
    SAME_PERSON = "same_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Who may perform an act, and how it stands in the access log once it is done."""

    roles: frozenset[Role]
    scope: Scope
    entry: Operation
    outcome: EntryOutcome = EntryOutcome.DONE
    two_people: bool = False
    """The second person confirms what another one asked for (`second_person`)."""
    by_policy: bool = False
    """What is read, so that `callwarden.rules.reading` decides about purpose, lines and recording as well."""
    programs: frozenset[str] = frozenset()
    """Programs of ours that do this by themselves, by name."""

    def is_for(self, actor: Actor) -> bool:
        """Whether it is this person's role, or this program's work."""
        if actor.is_service:
            return actor.role is Role.SERVICE and actor.name in self.programs
        return actor.role in self.roles


_PEOPLE: Final = frozenset(Role) - MACHINES
_LOOKS_AFTER: Final = frozenset({Role.OPERATOR, Role.TELEPHONY, Role.DPO, Role.LEGAL, Role.AUDITOR})
"""See that something is wrong, and what: codes, sizes and digests, nothing that callers said or are called."""
_DECIDES: Final = frozenset({Role.DPO, Role.LEGAL})
_RUNS: Final = frozenset({Role.OPERATOR, Role.DPO, Role.LEGAL})
_DESTROYS: Final = frozenset({Role.DPO})


def _sees(roles: frozenset[Role], scope: Scope, entry: Operation) -> Right:
    return Right(roles=roles, scope=scope, entry=entry, outcome=EntryOutcome.ALLOWED)


def _does(roles: frozenset[Role], scope: Scope, entry: Operation) -> Right:
    return Right(roles=roles, scope=scope, entry=entry)


RIGHTS: Final[Mapping[Act, Right]] = MappingProxyType(
    {
        Act.QUARANTINE_LIST: _sees(_LOOKS_AFTER, Scope.EACH, Operation.QUARANTINE_LISTED),
        Act.QUARANTINE_SHOW: _sees(_LOOKS_AFTER, Scope.RECORDING, Operation.QUARANTINE_SHOWN),
        Act.QUARANTINE_OPEN: _sees(_DECIDES, Scope.RECORDING, Operation.QUARANTINE_OPENED),
        # At the gate, which asks the policy as well: this opens to nobody what it does not grant them.
        Act.QUARANTINE_HEAR: _sees(_DECIDES, Scope.RECORDING, Operation.CONTENT_READ),
        Act.QUARANTINE_CLEAR: _does(_DECIDES, Scope.RECORDING, Operation.RECORDING_RELEASED),
        Act.QUARANTINE_RETRY: _does(_RUNS, Scope.RECORDING, Operation.QUARANTINE_RETRIED),
        Act.QUARANTINE_DISCARD: _does(_DESTROYS, Scope.RECORDING, Operation.QUARANTINE_DISCARDED),
        Act.DEADLETTERS_LIST: _sees(_LOOKS_AFTER, Scope.WHOLE, Operation.DEADLETTERS_LISTED),
        Act.DEADLETTERS_SHOW: _sees(_LOOKS_AFTER, Scope.WHOLE, Operation.DEADLETTER_SHOWN),
        Act.DEADLETTERS_OPEN: _sees(_DECIDES, Scope.WHOLE, Operation.DEADLETTER_OPENED),
        Act.DEADLETTERS_RETRY: _does(_RUNS, Scope.WHOLE, Operation.DEADLETTER_RETRIED),
        Act.DEADLETTERS_DISCARD: _does(_DESTROYS, Scope.WHOLE, Operation.DEADLETTER_DISCARDED),
        Act.DISPOSE_ASK: _does(_RUNS, Scope.WHOLE, Operation.DISPOSAL_REQUESTED),
        Act.DISPOSE_CONFIRM: Right(
            roles=_DECIDES, scope=Scope.WHOLE, entry=Operation.DISPOSAL_CONFIRMED, two_people=True
        ),
        Act.LOG_EXPIRE: _does(_RUNS, Scope.WHOLE, Operation.LOG_EXPIRY_ORDERED),
        Act.JOURNAL_ADOPT: _does(_DESTROYS, Scope.WHOLE, Operation.JOURNAL_ADOPTED),
    }
)


def refusals(actor: Actor, right: Right, *, recording: Recording | None = None) -> tuple[ActRefusal, ...]:
    """Why this actor may not do what this right is to; empty where they may. `recording` is what an act of scope
    ``recording`` is about, None where there is none of that id."""
    if not right.is_for(actor):
        return (ActRefusal.NOT_PERMITTED,)  # before anything of the recording is looked at: it tells nothing of any
    if right.by_policy:
        return ()
    match right.scope:
        case Scope.RECORDING:
            return () if recording is not None and in_scope(actor, recording) else (ActRefusal.UNKNOWN,)
        case Scope.EACH:
            return ()
        case Scope.WHOLE:
            return (ActRefusal.NOT_PERMITTED,) if is_scoped(actor) else ()
