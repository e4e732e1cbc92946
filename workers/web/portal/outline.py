"""A recording's outline as drawn beside its player: a lane for each channel, and what was taken out of the sound."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from callwarden.model.transcript import TimeRange

COLUMNS: Final = 480
WIDTH: Final = 1000
"""Units of a lane from its beginning to its end."""
HEIGHT: Final = 40
_QUIET: Final = 4
"""Below this peak (1/128 of full scale) a channel is silent."""
_SILENCE_S: Final = 1.5
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One channel: whose it is ("agent", "caller" or "unknown"), and its bars as an SVG path of `WIDTH` × `HEIGHT`."""

    speaker: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Times are in seconds; `beeps`, `pauses` and `silences` are pairs of start and end. The first two are one where
    they would touch as they are drawn."""

    duration_s: float
    lanes: Sequence[Lane]
    beeps: Sequence[tuple[float, float]]
    pauses: Sequence[tuple[float, float]]
    silences: Sequence[tuple[float, float]]

    def share(self, seconds: float) -> str:
        """Where an instant is drawn."""
        return f"{100 * seconds / self.duration_s:.2f}%"

    @property
    def ticks(self) -> list[int]:
        """Full seconds to name under the lanes, at most nine."""
        step = next((one for one in _STEPS_S if self.duration_s / one <= 9), 7200)
        return list(range(step, int(self.duration_s), step))


def outline(waveform: bytes, *, beeped: Sequence[TimeRange] = ()) -> Outline | None:
    """Of the JSON of peaks (`callwarden.rules.waveform`); None where it has no sound. `beeped` are the windows by the
    transcript, for peaks of an older version that do not say."""
    found: dict[str, Any] = json.loads(waveform)
    data: list[list[int]] = found["data"]
    duration_s = float(found["duration_s"])
    if not data or not data[0] or duration_s <= 0:
        return None
    peaks = [[max(-low, high) for low, high in zip(lane[::2], lane[1::2], strict=True)] for lane in data]
    speakers = found.get("lanes") or ["unknown"] * len(data)
    if len(peaks) > 1 and len(set(speakers)) == 1:  # nobody is told apart: one lane says it all
        peaks, speakers = [[max(across) for across in zip(*peaks, strict=True)]], speakers[:1]
    pauses, told = _pairs(found.get("pauses", ())), [(one.start_s, one.end_s) for one in beeped]
    return Outline(
        duration_s=duration_s,
        lanes=[Lane(speaker=who, path=_path(lane)) for who, lane in zip(speakers, peaks, strict=True)],
        beeps=_drawn([one for one in _pairs(found.get("beeps", told)) if one not in pauses], duration_s),
        pauses=_drawn(pauses, duration_s),
        silences=list(_silences(peaks, duration_s / len(peaks[0]))),
    )


def _drawn(windows: Sequence[tuple[float, float]], duration_s: float) -> list[tuple[float, float]]:
    """At least a column wide, and no two in the same."""
    column, found = duration_s / COLUMNS, list[tuple[float, float]]()
    for start, end in sorted(windows):
        if found and start - found[-1][1] < column:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, min(duration_s, max(end, start + column))))
    return found


def _path(peaks: Sequence[int]) -> str:
    columns = min(COLUMNS, len(peaks))
    highest = max(max(peaks), 32)  # a whisper is not drawn as a shout
    bars = []
    for column in range(columns):
        part = peaks[column * len(peaks) // columns : (column + 1) * len(peaks) // columns]
        half = max(0.5, HEIGHT / 2 * max(part) / highest)
        bars.append(f"M{(column + 0.5) * WIDTH / columns:.0f} {HEIGHT / 2 - half:.0f}v{2 * half:.0f}")
    return "".join(bars)


def _silences(peaks: Sequence[Sequence[int]], step_s: float) -> Iterator[tuple[float, float]]:
    begun: int | None = None
    for number, across in enumerate([*zip(*peaks, strict=True), (128,)]):
        if max(across) < _QUIET:
            begun = number if begun is None else begun
        elif begun is not None:
            if (number - begun) * step_s >= _SILENCE_S:
                yield round(begun * step_s, 2), round(number * step_s, 2)
            begun = None


def _pairs(found: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    return [(start, end) for start, end in found]
