"""The system a command works on: one that is there.

`init`, `up`, `work`, `demo`, `publish` and `doctor` make one, and so does whoever enters something first: an objection,
a case, a token (an objection may come before the first call).
"""

from contextlib import suppress

from callwarden.errors import ConfigurationError, RetryableError
from callwarden.settings import Settings
from callwarden.wiring import System
from callwarden.wiring import open_system as open_or_make
from callwarden.workers.processes.relay import Relay


def open_system(settings: Settings, *, reading: bool = False) -> System:
    """As `callwarden.wiring.open_system`. Raises ConfigurationError where nobody has made a system yet: a command in
    the wrong folder, or without its settings, must not find that nothing is wrong with nothing."""
    system = open_or_make(settings, reading=reading)
    if not system.is_there:
        raise ConfigurationError(
            f"there is no system in {settings.home.absolute()}: callwarden init makes one, and so do up, demo and "
            "publish; CALLWARDEN_HOME says where it lies"
        )
    return system


def send_outbox(system: System) -> None:
    """Tell the bus at once of what an act has made durable. Where it is away, a worker does it later."""
    with suppress(RetryableError):
        Relay(system.bus, system.catalogue).send_orphans(older_than_s=0.0)


__all__ = ["open_or_make", "open_system", "send_outbox"]
