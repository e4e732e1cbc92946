"""One item of a data set: a line of `metadata.jsonl`, and beside it a file of sound."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from callwarden.model.transcript import RedactedTranscript
from callwarden.rules.rare_metadata import Told

LINES: Final = "metadata.jsonl"
CACHE: Final = ".cache"
"""Where the card has `datasets` keep the copy it makes of what it loads: within the folder, so that it goes with it."""
"""What `datasets` reads as the metadata of a folder of audio, and as JSON lines where there is no sound."""
SOUND: Final = "audio"
"""The folder of the sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What leaves of one recording. `told` is its metadata; `caller` and `agent` are pseudonyms of the experiment."""

    item: str
    transcript: RedactedTranscript = field(repr=False)
    file_name: str | None = None
    told: Told | None = None
    caller: str | None = None
    agent: str | None = None


def line_of(one: Item) -> bytes:
    """Its line. Times are seconds from the beginning of the recording, to a tenth."""
    turns = [
        {"speaker": turn.speaker, "start_s": round(turn.start_s, 1), "end_s": round(turn.end_s, 1), "text": turn.text}
        for turn in one.transcript.turns
    ]
    written: dict[str, Any] = {} if one.file_name is None else {"file_name": one.file_name}
    written |= {
        "item": one.item,
        "language": one.transcript.language,
        "text": "\n".join(turn.text for turn in one.transcript.turns),
        "turns": turns,
    }
    if one.told is not None:
        told = one.told
        written |= {"line": told.line, "period": told.period, "duration": told.duration, "caller": one.caller}
    if one.agent is not None:
        written["agent"] = one.agent
    return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_lines(folder: Path) -> Iterator[tuple[Mapping[str, Any], bytes]]:
    """Each line with what it says. Raises ValueError for one that is no item's."""
    with (folder / LINES).open("rb") as file:
        for line in file:
            said = json.loads(line)
            if not (isinstance(said, dict) and isinstance(said.get("item"), str) and "turns" in said):
                raise ValueError(f"{LINES} holds a line that is no item")
            yield said, line


def digest_of_line(line: bytes) -> str:
    """The hex SHA-256 a manifest knows a line by."""
    return sha256(line).hexdigest()
