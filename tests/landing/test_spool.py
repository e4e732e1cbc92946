"""Nothing outside the spool folder is ever reached through it, and nothing in it can make us wait."""

import io
import os
import tempfile
from pathlib import Path

import pytest

from callwarden.adapters.landing.received import IN_MEMORY_BYTES, receive
from callwarden.adapters.landing.spool import SpoolFolder
from callwarden.ports.landing import LandingMissingError, LandingOversizedError, LandingRefusedError
from callwarden.rules.landing_uri import LandingUri


def at(name: str) -> LandingUri:
    return LandingUri(scheme="spool", bucket="", name=name)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "passwords").write_bytes(b"secret")
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


def refused(root: Path, name: str) -> None:
    spool = SpoolFolder(root)
    with pytest.raises(LandingRefusedError):
        spool.fetch(at(name), max_bytes=1000)
    with pytest.raises(LandingRefusedError):
        spool.delete(at(name))


def test_a_link_to_a_file_is_not_followed_wherever_it_leads(root: Path) -> None:
    (root / "out.wav").symlink_to(root.parent / "secret" / "passwords")
    (root / "real.wav").write_bytes(b"voice")
    (root / "in.wav").symlink_to(root / "real.wav")
    (root / "nowhere.wav").symlink_to(root / "missing")
    for name in ("out.wav", "in.wav", "nowhere.wav"):
        refused(root, name)
        assert not SpoolFolder(root).exists(at(name))
    assert (root.parent / "secret" / "passwords").exists()


def test_a_link_to_a_folder_is_not_walked_through(root: Path) -> None:
    (root / "out").symlink_to(root.parent / "secret")
    (root / "deep").mkdir()
    (root / "deep" / "up").symlink_to("..")
    (root / "real.wav").write_bytes(b"voice")
    refused(root, "out/passwords")
    refused(root, "deep/up/real.wav")
    with pytest.raises(LandingRefusedError):
        SpoolFolder(root).exists(at("out/passwords"))
    assert (root.parent / "secret" / "passwords").exists()


def test_a_file_in_the_place_of_a_folder_is_refused(root: Path) -> None:
    (root / "a.wav").write_bytes(b"voice")
    refused(root, "a.wav/b.wav")


def test_a_pipe_or_a_folder_is_refused_without_waiting_for_it(root: Path) -> None:
    os.mkfifo(root / "pipe.wav")
    (root / "folder.wav").mkdir()
    for name in ("pipe.wav", "folder.wav"):
        refused(root, name)
        assert not SpoolFolder(root).exists(at(name))
    assert (root / "folder.wav").is_dir()


def test_the_spool_folder_itself_may_be_reached_through_a_link_the_operator_made(root: Path, tmp_path: Path) -> None:
    (root / "a.wav").write_bytes(b"voice")
    (tmp_path / "link").symlink_to(root)
    with SpoolFolder(tmp_path / "link").fetch(at("a.wav"), max_bytes=1000) as audio:
        assert audio.read() == b"voice"


def test_a_file_removed_between_two_looks_is_missing(root: Path) -> None:
    (root / "niort").mkdir()
    with pytest.raises(LandingMissingError):
        SpoolFolder(root).fetch(at("niort/a.wav"), max_bytes=1000)


class Growing(io.RawIOBase):
    """A source that goes on for ever, and counts what was taken."""

    taken = 0

    def read(self, size: int = -1, /) -> bytes:
        self.taken += size
        return bytes(size)


def test_a_source_that_lies_about_its_size_is_cut_one_byte_after_the_limit() -> None:
    source = Growing()
    with pytest.raises(LandingOversizedError):
        receive(source, announced=10, max_bytes=3_000_000)
    assert source.taken == 3_000_001


def test_an_announced_size_over_the_limit_is_refused_before_a_byte_is_read() -> None:
    source = Growing()
    with pytest.raises(LandingOversizedError):
        receive(source, announced=11, max_bytes=10)
    assert source.taken == 0


def test_large_audio_waits_in_a_file_that_has_no_name(tmp_path: Path) -> None:
    size = IN_MEMORY_BYTES + 1
    previous = tempfile.tempdir
    tempfile.tempdir = str(tmp_path)
    try:
        with receive(io.BytesIO(bytes(size)), announced=size, max_bytes=size) as audio:
            assert os.fstat(audio.fileno()).st_size == size
            assert list(tmp_path.iterdir()) == []
    finally:
        tempfile.tempdir = previous
