"""Papers from the policy: the register, notices, periods and matrices, each with the policy's version and the day.

What they say is no secret to anybody who works here, and holds nothing of any call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from callwarden.errors import UsageError
from callwarden.model.ids import LineId
from callwarden.model.letter import Language
from callwarden.model.paper import Announcement, Audience, Change, Form, Paper, PaperKind, Sources
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy
from callwarden.ports.clock import Clock
from callwarden.ports.letter_book import LetterBook
from callwarden.rules.papers.dpia import dpia
from callwarden.rules.papers.matrices import access, acts, subcontractors
from callwarden.rules.papers.notices import TEMPLATES, missing, notice_values, seconds
from callwarden.rules.papers.register import register
from callwarden.rules.papers.schedule import schedule

_MAKE: Final[dict[PaperKind, Callable[[Sources], Paper]]] = {
    PaperKind.REGISTER: register,
    PaperKind.SCHEDULE: schedule,
    PaperKind.SUBCONTRACTORS: subcontractors,
    PaperKind.DPIA: dpia,
    PaperKind.ACCESS: access,
    PaperKind.ACTS: acts,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A whole notice, as one HTML page."""

    audience: Audience
    language: Language
    policy_version: str
    missing: tuple[str, ...]
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDesk:
    """Raises ConfigurationError, naming file and line, where the house's own words or templates are broken. `history`
    answers for the policy in force. Thread-safe."""

    policy: Policy
    clock: Clock
    book: LetterBook
    evaluations_kept: Callable[[], CalendarPeriod]
    history: Callable[[], tuple[Change, ...]]
    sheets: Callable[[Paper], bytes]

    def paper(self, kind: PaperKind, language: Language) -> Paper:
        return _MAKE[kind](self._sources(language))

    def page(self, paper: Paper) -> str:
        """The paper as one HTML page."""
        return self.book.page("paper", paper.language, {"paper": paper})

    def notice(self, audience: Audience, language: Language) -> Notice:
        sources = self._sources(language)
        return Notice(
            audience=audience,
            language=language,
            policy_version=self.policy.version,
            missing=missing(sources, audience),
            page=self.book.page(TEMPLATES[audience, Form.LONG], language, notice_values(sources)),
        )

    def announcements(self, language: Language, line: str | None = None) -> list[Announcement]:
        """What callers of each line are told at the beginning of a call. Raises UsageError for a line that is none."""
        if line is not None and line not in self.policy.lines:
            raise UsageError(f"{line} is not one of the policy's lines: {', '.join(self.policy.lines)}")
        sources = self._sources(language)
        found = []
        for each in [LineId(line)] if line else self.policy.lines:
            made = self.book.page(TEMPLATES[Audience.CALLERS, Form.SHORT], language, notice_values(sources, line=each))
            text = " ".join(made.split())
            found.append(Announcement(line=each, text=text, seconds=seconds(text)))
        return found

    def missing(self, kind: PaperKind, language: Language) -> tuple[str, ...]:
        """What is to be written before anybody relies on a paper."""
        return self.paper(kind, language).missing

    def _sources(self, language: Language) -> Sources:
        return Sources(
            policy=self.policy,
            words=self.book.words(language),
            sender=None if self.book.sender_is_example else self.book.sender,
            evaluations_kept=self.evaluations_kept(),
            today=self.clock.now().astimezone(self.policy.time_zone).date(),
            history=self.history(),
        )
