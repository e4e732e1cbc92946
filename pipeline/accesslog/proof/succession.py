"""One key hands over to the next in a checkpoint both have signed (L2).

Who believes the old key believes it in this, too: somebody who has stolen it could as well have signed a made-up log.
What the old key signs after it has handed over is somebody else's doing, or a process that was never told.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from callwarden.accesslog.proof.checkpoint import parse_checkpoint
from callwarden.accesslog.proof.note import NoteError, TrustedKey, open_note
from callwarden.accesslog.proof.values import VerifierKey

Believe = Callable[[VerifierKey], TrustedKey]
"""The means to check signatures under a key. Says nothing about whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """From ``size`` entries on, ``to`` signs and ``by`` does not."""

    by: VerifierKey
    to: VerifierKey
    size: int


def handovers(notes: Iterable[bytes], *, trusted: Sequence[TrustedKey], believe: Believe) -> tuple[Handover, ...]:
    """Every handover that begins at a trusted key, followed from one key to the next, in that order."""
    naming = [note for note in notes if b"\nnext-key " in note]
    believed = {trusted_key.key: trusted_key for trusted_key in trusted}
    found: dict[tuple[VerifierKey, VerifierKey], Handover] = {}
    while True:
        before = len(believed), len(found)
        for note in naming:
            for handover in _of(note, tuple(believed.values()), believe):
                known = found.get((handover.by, handover.to))
                if known is None or handover.size < known.size:
                    found[handover.by, handover.to] = handover
                believed.setdefault(handover.to, believe(handover.to))
        if (len(believed), len(found)) == before:
            return tuple(found.values())


def first_handover(found: Iterable[Handover]) -> dict[VerifierKey, int]:
    """From which size on each key signs nothing more by itself."""
    sizes: dict[VerifierKey, int] = {}
    for handover in found:
        sizes[handover.by] = min(handover.size, sizes.get(handover.by, handover.size))
    return sizes


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
        Handover(by=signer, to=checkpoint.successor, size=checkpoint.size)
        for signer in signers
        if signer != checkpoint.successor and signer.name == checkpoint.origin
    ]
