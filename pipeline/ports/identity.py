"""The company's identity provider: where people show who they are, and what it then says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the provider says of somebody: claims found genuine, fresh, and meant for us. `token` is its own proof of
    the log-in, for logging out there."""

    claims: Mapping[str, Any] = field(repr=False)
    token: str = field(repr=False)


class IdentityProvider(Protocol):
    """Thread-safe. `secret` is one random value of a log-in, which only the browser that began it has; `back` is where
    the provider sends it back to. Raises RefusedError, its reason one of `callwarden.rules.sessions.SignInRefusal`;
    RetryableError while the provider is out of reach."""

    def begin(self, secret: str, *, back: str) -> str:
        """The address at the provider to send the browser to."""
        ...

    def finish(self, secret: str, answer: Mapping[str, str], *, back: str) -> Told:
        """Who the provider says it is, given the parameters it sent the browser back with."""
        ...

    def log_out_address(self, token: str | None, *, back: str) -> str | None:
        """Where somebody logs out at the provider; None where it has no such place."""
        ...
