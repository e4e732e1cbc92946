"""`callwarden find`: calls by what was said in them and what is known of them, with counts."""

from datetime import datetime
from typing import Annotated

import typer

from callwarden.desks.finding import MOST_CALLS, Sought
from callwarden.model.search import FoundState
from callwarden.workers.cli.actor import ActorOption, PurposeOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.shapes.finding import facets_shape, page_shape

_DAY = ["%Y-%m-%d"]


def find_command(
    purpose: PurposeOption,
    actor: ActorOption,
    words: Annotated[str, typer.Argument(help="All of these words, as in search; left out: any call.")] = "",
    line: Annotated[str | None, typer.Option(help="Only this line.")] = None,
    agent: Annotated[str | None, typer.Option(help="Only this agent's.")] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="From this day on.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Up to this day, included.")] = None,
    shortest: Annotated[int | None, typer.Option(min=0, help="Lasts so many seconds at least.")] = None,
    longest: Annotated[int | None, typer.Option(min=0, help="Lasts less than so many seconds.")] = None,
    label: Annotated[str | None, typer.Option(metavar="NAME=VALUE", help="Only with this label.")] = None,
    state: Annotated[FoundState | None, typer.Option(help="Only in this state.")] = None,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="What comes after this one.")] = None,
    before: Annotated[str | None, typer.Option(metavar="CURSOR", help="What comes just before this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_CALLS, help="How many at most.")] = 20,
    *,
    facets: Annotated[bool, typer.Option("--facets", help="Count them: by line, agent, day, length …")] = False,
    as_json: JsonOption = False,
) -> None:
    """Find calls you may read for this purpose, the newest first. The search is in the access log before its first
    result, without the words."""
    sought = Sought(
        words=words,
        line=line,
        agent=agent,
        first=None if first is None else first.date(),
        last=None if last is None else last.date(),
        shortest_s=shortest,
        longest_s=longest,
        label=label,
        state=state,
    )
    with signed_in(actor, reading=True) as (system, asking):
        if facets:
            print_thing(facets_shape(system.find_desk.count(asking, purpose, sought)), as_json=as_json)
            return
        page = page_shape(system.find_desk.find(asking, purpose, sought, limit=limit, after=after, before=before))
    if as_json:
        print_thing(page, as_json=True)
        return
    items = page["items"]
    assert isinstance(items, list)
    columns = ("recording_id", "line", "agent", "ended_at", "duration_s", "held", "snippet")
    print_list(items, columns=columns, as_json=False, title="Found", empty="No call you may read is like this.")
