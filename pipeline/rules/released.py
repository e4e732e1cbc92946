"""May the redacted artefacts of a recording leave? Only those a released redaction speaks of (I8)."""

from pipeline.model.recording import Artefact
from pipeline.model.redaction_record import RedactionRecord, RedactionStatus


def is_released(record: RedactionRecord | None, artefact: Artefact | None) -> bool:
    """Whether this artefact is of the generation that was released: neither an older one, in which something was
    missed, nor a newer one, which nobody has released yet."""
    if record is None or artefact is None:
        return False
    return record.status is RedactionStatus.RELEASED and artefact.generation == record.generation
