"""Opaque names made from keyed pseudonyms: nobody without the key can tell which call or person is meant."""

import hashlib
import re

from callwarden.model.event import CallRecorded
from callwarden.model.ids import Pseudonym, RecordingId

_LOG_CASE = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z][A-Za-z0-9]{0,15}[-_][A-Za-z0-9][A-Za-z0-9._-]{0,45}")
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?:0033|\+?33|0)[ ._/-]?(?:\(0\) ?)?[1-9](?:[ ._/-]?[0-9]{2}){4}(?![0-9A-Za-z])"
    r"|\+[1-9](?:[ ._/-]?[0-9]){7,14}"
)
"""Every one that an entry of the log refuses (`callwarden.model.log_entry`), and how people write it besides."""


def recording_identity(event: CallRecorded, *, tenant: str, conflict: str = "") -> str:
    """What makes a recording the one it is: tenant, call, leg and segment, each framed by its length. `conflict` is
    the audio's digest where a second, different audio claims to be the same recording. What was pushed for some lines
    alone is its line's: it takes the place of no other recording, whatever it is called, and none is refused for it."""
    line = () if event.lines is None else (event.line,)
    parts = (tenant, event.call_id, event.leg, str(event.segment), conflict, *line)
    return "".join(f"{len(part)}:{part}" for part in parts)


def recording_id(pseudonym: Pseudonym) -> RecordingId:
    """The recording id that stands for a pseudonym of `recording_identity`: 128 bits of it, in hexadecimal."""
    return RecordingId("rec-" + hashlib.sha256(pseudonym.encode()).hexdigest()[:32])


def log_actor(role: str, pseudonym: Pseudonym) -> str:
    """How a person stands in the access log: role, key id and 128 bits (L1). Nobody's name."""
    key_id, _, _ = pseudonym.partition(":")
    return f"{role}:{key_id}-{hashlib.sha256(pseudonym.encode()).hexdigest()[:32]}"


def log_case(case_id: str, pseudonym: Pseudonym) -> str:
    """A case's reference in the log: itself where it is opaque, such as ``DOSSIER-2026-014``, else a pseudonym."""
    if _LOG_CASE.fullmatch(case_id):
        return case_id
    return "case-" + hashlib.sha256(pseudonym.encode()).hexdigest()[:32]


def holds_a_number(name: str) -> bool:
    """Whether a name that somebody chose reads as a telephone number, or holds one."""
    return _NUMBER.search(name) is not None


def call_reference(pseudonym: Pseudonym) -> str:
    """How a call that may not be recorded stands in the log."""
    return "call-" + hashlib.sha256(pseudonym.encode()).hexdigest()[:32]
