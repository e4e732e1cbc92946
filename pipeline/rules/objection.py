"""What an objection does to one recording that is already there (R3, R4)."""

from dataclasses import dataclass

from pipeline.model.objection import Objection
from pipeline.model.policy import LinePolicy
from pipeline.model.purpose import RECORDING, Purpose
from pipeline.model.recording import GONE, Recording, RecordingState

EVERY_USE_BUT_DISPUTE = frozenset(purpose.value for purpose in Purpose) - {Purpose.DISPUTE.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Audio and everything derived from it goes; a content-free fact stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """It stays, closed to these purposes."""

    purposes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForCase:
    """It is held for litigation: it stays for that case and is closed to every other use; the caller is told."""

    purposes: frozenset[str] = EVERY_USE_BUT_DISPUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """This line offers no objection to recording; the objection to other purposes counts, and this is told."""

    purposes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEffect:
    """Withdrawn before this call, or nothing of it is left."""


Effect = Drop | Limit | KeptForCase | NotOffered | NoEffect


def effect_on(recording: Recording, objection: Objection, *, line: LinePolicy | None) -> Effect:
    """What `objection` does to `recording`; `line` is None for a line the policy no longer knows, which then
    honours every objection."""
    if not objection.covers(recording.ended_at) or recording.state in GONE:
        return NoEffect()
    if recording.state in (RecordingState.DISPOSING, RecordingState.REFUSED):
        return NoEffect()
    others = objection.purposes - {RECORDING}
    if RECORDING not in objection.purposes:
        return Limit(purposes=others) if others else NoEffect()
    if line is not None and not line.objection_honoured:
        return NotOffered(purposes=others)
    return KeptForCase() if recording.holds else Drop()
