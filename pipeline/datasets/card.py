"""README.md of a data set: what is in it, what is not, and why. Its head is what Hugging Face `datasets` reads."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from callwarden.datasets.items import CACHE, LINES
from callwarden.datasets.manifest import DataSet

CARD: Final = "README.md"

_FIELDS: Final = {
    "file_name": "the sound, with beeps where something was taken out",
    "item": "a name of this experiment alone; the controller finds the recording by it, nobody else can",
    "language": "of the call",
    "text": "the redacted words, one turn a line; `[TYPE]` stands where something personal was",
    "turns": "who spoke (`agent`, `caller`), from when to when in seconds, and their redacted words",
    "line": "the telephone service, or `*`",
    "period": "week, month, quarter or year of the call, or `*`",
    "duration": "a class, or `*`",
    "caller": "a pseudonym of this experiment alone",
    "agent": "a pseudonym of this experiment alone; the approval says that it may be carried",
}


def card_of(made: DataSet, *, digest: str) -> bytes:
    """The page. `digest` is that of the lines, hex SHA-256."""
    return "\n".join(_page(made, digest)).encode() + b"\n"


def _page(made: DataSet, digest: str) -> Iterator[str]:
    terms = made.terms
    # `datasets` finds its own copies by the folder's name and this one: each export has its own.
    yield from ("---", "configs:", f'- config_name: "{made.export}"', f"  data_files: {LINES}", "---", "")
    yield from (f"# {terms.name}", "")
    yield f"Purpose: {terms.purpose}"
    yield ""
    if terms.hypothesis is not None:
        yield from (f"Hypothesis: {terms.hypothesis}", "")
    yield "This is personal data, pseudonymised: no name, number or customer is in it. It may not be used to find one."
    yield "No decision about a person comes out of it. It is used for the purpose above and for nothing else."
    yield f"Every copy is destroyed before {terms.until.isoformat()}."
    yield "The times of turns tell how long a call lasted, whatever is told of its duration."
    yield "What a revocation list names is taken out when the list comes: `callwarden experiment apply-revocations`."
    yield ""
    yield from _table(
        "what",
        "is",
        {
            "experiment": f"`{terms.experiment}`",
            "export": f"`{made.export}`, {made.made_at.date().isoformat()}",
            "owner": terms.owner,
            "approved by": terms.approved_by or "",
            "impact assessment": terms.dpia or "none named",
            "calls": f"line {terms.line}, {terms.first.isoformat()} to {terms.last.isoformat()}",
            "items": str(len(made.items)),
            "build": str(made.build),
            "policy": f"`{made.policy}`",
            "SHA-256 of the lines": f"`{digest}`",
        },
    )
    yield from ("## Not in it", "")
    yield from _counts("Not taken by the build:", made.left_out)
    yield from _counts("Taken by the build, and not exported any more:", made.dropped)
    if made.smallest is not None:
        yield from ("## Metadata", "")
        whom = f"{terms.k} callers or {terms.k} agents" if terms.with_agents else f"{terms.k} callers"
        yield (
            f"No combination of line, period and duration stands for fewer than {whom}; the smallest "
            f"stands for {made.smallest}."
            if made.smallest >= terms.k or not made.items
            else f"There are fewer than {whom} in all, so nothing is told of line, period and duration."
        )
        yield ""
        yield from _counts("What is told of how many items:", made.told)
    yield from ("## Redaction", "")
    yield from _counts("Version, and how many items it made:", made.redactions)
    yield from ("## Fields", "")
    yield from _table("field", "is", {f"`{name}`": _FIELDS[name] for name in made.fields})
    yield f"`datasets` copies what it loads into `cache_dir`. In `DIR/{CACHE}` the copy goes when a revocation list is"
    yield "applied; elsewhere it stays, and it is yours to destroy."
    yield ""
    yield "```python"
    yield f'datasets.load_dataset("DIR", cache_dir="DIR/{CACHE}")    # the lines'
    if "file_name" in made.fields:
        yield "# with the sound (needs torchcodec):"
        yield f'datasets.load_dataset("audiofolder", data_dir="DIR", cache_dir="DIR/{CACHE}")'
    yield "```"


def _counts(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    if not counts:
        yield from (f"{title} nothing.", "")
        return
    yield from (title, "")
    yield from _table("", "items", {name: str(count) for name, count in sorted(counts.items())})


def _table(left: str, right: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield from (f"| {left} | {right} |", "|---|---|")
    yield from (f"| {_cell(name)} | {_cell(said)} |" for name, said in rows.items())
    yield ""


def _cell(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("|", "\\|")
