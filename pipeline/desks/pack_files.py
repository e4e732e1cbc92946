"""The files of an evidence pack: each recording read at the gate, and the access log of it with its proofs."""

import mimetypes
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from callwarden.custody.gate import Gate
from callwarden.desks.custody_record import CustodyDesk, CustodyRecord
from callwarden.errors import RefusedError
from callwarden.evidence.folder import PackFolder
from callwarden.evidence.manifest import PackedFile, PackedRecording, instant
from callwarden.evidence.proofs import PROOFS, checkpoint_name, proof_lines
from callwarden.evidence.vcon import Dialog, vcon_of
from callwarden.evidence.verify import CERTIFICATES, CUSTODY
from callwarden.model.access import Actor
from callwarden.model.certificate import Certificate
from callwarden.model.event import CallRecorded
from callwarden.model.form_writing import written
from callwarden.model.ids import CallId, CaseId, Pseudonym, RecordingId
from callwarden.model.log_entry import EntryId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording
from callwarden.ports.keys import KeyStore
from callwarden.ports.log import LogReader
from callwarden.rules.criteria import label_text
from callwarden.rules.signed_document import canonical

PACKED: Final = frozenset(
    {ArtefactKind.ORIGINAL_AUDIO, ArtefactKind.ORIGINAL_TRANSCRIPT, ArtefactKind.REDACTED_TRANSCRIPT}
)
"""What is handed over. Of the other forms the custody record has the digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFiles:
    """Writes the files of one pack, for one person; what they may not have raises RefusedError."""

    folder: PackFolder
    actor: Actor
    case_id: CaseId
    gate: Gate
    custody: CustodyDesk
    reader: LogReader
    keys: KeyStore
    recordings: list[PackedRecording] = field(default_factory=list)
    known: dict[Pseudonym, str] = field(default_factory=dict, repr=False)
    """Who stands behind the pseudonyms of these recordings: a number, a customer's id, a label."""
    _calls: dict[CallId, list[Dialog]] = field(default_factory=lambda: defaultdict(list))

    def recording(self, recording_id: RecordingId) -> None:
        """Write one recording's files. Raises RefusedError, of which no file is left."""
        place = f"recordings/{recording_id}"
        files: dict[ArtefactKind, PackedFile] = {}

        def keep(artefact: Artefact, pieces: Iterator[bytes]) -> None:
            if artefact.kind in PACKED:
                name = f"{place}/{artefact.kind}{_extension(artefact.media_type)}"
                files[artefact.kind] = self.folder.write(name, pieces)
            else:
                for _ in pieces:
                    pass

        try:
            record = self.custody.read_again(self.actor, recording_id, keep=keep)
        except RefusedError:
            self.folder.take_back(place)
            raise
        event = self._event(recording_id)
        row = record.recording
        self._know(row, event)
        about = [
            self.folder.write(f"{place}/metadata.json", [canonical(_metadata(row, event))]),
            self.folder.write(f"{place}/{CUSTODY}", [canonical(_custody(record, self.case_id))]),
        ]
        audio, transcript = files.get(ArtefactKind.ORIGINAL_AUDIO), files.get(ArtefactKind.ORIGINAL_TRANSCRIPT)
        if audio is not None:
            [stored] = [one.artefact for one in record.artefacts if one.artefact.kind is ArtefactKind.ORIGINAL_AUDIO]
            self._calls[row.call_id].append(
                Dialog(
                    recording_id=recording_id,
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                    media_type=stored.media_type,
                    filename=audio.name,
                    sound=partial(self.folder.read, audio.name),
                    event=event,
                    transcript=None if transcript is None else b"".join(self.folder.read(transcript.name)),
                )
            )
        self.recordings.append(
            PackedRecording(
                recording_id=recording_id,
                call_id=row.call_id,
                leg=row.leg,
                segment=row.segment,
                line=row.line,
                started_at=row.started_at,
                ended_at=row.ended_at,
                unbroken=record.unbroken,
                audio_ended=record.audio_ended,
                files=(*files.values(), *about),
            )
        )

    def calls(self, made_at: datetime) -> None:
        """Write each call as a vCon, once its recordings are written."""
        for number, (call_id, dialogs) in enumerate(self._calls.items(), 1):
            pieces = vcon_of(call_id, dialogs, made_at=made_at)
            self.folder.write(f"calls/call-{number:04d}.vcon.json", pieces)

    def certificates(self, certificates: Sequence[Certificate]) -> None:
        """Write these certificates."""
        for one in certificates:
            self.folder.write(f"{CERTIFICATES}{one.recording_id}-{one.digest[:8]}.json", [one.document])

    def log(self, besides: Sequence[EntryId], *, reference: str, anchor: Callable[[], object]) -> tuple[int, int]:
        """Write the entries about these recordings, and those `besides`, with their proofs; `anchor` signs the log as
        it stands. How many, and how many were left out because they name another case than `reference`. Everything that
        was read for this pack is among them."""
        ids = [one.recording_id for one in self.recordings]
        found = self.custody.accesses(self.actor, ids) if ids else []
        ours = [one.entry.entry_id for one in found if one.entry.case in (None, reference)]
        anchor()
        proofs = self.reader.prove(*dict.fromkeys((*ours, *besides)))
        for size, note in {proof.checkpoint.size: proof.note for proof in proofs}.items():
            self.folder.write(checkpoint_name(size), [note])
        self.folder.write(PROOFS, proof_lines(proofs))
        return len(proofs), len(found) - len(ours)

    def _know(self, row: Recording, event: CallRecorded | None) -> None:
        told = (None, None) if event is None else (event.caller.number, event.caller.customer_id)
        for person, name in zip((row.caller, row.customer), told, strict=True):
            if person is not None and name is not None:
                self.known[person] = name

        for name, value in () if event is None else event.labels:
            self.known[self.keys.pseudonym("label", label_text(name, value))] = f"{name}={value}"

    def _event(self, recording_id: RecordingId) -> CallRecorded | None:
        """What the telephone system told of the call; None where nothing of it is kept."""
        try:
            return self.gate.details(self.actor, Purpose.DISPUTE, recording_id)
        except RefusedError:
            return None


def _metadata(row: Recording, event: CallRecorded | None) -> dict[str, Any]:
    """What is known of the call, in words."""
    known: dict[str, Any] = {
        "recording": row.recording_id,
        "call": row.call_id,
        "leg": row.leg,
        "segment": row.segment,
        "line": row.line,
        "started_at": instant(row.started_at),
        "ended_at": instant(row.ended_at),
        "kept_until": instant(row.keep_until),
        "agent": row.agent_id,
        "policy": row.policy_version,
    }
    if event is not None:
        known |= {
            "direction": event.direction.value,
            "caller": event.caller.number,
            "customer": event.caller.customer_id,
            "caller_name": event.caller.name,
            "channels": list(event.channels),
            "notice_version": event.notice_version,
            "notice": None if row.notice is None else written(row.notice),
            "labels": dict(event.labels),
        }
    return known


def _custody(record: CustodyRecord, case_id: CaseId) -> dict[str, Any]:
    """The chain of digests, and this case's hold: other cases are their people's alone."""
    return {
        "recording": record.recording.recording_id,
        "unbroken": record.unbroken,
        "audio_ended": record.audio_ended,
        "made_at": instant(record.made_at),
        "sha256_of_telephone_system": record.source_sha256,
        "objects": [
            {
                "kind": one.artefact.kind.value,
                "generation": one.artefact.generation,
                "bytes": one.artefact.size,
                "stored_at": instant(one.artefact.stored_at),
                "sha256_stored": one.artefact.sha256,
                "sha256_today": one.sha256_today,
                "unchanged": one.unchanged,
            }
            for one in record.artefacts
        ],
        "held": [
            {"case": hold.case_id, "placed_at": instant(hold.placed_at), "fast_in_vault_at": instant(hold.applied_at)}
            for hold in record.holds
            if hold.case_id == case_id
        ],
    }


def _extension(media_type: str) -> str:
    plain = media_type.partition(";")[0].strip()
    return {"audio/wav": ".wav", "audio/x-wav": ".wav"}.get(plain) or mimetypes.guess_extension(plain) or ".bin"
