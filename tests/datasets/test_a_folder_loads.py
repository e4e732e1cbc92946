"""What an experiment exports is loaded by Hugging Face `datasets`, the real one, without a network (U5)."""

import os
import runpy
import wave
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from callwarden.datasets.applying import apply_revocations
from callwarden.datasets.card import CARD
from callwarden.datasets.items import CACHE
from callwarden.model.experiment import Carried
from tests.support import data_sets
from tests.support.experiments import ADA, NAME, approved, redact
from tests.support.workshop import Workshop

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "silences.py"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path / "home") as made:
        yield made


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_PROGRESS_BARS"):
            patch.setenv(name, "1")
        patch.setenv("HF_HOME", os.fspath(tmp_path_factory.mktemp("hf")))
        import datasets as real

        real.disable_progress_bars()
        yield real


def silence() -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return file.getvalue()


def test_the_folder_itself_loads(datasets: Any, tmp_path: Path) -> None:
    data_sets.write(tmp_path / "set", key=data_sets.signer(tmp_path))
    loaded = datasets.load_dataset(os.fspath(tmp_path / "set"), cache_dir=os.fspath(tmp_path / "cache"))["train"]
    assert len(loaded) == 5
    assert set(loaded.features) == {"item", "language", "text", "turns", "line", "period", "duration", "caller"}
    assert loaded[0]["turns"][1] == {"speaker": "caller", "start_s": 3.0, "end_s": 4.3, "text": "Je suis [PERSON]."}


def test_sound_is_found_where_a_line_says(datasets: Any, tmp_path: Path) -> None:
    folder, sound = tmp_path / "set", silence()
    data_sets.write(folder, key=data_sets.signer(tmp_path), sound=sound)
    loaded = datasets.load_dataset(os.fspath(folder), cache_dir=os.fspath(tmp_path / "cache"))["train"]
    whole = loaded.map(lambda row: {"audio": os.fspath(folder / row["file_name"])})
    heard = whole.cast_column("audio", datasets.Audio(decode=False))[2]["audio"]
    assert Path(heard["path"]).read_bytes() == sound


def test_sound_loads_as_a_column(datasets: Any, tmp_path: Path) -> None:
    pytest.importorskip("torchcodec", reason="datasets needs torchcodec for a column of sound")
    data_sets.write(tmp_path / "set", key=data_sets.signer(tmp_path), sound=silence())
    found = datasets.load_dataset("audiofolder", data_dir=os.fspath(tmp_path / "set"))["train"]
    assert found.cast_column("audio", datasets.Audio(decode=False))[0]["audio"]["path"].endswith(".wav")


def test_parquet_says_what_the_lines_say(datasets: Any, tmp_path: Path) -> None:
    folder, cache = tmp_path / "set", os.fspath(tmp_path / "cache")
    data_sets.write(folder, key=data_sets.signer(tmp_path), parquet=True)
    lines = datasets.load_dataset(os.fspath(folder), cache_dir=cache)["train"]
    table = datasets.load_dataset("parquet", data_files=os.fspath(folder / "items.parquet"), cache_dir=cache)["train"]
    assert table.to_list() == lines.to_list()


def test_the_card_says_what_is_in_it_and_what_is_not(tmp_path: Path) -> None:
    data_sets.write(tmp_path / "set", key=data_sets.signer(tmp_path))
    card = (tmp_path / "set" / CARD).read_text()
    for said in ("how long customers wait", "2026-09-01", "| items | 5 |", "| objected | 2 |", "| 7 | 5 |", "DPIA-7"):
        assert said in card
    assert "fewer than 2 callers; the smallest stands for 5" in card


def test_what_a_system_exports_loads_and_the_example_of_the_documentation_runs_on_it(
    datasets: Any, shop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """U5: real words of a real export, by the real library."""
    for number in range(3):
        redact(shop, shop.stored(f"c-{number}"), "Bonjour.", "Ma facture, dit [PERSON].", sound=silence())
    approved(shop, carries=frozenset(Carried), k=2)
    shop.system.experiment_build_desk.build(ADA, NAME)
    shop.system.experiment_export_desk.export(ADA, NAME, tmp_path / "set", parquet=True)
    loaded = datasets.load_dataset(os.fspath(tmp_path / "set"), split="train")
    table = datasets.load_dataset("parquet", data_files=os.fspath(tmp_path / "set" / "items.parquet"), split="train")
    assert table.to_list() == loaded.to_list()
    assert (len(loaded), loaded[0]["text"]) == (3, "Bonjour.\nMa facture, dit [PERSON].")
    runpy.run_path(os.fspath(EXAMPLE))["main"](os.fspath(tmp_path / "set"))
    *_, totals, topics = capsys.readouterr().out.splitlines()
    assert totals == "3 calls; agent 6.0 s, caller 6.0 s, silent 3.0 s"
    assert topics == "topics: bill 3"


def test_a_copy_that_datasets_made_within_the_folder_goes_with_what_is_revoked(datasets: Any, tmp_path: Path) -> None:
    key, folder = data_sets.signer(tmp_path), tmp_path / "set"
    data_sets.write(folder, key=key)

    def loaded() -> list[str]:
        return list(datasets.load_dataset(os.fspath(folder), split="train", cache_dir=f"{folder}/{CACHE}")["item"])

    assert data_sets.item(1).item in loaded()
    revocations = data_sets.write_list(tmp_path / "list", [1], key=key)
    apply_revocations(folder, revocations, trust=data_sets.trusted, at="2026-05-05T08:00:00+00:00")
    assert not (folder / CACHE).exists()
    assert data_sets.item(1).item not in loaded()


def test_two_exports_of_one_folder_name_are_not_taken_for_one_another(datasets: Any, tmp_path: Path) -> None:
    key, loaded = data_sets.signer(tmp_path), list[int]()
    for export, count in (("export-a", 5), ("export-b", 4)):
        folder = tmp_path / export / "set"
        folder.parent.mkdir()
        data_sets.write(folder, key=key, count=count, export=export)
        found = datasets.load_dataset(os.fspath(folder), split="train", cache_dir=os.fspath(tmp_path / "cache"))
        loaded.append(len(found))
    assert loaded == [5, 4]
