"""Alarms as warnings in the process's own log and as a metric to alert on."""

import structlog
from prometheus_client import Counter

log = structlog.get_logger()
_ALERTS = Counter("callwarden_alerts", "Alarms raised, such as glass broken.", ["code"])


class LoggedAlarm:
    """`callwarden.ports.alarm.Alarm`: a structlog warning and ``callwarden_alerts_total{code}``."""

    def sound(self, code: str, *, subject: str, correlation: str) -> None:
        _ALERTS.labels(code).inc()
        log.warning("alert", code=code, subject=subject, correlation=correlation)
