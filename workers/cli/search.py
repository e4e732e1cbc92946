"""`callwarden search`: redacted transcripts by their words, through the gate."""

from typing import Annotated

import typer

from callwarden.workers.cli.actor import ActorOption, PurposeOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list


def search_command(
    words: Annotated[
        str,
        typer.Argument(help='All of these words; "in quotes" as a phrase; alar* matches a beginning.'),
    ],
    purpose: PurposeOption,
    actor: ActorOption,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 20,
    *,
    as_json: JsonOption = False,
) -> None:
    """Find redacted transcripts, of calls the actor may read for this purpose; accents and capitals do not matter. The
    search is in the access log before its first result, without the words."""
    with signed_in(actor, reading=True) as (system, asking):
        hits = system.gate.search(asking, purpose, words, limit=limit)
    rows = [
        {
            "recording_id": hit.recording_id,
            "snippet": hit.snippet,
            "generation": hit.generation,
            "rank": round(hit.rank, 6),
        }
        for hit in hits
    ]
    columns = ("recording_id", "snippet")
    print_list(rows, columns=columns, as_json=as_json, title="Found", empty="No text you may read matches.")
