"""What `callwarden speech evaluate` counts: seconds of speech beeped, over the calls that would be released."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from callwarden.adapters.speech.evaluate import Beeped, GoldCall, NotReleased, evaluate, read_gold
from callwarden.errors import UsageError
from callwarden.model.ids import RecordingId
from callwarden.model.transcript import TimeRange, Transcript, TranscriptTurn, Word


class Recogniser:
    """Hears the same two words in every call."""

    def transcribe(
        self,
        file: BinaryIO,
        *,
        recording_id: RecordingId,
        roles: Sequence[str],
        language: str | None,
        pauses: Sequence[TimeRange] = (),
        hint: str | None = None,
    ) -> Transcript:
        words = tuple(
            Word(text=text, start_s=start, end_s=start + 1, probability=0.9, channel=1)
            for text, start in (("code", 0.0), ("13", 2.0))
        )
        return Transcript(
            recording_id=recording_id,
            language="fr",
            model="test",
            duration_s=10.0,
            turns=(TranscriptTurn(speaker="caller", words=words, start_s=0.0, end_s=3.0),),
            speech_without_words=(),
            pauses=(),
        )


def gold(directory: Path, name: str) -> None:
    """The caller speaks from 0 to 4 s; the code is said from 2 to 4 s."""
    truth = {
        "channels": ["agent", "caller"],
        "turns": [{"speaker": "caller", "written": "code 12", "start_s": 0.0, "end_s": 4.0}],
        "spans": [
            {"turn": 0, "form": "spoken", "start": 5, "end": 7, "type": "SECRET", "start_s": 2.0, "end_s": 4.0},
            {"turn": 0, "form": "written", "start": 5, "end": 7, "type": "SECRET", "start_s": 2.0, "end_s": 4.0},
        ],
    }
    (directory / f"{name}.json").write_text(json.dumps(truth), encoding="utf-8")
    (directory / f"{name}.wav").write_bytes(b"")


def test_shares_are_of_speech_time_in_released_calls_and_the_withheld_are_named(tmp_path: Path) -> None:
    gold(tmp_path, "released")
    gold(tmp_path, "withheld")

    def beep(call: GoldCall, transcript: Transcript) -> Beeped | NotReleased:
        if call.name == "withheld":
            return NotReleased(why="heard_again")
        return Beeped(windows=(TimeRange(start_s=1.5, end_s=3.0), TimeRange(start_s=5.0, end_s=9.0)), recovered=(2, 0))

    report = evaluate(read_gold(tmp_path), Recogniser(), language="fr", beep=beep)
    released, withheld = report.calls
    assert report.personal_beeped == pytest.approx(0.5)  # 1 of 2 s
    assert report.other_beeped == pytest.approx(0.25)  # half a second of 2 s; silence is no speech
    assert (released.recovered, withheld.withheld) == ((2, 0), "heard_again")
    assert report.errors("caller").rate == pytest.approx(1 / 3)  # "code 1 2", heard "code 1 3"


def test_without_beeping_only_words_are_counted(tmp_path: Path) -> None:
    gold(tmp_path, "one")
    report = evaluate(read_gold(tmp_path), Recogniser(), language="fr", beep=None)
    assert (report.personal_beeped, report.calls[0].personal_s) == (0.0, 0.0)


def test_a_folder_without_truth_and_a_truth_that_is_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no calls with their truth"):
        read_gold(tmp_path)
    gold(tmp_path, "odd")
    (tmp_path / "odd.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"odd\.json is not a call with its truth"):
        read_gold(tmp_path)
