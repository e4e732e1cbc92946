"""`AudioProbe`: the formats of telephone systems by hand, all others over FFmpeg's libraries."""

from collections.abc import Iterable
from typing import BinaryIO

from callwarden.adapters.audio import telephone
from callwarden.adapters.audio.decode import Decoding, Samples, checked_header
from callwarden.adapters.audio.headers import Header, unreadable
from callwarden.adapters.audio.riff import Wave
from callwarden.adapters.audio.silence import SilenceMeter
from callwarden.model.audio import AudioCaps, AudioFacts, AudioFault
from callwarden.ports.audio import BadAudioError


class AudioInspector:
    """Looks at a file to its end, one block at a time; holds nothing between calls, so threads may share it."""

    def inspect(self, file: BinaryIO, *, caps: AudioCaps, hint: str | None = None) -> AudioFacts:
        header, max_frames = checked_header(file, caps=caps, hint=hint)
        codec = None if header.wave is None else telephone.codec_of(header.wave)
        if header.wave is not None and codec is not None:
            return _measured(file, header, header.wave, codec=codec, max_frames=max_frames)
        return _decoded(file, caps=caps, hint=hint)


def _measured(file: BinaryIO, header: Header, wave: Wave, *, codec: str, max_frames: int) -> AudioFacts:
    frames = telephone.frames_of(wave)  # `header` has made sure that the bytes are there, and no more of them
    if frames == 0:
        raise unreadable("no sound in it")
    if frames > max_frames:
        raise BadAudioError(AudioFault.OVERSIZED, "longer than allowed")
    meter = _meter(header, coarse=False)
    _listen(meter, telephone.blocks(file, wave))
    return _facts(header, codec=codec, frames=frames, silent=meter.silent)


def _decoded(file: BinaryIO, *, caps: AudioCaps, hint: str | None) -> AudioFacts:
    with Decoding(file, caps=caps, hint=hint) as decoding:
        meter = _meter(decoding.header, coarse=decoding.codec == "pcm_u8")
        blocks = decoding.blocks()
        _listen(meter, blocks)
        for _ in blocks:
            pass  # whether it can be decoded, and as far as promised, shows only at its end
        return _facts(decoding.header, codec=decoding.codec, frames=decoding.frames, silent=meter.silent)


def _meter(header: Header, *, coarse: bool) -> SilenceMeter:
    return SilenceMeter(channels=header.channels, sample_rate_hz=header.sample_rate_hz, coarse=coarse)


def _listen(meter: SilenceMeter, blocks: Iterable[Samples]) -> None:
    for block in blocks:
        meter.add(block)
        if meter.heard:
            return


def _facts(header: Header, *, codec: str, frames: int, silent: bool) -> AudioFacts:
    return AudioFacts(
        container=header.container,
        codec=codec,
        sample_rate_hz=header.sample_rate_hz,
        channels=header.channels,
        frames=frames,
        duration_s=frames / header.sample_rate_hz,
        declared_frames=header.frames,
        silent=silent,
    )
