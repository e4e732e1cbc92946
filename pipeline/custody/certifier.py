"""Issues disposal certificates: signed first, then kept in the transaction that closes the recording's row.

The entry in the access log and the certificate name each other: the certificate holds the entry's id, the entry the
certificate's digest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.custody.eraser import Erasure
from callwarden.custody.scribe import Scribe
from callwarden.model.access import Actor
from callwarden.model.certificate import Certificate, DestroyedVersion, DisposalFacts
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.model.outcome import Reason
from callwarden.model.recording import Artefact, Recording
from callwarden.rules.certificate import PREFIX, digest_of, document_of, statement_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate and the log entry that goes with it, both still to be written."""

    certificate: Certificate
    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Certifier:
    """Signs certificates. Thread-safe."""

    signer: Signer
    scribe: Scribe

    def certify(
        self, recording: Recording, erasure: Erasure, *, known: Sequence[Artefact], rule: str, actor: Actor
    ) -> Issued:
        """Certify that this recording, of which the catalogue had `known` on record, is destroyed. `recording` is its
        row as it was before; `rule` is a reason code, such as ``retention``."""
        entry = self.scribe.entry(
            actor,
            Operation.RECORDING_DISPOSED,
            subject=recording.recording_id,
            reasons=(rule,),
            count=len(erasure.versions),
        )
        statement = statement_of(
            DisposalFacts(
                recording_id=recording.recording_id,
                # A line no policy names is foreign text, and a certificate is handed out.
                line=None if recording.quarantine_reason == Reason.UNKNOWN_LINE else recording.line,
                ended_at=recording.ended_at,
                keep_until=recording.keep_until,
                stored_under=recording.policy_version,
                disposed_under=self.scribe.policy_version,
                rule=rule,
                decided_by=entry.actor,
                known=tuple(
                    DestroyedVersion(key=one.key, version_id=one.version_id, size=one.stored_size)
                    for one in sorted(known, key=lambda one: (one.key, one.version_id))
                ),
                listed=tuple(
                    DestroyedVersion(key=one.key, version_id=one.version_id, size=one.size)
                    for one in sorted(erasure.versions, key=lambda one: (one.key, one.version_id))
                ),
                listed_at=erasure.listed_at,
                uploads_given_up=erasure.uploads_given_up,
                left=0,
                proven_empty_at=erasure.proven_empty_at,
                log_entry=entry.entry_id,
            )
        )
        document = document_of(
            statement, key=format_key(self.signer.key), signature=self.signer.sign(PREFIX + statement)
        )
        digest = digest_of(document)
        return Issued(
            certificate=Certificate(
                recording_id=recording.recording_id, digest=digest, issued_at=entry.at, document=document
            ),
            entry=replace(entry, digest=digest),
        )
