"""The offline verifier: exported bytes and public keys in, what is wrong out (L2). It trusts nothing else.

Two chains of hashes are grown over the export: one from the hashes stored beside the entries, one from the
entries themselves. Signed checkpoints and seals decide which of the two is the true one; where the stored
hashes are true, the first entry that disagrees with them is the first wrong entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from callwarden.accesslog.proof.difference import explain
from callwarden.accesslog.proof.export import ExpiredSegment, Fault, Kind, LiveSegment, Loss, Report, Segment
from callwarden.accesslog.proof.note import TrustedKey
from callwarden.accesslog.proof.stamps import CheckStamp, read_stamps
from callwarden.accesslog.proof.succession import Beginning, Believe, Handover, beginnings, first_handover, handovers
from callwarden.accesslog.proof.tree import Frontier, leaf_hash, leaf_hashes_of_lines
from callwarden.accesslog.proof.values import Hash, KeptTimestamp, PublishedCheckpoint
from callwarden.accesslog.proof.witness import HEAD, Witness, read_checkpoints, read_seal

_ENTRIES_STAND: Final = frozenset({Kind.HASHES_ALTERED, Kind.BAD_SEAL})
"""What is wrong beside the entries: these may still be the signed ones."""


def verify_export(
    segments: Iterable[Segment],
    *,
    head: bytes | None,
    outside: Iterable[PublishedCheckpoint],
    trusted: Sequence[TrustedKey],
    copies: Iterable[PublishedCheckpoint] = (),
    stamps: Iterable[KeptTimestamp] = (),
    check_stamp: CheckStamp | None = None,
    believe: Believe | None = None,
) -> Report:
    """Check the whole log, segment by segment in its order, against its head and the outside checkpoints, and these
    against their time-stamps. ``copies`` are checkpoints that came with the log: they have to agree, but only those
    from ``outside`` prove that it was not set back.

    ``trusted`` are public keys the auditor holds from before; with ``believe``, keys these have handed over to are
    trusted as well. ``check_stamp`` believes the authorities they trust.
    Only one segment is in memory at a time. Never raises for what the export holds: whatever is wrong with it is in
    the report.
    """
    outside, copies = list(outside), list(copies)
    followed: tuple[Handover, ...] = ()
    if believe is not None:
        notes_there = [copy.note for copy in (*outside, *copies)] + ([] if head is None else [head])
        followed = handovers(notes_there, trusted=trusted, believe=believe)
        known = {trusted_key.key for trusted_key in trusted}
        trusted = [*trusted, *(believe(handover.to) for handover in followed if handover.to not in known)]
    retired, begun = first_handover(followed), beginnings(followed)
    witnesses, faults, gone = read_checkpoints(head, outside, trusted, retired=retired, copies=copies, begun=begun)
    walk = _Walk(sizes=sorted({witness.size for witness in witnesses}), trusted=trusted)
    for segment in segments:
        if not walk.take(segment):
            break
    walk.finish()
    witnesses = sorted([*witnesses, *walk.seals], key=lambda one: one.size)
    found = [*walk.faults, *_judge(walk, witnesses)]
    there = walk.actual or walk.stored
    checked = [witness for witness in witnesses if there.roots.get(witness.size) == witness.root]
    wrong_from = min(
        (fault.first for fault in found if fault.kind not in _ENTRIES_STAND and fault.first is not None), default=None
    )
    proven = (note.size for note in checked if wrong_from is None or note.size <= wrong_from)
    notes: dict[str, list[bytes]] = {}
    for kept in (*outside, *copies):
        notes.setdefault(kept.name, []).append(kept.note)
    agreeing = frozenset(note.name for note in checked if note.outside or note.copied)
    losses = tuple(_loss(one, checked) for one in begun)
    timestamps, unproven = read_stamps(stamps, notes=notes, proven=agreeing, check=check_stamp)
    return Report(
        size=there.frontier.size,
        root=there.frontier.root(),
        anchored=max(proven, default=0),
        expired=walk.expired,
        outside=len({note.note for note in checked if note.outside}),
        given=len({copy.note for copy in outside}),
        of_lost=len({copy.note for copy in outside} & gone),
        copies=len({note.note for note in checked if note.copied}),
        faults=(*faults, *sorted(found, key=lambda one: one.first or 0), *map(_lost, losses), *unproven),
        uncheckable=tuple(dict.fromkeys(witness.name for witness in witnesses if _falls_between(witness, walk.stored))),
        timestamps=timestamps,
        handovers=followed,
        losses=losses,
    )


def _loss(begun: Beginning, checked: Sequence[Witness]) -> Loss:
    there = begun.handover.size
    before = [one.size for one in checked if one.signers & begun.before and not one.signers & begun.since]
    says = (one.name for one in checked if one.size == there and begun.handover.to in one.signers)
    return Loss(
        name=begun.name,
        proven=max((size for size in before if size <= there), default=0),
        there=there,
        end=begun.lost.size,
        checkpoint=next(says, HEAD),
    )


def _lost(loss: Loss) -> Fault:
    return Fault(
        kind=Kind.ENTRIES_LOST, message=loss.message, first=loss.proven, end=loss.end, checkpoint=loss.checkpoint
    )


@dataclass(slots=True)
class _Chain:
    """One growing tree and its roots at the sizes that matter."""

    frontier: Frontier = field(default_factory=Frontier)
    roots: dict[int, Hash] = field(default_factory=lambda: {0: Frontier().root()})

    def extend(self, leaves: Sequence[Hash], sizes: Sequence[int]) -> None:
        """Grow by ``leaves``, noting the root at each of ``sizes`` (ascending) on the way and at the end."""
        start = self.frontier.size
        end = start + len(leaves)
        for size in (*(size for size in sizes if start < size < end), end):
            self.frontier = self.frontier.extended(leaves[self.frontier.size - start : size - start])
            self.roots[size] = self.frontier.root()

    def copy(self) -> "_Chain":
        return _Chain(self.frontier, dict(self.roots))


@dataclass(slots=True)
class _Walk:
    """Goes over the segments once. `actual` parts from `stored` where entries first disagree with hashes."""

    sizes: Sequence[int]
    trusted: Sequence[TrustedKey]
    stored: _Chain = field(default_factory=_Chain)
    actual: _Chain | None = None
    faults: list[Fault] = field(default_factory=list)
    differences: list[Fault] = field(default_factory=list)
    seals: list[Witness] = field(default_factory=list)
    expired: int = 0
    broken: bool = False
    _pending: tuple[LiveSegment, list[Hash], list[Hash]] | None = None

    def take(self, segment: Segment) -> bool:
        """Add one segment; False when the log cannot be followed beyond it."""
        self._explain_pending(last=False)
        here = self.stored.frontier.size
        if segment.first != here:
            self.broken = True
            there = "are not in the export" if segment.first > here else "stand in two segments"
            first, end = sorted((here, segment.first))
            message = f"entries {first} to {end - 1} {there} (before segment {segment.name})"
            kind = Kind.MISSING if segment.first > here else Kind.DAMAGED_SEGMENT
            self.faults.append(Fault(kind=kind, message=message, first=first, end=end, segment=segment.name))
            return False
        match segment:
            case LiveSegment():
                self._take_live(segment)
            case ExpiredSegment():
                self._take_expired(segment)
        seal = read_seal(segment, self.stored.frontier.size, self.trusted)
        match seal:
            case Witness():
                self.seals.append(seal)
            case Fault():
                self.faults.append(seal)
            case None:
                pass
        return not self.broken

    def finish(self) -> None:
        """To be called after the last segment."""
        self._explain_pending(last=True)

    def _take_live(self, segment: LiveSegment) -> None:
        found = leaf_hashes_of_lines(segment.entries)
        expected = found
        if segment.leaves is not None and segment.leaves != b"".join(found):
            stored = segment.leaves
            expected = [Hash(stored[i : i + 32]) for i in range(0, len(stored) - len(stored) % 32, 32)]
            self.actual = self.actual or self.stored.copy()
            self._pending = (segment, expected, found)
        if self.actual is not None:
            self.actual.extend(found, self.sizes)
        self.stored.extend(expected, self.sizes)

    def _take_expired(self, segment: ExpiredSegment) -> None:
        """Grow by whole subtrees. What a hold kept is held against the piece that stands for it alone."""
        for piece, top in segment.pieces:
            if piece.first != self.stored.frontier.size:
                self.broken = True
                message = f"the pieces of expired segment {segment.name} do not follow one another"
                here = self.stored.frontier.size
                self.faults.append(Fault(kind=Kind.DAMAGED_SEGMENT, message=message, first=here, segment=segment.name))
                return
            for chain in (self.stored, self.actual):
                if chain is not None and chain.frontier.size == piece.first:
                    chain.frontier = chain.frontier.joined(piece, top)
                    chain.roots[piece.end] = chain.frontier.root()
            kept = segment.kept.get(piece.first) if piece.level == 0 else None
            if kept is not None and leaf_hash(kept) != top:
                message = f"entry {piece.first}, kept by a hold, is altered"
                self.faults.append(Fault(kind=Kind.EDITED, message=message, first=piece.first, segment=segment.name))
            self.expired += (1 << piece.level) - (kept is not None)
        alone = {piece.first for piece, _ in segment.pieces if piece.level == 0}
        for index in sorted(segment.kept.keys() - alone):
            message = f"entry {index} is in expired segment {segment.name} and nothing proves it"
            self.faults.append(Fault(kind=Kind.INSERTED, message=message, first=index, segment=segment.name))

    def _explain_pending(self, *, last: bool) -> None:
        if self._pending is None:
            return
        segment, expected, found = self._pending
        self._pending = None
        self.differences.append(explain(expected, found, first=segment.first, segment=segment.name, last=last))


def _judge(walk: _Walk, witnesses: Sequence[Witness]) -> list[Fault]:
    """What the witnesses say of the two chains."""
    wrong = _contradictions(walk.stored, witnesses)
    if not wrong:
        return [*walk.differences, *_missing_end(walk, witnesses)]
    if walk.actual is not None and _agrees_throughout(walk.actual, witnesses, walk.stored):
        at = walk.differences[0].first
        message = f"the entries are the signed ones, the hashes stored beside them are altered from {at} on"
        return [Fault(kind=Kind.HASHES_ALTERED, message=message, first=at)]
    proof = wrong[0]
    agreeing = [witness for witness in witnesses if walk.stored.roots.get(witness.size) == witness.root]
    since = max((note.size for note in agreeing if note.size <= proof.size), default=0)
    message = (
        f"between entry {since} and entry {proof.size - 1} the log is not the one that was signed: "
        f"{_described(proof)} of size {proof.size} proves it"
    )
    rewritten = Fault(kind=Kind.REWRITTEN, message=message, first=since, end=proof.size, checkpoint=proof.name)
    return [rewritten, *walk.differences, *_missing_end(walk, witnesses)]


def _missing_end(walk: _Walk, witnesses: Sequence[Witness]) -> list[Fault]:
    """Faults of a log that is shorter than what was signed of it."""
    size = walk.stored.frontier.size
    beyond = [witness for witness in witnesses if witness.size > size]
    if not beyond or walk.broken:
        return []
    agreeing = (witness.size for witness in witnesses if walk.stored.roots.get(witness.size) == witness.root)
    since = max(agreeing, default=0)
    by_itself = [note for note in beyond if not note.outside]
    proof = max(by_itself or beyond, key=lambda one: one.size)
    kind = Kind.CUT_TAIL if by_itself else Kind.ROLLED_BACK
    what = "the end of the log is cut off" if by_itself else "the log was set back to an earlier state"
    message = (
        f"{what}: {size} entries are there, {_described(proof)} proves {proof.size}; "
        f"the first {since} are proven, what is missing lies after them"
    )
    return [Fault(kind=kind, message=message, first=since, end=proof.size, checkpoint=proof.name)]


def _contradictions(chain: _Chain, witnesses: Sequence[Witness]) -> list[Witness]:
    return [
        witness for witness in witnesses if witness.size in chain.roots and chain.roots[witness.size] != witness.root
    ]


def _agrees_throughout(chain: _Chain, witnesses: Sequence[Witness], like: _Chain) -> bool:
    return all(chain.roots.get(witness.size) == witness.root for witness in witnesses if witness.size in like.roots)


def _falls_between(witness: Witness, chain: _Chain) -> bool:
    return witness.size <= chain.frontier.size and witness.size not in chain.roots


def _described(witness: Witness) -> str:
    if witness.outside:
        return f"outside checkpoint {witness.name}"
    if witness.copied:
        return f"the export's own copy of checkpoint {witness.name}"
    return "the log's own checkpoint" if witness.name == HEAD else f"the {witness.name}"
