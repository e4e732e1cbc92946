"""May the redacted artefacts of a recording leave? Only those a released redaction speaks of (I8)."""

from collections.abc import Iterable

from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus, WithheldReason


def is_released(record: RedactionRecord | None, artefact: Artefact | None) -> bool:
    """Whether this artefact is of the generation that was released: neither an older one, in which something was
    missed, nor a newer one, which nobody has released yet."""
    if record is None or artefact is None or record.altered:
        return False
    return record.status is RedactionStatus.RELEASED and artefact.generation == record.generation


def needs_redaction(
    record: RedactionRecord | None, *, version: str, beside: Iterable[RecordingId] = frozenset()
) -> bool:
    """Whether recognisers of this version have something to do about a recording; `beside` are the other parts of its
    call that have a transcript.

    Not for what they have released knowing all of those, nor for what they missed somewhere: the same recognisers
    would release the same again. Told where it was, or improved, they can do better.
    """
    if record is None or record.version != version:
        return True
    match record.status:
        case RedactionStatus.RELEASED:
            return not set(beside) <= set(record.read_with)
        case RedactionStatus.WITHHELD:
            return True
        case RedactionStatus.WITHDRAWN:
            return WithheldReason.PLACE_REPORTED in record.reasons


def stands(record: RedactionRecord, *, version: str, spans_sha256: str) -> bool:
    """Whether what is found now was taken out, and nothing else, by the redaction that is released."""
    return (
        record.status is RedactionStatus.RELEASED and record.version == version and record.spans_sha256 == spans_sha256
    )
