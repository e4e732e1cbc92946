"""Debian's Chromium, and pages in it that fail a test on any error of theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

_PATIENCE_MS = 20_000
"""How long a page may take on a machine that is busy with other tests."""
expect.set_options(timeout=_PATIENCE_MS)
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
)


@contextmanager
def launched(path: Path) -> Iterator[Browser]:
    """A browser of one's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def looking_at(
    browser: Browser, address: str, token: str | None, *, strict: bool = True, **options: Any
) -> Iterator[Page]:
    """A page of the application at `address`, in French, as whoever has this token. Where `strict`, raises
    AssertionError in the end for an error of a script, a breach of the content policy, or what could not be had."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    context = browser.new_context(**{"base_url": address, "locale": "fr-FR", "extra_http_headers": headers, **options})
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    wrong: list[str] = []

    def told(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    page.on("console", told)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert not strict or wrong == []
