"""The log's private key: a file only its owner reads, made once (L2)."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from callwarden.accesslog.key.signer import open_signer, read_trusted
from callwarden.accesslog.proof.note import open_note, sign_note
from callwarden.errors import ConfigurationError

NAME = "log.example/callwarden"


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.pem"
    first, second = open_signer(path, NAME), open_signer(path, NAME)
    assert first.key == second.key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["log.pem"]


def test_what_is_signed_opens_under_the_exported_public_key(tmp_path: Path) -> None:
    signer = open_signer(tmp_path / "log.pem", NAME)
    note = sign_note("text\n", signer)
    trusted = read_trusted(["# the log's key", "", signer.public_text() + "\n"])
    assert open_note(note, trusted=trusted) == ("text\n", (signer.key,))


def test_two_processes_that_make_the_key_at_once_agree_on_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from callwarden.accesslog.key.signer import open_signer;"
        f"print(open_signer(Path(sys.argv[1]), {NAME!r}).public_text())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "log.pem")], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    said = {process.communicate()[0] for process in started}
    assert len(said) == 1
    assert said != {b""}


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    open_signer(path, NAME)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        open_signer(path, NAME)


def test_a_file_that_is_no_key_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    path.touch(mode=0o600)
    path.write_text("not a key")
    with pytest.raises(ConfigurationError, match="PEM"):
        open_signer(path, NAME)
    assert path.read_text() == "not a key"


def test_a_key_file_in_an_impossible_place_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be read or made"):
        open_signer(tmp_path / "file" / "log.pem", NAME)


@pytest.mark.parametrize("lines", [[], ["# only a remark"], ["name+00000000+AAAA"]])
def test_a_public_key_file_without_a_sound_key_is_refused(lines: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="public key"):
        read_trusted(lines)
