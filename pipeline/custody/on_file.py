"""Objections on file about many recordings, in one reading."""

from collections.abc import Collection, Mapping, Sequence

from callwarden.model.ids import RecordingId
from callwarden.model.objection import Objection
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import ObjectionReference, Transaction
from callwarden.rules.objection import reference_of, references_of


def objections_about(rows: Collection[Recording], tx: Transaction) -> Mapping[RecordingId, Sequence[Objection]]:
    """Those on file about each of these recordings, oldest first; read them when the rows are locked."""
    asking: dict[ObjectionReference, list[Recording]] = {}
    for row in rows:
        for reference in references_of(row.call_id, caller=row.caller, customer=row.customer):
            asking.setdefault(reference, []).append(row)
    found: dict[RecordingId, list[Objection]] = {row.recording_id: [] for row in rows}
    for one in tx.objections.under(asking.keys()) if asking else ():
        for row in asking.get(reference_of(one), ()):
            if one.reaches(row.line):
                found[row.recording_id].append(one)
    return found
