"""How long the audio is kept where the redacted transcript is kept longer (row 36 of the policy's promises: K1).

What ends with the audio is everything but the redacted transcript: the original sound, its beeped form, its waveform
and the exact transcript, which says what was said word for word.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from callwarden.model.access import Readable
from callwarden.model.policy import LinePolicy
from callwarden.model.recording import GOES_WITH_AUDIO, AudioState, Recording
from callwarden.rules.disposal import Disposal, disposal
from callwarden.rules.retention import keep_until

WITH_AUDIO = frozenset(Readable(kind.value) for kind in GOES_WITH_AUDIO)
"""What can be read of a recording and ends with its audio."""


def audio_until(ended_at: datetime, line: LinePolicy, zone: ZoneInfo, *, until: datetime) -> datetime | None:
    """Until when the audio of a call that ended then is kept, never longer than `until`, when all of it goes; None
    where the line has no period of its own for it."""
    if line.audio_retention is None:
        return None
    return min(keep_until(ended_at, line.audio_retention, zone), until)


def readable_until(recording: Recording, what: Readable) -> datetime | None:
    """The instant from which this of a recording is past its period; None where nobody knows of one."""
    if what not in WITH_AUDIO or recording.audio_until is None or recording.keep_until is None:
        return recording.keep_until
    return min(recording.audio_until, recording.keep_until)


def has_ended(recording: Recording, what: Readable) -> bool:
    """Whether this has ended with the audio, or is about to: no hold and no restriction keeps it any more."""
    return what in WITH_AUDIO and recording.audio is not AudioState.KEPT


def audio_disposal(recording: Recording, *, now: datetime) -> Disposal | None:
    """Whether the audio is to be destroyed now, by all that keeps a recording; None where it has no period of its own,
    or is not kept any more."""
    if recording.audio_until is None or recording.audio is not AudioState.KEPT:
        return None
    return disposal(recording, now=now, until=readable_until(recording, Readable.ORIGINAL_AUDIO))
