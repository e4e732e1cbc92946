"""Memory and time of the speech steps with the real model, in processes of their own: a hundred calls one after the
other, and forty minutes of hold music.

`python -m tests.bench.speech_memory_bench calls [CALLS]` prints what the process held after every tenth call.
"""

import gc
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from callwarden.model.transcript import Transcript

MODULE = "tests.bench.speech_memory_bench"
CALLS = 100
SETTLED = 20
"""Calls after which everything is loaded and every pool has its size: growth is counted from there."""
EVERY = 10
PIECE_S = 12
"""Of each sample call: what could leak leaks by the call, not by the second."""
MUSIC_S = 40 * 60
MODELS = Path("var/models")


def run(models: Path = MODELS) -> dict[str, dict[str, float | int]]:
    """Megabytes and seconds. Of a hundred calls: `baseline` was held after the twentieth, `ours` is what was added to
    it until the last. Of hold music: `baseline` is a call of one minute, `ours` one of forty."""
    held = _lines("calls", str(CALLS), str(models))
    settled = next(mb for number, mb in held if number >= SETTLED)
    # The median of the last three: one reading may fall into a moment when a block is still held.
    last = sorted(mb for _, mb in held[-3:])[1]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", MODULE, "write", folder], check=True)
        (short_s, short_mb), (long_s, long_mb) = _lines("music", folder, str(models))
    return {
        "speech_100_calls_growth_mb": _figures(round(last - settled, 1), settled, round(last / settled, 3)),
        "speech_40min_hold_music_s": _figures(round(long_s, 2), round(short_s, 2), round(long_s / short_s, 2)),
        "speech_40min_hold_music_peak_mb": _figures(long_mb, short_mb, round(long_mb / short_mb, 3)),
    }


def _figures(ours: float, baseline: float, ratio: float) -> dict[str, float | int]:
    return {"ours": ours, "baseline": baseline, "ratio": ratio, "runs": 1, "spread": 0}


def _lines(*arguments: str) -> list[tuple[float, float]]:
    done = subprocess.run([sys.executable, "-m", MODULE, *arguments], capture_output=True, text=True, check=True)
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def _held_mb(what: str = "VmRSS") -> float:
    """What this process holds now, or with "VmHWM" the most it ever did."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith(f"{what}:"))
    return round(int(kilobytes) / 1024, 1)


def _pieces() -> list[tuple[str, bytes]]:
    """Calls of `PIECE_S` in several codecs, by suffix."""
    from tests.support.audio_files import SAMPLES, decoded, encoded

    frames = PIECE_S * 8000
    pieces = [(".gsm", (SAMPLES / "10_mono.gsm").read_bytes()[: PIECE_S * 50 * 33])]
    for name, suffix, container, codec in (
        ("01.wav", ".wav", "wav", "pcm_alaw"),
        ("02.wav", ".flac", "flac", "flac"),
        ("11.wav", ".ogg", "ogg", "libopus"),
    ):
        pieces.append((suffix, encoded(decoded(name)[:, :frames], container=container, codec=codec)))
    return pieces


def _words(number: int) -> Iterator[str]:
    """Two hundred words that no other call has: a vocabulary that is kept would show."""
    for place in range(200):
        yield f"m{number:x}o{place:x}t"


def _write_music(folder: Path) -> None:
    import numpy as np

    from tests.speech.hold_music import hold_music
    from tests.support.audio_files import encoded

    for name, seconds in (("short.flac", 60), ("long.flac", MUSIC_S)):
        music = hold_music(seconds)
        both = np.stack([music, np.zeros_like(music)])
        (folder / name).write_bytes(encoded(both, container="flac", codec="flac"))


def _measure_music(folder: Path, models: Path) -> None:
    """Seconds and the most memory held so far, first for a minute of it."""
    one = _transcribing(models)
    for name in ("short.flac", "long.flac"):
        with (folder / name).open("rb") as file:
            began = time.perf_counter()
            heard = one(file, ".flac", name)
        assert heard.turns == (), "words were made up"
        print(json.dumps([time.perf_counter() - began, _held_mb("VmHWM")]), flush=True)


def _transcribing(models: Path) -> Callable[[BinaryIO, str, str], "Transcript"]:
    from callwarden.adapters.speech.models import locate
    from callwarden.adapters.speech.whisper import WhisperRecogniser
    from callwarden.model.audio import AudioCaps
    from callwarden.model.ids import RecordingId

    caps = AudioCaps(max_bytes=500_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
    recogniser = WhisperRecogniser(locate("base", directory=models), caps=caps)

    def transcribe(file: BinaryIO, suffix: str, name: str) -> "Transcript":
        return recogniser.transcribe(
            file, recording_id=RecordingId(name), roles=("agent", "caller"), language="fr", hint=suffix
        )

    return transcribe


def _one_call(models: Path) -> Callable[[int], None]:
    """Everything the two speech steps do to a call, between its audio and what is stored of it."""
    from callwarden.adapters.audio.beeper import PyAvBeeper
    from callwarden.adapters.speech.codec import JsonTranscriptCodec
    from callwarden.model.audio import AudioCaps, BeepSound, PlayerFormat
    from callwarden.model.redaction import KnownFacts, Turn
    from callwarden.redaction import build_finder
    from callwarden.redaction.policy_file import load_redaction_policy
    from callwarden.steps.redact.make import MadeRedaction, RedactionMaker
    from callwarden.wiring import shipped_config

    caps = AudioCaps(max_bytes=500_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
    policy = load_redaction_policy(shipped_config() / "redaction.yaml")
    transcribe = _transcribing(models)
    finder = build_finder(policy)
    maker = RedactionMaker(
        policy=policy,
        version="bench",
        finder=finder,
        beeper=PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC),
        listener=None,
        caps=caps,
    )
    codec = JsonTranscriptCodec()
    files = _pieces()

    def one(number: int) -> None:
        suffix, data = files[number % len(files)]
        stored = codec.decode(codec.encode(transcribe(io.BytesIO(data), suffix, f"rec-{number}")))
        made = maker.make_known(stored, KnownFacts(), io.BytesIO(data), hint=suffix)
        if isinstance(made, MadeRedaction):
            made.beeped.close()
        finder.find([Turn(speaker="caller", text=" ".join(_words(number)))], language="fr", known=KnownFacts())

    return one


def _measure(calls: int, models: Path) -> None:
    one = _one_call(models)
    for number in range(1, calls + 1):
        one(number)
        if number % EVERY == 0:
            gc.collect()
            print(json.dumps([number, _held_mb()]), flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", folder]:
            _write_music(Path(folder))
        case ["music", folder, models]:
            _measure_music(Path(folder), Path(models))
        case ["calls", *rest]:
            _measure(int(rest[0]) if rest else CALLS, Path(rest[1]) if len(rest) > 1 else MODELS)
        case _:
            for name, figures in run().items():
                print(name, figures)
