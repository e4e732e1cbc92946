"""The custody record of what is held: the same bytes from the telephone system to today, and everyone who had them.

Today's digests are computed from the bytes as the gate lets them out, to the person who asks and for the dispute: so
the record itself is an access, logged like any other.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.gate import Gate
from callwarden.desks.acts import Acts
from callwarden.desks.cases import as_applied
from callwarden.desks.named_case import cases_to_name
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable
from callwarden.model.hold import Hold
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, AudioState, Recording
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.log import LoggedEntry, LogReader
from callwarden.rules.cases import may_be_told
from callwarden.rules.identity import log_case
from callwarden.rules.rights import Act

NOT_HELD = "not_held"

Keep = Callable[[Artefact, Iterator[bytes]], None]
"""Takes every byte of an object while its digest is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyOfArtefact:
    """One stored object: the digest taken when it was stored, and today's."""

    artefact: Artefact
    sha256_today: str

    @property
    def unchanged(self) -> bool:
        return self.sha256_today == self.artefact.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyRecord:
    """The chain. `source_sha256` is the digest the telephone system gave with the audio, None where it gave none;
    `master_key_id` names the master key the recording's data key is wrapped by now."""

    recording: Recording
    made_at: datetime
    source_sha256: str | None
    artefacts: Sequence[CustodyOfArtefact]
    master_key_id: str | None
    holds: Sequence[Hold]
    audio_ended: str | None = None
    """Where the audio's own period was over before anybody held it: the digest of the certificate of its end."""
    accesses: Sequence[LoggedEntry] = ()
    """Every entry of the access log about it, oldest first, this record's own readings included."""

    @property
    def unbroken(self) -> bool:
        """Whether every object is what was stored, and the audio what the telephone system sent."""
        originals = [artefact for artefact in self.artefacts if artefact.artefact.kind is ArtefactKind.ORIGINAL_AUDIO]
        from_source = all(self.source_sha256 in (None, original.sha256_today) for original in originals)
        there = bool(originals) or self.audio_ended is not None
        return there and from_source and all(artefact.unchanged for artefact in self.artefacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyDesk:
    """Makes custody records of held recordings."""

    catalogue: Catalogue
    clock: Clock
    acts: Acts
    gate: Gate
    reader: LogReader

    def record(self, actor: Actor, recording_id: RecordingId) -> CustodyRecord:
        """Read every object of a held recording again, and gather what is known of its keeping.

        Raises as `read_again`.
        """
        record = self.read_again(actor, recording_id)
        accesses = self.accesses(actor, [recording_id])
        return replace(record, made_at=self.clock.now(), accesses=accesses)

    def accesses(self, actor: Actor, recording_ids: Sequence[RecordingId]) -> Sequence[LoggedEntry]:
        """Every entry of the access log about these but for those in cases that are not theirs to know of, oldest
        first; in one pass. Raises RefusedError, RetryableError."""
        count = len(recording_ids)
        self.gate.disclose(
            actor, Purpose.DISPUTE, Operation.LOG_READ, Readable.METADATA, subjects=recording_ids, count=count
        )
        found = list(self.reader.entries(subjects=recording_ids))[::-1]
        cases = self._others(actor)
        return [one for one in found if one.entry.case not in cases]

    def _others(self, actor: Actor) -> frozenset[str]:
        """The cases whoever asks may not know of, as the log calls them: what was done in these is not theirs to see
        (U2)."""
        with self.catalogue.snapshot() as tx:
            cases = [case for case in tx.cases.all() if case.altered or not may_be_told(case, actor)]
        pseudonym = self.acts.scribe.keys.pseudonym
        return frozenset(log_case(case.case_id, pseudonym("case", case.case_id)) for case in cases)

    def read_again(self, actor: Actor, recording_id: RecordingId, *, keep: Keep | None = None) -> CustodyRecord:
        """Read every object of a held recording again; the record has no accesses yet. `keep` is given the bytes.

        Raises RefusedError with every reason when the actor may not have it for a dispute, ``not_held`` when no case
        of theirs holds it (then nothing was read), DecryptionError when an object is not what was stored,
        RetryableError.
        """
        with self.acts.perform(
            Act.HOLD_CUSTODY,
            actor,
            recording_id=recording_id,
            purpose=Purpose.DISPUTE.value,
            artefact=Readable.METADATA.value,
        ) as doing:
            doing.silent = True  # it is written down as the reading of the log below, as every object is at the gate
            held = bool(cases_to_name(doing.tx, actor, doing.row.holds))
        # Where the gate refuses it, such as an altered row, that is the answer.
        if not held and self.gate.permitted(actor, Purpose.DISPUTE, Readable.METADATA, [recording_id]):
            with self.acts.perform(Act.HOLD_CUSTODY, actor, recording_id=recording_id):
                raise RefusedError(
                    (NOT_HELD,), f"no case holds {recording_id}: a custody record is made of what is held"
                )
        recording = self.gate.describe(actor, Purpose.DISPUTE, recording_id)
        with self.catalogue.snapshot() as tx:
            newest = {artefact.kind: artefact for artefact in tx.artefacts.get([recording_id])}
            key = tx.keys.get([recording_id]).get(recording_id)
            found = as_applied(tx, tx.holds.find(recording_id=recording_id))
            named = cases_to_name(tx, actor, [hold.case_id for hold in found])
            ended = tx.certificates.get([recording_id]) if recording.audio is AudioState.ENDED else ()
        artefacts = [self._read(actor, recording_id, kind, keep) for kind in sorted(newest)]
        return CustodyRecord(
            recording=recording,
            made_at=self.clock.now(),
            source_sha256=recording.source_sha256,
            artefacts=artefacts,
            master_key_id=None if key is None else key.master_key_id,
            holds=[hold for hold in found if hold.case_id in named],
            audio_ended=ended[-1].digest if ended else None,
        )

    def _read(
        self, actor: Actor, recording_id: RecordingId, kind: ArtefactKind, keep: Keep | None
    ) -> CustodyOfArtefact:
        content = self.gate.read(actor, Purpose.DISPUTE, recording_id, Readable(kind.value))
        digest = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            for piece in content.pieces:
                digest.update(piece)
                yield piece

        if keep is not None:
            keep(content.artefact, pieces())
        else:
            for _ in pieces():
                pass
        return CustodyOfArtefact(artefact=content.artefact, sha256_today=digest.hexdigest())
