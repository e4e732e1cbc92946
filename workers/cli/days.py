"""Days as options give them."""

from datetime import date

from callwarden.errors import UsageError


def day_of(option: str, text: str | None) -> date | None:
    """The day an option gives. Raises UsageError for none."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} takes a day, such as 2026-11-20") from None


def needed_day(option: str, text: str) -> date:
    """The day an option gives that cannot be left out. Raises UsageError for none."""
    day = day_of(option, text)
    assert day is not None
    return day
