"""Letting people in by what the company's identity provider says of them (U2, L1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from callwarden.custody.sign_in import SignIn
from callwarden.errors import RefusedError
from callwarden.ports.identity import IdentityProvider
from callwarden.rules.claims import ClaimMapping, Recognised, recognised
from callwarden.rules.sessions import SignInRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSignIn:
    """Thread-safe. `secret` is the random value that only the browser that began a log-in has."""

    provider: IdentityProvider
    sign_in: SignIn
    mapping: ClaimMapping
    origin: str

    def begin(self, secret: str, *, back: str) -> str:
        """Where to send the browser. Raises RetryableError."""
        return self.provider.begin(secret, back=back)

    def finish(self, secret: str, answer: Mapping[str, str], *, back: str, address: str, replacing: str | None) -> str:
        """A session for whom the provider says it is: what the browser keeps of it. Raises RefusedError, every time an
        entry of the log; RetryableError."""
        who: Recognised | SignInRefusal
        token: str | None
        try:
            told = self.provider.finish(secret, answer, back=back)
        except RefusedError as error:
            who, token = SignInRefusal(error.reasons[0]), None
        else:
            who, token = recognised(told.claims, self.mapping), told.token
        return self.sign_in.by_provider(
            who, origin=self.origin, provider_token=token, address=address, replacing=replacing
        )

    def log_out_address(self, token: str | None, *, back: str) -> str | None:
        """Where somebody logs out at the provider; None where it has no such place, or is out of reach."""
        return self.provider.log_out_address(token, back=back)
