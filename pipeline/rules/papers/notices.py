"""What a notice may speak of: values a template of the house puts into words (GDPR, articles 13 and 14)."""

from collections.abc import Mapping
from typing import Final

from callwarden.model.ids import LineId
from callwarden.model.paper import PaperKind, Sources
from callwarden.model.policy import LegalBasis, LinePolicy
from callwarden.model.purpose import DUTIES
from callwarden.rules.access_pack import basis_of
from callwarden.rules.papers.telling import Telling

WORDS_A_SECOND: Final = 2.5
"""How fast an announcement is spoken: 150 words a minute."""

TEMPLATES: Final = {PaperKind.NOTICE: "notice-callers", PaperKind.STAFF_NOTICE: "notice-staff"}
ANNOUNCEMENT: Final = "announcement.txt"

_ALWAYS: Final = (
    "missing_sender",
    "missing_interest",
    "missing_transfers",
    "missing_automated",
    "missing_processors",
    "missing_consent",
)
_PORTABLE: Final = frozenset({LegalBasis.CONSENT, LegalBasis.CONTRACT})
_MISSING: Final = {
    PaperKind.NOTICE: (*_ALWAYS, "missing_website", "missing_to_object"),
    PaperKind.STAFF_NOTICE: (*_ALWAYS, "missing_works_council"),
}


def seconds(text: str) -> float:
    """How long it takes to say."""
    return round(len(text.split()) / WORDS_A_SECOND, 1)


def missing(sources: Sources, kind: PaperKind) -> tuple[str, ...]:
    return Telling(sources).missing(*_MISSING[kind])


def notice_values(sources: Sources, *, line: LineId | None = None) -> Mapping[str, object]:
    """What a template may speak of, by name; of an announcement `line` is the line of."""
    telling, policy, words = Telling(sources), sources.policy, sources.words
    lines = [_line(telling, one) for one in policy.lines.values() if line in (None, one.line)]
    return {
        "notice": {
            "version": policy.version,
            "stamp": telling.stamp(),
            "missing_title": telling.says("missing"),
            "missing": missing(sources, PaperKind.NOTICE),
            "missing_for_staff": missing(sources, PaperKind.STAFF_NOTICE),
            "controller": sources.sender,
            "lines": lines,
            "line": lines[0] if len(lines) == 1 else None,
            "purposes": [
                {
                    "words": telling.purpose(one),
                    "basis": telling.basis(one),
                    "objectable": one not in DUTIES,
                    "lines": [telling.line(each) for each in policy.lines if one in telling.purposes(each)],
                }
                for one in telling.every_purpose()
            ],
            "on_every_line": all(telling.purposes(each) == telling.every_purpose() for each in policy.lines),
            "interest": telling.interest(),
            "recipients": telling.recipients(),
            "processors": telling.processors(),
            "where": telling.where(),
            "consent": telling.listed(telling.purpose(one) for one in telling.consented()),
            "portable": any(basis_of(one, policy) in _PORTABLE for one in telling.every_purpose()),
            "testing": telling.testing(),
            "figures": telling.figures(),
            "automated": telling.automated(),
            "quarantine": words.period(policy.quarantine),
            "objection_within": words.duration(policy.objection_within),
            "evaluations_kept": words.period(sources.evaluations_kept),
            "log_kept": words.period(policy.log_retention),
            "emergency": words.duration(policy.break_glass_lasts)
            if any(one.break_glass for one in policy.access)
            else None,
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
        "objection_offered": line.objection_honoured,
        "objection": telling.objection(line),
        "to_object": telling.stated(line.to_object),
        "transcribed": line.transcription,
        "objectable": any(one not in DUTIES for one in telling.purposes(line.line)),
        "spoken": telling.listed(words.of("spoken", one.value) for one in telling.purposes(line.line)),
    }
