"""What the vault lists against what the catalogue knows, both ways, with markers, uploads and flags (I2, I4)."""

from collections.abc import Iterator, Sequence

from callwarden.model.recording import RecordingState
from callwarden.ports.vault import ObjectMissingError, ObjectVersion, VaultLister
from callwarden.rules.vault_layout import read_key
from callwarden.steps.reconcile.values import STALE_AFTER, Breach, Seen, breach


def stored_objects(seen: Seen, versions: Sequence[ObjectVersion], vault: VaultLister) -> Iterator[Breach]:
    """Every listed version, and every object on record that is not listed."""
    for version in versions:
        yield from _version(version, seen, vault)
    listed = {(version.key, version.version_id) for version in versions}
    for place, artefact in seen.artefacts.items():
        if place not in listed:
            yield breach("object_missing", artefact.recording_id)


def strangers(vault: VaultLister) -> Iterator[Breach]:
    """Uploads nobody finished, and files nothing here wrote."""
    for upload in vault.unfinished_uploads(""):
        yield breach("unfinished_upload", upload.key)
    for name in vault.foreign_files():
        yield breach("foreign_file", name)


def _version(version: ObjectVersion, seen: Seen, vault: VaultLister) -> Iterator[Breach]:
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
    try:
        held = vault.is_held(version.key, version.version_id)
    except ObjectMissingError:
        return  # destroyed since it was listed
    if recording.holds and not held:
        yield breach("hold_not_fast", recording_id)
    if held and not recording.holds:
        yield breach("hold_unknown", recording_id)


def _repair(version: ObjectVersion, seen: Seen) -> str:
    repairable = version.modified_at + STALE_AFTER
    if repairable < seen.now:
        return "run callwarden reconcile --repair"
    return (
        "younger than an hour, so a worker may still be writing it; "
        f"after {repairable:%Y-%m-%d %H:%M:%S}Z callwarden reconcile --repair destroys it"
    )
