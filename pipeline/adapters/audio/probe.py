"""`AudioProbe`: a file decoded as far as is needed to know that it can be."""

from collections.abc import Callable
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from callwarden.adapters.audio.decode import Decoding
from callwarden.adapters.audio.resample import resampled
from callwarden.adapters.audio.silence import SilenceMeter
from callwarden.model.audio import AudioCaps, AudioFacts

SPEECH_HZ = 16_000
AT_ONCE_S = 30

HoldsSpeech = Callable[[npt.NDArray[np.float32]], bool]
"""Whether somebody speaks in this part of a channel, at 16 kHz, however quietly."""


class AudioInspector:
    """Looks at a file to its end, one block at a time; holds nothing between calls, so threads may share it.
    `holds_speech` is asked only where nothing is loud enough to tell by its level."""

    def __init__(self, holds_speech: HoldsSpeech) -> None:
        self._holds_speech = holds_speech

    def inspect(self, file: BinaryIO, *, caps: AudioCaps, hint: str | None = None) -> AudioFacts:
        with Decoding(file, caps=caps, hint=hint) as decoding:
            meter = SilenceMeter(
                channels=decoding.channels,
                sample_rate_hz=decoding.sample_rate_hz,
                coarse=decoding.codec == "pcm_u8",
            )
            for block in decoding.blocks():
                if not meter.loud:
                    meter.add(block)
                elif decoding.stated_frames is not None:
                    break  # in any other format, whether it can be decoded to the end shows only there
            frames = decoding.stated_frames or decoding.frames
            voiceless = not meter.loud and (meter.constant or not self._speaks(file, caps=caps, hint=hint))
            return AudioFacts(
                container=decoding.container.demuxer,
                codec=decoding.codec,
                media_type=decoding.container.media_type,
                sample_rate_hz=decoding.sample_rate_hz,
                channels=decoding.channels,
                frames=frames,
                duration_s=frames / decoding.sample_rate_hz,
                silent=meter.silent and voiceless,
                voiceless=voiceless,
            )

    def _speaks(self, file: BinaryIO, *, caps: AudioCaps, hint: str | None) -> bool:
        held: list[npt.NDArray[np.float32]] = []
        with Decoding(file, caps=caps, hint=hint) as decoding:
            for block in resampled(decoding.blocks(), rate=decoding.sample_rate_hz, to_rate=SPEECH_HZ):
                held.append(block.astype(np.float32) / np.float32(2**15))
                if sum(part.shape[1] for part in held) >= AT_ONCE_S * SPEECH_HZ:
                    if self._spoken(held):
                        return True
                    held = []
        return bool(held) and self._spoken(held)

    def _spoken(self, held: list[npt.NDArray[np.float32]]) -> bool:
        return any(self._holds_speech(channel) for channel in np.concatenate(held, axis=1))
