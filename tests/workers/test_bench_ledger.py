"""`make bench` loses no figure it has, and names what cannot run (a fresh clone has no speech model)."""

import json
from pathlib import Path

import pytest

from tests.bench import speech_bench
from tests.bench.__main__ import Figures, Ledger

FIGURE = {"ours": 2.0, "baseline": 1.0, "ratio": 2.0, "runs": 3}


def test_what_was_measured_is_in_the_file_when_a_later_measurement_cannot_run(tmp_path: Path) -> None:
    ledger = Ledger(path=tmp_path / "bench.json")
    assert ledger.measure("one", lambda: {"one": FIGURE}) == {"one": FIGURE}
    assert json.loads(ledger.path.read_text()) == {"one": FIGURE}
    assert ledger.measure("speech", lambda: speech_bench.run(models=tmp_path)) == {}
    assert "callwarden models fetch base" in ledger.cannot_run["speech"]
    ledger.measure("two", lambda: {"two": FIGURE})
    assert json.loads(ledger.path.read_text()) == {"one": FIGURE, "two": FIGURE}
    assert ledger.succeeded()


def test_a_server_that_is_not_here_is_named(tmp_path: Path) -> None:
    def needs_kafka() -> Figures:
        pytest.skip("tier kafka unavailable: no Java")

    ledger = Ledger(path=tmp_path / "bench.json")
    ledger.measure("ingest", needs_kafka)
    assert ledger.cannot_run == {"ingest": "tier kafka unavailable: no Java"}


def test_a_measurement_that_breaks_is_shown_and_fails_the_run_and_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = Ledger(path=tmp_path / "bench.json")
    ledger.measure("broken", lambda: {"broken": {"ratio": 1 / 0}})
    ledger.measure("one", lambda: {"one": FIGURE})
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert (ledger.broken, list(ledger.figures), ledger.succeeded()) == (["broken"], ["one"], False)


def test_a_figure_that_misses_its_target_fails_the_run(tmp_path: Path) -> None:
    ledger = Ledger(path=tmp_path / "bench.json")
    ledger.measure("beep", lambda: {"beep": FIGURE})  # eight times is promised
    assert not ledger.succeeded()
