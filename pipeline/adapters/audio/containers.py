"""Which demuxer a file is for, and where its sound lies in it: told by the first bytes, so that FFmpeg tries none of
its hundreds of formats, playlists among them. Everything else is for the decoder to say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from callwarden.adapters.audio import boxes, mpeg, ogg
from callwarden.adapters.audio.faults import oversized, unreadable
from callwarden.adapters.audio.riff import A_LAW, MU_LAW, PCM, Wave, raw_wave, read_riff
from callwarden.adapters.audio.view import View

MAGIC: Final = (
    (0, b"fLaC", "flac"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"#!AMR", "amr"),
    (0, b".snd", "au"),
    *((4, box, "mov") for box in (b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide")),
)
"""What stands where in a file, and FFmpeg's name of the demuxer for it."""

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "mov": "audio/mp4",
    "matroska": "audio/webm",
    "amr": "audio/amr",
    "au": "audio/basic",
    "aiff": "audio/aiff",
    "gsm": "audio/gsm",
}

STATES_LENGTH: Final = frozenset({"flac", "ogg", "mov", "matroska", "au", "aiff"})
"""Where the length that the demuxer gives is the file's own word. Elsewhere it is counted here, or a guess."""

G711: Final = {
    **dict.fromkeys(("ulaw", "mulaw", "ul", "mu", "pcmu", "g711u", "g711ulaw", "g711mulaw", "pcmmulaw"), (MU_LAW, 8)),
    **dict.fromkeys(("alaw", "al", "pcma", "g711a", "g711alaw", "pcmalaw"), (A_LAW, 8)),
}
LINEAR: Final = re.compile(r"(?:sln|slin|slinear|signedlinear|s16le|pcms16le|l16le|pcm)(\d*)")
"""Linear PCM, 16 bits, little-endian; Asterisk's names end in the rate in kilohertz (`sln16`)."""
G726: Final = re.compile(r"(aal2)?g726(le|aal2)?(16|24|32|40)?k?")
"""RFC 3551 (section 4.5.4) packs G726-32 from the lowest bit, FFmpeg's `g726le`; AAL2-G726-32 and FFmpeg's `g726` from
the highest."""
OTHER_RAW: Final = {"g722": "g722", "g729": "g729", "g729a": "g729"}
KILOHERTZ: Final = {"11": 11_025, "22": 22_050, "44": 44_100}
TELEPHONE_HZ: Final = 8_000

HINT: Final = re.compile(r"audio/([^;]{1,64})(?:;rate=(\d{1,7}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """`parts` are files for FFmpeg's `demuxer`, one behind the other. `promised_s` is what was counted here of what the
    file says it lasts, None where it says nothing or the demuxer knows. `cut`: it stops in mid-sound for sure.
    `wave` is where the sound is, where that is known here."""

    demuxer: str
    parts: tuple[View, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    promised_s: float | None = None
    cut: bool = False
    wave: Wave | None = None

    @property
    def media_type(self) -> str:
        raw = self.wave is not None and self.wave.data_at == 0
        return "application/octet-stream" if raw else MEDIA_TYPES.get(self.demuxer, "application/octet-stream")


def recognise(file: BinaryIO, *, size: int, hint: str | None, max_packets: int) -> Container:
    """What to make of `file`, `size` bytes long; `hint` as `AudioProbe` has it.

    Raises:
        BadAudioError: nothing that is read here, more than `max_packets` in it, or sound is missing for sure.
    """
    if size == 0:
        raise unreadable("the file is empty")
    start = mpeg.past_tags(file)
    file.seek(start)
    head = file.read(12)
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:] == b"WAVE":
        return _of_wave(file, read_riff(file, size=size, start=start))
    if head[:4] == b"OggS":
        found, cut = ogg.links(file, size=size, max_pages=max_packets)
        return Container(demuxer="ogg", parts=tuple(View(file, start=a, end=b) for a, b in found), cut=cut)
    demuxer = "aiff" if head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC") else None
    for at, magic, name in MAGIC:
        if head[at : at + len(magic)] == magic:
            demuxer = name
    if demuxer is not None:
        view = View(file, start=start, end=size)
        if demuxer == "mov" and boxes.claimed_packets(view) > max_packets:
            raise oversized("more packets than the longest allowed call has")
        return Container(demuxer=demuxer, parts=(view,))
    raw = _raw(file, size=size, hint=hint)
    if (frames := mpeg.first_frame(file, start=start, junk=0 if raw else mpeg.JUNK)) is not None:
        at, first = frames
        promised_s = None if first.aac else mpeg.promised_s(file, at)
        demuxer = "aac" if first.aac else "mp3"
        return Container(demuxer=demuxer, parts=(View(file, start=at, end=size),), promised_s=promised_s)
    if raw is not None:
        return raw
    if hint is not None and hint.lower().lstrip(".") == "gsm":
        return _gsm(file, size)
    raise unreadable(f"no header of a known audio format, and {_unread(hint)}")


def _of_wave(file: BinaryIO, wave: Wave) -> Container:
    end = wave.data_at + wave.data_bytes
    return Container(demuxer="wav", parts=(View(file, start=wave.data_at, end=end, lead=wave.header),), wave=wave)


def _raw(file: BinaryIO, *, size: int, hint: str | None) -> Container | None:
    """Sound of one channel without a header, in the codec that `hint` names; None where it names none we know."""
    named = HINT.fullmatch(hint or "")
    if named is None:
        return None
    codec = re.sub(r"[^a-z0-9]", "", named[1].lower().replace("µ", "u").replace("μ", "u"))
    rate = int(named[2]) if named[2] else 0
    if codec in G711:
        tag, bits = G711[codec]
        return _of_wave(file, raw_wave(tag, bits=bits, sample_rate_hz=rate or TELEPHONE_HZ, size=size))
    if linear := LINEAR.fullmatch(codec):
        kilohertz = KILOHERTZ.get(linear[1]) or int(linear[1] or 8) * 1_000
        return _of_wave(file, raw_wave(PCM, bits=16, sample_rate_hz=rate or kilohertz, size=size))
    parts = (View(file, start=0, end=size),)
    if g726 := G726.fullmatch(codec):
        from_lowest = g726[2] == "le" or (g726[3] is not None and "aal2" not in (g726[1], g726[2]))
        options = {"code_size": str(int(g726[3] or 32) // 8), "sample_rate": str(rate or TELEPHONE_HZ)}
        return Container(demuxer="g726le" if from_lowest else "g726", parts=parts, options=options)
    if codec in OTHER_RAW:
        return Container(demuxer=OTHER_RAW[codec], parts=parts)
    return _gsm(file, size) if codec.startswith("gsm") else None


def _unread(hint: str | None) -> str:
    """Why it is not taken for raw sound, in words of ours and at most the name of a codec."""
    named = HINT.fullmatch(hint or "")
    if named is None:
        return "no codec named for raw sound"
    name = re.fullmatch(r"[a-z]{1,16}[-_. ]?\d{0,4}", named[1].lower())
    return f"{name[0] if name else 'the codec that is named'} is not read as raw sound"


def _gsm(file: BinaryIO, size: int) -> Container:
    """Frames of 33 bytes, each starting with the nibble 0xD (GSM 06.10 as telephone systems store it)."""
    file.seek(0)
    while block := file.read(33 * 4096):
        if any(byte & 0xF0 != 0xD0 for byte in block[::33]):
            raise unreadable("no gsm 06.10 frames")
    return Container(demuxer="gsm", parts=(View(file, start=0, end=size),))
