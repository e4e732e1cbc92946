"""One key hands over to the next in a checkpoint both have signed (L2).

Who believes the old key believes it in this, too: somebody who has stolen it could as well have signed a made-up log.
What the old key signs after it has handed over is somebody else's doing, or a process that was never told.

Where the database was set back, the next key begins anew at the size that is left, and the checkpoint names the largest
state that had been signed: the checkpoints in between prove what is lost, and contradict nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from callwarden.accesslog.proof.checkpoint import open_signed, parse_checkpoint
from callwarden.accesslog.proof.note import NoteError, TrustedKey, open_note
from callwarden.accesslog.proof.values import Checkpoint, LostState, VerifierKey

Believe = Callable[[VerifierKey], TrustedKey]
"""The means to check signatures under a key. Says nothing about whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """From ``size`` entries on, ``to`` signs and ``by`` does not. ``lost`` is the largest state there was, where the
    database was set back to ``size`` entries."""

    by: VerifierKey
    to: VerifierKey
    size: int
    lost: LostState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A log begun anew by ``handover``: the keys ``before``, which signed what is lost, and those ``since``."""

    handover: Handover
    lost: LostState
    before: frozenset[VerifierKey]
    since: frozenset[VerifierKey]

    @property
    def name(self) -> str:
        """What somebody says who accepts the loss: how many entries were left, how many there had been, and the id of
        the key that began anew."""
        return f"{self.handover.size}-{self.lost.size}-{self.handover.to.key_id.hex()}"

    def explains(self, checkpoint: Checkpoint, signers: Iterable[VerifierKey]) -> bool:
        """Whether this is a checkpoint of the entries that are lost. One of the named size is of the named state."""
        known = frozenset(signers)
        return (
            self.handover.size < checkpoint.size <= self.lost.size
            and (checkpoint.size < self.lost.size or checkpoint.root == self.lost.root)
            and not known.isdisjoint(self.before)
            and known.isdisjoint(self.since)
        )


def handovers(notes: Iterable[bytes], *, trusted: Sequence[TrustedKey], believe: Believe) -> tuple[Handover, ...]:
    """Every handover that begins at a trusted key, followed from one key to the next, in that order."""
    naming = [note for note in notes if b"\nnext-key " in note]
    believed = {trusted_key.key: trusted_key for trusted_key in trusted}
    found: dict[Handover, None] = {}
    while True:
        before = len(believed), len(found)
        for note in naming:
            for handover in _of(note, tuple(believed.values()), believe):
                found.setdefault(handover)
                believed.setdefault(handover.to, believe(handover.to))
        if (len(believed), len(found)) == before:
            return tuple(found)


def first_handover(found: Iterable[Handover]) -> dict[VerifierKey, int]:
    """From which size on each key signs nothing more by itself."""
    sizes: dict[VerifierKey, int] = {}
    for handover in found:
        sizes[handover.by] = min(handover.size, sizes.get(handover.by, handover.size))
    return sizes


def beginnings(found: Sequence[Handover]) -> tuple[Beginning, ...]:
    """The logs begun anew among these handovers, the first ones first."""
    begun = [
        Beginning(
            handover=one,
            lost=one.lost,
            before=_reached(one.by, [(each.to, each.by) for each in found if each != one]),
            since=_reached(one.to, [(each.by, each.to) for each in found if each != one]),
        )
        for one in found
        if one.lost is not None
    ]
    return tuple(sorted(begun, key=lambda one: len(one.before)))


def is_lost(note: bytes, begun: Sequence[Beginning], *, trusted: Sequence[TrustedKey]) -> bool:
    """Whether this is a checkpoint of entries that one of these says are lost. Raises `NoteError`."""
    checkpoint, signers = open_signed(note, trusted=trusted)
    return any(one.explains(checkpoint, signers) for one in begun)


def _reached(key: VerifierKey, steps: Sequence[tuple[VerifierKey, VerifierKey]]) -> frozenset[VerifierKey]:
    reached = {key}
    while more := {end for start, end in steps if start in reached} - reached:
        reached |= more
    return frozenset(reached)


def _of(note: bytes, trusted: Sequence[TrustedKey], believe: Believe) -> list[Handover]:
    """What this note hands over; nothing unless the successor has signed it as well."""
    try:
        text, signers = open_note(note, trusted=trusted)
        checkpoint = parse_checkpoint(text)
        if checkpoint.successor is None or checkpoint.successor.name != checkpoint.origin:
            return []
        open_note(note, trusted=[believe(checkpoint.successor)])
    except (NoteError, ValueError):
        return []
    return [
        Handover(by=signer, to=checkpoint.successor, size=checkpoint.size, lost=checkpoint.lost)
        for signer in signers
        if signer != checkpoint.successor and signer.name == checkpoint.origin
    ]
