"""Says what happened to a run of entries, given the hashes they should have and the hashes they do have."""

from collections.abc import Sequence

from callwarden.accesslog.proof.export import Fault, Kind
from callwarden.accesslog.proof.values import Hash


def explain(expected: Sequence[Hash], found: Sequence[Hash], *, first: int, segment: str, last: bool) -> Fault:
    """The fault that turns ``expected`` into ``found``; the two differ. ``first`` numbers their first entry.

    ``last`` tells that nothing follows the segment, so that entries missing at its end are a cut tail.
    """
    at = next(
        (i for i, (want, have) in enumerate(zip(expected, found, strict=False)) if want != have),
        min(len(expected), len(found)),
    )
    number, change = first + at, len(found) - len(expected)
    if change < 0 and expected[at - change :] == found[at:]:
        if at == len(found) and last:
            message = f"entries {number} to {number - change - 1} are cut off the end"
            return Fault(kind=Kind.CUT_TAIL, message=message, first=number, segment=segment)
        message = f"{_entries(-change)} deleted, from entry {number} on"
        return Fault(kind=Kind.DELETED, message=message, first=number, segment=segment)
    if change > 0 and expected[at:] == found[at + change :]:
        message = f"{_entries(change)} inserted before entry {number}"
        return Fault(kind=Kind.INSERTED, message=message, first=number, segment=segment)
    if change == 0:
        wrong = [i for i, (want, have) in enumerate(zip(expected, found, strict=True)) if want != have]
        if sorted(expected[i] for i in wrong) == sorted(found[i] for i in wrong):
            message = f"entry {number} stands in another's place: {len(wrong)} entries are swapped"
            return Fault(kind=Kind.SWAPPED, message=message, first=number, segment=segment)
        more = "" if len(wrong) == 1 else f", the first of {len(wrong)} altered entries"
        return Fault(kind=Kind.EDITED, message=f"entry {number} is altered{more}", first=number, segment=segment)
    message = f"entry {number} is altered, and {_entries(abs(change))} {'missing' if change < 0 else 'too many'}"
    return Fault(kind=Kind.EDITED, message=message, first=number, segment=segment)


def _entries(count: int) -> str:
    return "1 entry is" if count == 1 else f"{count} entries are"
