"""What was decided about single recordings: restricted, taken out of quarantine, put right, its audio or its redaction
ended (D4, K1, D6)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from callwarden.messages import HoldsChanged, RecordingStored
from callwarden.model.act import AudioEnded, NotReplayed, QuarantineCleared, Rectified, Restriction, name_of
from callwarden.model.recording import AudioState, RecordingState
from callwarden.model.redaction_record import RedactionRecord
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import ObjectionReference, Transaction
from callwarden.rules.objection import references_of
from callwarden.steps.replay.altered import TOO_LATE, not_upon_an_altered_row


def recording(act: Restriction | QuarantineCleared, tx: Transaction) -> bool | NotReplayed:
    recording_id = act.recording_id if isinstance(act, Restriction) else act.recording.recording_id
    row = tx.recordings.get([recording_id], lock=True).get(recording_id)
    if row is None:
        return NotReplayed(act=name_of(act), subject=recording_id, why="recording_unknown")
    if row.state in TOO_LATE:
        return False
    if row.altered:
        return not_upon_an_altered_row(act)
    if isinstance(act, Restriction):
        after = replace(row, restricted=act.restricted)
    elif row.state is RecordingState.QUARANTINED:
        after = replace(act.recording, restricted=row.restricted, not_before=row.not_before, holds=row.holds)
        tx.outbox.append([Message.of(RecordingStored.of(after)), Message.of(HoldsChanged(recording_id=recording_id))])
    else:
        return False
    if after == row:
        return False
    tx.recordings.save([after])
    return True


def rectified(act: Rectified, tx: Transaction) -> bool | NotReplayed:
    made, fixed = act.rectification, act.recording
    row = tx.recordings.get([made.recording_id], lock=True).get(made.recording_id)
    if row is None:
        return NotReplayed(act=name_of(act), subject=made.recording_id, why="recording_unknown")
    known = tx.rectifications.of([made.recording_id])
    if row.state in TOO_LATE or any(one.rectification_id == made.rectification_id for one in known):
        return False
    if row.altered:
        return not_upon_an_altered_row(act)
    after = replace(
        row,
        line=fixed.line,
        started_at=fixed.started_at,
        ended_at=fixed.ended_at,
        keep_until=fixed.keep_until,
        audio_until=fixed.audio_until,
        objection_offered=fixed.objection_offered,
        caller=fixed.caller,
        customer=fixed.customer,
        agent_id=fixed.agent_id,
        sealed_event=fixed.sealed_event,
    )
    tx.recordings.save([after])
    tx.labels.remove([made.recording_id])
    tx.labels.add({made.recording_id: dict.fromkeys(act.labels)})  # the journal knows no names
    tx.rectifications.add(made)
    tx.outbox.append([Message.of(HoldsChanged(recording_id=made.recording_id))])
    return True


def references_after(act: Rectified) -> Sequence[ObjectionReference]:
    row = act.recording
    return references_of(row.call_id, caller=row.caller, customer=row.customer)


def audio(act: AudioEnded, at: datetime, tx: Transaction) -> bool | NotReplayed:
    """The key goes again; the next sweep destroys what a restored vault has brought back. Not of what a hold keeps that
    was there before and has not ended, as far as anybody knows (I4)."""
    row = tx.recordings.get([act.recording_id], lock=True).get(act.recording_id)
    if row is None or row.state in TOO_LATE or row.audio is not AudioState.KEPT:
        return False
    if row.altered:
        return not_upon_an_altered_row(act)
    if any(hold.placed_at <= at for hold in tx.holds.find(recording_id=act.recording_id)):
        return NotReplayed(act=name_of(act), subject=act.recording_id, why="held")
    tx.recordings.save([replace(row, audio=AudioState.ENDING, sealed_audio_key=None)])
    tx.recordings.begin_attempts([act.recording_id])
    return True


def redaction(act: RedactionRecord, tx: Transaction) -> bool | NotReplayed:
    known = tx.redactions.get([act.recording_id]).get(act.recording_id)
    if known is not None and known.altered:
        return not_upon_an_altered_row(act)
    if known is None or known.decided_at >= act.decided_at:
        return False
    tx.recordings.begin_attempts([act.recording_id])  # one being made just now does not know of this
    tx.redactions.save(
        [replace(known, status=act.status, reasons=act.reasons, missed=act.missed, decided_at=act.decided_at)]
    )
    tx.search.remove([act.recording_id])
    return True
