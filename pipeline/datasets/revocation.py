"""The list of what an owner of a data set takes out of every copy, signed; and the answer that it is done (U5).

It says of each item which class of reason there is, and nothing that would be about a person: the owner knows
neither whose call it was nor what they asked for.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.evidence.manifest import instant
from callwarden.model.experiment import ExperimentState
from callwarden.rules.experiments import Unfit
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.signed_document import DocumentKind, canonical, document_of

LIST: Final = DocumentKind(
    name="revocation list", format="callwarden-revocations/1", prefix=b"callwarden revocations v1\n"
)
APPLIED: Final = "callwarden-revocations-applied/1"


class RevocationClass(StrEnum):
    """Why an item goes, as far as its owner is told; closed vocabulary."""

    RIGHT = "right"
    """A person has exercised one."""
    PERIOD = "period"
    """Its period is over."""
    REDACTION = "redaction"
    """Its redaction was taken back, or made anew."""
    DESTROYED = "destroyed"
    """The recording is not there any more."""
    UNFIT = "unfit"
    """It may not be used for experiments, for another reason."""
    OVER = "over"
    """The experiment is."""


_CLASSES: Final[Mapping[str, RevocationClass]] = {
    ReadRefusal.OBJECTED: RevocationClass.RIGHT,
    ReadRefusal.OBJECTION_UNREADABLE: RevocationClass.RIGHT,
    ReadRefusal.OBJECTION_UNKNOWN: RevocationClass.RIGHT,
    ReadRefusal.RESTRICTED: RevocationClass.RIGHT,
    ReadRefusal.PAST_RETENTION: RevocationClass.PERIOD,
    ReadRefusal.HELD_FOR_DISPUTE_ONLY: RevocationClass.PERIOD,
    ReadRefusal.REDACTION_INCOMPLETE: RevocationClass.REDACTION,
    Unfit.REDACTION_CHANGED: RevocationClass.REDACTION,
    ReadRefusal.DISPOSED: RevocationClass.DESTROYED,
    ReadRefusal.UNKNOWN: RevocationClass.DESTROYED,
    ExperimentState.CLOSED: RevocationClass.OVER,
    ExperimentState.ENDED: RevocationClass.OVER,
}


def class_of(reason: str) -> RevocationClass:
    """What the owner of a copy is told of why an item was revoked."""
    return _CLASSES.get(reason, RevocationClass.UNFIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What the holder of a copy states: these items are taken out of it, and those are left."""

    experiment: str
    export: str
    manifest: str
    """Hex SHA-256 of the manifest of the copy."""
    revocations: str
    """Hex SHA-256 of the list."""
    removed: frozenset[str]
    left: str
    """`names_digest` of the items that are left."""
    applied_at: str

    @property
    def at(self) -> datetime:
        """`applied_at`. Raises ValueError where it is none."""
        return datetime.fromisoformat(self.applied_at)


def signed_list(
    experiment: str,
    items: Mapping[str, RevocationClass],
    *,
    of_one: Mapping[str, Mapping[str, RevocationClass]] | None = None,
    made_at: datetime,
    signer: Signer,
) -> bytes:
    """The list of every item of this experiment that goes from every export of it; and `of_one`, by export, of those
    that go from that one alone, since another has them in a newer redaction."""
    statement = canonical(
        {
            "format": LIST.format,
            "experiment": experiment,
            "made_at": instant(made_at),
            "items": _words(items),
            "of_one": {export: _words(those) for export, those in (of_one or {}).items()},
        }
    )
    return document_of(statement, key=format_key(signer.key), signature=signer.sign(LIST.prefix + statement))


def listed_for(statement: Mapping[str, Any], export: str) -> frozenset[str]:
    """The items that this list takes out of this export."""
    return frozenset(statement["items"]) | frozenset(statement["of_one"].get(export, ()))


def _words(items: Mapping[str, RevocationClass]) -> dict[str, str]:
    return {item: why.value for item, why in items.items()}


def names_digest(items: Collection[str]) -> str:
    """The hex SHA-256 of these names, in order, one a line."""
    return sha256("".join(f"{item}\n" for item in sorted(items)).encode()).hexdigest()


def certificate_of(applied: Applied) -> bytes:
    """The text the holder sends back. No key is theirs: it is a statement, and its digest stands in the access log."""
    return canonical(
        {
            "format": APPLIED,
            "experiment": applied.experiment,
            "export": applied.export,
            "manifest": applied.manifest,
            "revocations": applied.revocations,
            "removed": sorted(applied.removed),
            "left": applied.left,
            "applied_at": applied.applied_at,
        }
    )


def read_certificate(text: bytes) -> Applied:
    """Raises ValueError where it is no such statement."""
    said: Any = json.loads(text)
    if not isinstance(said, dict) or said.pop("format", None) != APPLIED:
        raise ValueError("this is no statement that revocations were applied")
    removed = said.pop("removed", None)
    if not isinstance(removed, list) or not all(isinstance(one, str) for one in (*removed, *said.values())):
        raise ValueError("this statement says what none says")
    try:
        applied = Applied(removed=frozenset(removed), **said)
    except TypeError:
        raise ValueError("this statement says more or less than one says") from None
    if applied.at.utcoffset() is None:
        raise ValueError("this statement says no instant")
    return applied
