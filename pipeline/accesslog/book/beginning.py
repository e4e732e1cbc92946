"""A log whose database was set back, and the log that is begun anew over it (L2): what is lost is found, named in the
handover of one key to the next, and passed over from then on wherever the database is held against its places."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select

from callwarden.accesslog.book.frontier import check_frontier, read_frontier
from callwarden.accesslog.book.segments import newest_checkpoint
from callwarden.accesslog.book.stored import stored_bytes
from callwarden.accesslog.book.tables import log_succession
from callwarden.accesslog.book.tiles import node_source
from callwarden.accesslog.key.signer import trust
from callwarden.accesslog.proof.checkpoint import open_checkpoint, open_signed, parse_checkpoint
from callwarden.accesslog.proof.naming import checkpoint_name
from callwarden.accesslog.proof.note import NoteError, NoteFault, TrustedKey, parse_note
from callwarden.accesslog.proof.proofs import MissingHashError, root_at
from callwarden.accesslog.proof.succession import Beginning, beginnings, handovers, is_lost
from callwarden.accesslog.proof.values import Checkpoint, JournalMark, LostState, PublishedCheckpoint, VerifierKey
from callwarden.ports.log import CheckpointPlace, LogDamagedError, SetBack

_NAMING: Final = b"\nnext-key "


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What every checkpoint of every place says of the database. ``notes`` are those that name a key, ``named`` the
    keys they name; ``journal`` is how far the journal reached by the one that says the most."""

    set_back: SetBack | None
    notes: tuple[bytes, ...]
    named: frozenset[VerifierKey]
    journal: JournalMark | None


def own_beginnings(connection: Connection, trusted: Callable[[], Sequence[TrustedKey]]) -> tuple[Beginning, ...]:
    """The logs that were begun anew over this database. Raises RetryableError."""
    notes = [stored_bytes(note) for note in connection.execute(select(log_succession.c.note)).scalars()]
    return beginnings(handovers(notes, trusted=trusted(), believe=trust)) if notes else ()


def largest(
    place: CheckpointPlace,
    begun: Sequence[Beginning],
    *,
    trusted: Sequence[TrustedKey],
    beyond: int = -1,
    known: set[str] | None = None,
) -> PublishedCheckpoint | None:
    """The largest checkpoint of a place, other than those of entries known to be lost: their names are added to
    ``known``, by which they need not be read again. One that cannot be believed is not passed over.

    Raises RetryableError.
    """
    lost: Collection[str] = () if known is None else frozenset(known)
    for kept in place.largest_first(beyond=beyond, but=lost):
        try:
            if not (begun and is_lost(kept.note, begun, trusted=trusted)):
                return kept
        except NoteError:
            return kept
        if known is not None:
            known.add(kept.name)
    return None


def remember(connection: Connection, *notes: bytes) -> None:
    """Keep the handovers by which lost checkpoints are known."""
    there = set(connection.execute(select(log_succession.c.name)).scalars())
    for note in dict.fromkeys(notes):
        name = checkpoint_name(note, size=parse_checkpoint(parse_note(note).text).size)
        if name not in there:
            connection.execute(insert(log_succession), {"name": name, "note": note})


def look(connection: Connection, places: Sequence[CheckpointPlace], *, trusted: Sequence[TrustedKey]) -> Found:
    """Hold the database against every checkpoint of every place. It is set back where all those of no more entries than
    it has agree with it, and others prove that there were more.

    Raises: `LogDamagedError` where it is altered, rewritten or cut as well, or where a key that has signed is not here;
    RetryableError.
    """
    frontier, _ = read_frontier(connection)
    source = node_source(connection)
    check_frontier(frontier, source)
    outside = [(place.name, kept) for place in places for kept in place.iterate()]
    naming = tuple(kept.note for _, kept in outside if _NAMING in kept.note)
    found = handovers(naming, trusted=trusted, believe=trust)
    own, every = own_beginnings(connection, lambda: trusted), beginnings(found)
    followed = [*trusted, *(trust(one.to) for one in found)]
    head = newest_checkpoint(connection)
    if head is not None and head.size > frontier.size:
        raise LogDamagedError(
            f"the database itself proves {head.size} entries and holds {frontier.size}: it is damaged"
        )
    beyond: dict[bool, list[tuple[str, PublishedCheckpoint, Checkpoint]]] = {False: [], True: []}
    proven, reached = 0, None
    for place, kept in outside:
        where = f"{place}, checkpoint {kept.name}"
        try:
            checkpoint, signers = open_signed(kept.note, trusted=trusted)
        except NoteError as error:
            if error.fault is NoteFault.OTHER_KEY and _is_signed(kept.note, followed):
                raise LogDamagedError(f"{where}: signed by a key that is not here; put the newest keys back") from error
            continue  # another log's, or damaged: `log verify` tells
        if checkpoint.journal is not None and (reached is None or checkpoint.journal.count > reached.count):
            reached = checkpoint.journal
        if any(one.explains(checkpoint, signers) for one in own):
            continue
        explained = any(one.explains(checkpoint, signers) for one in every)
        if checkpoint.size > frontier.size:
            beyond[explained].append((place, kept, checkpoint))
            continue
        try:
            agrees = root_at(checkpoint.size, source) == checkpoint.root
        except MissingHashError:
            continue  # inside an expired segment
        if agrees:
            proven = max(proven, checkpoint.size)
        elif not explained:
            raise LogDamagedError(f"{where}: the first {checkpoint.size} entries are not the ones that were signed")
    set_back = None
    # What a log begun anew since then explains is told by its handover; the database has only to be given that again.
    if larger := beyond[False] or beyond[True]:
        place, kept, newest = max(larger, key=lambda one: one[2].size)
        if any(one.root != newest.root for _, _, one in larger if one.size == newest.size):
            raise LogDamagedError(f"two checkpoints of {newest.size} entries contradict one another")
        set_back = SetBack(
            there=frontier.size,
            proven=proven,
            lost=LostState(size=newest.size, root=newest.root),
            place=place,
            checkpoint=kept.name,
        )
    named = frozenset(one.to for one in found)
    return Found(set_back=set_back, notes=naming, named=named, journal=reached)


def unfinished(
    connection: Connection, successor: VerifierKey, places: Sequence[CheckpointPlace], *, trusted: Sequence[TrustedKey]
) -> SetBack | None:
    """What was lost, where the log's newest checkpoint begins it anew with this key, and the key is not in its place
    yet. Raises: `LogDamagedError`."""
    head = newest_checkpoint(connection)
    try:
        checkpoint = None if head is None else open_checkpoint(head.note, trusted=trusted)
    except NoteError as error:
        raise LogDamagedError(f"the log's newest checkpoint is damaged: {error}") from error
    if head is None or checkpoint is None or checkpoint.lost is None or checkpoint.successor != successor:
        return None
    return SetBack(
        there=checkpoint.size,
        proven=checkpoint.size,
        lost=checkpoint.lost,
        place=places[0].name,
        checkpoint=checkpoint_name(head.note, size=head.size),
    )


def _is_signed(note: bytes, keys: Sequence[TrustedKey]) -> bool:
    try:
        open_signed(note, trusted=keys)
    except NoteError:
        return False
    return True
