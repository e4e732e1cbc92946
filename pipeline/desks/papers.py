"""Papers from the policy: the register, notices, periods and matrices, each with the policy's version and the day.

What they say is no secret to anybody who works here, and holds nothing of any call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from callwarden.errors import UsageError
from callwarden.model.ids import LineId
from callwarden.model.letter import Language
from callwarden.model.paper import NOTICES, Announcement, Notice, Paper, PaperKind, SheetDates, Sources
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy
from callwarden.ports.clock import Clock
from callwarden.ports.letter_book import LetterBook
from callwarden.rules.papers.dpia import dpia
from callwarden.rules.papers.matrices import matrices, subcontractors
from callwarden.rules.papers.notices import ANNOUNCEMENT, TEMPLATES, missing, notice_values, seconds
from callwarden.rules.papers.register import register
from callwarden.rules.papers.schedule import schedule

_MAKE: Final[dict[PaperKind, Callable[[Sources], Paper]]] = {
    PaperKind.REGISTER: register,
    PaperKind.SCHEDULE: schedule,
    PaperKind.SUBCONTRACTORS: subcontractors,
    PaperKind.MATRICES: matrices,
    PaperKind.DPIA: dpia,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDesk:
    """Raises ConfigurationError, naming file and line, where the house's own words or templates are broken. `dates`
    answers for the policy in force. Thread-safe."""

    policy: Policy
    clock: Clock
    book: LetterBook
    evaluations_kept: Callable[[], CalendarPeriod]
    dates: Callable[[], Mapping[str, SheetDates]]
    sheets: Callable[[Paper], bytes]

    def made(self, kind: PaperKind, language: Language, line: str | None = None) -> Paper | Notice:
        """A paper, or a notice; `line` narrows a notice's announcements. Raises UsageError for a line that is none, and
        where there is nothing to narrow."""
        if line is not None and kind is not PaperKind.NOTICE:
            raise UsageError("a line narrows the announcements of the callers' notice, and no other paper")
        if line is not None and line not in self.policy.lines:
            raise UsageError(
                f"{line} is not one of the policy's lines: {', '.join(self.policy.lines)}; write it under `lines`"
            )
        return self._notice(kind, language, line) if kind in NOTICES else self.paper(kind, language)

    def of(self, draft: Policy) -> "PaperDesk":
        """The same for a policy that is in force nowhere: no date is known of it, and nothing puts it in force."""
        return replace(self, policy=draft, dates=dict)

    def titles(self, language: Language) -> dict[PaperKind, str]:
        """What papers there are."""
        words = self.book.words(language)
        return {kind: words.of("papers", kind.value) for kind in PaperKind}

    def paper(self, kind: PaperKind, language: Language) -> Paper:
        """One of those that are tables."""
        return _MAKE[kind](self._sources(language))

    def page(self, made: Paper | Notice) -> str:
        """The whole of it as one HTML page."""
        return made.page if isinstance(made, Notice) else self.book.page("paper", made.language, {"paper": made})

    def _notice(self, kind: PaperKind, language: Language, line: str | None) -> Notice:
        sources = self._sources(language)
        lines = [LineId(line)] if line else self.policy.lines
        return Notice(
            kind=kind,
            language=language,
            title=sources.words.of("papers", kind.value),
            policy_version=self.policy.version,
            made_on=sources.today,
            missing_title=sources.words.of("says", "missing"),
            missing=missing(sources, kind),
            page=self.book.page(TEMPLATES[kind], language, notice_values(sources)),
            announcements=tuple(self._announcement(sources, each) for each in lines)
            if kind is PaperKind.NOTICE
            else (),
        )

    def _announcement(self, sources: Sources, line: LineId) -> Announcement:
        made = self.book.page(ANNOUNCEMENT, sources.words.language, notice_values(sources, line=line))
        text = " ".join(made.split())
        return Announcement(line=line, text=text, seconds=seconds(text))

    def _sources(self, language: Language) -> Sources:
        return Sources(
            policy=self.policy,
            words=self.book.words(language),
            sender=None if self.book.sender_is_example else self.book.sender,
            evaluations_kept=self.evaluations_kept(),
            today=self.clock.now().astimezone(self.policy.time_zone).date(),
            dates=self.dates(),
        )
