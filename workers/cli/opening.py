"""The system a command works on: one that is there.

`init`, `up`, `work`, `demo` and `publish` make one, and so does whoever enters something first: an objection,
a case, a token (an objection may come before the first call).
"""

import os
import pwd
from contextlib import suppress

from callwarden.errors import ConfigurationError, RetryableError
from callwarden.model.access import Actor, Role
from callwarden.rules.people import is_account_name
from callwarden.settings import Settings
from callwarden.wiring import EVENT_LIMIT, System, private_folder, trusted_keys
from callwarden.wiring import open_system as open_for_programs
from callwarden.workers.processes.relay import Relay


def account(role: Role) -> Actor:
    """Whoever is logged in on this machine, in the role a command is for: who acts without being named (U3)."""
    number = os.geteuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = ""
    return Actor(role=role, name=name if is_account_name(name) else f"uid-{number}")


def open_or_make(settings: Settings, *, reading: bool = False) -> System:
    """As `callwarden.wiring.open_system`, by whoever is at the machine."""
    return open_for_programs(settings, reading=reading, by=account(Role.OPERATOR))


def open_system(settings: Settings, *, reading: bool = False) -> System:
    """As `open_or_make`. Raises ConfigurationError where nobody has made a system yet: a command in
    the wrong folder, or without its settings, must not find that nothing is wrong with nothing."""
    system = open_or_make(settings, reading=reading)
    if not system.is_there:
        raise ConfigurationError(no_system(settings))
    return system


def no_system(settings: Settings) -> str:
    """What is answered where nobody has made a system yet."""
    return (
        f"there is no system in {settings.home.absolute()}: callwarden init makes one, and so do up, demo and "
        "publish; CALLWARDEN_HOME says where it lies"
    )


def relay(system: System) -> Relay:
    """Tells the bus of what an act has made durable."""
    return Relay(system.bus, system.catalogue)


def send_outbox(system: System) -> None:
    """Tell the bus at once of what an act has made durable. Where it is away, a worker does it later."""
    with suppress(RetryableError):
        relay(system).send_orphans(older_than_s=0.0)


__all__ = [
    "EVENT_LIMIT",
    "System",
    "account",
    "no_system",
    "open_for_programs",
    "open_or_make",
    "open_system",
    "private_folder",
    "relay",
    "send_outbox",
    "trusted_keys",
]
