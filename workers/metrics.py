"""Figures for whoever watches: Prometheus, on `CALLWARDEN_METRICS_PORT` where that is set. Counts and ages, no ids."""

from collections.abc import Callable

from prometheus_client import Counter, Gauge, start_http_server

handled = Counter("callwarden_deliveries_total", "Deliveries a step has finished.", ["step"])
retries = Counter("callwarden_retries_total", "Pieces of work that will be tried again.", ["step"])
in_hand = Gauge("callwarden_deliveries_in_hand", "Deliveries a worker has in its hands.", ["step"])
disposed = Counter("callwarden_disposed_total", "Recordings the sweep has destroyed.")
held_in_vault = Counter("callwarden_disposal_refused_total", "Disposals a legal hold in the vault has forbidden.")
log_tail = Gauge("callwarden_log_unanchored_seconds", "Age of the oldest log entry no published checkpoint covers.")


def serve(port: int | None, *, address: str, log_tail_age: Callable[[], float]) -> None:
    """Answer on `port` from now on; nothing without a port. `log_tail_age` is asked at every scrape."""
    if port is None:
        return
    log_tail.set_function(log_tail_age)
    start_http_server(port, addr=address)
