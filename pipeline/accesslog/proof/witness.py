"""The signed statements a verification holds the log against, and the faults of those that cannot be used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from callwarden.accesslog.proof.checkpoint import open_seal, open_signed
from callwarden.accesslog.proof.export import ExpiredSegment, Fault, Kind, Segment
from callwarden.accesslog.proof.note import NoteError, NoteFault, TrustedKey
from callwarden.accesslog.proof.succession import Beginning
from callwarden.accesslog.proof.values import Hash, PublishedCheckpoint, VerifierKey

HEAD = "head"
"""The name a report gives the checkpoint that came with the log itself."""

_KINDS = {
    NoteFault.MALFORMED: Kind.DAMAGED_CHECKPOINT,
    NoteFault.OTHER_KEY: Kind.OTHER_KEY,
    NoteFault.BAD_SIGNATURE: Kind.BAD_SIGNATURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """The log had this root when it had this size; a trusted key says so. ``copied``: a checkpoint that came with the
    log, though it was published: what is set back together with the log does not prove that it was."""

    name: str
    outside: bool
    size: int
    root: Hash
    copied: bool = False
    note: bytes = field(default=b"", repr=False)
    signers: frozenset[VerifierKey] = frozenset()
    """Of a checkpoint."""


def read_checkpoints(
    head: bytes | None,
    outside: Iterable[PublishedCheckpoint],
    trusted: Sequence[TrustedKey],
    retired: Mapping[VerifierKey, int],
    copies: Iterable[PublishedCheckpoint] = (),
    begun: Sequence[Beginning] = (),
) -> tuple[list[Witness], list[Fault], frozenset[bytes]]:
    """The checkpoints that can be held against the log, by size, and what is wrong with the others. ``retired`` are the
    keys that have handed over, and at which size: what only they have signed may not be larger. ``copies`` came with
    the log. Those that a log ``begun`` anew explains prove what is lost, and are not held against what is there:
    they come last."""
    notes = [(HEAD, head, False, False)] if head is not None else []
    notes += [(copy.name, copy.note, True, False) for copy in outside]
    notes += [(copy.name, copy.note, False, True) for copy in copies]
    witnesses: list[Witness] = []
    faults: list[Fault] = []
    lost: set[bytes] = set()
    for name, note, is_outside, is_copy in notes:
        try:
            checkpoint, signers = open_signed(note, trusted=trusted)
        except NoteError as error:
            message = f"checkpoint {name}: {error}"
            if error.fault is NoteFault.OTHER_KEY:
                message += ": another log was put in this one's place, or another log's checkpoint among this one's"
            faults.append(Fault(kind=_KINDS[error.fault], message=message, checkpoint=name))
        else:
            if any(one.explains(checkpoint, signers) for one in begun):
                lost.add(note)
                continue
            if all(signer in retired and checkpoint.size > retired[signer] for signer in signers):
                message = f"checkpoint {name} of size {checkpoint.size} is signed by a key that had handed over by then"
                faults.append(Fault(kind=Kind.RETIRED_KEY, message=message, checkpoint=name))
            witness = Witness(
                name=name,
                outside=is_outside,
                copied=is_copy,
                size=checkpoint.size,
                root=checkpoint.root,
                note=note,
                signers=frozenset(signers),
            )
            witnesses.append(witness)
    if not witnesses:
        message = "no checkpoint signed by a trusted key: nothing in this log is proven"
        faults.append(Fault(kind=Kind.NO_CHECKPOINT, message=message))
    return sorted(witnesses, key=lambda one: (one.size, one.outside, one.name)), faults, frozenset(lost)


def read_seal(segment: Segment, end: int, trusted: Sequence[TrustedKey]) -> Witness | Fault | None:
    """The seal of a segment that reaches up to ``end``: a witness, a fault, or None for an open segment."""

    def fault(message: str) -> Fault:
        return Fault(kind=Kind.BAD_SEAL, message=message, first=segment.first, end=end, segment=segment.name)

    if segment.seal is None:
        if isinstance(segment, ExpiredSegment):
            return fault(f"segment {segment.name} has expired without a seal")
        return None
    try:
        seal = open_seal(segment.seal, trusted=trusted)
    except NoteError as error:
        return fault(f"seal of segment {segment.name}: {error}")
    if (seal.segment, seal.first) != (segment.name, segment.first):
        return fault(f"the seal of segment {segment.name} is of {seal.segment}, from entry {seal.first} on")
    return Witness(name=f"seal {seal.segment}", outside=False, size=seal.end, root=seal.root)
