"""What answers look like: the dicts that commands print with ``--json`` and the API sends, one module a subject."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from callwarden.model.period import CalendarPeriod

Row = Mapping[str, object]


def to_json(value: object) -> str:
    """One line of JSON. Instants are in UTC, lengths of time and periods ISO 8601, sets sorted."""
    return json.dumps(value, default=plain, ensure_ascii=False, allow_nan=False)


def plain(value: object) -> object:
    """As JSON has it, one level deep. Raises TypeError."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case timedelta():
            return _iso_duration(value)
        case CalendarPeriod() | Path():
            return str(value)
        case Decimal():
            return float(value)
        case ZoneInfo():
            return value.key
        case set() | frozenset():
            return sorted(value)
        case Mapping():
            return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be printed")


def _iso_duration(duration: timedelta) -> str:
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S")
