"""What was asked to be held for a case, as the pack says it: the query, and the count that it chose."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from callwarden.evidence.manifest import instant
from callwarden.model.criteria import Criteria
from callwarden.model.hold import Placement
from callwarden.model.ids import Pseudonym


def query_of(placement: Placement, known: Mapping[Pseudonym, str]) -> Mapping[str, Any]:
    """One query: what its criteria say, persons by number or id and labels in words where a
    recording in the pack tells it (`known`)."""
    return {
        "criteria": _criteria(placement.criteria, known),
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


_WORDS: Final = {
    "recordings": "enregistrements désignés nommément",
    "call": "appel",
    "caller": "correspondant",
    "caller_pseudonym": "correspondant (pseudonyme)",
    "customer": "client",
    "customer_pseudonym": "client (pseudonyme)",
    "agent": "opérateur",
    "line": "ligne",
    "labels": "étiquettes",
    "label_pseudonyms": "étiquettes (pseudonymes)",
    "since": "depuis",
    "until": "avant",
}
_TIMES: Final = frozenset({"since", "until"})


def in_french(query: Mapping[str, Any], zone: ZoneInfo, lines: Mapping[str, str]) -> str:
    """The criteria of a query, for the bordereau; `lines` has names of lines."""
    criteria = dict(query["criteria"])
    if "line" in criteria:
        criteria["line"] = line_in_french(criteria["line"], lines)
    said = (
        f"{_WORDS[name]}\u00a0: {_day(value, zone) if name in _TIMES else _plain(value)}"
        for name, value in criteria.items()
    )
    return " ; ".join(said) or "tout"


def line_in_french(line: str, lines: Mapping[str, str]) -> str:
    """A line by its name, where it has one."""
    return f"{lines[line]} ({line})" if line in lines else line


def _criteria(criteria: Criteria, known: Mapping[Pseudonym, str]) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "recordings": sorted(criteria.recordings),
        "call": criteria.call_id,
        **_person("caller", criteria.caller, known),
        **_person("customer", criteria.customer, known),
        "agent": criteria.agent_id,
        "line": criteria.line,
        "labels": sorted(known[one] for one in criteria.labels if one in known),
        "label_pseudonyms": sorted(one for one in criteria.labels if one not in known),
        "since": instant(criteria.since),
        "until": instant(criteria.until),
    }
    return {name: value for name, value in asked.items() if value}


def _person(kind: str, person: Pseudonym | None, known: Mapping[Pseudonym, str]) -> dict[str, str | None]:
    told = None if person is None else known.get(person)
    return {f"{kind}_pseudonym": person} if told is None else {kind: told}


def _plain(value: str | int | Sequence[str]) -> str:
    return str(value) if isinstance(value, str | int) else ", ".join(value)


def _day(text: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(text).astimezone(zone):%d/%m/%Y %H:%M}"
