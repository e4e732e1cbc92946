"""Transcribing stereo calls against `WhisperModel.transcribe` with its defaults: the same files and model, in turns."""

import statistics
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faster_whisper import WhisperModel  # type: ignore[import-untyped]  # carries no types

from callwarden.adapters.speech.evaluate import GoldCall, comparable, read_gold
from callwarden.adapters.speech.models import locate
from callwarden.adapters.speech.whisper import WhisperRecogniser
from callwarden.model.audio import AudioCaps
from callwarden.model.ids import RecordingId
from callwarden.rules.word_errors import WordErrors, word_errors

SAMPLES = Path(__file__).parents[1] / "support" / "samples"
CAPS = AudioCaps(max_bytes=500_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
RUNS = 3


def _said(call: GoldCall) -> list[str]:
    """All channels one after the other: both sides are compared so, in no speaker's favour."""
    return comparable(" ".join(call.said), "fr")


def _ours(recogniser: WhisperRecogniser, calls: list[GoldCall]) -> tuple[float, WordErrors]:
    def one(call: GoldCall) -> str:
        with call.audio.open("rb") as file:
            heard = recogniser.transcribe(file, recording_id=RecordingId(call.name), roles=call.roles, language="fr")
        return " ".join(turn.text for role in call.roles for turn in heard.turns if turn.speaker == role)

    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(one, calls))
    return time.perf_counter() - began, _errors(calls, texts, [_said(call) for call in calls])


def _baseline(model: WhisperModel, calls: list[GoldCall]) -> tuple[float, WordErrors]:
    began = time.perf_counter()
    texts = []
    for call in calls:
        segments, _ = model.transcribe(str(call.audio))
        texts.append(" ".join(segment.text for segment in segments))
    seconds = time.perf_counter() - began
    # Its one text is in the order spoken: it is held against the truth in that order.
    return seconds, _errors(calls, texts, [comparable(call.in_order, "fr") for call in calls])


def _errors(calls: list[GoldCall], texts: list[str], said: list[list[str]]) -> WordErrors:
    total = WordErrors(errors=0, words=0)
    for text, words in zip(texts, said, strict=True):
        total += word_errors(words, comparable(text, "fr"))
    return total


def run(directory: Path = SAMPLES, models: Path = Path("var/models")) -> dict[str, dict[str, float | int]]:
    """Seconds for all calls of `directory`; `ratio` says how many times faster ours is. Word error rates beside it."""
    calls = [call for call in read_gold(directory) if call.audio.suffix == ".wav"]
    model = locate("base", directory=models)
    recogniser = WhisperRecogniser(model, caps=CAPS)
    with warnings.catch_warnings():
        # It says that the weights become float32 on this processor: that is the default being measured.
        warnings.simplefilter("ignore")
        baseline = WhisperModel(str(model.path))
    ours, theirs = [], []
    our_errors = their_errors = WordErrors(errors=0, words=0)
    try:
        for _ in range(RUNS):
            seconds, their_errors = _baseline(baseline, calls)
            theirs.append(seconds)
            seconds, our_errors = _ours(recogniser, calls)
            ours.append(seconds)
    finally:
        recogniser.close()
    ratios = sorted(their / our for their, our in zip(theirs, ours, strict=True))
    return {
        "speech": {
            "ours": statistics.median(ours),
            "baseline": statistics.median(theirs),
            "ratio": statistics.median(ratios),
            "runs": RUNS,
            "spread": ratios[-1] - ratios[0],
        },
        # How many times fewer words ours gets wrong.
        "speech_word_errors": {
            "ours": our_errors.rate,
            "baseline": their_errors.rate,
            "ratio": their_errors.rate / our_errors.rate if our_errors.rate else 1.0,
            "runs": 1,
            "spread": 0.0,
        },
    }


if __name__ == "__main__":
    import sys

    for name, figures in run(*map(Path, sys.argv[1:])).items():
        print(name, figures)
