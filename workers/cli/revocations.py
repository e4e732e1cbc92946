"""`callwarden experiment revocations|apply-revocations|acknowledge`: what may not be used any more goes from every
copy, and whoever holds one says so."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from callwarden.errors import RetryableError, UsageError
from callwarden.model.experiment import ExportId
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.appearing_file import appearing
from callwarden.workers.cli.output import JsonOption, print_thing, say
from callwarden.workers.shapes.experiments import revocations_shape, standing_shape

OWN_CACHE: Final = (
    "Where Hugging Face datasets loaded the folder without cache_dir, a copy of it lies in HF_HOME/datasets, by "
    "default ~/.cache/huggingface/datasets, and this command does not reach it."
)


def revocations_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experiment's name.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A new file.")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write the signed list of every item that is to be taken out of copies, for whoever holds one."""
    with signed_in(actor) as (system, asking), appearing(output) as file:
        made = system.revocation_desk.signed(asking, name)
        file.write(made.document)
    print_thing({**revocations_shape(made), "file": output}, as_json=as_json)


def acknowledge_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experiment's name.")],
    actor: ActorOption,
    certificate: Annotated[
        Path | None, typer.Argument(metavar="[CERTIFICATE]", help="What apply-revocations has written.")
    ] = None,
    deleted: Annotated[
        str | None, typer.Option("--deleted", metavar="EXPORT", help="In its place: no copy of this export is left.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Say what has become of a copy of yours: its revoked items are out, or nothing of it is left."""
    if (certificate is None) is (deleted is None):
        raise UsageError("say one of both: the certificate of apply-revocations, or --deleted EXPORT")
    with signed_in(actor) as (system, asking):
        if certificate is not None:
            stands = system.revocation_desk.acknowledge(asking, name, _read(certificate))
        else:
            stands = system.revocation_desk.deleted(asking, name, ExportId(deleted or ""))
    print_thing(standing_shape(stands), as_json=as_json)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


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
            at=(load_settings().now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
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
    say(f"{OWN_CACHE} Delete what is there of {applied.export}.", as_json=as_json)
