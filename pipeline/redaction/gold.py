"""Annotated documents, one a line, as this project writes them and as the public ai4privacy sets do.

Ours: ``{"text", "spans": [{"start", "end", "type"}]}`` or ``{"turns": [{"speaker", "text"}], "spans": [{"turn", …}]}``;
ai4privacy's: ``{"source_text" or "unmasked_text", "privacy_mask": [{"start", "end", "label"}]}``, where the mask may be
a string that holds JSON. Offsets are characters, the end excluded.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callwarden.model.redaction import SpanType, Turn
from callwarden.redaction.evaluate import Mark

_LABELS: dict[str, str] = {
    label: str(kind)
    for kind, labels in {
        SpanType.PERSON: "GIVENNAME FIRSTNAME MIDDLENAME LASTNAME SURNAME NAME",
        SpanType.LOCATION: "STREET BUILDING BUILDINGNUM BUILDINGNUMBER SECADDRESS SECONDARYADDRESS CITY ZIPCODE"
        " POSTCODE STATE COUNTY GEOCOORD NEARBYGPSCOORDINATE",
        SpanType.PHONE: "TEL TELEPHONENUM PHONE PHONENUMBER",
        SpanType.EMAIL: "EMAIL",
        SpanType.CREDIT_CARD: "CREDITCARDNUMBER CREDITCARDCVV",
        SpanType.IBAN: "IBAN BIC",
        SpanType.NATIONAL_ID: "SOCIALNUM SOCIALNUMBER SSN",
        SpanType.DATE_OF_BIRTH: "DATEOFBIRTH BOD DOB",
        SpanType.SECRET: "PASS PASSWORD PIN",
        SpanType.ORGANISATION: "COMPANYNAME",
        SpanType.IP: "IP IPV IPADDRESS",
        SpanType.URL: "URL",
        SpanType.LICENCE_PLATE: "VEHICLEVRM",
        SpanType.ID_NUMBER: "IDCARD IDCARDNUM PASSPORT PASSPORTNUM DRIVERLICENSE DRIVERLICENSENUM TAXNUM ACCOUNTNUM"
        " ACCOUNTNUMBER USERNAME VEHICLEVIN PHONEIMEI MAC",
        SpanType.DATE: "DATE",
    }.items()
    for label in labels.split()
}
"""ai4privacy's labels, without the figures behind some of them, and the types of this project."""


class GoldError(ValueError):
    """A line that is no annotated document; says what is wrong, never what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One annotated document. ``line`` is what was read; ``unknown`` the labels that have no type here."""

    turns: tuple[Turn, ...]
    marks: tuple[Mark, ...]
    line: Mapping[str, Any]
    unknown: tuple[str, ...] = field(default=())


def read_document(line: str) -> Document:
    """One line. Raises `GoldError`."""
    try:
        value = json.loads(line)
    except ValueError as error:
        raise GoldError("not JSON") from error
    if not isinstance(value, dict):
        raise GoldError("a line must be an object")
    if "privacy_mask" in value:
        return _ai4privacy(value)
    if not ("turns" in value or "text" in value):
        raise GoldError("a line must be an object with text or turns, and spans")
    turns = read_turns(value)
    marks = (
        _mark(span, turns, f"spans[{n}] must be {{turn, start, end, type}} inside its turn")
        for n, span in enumerate(value.get("spans", []))
    )
    return Document(turns=turns, marks=tuple(marks), line=value)


def read_turns(value: Mapping[str, Any]) -> tuple[Turn, ...]:
    """The turns of an object with ``turns`` or ``text``; a text is one turn. Raises `GoldError`."""
    turns = value.get("turns", [{"speaker": "unknown", "text": value.get("text")}])
    if not isinstance(turns, list):
        raise GoldError("turns must be a list of {speaker, text}")
    for n, turn in enumerate(turns):
        if not isinstance(turn, dict) or not isinstance(turn.get("text"), str):
            raise GoldError(f"turns[{n}].text must be a string")
    return tuple(Turn(speaker=str(turn.get("speaker", "unknown")), text=turn["text"]) for turn in turns)


def _ai4privacy(value: Mapping[str, Any]) -> Document:
    text, mask = value.get("source_text", value.get("unmasked_text")), value["privacy_mask"]
    try:
        spans = json.loads(mask) if isinstance(mask, str) else mask
    except ValueError as error:
        raise GoldError("privacy_mask is not JSON") from error
    if not isinstance(text, str) or not isinstance(spans, list):
        raise GoldError("source_text must be a string and privacy_mask a list of {start, end, label}")
    turns = (Turn(speaker="unknown", text=text),)
    marks, unknown = [], []
    for n, span in enumerate(spans):
        label = str(span.get("label")) if isinstance(span, dict) else ""
        kind = _LABELS.get(re.sub(r"[\d_]", "", label))
        if kind is None:
            unknown.append(label)
        else:
            marks.append(
                _mark({**span, "type": kind}, turns, f"privacy_mask[{n}] must be {{start, end, label}} inside the text")
            )
    return Document(turns=turns, marks=tuple(marks), line=value, unknown=tuple(unknown))


def _mark(span: Any, turns: tuple[Turn, ...], otherwise: str) -> Mark:
    try:
        mark = Mark(turn=span.get("turn", 0), start=span["start"], end=span["end"], type=span["type"])
        inside = 0 <= mark.turn < len(turns) and 0 <= mark.start < mark.end <= len(turns[mark.turn].text)
    except (KeyError, TypeError, AttributeError):
        inside = False
    if not inside:
        raise GoldError(otherwise)
    return mark


def labels_left_out(documents: Iterable[Document]) -> list[str]:
    """The labels of a foreign set that count neither for nor against."""
    return sorted({label for document in documents for label in document.unknown})
