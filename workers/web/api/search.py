"""``/api/v1/search``: calls by what was said in them and what is known of them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from callwarden.desks.finding import MOST_CALLS, Sought
from callwarden.model.search import FoundState
from callwarden.rules.search_text import MAX_QUESTION
from callwarden.workers.shapes.finding import facets_shape, page_shape
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.api.recordings import PurposeParameter
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.routes import reads
from callwarden.workers.web.schemas import (
    ANYTHING,
    COUNT,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    answers,
    many,
    maybe,
    page_of,
    thing,
)

router = APIRouter(prefix="/search", tags=["search"])


def sought(
    q: Annotated[str, Query(max_length=MAX_QUESTION, description='Words; "a phrase"; a begin*. None: any call.')] = "",
    line: str | None = None,
    agent: str | None = None,
    first: Annotated[date | None, Query(alias="from", description="From this day on.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Up to this day, included.")] = None,
    shortest: Annotated[int | None, Query(ge=0, description="Lasts so many seconds at least.")] = None,
    longest: Annotated[int | None, Query(ge=0, description="Lasts less than so many seconds.")] = None,
    label: Annotated[str | None, Query(description="name=value")] = None,
    state: FoundState | None = None,
) -> Sought:
    """What the address asks for."""
    return Sought(
        words=q,
        line=line,
        agent=agent,
        first=first,
        last=last,
        shortest_s=shortest,
        longest_s=longest,
        label=label,
        state=state,
    )


SoughtParameters = Annotated[Sought, Depends(sought)]


_FOUND = thing(
    recording_id=TEXT,
    line=TEXT,
    agent=maybe(TEXT),
    started_at=maybe(INSTANT),
    ended_at=maybe(INSTANT),
    duration_s=maybe(NUMBER),
    held=FLAG,
    snippet=TEXT,
    marks=many(many(COUNT)),
    cursor=TEXT,
)
_FACETS = thing(
    total=COUNT, line=ANYTHING, agent=ANYTHING, day=ANYTHING, week=ANYTHING, duration=ANYTHING, state=ANYTHING
)


@router.get("", responses=answers(page_of(_FOUND)))
@reads
def search(
    sought: SoughtParameters,
    purpose: PurposeParameter,
    actor: Asking,
    system: TheSystem,
    cursor: Annotated[str | None, Query(description="What comes after this one: the `next` of a page.")] = None,
    before: Annotated[str | None, Query(description="What comes just before the item of this cursor.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_CALLS)] = 20,
) -> Response:
    """Calls whose redacted transcript you may read, the newest first. Each is in the access log; the words are not."""
    return as_json(page_shape(system.find_desk.find(actor, purpose, sought, limit=limit, after=cursor, before=before)))


@router.get("/facets", responses=answers(_FACETS))
@reads
def facets(sought: SoughtParameters, purpose: PurposeParameter, actor: Asking, system: TheSystem) -> Response:
    """How many of these there are, by line, agent, day, week, length, state and label."""
    return as_json(facets_shape(system.find_desk.count(actor, purpose, sought)))
