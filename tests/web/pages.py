"""`python -m tests.web.pages [FOLDER]`: pictures of the main pages into docs/pages, in both languages, light, dark and
as on a telephone."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import av
from playwright.sync_api import Page

from callwarden.model.access import MACHINES, Actor, Role
from tests.servers.chromium import InstalledChromium
from tests.support.browsers import launched, looking_at
from tests.support.office import CASE, Office, furnish
from tests.support.site import Site
from tests.support.web import served, token_of

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pages"
_COLOURS: Final = 48
_WIDE: Final = {"viewport": {"width": 1280, "height": 860}}
_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "fr": _WIDE,
    "en": {**_WIDE, "locale": "en-GB"},
    "dark": {**_WIDE, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}


def _playing(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('#sound').readyState > 0")
    page.locator("li.caller").nth(1).hover()
    page.locator("li.caller .word").nth(4).click()
    page.wait_for_function("() => document.querySelector('#sound').currentTime > 15")
    page.keyboard.press(" ")
    page.evaluate("() => scrollTo(0, 0)")


def _still(page: Page) -> None:
    """As it opens."""


def _pages(office: Office) -> Iterator[tuple[str, Role, str, Callable[[Page], None], tuple[str, ...]]]:
    """Name, who looks, where, what they do there, and in which looks."""
    every, french = tuple(_LOOKS), ("fr",)
    call = office.calls[0]
    yield "calls", Role.TRAINER, "/calls?purpose=training&q=adresse", _still, every
    yield "call", Role.TRAINER, f"/calls/{call}?purpose=training&q=adresse", _playing, every
    yield "purpose", Role.TRAINER, f"/calls/{call}?purpose=", _still, french
    yield "refused", Role.TRAINER, f"/calls/{call}?purpose=dispute", _still, french
    yield "case", Role.LEGAL, f"/cases/{CASE}", _still, french
    yield "request", Role.DPO, f"/requests/{office.request}", _still, french
    yield "policy", Role.DPO, "/policy", _still, french
    yield "log", Role.AUDITOR, "/log?purpose=quality", _still, french
    yield "operations", Role.OPERATOR, "/operations", _still, french


def small(picture: bytes) -> bytes:
    """The same PNG in a few colours."""
    with av.open(BytesIO(picture)) as read:
        frame = next(read.decode(video=0)).reformat(format="rgb24")
    graph = av.filter.Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base="1/1")
    split = graph.add("split")
    palette = graph.add("palettegen", f"max_colors={_COLOURS}:reserve_transparent=0")
    use = graph.add("paletteuse", "dither=none")
    end = graph.add("buffersink")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(end)
    graph.configure()
    frame.pts = 0
    graph.push(frame)
    graph.push(None)
    drawn = graph.pull()
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = drawn.width, drawn.height, "pal8", 1
    encoder.options = {"pred": "none", "compression_level": "9"}
    return b"".join(bytes(packet) for packet in [*encoder.encode(drawn), *encoder.encode(None)])


def main(folder: Path) -> int:
    """Takes them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, Site(Path(home)) as site, launched(_chromium()) as browser:
        office = furnish(site)
        tokens = {
            role: token_of(site.system, Actor(role=role, name=f"{role.value}.1"))
            for role in Role
            if role not in MACHINES
        }
        with served(site.system) as address:
            for name, role, path, does, looks in _pages(office):
                for look in looks:
                    with looking_at(browser, address.rstrip("/"), tokens[role], strict=False, **_LOOKS[look]) as page:
                        page.goto(path)
                        does(page)
                        target = folder / f"{name}-{look}.png"
                        target.write_bytes(small(page.screenshot()))
                        print(f"{target.name}\t{target.stat().st_size}")
    return 0


def _chromium() -> Path:
    return InstalledChromium(Path()).start()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
