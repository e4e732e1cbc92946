"""Peak memory of ingesting a four-hour stereo WAV, in a process of its own."""

import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

HOURS = 4
RATE = 8000


def run() -> dict[str, dict[str, float | int]]:
    """Megabytes: `ours` is the peak of the process, `baseline` its size before the event came in."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.memory_bench", folder], capture_output=True, text=True, check=True
        )
    before, peak = json.loads(done.stdout)
    return {
        "ingest_4h_stereo_wav_peak_mb": {
            "ours": peak,
            "baseline": before,
            "ratio": round(peak / before, 3),
            "runs": 1,
            "spread": 0,
        }
    }


def _write_call(path: Path) -> None:
    """Four hours of two voices' worth of noise, 16 bit PCM: 460 MB."""
    import numpy as np

    minute = np.random.default_rng(7).integers(-8000, 8000, size=(RATE * 60, 2), dtype=np.int16).tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(HOURS * 60):
            file.writeframesraw(minute)


def _peak_mb() -> float:
    """The most this program has held. Not `ru_maxrss`, which a child inherits from whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(kilobytes) / 1024, 1)


def _ingest(folder: Path) -> None:
    """Ingest a small call first, so that everything is loaded, then the long one."""
    from tests.support.site import Site

    with Site(folder / "home") as site:
        site.publish(site.event("small"))
        site.drain("ingest")
        before = _peak_mb()
        spool = site.system.settings.spool_folder
        subprocess.run(
            [sys.executable, "-m", "tests.bench.memory_bench", "--write", str(spool / "long.wav")], check=True
        )
        event = site.event("long")
        event["data"]["audio"] = {"uri": "spool:long.wav"}
        site.publish(event)
        site.drain("ingest")
        assert site.verdicts() == ["stored", "stored"], site.verdicts()
    print(json.dumps([before, _peak_mb()]))


if __name__ == "__main__":
    if sys.argv[1] == "--write":
        _write_call(Path(sys.argv[2]))
    else:
        _ingest(Path(sys.argv[1]))
