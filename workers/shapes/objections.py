"""Objections on file, and what one came to."""

from typing import TYPE_CHECKING, Final

from callwarden.model.objection import Objection, ScopeKind
from callwarden.workers.shapes import Row

if TYPE_CHECKING:
    from callwarden.custody.objection_effects import Applied

Shape = dict[str, object]
_SHORT: Final = 16


def objection_row(objection: Objection) -> Shape:
    """One objection on file. Numbers and customers stand as pseudonyms."""
    return {
        "objection_id": objection.objection_id,
        "scope": objection.scope,
        "about": _about(objection),
        "reference": objection.reference,
        "purposes": sorted(objection.purposes),
        "channel": objection.channel,
        "entered_by": objection.entered_by or None,
        "objected_at": objection.objected_at,
        "counts_from": objection.counts_from,
        "withdrawn_at": objection.withdrawn_at,
        "granted": objection.granted,
        "ground": objection.ground,
        "decided_at": objection.decided_at,
    }


def withdrawn_row(objection: Objection) -> Row:
    """What was withdrawn of an objection."""
    return {"objection_id": objection.objection_id, "purposes": sorted(objection.purposes)}


def applied_shape(applied: "Applied") -> Shape:
    """What an objection did, recording by recording."""
    filed = applied.objection
    return {
        "objection_id": filed.objection_id,
        "scope": filed.scope,
        "purposes": sorted(filed.purposes),
        "counts_from": filed.counts_from,
        "dropped": applied.dropped,
        "limited": applied.limited,
        "kept_for_case": applied.kept_for_case,
        "kept_for_request": applied.kept_for_request,
        "not_offered": applied.not_offered,
        "decisions": [
            {
                "recording_id": each.recording_id,
                "decision": "granted" if each.granted else "refused",
                "ground": each.ground,
            }
            for each in applied.decisions()
        ],
    }


def _about(one: Objection) -> str:
    """The call, or the beginning of the pseudonym: the same caller has the same."""
    return one.reference if one.scope is ScopeKind.CALL else f"{one.reference[:_SHORT]}…"
