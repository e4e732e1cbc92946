"""May they do this? One pure table: act → roles, scope, one person or two (U2, L1).

Reading what callers said is `callwarden.rules.reading`'s; this is everything else people do, and programs of ours where
the role ``service`` is named. An act that is not in the table cannot be performed. Somebody narrowed to lines or agents
acts on recordings of theirs only, and of any other gets the answer for one that does not exist: ``unknown``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from callwarden.model.access import MACHINES, Actor, Role
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.recording import Recording
from callwarden.rules.reading import TESTERS, in_scope, is_scoped


class Act(StrEnum):
    """What can be done; closed vocabulary. A refusal's log entry names the act among its reasons."""

    CALLS_LIST = "calls.list"
    CALLS_SHOW = "calls.show"
    CALLS_OUTCOMES = "calls.outcomes"
    CALLS_WAITING = "calls.waiting"
    CALLS_CERTIFICATE = "calls.certificate"
    CALLS_TRANSCRIBE = "calls.transcribe"
    CALLS_PUSH = "calls.push"
    CALLS_TRY = "calls.try"
    HOLD_OPEN = "hold.open"
    HOLD_EDIT = "hold.edit"
    HOLD_SHOW = "hold.show"
    HOLD_PREVIEW = "hold.preview"
    HOLD_PLACE = "hold.place"
    HOLD_PLACE_CRITERIA = "hold.place_criteria"
    HOLD_PLACE_ASK = "hold.place.ask"
    HOLD_PLACE_CONFIRM = "hold.place.confirm"
    HOLD_END_CRITERIA = "hold.end_criteria"
    HOLD_RELEASE_ASK = "hold.release.ask"
    HOLD_RELEASE_CONFIRM = "hold.release.confirm"
    HOLD_RELEASE_WITHDRAW = "hold.release.withdraw"
    HOLD_LIST = "hold.list"
    HOLD_CUSTODY = "hold.custody"
    HOLD_PACK = "hold.pack"
    HOLD_DISCLOSE = "hold.disclose"
    HOLD_PROCEDURE_ADD = "hold.procedure.add"
    HOLD_PROCEDURE_UNDO = "hold.procedure.undo"
    HOLD_PROCEDURE_SHOW = "hold.procedure.show"
    HOLD_DUE = "hold.due"
    HOLD_REVIEW = "hold.review"
    HOLD_CALENDAR = "hold.calendar"
    HOLD_DISCLOSURES = "hold.disclosures"
    OBJECTION_ADD = "objection.add"
    OBJECTION_ADD_CALL = "objection.add_call"
    OBJECTION_WITHDRAW = "objection.withdraw"
    OBJECTION_WITHDRAW_CALL = "objection.withdraw_call"
    OBJECTION_DECIDE = "objection.decide"
    OBJECTION_LIST = "objection.list"
    REQUEST_OPEN = "request.open"
    REQUEST_LIST = "request.list"
    REQUEST_SHOW = "request.show"
    REQUEST_ASK_IDENTITY = "request.ask_identity"
    REQUEST_VERIFY = "request.verify"
    REQUEST_FIND = "request.find"
    REQUEST_FIND_NAMED = "request.find_named"
    REQUEST_PREVIEW = "request.preview"
    REQUEST_DECIDE = "request.decide"
    REQUEST_APPROVE = "request.approve"
    REQUEST_EXTEND = "request.extend"
    REQUEST_ANSWER = "request.answer"
    REQUEST_LIFT_TELL = "request.lift_tell"
    REQUEST_LIFT = "request.lift"
    REQUEST_CLOSE = "request.close"
    REQUEST_LETTER = "request.letter"
    REQUEST_RECTIFY = "request.rectify"
    REQUEST_RECTIFICATIONS = "request.rectifications"
    REQUEST_RECIPIENTS = "request.recipients"
    REQUEST_TELL = "request.tell_recipients"
    REQUEST_ACKNOWLEDGE = "request.acknowledge"
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
    DISPOSE_PREVIEW = "dispose.preview"
    DISPOSE_RUN = "dispose.run"
    DISPOSE_ASK = "dispose.ask"
    DISPOSE_CONFIRM = "dispose.confirm"
    LOG_LIST = "log.list"
    LOG_PROVE = "log.prove"
    LOG_VERIFY = "log.verify"
    LOG_UNUSUAL = "log.unusual"
    LOG_EXPORT = "log.export"
    LOG_CHECKPOINT = "log.checkpoint"
    LOG_EXPIRE = "log.expire"
    LOG_ROTATE_KEY = "log.rotate_key"
    LOG_BEGIN_ASK = "log.begin_ask"
    LOG_BEGIN_CONFIRM = "log.begin_confirm"
    JOURNAL_ADOPT = "journal.adopt"
    RECONCILE_REPAIR = "reconcile.repair"
    LIFECYCLE_APPLY = "lifecycle.apply"
    BACKUP_MAKE = "backup.make"
    BACKUP_RESTORE = "backup.restore"
    BREAKGLASS_REQUEST = "breakglass.request"
    BREAKGLASS_APPROVE = "breakglass.approve"
    BREAKGLASS_LIST = "breakglass.list"
    BREAKGLASS_CLOSE = "breakglass.close"
    BREAKGLASS_END = "breakglass.end"
    REDACTION_SHOW = "redaction.show"
    REDACTION_LIST = "redaction.list"
    REDACTION_REPORT = "redaction.report"
    REDACTION_RERUN = "redaction.rerun"
    NOTE_ADD = "note.add"
    NOTE_LIST = "note.list"
    NOTE_REMOVE = "note.remove"
    EVALUATION_MAKE = "evaluation.make"
    EVALUATION_SHOW = "evaluation.show"
    EVALUATION_LIST = "evaluation.list"
    EVALUATION_END = "evaluation.end"
    COURSE_MAKE = "course.make"
    COURSE_ADD = "course.add"
    COURSE_DROP = "course.drop"
    COURSE_SHARE = "course.share"
    COURSE_SHOW = "course.show"
    COURSE_LIST = "course.list"
    COURSE_REMOVE = "course.remove"
    KEYS_ROTATE = "keys.rotate"
    KEYS_REWRAP = "keys.rewrap"
    KEYS_RETIRE = "keys.retire"
    TOKEN_ISSUE = "token.issue"  # noqa: S105 -- the name of an act, not a secret
    TOKEN_ISSUE_FIRST = "token.issue_first"  # noqa: S105 -- the name of an act, not a secret
    TOKEN_REVOKE = "token.revoke"  # noqa: S105 -- the name of an act, not a secret
    TOKEN_LIST = "token.list"  # noqa: S105 -- the name of an act, not a secret
    PEOPLE_ADD = "people.add"
    PEOPLE_CHANGE = "people.change"
    PEOPLE_PASSWORD = "people.password"  # noqa: S105 -- the name of an act, not a secret
    PEOPLE_SIGN_OUT = "people.sign_out"
    PEOPLE_REMOVE = "people.remove"
    PEOPLE_LIST = "people.list"
    ME_SESSIONS = "me.sessions"
    ME_SIGN_OUT = "me.sign_out"
    ME_PASSWORD = "me.password"  # noqa: S105 -- the name of an act, not a secret
    ME_ACCESSES = "me.accesses"
    TABLE_EXPORT = "table.export"
    OPERATIONS_SHOW = "operations.show"
    REPORT_READ = "report.read"
    POLICY_PROPOSE = "policy.propose"
    POLICY_APPROVE = "policy.approve"
    POLICY_WITHDRAW = "policy.withdraw"
    POLICY_CHANGES = "policy.changes"
    EXPERIMENT_OPEN = "experiment.open"
    EXPERIMENT_PREVIEW = "experiment.preview"
    EXPERIMENT_APPROVE = "experiment.approve"
    EXPERIMENT_BUILD = "experiment.build"
    EXPERIMENT_EXPORT = "experiment.export"
    EXPERIMENT_SHOW = "experiment.show"
    EXPERIMENT_LIST = "experiment.list"
    EXPERIMENT_CLOSE = "experiment.close"
    EXPERIMENT_END = "experiment.end"
    EXPERIMENT_REVOKE = "experiment.revoke"
    EXPERIMENT_REVOCATIONS = "experiment.revocations"
    EXPERIMENT_ACKNOWLEDGE = "experiment.acknowledge"
    TESTING_ASK = "testing.ask"
    TESTING_APPROVE = "testing.approve"
    TESTING_LIST = "testing.list"
    TESTING_CLOSE = "testing.close"
    TESTING_END = "testing.end"
    WEBHOOK_ADD = "webhook.add"
    WEBHOOK_ROTATE = "webhook.rotate"
    WEBHOOK_REMOVE = "webhook.remove"
    WEBHOOK_LIST = "webhook.list"
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_DELIVERIES = "webhook.deliveries"
    WEBHOOK_RETRY = "webhook.retry"
    WEBHOOK_END = "webhook.end"


class Scope(StrEnum):
    """What an act is about, and so what being narrowed to lines or agents does to it."""

    RECORDING = "recording"
    """One recording, which has to be theirs."""
    EACH = "each"
    """Several, of which they get those that are theirs. The desk filters with `Doing.theirs`."""
    ALL = "all"
    """Several that are changed together: all of them have to be theirs. The desk says which: `Doing.touches`."""
    NONE = "none"
    """No recording, and nothing that tells of one: for whoever is narrowed, too."""
    WHOLE = "whole"
    """The system, or something of no known line: for nobody who is narrowed."""


class ActRefusal(StrEnum):
    """Why an act is refused by the table; documented in docs/reasons.md."""

    NOT_PERMITTED = "not_permitted"
    UNKNOWN = "unknown"
    SAME_PERSON = "same_person"
    CHANGED_SINCE = "changed_since"
    """Somebody else was faster: what was looked at says something else by now."""


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
_KNOWS_CALLS: Final = _LOOKS_AFTER | {Role.SUPERVISOR, Role.INVESTIGATOR}
"""See which calls there are and what became of them: whoever works with single calls, and not with what is redacted."""
_DECIDES: Final = frozenset({Role.DPO, Role.LEGAL})
_KNOWS_CASES: Final = _DECIDES | {Role.AUDITOR}
_OBJECTS: Final = frozenset({Role.DPO, Role.LEGAL, Role.SUPERVISOR, Role.TELEPHONY})
"""Write down what a caller said; it destroys, and its withdrawal opens again."""
_PUSHES: Final = frozenset({Role.TELEPHONY})
_BY_EVENTS: Final = frozenset({"objections"})
"""The step that takes in what the telephone system says of objections."""
_RUNS: Final = frozenset({Role.OPERATOR, Role.DPO, Role.LEGAL})
_DESTROYS: Final = frozenset({Role.DPO})
_ANSWERS: Final = frozenset({Role.DPO})
_OPERATES: Final = frozenset({Role.OPERATOR})
_OPENS: Final = frozenset({Role.DPO, Role.LEGAL, Role.SUPERVISOR})
"""Approve what somebody else needs in an emergency."""
_LEARNS: Final = frozenset({Role.TRAINER, Role.SUPERVISOR})
"""Work with calls as they are released, to teach and to judge how they were taken."""
_EXPERIMENTS: Final = frozenset({Role.ANALYST, Role.DPO})
"""Have to do with AI experiments: who works with them, and who answers for what they may take."""
_KNOWS_REDACTIONS: Final = _LOOKS_AFTER | {Role.TRAINER, Role.SUPERVISOR, Role.ANALYST}
"""See whether a redaction is released and why not: who looks after them, and who works with what they give."""
_KNOWS_FIGURES: Final = frozenset({Role.ANALYST, Role.SUPERVISOR, Role.DPO, Role.AUDITOR, Role.OPERATOR})
"""See how many and how long, of groups that point at nobody."""
_FINISHES_KEYS: Final = frozenset({"keys"})
"""Every sweep begins by finishing what was ordered and interrupted."""
_KEEPS_IN_ORDER: Final = frozenset({Role.OPERATOR, Role.DPO})


def _sees(roles: frozenset[Role], scope: Scope, entry: Operation) -> Right:
    return Right(roles=roles, scope=scope, entry=entry, outcome=EntryOutcome.ALLOWED)


def _does(roles: frozenset[Role], scope: Scope, entry: Operation, *, programs: frozenset[str] = frozenset()) -> Right:
    return Right(roles=roles, scope=scope, entry=entry, programs=programs)


def _reads(scope: Scope, entry: Operation) -> Right:
    """What the policy alone decides."""
    return Right(roles=_PEOPLE, scope=scope, entry=entry, outcome=EntryOutcome.ALLOWED, by_policy=True)


def _by_itself(program: str, scope: Scope, entry: Operation) -> Right:
    """What no person does."""
    return Right(roles=frozenset(), scope=scope, entry=entry, programs=frozenset({program}))


RIGHTS: Final[Mapping[Act, Right]] = MappingProxyType(
    {
        Act.CALLS_LIST: _sees(_KNOWS_CALLS, Scope.EACH, Operation.CALLS_LISTED),
        Act.CALLS_SHOW: _sees(_KNOWS_CALLS, Scope.EACH, Operation.CALLS_SHOWN),
        Act.CALLS_OUTCOMES: _sees(_LOOKS_AFTER, Scope.WHOLE, Operation.CALLS_COUNTED),
        Act.CALLS_WAITING: _sees(_LOOKS_AFTER, Scope.WHOLE, Operation.CALLS_COUNTED),
        Act.CALLS_CERTIFICATE: _sees(_KNOWS_CALLS, Scope.RECORDING, Operation.CERTIFICATE_SHOWN),
        Act.CALLS_TRANSCRIBE: _does(_RUNS, Scope.RECORDING, Operation.TRANSCRIPTION_RETRIED),
        # The desk asks whether the call's line is theirs: nothing is stored of it yet.
        Act.CALLS_PUSH: _does(_PUSHES, Scope.NONE, Operation.CALL_RECEIVED),
        Act.CALLS_TRY: _sees(_KNOWS_CALLS, Scope.NONE, Operation.EVENT_TRIED),
        Act.HOLD_OPEN: _does(_DECIDES, Scope.NONE, Operation.HOLD_OPENED),
        Act.HOLD_EDIT: _does(_DECIDES, Scope.NONE, Operation.HOLD_EDITED),
        Act.HOLD_SHOW: _sees(_KNOWS_CASES, Scope.EACH, Operation.HOLD_SHOWN),
        # By criteria a hold reaches calls of every line, later ones too.
        Act.HOLD_PREVIEW: _sees(_DECIDES, Scope.WHOLE, Operation.HOLD_PREVIEWED),
        Act.HOLD_PLACE_CRITERIA: _does(_DECIDES, Scope.WHOLE, Operation.HOLD_CRITERIA_PLACED),
        Act.HOLD_PLACE_ASK: _does(_DECIDES, Scope.WHOLE, Operation.HOLD_CRITERIA_REQUESTED),
        Act.HOLD_PLACE_CONFIRM: Right(
            roles=_DECIDES, scope=Scope.WHOLE, entry=Operation.HOLD_CRITERIA_PLACED, two_people=True
        ),
        Act.HOLD_PLACE: _does(_DECIDES, Scope.EACH, Operation.HOLD_PLACED),
        # What is held by them stays: two people release that.
        Act.HOLD_END_CRITERIA: _does(_DECIDES, Scope.WHOLE, Operation.HOLD_CRITERIA_ENDED),
        Act.HOLD_RELEASE_ASK: _does(_DECIDES, Scope.ALL, Operation.HOLD_RELEASE_REQUESTED),
        Act.HOLD_RELEASE_CONFIRM: Right(
            roles=_DECIDES, scope=Scope.ALL, entry=Operation.HOLD_RELEASED, two_people=True
        ),
        Act.HOLD_RELEASE_WITHDRAW: _does(_DECIDES, Scope.ALL, Operation.HOLD_RELEASE_WITHDRAWN),
        Act.HOLD_LIST: _sees(_KNOWS_CASES, Scope.EACH, Operation.HOLDS_LISTED),
        Act.HOLD_PROCEDURE_ADD: _does(_DECIDES, Scope.NONE, Operation.HOLD_EVENT_ENTERED),
        Act.HOLD_PROCEDURE_UNDO: _does(_DECIDES, Scope.NONE, Operation.HOLD_EVENT_UNDONE),
        Act.HOLD_PROCEDURE_SHOW: _sees(_DECIDES, Scope.NONE, Operation.HOLD_SHOWN),
        Act.HOLD_DUE: _sees(_DECIDES, Scope.EACH, Operation.HOLDS_LISTED),
        Act.HOLD_REVIEW: _does(_DECIDES, Scope.NONE, Operation.HOLD_REVIEWED),
        Act.HOLD_CALENDAR: _sees(_DECIDES, Scope.EACH, Operation.HOLD_CALENDAR_EXPORTED),
        # The gate asks the policy as well, for every object that is read again.
        Act.HOLD_CUSTODY: _sees(_DECIDES, Scope.RECORDING, Operation.LOG_READ),
        # What a pack holds is read at the gate, which asks the policy as well. It is whole, or it is none of theirs.
        Act.HOLD_PACK: _does(_DECIDES, Scope.ALL, Operation.EVIDENCE_PACKED),
        Act.HOLD_DISCLOSE: _sees(_DECIDES, Scope.ALL, Operation.EVIDENCE_DISCLOSED),
        Act.HOLD_DISCLOSURES: _sees(_DECIDES, Scope.EACH, Operation.EVIDENCE_LISTED),
        # By number or customer an objection reaches calls of every line, later ones too.
        Act.OBJECTION_ADD: _does(_OBJECTS, Scope.WHOLE, Operation.OBJECTION_RECORDED, programs=_BY_EVENTS),
        Act.OBJECTION_ADD_CALL: _does(_OBJECTS, Scope.ALL, Operation.OBJECTION_RECORDED, programs=_BY_EVENTS),
        Act.OBJECTION_WITHDRAW: _does(_OBJECTS, Scope.WHOLE, Operation.OBJECTION_WITHDRAWN, programs=_BY_EVENTS),
        Act.OBJECTION_WITHDRAW_CALL: _does(_OBJECTS, Scope.ALL, Operation.OBJECTION_WITHDRAWN, programs=_BY_EVENTS),
        # Where a line offers no objection to recording; granted, it destroys on every line.
        Act.OBJECTION_DECIDE: _does(_DESTROYS, Scope.WHOLE, Operation.OBJECTION_DECIDED),
        Act.OBJECTION_LIST: _sees(_OBJECTS | {Role.AUDITOR}, Scope.EACH, Operation.OBJECTIONS_LISTED),
        # They reach every line, and are answered by the data protection officer (D1).
        Act.REQUEST_OPEN: _does(_DECIDES, Scope.WHOLE, Operation.REQUEST_OPENED),
        Act.REQUEST_LIST: _sees(_KNOWS_CASES, Scope.WHOLE, Operation.REQUEST_LISTED),
        Act.REQUEST_SHOW: _sees(_KNOWS_CASES, Scope.WHOLE, Operation.REQUEST_SHOWN),
        Act.REQUEST_ASK_IDENTITY: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_IDENTITY_ASKED),
        Act.REQUEST_VERIFY: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_VERIFIED),
        Act.REQUEST_FIND: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_FOUND),
        # At the gate, which asks the policy as well, for every transcript that is read.
        Act.REQUEST_FIND_NAMED: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_ORIGINALS_SEARCHED),
        Act.REQUEST_PREVIEW: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_PREVIEWED),
        Act.REQUEST_DECIDE: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_DECIDED),
        # What is destroyed for a request cannot be brought back: somebody else than who has seen the preview says so.
        Act.REQUEST_APPROVE: Right(
            roles=_DECIDES, scope=Scope.WHOLE, entry=Operation.REQUEST_APPROVED, two_people=True
        ),
        Act.REQUEST_EXTEND: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_EXTENDED),
        Act.REQUEST_ANSWER: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_ANSWERED),
        Act.REQUEST_LIFT_TELL: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_LIFT_TOLD),
        Act.REQUEST_LIFT: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_LIFTED),
        Act.REQUEST_LETTER: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_LETTER),
        Act.REQUEST_RECTIFY: _does(_ANSWERS, Scope.WHOLE, Operation.REQUEST_RECTIFIED),
        Act.REQUEST_RECTIFICATIONS: _sees(_ANSWERS, Scope.WHOLE, Operation.RECTIFICATIONS_SHOWN),
        Act.REQUEST_RECIPIENTS: _sees(_ANSWERS, Scope.WHOLE, Operation.RECIPIENTS_LISTED),
        Act.REQUEST_TELL: _does(_ANSWERS, Scope.WHOLE, Operation.RECIPIENT_TOLD),
        Act.REQUEST_ACKNOWLEDGE: _does(_ANSWERS, Scope.WHOLE, Operation.RECIPIENT_ACKNOWLEDGED),
        Act.REQUEST_CLOSE: _by_itself("requests", Scope.WHOLE, Operation.REQUEST_CLOSED),
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
        Act.DISPOSE_PREVIEW: _sees(_LOOKS_AFTER, Scope.EACH, Operation.DISPOSAL_PREVIEWED),
        Act.DISPOSE_RUN: _does(_RUNS, Scope.WHOLE, Operation.DISPOSAL_ORDERED, programs=frozenset({"dispose"})),
        Act.DISPOSE_ASK: _does(_RUNS, Scope.WHOLE, Operation.DISPOSAL_REQUESTED),
        Act.DISPOSE_CONFIRM: Right(
            roles=_DECIDES, scope=Scope.WHOLE, entry=Operation.DISPOSAL_CONFIRMED, two_people=True
        ),
        Act.LOG_LIST: _reads(Scope.WHOLE, Operation.LOG_READ),
        Act.LOG_PROVE: _reads(Scope.WHOLE, Operation.LOG_READ),
        Act.LOG_VERIFY: _reads(Scope.WHOLE, Operation.LOG_READ),
        Act.LOG_UNUSUAL: _reads(Scope.WHOLE, Operation.LOG_READ),
        Act.LOG_EXPORT: _reads(Scope.WHOLE, Operation.LOG_EXPORTED),
        Act.LOG_CHECKPOINT: _does(_RUNS | {Role.AUDITOR}, Scope.WHOLE, Operation.CHECKPOINT_PUBLISHED),
        Act.LOG_EXPIRE: _does(_RUNS, Scope.WHOLE, Operation.LOG_EXPIRY_ORDERED, programs=frozenset({"log"})),
        Act.LOG_ROTATE_KEY: _does(_OPERATES, Scope.WHOLE, Operation.KEY_ROTATED),
        Act.LOG_BEGIN_ASK: _does(_RUNS, Scope.WHOLE, Operation.LOG_BEGINNING_REQUESTED),
        Act.LOG_BEGIN_CONFIRM: Right(
            roles=_DECIDES, scope=Scope.WHOLE, entry=Operation.LOG_BEGUN_ANEW, two_people=True
        ),
        Act.JOURNAL_ADOPT: _does(_DESTROYS, Scope.WHOLE, Operation.JOURNAL_ADOPTED),
        Act.RECONCILE_REPAIR: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.RECONCILED),
        # They are the policy's, whoever applies them: a deployment does at its start, before anybody has a token.
        Act.LIFECYCLE_APPLY: _does(
            _KEEPS_IN_ORDER, Scope.WHOLE, Operation.LIFECYCLE_APPLIED, programs=frozenset({"setup"})
        ),
        Act.BACKUP_MAKE: _does(_OPERATES, Scope.WHOLE, Operation.BACKUP_ORDERED),
        Act.BACKUP_RESTORE: _does(_OPERATES, Scope.WHOLE, Operation.BACKUP_RESTORED),
        Act.BREAKGLASS_REQUEST: Right(
            roles=_PEOPLE, scope=Scope.RECORDING, entry=Operation.BREAKGLASS_REQUESTED, by_policy=True
        ),
        Act.BREAKGLASS_APPROVE: Right(
            roles=_OPENS, scope=Scope.RECORDING, entry=Operation.BREAKGLASS_APPROVED, two_people=True
        ),
        # Who does not approve sees what they asked for themselves.
        Act.BREAKGLASS_LIST: _sees(_PEOPLE, Scope.EACH, Operation.BREAKGLASS_LISTED),
        # Whoever asked for it, and whoever approves: before its time.
        Act.BREAKGLASS_CLOSE: _does(_PEOPLE, Scope.RECORDING, Operation.BREAKGLASS_ENDED),
        Act.BREAKGLASS_END: _by_itself("break-glass", Scope.WHOLE, Operation.BREAKGLASS_ENDED),
        Act.REDACTION_SHOW: _sees(_KNOWS_REDACTIONS, Scope.RECORDING, Operation.REDACTION_SHOWN),
        Act.REDACTION_LIST: _sees(_KNOWS_REDACTIONS, Scope.EACH, Operation.REDACTION_LISTED),
        # By whoever may have a redacted form of it. That what they report is withdrawn is another entry.
        Act.REDACTION_REPORT: Right(
            roles=_PEOPLE, scope=Scope.RECORDING, entry=Operation.REDACTION_REPORTED, by_policy=True
        ),
        Act.REDACTION_RERUN: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.RECORDING_REDACTED),
        # Of what they may read: the desks ask the policy as well, for every recording.
        Act.NOTE_ADD: _does(_LEARNS, Scope.RECORDING, Operation.NOTE_WRITTEN),
        Act.NOTE_LIST: _sees(_LEARNS, Scope.RECORDING, Operation.NOTES_SHOWN),
        Act.NOTE_REMOVE: _does(_LEARNS, Scope.NONE, Operation.NOTE_REMOVED),
        Act.EVALUATION_MAKE: _does(_LEARNS, Scope.RECORDING, Operation.EVALUATION_MADE),
        Act.EVALUATION_SHOW: _sees(_LEARNS, Scope.EACH, Operation.EVALUATION_SHOWN),
        Act.EVALUATION_LIST: _sees(_LEARNS, Scope.EACH, Operation.EVALUATIONS_LISTED),
        Act.EVALUATION_END: _by_itself("evaluations", Scope.WHOLE, Operation.EVALUATION_ENDED),
        Act.COURSE_MAKE: _does(_LEARNS, Scope.NONE, Operation.COURSE_MADE),
        Act.COURSE_ADD: _does(_LEARNS, Scope.RECORDING, Operation.COURSE_CHANGED),
        Act.COURSE_DROP: _does(_LEARNS, Scope.NONE, Operation.COURSE_CHANGED),
        Act.COURSE_SHARE: _does(_LEARNS, Scope.NONE, Operation.COURSE_CHANGED),
        Act.COURSE_SHOW: _sees(_LEARNS, Scope.EACH, Operation.COURSE_SHOWN),
        Act.COURSE_LIST: _sees(_LEARNS, Scope.EACH, Operation.COURSES_LISTED),
        Act.COURSE_REMOVE: _does(_LEARNS, Scope.NONE, Operation.COURSE_REMOVED),
        Act.KEYS_ROTATE: _does(_OPERATES, Scope.WHOLE, Operation.KEY_ROTATED),
        Act.KEYS_REWRAP: _does(_OPERATES, Scope.WHOLE, Operation.KEY_REWRAPPED, programs=_FINISHES_KEYS),
        Act.KEYS_RETIRE: _does(_OPERATES, Scope.WHOLE, Operation.KEY_DESTROYED),
        Act.TOKEN_ISSUE: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.TOKEN_ISSUED),
        # Without a token, at the machine itself: only while nobody has one that others can be issued with.
        Act.TOKEN_ISSUE_FIRST: _does(_OPERATES, Scope.WHOLE, Operation.TOKEN_ISSUED),
        Act.TOKEN_REVOKE: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.TOKEN_REVOKED),
        Act.TOKEN_LIST: _sees(_KEEPS_IN_ORDER | {Role.AUDITOR}, Scope.WHOLE, Operation.TOKEN_LISTED),
        Act.PEOPLE_ADD: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.PERSON_ADDED),
        Act.PEOPLE_CHANGE: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.PERSON_CHANGED),
        Act.PEOPLE_PASSWORD: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.PASSWORD_SET),
        Act.PEOPLE_SIGN_OUT: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.SESSION_ENDED),
        Act.PEOPLE_REMOVE: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.PERSON_REMOVED),
        Act.PEOPLE_LIST: _sees(_KEEPS_IN_ORDER | {Role.AUDITOR}, Scope.WHOLE, Operation.PEOPLE_LISTED),
        # About oneself: whoever somebody is, and whatever they are narrowed to.
        Act.ME_SESSIONS: _sees(_PEOPLE, Scope.NONE, Operation.SESSIONS_LISTED),
        Act.ME_SIGN_OUT: _does(_PEOPLE, Scope.NONE, Operation.SESSION_ENDED),
        Act.ME_PASSWORD: _does(_PEOPLE, Scope.NONE, Operation.PASSWORD_SET),
        Act.ME_ACCESSES: _sees(_PEOPLE, Scope.NONE, Operation.LOG_READ),
        # What stands in it was shown by an act of its own.
        Act.TABLE_EXPORT: _sees(_PEOPLE, Scope.NONE, Operation.TABLE_EXPORTED),
        Act.OPERATIONS_SHOW: _sees(_LOOKS_AFTER, Scope.WHOLE, Operation.OPERATIONS_SHOWN),
        # Figures of groups; the desk leaves out lines that are not theirs.
        Act.REPORT_READ: _sees(_KNOWS_FIGURES, Scope.EACH, Operation.REPORT_SHOWN),
        # A policy decides of new calls once it is in force; of what is stored once it is approved.
        Act.POLICY_PROPOSE: _does(_RUNS, Scope.WHOLE, Operation.POLICY_PROPOSED),
        Act.POLICY_APPROVE: Right(roles=_DESTROYS, scope=Scope.WHOLE, entry=Operation.POLICY_APPROVED, two_people=True),
        # Their own proposal; the desk lets the officer withdraw any.
        Act.POLICY_WITHDRAW: _does(_RUNS, Scope.WHOLE, Operation.POLICY_WITHDRAWN),
        Act.POLICY_CHANGES: _sees(_RUNS | {Role.AUDITOR}, Scope.WHOLE, Operation.POLICY_CHANGES_LISTED),
        # Of a whole line: the desk asks whether it is theirs.
        Act.EXPERIMENT_OPEN: _does(frozenset({Role.ANALYST}), Scope.NONE, Operation.EXPERIMENT_OPENED),
        Act.EXPERIMENT_PREVIEW: _sees(_EXPERIMENTS, Scope.NONE, Operation.EXPERIMENT_PREVIEWED),
        Act.EXPERIMENT_APPROVE: Right(
            roles=frozenset({Role.DPO}), scope=Scope.NONE, entry=Operation.EXPERIMENT_APPROVED, two_people=True
        ),
        Act.EXPERIMENT_BUILD: _does(frozenset({Role.ANALYST}), Scope.NONE, Operation.EXPERIMENT_BUILT),
        Act.EXPERIMENT_EXPORT: _does(frozenset({Role.ANALYST}), Scope.NONE, Operation.EXPERIMENT_EXPORTED),
        Act.EXPERIMENT_SHOW: _sees(_EXPERIMENTS | {Role.AUDITOR}, Scope.NONE, Operation.EXPERIMENT_SHOWN),
        Act.EXPERIMENT_LIST: _sees(_EXPERIMENTS | {Role.AUDITOR}, Scope.NONE, Operation.EXPERIMENTS_LISTED),
        # Their own experiment; the desk lets the officer close any.
        Act.EXPERIMENT_CLOSE: _does(_EXPERIMENTS, Scope.NONE, Operation.EXPERIMENT_CLOSED),
        Act.EXPERIMENT_END: _by_itself("experiments", Scope.WHOLE, Operation.EXPERIMENT_ENDED),
        Act.EXPERIMENT_REVOKE: _by_itself("experiments", Scope.WHOLE, Operation.EXPERIMENT_REVOKED),
        Act.EXPERIMENT_REVOCATIONS: _does(_EXPERIMENTS, Scope.NONE, Operation.EXPERIMENT_REVOCATIONS_SIGNED),
        # The desk asks whether the copy is theirs.
        Act.EXPERIMENT_ACKNOWLEDGE: _does(_EXPERIMENTS, Scope.NONE, Operation.EXPERIMENT_ACKNOWLEDGED),
        # Which of them may ask, the policy says as well.
        Act.TESTING_ASK: _does(TESTERS, Scope.NONE, Operation.TESTING_ASKED),
        # It draws among every recording of a line.
        Act.TESTING_APPROVE: Right(
            roles=frozenset({Role.DPO}), scope=Scope.WHOLE, entry=Operation.TESTING_APPROVED, two_people=True
        ),
        Act.TESTING_LIST: _sees(TESTERS | {Role.DPO, Role.AUDITOR}, Scope.NONE, Operation.TESTING_LISTED),
        Act.TESTING_CLOSE: _does(TESTERS | {Role.DPO}, Scope.NONE, Operation.TESTING_ENDED),
        Act.TESTING_END: _by_itself("testing", Scope.WHOLE, Operation.TESTING_ENDED),
        # Whoever is told is a recipient: ids and outcomes leave the house.
        Act.WEBHOOK_ADD: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.WEBHOOK_ADDED),
        Act.WEBHOOK_ROTATE: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.WEBHOOK_ROTATED),
        Act.WEBHOOK_REMOVE: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.WEBHOOK_ENDED),
        Act.WEBHOOK_LIST: _sees(_KEEPS_IN_ORDER | {Role.AUDITOR}, Scope.WHOLE, Operation.WEBHOOK_LISTED),
        Act.WEBHOOK_TEST: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.WEBHOOK_TESTED),
        Act.WEBHOOK_DELIVERIES: _sees(_KEEPS_IN_ORDER | {Role.AUDITOR}, Scope.WHOLE, Operation.WEBHOOK_LISTED),
        Act.WEBHOOK_RETRY: _does(_KEEPS_IN_ORDER, Scope.WHOLE, Operation.WEBHOOK_RETRIED),
        Act.WEBHOOK_END: _by_itself("webhooks", Scope.WHOLE, Operation.WEBHOOK_ENDED),
    }
)


def refusals(
    actor: Actor,
    right: Right,
    *,
    recording: Recording | None = None,
    touched: Collection[Recording] | None = None,
) -> tuple[ActRefusal, ...]:
    """Why this actor may not do what this right is to; empty where they may. `recording` is what an act of scope
    ``recording`` is about, None where there is none of that id; `touched` are those that an act of scope ``all``
    changes, None while they are not known yet."""
    if not right.is_for(actor):
        return (ActRefusal.NOT_PERMITTED,)  # before anything of the recording is looked at: it tells nothing of any
    if right.by_policy:
        return ()
    match right.scope:
        case Scope.RECORDING:
            return () if recording is not None and in_scope(actor, recording) else (ActRefusal.UNKNOWN,)
        case Scope.ALL:
            return () if touched is None or not is_scoped(actor) else _not_all_theirs(actor, touched)
        case Scope.EACH | Scope.NONE:
            return ()
        case Scope.WHOLE:
            return (ActRefusal.NOT_PERMITTED,) if is_scoped(actor) else ()


def _not_all_theirs(actor: Actor, touched: Collection[Recording]) -> tuple[ActRefusal, ...]:
    """Who knows of some of them is told that there are others; who knows of none, nothing."""
    theirs = sum(in_scope(actor, recording) for recording in touched)
    if not theirs:
        return (ActRefusal.UNKNOWN,)
    return () if theirs == len(touched) else (ActRefusal.NOT_PERMITTED,)
