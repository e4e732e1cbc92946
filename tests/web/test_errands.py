"""Long work for one person: theirs alone, for an hour, and nothing of it left by a process that was killed."""

import io
import tempfile
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Role
from callwarden.workers.web.errands import MOST, Errand, Errands, Stage, archive

BRUNO = Actor(role=Role.LEGAL, name="bruno")
BRIGITTE = Actor(role=Role.LEGAL, name="brigitte")
NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


@given(st.lists(st.binary(max_size=4000), max_size=9))
def test_an_archive_holds_every_byte_of_every_file_under_its_name(files: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, written = Path(place), dict[str, bytes]()
        for number, content in enumerate(files):
            name = f"{number % 3}/{number}.bin"
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
            written[f"RG 21/{name}"] = content
        packed = b"".join(archive(folder, "RG 21"))
    with zipfile.ZipFile(io.BytesIO(packed)) as read:
        assert {name: read.read(name) for name in read.namelist()} == written


def test_a_large_file_is_sent_piece_by_piece(tmp_path: Path) -> None:
    (tmp_path / "sound.wav").write_bytes(bytes(5 << 20))
    assert max(map(len, archive(tmp_path, "pack"))) <= (1 << 20) + 1000


def test_what_is_made_is_its_owner_s_alone_and_gone_once_it_is_forgotten(tmp_path: Path) -> None:
    ended = threading.Event()

    def work(errand: Errand) -> dict[str, object]:
        errand.folder.mkdir()
        (errand.folder / "manifest.json").write_text("{}")
        errand.told(1)
        ended.set()
        return {"files": 1}

    with Errands(tmp_path) as errands:
        errand = errands.prepare(BRUNO, "pack", "DOSSIER", now=NOW, total=1)
        errands.start(errand, work)
        assert ended.wait(20)
        for who, about in ((BRIGITTE, "DOSSIER"), (BRUNO, "ANOTHER")):
            with pytest.raises(RefusedError, match="nothing of yours"):
                errands.of(who, errand.errand_id, about=about)
        assert errands.of(BRUNO, errand.errand_id, about="DOSSIER") is errand
        assert (errands.theirs(BRUNO), errands.theirs(BRIGITTE)) == ([errand], [])
        assert errand.folder.parent.stat().st_mode & 0o777 == 0o700
        errands.forget(errand)
        assert not errand.folder.exists()
        assert errands.theirs(BRUNO) == []


def test_a_failure_is_told_and_a_process_takes_only_so_many(tmp_path: Path) -> None:
    with Errands(tmp_path) as errands:
        done = threading.Event()

        def fails(_: Errand) -> dict[str, object]:
            try:
                raise RefusedError(("not_permitted",))
            finally:
                done.set()

        errand = errands.prepare(BRUNO, "pack", "DOSSIER", now=NOW)
        errands.start(errand, fails)
        assert done.wait(20)
        while errand.stage is Stage.RUNNING:
            done.wait(0.01)
        assert errand.stage is Stage.FAILED
        assert isinstance(errand.error, RefusedError)
        for _ in range(MOST - 1):
            errands.prepare(BRUNO, "pack", "DOSSIER", now=NOW)
        with pytest.raises(RefusedError) as refused:
            errands.prepare(BRUNO, "pack", "DOSSIER", now=NOW)
        assert refused.value.reasons == ("busy",)


def test_what_a_killed_process_left_goes_with_the_next_and_a_living_one_s_stays(tmp_path: Path) -> None:
    left = tmp_path / "callwarden-errands-killed"
    (left / "errand" / "pack").mkdir(parents=True)
    (left / "errand" / "pack" / "original.wav").write_bytes(b"a voice")
    with Errands(tmp_path) as living:
        kept = living.prepare(BRUNO, "pack", "DOSSIER", now=NOW)
        assert not left.exists()
        with Errands(tmp_path) as other:
            other.prepare(BRUNO, "pack", "DOSSIER", now=NOW)
            assert kept.folder.parent.exists()
    assert list(tmp_path.iterdir()) == []
