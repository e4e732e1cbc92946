"""What the vault lists against what the catalogue knows, both ways, with markers, uploads and flags (I2, I4)."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress

from callwarden.model.ids import RecordingId
from callwarden.model.recording import RecordingState
from callwarden.ports.vault import ObjectMissingError, ObjectVersion, VaultLister
from callwarden.rules.vault_layout import HELD_TAG, read_key
from callwarden.steps.reconcile.values import STALE_AFTER, Breach, Seen, breach
from callwarden.steps.reconcile.words import NEVER_PLACED, RELEASED, RUN_HOLDS

Released = Callable[[Collection[RecordingId]], Collection[RecordingId]]
"""Of recordings those that cases have held and that every one has released."""


def stored_objects(
    seen: Seen, versions: Sequence[ObjectVersion], vault: VaultLister, *, released: Released
) -> Iterator[Breach]:
    """Every listed version, and every object on record that is not listed."""
    for version in versions:
        yield from _version(version, seen, vault, released)
    listed = {(version.key, version.version_id) for version in versions}
    half_erased = seen.half_erased()
    for place, artefact in seen.artefacts.items():
        if place not in listed and artefact.recording_id not in half_erased:
            yield breach("object_missing", artefact.recording_id)


def strangers(vault: VaultLister) -> Iterator[Breach]:
    """Uploads nobody finished, and files nothing here wrote."""
    for upload in vault.unfinished_uploads(""):
        yield breach("unfinished_upload", upload.key)
    for name in vault.foreign_files():
        yield breach("foreign_file", name)


def unequal(
    seen: Seen, versions: Sequence[ObjectVersion], vault: VaultLister, *, released: Released
) -> Iterator[RecordingId]:
    """Recordings whose flags a repair sets again. A hold in the vault that no case ever placed is none of ours."""
    for version in versions:
        known = read_key(version.key)
        row = None if known is None else seen.recordings.get(known[0])
        if row is None or (version.key, version.version_id) not in seen.artefacts:
            continue
        with suppress(ObjectMissingError):
            if (row.holds and not _is_fast(version, vault)) or (
                not row.holds and vault.is_held(version.key, version.version_id) and released([row.recording_id])
            ):
                yield row.recording_id


def _is_fast(version: ObjectVersion, vault: VaultLister) -> bool:
    """Held by the vault, and out of reach of its lifecycle."""
    tags = vault.tags(version.key, version.version_id)
    return vault.is_held(version.key, version.version_id) and (tags is None or HELD_TAG in tags)


def _version(version: ObjectVersion, seen: Seen, vault: VaultLister, released: Released) -> Iterator[Breach]:
    known = read_key(version.key)
    if known is None:
        yield breach("foreign_object", version.key)
        return
    recording_id = known[0]
    if version.is_marker:
        yield breach("stray_marker", recording_id)
        return
    recording = seen.recordings.get(recording_id)
    artefact = seen.artefacts.get((version.key, version.version_id))
    if artefact is None:
        on_its_way = recording is not None and recording.state is RecordingState.PENDING
        if not on_its_way:
            yield breach("object_unknown", recording_id, then=_repair(version, seen))
        return
    if artefact.stored_size != version.size:
        yield breach("object_altered", recording_id)
    if recording is None:
        return
    with suppress(ObjectMissingError):  # destroyed since it was listed
        if recording.holds and not _is_fast(version, vault):
            yield breach("hold_not_fast", recording_id, then=seen.refused.get(recording_id, RUN_HOLDS))
        if not recording.holds and vault.is_held(version.key, version.version_id):
            yield breach("hold_unknown", recording_id, then=RELEASED if released([recording_id]) else NEVER_PLACED)


def _repair(version: ObjectVersion, seen: Seen) -> str:
    repairable = version.modified_at + STALE_AFTER
    if repairable < seen.now:
        return "run callwarden reconcile --repair"
    return (
        "younger than an hour, so a worker may still be writing it; "
        f"after {repairable:%Y-%m-%d %H:%M:%S}Z callwarden reconcile --repair destroys it"
    )
