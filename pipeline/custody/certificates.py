"""Makes disposal certificates. A certificate and its entry in the access log name each other: the certificate has the
entry's id, the entry the certificate's digest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.custody.scribe import Scribe
from callwarden.model.access import Actor
from callwarden.model.certificate import Certificate, DestroyedVersion, DisposalFacts
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.model.outcome import Reason
from callwarden.model.recording import Artefact, Recording
from callwarden.ports.vault import ObjectVersion
from callwarden.rules.certificate import CERTIFICATE, statement_of
from callwarden.rules.signed_document import digest_of, document_of
from callwarden.rules.sweeping import sweep_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was destroyed of one recording. `versions` were listed at `listed_at`, before; at `proven_empty_at` a
    second listing showed nothing left."""

    versions: tuple[ObjectVersion, ...]
    uploads_given_up: int
    listed_at: datetime
    proven_empty_at: datetime


def certified(
    before: Recording,
    erasure: Erasure,
    *,
    known: Sequence[Artefact],
    rule: str,
    actor: Actor,
    as_at: datetime | None,
    signer: Signer,
    scribe: Scribe,
    operation: Operation = Operation.RECORDING_DISPOSED,
) -> tuple[Certificate, LogEntry]:
    """Certify that this recording, of which the catalogue had `known` on record, is destroyed: the certificate and its
    entry, both still to be written. `before` is its row as it was; `rule` is a reason code, such as ``retention``;
    `as_at` is the instant it is over by, where a person gave one. With another `operation` only a part of it is: what
    `known` and the listings name."""
    entry = scribe.entry(
        actor,
        operation,
        subject=before.recording_id,
        reasons=(rule,),
        count=len(erasure.versions),
        correlation=None if as_at is None else sweep_subject(as_at),
    )
    statement = statement_of(
        DisposalFacts(
            recording_id=before.recording_id,
            # A line no policy names is foreign text, and a certificate is handed out.
            line=None if before.quarantine_reason == Reason.UNKNOWN_LINE else before.line,
            ended_at=before.ended_at,
            keep_until=before.keep_until,
            stored_under=before.policy_version,
            disposed_under=scribe.policy_version,
            rule=rule,
            decided_by=entry.actor,
            as_at=as_at,
            known=_versions((stored.key, stored.version_id, stored.stored_size) for stored in known),
            listed=_versions((gone.key, gone.version_id, gone.size) for gone in erasure.versions),
            listed_at=erasure.listed_at,
            uploads_given_up=erasure.uploads_given_up,
            left=0,
            proven_empty_at=erasure.proven_empty_at,
            log_entry=entry.entry_id,
            part=None if operation is Operation.RECORDING_DISPOSED else "audio",
        )
    )
    document = document_of(statement, key=format_key(signer.key), signature=signer.sign(CERTIFICATE.prefix + statement))
    digest = digest_of(document)
    certificate = Certificate(recording_id=before.recording_id, digest=digest, issued_at=entry.at, document=document)
    return certificate, replace(entry, digest=digest)


def _versions(found: Iterable[tuple[str, str, int]]) -> tuple[DestroyedVersion, ...]:
    return tuple(DestroyedVersion(key=key, version_id=version_id, size=size) for key, version_id, size in sorted(found))
