"""Builds whole logs in memory: entries, stored hashes, checkpoints, seals, expired segments."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callwarden.accesslog.key.signer import Ed25519Signer
from callwarden.accesslog.proof.checkpoint import format_checkpoint, format_seal
from callwarden.accesslog.proof.encoding import encode_entry
from callwarden.accesslog.proof.export import ExpiredSegment, LiveSegment, Report, Segment
from callwarden.accesslog.proof.note import TrustedKey, sign_note
from callwarden.accesslog.proof.proofs import NodeSource, resolving
from callwarden.accesslog.proof.tree import Frontier, cover, leaf_hash
from callwarden.accesslog.proof.values import Checkpoint, Hash, Piece, PublishedCheckpoint, SegmentSeal
from callwarden.accesslog.proof.verify import verify_export
from callwarden.model.log_entry import ByteRange, EntryOutcome, LogEntry, Operation, make_entry_id

ORIGIN = "log.example/callwarden"
START = datetime(2026, 9, 1, tzinfo=UTC)


def signer(seed: int = 1, name: str = ORIGIN) -> Ed25519Signer:
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def an_entry(number: int, **changes: object) -> LogEntry:
    """A made-up reading; the same number makes the same entry."""
    at = START + timedelta(seconds=number)
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    entry = LogEntry(
        entry_id=make_entry_id(at, number.to_bytes(10)),
        at=at,
        actor=f"trainer:k1-{digest[:32]}",
        operation=Operation.CONTENT_RANGE,
        outcome=EntryOutcome.ALLOWED,
        purpose="training",
        artefact="beeped-audio",
        subject=f"rec-{digest[32:]}",
        policy_version="2026-01",
        byte_range=ByteRange(first=0, end=65536 + number),
        correlation=f"r-{number}",
    )
    return replace(entry, **changes)  # type: ignore[arg-type]  # tests name the fields they change


def leaf_source(leaves: Sequence[Hash]) -> NodeSource:
    return resolving(lambda piece: leaves[piece.index] if piece.level == 0 else None)


def checkpoint_note(by: Ed25519Signer, leaves: Sequence[Hash], *, origin: str = ORIGIN) -> bytes:
    root = Frontier().extended(leaves).root()
    value = Checkpoint(origin=origin, size=len(leaves), root=root, at=START + timedelta(seconds=len(leaves)))
    return sign_note(format_checkpoint(value), by)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltLog:
    """An export as an auditor gets it. Change it with `replace`, then `check` it."""

    segments: tuple[Segment, ...]
    head: bytes | None
    outside: tuple[PublishedCheckpoint, ...] = ()
    trusted: tuple[TrustedKey, ...] = field(default_factory=lambda: (signer().trusted,))

    def check(self) -> Report:
        return verify_export(self.segments, head=self.head, outside=self.outside, trusted=self.trusted)


def build(
    lines: Sequence[bytes],
    *,
    ends: Sequence[int] = (),
    checkpoints: Iterable[int] = (),
    by: Ed25519Signer | None = None,
) -> BuiltLog:
    """A log of these lines; segments close (and are sealed) at ``ends``, outside checkpoints at those sizes."""
    by = by or signer()
    leaves = [leaf_hash(line) for line in lines]
    frontier, first, segments = Frontier(), 0, []
    for number, end in enumerate((*ends, len(lines))):
        frontier = frontier.extended(leaves[first:end])
        name = f"2026-{number + 1:02d}"
        segment = LiveSegment(
            name=name, first=first, entries=joined(lines[first:end]), leaves=b"".join(leaves[first:end])
        )
        if end in ends:
            segment = replace(segment, seal=_seal(by, name, first, end, frontier.root(), leaves))
        segments.append(segment)
        first = end
    outside = tuple(
        PublishedCheckpoint(name=f"{size:06d}", note=checkpoint_note(by, leaves[:size])) for size in checkpoints
    )
    return BuiltLog(segments=tuple(segments), head=checkpoint_note(by, leaves), outside=outside, trusted=(by.trusted,))


def joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def expire(
    segment: Segment, all_lines: Sequence[bytes], *, cuts: Iterable[int] = (), keep: Iterable[int] = ()
) -> ExpiredSegment:
    """The same segment after its time: only the pieces between ``cuts``, and the entries a hold keeps."""
    assert isinstance(segment, LiveSegment)
    end = segment.first + segment.entries.count(b"\n")
    source = leaf_source([leaf_hash(line) for line in all_lines])
    kept = {index: all_lines[index] for index in keep}
    edges = {segment.first, end, *cuts, *kept, *(index + 1 for index in kept)}
    bounds = sorted(edge for edge in edges if segment.first <= edge <= end)
    pieces: list[tuple[Piece, Hash]] = []
    for low, high in pairwise(bounds):
        pieces += [(piece, source(piece)) for piece in cover(low, high)]
    return ExpiredSegment(name=segment.name, first=segment.first, pieces=tuple(pieces), seal=segment.seal, kept=kept)


def some_lines(count: int) -> list[bytes]:
    return [encode_entry(an_entry(number)) for number in range(count)]


def many_lines(count: int) -> list[bytes]:
    """Entries of full length made quickly: one encoded entry with its varying parts replaced."""
    return [
        b'{"actor":"trainer:k1-%s","artefact":"beeped-audio","at":"2026-11-20T09:31:07.%06dZ","byte_range":[0,%d],'
        b'"correlation":"r-%d","entry_id":"%026d","operation":"content.range","outcome":"allowed",'
        b'"policy_version":"2026-01","purpose":"training","subject":"rec-%s","v":1}'
        % (digest[:32], number, 65536 + number, number, number, digest[32:])
        for number in range(count)
        for digest in [hashlib.sha256(number.to_bytes(8)).hexdigest().encode()]
    ]


def base64_of(value: bytes) -> str:
    return b64encode(value).decode()


def _seal(by: Ed25519Signer, name: str, first: int, end: int, root: Hash, leaves: Sequence[Hash]) -> bytes:
    source = leaf_source(leaves)
    seal = SegmentSeal(
        origin=ORIGIN,
        segment=name,
        first=first,
        end=end,
        sealed_at=START + timedelta(days=30),
        root=root,
        hashes=tuple(source(piece) for piece in cover(first, end)),
    )
    return sign_note(format_seal(seal), by)
