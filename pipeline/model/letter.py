"""Letters to people who exercise their rights (D1 to D3): their kinds, what stands in them, and the words they use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from callwarden.model.period import CalendarPeriod
from callwarden.model.request import Decision, RequestType


class Language(StrEnum):
    """Of a letter or a pack (ISO 639-1)."""

    FR = "fr"
    EN = "en"

    @property
    def colon(self) -> str:
        """Between a name and what it is, with its spaces."""
        return "\N{NO-BREAK SPACE}: " if self is Language.FR else ": "


class LetterKind(StrEnum):
    """Each has a template of this name in each language."""

    ACKNOWLEDGEMENT = "acknowledgement"
    IDENTITY = "identity"
    EXTENSION = "extension"
    ANSWER = "answer"
    REFUSAL = "refusal"
    RESTRICTION_LIFTED = "restriction-lifted"
    RECIPIENT = "recipient"
    """To whoever was given a copy of what is now erased, rectified or restricted (GDPR, article 19)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes: the controller and its data protection officer, as letters and papers name them."""

    name: str
    address: tuple[str, ...]
    dpo: str
    contact: str
    website: str | None = None
    """Where callers read the whole notice."""
    joint_controllers: tuple[str, ...] = ()
    """Name and contact of each (GDPR, article 26)."""
    works_council: str | None = None
    """When the works council was informed and consulted, and about what (Code du travail, L2312-38)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterItem:
    """One recording a letter speaks of. `when` the call began, by the company's clock; `reason` is the code of a
    refusal, None where the request is granted; `waits`: it is done once the reason has ceased."""

    reference: str
    when: datetime | None
    reason: str | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPurpose:
    """What an objection to one purpose came to, and for how many recordings; `reason` is the code of a refusal."""

    purpose: str
    count: int
    decision: Decision | None = Decision.GRANTED
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterCorrection:
    """What was put right in one recording: a field, what stood there before and what stands there now."""

    when: datetime | None
    what: str
    was: str | None = field(repr=False)
    now: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What stands in a letter, whatever its words. Days are the company's.

    `not_enclosed` counts the granted recordings whose content the pack lacks, and says why, but for those that wait;
    `purposes` are what an objection was to, `corrections` what a rectification has put right;
    `reason` is a person's own words (extension, restriction lifted) or the code of a refusal of the whole request;
    `recipients` are those who were given a copy; `to` is the address, line by line, which is kept nowhere.
    """

    kind: LetterKind
    language: Language
    reference: str
    type: str
    received: date
    due: date
    today: date
    reason: str | None = field(default=None, repr=False)
    items: tuple[LetterItem, ...] = ()
    recipients: tuple[str, ...] = ()
    not_enclosed: int = 0
    purposes: tuple[LetterPurpose, ...] = ()
    corrections: tuple[LetterCorrection, ...] = field(default=(), repr=False)
    to: tuple[str, ...] = field(default=(), repr=False)

    @property
    def granted(self) -> tuple[LetterItem, ...]:
        return tuple(item for item in self.items if item.reason is None)

    @property
    def waiting(self) -> tuple[LetterItem, ...]:
        return tuple(item for item in self.items if item.waits)

    @property
    def refused(self) -> tuple[LetterItem, ...]:
        return tuple(item for item in self.items if item.reason is not None and not item.waits)


def letter_values(letter: Letter) -> dict[str, object]:
    """What a template may speak of, by name."""
    return {
        "request": {
            "reference": letter.reference,
            "type": letter.type,
            "received": letter.received,
            "due": letter.due,
            "reason": letter.reason,
        },
        "today": letter.today,
        "items": letter.items,
        "granted": letter.granted,
        "waiting": letter.waiting,
        "refused": letter.refused,
        "not_enclosed": letter.not_enclosed,
        "of_file": len(letter.granted) + len(letter.waiting),
        "enclosed": max(0, len(letter.granted) - letter.not_enclosed) if letter.type == RequestType.ACCESS else 0,
        "purposes": letter.purposes,
        "corrections": letter.corrections,
        "recipients": letter.recipients,
        "to": letter.to,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language: a text for every code of every closed vocabulary a letter may speak of."""

    language: Language
    sections: Mapping[str, Mapping[str, str]]
    phrases: Mapping[str, str]
    months: tuple[str, ...]

    def of(self, section: str, code: str) -> str:
        """Raises KeyError for a code that has no text."""
        return self.sections[section][code]

    def day(self, day: date) -> str:
        """``27 novembre 2026``, ``1er mai 2026``."""
        number = self.phrases["first_of_month"] if day.day == 1 else str(day.day)
        return f"{number} {self.months[day.month - 1]} {day.year}"

    def moment(self, at: datetime | None) -> str:
        """``27 novembre 2026 à 9 h 05``, by the clock `at` is given in."""
        if at is None:
            return self.phrases["undated"]
        return self.phrases["moment"].format(day=self.day(at.date()), hour=at.hour, minute=f"{at.minute:02}")

    def period(self, period: CalendarPeriod) -> str:
        """``6 mois``, ``1 an``, ``1 an, 15 jours``."""
        years, months = divmod(period.months, 12)
        return self._counted((years, "year"), (months, "month"), (period.days, "day"))

    def duration(self, duration: timedelta) -> str:
        """``24 heures``, ``1 heure, 30 minutes``; days from two on. Fractions of a second are left out."""
        minutes, seconds = divmod(int(duration.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24) if hours >= 48 else (0, hours)
        return self._counted((days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second"))

    def _counted(self, *counted: tuple[int, str]) -> str:
        units = self.sections["units"]
        return ", ".join(f"{n} {units[unit if n == 1 else f'{unit}s']}" for n, unit in counted if n)
