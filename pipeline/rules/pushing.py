"""Calls that a telephone system hands over itself: where their audio lands, and what it may be called."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final

from callwarden.model.event import CallRecorded, PushedBy
from callwarden.model.ids import Pseudonym
from callwarden.model.landing import LandingUri
from callwarden.model.policy import Policy
from callwarden.model.receipt import ReceiptId
from callwarden.rules.landing_uri import area_of, contains

FOLDER: Final = "callwarden-pushed"
"""Of a landing area: what lies there and has no receipt was handed over by nobody to the end."""

LONGEST_PUSH: Final = timedelta(hours=1)
"""What was begun longer ago is not on its way any more."""

_LONGEST_MONTH: Final = 31
"""Days: the log goes by whole months."""
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,8}", re.ASCII)
_AUDIO: Final = re.compile(r"audio/.+|application/(octet-stream|ogg)|video/(mp4|webm|ogg|3gpp|x-matroska)")
"""Containers of sound that go by another name, and what says nothing of itself."""


def receiving_area(areas: Sequence[str], *, buckets: bool) -> str | None:
    """The landing area that takes in what is pushed: the first bucket of the policy where its recordings lie in
    `buckets`, else its first watched folder; None where it has none."""
    wanted = "s3" if buckets else "spool"
    return next((area for area in areas if area_of(area).scheme == wanted), None)


def is_audio_type(media_type: str) -> bool:
    """Whether a part of this media type may be audio; what it is, is found out when it is decoded. Empty: not said."""
    essence = media_type.partition(";")[0].strip().lower()
    return not essence or _AUDIO.fullmatch(essence) is not None


def upload_name(unique: str, *names: str) -> str:
    """What an upload is called: nothing that anybody sent, but for the suffix of the first of `names` that has one.
    Raw sound is told by it."""
    suffixes = (PurePosixPath(name.replace("\\", "/")).suffix.lower() for name in names)
    return unique + next((suffix for suffix in suffixes if _SUFFIX.fullmatch(suffix)), "")


def upload_in(place: LandingUri, areas: Sequence[str]) -> str | None:
    """The name of the upload that lies or began here; None where nothing is pushed to."""
    folder, _, name = place.name.rpartition("/")
    around = (area_of(area) for area in areas if contains(area, place))
    return name if any(folder == f"{area.name}/{FOLDER}".lstrip("/") for area in around) else None


def receipt_identity(event: CallRecorded) -> str:
    """What a receipt is for: an event of one part of one call, each framed by its length. A telephone system that
    counts anew gives another call the event's name."""
    parts = (event.event_id, event.call_id, event.leg, str(event.segment))
    return "".join(f"{len(part)}:{part}" for part in parts)


def pusher_identity(event: CallRecorded, pushed: PushedBy) -> str:
    """What the mark of a pushed event stands for: which event, who handed it over, for which lines."""
    lines = None if pushed.lines is None else sorted(pushed.lines)
    return json.dumps([receipt_identity(event), pushed.by, lines])


def receipts_kept(policy: Policy) -> timedelta:
    """How long the receipt of a pushed call is kept: never shorter than the entry of the access log that names it."""
    return timedelta(days=policy.log_retention.at_most_days() + _LONGEST_MONTH)


def receipt_id(pseudonym: Pseudonym) -> ReceiptId:
    """The receipt that stands for a pseudonym of `receipt_identity`: 128 bits of it, in hexadecimal."""
    return ReceiptId("rcp-" + hashlib.sha256(pseudonym.encode()).hexdigest()[:32])
