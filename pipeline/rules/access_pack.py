"""What a person gets to know of what is kept about them, in words (D5, D7; GDPR, article 15). Pure.

The document is the same for the JSON file and for the page: plain values, codes beside their words. Nothing in it names
anybody but the person concerned: no agent, no account, no other person on the contract.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from callwarden.model.access import MACHINES, Readable
from callwarden.model.consultation import Consultation
from callwarden.model.event import CallRecorded, Notice
from callwarden.model.ids import LineId
from callwarden.model.letter import Language, Sender, Words
from callwarden.model.log_entry import Operation
from callwarden.model.policy import LegalBasis, LinePolicy, Policy
from callwarden.model.purpose import DUTIES, RECORDING, Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.access_copy import CopyTurn, Masked
from callwarden.rules.reading import ReadRefusal

FORMAT: Final = "callwarden-access-pack/1"

_CONTENT: Final = frozenset(Readable)
BASES: Final = frozenset(LegalBasis)
SPEAKERS: Final = frozenset({"agent", "caller", "unknown"})
CONSULTED: Final = frozenset(
    {Operation.CONTENT_READ, Operation.CONTENT_RANGE, Operation.SEARCH, Operation.CALL_MONITORED}
)
"""Readings a person is told of."""
NOT_ENCLOSED: Final = frozenset(
    {
        ReadRefusal.REDACTION_INCOMPLETE,
        ReadRefusal.RESTRICTED,
        ReadRefusal.HELD_FOR_DISPUTE_ONLY,
        ReadRefusal.QUARANTINED,
        ReadRefusal.PAST_RETENTION,
        ReadRefusal.DISPOSED,
    }
)
"""Why the content of a recording may be missing from an answer that is right all the same. Anything else stops it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackItem:
    """One recording of the answer. `event` and `transcript` are None, and `audio` (a file's name) too, where they are
    not enclosed; `withheld` says why, and `silent` why the sound alone is not. `by_hand` is
    the file of a copy that a person has masked instead."""

    recording: Recording
    event: CallRecorded | None
    transcript: tuple[CopyTurn, ...] | None = field(default=None, repr=False)
    audio: str | None = None
    by_hand: str | None = None
    withheld: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


def basis_of(purpose: Purpose, policy: Policy) -> LegalBasis:
    """The legal basis of a purpose (U1), as the policy states it."""
    ordinary = LegalBasis.LEGAL_OBLIGATION if purpose in DUTIES else LegalBasis.LEGITIMATE_INTEREST
    return LegalBasis(dict(policy.legal_bases).get(purpose.value, ordinary))


def _stated(said: tuple[tuple[str, str], ...], words: Words, phrase: str) -> str:
    """What the policy says in this language; where it says nothing, the house's own words."""
    return dict(said).get(words.language.value, words.phrases[phrase])


def pack_document(
    request: Mapping[str, object],
    items: Sequence[PackItem],
    consultations: Sequence[Consultation],
    *,
    told: Sequence[str],
    sender: Sender,
    words: Words,
    policy: Policy,
    today: date,
) -> dict[str, object]:
    """The whole of the pack but its files. `request` is its own part, as it is shown; `told` are the recipients outside
    that were given a copy."""
    roles = {grant.role for grant in policy.access}
    return {
        "format": FORMAT,
        "language": words.language.value,
        "made_on": today.isoformat(),
        "request": dict(request),
        "controller": {
            "name": sender.name,
            "address": list(sender.address),
            "dpo": sender.dpo,
            "contact": sender.contact,
        },
        "source": words.phrases["source"],
        "interest": _stated(policy.interest, words, "interest"),
        "location": _stated(policy.transfers, words, "location"),
        "sound": words.phrases["sound"] if any(item.audio for item in items) else None,
        "automated_decisions": _stated(policy.automated_decisions, words, "no_automated"),
        "rights": words.phrases["your_rights"],
        "recipients": {
            "in_house": [words.of("roles", role.value) for role in sorted(roles)],
            "given_a_copy": list(told),
        },
        "lines": [_line(line, policy, words) for line in policy.lines.values()],
        "recordings": [
            _recording(
                item, [one for one in consultations if one.recording_id == item.recording.recording_id], words, policy
            )
            for item in items
        ],
    }


def _recording(
    item: PackItem, consultations: Sequence[Consultation], words: Words, policy: Policy
) -> dict[str, object]:
    row, zone = item.recording, policy.time_zone
    return {
        "recording": row.recording_id,
        "call": row.call_id,
        "leg": row.leg,
        "segment": row.segment,
        "line": row.line,
        "line_name": line_name(row.line, policy, words.language),
        "when": words.moment(_local(row.started_at, zone)),
        "started_at": _instant(row.started_at, zone),
        "ended_at": _instant(row.ended_at, zone),
        "of_the_call": None if item.event is None else _said_by_event(item.event, words),
        "retention": _retention(row, words, policy),
        "kept_until": _instant(row.keep_until, zone),
        "held_for_a_dispute": bool(row.holds),
        "restricted": words.phrases["is_restricted"] if row.restricted else None,
        "purposes": [_purpose(purpose, row, words, policy) for purpose in purposes_of(row.line, policy)],
        "audio": item.audio,
        "masked_by_hand": item.by_hand,
        "transcript": None if item.transcript is None else [_turn(turn, words) for turn in item.transcript],
        "not_enclosed": [{"code": code, "words": words.of("withheld", code)} for code in item.withheld],
        "sound_not_enclosed": [{"code": code, "words": words.of("withheld", code)} for code in item.silent],
        "consultations": [
            {
                "day": one.day.isoformat(),
                "words": words.day(one.day),
                "purpose": words.of("purposes", one.purpose) if one.purpose else "",
                "how": words.of("consultations", one.operation),
                "what": words.of("artefacts", one.artefact) if one.artefact else "",
                "by": words.phrases["by_machine" if one.by_machine else "by_person"],
                "times": one.times,
            }
            for one in consultations
        ],
    }


def _line(line: LinePolicy, policy: Policy, words: Words) -> dict[str, object]:
    """What is promised on a line, whether or not anything of it is kept: the notice (GDPR, articles 13 and 14)."""
    return {
        "line": line.line,
        "line_name": line_name(line.line, policy, words.language),
        "recorded": words.phrases["recorded" if line.share else "not_recorded"],
        "retention": words.period(line.retention),
        "audio_retention": None if line.audio_retention is None else words.period(line.audio_retention),
        "objection": words.phrases["objection_offered" if line.objection_honoured else "objection_not_offered"],
        "purposes": [
            {"words": words.of("purposes", one.value), "basis": words.of("bases", basis_of(one, policy))}
            for one in purposes_of(line.line, policy)
        ],
    }


def line_name(line: LineId, policy: Policy, language: Language) -> str:
    """What people call it, where the policy says; else its id."""
    known = policy.lines.get(line)
    return line if known is None else dict(known.name).get(language.value, line)


def _said_by_event(event: CallRecorded, words: Words) -> dict[str, object]:
    """What the telephone system said of it. Labels are foreign text: codes are shown, words may name anybody."""
    return {
        "direction": words.of("directions", event.direction.value),
        "your_number": event.caller.number,
        "your_customer_id": event.caller.customer_id,
        "your_name": event.caller.name,
        "notice_version": event.notice_version,
        "notice": _notice(event, words),
        "answered_after_s": event.answered_after_s,
        "pauses": [{"from_s": pause.from_s, "to_s": pause.to_s} for pause in event.pauses],
        "labels": {
            name: value if _is_code(value) and value != event.agent.id else f"[{words.phrases['masked']}]"
            for name, value in event.labels
        },
    }


def _notice(event: CallRecorded, words: Words) -> dict[str, object] | None:
    """What the telephone system said of the announcement that the call is recorded."""
    notice = event.notice
    if notice == Notice() and event.notice_version is None:
        return None
    facts = (
        ("notice_not_played", notice.played is False),
        ("notice_heard", notice.completed is True),
        ("notice_broken_off", notice.completed is False),
        ("notice_played", notice.played is True),
    )
    code = next((code for code, applies in facts if applies), "notice_unknown")
    version = notice.version or event.notice_version
    return {"version": version, "played": notice.played, "completed": notice.completed, "words": words.phrases[code]}


def _is_code(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and not any(letter.isspace() for letter in text)


def purposes_of(line: LineId, policy: Policy) -> list[Purpose]:
    """What people may use calls of this line for; machines only prepare what people read. Without a transcription
    there is nothing but the sound."""
    kept = _CONTENT if line not in policy.lines or policy.lines[line].transcription else {Readable.ORIGINAL_AUDIO}
    grants = (
        one
        for one in policy.access
        if one.role not in MACHINES and (not one.lines or line in one.lines) and not kept.isdisjoint(one.artefacts)
    )
    granted = {purpose for grant in grants for purpose in grant.purposes}
    return [purpose for purpose in Purpose if purpose in granted]


def _purpose(purpose: Purpose, row: Recording, words: Words, policy: Policy) -> dict[str, object]:
    objected = purpose in row.objected and purpose not in DUTIES
    return {
        "purpose": purpose.value,
        "words": words.of("purposes", purpose.value),
        "basis": words.of("bases", basis_of(purpose, policy)),
        "objected": words.phrases["objected"] if objected or RECORDING in row.objected else None,
    }


def _retention(row: Recording, words: Words, policy: Policy) -> str | None:
    if row.keep_until is None:
        return None
    if row.holds:
        return words.phrases["held"]
    line = policy.lines.get(row.line)
    local = _local(row.keep_until, policy.time_zone)
    assert local is not None
    if row.state is RecordingState.QUARANTINED:
        return words.phrases["quarantine"].format(period=words.period(policy.quarantine), day=words.day(local.date()))
    if line is None:
        return words.day(local.date())
    return words.phrases["retention"].format(period=words.period(line.retention), day=words.day(local.date()))


def _turn(turn: CopyTurn, words: Words) -> dict[str, object]:
    speaker = turn.speaker if turn.speaker in SPEAKERS else "unknown"
    return {
        "at_s": round(turn.start_s, 1),
        "speaker": words.of("speakers", speaker),
        "text": "".join(part if isinstance(part, str) else _mask(part, words) for part in turn.parts),
    }


def _mask(mask: Masked, words: Words) -> str:
    if mask.type is None:
        return f"[{words.phrases['keyed']}]"
    return f"[{words.of('masks', mask.type.value)} {mask.number}]"


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)


def _instant(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else at.astimezone(zone).isoformat()
