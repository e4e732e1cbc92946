"""The desk where a case's recordings leave as an evidence pack, for a court or the police (K3, U9, U10).

The entry of a disclosure is durable before the first byte is read; every object passes the gate, for the dispute; when
all is written another entry carries the manifest's digest, and only then does the pack appear under its name.
"""

import mimetypes
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.custody.gate import Gate
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.custody_record import CustodyDesk, CustodyRecord
from callwarden.desks.named_case import case_named, known_case
from callwarden.errors import RefusedError, UsageError
from callwarden.evidence.bordereau import BORDEREAU, bordereau
from callwarden.evidence.folder import PackFolder, appearing_folder
from callwarden.evidence.manifest import (
    MANIFEST,
    Contents,
    Disclosure,
    GoneRecording,
    PackedFile,
    PackedRecording,
    instant,
    signed_manifest,
)
from callwarden.evidence.proofs import PROOFS, checkpoint_name, proof_lines
from callwarden.evidence.vcon import Dialog, vcon_of
from callwarden.evidence.verify import CERTIFICATES, CUSTODY
from callwarden.model.access import Actor
from callwarden.model.certificate import Certificate
from callwarden.model.event import CallRecorded
from callwarden.model.hold import Case
from callwarden.model.ids import CallId, RecordingId
from callwarden.model.log_entry import EntryId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.log import LogBook, LogReader
from callwarden.rules.identity import log_case
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.rights import Act
from callwarden.rules.signed_document import canonical, digest_of

PACKED: Final = frozenset(
    {ArtefactKind.ORIGINAL_AUDIO, ArtefactKind.ORIGINAL_TRANSCRIPT, ArtefactKind.REDACTED_TRANSCRIPT}
)
"""What is handed over. Of the other forms the custody record has the digests."""
_NOT_OF_ONE: Final = frozenset({ReadRefusal.NOT_PERMITTED.value, ReadRefusal.LOG_UNAVAILABLE.value})
"""Refusals that are not about one recording: then there is no pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was packed; `digest` is the SHA-256 of the manifest, as the access log has it."""

    directory: Path
    contents: Contents
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the case holds, as the entry says, before anything is read."""

    case: Case
    held: Sequence[RecordingId]
    gone: Sequence[RecordingId]
    certificates: Sequence[Certificate]
    query: Sequence[dict[str, Any]]
    entries: tuple[EntryId, ...]
    """Those of a disclosure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDesk:
    """Makes evidence packs. `book` is asked for when the log is anchored. Thread-safe."""

    acts: Acts
    clock: Clock
    gate: Gate
    custody: CustodyDesk
    reader: LogReader
    book: Callable[[], LogBook]
    signer: Callable[[], Signer]
    zone: ZoneInfo

    def pack(
        self,
        actor: Actor,
        case: str,
        directory: Path,
        *,
        recipient: str | None = None,
        basis: str | None = None,
        wait_s: float,
        told: Callable[[int], None] = lambda _: None,
    ) -> Packed:
        """Write the pack of a case into a new folder; `told` is called as each recording is done. With a recipient it
        is a disclosure, which names its legal basis or warrant. What cannot be read is left out, with its reasons.

        Raises RefusedError where the case is not theirs, UsageError for a folder that is taken, half a disclosure and a
        case that holds nothing; DecryptionError, RetryableError, and as `LogBook.checkpoint`: then nothing is there.
        """
        recipient, basis = (recipient or "").strip(), (basis or "").strip()
        if bool(recipient) != bool(basis):
            raise UsageError(
                "a disclosure names both: --recipient, who gets it, and --basis, the legal basis or the warrant"
            )
        with appearing_folder(directory) as folder:  # first: no entry of a pack that had nowhere to go
            asked = self._ask(actor, case, disclosed=bool(recipient))
            told_to = Disclosure(recipient=recipient, basis=basis, entries=asked.entries) if recipient else None
            contents = self._fill(folder, actor, asked, told_to, wait_s=wait_s, told=told)
            document = signed_manifest(contents, signer=self.signer())
            folder.write(MANIFEST, [document])
            digest = digest_of(document)
            with self.acts.perform(Act.HOLD_PACK, actor, purpose=Purpose.DISPUTE.value) as doing:
                self._held(doing, asked.case.case_id)
                doing.subjects = [one.recording_id for one in contents.recordings] or None
                doing.count, doing.digest = len(contents.recordings), digest
        return Packed(directory=directory, contents=contents, digest=digest)

    def _ask(self, actor: Actor, case: str, *, disclosed: bool) -> _Asked:
        act = Act.HOLD_DISCLOSE if disclosed else Act.HOLD_PACK
        with self.acts.perform(act, actor, purpose=Purpose.DISPUTE.value) as doing:
            found, rows = self._held(doing, case)
            gone, query = self._asked_for(doing.tx, found, rows)
            certificates = doing.tx.certificates.get(gone)
            if not rows and not gone:
                raise UsageError(f"case {found.case_id} holds nothing: callwarden hold place {found.case_id}")
            doing.count, doing.subjects = len(rows), [row.recording_id for row in rows] or None
            doing.silent = not disclosed  # its entry is made when the manifest is
        return _Asked(
            case=found,
            held=[row.recording_id for row in rows],
            gone=gone,
            certificates=certificates,
            query=query,
            entries=tuple(one.entry_id for one in doing.written),
        )

    def _held(self, doing: Doing, case: str) -> tuple[Case, Sequence[Recording]]:
        """The case and what it holds; all of it has to be the actor's."""
        found = known_case(doing, case_named(case))
        holds = doing.tx.holds.find(case_id=found.case_id)
        rows = doing.tx.recordings.get([hold.recording_id for hold in holds]).values()
        doing.touches(rows)
        return found, sorted(rows, key=lambda row: (instant(row.started_at or row.ended_at) or "", row.recording_id))

    def _asked_for(
        self, tx: Transaction, case: Case, rows: Sequence[Recording]
    ) -> tuple[Sequence[RecordingId], Sequence[dict[str, Any]]]:
        """What was gone before it could be held, and the query that chose the rest."""
        return (), [{"text": f"{len(rows)} recordings, named one by one", "placed_at": None, "matched": len(rows)}]

    def _fill(
        self,
        folder: PackFolder,
        actor: Actor,
        asked: _Asked,
        disclosure: Disclosure | None,
        *,
        wait_s: float,
        told: Callable[[int], None],
    ) -> Contents:
        packed: list[PackedRecording] = []
        left_out: dict[RecordingId, tuple[str, ...]] = {}
        calls: dict[CallId, list[Dialog]] = defaultdict(list)
        records: list[CustodyRecord] = []
        for recording_id in asked.held:
            try:
                record, files, dialog = self._recording(folder, actor, asked.case, recording_id)
            except RefusedError as error:
                if _NOT_OF_ONE & set(error.reasons):
                    raise
                left_out[recording_id] = error.reasons
                continue
            finally:
                told(1)
            row = record.recording
            records.append(record)
            calls[row.call_id].extend(dialog)
            packed.append(
                PackedRecording(
                    recording_id=recording_id,
                    call_id=row.call_id,
                    line=row.line,
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                    unbroken=record.unbroken,
                    files=files,
                )
            )
        made_at = self.clock.now()
        for number, (call_id, dialogs) in enumerate(calls.items(), 1):
            folder.write(f"calls/call-{number:04d}.vcon.json", vcon_of(call_id, dialogs, made_at=made_at))
        for certificate in asked.certificates:
            folder.write(
                f"{CERTIFICATES}{certificate.recording_id}-{certificate.digest[:8]}.json", [certificate.document]
            )
        proven, others = self._log(folder, actor, asked, [one.recording_id for one in packed], wait_s=wait_s)
        digests: dict[RecordingId, list[str]] = defaultdict(list)
        for certificate in asked.certificates:
            digests[certificate.recording_id].append(certificate.digest)
        contents = Contents(
            case_id=asked.case.case_id,
            made_at=made_at,
            made_by=actor.name,
            disclosure=disclosure,
            query=asked.query,
            recordings=packed,
            gone=[GoneRecording(recording_id=one, certificates=tuple(digests[one])) for one in asked.gone],
            left_out=left_out,
            log_entries=proven,
            other_cases_entries=others,
            files=folder.files,
        )
        page = bordereau(contents, zone=self.zone, key=format_key(self.signer().key))
        folder.write(BORDEREAU, [page])
        return contents

    def _recording(
        self, folder: PackFolder, actor: Actor, case: Case, recording_id: RecordingId
    ) -> tuple[CustodyRecord, tuple[PackedFile, ...], Sequence[Dialog]]:
        """Write one recording's files. Raises RefusedError, of which no file is left."""
        place = f"recordings/{recording_id}"
        files: dict[ArtefactKind, PackedFile] = {}

        def keep(artefact: Artefact, pieces: Iterator[bytes]) -> None:
            if artefact.kind in PACKED:
                name = f"{place}/{artefact.kind}{_extension(artefact.media_type)}"
                files[artefact.kind] = folder.write(name, pieces)
            else:
                for _ in pieces:
                    pass

        try:
            record = self.custody.read_again(actor, recording_id, keep=keep)
        except RefusedError:
            folder.take_back(place)
            raise
        event = self._event(actor, recording_id)
        row = record.recording
        about = [
            folder.write(f"{place}/metadata.json", [canonical(_metadata(row, event))]),
            folder.write(f"{place}/{CUSTODY}", [canonical(_custody(record, case))]),
        ]
        audio, transcript = files.get(ArtefactKind.ORIGINAL_AUDIO), files.get(ArtefactKind.ORIGINAL_TRANSCRIPT)
        dialogs = []
        if audio is not None:
            [stored] = [one.artefact for one in record.artefacts if one.artefact.kind is ArtefactKind.ORIGINAL_AUDIO]
            dialogs = [
                Dialog(
                    recording_id=recording_id,
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                    media_type=stored.media_type,
                    filename=audio.name,
                    sound=partial(folder.read, audio.name),
                    event=event,
                    transcript=None if transcript is None else b"".join(folder.read(transcript.name)),
                )
            ]
        return record, (*files.values(), *about), dialogs

    def _event(self, actor: Actor, recording_id: RecordingId) -> CallRecorded | None:
        """What the telephone system told of the call; None where nothing of it is kept."""
        try:
            return self.gate.details(actor, Purpose.DISPUTE, recording_id)
        except RefusedError:
            return None

    def _log(
        self, folder: PackFolder, actor: Actor, asked: _Asked, recordings: Sequence[RecordingId], *, wait_s: float
    ) -> tuple[int, int]:
        """Write the entries about these recordings with their proofs; how many, and how many of other cases were left
        out. Everything that was read for this pack is among them."""
        found = self.custody.accesses(actor, recordings) if recordings else []
        reference = log_case(asked.case.case_id, self.acts.scribe.keys.pseudonym("case", asked.case.case_id))
        ours = [one.entry.entry_id for one in found if one.entry.case in (None, reference)]
        wanted = dict.fromkeys((*ours, *asked.entries))
        self.book().checkpoint(wait_s=wait_s)
        proofs = [self.reader.prove(entry) for entry in wanted]
        for size, note in {proof.checkpoint.size: proof.note for proof in proofs}.items():
            folder.write(checkpoint_name(size), [note])
        folder.write(PROOFS, proof_lines(proofs))
        return len(proofs), len(found) - len(ours)


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
            "labels": dict(event.labels),
        }
    return known


def _custody(record: CustodyRecord, case: Case) -> dict[str, Any]:
    """The chain of digests, and this case's hold: other cases are their people's alone."""
    return {
        "recording": record.recording.recording_id,
        "unbroken": record.unbroken,
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
            if hold.case_id == case.case_id
        ],
    }


def _extension(media_type: str) -> str:
    plain = media_type.partition(";")[0].strip()
    return {"audio/wav": ".wav", "audio/x-wav": ".wav"}.get(plain) or mimetypes.guess_extension(plain) or ".bin"
