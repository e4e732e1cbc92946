"""The pages' words in French and English (Babel). Pages are written in English; ``locale/fr/*.po`` has the French, one
file a subject, read when the application starts. French first: English where the browser prefers it or it is chosen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from babel import Locale, dates, numbers, units
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from callwarden.model.period import CalendarPeriod
from callwarden.workers.processes.watch import by_preference

FOLDER: Final = Path(__file__).parent / "locale"
COOKIE: Final = "callwarden-language"


class Language(StrEnum):
    FRENCH = "fr"
    ENGLISH = "en"


def chosen(*, asked: str | None, kept: str | None, accepted: str) -> Language:
    """The one asked for now; else the one kept; else the browser's; else French."""
    for tag in (asked or "", kept or "", *by_preference(accepted)):
        name = tag.strip().lower().partition("-")[0]
        if name in set(Language):
            return Language(name)
    return Language.FRENCH


@lru_cache(maxsize=2)
def translations(language: Language) -> NullTranslations:
    """What ``_()`` and ``ngettext`` of the templates ask."""
    if language is Language.ENGLISH:
        return NullTranslations()
    found: Translations | None = None
    for file in sorted((FOLDER / language.value).glob("*.po")):
        compiled = BytesIO()
        with file.open("rb") as source:
            write_mo(compiled, read_po(source, locale=language.value))
        compiled.seek(0)
        one = Translations(compiled)
        found = one if found is None else found.merge(one)
    return found or NullTranslations()


@dataclass(frozen=True, slots=True)
class Words:
    """One reader's language and the company's time zone."""

    language: Language
    zone: tzinfo

    @property
    def locale(self) -> Locale:
        return Locale.parse("fr_FR" if self.language is Language.FRENCH else "en_GB")

    def day(self, day: date) -> str:
        """20 nov. 2026"""
        return dates.format_date(day, format="d MMM y", locale=self.locale)

    def instant(self, instant: datetime) -> str:
        """20 nov. 2026, 10 h 25"""
        form = "d MMM y, H 'h' mm" if self.language is Language.FRENCH else "d MMM y, HH:mm"
        return dates.format_datetime(instant, format=form, tzinfo=self.zone, locale=self.locale)

    def ago(self, instant: datetime, *, now: datetime) -> str:
        """il y a 2 heures, dans 41 jours; within a minute: à l’instant"""
        if abs(instant - now) < timedelta(minutes=1):
            return "à l’instant" if self.language is Language.FRENCH else "just now"
        return dates.format_timedelta(instant - now, add_direction=True, threshold=1.2, locale=self.locale)

    def days(self, instant: datetime, *, now: datetime) -> str:
        """dans 41 jours; within two days: dans 7 heures"""
        left = instant - now
        whole: Literal["day", "hour"] = "day" if abs(left) >= timedelta(days=2) else "hour"
        return dates.format_timedelta(left, granularity=whole, threshold=1e9, add_direction=True, locale=self.locale)

    def number(self, value: float) -> str:
        return numbers.format_decimal(value, locale=self.locale)

    def period(self, period: CalendarPeriod) -> str:
        """6 mois; 1 an, 15 jours"""
        years, months = divmod(period.months, 12)
        counted = ((years, "duration-year"), (months, "duration-month"), (period.days, "duration-day"))
        return ", ".join(units.format_unit(count, unit, locale=self.locale) for count, unit in counted if count)

    def percent(self, share: float) -> str:
        """12,5 %"""
        return numbers.format_percent(round(share, 4), locale=self.locale, decimal_quantization=False)

    def size(self, count: int) -> str:
        """1,2 Go, 12.3 MB"""
        unit = "o" if self.language is Language.FRENCH else "B"
        for power, prefix in ((9, "G"), (6, "M"), (3, "k")):
            if count >= 10**power:
                return f"{numbers.format_decimal(round(count / 10**power, 1), locale=self.locale)} {prefix}{unit}"
        return f"{count} {unit}"

    def length(self, seconds: float) -> str:
        """6:01, 2:00:03"""
        minutes, left = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"

    def listed(self, values: Iterable[str]) -> str:
        return ", ".join(values)

    def span(self, length: timedelta) -> str:
        return dates.format_timedelta(length, locale=self.locale)
