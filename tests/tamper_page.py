"""Writes docs/tamper.md: what somebody without the keys can change, and what comes of it.

`python -m tests.tamper_page` renews the page. Each line is carried out by `tests/tamper/test_tamper.py` on a system of
its own, which is then read, listed, verified, reconciled and swept: the page says what that test has shown.
"""

from collections.abc import Iterable
from pathlib import Path

from tests.tamper.cells import Cell, Harmless, Limit, Part, SeenBy
from tests.tamper.matrix import CELLS

PAGE = Path(__file__).parents[1] / "docs" / "tamper.md"

_HEAD = """\
# Who changes something past the system, and what comes of it

<!-- written by tests/tamper_page.py; renew with: python -m tests.tamper_page -->

Somebody may write to the database, the vault or the place of checkpoints with tools of their own, and holds none of the
keys (`keys/keys.json` or the key service, `keys/log.pem`). Each line below is one thing they can do. A test does it, on
a small system with something of everything in it, and then looks: does it start, what do the log, `log verify`,
`log status` and `reconcile` say, who can read what, is a custody record made, what does the sweep destroy, who releases
a hold. Verdicts:

- **seen by**: these say so, and nothing that was closed opens; what opens or is gone all the same is named.
- **harmless**: nobody says so, because nothing opens and nothing is lost.
- **limit**: nobody sees it. These are the ones to know; SECURITY.md says what keeps them small.

Alarms read *who: what*; the codes are explained in [operators.md](operators.md#is-everything-in-order),
[log.md](log.md#what-each-kind-of-tampering-shows) and [reasons.md](reasons.md).
"""


def page() -> str:
    """docs/tamper.md."""
    counted = [sum(isinstance(one.verdict, kind) for one in CELLS) for kind in (SeenBy, Harmless, Limit)]
    lines = [_HEAD, f"{len(CELLS)} changes: {counted[0]} seen, {counted[1]} harmless, {counted[2]} limits."]
    for part in Part:
        cells = [one for one in CELLS if one.part is part]
        if cells:
            lines += ["", f"## {part.value[0].upper()}{part.value[1:]}", "", "| change | verdict |", "|---|---|"]
            lines += map(_row, cells)
    return "\n".join(lines) + "\n"


def _row(cell: Cell) -> str:
    match cell.verdict:
        case SeenBy(alarms=alarms):
            verdict = "seen by " + ", ".join(f"`{one}`" for one in alarms) + _costs(cell.costs)
        case Harmless(because=because):
            verdict = f"harmless: {because}"
        case Limit(why=why, costs=costs):
            verdict = f"**limit**: {why}" + _costs(costs)
    return f"| {cell.what} | {verdict} |"


def _costs(costs: Iterable[str]) -> str:
    named = "; ".join(costs)
    return f" (what opens or is gone: {named})" if named else ""


if __name__ == "__main__":
    PAGE.write_text(page())
