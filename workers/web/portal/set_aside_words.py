"""What was expected of an event that is set aside, and what was found, in the reader's language: words of ours only.
Names, digests and times stand as they are."""

import re
from collections.abc import Mapping
from typing import Final

from jinja2 import pass_context
from jinja2.runtime import Context

_SENTENCES: Final = (
    "sound in the audio",
    "length of the call",
    "a time with its offset",
    "not after it was received",
    "since the year 2000",
    "expected {} s, found {} s",
    "{} s by the event, {} s of audio",
    "{} s by the event",
    "{} s of {} s of audio",
    "{} of {} outside the {} s of audio",
    "{} of {} begin within another",
    "{} s of audio",
    "{} named, {} in the audio",
    "nothing loud, and no voice",
    "another value",
    "{} to {} s",
    "nothing",
    "true or false",
    "a number",
    "a text of {} characters",
    "a list of {}",
    "an object of {} fields",
    "something else",
)
COMPARED: Final[Mapping[str, str]] = {sentence: sentence for sentence in _SENTENCES}
NOTE_WHY: Final[Mapping[str, str]] = {
    "absent": "nothing, where something is needed",
    "wrong_type": "another type",
    "not_printable": "a control character",
    "too_long": "too long",
    "empty": "empty",
    "too_many": "too many",
    "out_of_range": "a number that cannot be",
    "unknown_word": "a word that is not known",
    "not_sha256": "no SHA-256",
    "not_a_time": "no date, or without its offset",
    "not_as_audio": "the audio has other channels",
    "duration_mismatch": "the audio is longer or shorter than the times say",
    "overlapping": "a pause begins within another",
    "outside_audio": "a pause lies outside the audio",
    "covers_audio": "the pauses cover all of the audio",
    "bad_audio": "the field is right, the audio is not",
    "no_sound": "nothing can be heard in the file",
    "no_voice": "no voice was found",
    "corrected": "a person has put another value in its place",
}


_PATTERNS: Final = [(re.compile(re.escape(key).replace(r"\{\}", "(-?[0-9.]+)")), key) for key in COMPARED]
"""Whole texts, with numbers in them: a name that somebody gave a line is none of ours."""


@pass_context
def compared(context: Context, text: str) -> str:
    """A field, or what stood in it, as `callwarden.rules.clearing` says it."""
    for pattern, words in _PATTERNS:
        if (match := pattern.fullmatch(text)) is not None:
            return str(context["pgettext"]("compared", words)).format(*match.groups())
    return text
