"""`callwarden experiment apply-revocations`: takes out of a copy what may not be used any more, and says so."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import RetryableError
from callwarden.workers.cli.output import JsonOption, print_thing, say


def apply_revocations_command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that was exported, or a copy of it.")],
    revocations: Annotated[Path, typer.Argument(metavar="FILE", help="From callwarden experiment revocations.")],
    public_key: Annotated[
        list[Path] | None,
        typer.Option(
            "--public-key",
            "--key",
            exists=True,
            dir_okay=False,
            help="The key both have to be signed under, from callwarden log key; may hold several, or be repeated. "
            "Left out: the one that the folder was signed under.",
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take revoked items out of an exported folder, offline, and write a certificate of it to send back. A folder that
    is not what was exported, or a list that is not of it, is refused, and nothing is changed."""
    from callwarden.accesslog.key.signer import read_keys, trust
    from callwarden.accesslog.proof.note import parse_key
    from callwarden.datasets.applying import apply_revocations

    try:
        done = apply_revocations(
            directory,
            revocations,
            trust=lambda line: trust(parse_key(line)),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            keys=read_keys(*public_key or ()),
        )
    except OSError as error:
        raise RetryableError(f"{directory} cannot be read or written: {error.strerror}", part="disk") from error
    applied = done.applied
    thing = {
        "experiment": applied.experiment,
        "export": applied.export,
        "removed": len(applied.removed),
        "left": done.left,
        "applied_at": applied.applied_at,
        "manifest_sha256": applied.manifest,
        "revocations_sha256": applied.revocations,
        "certificate": done.certificate,
    }
    print_thing(thing, as_json=as_json)
    say("Send the certificate back to whoever sent the list; delete any other copy you made.", as_json=as_json)
