"""The words of codes, as pages show them. English here; ``locale/fr/vocabulary.po`` has the
French, under the kind of each (``msgctxt``)."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context

if TYPE_CHECKING:
    from callwarden.workers.web.portal.forms import Failed

VOCABULARY: Final[Mapping[str, Mapping[str, str]]] = {
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
    "artefact": {
        "original-audio": "original audio",
        "original-transcript": "original transcript",
        "beeped-audio": "beeped audio",
        "redacted-transcript": "redacted transcript",
        "waveform": "waveform",
        "metadata": "metadata",
        "log": "access log",
    },
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
    "reason": {
        "not_permitted": "Your role may not do this, or not to what reaches other lines.",
        "unknown": "There is no such thing, or you may not see it.",
        "same_person": "This takes two people: somebody else has to confirm it.",
        "name_taken": "This name was used already, for a case that is open and says something else, or was released. "
        "Open a case under another name.",
        "too_many_to_hold": "This is more than one person alone may hold. Say why it may be so many; then somebody "
        "else confirms it.",
        "hold_on_everything": "This is everything there is: say which calls, by caller, line, days or more.",
        "row_altered": "Somebody changed this outside callwarden, so nothing of it is believed. Tell the operators.",
        "log_unavailable": "The access log could not be written, so nothing was done. Try again in a moment.",
        "identity_unverified": "Say first how you know who asks.",
        "not_found_yet": "Look first for what there is.",
        "undecided": "Decide about every item first.",
        "already_answered": "It has been answered: open a new request.",
        "not_previewed": "Preview the erasure first.",
        "preview_changed": "Something has changed since the preview: preview it again.",
        "not_approved": "Somebody else has to approve the preview first.",
        "unfinished": "What was granted is not done yet: approve it, or decide it, again to go on.",
        "too_late": "An extension is told inside the first month.",
        "already_extended": "A request is extended once.",
        "not_an_erasure": "This is for requests of erasure.",
        "not_a_restriction": "This is for requests of restriction.",
        "carried_out": "This item has been carried out already.",
        "nothing_restricted": "Nothing is restricted for it any more.",
        "not_a_rectification": "This is for requests of rectification.",
        "not_rectified": "Put right first what was granted.",
        "not_told": "Tell the person first, by the letter, or say how they were told.",
        "legitimate_interest": "These recordings rest on legitimate interest, and portability is of data given by "
        "consent or contract. Refuse it on that ground; the letter offers access in its place.",
        "quarantined": "The recording was set aside, and nobody has cleared it.",
        "redaction_incomplete": "Its redaction is not released.",
        "restricted": "The recording is restricted: it is stored only.",
        "key_missing": "The recording is there, and the key that opens it is not. Tell the operators.",
        "past_retention": "The recording's period is over.",
        "disposed": "The recording is destroyed.",
    },
    "outcome": {
        "stored": "stored",
        "refused": "refused",
        "duplicate": "there before",
        "quarantined": "in quarantine",
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
        "step_stopped": "A step is stopped, or none runs here.",
        "quarantine": "Recordings in quarantine wait for somebody.",
        "dead_letters": "Dead letters wait for somebody.",
        "dead_notices": "Notices to others were given up.",
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
    """Why a form was not done, in the reader's language where the reason has words, sentence by sentence."""
    known = [code for code in failed.reasons if code in VOCABULARY["reason"]]
    return [said(context, "reason", code) for code in known] or [context["_"](failed.message)]


@pass_context
def choices(context: Context, kind: str, codes: Iterable[Any]) -> list[tuple[str, str]]:
    """Codes with their words, for a list to choose from."""
    return [(str(getattr(code, "value", code)), said(context, kind, code)) for code in codes]


def pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Values that are words already, for a list to choose from."""
    return [(value, value) for value in values]
