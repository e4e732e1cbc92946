"""Tink, the format's author, reads what we write, and we read what Tink writes."""

import io
import os

import pytest
import tink  # type: ignore[import-untyped]  # ships no types
from tink import secret_key_access, streaming_aead
from tink.proto import (  # type: ignore[import-untyped]  # ships no types
    aes_gcm_hkdf_streaming_pb2,
    common_pb2,
    tink_pb2,
)

from callwarden.adapters.crypto.layout import DEFAULT_SEGMENT_SIZE, HEADER_BYTES, TAG_BYTES
from callwarden.adapters.crypto.stream import EncryptingReader, RangeDecryptor

KEY = os.urandom(32)
AAD = b"rec-1\x00original-audio"
SMALL = 512


def tink_with_our_key(segment_size: int) -> streaming_aead.StreamingAead:
    """Tink's primitive for the same key: a keyset of one raw AES256-GCM-HKDF-SHA256 key."""
    streaming_aead.register()
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        version=0,
        key_value=KEY,
        params=aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=segment_size, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
        ),
    )
    keyset = tink_pb2.Keyset(
        primary_key_id=1,
        key=[
            tink_pb2.Keyset.Key(
                key_id=1,
                status=tink_pb2.ENABLED,
                output_prefix_type=tink_pb2.RAW,
                key_data=tink_pb2.KeyData(
                    type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
                    value=key.SerializeToString(),
                    key_material_type=tink_pb2.KeyData.SYMMETRIC,
                ),
            )
        ],
    )
    handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


def boundaries(segment_size: int) -> list[int]:
    first, following = segment_size - HEADER_BYTES - TAG_BYTES, segment_size - TAG_BYTES
    edges = [first, first + following, first + 2 * following]
    return [0, 1, *(edge + step for edge in edges for step in (-1, 0, 1))]


class KeptOpen(io.BytesIO):
    """Tink closes what it writes to; the bytes are wanted afterwards."""

    def close(self) -> None:
        self.flush()


CASES = [(SMALL, size) for size in boundaries(SMALL)] + [
    (DEFAULT_SEGMENT_SIZE, size) for size in (0, 500_000, *boundaries(DEFAULT_SEGMENT_SIZE)[-3:])
]


@pytest.mark.parametrize(("segment_size", "size"), CASES)
def test_tink_decrypts_what_we_write(segment_size: int, size: int) -> None:
    plaintext = os.urandom(size)
    stored = EncryptingReader(
        io.BytesIO(plaintext), data_key=KEY, associated_data=AAD, segment_size=segment_size
    ).read()
    with tink_with_our_key(segment_size).new_decrypting_stream(io.BytesIO(stored), AAD) as stream:
        assert stream.read() == plaintext


@pytest.mark.parametrize(("segment_size", "size"), CASES)
def test_we_decrypt_what_tink_writes(segment_size: int, size: int) -> None:
    plaintext = os.urandom(size)
    stored = KeptOpen()
    with tink_with_our_key(segment_size).new_encrypting_stream(stored, AAD) as stream:
        stream.write(plaintext)
    content = stored.getvalue()
    reader = RangeDecryptor(
        lambda start, length: content[start : start + length],
        len(content),
        data_key=KEY,
        associated_data=AAD,
        segment_size=segment_size,
    )
    assert reader.plaintext_length == size
    assert b"".join(reader.read()) == plaintext
