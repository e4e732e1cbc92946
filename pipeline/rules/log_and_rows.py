"""What the access log and the journal say was done and the rows do not bear out (I7).

A seal tells a row that was changed from a true one; it does not tell a true row from an older true one that was put
back, nor a row that was taken away. The log does; and the journal, into which nobody can write without the key, does
where somebody has written an entry that never was before it was signed.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from callwarden.model.act import Act, AudioEnded, HoldReleased, QuarantineCleared, TokenSpent, subject_of
from callwarden.model.break_glass import BreakGlass, GlassState
from callwarden.model.hold import Case, Hold, Placement
from callwarden.model.ids import CaseId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.objection import WITHDRAWAL, Objection
from callwarden.model.permission import Permission, PermissionState
from callwarden.model.person import Person
from callwarden.model.policy import Policy
from callwarden.model.policy_change import ChangeState, PolicyChange
from callwarden.model.recording import AudioState, Recording, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.request import Request, RequestItem
from callwarden.model.token import Token
from callwarden.rules.break_glass import glass_state
from callwarden.rules.last_word import Stepwise, is_later
from callwarden.rules.objection import as_objected, references_of
from callwarden.rules.permissions import permission_state

TELLING = frozenset(
    {
        Operation.TOKEN_REVOKED,
        Operation.TOKEN_SPENT,
        Operation.HOLD_PLACED,
        Operation.HOLD_RELEASED,
        Operation.OBJECTION_RECORDED,
        Operation.OBJECTION_WITHDRAWN,
        Operation.BREAKGLASS_APPROVED,
        Operation.TESTING_APPROVED,
        Operation.POLICY_APPROVED,
        Operation.RECORDING_STORED,
        Operation.RECORDING_QUARANTINED,
        Operation.RECORDING_DISPOSED,
    }
)
"""Operations whose entries say how a row has to be."""

RESTORED = "restored_backup"
"""The reason of entries that say again what was done before a backup was restored."""

Held = tuple[str, str]
"""A recording, and the case that holds it as the log calls it."""


Decided = tuple[type[Stepwise], str]
"""What the last word is on: its kind and `subject_of` it."""


class NotBorneOut(StrEnum):
    """How a row differs from what was done; codes of `reconcile`."""

    TOKEN_REVIVED = "token_revived"  # noqa: S105 -- the name of a breach, not a secret
    TOKEN_TWICE = "token_twice"  # noqa: S105 -- the name of a breach, not a secret
    PERSON_REVIVED = "person_revived"
    HOLD_GONE = "hold_gone"
    HOLD_BROKEN = "hold_broken"
    HOLD_UNTOLD = "hold_untold"
    OBJECTION_GONE = "objection_gone"
    OBJECTION_REVIVED = "objection_revived"
    OBJECTION_UNDONE = "objection_undone"
    CLEARING_UNDONE = "clearing_undone"
    AUDIO_REVIVED = "audio_revived"
    REDACTION_REVIVED = "redaction_revived"
    APPROVAL_UNTOLD = "approval_untold"
    RECORDING_GONE = "recording_gone"
    CERTIFICATE_GONE = "certificate_gone"
    CASE_GONE = "case_gone"
    PLACEMENT_GONE = "placement_gone"
    REQUEST_GONE = "request_gone"
    DECISION_UNDONE = "decision_undone"


@dataclass(slots=True)
class LogSays:
    """What they say. Holds have the instants they were last placed and released at by the log, whose entries of one
    instant have no order; `taken` are recordings whose rows stay for good; `kept` are those the journal
    has placed and not released."""

    ended_tokens: set[str] = field(default_factory=set)
    people: dict[str, int] = field(default_factory=dict)
    """How often an account was changed."""
    placed: dict[Held, datetime] = field(default_factory=dict)
    released: dict[Held, datetime] = field(default_factory=dict)
    kept: set[Held] = field(default_factory=set)
    objections: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    certified: set[str] = field(default_factory=set)
    spent: Counter[str] = field(default_factory=Counter)
    """How often a token was accepted that is good once."""
    cleared: set[str] = field(default_factory=set)
    """Recordings that were set aside and are stored after all."""
    audio_ended: set[str] = field(default_factory=set)
    """Recordings whose audio is destroyed, the rest being kept."""
    redactions: dict[str, datetime] = field(default_factory=dict)
    """When a recording's redaction was last withdrawn."""
    decided: dict[Decided, Stepwise] = field(default_factory=dict)
    """The journal's last word on each case, criteria, request and item of a request."""
    let_go: set[Held] = field(default_factory=set)
    """Those the journal has released and not placed again: a log restored with the catalogue may not know."""

    def still_placed(self) -> set[Held]:
        """Those the log has placed, and not released since."""
        return {pair for pair, at in self.placed.items() if pair not in self.released or at > self.released[pair]}


def log_says(entries: Iterable[LogEntry]) -> LogSays:
    """What these entries say, in any order."""
    said = LogSays()
    for entry in entries:
        about = entry.subject or ""
        match entry.operation:
            case Operation.TOKEN_REVOKED | Operation.TOKEN_SPENT:
                said.ended_tokens.add(about)
                said.spent[about] += entry.operation is Operation.TOKEN_SPENT and RESTORED not in entry.reasons
            case Operation.HOLD_PLACED | Operation.HOLD_RELEASED:
                times = said.placed if entry.operation is Operation.HOLD_PLACED else said.released
                pair = (about, entry.case or "")
                times[pair] = max(entry.at, times.get(pair, entry.at))
            case Operation.OBJECTION_RECORDED:
                said.objections.add(about)
            case Operation.OBJECTION_WITHDRAWN if not about.startswith(WITHDRAWAL):  # else: of none that is on file yet
                said.withdrawn.add(about)
            case Operation.AUDIO_DISPOSED:
                said.audio_ended.add(about)
            case Operation.BREAKGLASS_APPROVED if entry.outcome is EntryOutcome.DONE:
                said.approved.add(entry.correlation or "")
            case Operation.TESTING_APPROVED | Operation.POLICY_APPROVED if entry.outcome is EntryOutcome.DONE:
                said.approved.add(about)
            case Operation.RECORDING_STORED | Operation.RECORDING_QUARANTINED if entry.subject:
                said.taken.add(about)
            case Operation.RECORDING_DISPOSED if entry.subject and entry.digest:
                said.taken.add(about)
                said.certified.add(about)
            case _:
                pass
    return said


def remember(said: LogSays, acts: Iterable[Act], *, case: Callable[[CaseId], str]) -> None:
    """Add what the journal's acts say, given in their order; `case` is what the log calls one."""
    for act in acts:
        match act:
            case Hold():
                pair = act.recording_id, case(act.case_id)
                said.kept.add(pair)
                said.let_go.discard(pair)
            case HoldReleased():
                pair = act.recording_id, case(act.case_id)
                said.kept.discard(pair)
                said.let_go.add(pair)
            case Token() if act.revoked_at is not None:
                said.ended_tokens.add(act.token_id)
            case Person():
                said.people[act.person_id] = max(act.version, said.people.get(act.person_id, 0))
            case TokenSpent():
                said.ended_tokens.add(act.token_id)
            case Objection():
                said.objections.add(act.objection_id)
                if act.withdrawn_at is not None:
                    said.withdrawn.add(act.objection_id)
            case AudioEnded():
                said.audio_ended.add(act.recording_id)
            case QuarantineCleared():
                said.cleared.add(act.recording.recording_id)
            case RedactionRecord():
                said.redactions[act.recording_id] = act.decided_at
            case Case() | Placement() | Request() | RequestItem():
                said.decided[type(act), subject_of(act)] = act
            case _:
                pass


def undone(said: LogSays, rows: Iterable[Stepwise]) -> Iterator[tuple[NotBorneOut, Stepwise]]:
    """Each case, criteria, request and item of a request that is not in these rows, or only as it was before: how it
    differs, and the last word on it. Altered rows are named by themselves."""
    known = {(type(row), subject_of(row)): row for row in rows}
    for about, last in said.decided.items():
        row = known.get(about)
        if row is None:
            yield _GONE[about[0]], last
        elif not row.altered and is_later(last, row):
            yield NotBorneOut.DECISION_UNDONE, last


_GONE: Final = {
    Case: NotBorneOut.CASE_GONE,
    Placement: NotBorneOut.PLACEMENT_GONE,
    Request: NotBorneOut.REQUEST_GONE,
    RequestItem: NotBorneOut.REQUEST_GONE,
}


def not_borne_out(
    said: LogSays,
    *,
    tokens: Iterable[Token],
    people: Iterable[Person],
    objections: Collection[Objection],
    held: Collection[Held],
    still_held: Collection[Held],
    gone: Collection[str],
    approved: Iterable[str],
) -> Iterator[tuple[NotBorneOut, str]]:
    """Each row that is not as the log says it has to be: how, and what it is about. `held` and `approved` were read
    before the log, `still_held`, `tokens` and `objections` after it, so that an act meanwhile is no
    contradiction; `gone` are the recordings that are destroyed."""
    for token in tokens:
        if token.token_id in said.ended_tokens and token.revoked_at is None and token.spent_at is None:
            yield NotBorneOut.TOKEN_REVIVED, token.token_id
    for token_id in sorted(one for one, times in said.spent.items() if times > 1):
        yield NotBorneOut.TOKEN_TWICE, token_id
    versions: dict[str, int] = {person.person_id: person.version for person in people}
    for person_id in sorted(one for one, version in said.people.items() if versions.get(one, 0) < version):
        yield NotBorneOut.PERSON_REVIVED, person_id
    for pair in sorted((said.kept | said.still_placed()) - set(held) - set(still_held)):
        if pair[0] in gone:
            if pair not in said.let_go:
                yield NotBorneOut.HOLD_BROKEN, pair[0]
        else:
            yield NotBorneOut.HOLD_GONE, pair[0]
    for pair in sorted(set(held) & set(still_held)):
        if pair not in said.placed or (pair in said.released and said.placed[pair] < said.released[pair]):
            yield NotBorneOut.HOLD_UNTOLD, pair[0]
    known = {objection.objection_id for objection in objections}
    for objection_id in sorted((said.objections | said.withdrawn) - known):
        yield NotBorneOut.OBJECTION_GONE, objection_id
    for objection in objections:
        if objection.objection_id in said.withdrawn and objection.withdrawn_at is None and not objection.altered:
            yield NotBorneOut.OBJECTION_REVIVED, objection.objection_id
    for name in approved:
        if name not in said.approved:
            yield NotBorneOut.APPROVAL_UNTOLD, name


def approved_by_rows(
    *,
    glasses: Iterable[BreakGlass],
    permissions: Iterable[Permission],
    changes: Iterable[PolicyChange],
    now: datetime,
) -> list[str]:
    """What stands open because its row says that somebody approved it. Of what is over, the log may have expired."""
    going = (ChangeState.APPROVED, ChangeState.RUNNING)
    return [
        *(one.request_id for one in glasses if glass_state(one, now=now) is GlassState.OPEN),
        *(one.permission_id for one in permissions if permission_state(one, now=now) is PermissionState.OPEN),
        *(one.change_id for one in changes if one.state in going and not one.altered),
    ]


def older_rows(
    said: LogSays,
    *,
    recordings: Iterable[Recording],
    redactions: Iterable[RedactionRecord],
    objections: Collection[Objection],
    policy: Policy,
    filed_before: datetime,
) -> Iterator[tuple[NotBorneOut, str]]:
    """Each row that is as it was before somebody decided otherwise: what, and of which recording. An objection counts
    that was on file `filed_before`: a younger one may still be on its way to what it concerns."""
    by_reference: dict[tuple[str, str], list[Objection]] = {}
    for objection in objections:
        if objection.recorded_at < filed_before and not objection.altered:
            by_reference.setdefault((objection.scope.value, objection.reference), []).append(objection)
    for recording in recordings:
        references = references_of(recording.call_id, caller=recording.caller, customer=recording.customer)
        on_file = [each for ref in references for each in by_reference.get((ref.scope.value, ref.reference), ())]
        kept = recording.state in (RecordingState.STORED, RecordingState.QUARANTINED) and not recording.altered
        if kept and as_objected(recording, on_file, line=policy.lines.get(recording.line)) != recording:
            yield NotBorneOut.OBJECTION_UNDONE, recording.recording_id
        if kept and recording.audio is AudioState.KEPT and recording.recording_id in said.audio_ended:
            yield NotBorneOut.AUDIO_REVIVED, recording.recording_id
        if (
            recording.state is RecordingState.QUARANTINED
            and recording.recording_id in said.cleared
            and not recording.altered
        ):
            yield NotBorneOut.CLEARING_UNDONE, recording.recording_id
    for record in redactions:
        withdrawn = said.redactions.get(record.recording_id)
        if withdrawn and record.status is RedactionStatus.RELEASED and record.decided_at < withdrawn:
            yield NotBorneOut.REDACTION_REVIVED, record.recording_id
