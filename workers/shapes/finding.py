"""Calls that were found, and how many there are."""

from collections import Counter

from callwarden.custody.finding import FoundCall, FoundPage
from callwarden.model.search import Facets
from callwarden.rules.places import cursor_of
from callwarden.workers.shapes import Row


def page_shape(page: FoundPage) -> Row:
    """``items`` as `found_shape`, and the cursor ``next``, null at the end."""
    return {
        "items": [found_shape(each) for each in page.calls],
        "next": None if page.following is None else cursor_of(page.following),
    }


def found_shape(found: FoundCall) -> Row:
    """``snippet`` is redacted text, ``marks`` the places in it of what was asked for, ``[start, end]`` in characters.
    ``cursor`` is where this call stands: ``after`` it the next results come, ``before`` it the ones above."""
    row = found.recording
    began, ended = row.started_at, row.ended_at
    return {
        "recording_id": row.recording_id,
        "line": row.line,
        "agent": row.agent_id,
        "started_at": began,
        "ended_at": ended,
        "duration_s": None if began is None or ended is None else (ended - began).total_seconds(),
        "keep_until": row.keep_until,
        "held": bool(row.holds),
        "snippet": found.hit.snippet,
        "marks": [list(place) for place in found.hit.marks],
        "generation": found.hit.generation,
        "cursor": cursor_of(found.place),
    }


def facets_shape(facets: Facets) -> Row:
    """Each facet by value, with its count: ``day`` as a date, ``week`` as ``2026-W47``, ``duration`` by the first
    second of its band (0, 60, 180, 600, 1800). With ``more`` they are of the newest calls only."""
    weeks: Counter[str] = Counter()
    for day, count in facets.days.items():
        year, week, _ = day.isocalendar()
        weeks[f"{year}-W{week:02}"] += count
    return {
        "total": facets.total,
        "more": facets.more,
        "line": dict(facets.lines),
        "agent": dict(facets.agents),
        "day": {day.isoformat(): count for day, count in facets.days.items()},
        "week": dict(weeks),
        "duration": {str(first): count for first, count in sorted(facets.bands.items())},
        "state": {state.value: count for state, count in facets.states.items()},
        "label": dict(facets.labels),
    }
