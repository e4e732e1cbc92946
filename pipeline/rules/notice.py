"""Was the caller told that the call is recorded? What the telephone system says of the announcement (R3)."""

from dataclasses import replace
from enum import StrEnum

from callwarden.model.event import CallRecorded, Notice


class NoticeStanding(StrEnum):
    """What is known of the announcement."""

    HEARD = "heard"
    UNFINISHED = "unfinished"
    MISSING = "missing"


NOTICE = "data.notice"
"""The field of an event that says what was played."""


def notice_standing(event: CallRecorded) -> NoticeStanding:
    """Missing: not played, or nothing is said of it. Unfinished: the caller did not hear all of it. What is not said of
    an announcement that was played is not held against the call."""
    notice = notice_of(event)
    if notice is None or notice.played is False:
        return NoticeStanding.MISSING
    return NoticeStanding.UNFINISHED if notice.completed is False else NoticeStanding.HEARD


def notice_of(event: CallRecorded) -> Notice | None:
    """What is kept of the announcement, as evidence with the recording; None where nothing is said of it."""
    notice = replace(event.notice, version=event.notice.version or event.notice_version)
    return None if notice == Notice() else notice


def is_noted(event: CallRecorded) -> bool:
    """Whether something was said of the announcement that could not be read."""
    return any(note.field == NOTICE or note.field.startswith(f"{NOTICE}.") for note in event.notes)
