"""`callwarden hold pack` and `hold verify-pack`: what a case holds, for a court or the police, and is it whole?"""

from pathlib import Path
from typing import Annotated

import typer

from callwarden.accesslog.proof.note import TrustedKey
from callwarden.errors import ConfigurationError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import account_option, signed_in
from callwarden.workers.cli.opening import open_system, trusted_keys
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, progress, say
from callwarden.workers.shapes.evidence import disclosure_row, left_out_rows, packed_shape

PublicKeyOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--public-key",
        "--key",
        exists=True,
        dir_okay=False,
        help="The key it has to be signed under, from callwarden log key; may hold several, or be repeated. Left "
        "out: those of the system here.",
    ),
]


def pack_command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case whose recordings are packed.")],
    directory: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="A new directory.")],
    actor: Annotated[Actor, account_option(Role.LEGAL)],
    recipient: Annotated[str | None, typer.Option(help="Who gets it: the court, the police unit.")] = None,
    basis: Annotated[str | None, typer.Option(help="By which right: the article, or the warrant's reference.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write a case's evidence pack: originals, transcripts, digests, custody, certificates and log proofs, signed. With
    --recipient and --basis it is a disclosure, in the access log before anything is read. Exit code 1 when something
    that the case holds could not be packed."""
    with signed_in(actor) as (system, asking), progress("packing") as told:
        packed = system.evidence_desk.pack(
            asking,
            case,
            directory,
            recipient=recipient,
            basis=basis,
            wait_s=system.settings.checkpoint_every_s + 10,
            told=told,
        )
    print_thing(packed_shape(packed), as_json=as_json)
    if packed.contents.left_out:
        if not as_json:
            rows = left_out_rows(packed)
            print_list(rows, columns=list(rows[0]), as_json=False, title="Held, and not in the pack")
        raise typer.Exit(1)


def disclosures_command(
    actor: Annotated[Actor, account_option(Role.LEGAL)],
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help="Of one case; else of all that are yours.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """What left for a court or the police: to whom, by which right. Without a manifest_sha256 no pack was finished."""
    with signed_in(actor, reading=True) as (system, asking):
        found = system.evidence_desk.disclosures(asking, case)
    rows = [disclosure_row(one) for one in found]
    columns = ("disclosure", "case", "made_at", "recipient", "basis", "held", "manifest_sha256")
    print_list(rows, columns=columns, as_json=as_json, title="Disclosures", empty="Nothing has been disclosed.")


def verify_pack_command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="An evidence pack.")],
    public_key: PublicKeyOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check an evidence pack offline: every file, the signature, custody, certificates, log proofs. Exit code 1 when
    anything is missing, altered or added, and what it is."""
    from callwarden.evidence.verify import verify_pack

    report = verify_pack(directory, trusted=trusted_by(public_key))
    statement = {} if report.manifest is None else report.manifest.statement
    told_to = statement.get("disclosure")
    thing = {
        "genuine": report.ok,
        "case": statement.get("case"),
        "made_at": statement.get("made_at"),
        "recipient": told_to and told_to["recipient"],
        "basis": told_to and told_to["basis"],
        "count": statement.get("count"),
        "files": report.files,
        "certificates": report.certificates,
        "log_entries": report.log_entries,
        "signed_under": None if report.manifest is None else report.manifest.key,
        "manifest_sha256": None if report.manifest is None else report.manifest.digest,
    }
    faults = [{"kind": one.kind, "file": one.file, "message": one.message} for one in report.faults]
    if as_json:
        print_thing({**thing, "disclosure": told_to, "faults": faults}, as_json=True)
    else:
        print_thing(thing, as_json=False)
        if faults:
            print_list(faults, columns=("kind", "file", "message"), as_json=False, title="What is wrong")
    if not report.ok:
        raise typer.Exit(1)
    say("Every file is what was packed, and the pack was signed under that key.", as_json=as_json)


def trusted_by(files: list[Path] | None) -> tuple[TrustedKey, ...]:
    if files:
        from callwarden.accesslog.key.signer import read_keys

        return read_keys(*files)
    try:
        with open_system(load_settings(), reading=True) as system:
            return trusted_keys(None, system)
    except ConfigurationError as error:
        raise UsageError(
            "a pack is verified under the public key of who made it: add --public-key FILE, which they have from "
            "callwarden log key"
        ) from error
