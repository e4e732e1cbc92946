"""Data sets written to a folder, without a system."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from callwarden.accesslog.key.signer import Ed25519Signer, open_signer, trust
from callwarden.accesslog.proof.note import TrustedKey, parse_key
from callwarden.datasets.items import Item
from callwarden.datasets.manifest import DataSet, ExportedItem, Terms
from callwarden.datasets.revocation import RevocationClass, signed_list
from callwarden.datasets.writing import DataSetFolder
from callwarden.evidence.folder import appearing_folder
from callwarden.model.ids import RecordingId
from callwarden.model.transcript import RedactedTranscript, RedactedTurn
from callwarden.rules.rare_metadata import Told

AT = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TERMS = Terms(
    experiment="exp-01J0000000000000000000000A",
    name="talk-time",
    purpose="how long customers wait",
    hypothesis=None,
    dpia="DPIA-7",
    owner="analyst:ines",
    line="customer-service",
    first=date(2026, 1, 1),
    last=date(2026, 3, 31),
    until=date(2026, 9, 1),
    carries=("text", "metadata"),
    k=2,
    approved_by="dpo:chloe",
)


def item(number: int) -> Item:
    turns = (
        RedactedTurn(speaker="agent", text=f"Bonjour, {number} à l'appareil.", start_s=0.04, end_s=2.51),
        RedactedTurn(speaker="caller", text="Je suis [PERSON].", start_s=3.0, end_s=4.26),
    )
    transcript = RedactedTranscript(
        recording_id=RecordingId("rec-" + "0" * 32),
        language="fr",
        redaction_version="7",
        duration_s=5.0,
        turns=turns,
        beeped=(),
        verified=True,
    )
    told = Told(line="customer-service", period="2026-W10", duration="under 30 s")
    return Item(item=f"item-{number:032x}", transcript=transcript, told=told, caller=f"caller-{number}")


def signer(folder: Path, name: str = "key.pem") -> Ed25519Signer:
    return open_signer(folder / name, "callwarden-test")


def trusted(line: str) -> TrustedKey:
    return trust(parse_key(line))


def write(
    folder: Path,
    *,
    key: Ed25519Signer,
    count: int = 5,
    sound: bytes | None = None,
    parquet: bool = False,
    export: str = "export-1a",
) -> tuple[DataSet, str]:
    """A data set of so many items, with `sound` (WAV) where it is given."""
    with appearing_folder(folder) as pack:
        made = DataSetFolder(pack)
        items = [item(number) for number in range(count)]
        if sound is not None:
            items = [replace(one, file_name=made.sound(one.item, "audio/wav", [sound])) for one in items]

        def told(exported: tuple[ExportedItem, ...], fields: tuple[str, ...]) -> DataSet:
            return DataSet(
                export=export,
                made_at=AT,
                made_by="analyst:ines",
                terms=TERMS,
                build=1,
                items=exported,
                left_out={"objected": 2},
                dropped={},
                policy="1-abc",
                redactions={"7": count},
                told={"as it is": count},
                smallest=count,
                fields=fields,
            )

        return made.finish(items, told, signer=key, parquet=parquet)


def write_list(
    path: Path,
    items: Collection[int],
    *,
    key: Ed25519Signer,
    experiment: str = TERMS.experiment,
    of_one: Mapping[str, Mapping[str, RevocationClass]] | None = None,
) -> Path:
    names = {item(number).item: RevocationClass.RIGHT for number in items}
    path.write_bytes(signed_list(experiment, names, of_one=of_one, made_at=AT, signer=key))
    return path
