"""Which hits of a search may be shown: those whose redacted transcript the actor may read now (U1, U4)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from callwarden.model.access import Actor, Readable
from callwarden.model.ids import RecordingId
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording
from callwarden.model.redaction_record import RedactionRecord
from callwarden.model.search import Hit
from callwarden.rules.reading import Allow, Question, decide
from callwarden.rules.released import is_released


def readable_hits(
    hits: Sequence[Hit],
    *,
    actor: Actor,
    purpose: Purpose,
    recordings: Mapping[RecordingId, Recording],
    redactions: Mapping[RecordingId, RedactionRecord],
    artefacts: Sequence[Artefact],
    now: datetime,
    policy: Policy,
    included: Collection[RecordingId] | None = None,
) -> Iterator[Hit]:
    """Of `hits`, in their order, those the reading rule allows and whose words are of the released generation (I8).

    `recordings`, `redactions` and `artefacts` are what is known of the hits' recordings, artefacts by generation;
    `included` what experiments of the actor's include, where only that may be read.
    """
    newest = {
        artefact.recording_id: artefact for artefact in artefacts if artefact.kind is ArtefactKind.REDACTED_TRANSCRIPT
    }
    for hit in hits:
        artefact = newest.get(hit.recording_id)
        released = is_released(redactions.get(hit.recording_id), artefact)
        question = Question(
            actor=actor,
            purpose=purpose,
            what=Readable.REDACTED_TRANSCRIPT,
            recording=recordings.get(hit.recording_id),
            redaction_complete=released and artefact is not None and artefact.generation == hit.generation,
            glass_broken=False,
            now=now,
            included=included is not None and hit.recording_id in included,
        )
        if isinstance(decide(question, policy=policy), Allow):
            yield hit
