"""What is said of audio that cannot be taken, in words that may stand in a note (`model.note`)."""

from callwarden.model.audio import AudioFault
from callwarden.ports.audio import BadAudioError

MISSING_S = 0.1
"""Sound is missing when more than this is: shorter than any word, longer than what writers round, pad and delay."""


def unreadable(detail: str) -> BadAudioError:
    return BadAudioError(AudioFault.UNREADABLE, detail)


def oversized(detail: str) -> BadAudioError:
    return BadAudioError(AudioFault.OVERSIZED, detail)


def missing(expected_s: float, found_s: float) -> None:
    """Raises BadAudioError where sound is missing."""
    if expected_s - found_s > MISSING_S:
        raise BadAudioError(AudioFault.LENGTH_MISMATCH, f"expected {expected_s:.2f} s, found {found_s:.2f} s")


def cut_off(found_s: float) -> BadAudioError:
    return BadAudioError(AudioFault.LENGTH_MISMATCH, f"expected more, as the file is cut, found {found_s:.2f} s")
