"""What the rows say by themselves and against the erasure journal (K1, K4)."""

from collections.abc import Iterator, Sequence

from callwarden.accesslog.proof.values import JournalMark
from callwarden.model.act import NotReplayed
from callwarden.model.policy import Policy
from callwarden.model.recording import GONE, AudioState, Recording, RecordingState
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.journal import ErasureRecord, Journal, JournalDamagedError
from callwarden.rules.audio_period import audio_until
from callwarden.rules.retention import keep_until
from callwarden.steps.reconcile.values import UNFINISHED, Breach, Seen, breach
from callwarden.steps.reconcile.words import NOT_RESTORED

_KEPT = frozenset({RecordingState.STORED, RecordingState.QUARANTINED})


def altered(catalogue: Catalogue) -> Iterator[Breach]:
    """Rows that were written past the system. Costs a pass over all of them."""
    for row in catalogue.altered_rows():
        yield breach("row_altered", f"{row.table} {row.key}")


def rows(
    seen: Seen, catalogue: Catalogue, journal: Journal, *, policy: Policy, marks: Sequence[JournalMark]
) -> Iterator[Breach]:
    """Each recording's row against its objects, its key and the journal."""
    with_object = {artefact.recording_id for artefact in seen.artefacts.values()}
    with catalogue.snapshot() as tx:
        keys = tx.keys.get(list(seen.recordings))
    for recording_id, row in seen.recordings.items():
        if _is_kept_too_long(row, policy):
            yield breach("period_too_long", recording_id)
        if row.state in UNFINISHED or (row.state is RecordingState.STORED and row.audio is AudioState.ENDING):
            yield breach("erasure_unfinished", recording_id)
        lacks = row.state is RecordingState.STORED and recording_id not in with_object
        if lacks and row.audio is not AudioState.ENDED:
            yield breach("recording_without_object", recording_id)
        if row.state in GONE and (recording_id in keys or recording_id in with_object):
            yield breach("remains_of_the_gone", recording_id)
    for recording_id in sorted(with_object - keys.keys() - seen.half_erased()):
        yield breach("key_missing", recording_id)
    erased = set()
    try:
        for record in journal.iterate(marks=marks):
            if isinstance(record, ErasureRecord):
                erased.add(record.recording_id)
    except JournalDamagedError as error:
        yield breach("journal_damaged", error.detail)
    for recording_id in erased & keys.keys():
        if seen.recordings[recording_id].state in _KEPT:  # keys belong to rows: the id is surely there
            yield breach("erased_is_back", recording_id)


def not_restored(missed: Sequence[NotReplayed]) -> Iterator[Breach]:
    """Acts a restored catalogue could not be brought to know."""
    for act in missed:
        yield breach("act_not_restored", f"{act.act} {act.subject}", why=NOT_RESTORED[act.why])


def _is_kept_too_long(row: Recording, policy: Policy) -> bool:
    """K1, K2: where the policy that decided is the one in force."""
    line = policy.lines.get(row.line)
    if line is None or row.ended_at is None or row.policy_version != policy.version:
        return False
    until = keep_until(row.ended_at, line.retention, policy.time_zone)
    audio = audio_until(row.ended_at, line, policy.time_zone, until=until)
    too_long = row.keep_until is None or row.keep_until > until
    audio_too_long = audio is not None and (row.audio_until is None or row.audio_until > audio)
    return row.state is RecordingState.STORED and (too_long or audio_too_long)
