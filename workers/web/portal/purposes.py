"""For what somebody reads: chosen before anything opens, in the address of the page."""

from fastapi import Request

from callwarden.errors import UsageError
from callwarden.model.purpose import Purpose

PARAMETER = "purpose"


def purpose_of(request: Request) -> Purpose | None:
    """The one chosen; None before that. Raises UsageError for a word that is none."""
    asked = request.query_params.get(PARAMETER)
    if not asked:
        return None
    if asked not in set(Purpose):
        raise UsageError("no such purpose")
    return Purpose(asked)
