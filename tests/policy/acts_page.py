"""Writes the table of acts in docs/access.md from `callwarden policy show --acts`.

`python -m tests.policy.acts_page` renews it; a test tells when it is out of date.
"""

from pathlib import Path

from callwarden.model.access import MACHINES, Role
from callwarden.workers.shapes.policy import act_rows

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
_BEGIN, _END = "<!-- acts: written by tests/policy/acts_page.py -->", "<!-- end of acts -->"
_EVERYBODY = sorted(set(Role) - MACHINES)


def table() -> str:
    """One act a line."""
    lines = ["| act | who | reach | entry |", "|---|---|---|---|"]
    for row in act_rows():
        who = row["who"]
        assert isinstance(who, list)
        names = "everybody" if who == _EVERYBODY else ", ".join(who)
        names += ", two people" if row["people"] == 2 else ""
        names += ", as the policy grants" if row["by_policy"] else ""
        lines.append(f"| `{row['act']}` | {names} | {row['reach']} | `{row['entry']}` |")
    return "\n".join(lines)


def renewed(text: str) -> str:
    """docs/access.md with the table as it should be."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{table()}\n\n{_END}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
