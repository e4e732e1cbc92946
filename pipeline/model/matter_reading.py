"""A case's procedure as JSON: ``{"court": {"kind", "seat"}, "parties": [{"id", "residence"}], "events": [{"type",
"date", "party", "instance"}]}``; of a party also ``collectivity`` and ``appeared``, of an event ``by``,
``last_instance`` and ``of`` (`callwarden.model.procedure`). Whatever is wrong is refused by the name of its field."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from callwarden.errors import UsageError
from callwarden.model.court import OVERSEAS, SEATS, CourtKind, Party, Residence
from callwarden.model.procedure import CaseEvent, Court, EventType, GivenUp, Instance, Matter

_EXAMPLE: Final = '{"court":{"kind":"civil","seat":"75"},"parties":[{"id":"p1","residence":"metropole"}],"events":[]}'

_Word = TypeVar("_Word", bound=StrEnum)


def read_matter(content: str) -> Matter:
    """What this JSON says. Raises UsageError."""
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the file is not JSON ({error}): write {_EXAMPLE}") from None
    whole = _object(raw, "the file", {"court", "parties", "events"})
    court = _object(whole.get("court"), "court", {"kind", "seat"})
    seat = court.get("seat")
    parties = tuple(_party(each, f"parties[{at}]") for at, each in enumerate(_list(whole, "parties")))
    for at, party in enumerate(parties):
        if any(party.party_id == other.party_id for other in parties[:at]):
            raise UsageError(f"parties[{at}].id: {party.party_id} is named twice")
    return Matter(
        court=Court(
            kind=_word(court, "kind", "court.", CourtKind), seat=None if seat is None else read_seat(seat, "court.seat")
        ),
        parties=parties,
        events=tuple(_event(each, f"events[{at}]") for at, each in enumerate(_list(whole, "events"))),
    )


def _party(raw: object, at: str) -> Party:
    party = _object(raw, at, {"id", "residence", "collectivity", "appeared"})
    party_id = _text(party, "id", f"{at}.")
    if not party_id:
        raise UsageError(f"{at}.id: is missing: give each party a pseudonym, such as p1")
    collectivity = party.get("collectivity")
    return Party(
        party_id=party_id,
        residence=_word(party, "residence", f"{at}.", Residence),
        collectivity=None if collectivity is None else read_collectivity(collectivity, f"{at}.collectivity"),
        appeared=_flag(party, "appeared", f"{at}.", default=True),
    )


def _event(raw: object, at: str) -> CaseEvent:
    event = _object(raw, at, {"type", "date", "party", "instance", "by", "last_instance", "of"})
    return CaseEvent(
        type=_word(event, "type", f"{at}.", EventType),
        on=read_date(event.get("date"), f"{at}.date"),
        party=_text(event, "party", f"{at}."),
        instance=None if event.get("instance") is None else _word(event, "instance", f"{at}.", Instance),
        by=_text(event, "by", f"{at}."),
        last_instance=_flag(event, "last_instance", f"{at}.", default=False),
        gives_up=None if event.get("of") is None else _word(event, "of", f"{at}.", GivenUp),
    )


def read_date(value: object, field: str) -> date:
    """A day as ``2026-03-31``. Raises UsageError."""
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 -- a day of the calendar has no zone
    except ValueError:
        raise UsageError(f"{field}: {value!r} is no day of the calendar: write it as 2026-03-31") from None


def read_seat(value: object, field: str) -> str:
    """The number of a department or collectivity; a number of JSON as well. Raises UsageError."""
    seat = f"{value:02}" if isinstance(value, int) and not isinstance(value, bool) else str(value).strip().upper()
    if seat not in SEATS:
        raise UsageError(f"{field}: {value!r} is no department: write its number, such as 75, 2A or 974")
    return seat


def read_collectivity(value: object, field: str) -> str:
    """As `read_seat`, of one overseas. Raises UsageError."""
    number = read_seat(value, field)
    if number not in OVERSEAS:
        raise UsageError(f"{field}: {number} is not overseas")
    return number


def _object(raw: object, at: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise UsageError(f"{at}: must be an object with {', '.join(sorted(known))}, as in {_EXAMPLE}")
    if odd := sorted(str(key) for key in raw if key not in known):
        raise UsageError(f"{at}: knows no {', '.join(odd)}; it knows {', '.join(sorted(known))}")
    return raw


def _list(raw: Mapping[str, Any], name: str) -> list[object]:
    found = raw.get(name)
    if not isinstance(found, list):
        raise UsageError(f"{name}: must be a list, as in {_EXAMPLE}")
    return found


def _word(raw: Mapping[str, Any], name: str, at: str, words: type[_Word]) -> _Word:
    try:
        return words(str(raw.get(name)))
    except ValueError:
        raise UsageError(f"{at}{name}: is {raw.get(name)!r}; it must be one of {', '.join(words)}") from None


def _text(raw: Mapping[str, Any], name: str, at: str) -> str | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{at}{name}: must be the id of a party")
    return value


def _flag(raw: Mapping[str, Any], name: str, at: str, *, default: bool) -> bool:
    value = raw.get(name, default)
    if not isinstance(value, bool):
        raise UsageError(f"{at}{name}: must be true or false")
    return value
