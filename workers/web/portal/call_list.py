"""``/calls``: list and search in one. The address is the state: every list can be kept, sent and gone back to.

How many there are of what costs several times the list: where a script can ask, it is asked for once the list stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from callwarden.model.access import Actor, Readable
from callwarden.model.purpose import Purpose
from callwarden.model.search import BANDS, Facets
from callwarden.rules.places import cursor_of
from callwarden.workers.web.api.search import SoughtParameters
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.assets import address as asset
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.purposes import PARAMETER, chosen_or_asked
from callwarden.workers.web.portal.turns import snippet
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/calls")

SHOWN: Final = 20
_PLACES: Final = ("cursor", "before", "end", "lang")
_RECENT_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something a list can be narrowed to: the `query` that does it, or undoes it where it is `chosen`."""

    value: str
    count: int
    query: str
    chosen: bool


@router.get("")
@does(Readable.REDACTED_TRANSCRIPT)
def listed(
    request: Request,
    sought: SoughtParameters,
    actor: Asking,
    system: TheSystem,
    cursor: str | None = None,
    before: str | None = None,
    end: Annotated[str | None, Query(pattern="^(first|last)$")] = None,
    counts: Annotated[str | None, Query(pattern="^now$")] = None,
) -> Response:
    """Calls that may be read, the newest first, and how many there are of what."""
    purpose = chosen_or_asked(request, actor, system)
    if isinstance(purpose, Response):
        return purpose
    found = system.find_desk.find(actor, purpose, sought, limit=SHOWN, after=cursor, before=before)
    at_once = counts is not None or asset("vendor/htmx.min.js") is None
    return page(
        request,
        "calls.html",
        actor=actor,
        purpose=purpose,
        sought=sought,
        found=found,
        snippet=snippet,
        end=end,
        **(_counted(request, actor, system, purpose, sought) if at_once else _uncounted(request)),
        earlier=cursor_of(found.calls[0].place) if found.calls and (cursor or before) else None,
        later=cursor_of(found.following) if found.following else None,
    )


@router.get("/counts")
@does(Readable.REDACTED_TRANSCRIPT)
def counted(request: Request, sought: SoughtParameters, actor: Asking, system: TheSystem) -> Response:
    """How many calls of a list there are, and of what: a part of its page."""
    purpose = chosen_or_asked(request, actor, system)
    if isinstance(purpose, Response):
        return purpose
    found = _counted(request, actor, system, purpose, sought)
    return page(request, "calls_counts.html", actor=actor, purpose=purpose, sought=sought, **found)


@router.get("/next")
@does(Readable.REDACTED_TRANSCRIPT)
def next_result(
    request: Request,
    sought: SoughtParameters,
    actor: Asking,
    system: TheSystem,
    cursor: str | None = None,
    before: str | None = None,
) -> Response:
    """On to the result after the one of this cursor, or `before` it; where there is none, back to the list."""
    purpose = chosen_or_asked(request, actor, system)
    if isinstance(purpose, Response):
        return purpose
    found = system.find_desk.find(actor, purpose, sought, limit=1, after=cursor, before=before)
    query = str(_asked(request))
    if not found.calls:
        return RedirectResponse(f"/calls?{query}&end={'first' if before else 'last'}", status_code=303)
    return RedirectResponse(f"/calls/{found.calls[0].recording.recording_id}?{query}", status_code=303)


def _asked(request: Request) -> QueryParams:
    """What is looked for, without where in the list one is."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in _PLACES and value]
    return QueryParams(kept)


def _uncounted(request: Request) -> dict[str, Any]:
    """What the page knows without a count."""
    asked = _asked(request)
    narrowed = [(name, value) for name, value in asked.multi_items() if name not in (PARAMETER, "counts")]
    return {"total": None, "narrowed": narrowed, "kept": asked.multi_items(), "query": str(asked)}


def _counted(
    request: Request, actor: Actor, system: TheSystem, purpose: Purpose, sought: SoughtParameters
) -> dict[str, Any]:
    facets, asked = system.find_desk.count(actor, purpose, sought), _asked(request)
    today = system.clock.now().astimezone(system.policy.time_zone).date()
    return _uncounted(request) | {
        "total": facets.total,
        "more": facets.more,
        "days": _days(facets, asked, today),
        "choices": _choices(facets, asked),
        "bands": {str(first): (first, longest) for first, longest in BANDS},
    }


def _with(asked: QueryParams, **changes: str | None) -> str:
    names = {name.rstrip("_"): value for name, value in changes.items()}
    kept = [(name, value) for name, value in asked.multi_items() if name not in names]
    return str(QueryParams([*kept, *((name, value) for name, value in names.items() if value is not None)]))


def _days(facets: Facets, asked: QueryParams, today: date) -> Sequence[tuple[str, Choice]]:
    """Today, yesterday, and the last seven days."""
    found = []
    yesterday, week = today - timedelta(days=1), today - timedelta(days=_RECENT_DAYS - 1)
    for name, first, last in (("today", today, today), ("yesterday", yesterday, yesterday), ("week", week, today)):
        chosen = (asked.get("from"), asked.get("to")) == (first.isoformat(), last.isoformat())
        changes = {"from_": None, "to": None} if chosen else {"from_": first.isoformat(), "to": last.isoformat()}
        count = sum(number for day, number in facets.days.items() if first <= day <= last)
        found.append((name, Choice(value=name, count=count, query=_with(asked, **changes), chosen=chosen)))
    return found


def _choices(facets: Facets, asked: QueryParams) -> dict[str, list[Choice]]:
    """By facet; of lengths the value is the first second of the band."""

    def of(name: str, counts: Sequence[tuple[str, int]]) -> list[Choice]:
        return [
            Choice(
                value=value,
                count=count,
                chosen=asked.get(name) == value,
                query=_with(asked, **{name: None if asked.get(name) == value else value}),
            )
            for value, count in counts
        ]

    def by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
        return sorted(counts.items(), key=lambda one: (-one[1], one[0]))

    lengths = []
    for first, longest in BANDS:
        if count := facets.bands.get(first, 0):
            band = (str(first) if first else None, None if longest is None else str(longest))
            chosen = (asked.get("shortest"), asked.get("longest")) == band
            query = (
                _with(asked, shortest=None, longest=None) if chosen else _with(asked, shortest=band[0], longest=band[1])
            )
            lengths.append(Choice(value=str(first), count=count, chosen=chosen, query=query))
    return {
        "line": of("line", by_count(dict(facets.lines))),
        "agent": of("agent", by_count(dict(facets.agents))),
        "length": lengths,
        "label": of("label", by_count(dict(facets.labels))),
        "state": of("state", [(state.value, count) for state, count in facets.states.items()]),
    }
