"""Writes docs/demo.md and the picture in README.md from the demonstration itself.

`python -m tests.deploy.demo_page` runs it, speech included (half a minute), and renews both; a test says when they are
out of date.
"""

import contextlib
import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from callwarden.settings import Settings
from callwarden.workers.demo import run_demo

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "demo.md"
PICTURE = ROOT / "docs" / "pictures" / "demo.svg"
_BEGIN, _END = "<!-- demo: written by tests/deploy/demo_page.py -->\n```\n", "```\n<!-- end of demo -->"
_SHOWN_UNTIL = "Where it lies"
NOW = "2026-11-26T12:00:00Z"
WIDTH = 110


def shown_by_the_demonstration(folder: Path) -> Text:
    """What `make demo` prints down to its sums, at a fixed instant, run in `folder`. The ids of recordings come from a
    key that every system makes for itself; here they are numbered, so that the page stays the same."""
    out = io.StringIO()
    console = Console(file=out, width=WIDTH, force_terminal=True, force_interactive=False, color_system="standard")
    with contextlib.chdir(folder):
        run_demo(Settings.model_validate({"home": "var/demo", "now": NOW}), console)
    shown = out.getvalue()
    for number, name in enumerate(dict.fromkeys(re.findall(r"rec-[0-9a-f]{32}", shown)), start=1):
        shown = shown.replace(name, f"rec-{number:032x}")
    text = Text.from_ansi(shown)
    return text[: text.plain.index(_SHOWN_UNTIL)]


def plain(shown: Text) -> str:
    """Without colours and trailing spaces."""
    return "\n".join(line.rstrip() for line in shown.plain.splitlines()).rstrip() + "\n"


def picture(shown: Text) -> str:
    """The same as SVG, which fetches no font."""
    console = Console(file=io.StringIO(), record=True, width=WIDTH)
    console.print(shown, end="")
    svg = console.export_svg(title="make demo", unique_id="demo")
    without_fonts = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace(
        "Fira Code, monospace", "monospace"
    )
    return "\n".join(line.rstrip() for line in without_fonts.splitlines()) + "\n"


def renewed(page: str, shown: Text) -> str:
    """The page with this text in the place of what it has."""
    before, _, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert end, f"{PAGE} has no block for the demonstration"
    return f"{before}{_BEGIN}{plain(shown)}{_END}{after}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        demonstration = shown_by_the_demonstration(Path(temporary))
    PAGE.write_text(renewed(PAGE.read_text(), demonstration))
    PICTURE.write_text(picture(demonstration))
