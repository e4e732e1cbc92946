"""L2, I7: what each kind of tampering shows, over a log of 100,000 entries in three months.

The verifier gets bytes and public keys, nothing else. Every case names the first wrong entry, or the
checkpoint that proves the log is not the one that was signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import pytest

from callwarden.accesslog.proof.export import Kind, LiveSegment, Report
from callwarden.accesslog.proof.tree import leaf_hash
from callwarden.accesslog.proof.values import PublishedCheckpoint
from tests.support.log_builder import BuiltLog, build, checkpoint_note, expire, joined, many_lines, signer, some_lines

SIZE = 100_000
ENDS = (30_000, 65_000)
CHECKPOINTS = (10_000, 30_000, 50_000, 64_321, 80_000, 99_000)


@cache
def lines() -> tuple[bytes, ...]:
    return tuple(many_lines(SIZE))


@cache
def whole() -> BuiltLog:
    return build(lines(), ends=ENDS, checkpoints=CHECKPOINTS)


def with_entries(
    log: BuiltLog, number: int, change: Callable[[list[bytes]], Sequence[bytes]], *, hashes: bool
) -> BuiltLog:
    """The log with the entries of one segment changed, and if ``hashes`` the hashes beside them as well."""
    segment = log.segments[number]
    assert isinstance(segment, LiveSegment)
    changed = list(change(segment.entries[:-1].split(b"\n")))
    leaves = b"".join(leaf_hash(line) for line in changed) if hashes else segment.leaves
    new = replace(segment, entries=joined(changed), leaves=leaves)
    return replace(log, segments=(*log.segments[:number], new, *log.segments[number + 1 :]))


def first_fault(report: Report) -> tuple[Kind, int | None, str | None]:
    fault = report.faults[0]
    return fault.kind, fault.first, fault.checkpoint


def test_an_untouched_log_verifies_against_every_checkpoint() -> None:
    report = whole().check()
    assert report.ok, report.faults
    assert (report.size, report.anchored, report.outside, report.expired) == (SIZE, SIZE, len(CHECKPOINTS), 0)


def edit(at: int) -> Callable[[list[bytes]], list[bytes]]:
    def change(entries: list[bytes]) -> list[bytes]:
        entries[at] = entries[at].replace(b'"purpose":"training"', b'"purpose":"dispute"')
        return entries

    return change


def delete(at: int, count: int = 1) -> Callable[[list[bytes]], list[bytes]]:
    return lambda entries: entries[:at] + entries[at + count :]


def insert(at: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda entries: [*entries[:at], entries[3].replace(b"range", b"other"), *entries[at:]]


def swap(one: int, other: int) -> Callable[[list[bytes]], list[bytes]]:
    def change(entries: list[bytes]) -> list[bytes]:
        entries[one], entries[other] = entries[other], entries[one]
        return entries

    return change


@pytest.mark.parametrize(
    ("change", "segment", "kind", "first", "says"),
    [
        (edit(0), 0, Kind.EDITED, 0, "entry 0 is altered"),
        (edit(12_345), 1, Kind.EDITED, 42_345, "entry 42345 is altered"),
        (edit(34_999), 2, Kind.EDITED, 99_999, "entry 99999 is altered"),
        (delete(500), 1, Kind.DELETED, 30_500, "1 entry is deleted, from entry 30500 on"),
        (delete(29_990, 10), 0, Kind.DELETED, 29_990, "10 entries are deleted"),
        (insert(100), 2, Kind.INSERTED, 65_100, "inserted before entry 65100"),
        (swap(10, 20_000), 0, Kind.SWAPPED, 10, "2 entries are swapped"),
        (delete(34_000, 1000), 2, Kind.CUT_TAIL, 99_000, "entries 99000 to 99999 are cut off"),
    ],
)
def test_tampering_with_entries_names_the_first_wrong_one(
    change: Callable[[list[bytes]], list[bytes]], segment: int, kind: Kind, first: int, says: str
) -> None:
    report = with_entries(whole(), segment, change, hashes=False).check()
    assert first_fault(report)[:2] == (kind, first)
    assert says in report.faults[0].message


@pytest.mark.parametrize(
    ("change", "segment", "since", "checkpoint"),
    [
        (edit(5), 0, 0, "010000"),
        (edit(12_345), 1, 30_000, "050000"),
        (swap(3, 30_000), 2, 65_000, "080000"),
        (edit(34_500), 2, 99_000, "head"),
    ],
)
def test_tampering_with_entries_and_their_hashes_is_bounded_by_two_checkpoints(
    change: Callable[[list[bytes]], list[bytes]], segment: int, since: int, checkpoint: str
) -> None:
    report = with_entries(whole(), segment, change, hashes=True).check()
    assert first_fault(report) == (Kind.REWRITTEN, since, checkpoint)


def test_deleting_entries_with_their_hashes_leaves_a_gap_before_the_next_segment() -> None:
    report = with_entries(whole(), 0, delete(20_000, 2), hashes=True).check()
    assert {(fault.kind, fault.first) for fault in report.faults} >= {(Kind.MISSING, 29_998)}


def test_cutting_the_tail_with_its_hashes_contradicts_the_log_s_own_head() -> None:
    report = with_entries(whole(), 2, delete(34_500, 500), hashes=True).check()
    assert first_fault(report) == (Kind.CUT_TAIL, 99_000, "head")
    assert report.faults[0].end == SIZE


def test_altered_hashes_beside_true_entries_are_told_apart_from_altered_entries() -> None:
    segment = whole().segments[1]
    assert isinstance(segment, LiveSegment)
    assert segment.leaves is not None
    spoilt = replace(segment, leaves=segment.leaves[:3200] + bytes(32) + segment.leaves[3232:])
    log = replace(whole(), segments=(whole().segments[0], spoilt, whole().segments[2]))
    assert first_fault(log.check()) == (Kind.HASHES_ALTERED, 30_100, None)


def test_a_rolled_back_database_is_proven_by_the_outside_checkpoint_it_forgot() -> None:
    """A month-old state of everything, its own checkpoint included: only the outside tells."""
    earlier = build(lines()[:64_321], ends=ENDS[:1])
    assert earlier.check().ok
    report = replace(earlier, outside=whole().outside).check()
    assert first_fault(report) == (Kind.ROLLED_BACK, 64_321, "099000")


def test_a_rolled_back_database_that_went_on_is_proven_by_the_first_checkpoint_it_contradicts() -> None:
    other = [line.replace(b"training", b"quality") for line in lines()[50_500:]]
    went_on = build([*lines()[:50_500], *other, *other[:10]], ends=ENDS)
    assert went_on.check().ok
    report = replace(went_on, outside=whole().outside).check()
    assert first_fault(report) == (Kind.REWRITTEN, 50_000, "064321")
    assert "outside checkpoint 064321" in report.faults[0].message


def test_a_log_replaced_under_a_fresh_key_is_proven_under_the_pinned_key() -> None:
    """The auditor holds the true key: the head is not signed by it, and the outside contradicts the entries."""
    false = build([line.replace(b"training", b"quality") for line in lines()], ends=ENDS, by=signer(9))
    report = replace(false, outside=whole().outside, trusted=whole().trusted).check()
    assert first_fault(report) == (Kind.OTHER_KEY, None, "head")
    assert (Kind.REWRITTEN, 0, "010000") in {(one.kind, one.first, one.checkpoint) for one in report.faults}


def test_a_log_replaced_together_with_its_key_is_proven_by_the_first_outside_checkpoint() -> None:
    """The auditor was handed the false key too: the outside place still holds the true log's checkpoints."""
    false = build(some_lines(300), by=signer(9))
    assert false.check().ok
    report = replace(false, outside=whole().outside).check()
    assert [fault.kind for fault in report.faults] == [Kind.OTHER_KEY] * len(CHECKPOINTS)
    assert report.faults[0].checkpoint == "010000"
    assert signer().key.key_id.hex() in report.faults[0].message


def test_with_no_outside_checkpoint_the_report_says_that_none_was_there() -> None:
    report = build(some_lines(300)).check()
    assert report.ok
    assert report.outside == 0


def test_without_any_checkpoint_nothing_is_proven() -> None:
    report = replace(build(some_lines(10)), head=None).check()
    assert first_fault(report)[0] is Kind.NO_CHECKPOINT
    assert report.anchored == 0


def test_a_damaged_or_forged_checkpoint_is_named_and_not_believed() -> None:
    log = build(some_lines(100), checkpoints=(50,))
    kept = log.outside[0]
    damaged = PublishedCheckpoint(name="000050", note=kept.note[:40])
    forged = PublishedCheckpoint(name="000050", note=kept.note.replace(b"\n50\n", b"\n51\n"))
    assert first_fault(replace(log, outside=(damaged,)).check()) == (Kind.DAMAGED_CHECKPOINT, None, "000050")
    assert first_fault(replace(log, outside=(forged,)).check()) == (Kind.BAD_SIGNATURE, None, "000050")


def test_entries_after_the_last_checkpoint_are_counted_as_not_anchored() -> None:
    log = build(some_lines(120))
    earlier = checkpoint_note(signer(), [leaf_hash(line) for line in some_lines(100)])
    report = replace(log, head=earlier).check()
    assert report.ok
    assert (report.size, report.anchored) == (120, 100)


def test_without_stored_hashes_an_edit_is_still_bounded_by_checkpoints() -> None:
    log = build(some_lines(300), checkpoints=(100, 200))
    bare = replace(log, segments=tuple(replace(one, leaves=None) for one in log.segments))
    assert bare.check().ok
    report = with_entries(bare, 0, edit(150), hashes=False).check()
    assert first_fault(report) == (Kind.REWRITTEN, 100, "000200")


def test_a_segment_left_out_or_twice_is_named() -> None:
    log = build(some_lines(300), ends=(100, 200))
    left_out = replace(log, segments=(log.segments[0], log.segments[2])).check()
    assert first_fault(left_out) == (Kind.MISSING, 100, None)
    twice = replace(log, segments=(log.segments[0], log.segments[0], *log.segments[1:])).check()
    assert twice.faults[0].kind is Kind.DAMAGED_SEGMENT


# L3: segments expire, proofs stay.


def expired_log(cuts: Sequence[int] = (), keep: Sequence[int] = ()) -> BuiltLog:
    log = build(some_lines(300), ends=(100, 200), checkpoints=(40, 130, 250))
    gone = (
        expire(log.segments[0], some_lines(300), cuts=cuts, keep=keep),
        expire(log.segments[1], some_lines(300), cuts=cuts),
    )
    return replace(log, segments=(*gone, log.segments[2]))


def test_expired_segments_leave_the_rest_and_their_own_existence_proven() -> None:
    report = expired_log().check()
    assert report.ok, report.faults
    assert (report.size, report.anchored, report.expired) == (300, 300, 200)
    assert report.uncheckable == ("000040", "000130")


def test_expired_segments_cut_at_checkpoints_keep_those_checkable() -> None:
    report = expired_log(cuts=(40, 130)).check()
    assert report.ok
    assert report.uncheckable == ()
    assert report.outside == 3


def test_an_entry_a_hold_keeps_stays_proven_in_an_expired_segment() -> None:
    report = expired_log(keep=(17, 18, 63)).check()
    assert report.ok
    assert report.expired == 197


def test_a_kept_entry_that_is_altered_or_was_never_there_is_named() -> None:
    log = expired_log(keep=(17,))
    first = log.segments[0]
    altered = replace(first, kept={17: b"{}"})
    invented = replace(first, kept={17: some_lines(300)[17], 50: some_lines(300)[50]})
    assert first_fault(replace(log, segments=(altered, *log.segments[1:])).check())[:2] == (Kind.EDITED, 17)
    assert first_fault(replace(log, segments=(invented, *log.segments[1:])).check())[:2] == (
        Kind.INSERTED,
        50,
    )


def test_an_expired_segment_needs_its_own_seal_and_true_pieces() -> None:
    log = expired_log()
    first, second, last = log.segments
    unsealed = replace(log, segments=(replace(first, seal=None), second, last)).check()
    assert first_fault(unsealed)[0] is Kind.BAD_SEAL
    other_seal = replace(log, segments=(replace(first, seal=second.seal), second, last)).check()
    assert Kind.BAD_SEAL in {fault.kind for fault in other_seal.faults}
    (piece, top), *rest = first.pieces  # type: ignore[union-attr]  # the first two segments are expired ones
    assert top
    swapped = replace(first, pieces=((piece, leaf_hash(b"x")), *rest))
    report = replace(log, segments=(swapped, second, last)).check()
    assert first_fault(report) == (Kind.REWRITTEN, 0, "seal 2026-01")
    short = replace(log, segments=(replace(first, pieces=tuple(rest)), second, last)).check()
    assert first_fault(short)[0] is Kind.DAMAGED_SEGMENT


def test_an_edit_after_expired_segments_is_named_exactly() -> None:
    report = with_entries(expired_log(), 2, edit(33), hashes=False).check()
    assert first_fault(report)[:2] == (Kind.EDITED, 233)
