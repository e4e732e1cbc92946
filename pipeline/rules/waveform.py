"""What a player draws beside the peaks: which channel is whose, and where sound was taken out."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from callwarden.model.transcript import TimeRange, Transcript


def marked(waveform: bytes, transcript: Transcript, *, beeps: Sequence[TimeRange]) -> bytes:
    """The JSON of peaks (`AudioBeeper`) with ``lanes``, one role a channel, and ``beeps`` and ``pauses``, each a list
    of ``[start_s, end_s]``. Every pause is under a beep as well."""
    outline: dict[str, Any] = json.loads(waveform)
    outline["lanes"] = _lanes(transcript, outline.get("channels", 0))
    outline["beeps"] = _pairs(beeps)
    outline["pauses"] = _pairs(transcript.pauses)
    return json.dumps(outline, separators=(",", ":")).encode()


def _lanes(transcript: Transcript, channels: int) -> list[str]:
    heard: list[Counter[str]] = [Counter() for _ in range(channels)]
    for turn in transcript.turns:
        for word in turn.words:
            if word.channel < channels:
                heard[word.channel][turn.speaker] += 1
    return [said.most_common(1)[0][0] if said and channels > 1 else "unknown" for said in heard]


def _pairs(ranges: Sequence[TimeRange]) -> list[list[float]]:
    return [[round(one.start_s, 3), round(one.end_s, 3)] for one in ranges]
