"""Acts a restored backup must not forget: what people and callers have decided, as it then stood (I10, K3, R3, D4).

An objection, a case, a hold, a token, an account, a request of a person concerned and one to break glass stand here as
they were saved; what has no row of its own, or leaves one, is a small value below. Applying any of them twice, or a
later one of the same thing alone, comes to the same.
"""

from dataclasses import dataclass
from datetime import datetime

from callwarden.model.break_glass import BreakGlass
from callwarden.model.disclosure import Disclosure
from callwarden.model.experiment import Experiment, ExperimentExport, ExperimentItem, ExperimentState, ItemState
from callwarden.model.figure import Closing
from callwarden.model.hold import Case, CaseState, Hold, Placement, PlacementState
from callwarden.model.ids import CaseId, Pseudonym, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.objection import Objection, Withdrawal
from callwarden.model.outcome import Position
from callwarden.model.permission import Permission
from callwarden.model.person import Person, SessionId
from callwarden.model.policy_change import ChangeState, PolicyChange
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.recording import Recording
from callwarden.model.rectification import Rectification
from callwarden.model.redaction_record import RedactionRecord
from callwarden.model.request import Request, RequestItem
from callwarden.model.review import Course, CourseId, EvaluationId, Note, NoteId
from callwarden.model.set_aside import ActReason
from callwarden.model.token import Token, TokenId
from callwarden.model.webhook import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """This case does not hold this recording any more."""

    case_id: CaseId
    recording_id: RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSpent:
    """A token that is good once has been accepted."""

    token_id: TokenId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """Somebody has logged out, or was logged out."""

    session_id: SessionId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Whether a recording is stored only, from now on (D4)."""

    recording_id: RecordingId
    restricted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioEnded:
    """The key of a recording's audio is destroyed: its own period was over."""

    recording_id: RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineCleared:
    """A recording that was set aside is stored after all, as `recording` says."""

    recording: Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectified:
    """The metadata of a recording was put right; it is as `recording` says since, with these labels (pseudonyms)."""

    rectification: Rectification
    recording: Recording
    labels: frozenset[Pseudonym] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRemoved:
    """A note was taken back, or what it belonged to."""

    note_id: NoteId


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationMade:
    """What an evaluation says is `sealed` under its recording's key, and so goes from here with it (K6)."""

    evaluation_id: EvaluationId
    recording_id: RecordingId
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationEnded:
    """Its own period was over."""

    evaluation_id: EvaluationId


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRemoved:
    """A course was ended by who made it."""

    course_id: CourseId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterDiscarded:
    """The key of a dead letter is destroyed."""

    position: Position
    at: datetime


Act = (
    Objection
    | Withdrawal
    | Case
    | Hold
    | HoldReleased
    | Placement
    | Token
    | TokenSpent
    | Person
    | SessionEnded
    | BreakGlass
    | AudioEnded
    | Restriction
    | QuarantineCleared
    | Rectified
    | RecipientNotice
    | DeadLetterDiscarded
    | ActReason
    | RedactionRecord
    | Request
    | RequestItem
    | Disclosure
    | Webhook
    | Experiment
    | ExperimentItem
    | ExperimentExport
    | PolicyChange
    | Permission
    | Note
    | NoteRemoved
    | EvaluationMade
    | EvaluationEnded
    | Course
    | CourseRemoved
    | Closing
)
"""A `RedactionRecord` stands here once a redaction is withdrawn: a reviewer has seen what it missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReplayed:
    """What the journal knows and a restored catalogue could not be brought to know. `act` is its name, as
    ``hold.placed`` or ``recording.disposed``; `why` is a code: ``recording_unknown``, ``case_unknown``,
    ``experiment_unknown``, ``recording_gone``, ``held``, ``row_altered``, ``unreadable``."""

    act: str
    subject: str
    why: str


_OF_EXPERIMENTS = {
    ExperimentState.DRAFT: Operation.EXPERIMENT_OPENED,
    ExperimentState.APPROVED: Operation.EXPERIMENT_APPROVED,
    ExperimentState.BUILT: Operation.EXPERIMENT_BUILT,
    ExperimentState.CLOSED: Operation.EXPERIMENT_CLOSED,
    ExperimentState.ENDED: Operation.EXPERIMENT_ENDED,
}
_OF_ITEMS = {
    ItemState.INCLUDED: Operation.EXPERIMENT_INCLUDED,
    ItemState.REVOKED: Operation.EXPERIMENT_REVOKED,
    ItemState.DESTROYED: Operation.EXPERIMENT_DESTROYED,
}


def name_of(act: Act) -> str:
    """What the act is called in lists, as its operation is in the access log."""
    match act:
        case Objection(withdrawn_at=None, decided_at=decided):
            return "objection.recorded" if decided is None else "objection.decided"
        case Objection() | Withdrawal():
            return "objection.withdrawn"
        case Case(state=CaseState.RELEASED):
            return "hold.released"
        case Case(release_requested_by=requested):
            return "hold.opened" if requested is None else "hold.release_requested"
        case Hold():
            return "hold.placed"
        case HoldReleased():
            return "hold.released"
        case Placement(state=state):
            return "hold.criteria_requested" if state is PlacementState.WAITING else "hold.criteria_placed"
        case Token(revoked_at=revoked):
            return "token.issued" if revoked is None else "token.revoked"
        case TokenSpent():
            return "token.spent"
        case Person(removed_at=removed, version=version):
            if removed is not None:
                return Operation.PERSON_REMOVED
            return Operation.PERSON_ADDED if version == 1 else Operation.PERSON_CHANGED
        case SessionEnded():
            return Operation.SESSION_ENDED
        case Webhook(ended=None, rotated_at=rotated):
            return Operation.WEBHOOK_ADDED if rotated is None else Operation.WEBHOOK_ROTATED
        case Webhook():
            return Operation.WEBHOOK_ENDED
        case PolicyChange(state=ChangeState.PROPOSED):
            return Operation.POLICY_PROPOSED
        case PolicyChange(state=ChangeState.WITHDRAWN):
            return Operation.POLICY_WITHDRAWN
        case PolicyChange():
            return Operation.POLICY_APPROVED
        case Closing():
            return Operation.FIGURES_CLOSED
        case Permission(ended_at=ended) if ended is not None:
            return Operation.TESTING_ENDED
        case Permission(approved_at=approved):
            return Operation.TESTING_ASKED if approved is None else Operation.TESTING_APPROVED
        case BreakGlass(ended_at=ended) if ended is not None:
            return "breakglass.ended"
        case BreakGlass(approved_at=approved):
            return "breakglass.requested" if approved is None else "breakglass.approved"
        case Restriction(restricted=restricted):
            return Operation.RECORDING_RESTRICTED if restricted else Operation.RECORDING_UNRESTRICTED
        case AudioEnded():
            return Operation.AUDIO_DISPOSED
        case QuarantineCleared():
            return "recording.released"
        case Rectified():
            return Operation.REQUEST_RECTIFIED
        case RecipientNotice(acknowledged_at=acknowledged):
            return Operation.RECIPIENT_TOLD if acknowledged is None else Operation.RECIPIENT_ACKNOWLEDGED
        case DeadLetterDiscarded():
            return "deadletter.discarded"
        case ActReason():
            return "act.reason"
        case RedactionRecord():
            return "redaction.withdrawn"
        case Request():
            return act.history[-1].what
        case RequestItem():
            return Operation.REQUEST_FOUND if act.decision is None else Operation.REQUEST_DECIDED
        case Disclosure(manifest=manifest):
            return Operation.EVIDENCE_DISCLOSED if manifest is None else Operation.EVIDENCE_PACKED
        case Experiment(state=state):
            return _OF_EXPERIMENTS[state]
        case ExperimentItem(state=state):
            return _OF_ITEMS[state]
        case ExperimentExport():
            return Operation.EXPERIMENT_EXPORTED
        case Note():
            return Operation.NOTE_WRITTEN
        case NoteRemoved():
            return Operation.NOTE_REMOVED
        case EvaluationMade():
            return Operation.EVALUATION_MADE
        case EvaluationEnded():
            return Operation.EVALUATION_ENDED
        case Course(moments=moments):
            return Operation.COURSE_CHANGED if moments else Operation.COURSE_MADE
        case CourseRemoved():
            return Operation.COURSE_REMOVED


def subject_of(act: Act) -> str:
    """What the act is about: an id of ours, or a case's name."""
    match act:
        case Objection():
            return act.objection_id
        case Withdrawal():
            return act.withdrawal_id
        case Case():
            return act.case_id
        case Placement():
            return act.placement_id
        case Token() | TokenSpent():
            return act.token_id
        case Person():
            return act.person_id
        case SessionEnded():
            return act.session_id
        case Webhook():
            return act.webhook_id
        case PolicyChange():
            return act.change_id
        case Closing():
            return act.name
        case Permission():
            return act.permission_id
        case BreakGlass():
            return act.request_id
        case QuarantineCleared() | Rectified():
            return act.recording.recording_id
        case RecipientNotice():
            return f"{act.request_id}:{act.disclosure_id}"
        case DeadLetterDiscarded():
            return f"letter-{act.position.topic}:{act.position.partition}:{act.position.offset}"
        case ActReason():
            return act.act_id
        case Request():
            return act.request_id
        case RequestItem():
            return f"{act.request_id}:{act.recording_id}"
        case Disclosure():
            return act.disclosure_id
        case Experiment():
            return act.experiment_id
        case ExperimentItem():
            return f"{act.experiment_id}:{act.recording_id}"
        case ExperimentExport():
            return act.export_id
        case Note() | NoteRemoved():
            return act.note_id
        case EvaluationMade() | EvaluationEnded():
            return act.evaluation_id
        case Course() | CourseRemoved():
            return act.course_id
        case Hold() | HoldReleased() | Restriction() | RedactionRecord() | AudioEnded():
            return act.recording_id
