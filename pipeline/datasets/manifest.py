"""What was exported, signed: the experiment's terms, each item by its digests, and every other file (U5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.evidence.manifest import PackedFile, instant
from callwarden.rules.signed_document import DocumentKind, canonical, document_of

DATA_SET: Final = DocumentKind(
    name="manifest of a data set", format="callwarden-data-set/1", prefix=b"callwarden data set v1\n"
)
"""Its file is `evidence.manifest.MANIFEST`, as every pack's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedItem:
    """An item: the digest of its line, and its file of sound where it has one."""

    item: str
    line: str
    sound: PackedFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an experiment is, as its owner is told. `until` is the first day on which nothing of it may be left."""

    experiment: str
    name: str
    purpose: str
    hypothesis: str | None
    dpia: str | None
    owner: str
    line: str
    first: date
    last: date
    until: date
    carries: Sequence[str]
    k: int
    approved_by: str | None
    with_agents: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """What an export says of itself. `left_out` counts by reason what the build did not take, `dropped` what the build
    took and the export did not; `told` counts how the metadata of items is told, by the step of generalisation."""

    export: str
    made_at: datetime
    made_by: str
    terms: Terms
    build: int
    items: Sequence[ExportedItem]
    left_out: Mapping[str, int]
    dropped: Mapping[str, int]
    policy: str
    redactions: Mapping[str, int]
    told: Mapping[str, int]
    smallest: int | None
    fields: Sequence[str] = ()
    files: Sequence[PackedFile] = field(default=())


def signed_data_set(made: DataSet, *, signer: Signer) -> bytes:
    """The manifest as it lies in the folder."""
    statement = canonical(_statement(made))
    return document_of(statement, key=format_key(signer.key), signature=signer.sign(DATA_SET.prefix + statement))


def _statement(made: DataSet) -> dict[str, Any]:
    terms = made.terms
    return {
        "format": DATA_SET.format,
        "experiment": terms.experiment,
        "export": made.export,
        "made_at": instant(made.made_at),
        "made_by": made.made_by,
        "name": terms.name,
        "purpose": terms.purpose,
        "owner": terms.owner,
        "until": terms.until.isoformat(),
        "carries": list(terms.carries),
        "k": terms.k,
        "build": made.build,
        "policy": made.policy,
        "redactions": dict(made.redactions),
        "left_out": dict(made.left_out),
        "dropped": dict(made.dropped),
        "items": {
            one.item: {"line": one.line}
            | ({} if one.sound is None else {"file": one.sound.name, "sha256": one.sound.sha256})
            for one in made.items
        },
        "files": [{"name": one.name, "bytes": one.size, "sha256": one.sha256} for one in made.files],
    }
