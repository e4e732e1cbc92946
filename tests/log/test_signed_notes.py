"""C2SP signed-note and tlog-checkpoint, and the log's own seals, to the byte (L2)."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwarden.accesslog.key.signer import trust
from callwarden.accesslog.proof.checkpoint import (
    format_checkpoint,
    format_seal,
    open_checkpoint,
    open_seal,
    parse_checkpoint,
    parse_seal,
)
from callwarden.accesslog.proof.note import (
    NoteError,
    NoteFault,
    NoteSignature,
    format_key,
    format_note,
    open_note,
    parse_key,
    parse_note,
    sign_note,
)
from callwarden.accesslog.proof.tree import EMPTY_ROOT, cover, leaf_hash
from callwarden.accesslog.proof.values import Checkpoint, Hash, SegmentSeal
from tests.support.log_builder import ORIGIN, START, signer

# The specification's own example (c2sp.org/signed-note).
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
ROOT = leaf_hash(b"root")
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=ROOT, at=datetime(2026, 11, 20, 9, 31, 7, tzinfo=UTC))
SEAL = SegmentSeal(origin=ORIGIN, segment="2026-11", first=3, end=9, sealed_at=START, root=ROOT, hashes=(ROOT,) * 3)


def signed(text: str, by: int = 1) -> bytes:
    key = signer(by)
    return sign_note(text, key)


def fault_of(note: bytes, by: int = 1) -> NoteFault:
    with pytest.raises(NoteError) as caught:
        open_note(note, trusted=[signer(by).trusted])
    return caught.value.fault


def test_the_specification_s_example_opens() -> None:
    text, [key] = open_note(EXAMPLE_NOTE, trusted=[trust(parse_key(EXAMPLE_KEY))])
    assert (text, key.name, key.key_id.hex()) == (
        "This is an example message.\n",
        "example.com/foo",
        "530d903a",
    )
    assert format_key(parse_key(EXAMPLE_KEY)) == EXAMPLE_KEY


def test_a_changed_text_or_signature_does_not_open() -> None:
    example = [trust(parse_key(EXAMPLE_KEY))]
    for note in (EXAMPLE_NOTE.replace(b"an example", b"my example"), EXAMPLE_NOTE.replace(b"aQM=", b"aQI=")):
        with pytest.raises(NoteError) as caught:
            open_note(note, trusted=example)
        assert caught.value.fault is NoteFault.BAD_SIGNATURE


def test_a_note_of_another_key_says_whose_it_is() -> None:
    assert fault_of(signed("text\n", by=2)) is NoteFault.OTHER_KEY
    with pytest.raises(NoteError, match=signer(2).key.key_id.hex()):
        open_note(signed("text\n", by=2), trusted=[signer().trusted])


def test_other_signatures_on_a_note_are_passed_over_and_a_second_trusted_key_opens_it() -> None:
    first, second = signer(1), signer(2)
    text = "text\n"
    lines = tuple(
        NoteSignature(name=one.key.name, key_id=one.key.key_id, signature=one.sign(text.encode()))
        for one in (first, second)
    )
    both = format_note(text, lines)
    assert open_note(both, trusted=[second.trusted]) == (text, (second.key,))
    assert open_note(both, trusted=[signer(3).trusted, first.trusted]) == (text, (first.key,))
    assert fault_of(format_note(text, (lines[0], lines[0]))) is NoteFault.MALFORMED
    spoilt = replace(lines[1], signature=bytes(64))
    with pytest.raises(NoteError) as caught:
        open_note(format_note(text, (lines[0], spoilt)), trusted=[first.trusted, second.trusted])
    assert caught.value.fault is NoteFault.BAD_SIGNATURE


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        signed("text\n")[:-1],
        signed("text\n").replace("—".encode(), b"-"),
        signed("text\n") + b"x\n",
        signed("text\n").replace(b"text", b"te\x01xt"),
        signed("text\n").replace(b"text", b"te\xffxt"),
        signed("text\n")[:-3] + b"!=\n",
        b"text\n\n" + "— a/b AAAA\n".encode(),
        signed("text\n") + signed("text\n").split(b"\n\n")[1] * 100,
        b"x" * (1 << 20) + signed("text\n"),
    ],
)
def test_a_damaged_note_is_malformed_and_nothing_else(note: bytes) -> None:
    with pytest.raises(NoteError) as caught:
        parse_note(note)
    assert caught.value.fault is NoteFault.MALFORMED


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("example.com", "example.org"),
        EXAMPLE_KEY.replace("+Aek", "+Bek"),
        EXAMPLE_KEY[:-4],
        f"a b+00000000+{b64encode(bytes([1]) * 33).decode()}",
    ],
)
def test_a_key_that_disagrees_with_itself_is_refused(key: str) -> None:
    with pytest.raises(NoteError):
        parse_key(key)


def test_a_checkpoint_is_written_as_specified() -> None:
    assert format_checkpoint(CHECKPOINT) == (
        f"{ORIGIN}\n7\n{b64encode(ROOT).decode()}\ntime 2026-11-20T09:31:07.000000Z\n"
    )
    assert parse_checkpoint(format_checkpoint(CHECKPOINT)) == CHECKPOINT
    assert open_checkpoint(signed(format_checkpoint(CHECKPOINT)), trusted=[signer().trusted]) == CHECKPOINT


def test_a_checkpoint_without_time_or_with_other_extensions_is_read() -> None:
    text = format_checkpoint(replace(CHECKPOINT, at=None))
    assert parse_checkpoint(text + "something else\n") == replace(CHECKPOINT, at=None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n7\n",
        format_checkpoint(CHECKPOINT)[:-1],
        format_checkpoint(CHECKPOINT).replace("\n7\n", "\n07\n"),
        format_checkpoint(CHECKPOINT).replace("\n7\n", "\n-7\n"),
        format_checkpoint(CHECKPOINT).replace("\n7\n", "\n٧\n"),
        format_checkpoint(CHECKPOINT).replace("\n7\n", "\n0\n"),
        format_checkpoint(CHECKPOINT).replace(ORIGIN, ""),
        format_checkpoint(CHECKPOINT).replace("=\n", "\n"),
        format_checkpoint(replace(CHECKPOINT, root=Hash(b"short"))),
        format_checkpoint(CHECKPOINT).replace("11-20T", "11-31T"),
        format_checkpoint(CHECKPOINT) + "\nlast\n",
    ],
)
def test_a_damaged_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_the_empty_log_has_one_checkpoint() -> None:
    empty = Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)
    assert parse_checkpoint(format_checkpoint(empty)) == empty


def test_a_checkpoint_under_another_log_s_name_is_refused() -> None:
    with pytest.raises(NoteError, match="of the log"):
        open_checkpoint(
            signed(format_checkpoint(replace(CHECKPOINT, origin="other.example/log"))),
            trusted=[signer().trusted],
        )


def test_a_seal_survives_its_text_and_is_never_a_checkpoint() -> None:
    assert len(list(cover(SEAL.first, SEAL.end))) == 3
    assert parse_seal(format_seal(SEAL)) == SEAL
    assert open_seal(signed(format_seal(SEAL)), trusted=[signer().trusted]) == SEAL
    with pytest.raises(NoteError):
        parse_checkpoint(format_seal(SEAL))
    with pytest.raises(NoteError):
        parse_seal(format_checkpoint(CHECKPOINT))


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n3\n", "\n9\n"), ("\n9\n", "\n10\n"), ("2026-11", "2026-13"), ("\n0 3 ", "\n0 4 "), ("T", " ")],
)
def test_a_damaged_seal_is_refused(old: str, new: str) -> None:
    with pytest.raises(NoteError):
        parse_seal(format_seal(SEAL).replace(old, new))


def test_an_instant_without_a_zone_is_not_signed() -> None:
    with pytest.raises(ValueError, match="aware"):
        format_checkpoint(replace(CHECKPOINT, at=START.replace(tzinfo=None)))
