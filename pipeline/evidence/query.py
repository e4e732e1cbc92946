"""What was asked to be held for a case, as the pack says it: the query, and the count that it chose."""

from collections.abc import Mapping, Sequence
from typing import Any

from callwarden.evidence.manifest import instant
from callwarden.model.criteria import Criteria
from callwarden.model.hold import Placement


def query_of(placement: Placement) -> Mapping[str, Any]:
    """One query: `criteria` as they are kept, persons and labels as pseudonyms."""
    return {
        "criteria": _criteria(placement.criteria),
        "placed_at": instant(placement.placed_at),
        "only_once": placement.once,
        "matched_then": placement.matched,
        "of_recordings_then": placement.kept,
    }


def by_name(count: int) -> Mapping[str, Any]:
    """The query of a case whose recordings were named one by one."""
    return {
        "criteria": {"recordings": count},
        "placed_at": None,
        "only_once": True,
        "matched_then": count,
        "of_recordings_then": None,
    }


_WORDS = {
    "recordings": "enregistrements désignés",
    "call": "appel",
    "caller": "correspondant (pseudonyme)",
    "customer": "client (pseudonyme)",
    "agent": "opérateur",
    "line": "ligne",
    "labels": "étiquettes (pseudonymes)",
    "since": "depuis le",
    "until": "jusqu'au",
}


def in_french(query: Mapping[str, Any]) -> str:
    """The criteria of a query, for the bordereau."""
    said = (f"{_WORDS[name]}\u00a0: {_plain(value)}" for name, value in query["criteria"].items())
    return " ; ".join(said) or "tout"


def _criteria(criteria: Criteria) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "recordings": sorted(criteria.recordings),
        "call": criteria.call_id,
        "caller": criteria.caller,
        "customer": criteria.customer,
        "agent": criteria.agent_id,
        "line": criteria.line,
        "labels": sorted(criteria.labels),
        "since": instant(criteria.since),
        "until": instant(criteria.until),
    }
    return {name: value for name, value in asked.items() if value}


def _plain(value: str | int | Sequence[str]) -> str:
    return str(value) if isinstance(value, str | int) else ", ".join(value)
