"""Decoding untrusted files with FFmpeg's libraries, packet by packet, nothing held but one block.

FFmpeg is given the container (`headers` has settled it), a list of one demuxer and the few codecs we read, a
file object and no protocol: playlists, concatenations and network addresses inside a file lead nowhere.
"""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO, Self

import av
import av.logging
import numpy as np
import numpy.typing as npt

from callwarden.adapters.audio.headers import Header, mismatch, read_header, unreadable
from callwarden.model.audio import AudioCaps, AudioFault
from callwarden.ports.audio import BadAudioError

Samples = npt.NDArray[Any]
"""(channels, frames): int16, or float32 scaled to int16's range."""

CODECS = {
    "wav": (
        "pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,adpcm_ima_wav,adpcm_ms,gsm_ms"
    ),
    "flac": "flac",
    "ogg": "opus,libopus",
    "mp3": "mp3,mp3float",
    "gsm": "gsm",
}

PACKET_BYTES = 65_536
"""Asked of the WAV demuxer: few enough packets to be quick, small enough to stay in the cache."""

BLOCK_FRAMES = 16_384
"""Frames gathered before a block is handed on, where the codec's own frames are small."""

FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "flt": 1.0, "dbl": 1.0}
NUMPY = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "flt": np.float32, "dbl": np.float64}

av.logging.set_level(None)  # FFmpeg writes to stderr by itself otherwise, file names and tags included.


class Decoding:
    """One file opened for decoding; a context manager. `header` and `codec` are known once it is open.

    Raises:
        BadAudioError: on opening and while `blocks` runs, as `AudioProbe` promises.
    """

    def __init__(self, file: BinaryIO, *, caps: AudioCaps, hint: str | None = None) -> None:
        self.header, self._max_frames = checked_header(file, caps=caps, hint=hint)
        file.seek(0)
        container = self.header.container
        options = {
            "format_whitelist": container,
            "codec_whitelist": CODECS[container],
            "protocol_whitelist": "none",
            "max_probe_packets": "1",  # else every known format is tried on 16-bit PCM, in search of DTS
        }
        if container == "wav":
            options["max_size"] = str(PACKET_BYTES)
        try:
            opened = av.open(file, "r", format=container, container_options=options, metadata_errors="replace")
        except av.FFmpegError as error:
            raise unreadable(f"not decodable as {container}: {type(error).__name__}") from None
        self._container = opened
        try:
            self._stream = self._audio_stream()
        except BaseException:
            self._container.close()
            raise
        self.codec = self._stream.codec_context.name
        self.sample_rate_hz = self._stream.codec_context.sample_rate
        self.frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def _audio_stream(self) -> "av.AudioStream":
        if len(self._container.streams.audio) != 1:
            raise unreadable(f"{len(self._container.streams.audio)} audio streams, one expected")
        stream = self._container.streams.audio[0]
        context = stream.codec_context
        if context.name not in CODECS[self.header.container].split(","):
            raise unreadable("a codec that is not read here")
        if context.channels != self.header.channels or context.sample_rate != self.header.sample_rate_hz:
            raise unreadable("the header's channels or rate are not the decoder's")
        context.thread_count = 1
        return stream

    def blocks(self) -> Iterator[Samples]:
        """Arrays (channels, frames) of the whole file in order: int16, or float32 scaled to int16's range.

        Ends only when all that was promised has come.
        """
        gathered: list[Samples] = []
        waiting = 0
        for samples in self._frames():
            self.frames += samples.shape[1]
            if self.frames > self._max_frames:
                raise BadAudioError(AudioFault.OVERSIZED, "longer than allowed")
            if self.header.frames is not None and self.frames >= self.header.frames + self.header.slack:
                raise mismatch(f"more follows after the {self.header.frames} frames the header promises")
            gathered.append(samples)
            waiting += samples.shape[1]
            if waiting >= BLOCK_FRAMES:
                yield gathered[0] if len(gathered) == 1 else np.concatenate(gathered, axis=1)
                gathered, waiting = [], 0
        if gathered:
            yield np.concatenate(gathered, axis=1)
        self._as_promised()

    def _frames(self) -> Iterator[Samples]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                frames: list[Any] = [] if packet is None else packet.decode()
            except av.FFmpegError as error:
                promised = self.header.frames
                if promised is not None and self.frames + self.header.slack <= promised:
                    raise mismatch(f"header promises {promised} frames, {self.frames} can be decoded") from None
                raise unreadable(f"damaged after {self.frames} frames: {type(error).__name__}") from None
            if packet is None:
                return
            for frame in frames:
                if frame.sample_rate != self.sample_rate_hz or len(frame.layout.channels) != self.header.channels:
                    raise unreadable("the sample rate or the channels change on the way")
                yield _samples(frame)

    def _as_promised(self) -> None:
        if self.frames == 0:
            raise unreadable("no sound in it")
        promised = self.header.frames
        if promised is not None and abs(promised - self.frames) >= self.header.slack:
            raise mismatch(f"header promises {promised} frames, {self.frames} are there")


def checked_header(file: BinaryIO, *, caps: AudioCaps, hint: str | None) -> tuple[Header, int]:
    """The header, held against the caps, and the most frames that may be decoded.

    Raises:
        BadAudioError: as `AudioProbe` promises, before anything is allocated for the sound.
    """
    size = file.seek(0, os.SEEK_END)
    if size > caps.max_bytes:
        raise BadAudioError(AudioFault.OVERSIZED, f"{size} bytes, {caps.max_bytes} allowed")
    header = read_header(file, size=size, hint=hint)
    return header, _checked(header, caps)


def _checked(header: Header, caps: AudioCaps) -> int:
    if header.sample_rate_hz <= 0:
        raise unreadable("a sample rate of zero")
    if header.channels > caps.max_channels:
        raise BadAudioError(AudioFault.OVERSIZED, f"{header.channels} channels, {caps.max_channels} allowed")
    if header.sample_rate_hz > caps.max_sample_rate_hz:
        raise BadAudioError(AudioFault.OVERSIZED, f"{header.sample_rate_hz} Hz, {caps.max_sample_rate_hz} Hz allowed")
    most = int(caps.max_duration_s * header.sample_rate_hz)
    if header.frames is not None and header.frames > most:
        raise BadAudioError(
            AudioFault.OVERSIZED,
            f"{header.frames / header.sample_rate_hz:.0f} s, {caps.max_duration_s:.0f} s allowed",
        )
    return most


def _samples(frame: Any) -> Samples:
    """The frame's samples as (channels, frames)."""
    name = frame.format.name
    kind = name.removesuffix("p")
    channels, frames = len(frame.layout.channels), frame.samples
    dtype = NUMPY[kind]
    if frame.format.is_planar:
        raw = np.stack([np.frombuffer(plane, dtype, frames) for plane in frame.planes])
    else:
        raw = np.ascontiguousarray(np.frombuffer(frame.planes[0], dtype, frames * channels).reshape(-1, channels).T)
    if kind == "s16":
        return raw
    scaled = raw.astype(np.float32)
    if kind == "u8":
        scaled -= 128.0
    scaled *= np.float32(2.0**15 / FULL_SCALE[kind])
    if not np.isfinite(scaled).all():
        raise unreadable("samples that are not numbers")
    return scaled
