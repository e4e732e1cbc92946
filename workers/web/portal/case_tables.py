"""The tables of a case's page, as files."""

from typing import Any, Final

from callwarden.desks.cases import ShownCase
from callwarden.workers.web.portal.export import Tables

_CRITERIA: Final = ("placement", "state", "criteria", "matched", "kept", "once", "placed_by", "placed_at")
_SECOND: Final = ("justification", "confirmed_by", "confirmed_at")
_REFUSED: Final = ("recording_id", "object", "version", "error", "tries", "again_at")
_WAYS: Final = ("party", "way", "starts_on", "falls_on", "last_day", "article")
_EVENTS: Final = ("number", "type", "date", "party", "instance", "by", "last_instance", "of", "undoes", "counts")
_ENTERED: Final = ("entered_at", "entered_by")


def case_tables(found: ShownCase, case: dict[str, Any], standing: dict[str, Any] | None) -> Tables:
    """Of `case` and its `standing` as they are shown; a recording is held by as many rows as the page counts."""
    held = [
        {"recording_id": one.recording_id, "placed_at": one.placed_at, "fast_in_vault_at": one.applied_at}
        for one in found.holds
    ]
    stands = standing or {"ways": [], "events": []}
    return {
        "held-recordings": (("recording_id", "placed_at", "fast_in_vault_at"), held),
        "case-criteria": ((*_CRITERIA, *_SECOND), case["placements"]),
        "refused-objects": (_REFUSED, case["refused"]),
        "ways-of-appeal": (_WAYS, stands["ways"]),
        "case-events": ((*_EVENTS, *_ENTERED), stands["events"]),
    }
