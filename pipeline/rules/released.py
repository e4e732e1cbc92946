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

    Not for what they have released knowing all of those, nor, of whatever version they are, for what a person has to
    look at first.
    """
    if record is None:
        return True
    if awaits_person(record):
        return False
    if record.version != version or record.status is not RedactionStatus.RELEASED:
        return True
    return not set(beside) <= set(record.read_with)


def awaits_person(record: RedactionRecord) -> bool:
    """Whether a reviewer said that something was missed, and nobody where: other recognisers may miss it as well."""
    return record.status is RedactionStatus.WITHDRAWN and WithheldReason.PLACE_REPORTED not in record.reasons


def stands(record: RedactionRecord, *, version: str, spans_sha256: str) -> bool:
    """Whether what is found now was taken out, and nothing else, by the redaction that is released."""
    return (
        record.status is RedactionStatus.RELEASED and record.version == version and record.spans_sha256 == spans_sha256
    )
