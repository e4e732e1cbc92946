"""Alarms as warnings in the process's own log and as a metric to alert on."""

from typing import Final

from prometheus_client import Counter

from callwarden.diagnostics import log
from callwarden.messages import UNPERMITTED

_ALERTS = Counter("callwarden_alerts", "Alarms raised, such as glass broken.", ["code"])
CODES: Final = (
    "breakglass.approved",
    "breakglass.requested",
    "hold_gone",
    "landing_swept",
    "landing_waits",
    "placement_gone",
    "request_due_soon",
    "request_gone",
    "request_overdue",
    "row_altered",
    "sweep_stopped",
    UNPERMITTED,
)
"""Those that are there from the beginning: of one that begins with its first alarm, nobody sees that it rose."""
for _code in CODES:
    _ALERTS.labels(_code)


class LoggedAlarm:
    """`callwarden.ports.alarm.Alarm`: a warning and ``callwarden_alerts_total{code}``."""

    def sound(self, code: str, *, subject: str, correlation: str) -> None:
        _ALERTS.labels(code).inc()
        log.warning("alert", code=code, subject=subject, correlation=correlation)
