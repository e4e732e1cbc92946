"""Alarms as warnings in the process's own log and as a metric to alert on."""

from prometheus_client import Counter

from callwarden.diagnostics import log

_ALERTS = Counter("callwarden_alerts", "Alarms raised, such as glass broken.", ["code"])


class LoggedAlarm:
    """`callwarden.ports.alarm.Alarm`: a warning and ``callwarden_alerts_total{code}``."""

    def sound(self, code: str, *, subject: str, correlation: str) -> None:
        _ALERTS.labels(code).inc()
        log.warning("alert", code=code, subject=subject, correlation=correlation)
