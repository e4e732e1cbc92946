"""What a notice may speak of: values a template of the house puts into words (GDPR, articles 13 and 14)."""

from collections.abc import Mapping
from typing import Final

from callwarden.model.access import Readable
from callwarden.model.ids import LineId
from callwarden.model.paper import Audience, Form, Sources
from callwarden.model.policy import LinePolicy
from callwarden.model.purpose import DUTIES
from callwarden.rules.papers.telling import Telling

WORDS_A_SECOND: Final = 2.5
"""How fast an announcement is spoken: 150 words a minute."""
LONGEST_S: Final = 20.0
"""How long callers listen to an announcement."""

TEMPLATES: Final = {
    (Audience.CALLERS, Form.LONG): "notice-callers",
    (Audience.STAFF, Form.LONG): "notice-staff",
    (Audience.CALLERS, Form.SHORT): "announcement.txt",
}

_MISSING: Final = {
    Audience.CALLERS: ("missing_sender", "missing_website", "missing_interest", "missing_transfers"),
    Audience.STAFF: ("missing_sender", "missing_works_council", "missing_interest", "missing_transfers"),
}


def seconds(text: str) -> float:
    """How long it takes to say."""
    return round(len(text.split()) / WORDS_A_SECOND, 1)


def missing(sources: Sources, audience: Audience) -> tuple[str, ...]:
    return Telling(sources).missing(*_MISSING[audience])


def notice_values(sources: Sources, *, line: LineId | None = None) -> Mapping[str, object]:
    """What a template may speak of, by name; of an announcement `line` is the line of."""
    telling, policy, words = Telling(sources), sources.policy, sources.words
    lines = [_line(telling, one) for one in policy.lines.values() if line in (None, one.line)]
    return {
        "notice": {
            "version": policy.version,
            "stamp": telling.stamp(),
            "missing_title": telling.says("missing"),
            "missing": missing(sources, Audience.CALLERS),
            "missing_for_staff": missing(sources, Audience.STAFF),
            "controller": sources.sender,
            "lines": lines,
            "line": lines[0] if len(lines) == 1 else None,
            "purposes": [
                {
                    "words": telling.purpose(one),
                    "short": words.of("spoken", one.value),
                    "basis": telling.basis(one),
                    "objectable": one not in DUTIES,
                    "lines": [telling.line(each) for each in policy.lines if one in telling.purposes(each)],
                }
                for one in telling.every_purpose()
            ],
            "on_every_line": all(telling.purposes(each) == telling.every_purpose() for each in policy.lines),
            "interest": telling.interest(),
            "recipients": telling.recipients(),
            "processors": [telling.processor(one) for one in policy.processors],
            "transfers": telling.transfers(),
            "automated": telling.automated(),
            "quarantine": words.period(policy.quarantine),
            "objection_within": words.duration(policy.objection_within),
            "evaluations_kept": words.period(sources.evaluations_kept),
            "log_kept": words.period(policy.log_retention),
            "emergency": words.duration(policy.break_glass_lasts)
            if any(one.break_glass for one in policy.access)
            else None,
            "originals_by": [
                words.of("roles", role.value)
                for role in telling.roles()
                if any(one.role is role and Readable.ORIGINAL_AUDIO in one.artefacts for one in policy.access)
            ],
        },
        "today": sources.today,
    }


def _line(telling: Telling, line: LinePolicy) -> dict[str, object]:
    words = telling.of.words
    return {
        "id": line.line,
        "name": telling.line(line.line),
        "is_recorded": line.share > 0,
        "all": line.share == 1,
        "recorded": telling.recorded(line),
        "kept": telling.periods(line),
        "retention": words.period(line.retention),
        "objection_offered": line.objection_honoured,
        "objection": telling.objection(line),
        "transcribed": line.transcription,
        "purposes": [telling.purpose(one) for one in telling.purposes(line.line)],
        "spoken": telling.listed(words.of("spoken", one.value) for one in telling.purposes(line.line)),
        "recipients": telling.recipients(line.line),
    }
