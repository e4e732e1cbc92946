"""Looking into an audio file that nobody vouches for, and making one that reviewers may hear."""

from collections.abc import Sequence
from typing import BinaryIO, Protocol

from callwarden.errors import CallwardenError
from callwarden.model.audio import AudioCaps, AudioFacts, AudioFault, BeepedAudio
from callwarden.model.transcript import TimeRange


class BadAudioError(CallwardenError):
    """The file itself is at fault; trying again gives the same. `detail` is for people and holds no content."""

    def __init__(self, fault: AudioFault, detail: str) -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(f"{fault}: {detail}")


class AudioProbe(Protocol):
    """Reads a whole file once and says what it is.

    Reads what docs/telephony.md lists. What decodes is the sound; what a file says of its own length counts only where
    more than a tenth of a second is missing. Sound without a header is believed only by its `hint`.
    """

    def inspect(self, file: BinaryIO, *, caps: AudioCaps, hint: str | None = None) -> AudioFacts:
        """The facts of `file`, a seekable binary file read from its start whatever its position.

        `hint` is the suffix the file was delivered under (".gsm"), or the codec and rate its event names
        ("audio/ulaw;rate=8000"); it decides only where no header does.
        The caps are checked on the header before anything is allocated and again while decoding, so
        memory stays flat whatever the file claims. Nothing but `file` is ever opened.

        Raises:
            BadAudioError: unreadable, shorter than it says itself, or over a cap. A silent file is not an error
                here: `AudioFacts.silent` says so, and the caller decides.
            OSError: whatever `file` itself raises while being read; that is an outage, not bad audio.
        """
        ...


class AudioBeeper(Protocol):
    """Makes the file a reviewer may hear."""

    def beep(
        self,
        source: BinaryIO,
        target: BinaryIO,
        *,
        windows: Sequence[TimeRange],
        caps: AudioCaps,
        hint: str | None = None,
    ) -> BeepedAudio:
        """Write `source` to `target` (both binary and seekable) at 8 kHz, `windows` overwritten on all channels.

        Outside the windows the samples are those of the decoded source, bit for bit where that is 8 kHz and no
        more than 16 bits; inside nothing of it is left. As many frames as the source lasts. Memory does not
        grow with the length of the call. The source is only read.

        Raises:
            BadAudioError: as `AudioProbe.inspect`; what was written so far is of no use.
            OSError: whatever either file raises.
        """
        ...
