"""Time-stamps of checkpoints, held against the checkpoints they are kept beside (L2).

Reading a token needs cryptography that is none of the rules' business: it is handed in as `CheckStamp`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callwarden.accesslog.proof.checkpoint import parse_checkpoint
from callwarden.accesslog.proof.export import Fault, Kind, Timestamps
from callwarden.accesslog.proof.note import parse_note
from callwarden.accesslog.proof.values import KeptTimestamp, ProvenTime


class StampError(ValueError):
    """A token does not prove what it should. ``kind`` says why: malformed, of other bytes, or not to be believed."""

    def __init__(self, kind: Kind, detail: str) -> None:
        self.kind = kind
        super().__init__(detail)


CheckStamp = Callable[[bytes, bytes], datetime]
"""``check(token, data)``: the instant, in UTC, at which ``data`` existed. Raises `StampError`, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    stamp: KeptTimestamp
    note: bytes
    at: datetime


def read_stamps(
    kept: Iterable[KeptTimestamp],
    *,
    notes: Mapping[str, Sequence[bytes]],
    proven: frozenset[str],
    check: CheckStamp | None,
) -> tuple[Timestamps, list[Fault]]:
    """Hold each token against ``notes``, the checkpoints by their name. ``proven`` names those that agree with the
    log: only they count for the latest proven time. Without ``check`` the tokens are counted, not believed."""
    tokens = {(stamp.name, stamp.token): stamp for stamp in kept}
    if check is None:
        return Timestamps(kept=len(tokens), checked=False, holding=0, latest=None), []
    holding: list[_Held] = []
    faults: list[Fault] = []
    for token in sorted(tokens.values(), key=lambda one: one.name):
        found = _check(token, notes.get(token.checkpoint, ()), check)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            holding.append(found)
    latest = max((held for held in holding if held.stamp.checkpoint in proven), key=_order, default=None)
    summary = Timestamps(
        kept=len(tokens),
        checked=True,
        holding=len(holding),
        latest=None if latest is None else _proven(latest),
    )
    return summary, faults


def _check(stamp: KeptTimestamp, notes: Sequence[bytes], check: CheckStamp) -> _Held | Fault:
    if not notes:
        message = f"time-stamp {stamp.name}: the checkpoint it was made for, {stamp.checkpoint}, is gone"
        return Fault(kind=Kind.TIMESTAMP_ORPHAN, message=message, checkpoint=stamp.checkpoint)
    errors = []
    for note in notes:
        try:
            return _Held(stamp=stamp, note=note, at=check(stamp.token, note))
        except StampError as error:
            errors.append(error)
    message = f"time-stamp {stamp.name} of checkpoint {stamp.checkpoint}: {errors[0]}"
    return Fault(kind=errors[0].kind, message=message, checkpoint=stamp.checkpoint)


def _order(one: _Held) -> tuple[str, float]:
    """By checkpoint, whose names sort by size; of one checkpoint's stamps the earliest proves the most."""
    return one.stamp.checkpoint, -one.at.timestamp()


def _proven(one: _Held) -> ProvenTime:
    checkpoint = parse_checkpoint(parse_note(one.note).text)
    return ProvenTime(checkpoint=one.stamp.checkpoint, size=checkpoint.size, at=one.at, signed_at=checkpoint.at)
