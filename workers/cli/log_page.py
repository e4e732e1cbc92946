"""The log's page: one HTML document that needs nothing else. No script, no asset, nothing of any entry."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from typing import Final

from callwarden.workers.cli.log_page_words import NAMES, WORDS, Language
from callwarden.workers.processes.log_figures import LogFigures

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --line: #8a8a8a; --soft: #f2f2f2; --link: #0b4f9e;
  --good: #1b5e20; --bad: #8b1a00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eeeeee; --paper: #161616; --line: #8a8a8a; --soft: #262626; --link: #9cc4ff; --good: #a5d6a7;
    --bad: #ffb4a2; }
}
body { margin: 0 auto; max-width: 52rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
a { color: var(--link); }
nav { text-align: right; }
.verdict { border: 0.15rem solid; border-left-width: 0.6rem; padding: 0.5rem 1rem; }
.verdict h2 { margin: 0; font-size: 1.15rem; }
.good { border-color: var(--good); }
.good h2 { color: var(--good); }
.bad { border-color: var(--bad); }
.bad h2 { color: var(--bad); }
table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; }
caption { text-align: left; font-weight: bold; font-size: 1.15rem; padding: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
td { overflow-wrap: anywhere; }
.months th, time { white-space: nowrap; }
pre { background: var(--soft); padding: 0.75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
"""

CONTENT_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)
"""No script and no address at all; the one style sheet by its digest."""

_COMMANDS: Final = (
    "callwarden log key",
    "callwarden log export DIR --as auditor:NAME --purpose quality",
    "callwarden log verify --export DIR --public-key KEY.txt --checkpoints PLACE",
)


def render(figures: LogFigures, language: Language) -> str:
    """The page, as it stands."""
    say, status = WORDS[language], figures.status
    limit, every = _span(figures.late_after, say), _span(figures.checkpoint_every, say)
    if figures.is_late:
        verdict = _verdict("bad", say["late"], say["late_why"].format(limit=limit))
    else:
        verdict = _verdict("good", say["fresh"], say["fresh_some" if status.unanchored else "fresh_none"])
    body = (
        f"<h1>{_text(say['title'])}</h1>\n<p>{_text(say['intro'])}</p>\n"
        f"<p>{_text(say['as_of'])} {_instant(figures.now)}</p>\n"
        f"{verdict}{_figures(figures, say, language)}"
        f"<p>{_text(say['tail_means'].format(every=every, limit=limit))}</p>\n"
        f"{_months(figures, say, language)}{_commands(say)}"
        f'<p><a href="?format=json" type="application/json">{_text(say["machine"])}</a></p>\n'
    )
    return _document(say["title"], body, language)


def render_unreadable(why: str, language: Language) -> str:
    """The page when the log cannot be read."""
    say = WORDS[language]
    body = (
        f"<h1>{_text(say['title'])}</h1>\n"
        f"{_verdict('bad', say['unreadable'], say['unreadable_why'] + ' ' + why)}"
        f"<p>{_text(say['unreadable_what'])}</p>\n"
    )
    return _document(say["unreadable"], body, language)


def _document(title: str, body: str, language: Language) -> str:
    other = next(offered for offered in Language if offered is not language)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)} – callwarden</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<nav aria-label="{NAMES[Language.FRENCH]} / {NAMES[Language.ENGLISH]}">'
        f'<a href="?lang={other}" lang="{other}" hreflang="{other}">{NAMES[other]}</a></nav>\n'
        f"<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _verdict(kind: str, heading: str, text: str) -> str:
    return f'<section class="verdict {kind}">\n<h2>{_text(heading)}</h2>\n<p>{_text(text)}</p>\n</section>\n'


def _figures(figures: LogFigures, say: dict[str, str], language: Language) -> str:
    status, checkpoint, stamp = figures.status, figures.status.checkpoint, figures.status.timestamp
    rows = [
        (say["log"], _text(status.origin or say["none"])),
        (say["entries"], _number(status.size + status.staged, language)),
        (say["waiting"], _number(status.staged, language)),
        (say["root"], f"<code>{_text(b64encode(status.root).decode())}</code>"),
    ]
    if checkpoint is None:
        rows.append((say["checkpoint"], _text(say["none"])))
    else:
        parts = (
            f"{_number(checkpoint.size, language)} {_text(say['size'])}",
            f"{_text(say['signed_at'])} {_instant(checkpoint.signed_at)}",
            f"{_text(say['published_at'])} {_instant(checkpoint.published_at)}",
            f"{_text(say['signed_by'])} <code>{_text(checkpoint.signed_by)}</code>",
        )
        rows.append((say["checkpoint"], "<br>".join(parts)))
    tail = f"{_number(status.unanchored, language)} {_text(say['entries'].lower())}"
    if status.unanchored_since is not None:
        tail += f"<br>{_text(say['tail_age'])} {_text(_span(figures.tail_age, say))}"
    rows.append((say["tail"], tail))
    if stamp is None:
        rows.append((say["timestamp"], _text(say["none"])))
    else:
        seen = _text(say["timestamp_is"].format(size=_number(stamp.size, language)))
        rows.append((say["timestamp"], f"{seen} {_instant(stamp.at)}"))
    lines = "".join(f'<tr><th scope="row">{_text(name)}</th><td>{value}</td></tr>\n' for name, value in rows)
    return f"<table>\n<caption>{_text(say['state'])}</caption>\n<tbody>\n{lines}</tbody>\n</table>\n"


def _months(figures: LogFigures, say: dict[str, str], language: Language) -> str:
    if not figures.status.segments:
        return ""
    columns = (say["month"], say["first"], say["count"], say["condition"], say["since"])
    head = "".join(f'<th scope="col">{_text(column)}</th>' for column in columns)
    rows = ""
    for segment in reversed(figures.status.segments):
        cells = (
            _number(segment.first, language),
            _number(segment.end - segment.first, language),
            _text(say[segment.state.value]),
            "" if segment.since is None else _instant(segment.since),
        )
        rows += f'<tr><th scope="row">{_text(segment.name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'
    caption = f"<caption>{_text(say['months'])}</caption>"
    return f'<table class="months">\n{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n'


def _commands(say: dict[str, str]) -> str:
    lines = "\n".join(_COMMANDS)
    return (
        f"<h2>{_text(say['check'])}</h2>\n<p>{_text(say['check_how'])}</p>\n"
        f'<pre lang="en"><code>{_text(lines)}</code></pre>\n<p>{_text(say["check_ends"])}</p>\n'
    )


def _text(value: str) -> str:
    return escape(value, quote=True)


def _instant(at: datetime) -> str:
    utc = at.astimezone(UTC).replace(microsecond=0)
    return f'<time datetime="{utc.isoformat()}">{utc:%Y-%m-%d %H:%M:%S} UTC</time>'


def _number(value: int, language: Language) -> str:
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}" if language is Language.FRENCH else ",")


def _span(span: timedelta, say: dict[str, str]) -> str:
    """Such as ``3 min 20 s``: the two largest units."""
    seconds = int(span.total_seconds())
    units = ((86_400, say["day"]), (3600, "h"), (60, "min"), (1, "s"))
    parts = []
    for length, unit in units:
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count}\N{NO-BREAK SPACE}{unit}")
    return " ".join(parts[:2]) or "0\N{NO-BREAK SPACE}s"
