"""May the redacted artefacts of a recording leave? Only those a released redaction speaks of (I8)."""

from callwarden.model.recording import Artefact
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus, WithheldReason


def is_released(record: RedactionRecord | None, artefact: Artefact | None) -> bool:
    """Whether this artefact is of the generation that was released: neither an older one, in which something was
    missed, nor a newer one, which nobody has released yet."""
    if record is None or artefact is None or record.altered:
        return False
    return record.status is RedactionStatus.RELEASED and artefact.generation == record.generation


def needs_redaction(record: RedactionRecord | None, *, version: str) -> bool:
    """Whether recognisers of this version have something to do about a recording.

    Not for what they have released, nor for what they missed somewhere: the same recognisers would release the
    same again. Told where it was, or improved, they can do better.
    """
    if record is None or record.version != version:
        return True
    match record.status:
        case RedactionStatus.RELEASED:
            return False
        case RedactionStatus.WITHHELD:
            return True
        case RedactionStatus.WITHDRAWN:
            return WithheldReason.PLACE_REPORTED in record.reasons
