"""Files to look into: the samples beside this module, and ones made here."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> io.BytesIO:
    return io.BytesIO((SAMPLES / name).read_bytes())


def decoded(name: str) -> np.ndarray[Any, np.dtype[np.int16]]:
    """(channels, frames) of a sample of 16 bits or less, at its own rate."""
    with av.open(str(SAMPLES / name)) as container:
        channels = container.streams.audio[0].codec_context.channels
        parts = [frame.to_ndarray() for frame in container.decode(audio=0)]
    flat = np.concatenate([part.reshape(-1, channels).T if part.shape[0] == 1 else part for part in parts], axis=1)
    return flat.astype(np.int16)


def voice(*, seconds: float, rate: int = 8000, channels: int = 1) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Something that swings like speech: (channels, frames), the same on each."""
    at = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 220 * at) * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * at)) * 8000
    return np.repeat(tone.astype(np.int16)[None, :], channels, axis=0)


def encoded(
    samples: np.ndarray[Any, np.dtype[np.int16]],
    *,
    container: str,
    codec: str,
    rate: int = 8000,
    times: int = 1,
) -> bytes:
    """`samples`, over and over, as a file of another codec, by FFmpeg's encoders."""
    file = io.BytesIO()
    layouts = {1: "mono", 2: "stereo", 6: "5.1"}
    with av.open(file, "w", format=container) as output:
        layout = layouts[samples.shape[0]]
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.format, layout=layout, rate=rate, frame_size=stream.frame_size or 4096
        )
        for piece in [*[frame] * times, None]:
            for part in resampler.resample(piece):
                part.pts = None
                output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return file.getvalue()


def wav(
    data: bytes,
    *,
    tag: int = 6,
    channels: int = 1,
    rate: int = 8000,
    bits: int = 8,
    promised: int | None = None,
) -> bytes:
    """A WAV file by hand, with whatever its header shall claim."""
    block = channels * bits // 8
    form = b"".join(
        value.to_bytes(width, "little")
        for value, width in ((tag, 2), (channels, 2), (rate, 4), (rate * block, 4), (block, 2), (bits, 2))
    )
    length = len(data) if promised is None else promised
    chunks = b"fmt " + len(form).to_bytes(4, "little") + form + b"data" + length.to_bytes(4, "little") + data
    return b"RIFF" + (4 + len(chunks)).to_bytes(4, "little") + b"WAVE" + chunks
