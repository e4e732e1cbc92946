"""Writing the file a player gets: FLAC, or Opus in Ogg."""

from types import TracebackType
from typing import BinaryIO, Self

import av
import numpy as np
import numpy.typing as npt

from callwarden.model.audio import PlayerFormat

OPUS_BITS_PER_CHANNEL = 24_000
FLAC_FRAMES = 4_096
LAYOUTS = {1: "mono", 2: "stereo"}


class Encoder:
    """A context manager; blocks of int16 (channels, frames) in, a finished file in `target` when it is left.

    `target` must be seekable: both containers say the length in their header or last page.
    """

    def __init__(self, target: BinaryIO, *, form: PlayerFormat, channels: int, sample_rate_hz: int) -> None:
        container, codec = ("flac", "flac") if form is PlayerFormat.FLAC else ("ogg", "libopus")
        self._layout = LAYOUTS.get(channels, f"{channels} channels")
        self._rate = sample_rate_hz
        self._output = av.open(target, "w", format=container)
        stream = self._output.add_stream(codec, rate=sample_rate_hz)
        if not isinstance(stream, av.AudioStream):
            raise TypeError(f"{codec} does not encode audio")
        stream.layout = self._layout
        if form is PlayerFormat.OPUS:
            stream.bit_rate = OPUS_BITS_PER_CHANNEL * channels
        stream.codec_context.format = "s16"
        stream.codec_context.open()
        self._stream = stream
        self._size = stream.codec_context.frame_size or FLAC_FRAMES
        self._rest = np.zeros((channels, 0), dtype=np.int16)
        self.frames = 0

    def write(self, block: npt.NDArray[np.int16]) -> None:
        pending = np.concatenate([self._rest, block], axis=1) if self._rest.shape[1] else block
        whole = pending.shape[1] - pending.shape[1] % self._size
        for start in range(0, whole, self._size):
            self._encode(pending[:, start : start + self._size])
        self._rest = pending[:, whole:].copy()

    def _encode(self, samples: npt.NDArray[np.int16]) -> None:
        frame = av.AudioFrame(format="s16", layout=self._layout, samples=samples.shape[1])
        frame.planes[0].update(np.ascontiguousarray(samples.T).tobytes())
        frame.sample_rate = self._rate
        frame.pts = self.frames
        self.frames += samples.shape[1]
        self._output.mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            if self._rest.shape[1]:
                self._encode(self._rest)
            self._output.mux(self._stream.encode(None))
        self._output.close()
