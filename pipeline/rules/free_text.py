"""What people write in their own words: something, and no book."""

from typing import Final

from callwarden.errors import UsageError

LONGEST: Final = 1000
"""Characters."""


def free_text(text: str, usage: str) -> str:
    """The text without what surrounds it. Raises UsageError where it is nothing, or too long."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise UsageError(f"{usage}, of {LONGEST} characters at most")
    return text
