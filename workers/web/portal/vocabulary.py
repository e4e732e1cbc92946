"""The words of codes, as pages show them. English here; ``locale/fr/vocabulary.po`` has the
French, under the kind of each (``msgctxt``)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context

from callwarden.model.access import Readable
from callwarden.workers.shapes.policy_changes import AS_THE_REST, NOTHING, SAYS
from callwarden.workers.web.portal.log_words import LOG_FAULT
from callwarden.workers.web.portal.sentences import retold
from callwarden.workers.web.portal.set_aside_words import COMPARED, NOTE_WHY
from callwarden.workers.web.portal.stated import STATED, STATEMENTS
from callwarden.workers.web.portal.troubles import ELSEWISE, FAULTS, PARTS, STEPS
from callwarden.workers.web.portal.why import AWAITED, OTHERWISE, REASON, USAGE
from callwarden.workers.web.words import Language

if TYPE_CHECKING:
    from callwarden.workers.web.portal.forms import Failed

VOCABULARY: Final[Mapping[str, Mapping[str, str]]] = {
    "fault": {**FAULTS, "elsewise": ELSEWISE},
    "log.fault": LOG_FAULT,
    "compared": COMPARED,
    "note.why": NOTE_WHY,
    "step.name": STEPS,
    "part": PARTS,
    "policy.change": SAYS,
    "policy.statement": STATEMENTS,
    "policy.says": STATED,
    "policy.value": {
        NOTHING: "nothing",
        AS_THE_REST: "as long as the rest",
        "honoured": "honoured",
        "not-offered": "not offered",
        "yes": "yes",
        "no": "no",
    },
    "policy.state": {
        "proposed": "waits for the data protection officer",
        "approved": "approved: counts once its policy is in force",
        "running": "dates are being moved",
        "done": "done",
        "withdrawn": "withdrawn",
    },
    "case.state": {"open": "open", "released": "released"},
    "court": {
        "civil": "civil",
        "non-contentious": "non-contentious",
        "refere": "référé (urgent)",
        "prudhommes": "labour court",
        "prudhommes-refere": "labour court, référé",
        "enforcement": "enforcement judge",
        "criminal": "criminal",
    },
    "residence": {"metropole": "in metropolitan France", "overseas": "overseas", "abroad": "abroad"},
    "placement.state": {"waiting": "waits for a second person", "running": "under way", "done": "holds"},
    "criteria": {
        "recordings": "recordings",
        "call_id": "call",
        "caller": "caller (pseudonym)",
        "customer": "customer (pseudonym)",
        "agent_id": "agent",
        "line": "line",
        "labels": "labels (pseudonyms)",
        "since": "from",
        "until": "until",
    },
    "case.event": {
        "summons": "summons",
        "decision": "decision",
        "pronounced": "pronounced in a party's presence",
        "notified": "notified",
        "appealed": "appeal lodged",
        "cassation": "appeal in cassation lodged",
        "rejected": "cassation rejected",
        "quashed": "decision quashed",
        "acquiesced": "acquiescence",
        "desisted": "desistment",
        "settled": "settlement",
        "undone": "entered in error",
    },
    "instance": {"first": "first instance", "appeal": "court of appeal"},
    "gives_up": {"instance": "the proceedings alone", "action": "the claim itself"},
    "way": {"appeal": "appeal", "cassation": "cassation"},
    "due": {
        "exhausted": "every way of appeal is exhausted: propose the release",
        "confirm": "its release is proposed: a second person confirms it",
        "ends": "the last way of appeal ends",
        "review": "review whether it still has to hold what it holds",
        "waiting": "calls are not held yet: a second person confirms",
    },
    "case.field": {
        "reason": "reason",
        "court": "court",
        "seat": "seat",
        "parties": "parties",
        "people": "people",
        "responsible": "responsible",
        "reviewed": "reviewed",
        "criteria": "no later calls are held any more by the criteria",
        "release": "taken back: the release proposed by",
    },
    "request.type": {
        "information": "information",
        "access": "access",
        "rectification": "rectification",
        "erasure": "erasure",
        "restriction": "restriction",
        "objection": "objection",
        "portability": "portability",
    },
    "request.state": {
        "received": "received",
        "identity_asked": "identity asked for",
        "verified": "identity verified",
        "found": "found",
        "decided": "decided",
        "answered_partly": "answered in part",
        "answered": "answered",
        "closed": "closed",
    },
    "ground": {
        "legal_duty": "a law obliges to keep it",
        "litigation": "kept for legal claims",
        "third_parties": "it would touch the rights of others",
        "not_the_person": "it is somebody else's",
        "identity_unproven": "who asks could not be identified",
        "unfounded_or_excessive": "manifestly unfounded or excessive",
        "legitimate_interest": "rests on legitimate interest: no portability",
        "compelling_grounds": "compelling legitimate grounds",
        "accurate": "it is right as it stands",
        "no_ground": "none of the grounds of the regulation is there",
        "already_gone": "destroyed before",
        "line_offers_none": "the line offers none: to be weighed",
        "legal_claims": "needed for legal claims",
        "other_request": "waits for another open request",
        "restricted": "waits: restricted",
        "release_delay": "waits: a hold was released a short while ago",
        "arriving": "waits: its audio is being taken in anew",
        "redaction_incomplete": "waits: its redaction is not released",
        "altered": "waits: somebody changed its row outside callwarden",
    },
    "step": {
        "request.opened": "entered",
        "request.identity_asked": "asked to show who they are",
        "request.verified": "identity verified",
        "request.found": "looked for what there is",
        "request.originals_searched": "looked for who is named",
        "request.previewed": "erasure previewed",
        "request.decided": "decided",
        "request.approved": "erasure approved",
        "request.extended": "two months more taken",
        "request.answered": "answered",
        "request.lift_told": "told that the restriction ends",
        "request.lifted": "restriction ended",
        "request.closed": "closed",
        "request.letter_written": "letter written",
        "request.rectified": "put right",
        "objection.decided": "objection decided",
        "recipient.told": "recipients told",
        "recipient.acknowledged": "a recipient knows",
    },
    "found_by": {
        "number": "by the number",
        "customer": "by the customer",
        "call": "another leg of such a call",
        "history": "known before: look at it",
        "named": "named in somebody else's call",
    },
    "decision": {"granted": "granted", "refused": "refused"},
    "letter": {
        "acknowledgement": "acknowledgement of receipt",
        "identity": "asking for identity",
        "extension": "it takes longer",
        "answer": "answer",
        "refusal": "refusal",
        "restriction-lifted": "a restriction will be lifted",
        "recipient": "to a recipient",
    },
    "recording.state": {
        "pending": "arriving",
        "stored": "kept",
        "quarantined": "set aside",
        "dropping": "being destroyed",
        "dropped": "destroyed",
        "disposing": "being destroyed",
        "disposed": "destroyed",
        "refused": "refused",
        "gone": "gone",
    },
    "purpose": {
        "recording": "being recorded",
        "training": "training",
        "quality": "quality",
        "dispute": "dispute",
        "staff_protection": "protection of staff",
        "ai_experiment": "AI experiments",
        "rights_request": "people's rights",
        "fraud_control": "fraud control",
    },
    "artefact": {one.value: one.value.replace("-", " ") for one in Readable},
    "role": {
        "trainer": "trainer",
        "supervisor": "supervisor",
        "legal": "legal",
        "dpo": "data protection officer",
        "investigator": "investigator",
        "analyst": "analyst",
        "auditor": "auditor",
        "operator": "operator",
        "telephony": "telephony",
        "transcriber": "program: transcription",
        "redactor": "program: redaction",
        "service": "program",
    },
    "reason": REASON,
    "outcome": {
        "stored": "stored",
        "refused": "refused",
        "duplicate": "received before",
        "quarantined": "set aside on arrival",
        "dead-lettered": "no valid event",
        "applied": "took effect",
        "in-flight": "on its way",
    },
    "wants": {
        "out_of_reach": "Something is out of reach.",
        "unbalanced": "What was published and what became of it do not add up.",
        "deleted_unread": "The bus has deleted events before anybody had read them.",
        "sweep_stopped": "The sweep has stopped: nothing that is due is destroyed.",
        "overdue": "Something has been due for disposal for more than an hour.",
        "log_late": "The access log has not been anchored for too long.",
        "disk_full": "A disk is nearly full.",
        "step_stopped": "A step does not run.",
        "quarantine": "Recordings in quarantine wait for somebody.",
        "dead_letters": "Dead letters wait for somebody.",
        "dead_notices": "Notices to others were given up.",
        "revocations": "Copies of experiments still hold what was revoked.",
    },
    "set_aside": {
        "no_credible_time": "it says no credible time",
        "future_time": "it lies in the future",
        "checksum_mismatch": "its audio is not what was announced (digest)",
        "length_mismatch": "its audio is not what was announced (length)",
        "unreadable_audio": "its audio cannot be read",
        "silent_audio": "its audio is silent",
        "missing_audio": "its audio is missing",
        "oversized_audio": "its audio is too large",
        "uri_not_allowed": "the address of its audio is not allowed",
        "unknown_line": "the policy has no such line",
        "conflicting_duplicate": "another recording of this call says otherwise",
        "objection_unreadable": "what the caller objected to cannot be read",
        "unlike_audio": "it is not like its audio",
        "duration_mismatch": "it is shorter or longer than its audio",
        "invalid_field": "a field is wrong",
        "notice_missing": "the caller was not told",
        "notice_unfinished": "the caller was not told to the end",
        "not_an_event": "it is no event",
        "unreadable_message": "the message cannot be unpacked",
        "unsupported_version": "its version is not known",
    },
    "testing.state": {"waiting": "waits for a second person", "open": "open", "lapsed": "lapsed", "over": "over"},
    "glass.state": {"waiting": "waits for a second person", "open": "open", "lapsed": "lapsed", "over": "over"},
    "told": {"stored": "stored", "refused": "refused", "quarantined": "quarantined", "disposed": "disposed of"},
    "webhook.end": {"removed": "removed", "gone": "answered that it is gone"},
    "notice.fault": {
        "unreachable": "no connection",
        "timeout": "no answer in time",
        "address_refused": "an address nothing may be sent to",
        "untrusted": "its certificate is not trusted",
        "redirected": "it redirects",
        "rejected": "it refuses",
        "gone": "it is gone",
        "not_http": "its answer is no HTTP",
        "webhook_ended": "the receiver was removed",
    },
    "letter.state": {"waiting": "waits", "retried": "sent again", "discarded": "destroyed"},
    "notice.state": {"waiting": "on their way", "delivered": "delivered", "dead": "given up"},
    "sweep": {
        "clock_ahead": "the clock is ahead",
        "clock_behind": "the clock is behind",
        "too_many_due": "too many are due at once",
    },
    "disk": {"home": "the system's own", "landing": "audio that arrives", "checkpoints": "checkpoints"},
    "step.state": {
        "starting": "starting",
        "waiting": "waits for a server",
        "working": "works",
        "stopped": "stopped",
        "left_out": "left out",
    },
    "today": {
        "making": "Being made",
        "ready": "Ready to be saved",
        "saved": "Saved, and here for an hour at most",
        "failed": "Not done",
        "request": "Requests to answer",
        "tell": "People to be told of what is done",
        "erasure": "Erasures to approve",
        "case.exhausted": "Cases whose ways of appeal are exhausted",
        "case.confirm": "Releases to confirm",
        "case.ends": "Cases whose last way of appeal ends",
        "case.review": "Cases to review",
        "case.waiting": "Calls to be held: a second person confirms",
        "objection": "Objections to be weighed",
        "emergency": "Emergency accesses to approve",
        "redaction": "Redactions that were withdrawn",
        "experiment": "Experiments to approve",
        "policy": "Changes of the policy to approve",
        "policy.propose": "A changed policy to propose",
        "revocations": "Copies to take revoked items out of",
        "testing": "Tests on real calls to approve",
    },
    "experiment.state": {
        "draft": "waits for approval",
        "approved": "approved",
        "built": "built",
        "closed": "closed",
        "ended": "ended by its date",
    },
    "carried": {"text": "redacted text", "audio": "beeped sound", "metadata": "coarse metadata"},
    "item.state": {"included": "taken", "revoked": "revoked", "destroyed": "destroyed"},
    "left_out": {
        "not_permitted": "the policy does not open it to analysts for experiments",
        "break_glass_needed": "opens in an emergency only",
        "testing_not_open": "opens with a permission to test only",
        "not_included": "no approved experiment includes it",
        "past_retention": "its period is over",
        "held_for_dispute_only": "kept for a dispute only",
        "objected": "the caller has objected",
        "restricted": "restricted",
        "quarantined": "set aside",
        "not_quarantined": "not set aside",
        "objection_unreadable": "what the caller objected to cannot be read",
        "objection_unknown": "whether the caller objected is not known",
        "row_altered": "changed past the system",
        "redaction_incomplete": "its redaction is not released",
        "future_time": "it lies in the future",
        "range_not_satisfiable": "it has no such part",
        "disposed": "destroyed",
        "key_missing": "its key is missing",
        "unknown": "not there",
        "log_unavailable": "the access log could not be written",
        "other_line": "of another line",
        "out_of_dates": "outside the days",
        "label_missing": "a label is missing",
        "not_drawn": "not of the sample",
        "revoked_before": "let go before",
        "redaction_changed": "redacted anew since",
        "closed": "the experiment was closed",
        "ended": "the experiment has ended",
    },
    "did": {
        "dropped": "destroyed",
        "limited": "closed to these uses",
        "kept_for_case": "kept for a case",
        "kept_for_request": "kept until a request is answered",
        "not_offered": "to be weighed, as the line offers none",
    },
    "when_unknown": {
        "record": "the call is kept",
        "refuse": "the call is not kept",
        "wait": "word of it is waited for",
    },
    "notice": {
        "record": "the call is kept",
        "quarantine": "the call is set aside",
        "refuse": "the call is not kept",
    },
    "opening.state": {
        "live": "live",
        "past its period": "past its period",
        "past its period and held": "past its period and held",
        "restricted": "restricted",
        "objected to for that purpose": "objected to for that purpose",
        "in quarantine": "set aside",
        "redaction incomplete": "redaction incomplete",
    },
    "reach": {
        "recording": "one recording of theirs",
        "each": "those that are theirs",
        "all": "several, all theirs",
        "none": "no recording",
        "whole": "everything: nobody who is narrowed",
    },
    "basis": {
        "consent": "consent",
        "contract": "contract",
        "legal_obligation": "legal obligation",
        "public_task": "public task",
        "legitimate_interest": "legitimate interest",
    },
    "language": {"fr": "French", "en": "English"},
    "usage": {**USAGE, "otherwise": OTHERWISE},
    "awaited": AWAITED,
    "scope": {"call": "one call", "number": "a number", "customer": "a customer"},
    "field": {
        "number": "number",
        "customer": "customer",
        "name": "name",
        "agent": "agent",
        "line": "line",
        "started_at": "beginning",
        "ended_at": "end",
        "labels": "labels",
    },
}


@pass_context
def said(context: Context, kind: str, code: Any) -> str:
    """The words of a code, in the reader's language; the code itself where it has none."""
    text = str(getattr(code, "value", code))
    words = VOCABULARY[kind].get(text)
    translated: str = text if words is None else context["pgettext"](kind, words)
    return translated


@pass_context
def explained(context: Context, failed: "Failed") -> list[str]:
    """Why a form was not done, in the reader's language, sentence by sentence. What a desk says of how something was
    typed names options of commands: pages say the same by what is in it."""
    known = [code for code in failed.reasons if code in VOCABULARY["reason"]]
    return [said(context, "reason", code) for code in known] or [
        mended(context, one) for one in failed.faults or (failed.message,)
    ]


@pass_context
def mended(context: Context, message: str) -> str:
    """What a desk says of how something was typed, as pages say it. What nothing is known of is said in general, but
    to whoever reads the desks' own language: no page is in two languages."""
    return _retold(context, "usage", USAGE, message) or _in_general(context, message)


@pass_context
def awaited(context: Context, sentence: str) -> str:
    """What a procedure waits for, as pages say it."""
    return _retold(context, "awaited", AWAITED, sentence) or _in_general(context, sentence)


def _retold(context: Context, kind: str, keys: Mapping[str, str], sentence: str) -> str | None:
    return retold(
        sentence,
        keys,
        translated=lambda words: str(context["pgettext"](kind, words)),
        shown=lambda value: _shown(context, value),
    )


def _in_general(context: Context, message: str) -> str:
    if context["words"].language is Language.ENGLISH:
        return message
    translated: str = context["_"](message)
    return translated if translated != message else str(context["pgettext"]("usage", OTHERWISE))


def _shown(context: Context, value: str) -> str:
    """A day as pages write it; what else stands in a sentence as it is."""
    try:
        return str(context["words"].day(date.fromisoformat(value)))
    except ValueError:
        return value


@pass_context
def choices(context: Context, kind: str, codes: Iterable[Any]) -> list[tuple[str, str]]:
    """Codes with their words, for a list to choose from."""
    return [(str(getattr(code, "value", code)), said(context, kind, code)) for code in codes]


def pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Values that are words already, for a list to choose from."""
    return [(value, value) for value in values]
