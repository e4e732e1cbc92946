"""A new master key for everything stored: nothing is re-encrypted, and old backups open nothing any more (K4)."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.adapters.crypto.cipher import AesGcmStreamCipher
from callwarden.adapters.keys.file import FileKeyStore
from callwarden.custody.key_census import KeyCensus
from callwarden.custody.scribe import Scribe
from callwarden.desks.acts import Acts
from callwarden.desks.keys import KeyDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import PolicyVersion, RecordingId
from callwarden.model.outcome import Position
from callwarden.model.recording import ArtefactKind, RecordingState
from callwarden.ports.catalogue import WrappedKey
from callwarden.ports.cipher import Binding
from callwarden.ports.keys import KeyDestroyedError
from callwarden.rules.seals import act_context, key_context, letter_context
from tests.contracts.test_catalogue_set_aside import LETTER, WHY
from tests.fakes.catalogue import FakeCatalogue
from tests.fakes.keys import rotated_master
from tests.support.catalogue_rows import rec, recording, waiting_event
from tests.support.site import MovableClock

OPERATOR = Actor(role=Role.OPERATOR, name="olga")


@pytest.fixture
def keys(tmp_path: Path) -> FileKeyStore:
    return FileKeyStore(tmp_path / "keys.json")


@pytest.fixture
def catalogue() -> FakeCatalogue:
    return FakeCatalogue()


def rotation_of(catalogue: FakeCatalogue, keys: FileKeyStore) -> KeyDesk:
    """A process's own, after it has looked at the key store as every process does."""
    clock = MovableClock()
    scribe = Scribe(clock=clock, keys=keys, policy_version=PolicyVersion("test-1"))
    KeyCensus(catalogue=catalogue, keys=keys, clock=clock, scribe=scribe, place="the key file").admit()
    return KeyDesk(acts=Acts(catalogue=catalogue, scribe=scribe), catalogue=catalogue, keys=keys, clock=clock)


def fill(catalogue: FakeCatalogue, keys: FileKeyStore, count: int, state: RecordingState) -> dict[RecordingId, bytes]:
    """So many recordings of a state, each with its key; their data keys in clear."""
    rows = [recording(number, state=state) for number in range(count)]
    clear: dict[RecordingId, bytes] = {}
    wrapped = []
    for row in rows:
        made = keys.new_data_key({"recording": row.recording_id})
        clear[row.recording_id] = made.plaintext
        wrapped.append(
            WrappedKey(recording_id=row.recording_id, wrapped=made.wrapped, master_key_id=made.master_key_id)
        )
    with catalogue.transaction() as tx:
        tx.recordings.insert(rows)
        tx.keys.add(wrapped)
    return clear


def wrapped_keys(catalogue: FakeCatalogue) -> dict[RecordingId, WrappedKey]:
    ids = [row.recording_id for row in catalogue.all_recordings()]
    with catalogue.transaction() as tx:
        return dict(tx.keys.get(ids))


def test_a_rotation_rewraps_every_living_key_and_objects_stay_readable(
    catalogue: FakeCatalogue, keys: FileKeyStore
) -> None:
    clear = fill(catalogue, keys, 120, RecordingState.STORED)
    one = next(iter(clear))
    cipher = AesGcmStreamCipher()
    binding = Binding(recording_id=one, kind=ArtefactKind.ORIGINAL_AUDIO, generation=1)
    stored = cipher.encrypting(io.BytesIO(b"voice"), data_key=clear[one], binding=binding).read()

    done = rotation_of(catalogue, keys).rotate(OPERATOR)

    assert (done.rewrapped, done.already, done.lost) == (120, 0, 0)
    after = wrapped_keys(catalogue)
    assert {key.master_key_id for key in after.values()} == {done.master_key_id}
    for recording_id, data_key in clear.items():
        assert keys.unwrap(after[recording_id].wrapped, {"recording": recording_id}) == data_key
    data_key = keys.unwrap(after[one].wrapped, {"recording": one})
    pieces = cipher.decrypt(
        lambda start, length: stored[start : start + length],
        stored_size=len(stored),
        data_key=data_key,
        binding=binding,
    )
    assert b"".join(pieces) == b"voice"


def test_after_the_old_master_key_is_retired_a_backup_of_the_catalogue_opens_nothing(
    catalogue: FakeCatalogue, keys: FileKeyStore
) -> None:
    clear = fill(catalogue, keys, 3, RecordingState.STORED)
    backup = wrapped_keys(catalogue)
    old = keys.current_master_key()
    rotation = rotation_of(catalogue, keys)
    rotation.rotate(OPERATOR)
    rotation.retire(OPERATOR, old)
    for recording_id in clear:
        with pytest.raises(KeyDestroyedError):
            keys.unwrap(backup[recording_id].wrapped, {"recording": recording_id})


def test_a_master_key_that_something_still_needs_is_not_retired(catalogue: FakeCatalogue, keys: FileKeyStore) -> None:
    clear = fill(catalogue, keys, 3, RecordingState.STORED)
    rotation = rotation_of(catalogue, keys)
    old = keys.current_master_key()
    rotated_master(keys)
    with pytest.raises(UsageError, match="3 data keys"):
        rotation.retire(OPERATOR, old)
    rotation.rewrap(OPERATOR)
    with pytest.raises(UsageError, match="wraps new keys"):
        rotation.retire(OPERATOR, keys.current_master_key())
    assert len(wrapped_keys(catalogue)) == len(clear)


def test_a_rotation_that_was_interrupted_goes_on_where_it_stopped(catalogue: FakeCatalogue, keys: FileKeyStore) -> None:
    fill(catalogue, keys, 10, RecordingState.STORED)
    rotated_master(keys)
    first, *_ = wrapped_keys(catalogue).values()
    wrapped = keys.rewrap(first.wrapped, {"recording": first.recording_id})
    with catalogue.transaction() as tx:
        tx.keys.add([replace(first, wrapped=wrapped.wrapped, master_key_id=wrapped.master_key_id)])
    done = rotation_of(catalogue, keys).rewrap(OPERATOR)
    assert (done.rewrapped, done.already) == (9, 1)
    assert rotation_of(catalogue, keys).rewrap(OPERATOR).rewrapped == 0


@pytest.mark.parametrize("state", [RecordingState.DISPOSING, RecordingState.DROPPING])
def test_the_key_of_a_recording_that_is_being_destroyed_is_never_written_back(
    catalogue: FakeCatalogue, keys: FileKeyStore, state: RecordingState
) -> None:
    fill(catalogue, keys, 2, state)
    before = wrapped_keys(catalogue)
    assert rotation_of(catalogue, keys).rotate(OPERATOR).rewrapped == 0
    assert wrapped_keys(catalogue) == before


def test_keys_whose_master_key_is_gone_are_counted_as_lost(catalogue: FakeCatalogue, keys: FileKeyStore) -> None:
    fill(catalogue, keys, 2, RecordingState.STORED)
    old = keys.current_master_key()
    rotated_master(keys)
    keys.destroy_master(old)
    done = rotation_of(catalogue, keys).rewrap(OPERATOR)
    assert (done.rewrapped, done.lost) == (0, 2)


def other_things(catalogue: FakeCatalogue, keys: FileKeyStore, **changes: str) -> dict[str, bytes]:
    """A dead letter, the reason of an act and a waiting event; by kind, the data key of each in clear."""
    position = Position(topic="telephony.calls", partition=0, offset=4)
    letter, act = keys.new_data_key(letter_context(position)), keys.new_data_key(act_context("act-1"))
    event = keys.new_data_key(key_context(rec(1)))
    under = {"master_key_id": keys.current_master_key(), **changes}
    with catalogue.transaction() as tx:
        tx.dead_letters.add([replace(LETTER, position=position, wrapped_key=letter.wrapped, **under)])
        tx.act_reasons.add(replace(WHY, wrapped_key=act.wrapped, **under))
        tx.waiting.add([waiting_event(1, wrapped_key=event.wrapped, **under)])
    return {"dead_letter": letter.plaintext, "act_reason": act.plaintext, "waiting_event": event.plaintext}


@pytest.mark.parametrize("known", [True, False], ids=["", "of an older version"])
def test_dead_letters_reasons_and_waiting_events_outlive_the_master_key_they_were_sealed_under(
    catalogue: FakeCatalogue, keys: FileKeyStore, known: bool
) -> None:
    rotation, old = rotation_of(catalogue, keys), keys.current_master_key()
    clear = other_things(catalogue, keys, **({} if known else {"master_key_id": ""}))
    rotated_master(keys)
    with pytest.raises(UsageError, match="keys rewrap"):
        rotation.retire(OPERATOR, old)
    done = rotation.rewrap(OPERATOR)
    assert (done.rewrapped, done.lost) == (3, 0)
    assert rotation.rewrap(OPERATOR).rewrapped == 0
    rotation.retire(OPERATOR, old)
    with catalogue.snapshot() as tx:
        found = {one.of.value: one for one in tx.other_keys.find(but_under="another")}
        [event] = tx.waiting.find()
        [why] = tx.act_reasons.about(WHY.subject)
    assert {one.master_key_id for one in found.values()} == {done.master_key_id}
    assert keys.unwrap(event.wrapped_key, key_context(rec(1))) == clear["waiting_event"]
    assert keys.unwrap(why.wrapped_key, act_context("act-1")) == clear["act_reason"]
    letter = found["dead_letter"]
    assert isinstance(letter.owner, Position)
    assert keys.unwrap(letter.wrapped, letter_context(letter.owner)) == clear["dead_letter"]


def test_what_an_older_version_lost_with_a_retired_key_keeps_no_other_from_being_retired(
    catalogue: FakeCatalogue, keys: FileKeyStore
) -> None:
    rotation, lost = rotation_of(catalogue, keys), keys.current_master_key()
    other_things(catalogue, keys, master_key_id="")
    rotated_master(keys)
    keys.destroy_master(lost)
    old = keys.current_master_key()
    assert rotation_of(catalogue, keys).rewrap(OPERATOR).lost == 3
    assert rotation.rotate(OPERATOR).lost == 0
    rotation.retire(OPERATOR, old)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_keys_are_the_operators(catalogue: FakeCatalogue, keys: FileKeyStore, role: Role) -> None:
    desk, who, old = rotation_of(catalogue, keys), Actor(role=role, name="eve"), keys.current_master_key()
    for act, attempt in (
        ("keys.rotate", lambda: desk.rotate(who)),
        ("keys.rewrap", lambda: desk.rewrap(who)),
        ("keys.retire", lambda: desk.retire(who, old)),
    ):
        with pytest.raises(RefusedError):
            attempt()
        assert catalogue.log[-1].reasons == ("not_permitted", act)
    assert keys.current_master_key() == old
