"""`callwarden calls certificate`: the proof that a recording was destroyed, as JSON or to print."""

from datetime import datetime
from html import escape
from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.ids import RecordingId
from callwarden.rules.certificate import check_certificate
from callwarden.rules.signed_document import SignedStatement
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import OperatorOption, signed_in
from callwarden.workers.cli.opening import open_system, trusted_keys
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say


def certificate_command(
    actor: OperatorOption,
    which: Annotated[str | None, typer.Argument(metavar="REC", help="A recording that is gone.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page to print as well.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the signed JSON to a file.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option("--verify", metavar="FILE", help="Check a certificate instead of showing one.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="With --verify: the public key, from callwarden log key."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """The signed certificate of a disposal; with --verify, whether a certificate is genuine."""
    if (which is None) == (verify is None):
        raise UsageError("name a recording, or a file with --verify")
    if verify is not None:
        _verify(verify, key, html, as_json=as_json)
        return
    with signed_in(actor, reading=True) as (system, asking):
        found = system.call_desk.certificates(asking, RecordingId(str(which)))
        trusted = trusted_keys(None, system)
    newest = found[-1]
    checked = check_certificate(newest.document, trusted=trusted)
    _write(html, page(checked, issued_at=newest.issued_at).encode())
    _write(output, newest.document)
    if output is None and html is None:
        if as_json:
            typer.echo(newest.document.decode())
        else:
            _show(checked)
        return
    print_thing(
        {"recording": which, "digest": newest.digest, "json": output, "html": html, "certificates": len(found)},
        as_json=as_json,
    )


def _verify(file: Path, key: Path | None, html: Path | None, *, as_json: bool) -> None:
    try:
        document = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if key is None:
        with open_system(load_settings()) as system:
            trusted = trusted_keys(None, system)
    else:
        trusted = trusted_keys(key, None)
    checked = check_certificate(document, trusted=trusted)
    _write(html, page(checked, issued_at=None).encode())
    print_thing(
        {
            "genuine": True,
            "recording": checked.statement["recording"],
            "rule": checked.statement["rule"],
            "listed_after_at": checked.statement["listed_after_at"],
            "log_entry": checked.statement["log_entry"],
            "digest": checked.digest,
        },
        as_json=as_json,
    )
    prove = f"callwarden log prove {checked.statement['log_entry']} --purpose quality --as auditor:NAME"
    say(f"The log entry carries this digest: {prove}", as_json=as_json)


def _show(checked: SignedStatement) -> None:
    flat = {name: value for name, value in checked.statement.items() if not isinstance(value, list)}
    print_thing({**flat, "digest": checked.digest, "signed_under": checked.key}, as_json=False)
    for title, name in (("On record", "versions_on_record"), ("Listed before", "versions_listed_before")):
        print_list(checked.statement[name], columns=("key", "version", "bytes"), as_json=False, title=title)


def _write(path: Path | None, content: bytes) -> None:
    if path is None:
        return
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(f"{path} exists already: choose another name") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


_WORDS = {
    "recording": "Recording",
    "line": "Line",
    "call_ended_at": "The call ended",
    "kept_until": "Kept until",
    "rule": "Destroyed under the rule",
    "decided_by": "Decided by",
    "disposed_as_at": "Instant of the sweep",
    "stored_under_policy": "Policy when it was stored",
    "disposed_under_policy": "Policy when it was destroyed",
    "listed_before_at": "Listed before, at",
    "unfinished_uploads_given_up": "Unfinished uploads given up",
    "versions_listed_after": "Versions listed after",
    "listed_after_at": "Listed after, at",
    "data_key": "Its data key",
    "log_entry": "Entry of the access log",
}


def page(checked: SignedStatement, *, issued_at: datetime | None) -> str:
    """The certificate as one printable page that needs nothing else."""
    rows = "".join(
        f"<tr><th scope=row>{escape(words)}</th><td>{escape(_cell(checked.statement[name]))}</td></tr>"
        for name, words in _WORDS.items()
        if name in checked.statement
    )
    lists = "".join(
        _versions(title, checked.statement[name])
        for title, name in (
            ("Versions on record", "versions_on_record"),
            ("Versions listed before", "versions_listed_before"),
        )
    )
    issued = "" if issued_at is None else f"<p>Issued {escape(issued_at.isoformat())}</p>"
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Disposal certificate</title>"
        "<style>body{font:11pt/1.5 serif;max-width:48rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.5rem}"
        "table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{border:1px solid #767676;padding:.3rem .5rem;"
        "text-align:left;vertical-align:top;overflow-wrap:anywhere}code{overflow-wrap:anywhere}"
        "@media print{body{margin:0}}</style>"
        "<h1>Disposal certificate</h1>"
        "<p>Every stored version of this recording, and of everything derived from it, has been destroyed. A listing "
        "made afterwards showed none left.</p>"
        f"{issued}<table>{rows}</table>{lists}"
        f"<p>Digest (SHA-256), as the access log has it:<br><code>{escape(checked.digest)}</code></p>"
        f"<p>Signed under:<br><code>{escape(checked.key)}</code></p></html>\n"
    )


def _versions(title: str, versions: list[dict[str, object]]) -> str:
    body = "".join(
        f"<tr><td>{escape(str(version['key']))}</td><td>{escape(str(version['version']))}</td>"
        f"<td>{escape(str(version['bytes']))}</td></tr>"
        for version in versions
    )
    head = "<tr><th scope=col>Object</th><th scope=col>Version</th><th scope=col>Bytes</th></tr>"
    return f"<h2>{escape(title)}</h2>" + (f"<table>{head}{body}</table>" if body else "<p>None.</p>")


def _cell(value: object) -> str:
    return "not known" if value is None else str(value)
