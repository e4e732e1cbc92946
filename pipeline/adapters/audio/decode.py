"""Decoding untrusted files with FFmpeg's libraries, packet by packet, nothing held but one block.

FFmpeg is given the demuxer (`containers` has settled it), the list of codecs we read, a file object and no protocol:
playlists, concatenations and network addresses inside a file lead nowhere. What decodes is the sound; what the file
says of its own length only tells whether some of it is missing.
"""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO, Self

import av
import av.logging
import numpy as np
import numpy.typing as npt

from callwarden.adapters.audio import telephone
from callwarden.adapters.audio.containers import STATES_LENGTH, recognise
from callwarden.adapters.audio.faults import cut_off, missing, oversized, unreadable
from callwarden.adapters.audio.telephone import Samples
from callwarden.adapters.audio.view import View
from callwarden.model.audio import AudioCaps

CODECS = frozenset(
    f"pcm_{kind}"
    for kind in "u8 s8 s16le s16be s24le s24be s32le s32be f32le f32be f64le f64be alaw mulaw".split()  # noqa: SIM905
) | {
    *("adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ms", "adpcm_yamaha", "g722", "g726", "g726le", "g729", "g723_1"),
    *("gsm", "gsm_ms", "truespeech", "ilbc", "amrnb", "amrwb", "flac", "alac", "opus", "libopus", "vorbis", "speex"),
    *("mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "aac", "aac_latm"),
}

PACKET_BYTES = 65_536
"""Asked of the WAV demuxer: few enough packets to be quick, small enough to stay in the cache."""

READ_AHEAD = 65_536
"""FFmpeg reads so many bytes at most before it needs them; where it stops before more, it stopped in mid-sound."""

PACKETS_PER_S = 100
"""More than any codec of a call is cut into; with the cap on duration, a cap on what indexes may claim."""

STAMPED = ("matroska",)
"""Where each packet says when it is to be heard, which shows what was left out before it."""

DISCONTINUOUS = ("opus", "libopus")
LONGEST_PAUSE_S = 0.5
"""Opus that pauses sends a packet every 0.4 s (RFC 7587, section 3.1.3); what is left out longer is missing."""
ROUNDED_S = 0.015
"""Time stamps count milliseconds; a packet lasts 20 ms."""

PAUSING = ("amrnb", "amrwb")
PAUSE_BYTES = 6
"""AMR says where nobody speaks in frames of so many bytes at most (TS 26.101), whose noise FFmpeg does not make."""

BLOCK_FRAMES = 16_384
"""Frames gathered before a block is handed on, where the codec's own frames are small."""

FULL = 2.0**15
FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "flt": 1.0, "dbl": 1.0}
NUMPY = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "flt": np.float32, "dbl": np.float64}

av.logging.set_level(None)  # FFmpeg writes to stderr by itself otherwise, file names and tags included.


class Decoding:
    """One file opened for decoding; a context manager. `channels`, `sample_rate_hz` and `codec` are known once it is
    open; `stated_frames` too, where no byte can be anything but sound. `frames` counts what was given.

    Raises:
        BadAudioError: on opening and while `blocks` runs, as `AudioProbe` promises.
    """

    def __init__(self, file: BinaryIO, *, caps: AudioCaps, hint: str | None = None) -> None:
        size = file.seek(0, os.SEEK_END)
        if size > caps.max_bytes:
            raise oversized(f"{size} bytes, {caps.max_bytes} allowed")
        self.container = recognise(file, size=size, hint=hint, max_packets=int(caps.max_duration_s * PACKETS_PER_S))
        self.frames = 0
        self.stated_frames: int | None = None
        self._file = file
        self._caps = caps
        self._lost_s = 0.0
        self._no_numbers = 0
        self._stamped: list[float] = []
        self._stopped = False
        self._conformer: tuple[object, av.AudioResampler] | None = None
        self._opened: av.container.InputContainer | None = None
        wave = self.container.wave
        if wave is not None:
            self._check(wave.channels, wave.sample_rate_hz)
        by_hand = None if wave is None else telephone.codec_of(wave)
        if wave is not None and by_hand is not None:
            self.codec, self.channels, self.sample_rate_hz = by_hand, wave.channels, wave.sample_rate_hz
            self.stated_frames = telephone.frames_of(wave)
            self._check_length(self.stated_frames)
            return
        self._opened = self._open(self.container.parts[0])
        try:
            context = _stream_of(self._opened).codec_context
            self.codec, self.channels, self.sample_rate_hz = context.name, context.channels, context.sample_rate
            self._check(self.channels, self.sample_rate_hz)
            self._check_length(self._promised_s() * self.sample_rate_hz)
        except BaseException:
            self._opened.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()

    def blocks(self) -> Iterator[Samples]:
        """Arrays (channels, frames) of the whole file in order: int16, or float32 scaled to int16's range.

        Ends without an error only when nothing is missing of what was promised.
        """
        gathered: list[Samples] = []
        waiting, least = 0, 1 if self._opened is None else BLOCK_FRAMES
        for samples in self._pieces():
            self.frames += samples.shape[1]
            self._check_length(self.frames)
            gathered.append(samples)
            waiting += samples.shape[1]
            if waiting >= least:
                yield gathered[0] if len(gathered) == 1 else np.concatenate(gathered, axis=1)
                gathered, waiting = [], 0
        if gathered:
            yield np.concatenate(gathered, axis=1)
        if self.frames == 0:
            raise unreadable("no sound in it")

    def _pieces(self) -> Iterator[Samples]:
        wave = self.container.wave
        if self._opened is None:
            assert wave is not None
            yield from telephone.blocks(self._file, wave)
            return
        found_s = expected_s = 0.0
        for number, part in enumerate(self.container.parts):
            if number:
                self._opened.close()
                self._opened = self._open(part)
            before, lost_s, self._stamped = self.frames, self._lost_s, []
            yield from self._frames(self._opened, part)
            part_s = (self.frames - before) / self.sample_rate_hz
            found_s += part_s
            share = 1.0 if wave is None else wave.promised_share
            first_s, last_s = self._stamped or [0.0, 0.0]
            expected_s += max(self._promised_s(), (part_s + self._lost_s - lost_s) * share, last_s - first_s)
        if self.frames:
            missing(expected_s, found_s - self._no_numbers / self.sample_rate_hz)
            if self.container.cut or self._stopped:
                raise cut_off(found_s)

    def _open(self, part: View) -> "av.container.InputContainer":
        demuxer = self.container.demuxer
        options = {
            "format_whitelist": demuxer,
            "codec_whitelist": ",".join(sorted(CODECS)),
            "protocol_whitelist": "none",
            "max_probe_packets": "1",  # else every known format is tried on 16-bit PCM, in search of DTS
            **self.container.options,
        }
        if demuxer == "wav":
            options["max_size"] = str(PACKET_BYTES)
        try:
            return av.open(part, "r", format=demuxer, container_options=options, metadata_errors="replace")
        except av.FFmpegError as error:
            raise unreadable(f"not decodable as {demuxer}, {_named(error)}") from None

    def _frames(self, opened: "av.container.InputContainer", part: View) -> Iterator[Samples]:
        stream = _stream_of(opened)
        stream.codec_context.thread_count = 1
        if self.codec == "flac":  # it carries a sum over each frame; without it damage would be heard as noise
            stream.codec_context.options = {"err_detect": "crccheck+explode"}
        packets = opened.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                self._stopped = self._stopped or (part.left > READ_AHEAD and not self._promised_s())
                return  # elsewhere the length tells what is missing
            if packet is None:
                return
            starts_s, length_s = (
                float((ticks or 0) * (packet.time_base or 0)) for ticks in (packet.pts, packet.duration)
            )
            if self.container.demuxer in STAMPED and packet.pts is not None:
                first_s, last_s = self._stamped or [starts_s, starts_s]
                self._stamped = [first_s, max(last_s, starts_s + length_s)]
                if self.codec in DISCONTINUOUS and ROUNDED_S < starts_s - last_s <= LONGEST_PAUSE_S:
                    yield self._pause(starts_s - last_s)
            try:
                frames: list[Any] = list(packet.decode())
            except av.FFmpegError:
                frames = []
                if self.codec in PAUSING and packet.size <= PAUSE_BYTES:
                    yield self._pause(length_s)
                else:
                    self._lost_s += length_s
            for frame in frames:
                yield from self._conformed(frame)

    def _conformed(self, frame: Any) -> Iterator[Samples]:
        """The frame's samples; as the first ones came where another link or a stream itself changes on the way."""
        rate, channels = frame.sample_rate, len(frame.layout.channels)
        if (rate, channels) == (self.sample_rate_hz, self.channels):
            yield self._numbers(_samples(frame))
            return
        self._check(channels, rate)
        kind = (rate, channels, frame.format.name)
        if self._conformer is None or self._conformer[0] != kind:
            layout = {1: "mono", 2: "stereo"}.get(self.channels, f"{self.channels} channels")
            resampler = av.AudioResampler(format=frame.format.name, layout=layout, rate=self.sample_rate_hz)
            self._conformer = (kind, resampler)
        frame.pts = None
        for out in self._conformer[1].resample(frame):
            yield self._numbers(_samples(out))

    def _pause(self, length_s: float) -> Samples:
        return np.zeros((self.channels, round(length_s * self.sample_rate_hz)), dtype=np.float32)

    def _numbers(self, samples: Samples) -> Samples:
        """What is no number is silence, and counts as missing; what is infinite is as loud as can be."""
        if samples.dtype == np.int16 or (finite := np.isfinite(samples)).all():
            return samples
        self._no_numbers += int((~finite).any(axis=0).sum())
        return np.nan_to_num(samples, nan=0.0, posinf=FULL, neginf=-FULL)

    def _promised_s(self) -> float:
        """Seconds that the part which is open should last at least, by its own word; 0 where it gives none."""
        if self.container.promised_s is not None:
            return self.container.promised_s
        if self._opened is None or self.container.demuxer not in STATES_LENGTH:
            return 0.0
        stream = _stream_of(self._opened)
        start_s = float((stream.start_time or 0) * (stream.time_base or 0))
        if stream.duration is not None:
            length_s = float(stream.duration * (stream.time_base or 0))
        else:
            length_s = (self._opened.duration or 0) / av.time_base
        return length_s - max(0.0, start_s)

    def _check(self, channels: int, sample_rate_hz: int) -> None:
        if channels <= 0 or sample_rate_hz <= 0:
            raise unreadable("no channels or no sample rate")
        if channels > self._caps.max_channels:
            raise oversized(f"{channels} channels, {self._caps.max_channels} allowed")
        if sample_rate_hz > self._caps.max_sample_rate_hz:
            raise oversized(f"{sample_rate_hz} hz, {self._caps.max_sample_rate_hz} hz allowed")

    def _check_length(self, frames: float) -> None:
        if frames > self._caps.max_duration_s * self.sample_rate_hz:
            raise oversized(f"{frames / self.sample_rate_hz:.0f} s, {self._caps.max_duration_s:.0f} s allowed")


def _stream_of(opened: "av.container.InputContainer") -> "av.AudioStream":
    if len(opened.streams.audio) != 1:
        raise unreadable(f"{len(opened.streams.audio)} audio streams, one expected")
    stream = opened.streams.audio[0]
    context: Any = stream.codec_context  # None where FFmpeg has no decoder allowed for it
    if context is None or context.name not in CODECS:
        raise unreadable("a codec that is not read here")
    return stream


def _named(error: "av.FFmpegError") -> str:
    return type(error).__name__.removesuffix("Error").lower()


def _samples(frame: Any) -> Samples:
    """The frame's samples as (channels, frames)."""
    name = frame.format.name
    kind = name.removesuffix("p")
    channels, frames = len(frame.layout.channels), frame.samples
    dtype = NUMPY[kind]
    if frame.format.is_planar:
        raw: npt.NDArray[Any] = np.stack([np.frombuffer(plane, dtype, frames) for plane in frame.planes])
    else:
        raw = np.ascontiguousarray(np.frombuffer(frame.planes[0], dtype, frames * channels).reshape(-1, channels).T)
    if kind == "s16":
        return raw
    scaled = raw.astype(np.float32)
    if kind == "u8":
        scaled -= 128.0
    scaled *= np.float32(FULL / FULL_SCALE[kind])
    return scaled
