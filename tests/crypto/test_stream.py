"""Object encryption: any part of a recording can be read, and nothing that was changed ever is (K4, L2)."""

import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callwarden.adapters.crypto.cipher import AesGcmStreamCipher
from callwarden.adapters.crypto.layout import HEADER_BYTES, TAG_BYTES
from callwarden.adapters.crypto.seal import open_sealed, seal
from callwarden.adapters.crypto.stream import (
    EncryptingReader,
    RangeDecryptor,
    ciphertext_length,
    encrypt_stream,
    plaintext_length,
)
from callwarden.model.ids import RecordingId
from callwarden.model.recording import ArtefactKind
from callwarden.ports.cipher import Binding, DecryptionError

SEGMENT = 128
FIRST = SEGMENT - HEADER_BYTES - TAG_BYTES
NEXT = SEGMENT - TAG_BYTES
KEY = bytes(range(32))
AAD = b"rec-1/original-audio/1"


def encrypt(plaintext: bytes, *, associated_data: bytes = AAD, key: bytes = KEY) -> bytes:
    stream = encrypt_stream(io.BytesIO(plaintext), data_key=key, associated_data=associated_data, segment_size=SEGMENT)
    return b"".join(stream)


class CountingStore:
    """An object in memory that remembers which of its bytes were asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[tuple[int, int]] = []

    def read(self, start: int, length: int) -> bytes:
        self.asked.append((start, length))
        return self.content[start : start + length]


def decryptor(ciphertext: bytes, *, length: int | None = None, key: bytes = KEY) -> RangeDecryptor:
    return RangeDecryptor(
        CountingStore(ciphertext).read,
        len(ciphertext) if length is None else length,
        data_key=key,
        associated_data=AAD,
        segment_size=SEGMENT,
    )


def decrypt(ciphertext: bytes, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(decryptor(ciphertext).read(start, length))


lengths = st.one_of(
    st.integers(0, 700),
    st.sampled_from([0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT - 1, FIRST + NEXT, FIRST + NEXT + 1]),
)


@given(size=lengths, start=st.integers(0, 800), length=st.one_of(st.none(), st.integers(0, 800)))
def test_any_range_of_any_recording_equals_the_slice(size: int, start: int, length: int | None) -> None:
    plaintext = os.urandom(size)
    expected = plaintext[start:] if length is None else plaintext[start : start + length]
    assert decrypt(encrypt(plaintext), start, length) == expected


@given(size=st.one_of(lengths, st.integers(0, 1 << 40)))
def test_lengths_are_known_before_encrypting_and_come_back(size: int) -> None:
    stored = ciphertext_length(size, segment_size=SEGMENT)
    assert plaintext_length(stored, segment_size=SEGMENT) == size
    if size <= 700:
        assert stored == len(encrypt(bytes(size)))


@given(size=lengths, data=st.data())
def test_any_flipped_bit_is_detected(size: int, data: st.DataObject) -> None:
    ciphertext = bytearray(encrypt(os.urandom(size)))
    position = data.draw(st.integers(0, len(ciphertext) - 1))
    ciphertext[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DecryptionError):
        decrypt(bytes(ciphertext))


@given(size=lengths, data=st.data())
def test_a_stream_cut_anywhere_is_detected_even_when_the_store_reports_the_shorter_length(
    size: int, data: st.DataObject
) -> None:
    ciphertext = encrypt(os.urandom(size))
    cut = ciphertext[: data.draw(st.integers(0, len(ciphertext) - 1))]
    with pytest.raises(DecryptionError):
        decrypt(cut)


def test_a_stream_cut_at_a_segment_boundary_is_detected_at_its_end() -> None:
    ciphertext = encrypt(os.urandom(FIRST + 3 * NEXT))
    for segments in (1, 2, 3):
        cut = ciphertext[: segments * SEGMENT]
        with pytest.raises(DecryptionError, match="does not authenticate"):
            decrypt(cut)
        with pytest.raises(DecryptionError, match="does not authenticate"):
            decryptor(cut).verify_end()


def test_a_cut_stream_is_refused_by_every_read_when_the_length_comes_from_the_catalogue() -> None:
    ciphertext = encrypt(os.urandom(FIRST + 3 * NEXT))
    reader = decryptor(ciphertext[: 2 * SEGMENT], length=len(ciphertext))
    with pytest.raises(DecryptionError, match="cut"):
        b"".join(reader.read(FIRST + 2 * NEXT, 1))


@given(size=st.integers(FIRST + 2 * NEXT + 1, 700), data=st.data())
def test_swapped_or_repeated_segments_are_detected(size: int, data: st.DataObject) -> None:
    ciphertext = encrypt(os.urandom(size))
    pieces = [ciphertext[at : at + SEGMENT] for at in range(0, len(ciphertext), SEGMENT)]
    source, target = data.draw(
        st.tuples(st.integers(0, len(pieces) - 1), st.integers(0, len(pieces) - 1)).filter(
            lambda pair: pair[0] != pair[1] and len(pieces[pair[0]]) == len(pieces[pair[1]])
        )
    )
    pieces[target] = pieces[source]
    with pytest.raises(DecryptionError):
        decrypt(b"".join(pieces))


def test_an_object_of_another_recording_kind_or_generation_does_not_decrypt() -> None:
    own = Binding(recording_id=RecordingId("rec-a"), kind=ArtefactKind.ORIGINAL_AUDIO, generation=1)
    others = [
        Binding(recording_id=RecordingId("rec-b"), kind=own.kind, generation=1),
        Binding(recording_id=own.recording_id, kind=ArtefactKind.BEEPED_AUDIO, generation=1),
        Binding(recording_id=own.recording_id, kind=own.kind, generation=2),
    ]
    cipher = AesGcmStreamCipher()
    stored = cipher.encrypting(io.BytesIO(b"alarm code"), data_key=KEY, binding=own).read()
    assert len(stored) == cipher.stored_size(10)

    def read_as(binding: Binding) -> bytes:
        pieces = cipher.decrypt(CountingStore(stored).read, stored_size=len(stored), data_key=KEY, binding=binding)
        return b"".join(pieces)

    assert read_as(own) == b"alarm code"
    for other in others:
        with pytest.raises(DecryptionError):
            read_as(other)


def test_without_its_data_key_an_object_is_worth_nothing() -> None:
    with pytest.raises(DecryptionError):
        b"".join(decryptor(encrypt(b"secret"), key=bytes(32)).read())


def test_the_first_altered_segment_stops_the_reading_and_nothing_of_it_is_released() -> None:
    plaintext = os.urandom(FIRST + 2 * NEXT)
    ciphertext = bytearray(encrypt(plaintext))
    ciphertext[SEGMENT + 5] ^= 1
    pieces = decryptor(bytes(ciphertext)).read()
    assert next(pieces) == plaintext[:FIRST]
    with pytest.raises(DecryptionError):
        next(pieces)


def test_a_read_in_the_middle_fetches_the_header_and_its_own_segment_only() -> None:
    plaintext = os.urandom(FIRST + 50 * NEXT)
    store = CountingStore(encrypt(plaintext))
    reader = RangeDecryptor(store.read, len(store.content), data_key=KEY, associated_data=AAD, segment_size=SEGMENT)
    middle = FIRST + 20 * NEXT
    assert b"".join(reader.read(middle, 10)) == plaintext[middle : middle + 10]
    assert sorted(store.asked) == [(0, HEADER_BYTES), (21 * SEGMENT, SEGMENT)]
    store.asked.clear()
    assert b"".join(reader.read(middle, NEXT + 1)) == plaintext[middle : middle + NEXT + 1]
    assert store.asked == [(21 * SEGMENT, SEGMENT), (22 * SEGMENT, SEGMENT)], "the header is kept"


def test_a_long_read_asks_in_few_large_pieces_and_for_no_byte_twice() -> None:
    plaintext = os.urandom(FIRST + 200 * NEXT)
    store = CountingStore(encrypt(plaintext))
    reader = RangeDecryptor(store.read, len(store.content), data_key=KEY, associated_data=AAD, segment_size=SEGMENT)
    assert b"".join(reader.read()) == plaintext
    assert len(store.asked) < 32
    assert sum(length for _, length in store.asked) == len(store.content)


@given(size=lengths, reads=st.lists(st.integers(1, 300), max_size=30))
def test_the_upload_file_gives_the_same_object_whatever_the_read_sizes(size: int, reads: list[int]) -> None:
    plaintext = os.urandom(size)
    reader = EncryptingReader(DribblingSource(plaintext), data_key=KEY, associated_data=AAD, segment_size=SEGMENT)
    pieces = [reader.read(count) for count in reads]
    stored = b"".join(pieces) + reader.read()
    assert all(len(piece) in (count, 0) or not reader.read(1) for piece, count in zip(pieces, reads, strict=True))
    assert decrypt(stored) == plaintext


class DribblingSource:
    """A source that, like a socket, gives fewer bytes than asked for."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    def read(self, size: int = -1, /) -> bytes:
        return self._inner.read(min(size, 7) if size >= 0 else -1)


def test_encrypting_twice_gives_two_objects_with_nothing_in_common() -> None:
    first, second = encrypt(bytes(FIRST)), encrypt(bytes(FIRST))
    assert first[1:HEADER_BYTES] != second[1:HEADER_BYTES]
    assert first[HEADER_BYTES:] != second[HEADER_BYTES:]


@settings(max_examples=50)
@given(plaintext=st.binary(max_size=200), data=st.data())
def test_a_sealed_value_opens_for_its_purpose_only_and_shows_any_change(plaintext: bytes, data: st.DataObject) -> None:
    sealed = seal(KEY, plaintext, b"event")
    assert open_sealed(KEY, sealed, b"event") == plaintext
    position = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytes(byte ^ (index == position) for index, byte in enumerate(sealed))
    for wrong, purpose in ((changed, b"event"), (sealed, b"dead-letter"), (sealed[:position], b"event")):
        with pytest.raises(DecryptionError):
            open_sealed(KEY, wrong, purpose)
