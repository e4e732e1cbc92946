"""Quiet is not silent: a voice far below its usual level is brought up to it before anybody listens."""

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
USUAL_RMS = 10 ** (-26 / 20)
"""Of full scale; active speech on a telephone line (ITU-T P.56 and G.100)."""
QUIET_RMS = 10 ** (-40 / 20)
"""Nothing above this is changed."""
LOUDEST_S = 3
"""Seconds that have to be as loud, so that a click or a ring is not what the level is told by."""


def levelled(channel: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`channel` (16 kHz, -1..1) itself, or one that is quiet all through, amplified and without its constant offset."""
    if not len(channel):
        return channel
    centred = channel - channel.mean()
    seconds = np.add.reduceat(np.square(centred), np.arange(0, len(centred), RATE_HZ))
    loudest = np.sort(np.sqrt(seconds / RATE_HZ))[-LOUDEST_S:]
    level = float(loudest[0])
    if level == 0 or level >= QUIET_RMS:
        return channel
    raised: npt.NDArray[np.float32] = np.clip(centred * np.float32(USUAL_RMS / level), -1, 1)
    return raised
