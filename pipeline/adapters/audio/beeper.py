"""`AudioBeeper`: decode, overwrite, outline and encode in one pass, one block in memory."""

from collections.abc import Sequence
from typing import BinaryIO

from callwarden.adapters.audio.beep import Beeper
from callwarden.adapters.audio.decode import Decoding
from callwarden.adapters.audio.encode import Encoder
from callwarden.adapters.audio.peaks import PeakMeter
from callwarden.adapters.audio.resample import resampled
from callwarden.model.audio import AudioCaps, BeepedAudio, BeepSound, PlayerFormat
from callwarden.model.transcript import TimeRange

PLAYER_RATE_HZ = 8_000
"""Telephone speech has nothing above; one rate for every player and export."""


class PyAvBeeper:
    """Holds the policy's choice of sound and format, nothing of a call; threads may share it."""

    def __init__(self, *, sound: BeepSound, form: PlayerFormat) -> None:
        self._sound = sound
        self._form = form

    def beep(
        self,
        source: BinaryIO,
        target: BinaryIO,
        *,
        windows: Sequence[TimeRange],
        caps: AudioCaps,
        hint: str | None = None,
    ) -> BeepedAudio:
        with Decoding(source, caps=caps, hint=hint) as decoding:
            channels = decoding.channels
            # Overwriting after resampling: a filter would carry a little of the secret over the window's edge.
            beeper = Beeper(windows, sample_rate_hz=PLAYER_RATE_HZ, sound=self._sound)
            peaks = PeakMeter(channels=channels, sample_rate_hz=PLAYER_RATE_HZ)
            with Encoder(target, form=self._form, channels=channels, sample_rate_hz=PLAYER_RATE_HZ) as encoder:
                for block in resampled(decoding.blocks(), rate=decoding.sample_rate_hz, to_rate=PLAYER_RATE_HZ):
                    writable = block if block.flags.writeable else block.copy()
                    beeper.apply(writable)
                    peaks.add(writable)
                    encoder.write(writable)
            return BeepedAudio(
                frames=encoder.frames,
                sample_rate_hz=PLAYER_RATE_HZ,
                channels=channels,
                media_type=self._form.media_type,
                waveform=peaks.json(),
            )
