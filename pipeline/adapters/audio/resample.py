"""Another sample rate, with a frame count that is exactly the duration's."""

from collections.abc import Iterable, Iterator

import av
import numpy as np
import numpy.typing as npt

from callwarden.adapters.audio.telephone import Samples

PIECE_FRAMES = 65_536


def to_int16(block: Samples) -> npt.NDArray[np.int16]:
    """`block` itself when it is int16, else rounded and limited to its range."""
    if block.dtype == np.int16:
        return block
    limited: npt.NDArray[np.int16] = np.clip(np.rint(block), -32_768, 32_767).astype(np.int16)
    return limited


def resampled(blocks: Iterable[Samples], *, rate: int, to_rate: int) -> Iterator[npt.NDArray[np.int16]]:
    """Blocks of int16 at `to_rate`; untouched when that is the rate they have.

    Exactly ceil(frames * to_rate / rate) frames come out: the filter's own rounding is evened out at the end.
    """
    if rate == to_rate:
        for block in blocks:
            yield to_int16(block)
        return
    resampler: av.AudioResampler | None = None
    layout = ""
    taken = given = channels = 0
    for block in blocks:
        if resampler is None:
            channels = block.shape[0]
            layout = {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")
            resampler = av.AudioResampler(format="s16p", layout=layout, rate=to_rate)
        for start in range(0, block.shape[1], PIECE_FRAMES):
            piece = np.ascontiguousarray(to_int16(block[:, start : start + PIECE_FRAMES]))
            frame = av.AudioFrame.from_ndarray(piece, format="s16p", layout=layout)
            frame.sample_rate = rate
            taken += piece.shape[1]
            for out in resampler.resample(frame):
                given += out.samples
                yield _planes(out)
    if resampler is None:
        return
    due = -(-taken * to_rate // rate)
    for out in resampler.resample(None):
        if given < due:
            kept = _planes(out)[:, : due - given]
            given += kept.shape[1]
            yield kept
    if given < due:
        yield np.zeros((channels, due - given), dtype=np.int16)


def _planes(frame: av.AudioFrame) -> npt.NDArray[np.int16]:
    return np.stack([np.frombuffer(memoryview(plane), np.int16, frame.samples) for plane in frame.planes])
