"""The desk where a case's recordings leave as an evidence pack, for a court or the police (K3, U9, U10).

The entry of a disclosure is durable before the first byte is read; every object passes the gate, for the dispute; when
all is written another entry carries the manifest's digest, and only then does the pack appear under its name.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.custody.gate import Gate
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.custody_record import CustodyDesk
from callwarden.desks.named_case import case_named, known_case
from callwarden.desks.pack_files import PackFiles
from callwarden.errors import RefusedError, UsageError
from callwarden.evidence.bordereau import BORDEREAU, bordereau
from callwarden.evidence.folder import PackFolder, appearing_folder
from callwarden.evidence.manifest import MANIFEST, Contents, GoneRecording, instant, signed_manifest
from callwarden.evidence.query import by_name, query_of
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.certificate import Certificate
from callwarden.model.criteria import Criteria
from callwarden.model.disclosure import Disclosure
from callwarden.model.hold import Case, Placement, PlacementState
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.log import LogBook, LogReader
from callwarden.rules.cases import is_theirs
from callwarden.rules.free_text import free_text
from callwarden.rules.identity import log_case
from callwarden.rules.reading import ReadRefusal, is_granted, is_scoped
from callwarden.rules.rights import Act
from callwarden.rules.signed_document import digest_of

_NOT_OF_ONE: Final = frozenset({ReadRefusal.NOT_PERMITTED.value, ReadRefusal.LOG_UNAVAILABLE.value})
"""Refusals that are not about one recording: then there is no pack."""
_PORTION: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was packed; `digest` is the SHA-256 of the manifest, as the access log has it. `left_out` says which calls
    those are that could not be, to whoever has the case: nothing of it is in the pack."""

    directory: Path
    contents: Contents
    digest: str
    left_out: Mapping[RecordingId, Recording] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the case holds, before anything is read; `named` are held by name and by none of its criteria, `entries` are
    those of a disclosure."""

    case: Case
    held: Sequence[RecordingId]
    gone: Sequence[RecordingId]
    certificates: Sequence[Certificate]
    placed: Sequence[Placement]
    named: int
    disclosure: Disclosure | None
    entries: tuple[EntryId, ...]


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
        if (recipient or "").strip() or (basis or "").strip():
            both = "a disclosure names both: --recipient, who gets it, and --basis, the legal basis or the warrant"
            recipient, basis = free_text(recipient or "", both), free_text(basis or "", both)
        else:
            recipient = basis = ""
        self._look(actor, case, disclosed=bool(recipient))
        with appearing_folder(directory) as folder:  # before it is asked for: no entry of a pack that had nowhere to go
            asked = self._ask(actor, case, to=(recipient, basis) if recipient else None)
            contents = self._fill(folder, actor, asked, wait_s=wait_s, told=told)
            document = signed_manifest(contents, signer=self.signer())
            folder.write(MANIFEST, [document])
            digest = digest_of(document)
            self._made(actor, asked, contents, digest)
        with self.acts.catalogue.snapshot() as tx:
            left_out = tx.recordings.get(list(contents.left_out))
        return Packed(directory=directory, contents=contents, digest=digest, left_out=left_out)

    def disclosures(self, actor: Actor, case: str | None = None) -> Sequence[Disclosure]:
        """What left for whom, newest first: of the cases that are theirs, for the DPO of all. Raises RefusedError."""
        with self.acts.perform(Act.HOLD_DISCLOSURES, actor) as doing:
            only = None if case is None else known_case(doing, case_named(case)).case_id
            found = [
                one for one in doing.tx.disclosures.all() if only in (None, one.case_id) and self._may_know(doing, one)
            ]
            doing.count = len(found)
        return found

    def _may_know(self, doing: Doing, one: Disclosure) -> bool:
        case = doing.tx.cases.get(one.case_id)
        if case is None or not (doing.actor.role is Role.DPO or is_theirs(case, doing.actor)):
            return False
        if not is_scoped(doing.actor):
            return True
        rows = doing.tx.recordings.get(one.recordings).values()
        return len(doing.theirs(rows)) == len(one.recordings)

    def _look(self, actor: Actor, case: str, *, disclosed: bool) -> None:
        """Refuse whoever may not, before anything else is said to them."""
        act = Act.HOLD_DISCLOSE if disclosed else Act.HOLD_PACK
        with self.acts.perform(act, actor, purpose=Purpose.DISPUTE.value) as doing:
            doing.silent = True
            self._permitted(doing, case)

    def _permitted(self, doing: Doing, case: str) -> tuple[Case, Sequence[Recording]]:
        found, rows = _held(doing, case)
        if not is_granted(doing.actor, Purpose.DISPUTE, Readable.ORIGINAL_AUDIO, policy=self.gate.policy):
            raise RefusedError(
                (ReadRefusal.NOT_PERMITTED.value,),
                "a pack holds originals, which the policy does not grant you for a dispute: see callwarden policy "
                "show --access",
            )
        return found, rows

    def _ask(self, actor: Actor, case: str, *, to: tuple[str, str] | None) -> _Asked:
        """Decide, and write a disclosure down, before anything is read."""
        act = Act.HOLD_PACK if to is None else Act.HOLD_DISCLOSE
        disclosure = None
        with self.acts.perform(act, actor, purpose=Purpose.DISPUTE.value) as doing:
            found, rows = self._permitted(doing, case)
            ids = [row.recording_id for row in rows]
            gone, placed = _asked_for(doing, found)
            by_criteria = {one for each in placed for one in _matching(doing.tx, each.criteria)}
            certificates = doing.tx.certificates.get(gone)
            if not ids and not gone:
                raise UsageError(f"case {found.case_id} holds nothing: callwarden hold place {found.case_id}")
            doing.count, doing.subjects = len(ids), ids or None
            if to is None:
                doing.silent = True  # its entry is made when the manifest is
            else:
                disclosure = Disclosure(
                    disclosure_id=f"dis-1{os.urandom(12).hex()}",
                    case_id=found.case_id,
                    recipient=to[0],
                    basis=to[1],
                    made_by=actor.name,
                    made_at=self.clock.now(),
                    recordings=frozenset(ids),
                )
                doing.correlation = disclosure.disclosure_id
                doing.tx.disclosures.save(disclosure)
        return _Asked(
            case=found,
            held=ids,
            gone=gone,
            certificates=certificates,
            placed=placed,
            named=len([one for one in ids if one not in by_criteria]),
            disclosure=disclosure,
            entries=tuple(one.entry_id for one in doing.written),
        )

    def _fill(
        self, folder: PackFolder, actor: Actor, asked: _Asked, *, wait_s: float, told: Callable[[int], None]
    ) -> Contents:
        case_id = asked.case.case_id
        files = PackFiles(
            folder=folder,
            actor=actor,
            case_id=case_id,
            gate=self.gate,
            custody=self.custody,
            reader=self.reader,
            keys=self.acts.scribe.keys,
        )
        left_out: dict[RecordingId, tuple[str, ...]] = {}
        for recording_id in asked.held:
            try:
                files.recording(recording_id)
            except RefusedError as error:
                if _NOT_OF_ONE & set(error.reasons):
                    raise
                left_out[recording_id] = error.reasons
            told(1)
        made_at = self.clock.now()
        files.calls(made_at)
        files.certificates(asked.certificates)
        proven, others = files.log(
            asked.entries,
            reference=log_case(case_id, self.acts.scribe.keys.pseudonym("case", case_id)),
            anchor=lambda: self.book().checkpoint(wait_s=wait_s),
        )
        contents = Contents(
            case_id=case_id,
            made_at=made_at,
            made_by=actor.name,
            disclosure=asked.disclosure,
            disclosed_by=asked.entries,
            query=[
                *(query_of(one, files.known) for one in asked.placed),
                *([by_name(asked.named)] if asked.named else []),
            ],
            recordings=files.recordings,
            gone=[_gone(one, asked.certificates) for one in asked.gone],
            left_out=left_out,
            log_entries=proven,
            other_cases_entries=others,
            files=folder.files,
        )
        page = bordereau(
            contents,
            zone=self.zone,
            key=format_key(self.signer().key),
            lines={line.line: name for line in self.gate.policy.lines.values() if (name := _in_french(line.name))},
        )
        folder.write(BORDEREAU, [page])
        return contents

    def _made(self, actor: Actor, asked: _Asked, contents: Contents, digest: str) -> None:
        """The pack is whole: its entry carries the digest of its manifest, and so does the disclosure."""
        case_id = asked.case.case_id
        with self.acts.perform(Act.HOLD_PACK, actor, purpose=Purpose.DISPUTE.value, case=case_id) as doing:
            _held(doing, case_id)
            doing.subjects = [one.recording_id for one in contents.recordings] or None
            doing.count, doing.digest = len(contents.recordings), digest
            if asked.disclosure is not None:
                doing.correlation = asked.disclosure.disclosure_id
                packed = frozenset(one.recording_id for one in contents.recordings)
                doing.tx.disclosures.save(replace(asked.disclosure, manifest=digest, recordings=packed))


def _in_french(names: Sequence[tuple[str, str]]) -> str | None:
    return dict(names).get("fr")


def _held(doing: Doing, case: str) -> tuple[Case, Sequence[Recording]]:
    """The case and what it holds, oldest call first; all of it has to be the actor's."""
    found = known_case(doing, case_named(case))
    holds = doing.tx.holds.find(case_id=found.case_id)
    rows = doing.tx.recordings.get([hold.recording_id for hold in holds]).values()
    doing.touches(rows)
    return found, sorted(rows, key=lambda row: (instant(row.started_at or row.ended_at) or "", row.recording_id))


def _asked_for(doing: Doing, case: Case) -> tuple[Sequence[RecordingId], Sequence[Placement]]:
    """What the case asks for and is gone, and how it asks. Whoever is narrowed hears of their own."""
    placed = [one for one in doing.tx.placements.of_case(case.case_id) if one.state is not PlacementState.WAITING]
    gone = {one: None for placement in placed for one in _matching(doing.tx, placement.criteria, gone=True)}
    rows = doing.theirs(doing.tx.recordings.get(gone).values())
    return sorted(row.recording_id for row in rows), placed


def _matching(tx: Transaction, criteria: Criteria, *, gone: bool = False) -> Iterator[RecordingId]:
    after: RecordingId | None = None
    while portion := tx.placements.matching(criteria, gone=gone, after=after, limit=_PORTION):
        yield from portion
        after = portion[-1]


def _gone(recording_id: RecordingId, certificates: Sequence[Certificate]) -> GoneRecording:
    digests = tuple(one.digest for one in certificates if one.recording_id == recording_id)
    return GoneRecording(recording_id=recording_id, certificates=digests)
