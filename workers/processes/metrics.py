"""Figures for whoever watches: Prometheus, on `CALLWARDEN_METRICS_PORT` where that is set. Counts and ages, no ids."""

from collections.abc import Callable

from prometheus_client import Counter, Gauge

handled = Counter("callwarden_deliveries_total", "Deliveries a step has finished.", ["step"])
retries = Counter("callwarden_retries_total", "Pieces of work that will be tried again.", ["step"])
left = Counter("callwarden_left_behind_total", "Deliveries left, uncommitted, for a fault of their own.", ["step"])
in_hand = Gauge("callwarden_deliveries_in_hand", "Deliveries a worker has in its hands.", ["step"])
deleted_unread = Counter(
    "callwarden_deleted_unread_total", "Messages the bus deleted before a step had read them.", ["step"]
)
disposed = Counter("callwarden_disposed_total", "Recordings the sweep has destroyed.")
landing_removed = Counter("callwarden_landing_removed_total", "Things removed that lay too long in a landing area.")
landing_spared = Gauge(
    "callwarden_landing_spared", "Things that lie too long in landing areas while an event is not decided."
)
held_in_vault = Counter("callwarden_disposal_refused_total", "Disposals a legal hold in the vault has forbidden.")
log_stamp = Gauge(
    "callwarden_log_timestamp_age_seconds", "Since a third party last stamped a checkpoint; not a number without one."
)
log_tail = Gauge("callwarden_log_unanchored_seconds", "Age of the oldest log entry no published checkpoint covers.")


def begin(step: str) -> None:
    """What is counted of this step is 0 from now on: of a figure that begins with 1, nobody sees that it rose."""
    for counter in (handled, retries, left, deleted_unread):
        counter.labels(step)


def watch_log(*, tail_age: Callable[[], float], stamp_age: Callable[[], float]) -> None:
    """Ask these at every scrape. Seconds; not a number where the log cannot be read: other figures are still given."""
    log_tail.set_function(tail_age)
    log_stamp.set_function(stamp_age)
