"""Writes what README.md shows of the demonstration from the demonstration itself.

`python -m tests.deploy.demo_page` runs it, speech included (half a minute), and renews the block; a test tells when
the page is out of date.
"""

import contextlib
import io
import re
import tempfile
from pathlib import Path

from rich.console import Console

from callwarden.settings import Settings
from callwarden.workers.demo import run_demo

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_BEGIN, _END = "<!-- demo: written by tests/deploy/demo_page.py -->\n```\n", "```\n<!-- end of demo -->"
_SHOWN_UNTIL = "Where it lies"
NOW = "2026-11-26T12:00:00Z"
WIDTH = 110


def shown_by_the_demonstration(folder: Path) -> str:
    """What `make demo` prints down to its sums, at a fixed instant, run in `folder`. Names of recordings come of a key
    that every system makes for itself; here they are numbered, so that the page stays the same."""
    out = io.StringIO()
    with contextlib.chdir(folder):
        run_demo(Settings.model_validate({"home": "var/demo", "now": NOW}), Console(file=out, width=WIDTH))
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines()).partition(_SHOWN_UNTIL)[0].rstrip() + "\n"
    for number, name in enumerate(dict.fromkeys(re.findall(r"rec-[0-9a-f]{32}", text)), start=1):
        text = text.replace(name, f"rec-{number:032x}")
    return text


def renewed(page: str, shown: str) -> str:
    """The page with this block in the place of the one it has."""
    before, _, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert end, f"{README} has no block for the demonstration"
    return f"{before}{_BEGIN}{shown}{_END}{after}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        README.write_text(renewed(README.read_text(), shown_by_the_demonstration(Path(temporary))))
