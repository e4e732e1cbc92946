"""OpenID Connect: the code flow with PKCE, by Authlib; what the provider signs is checked by joserfc.

State, nonce and PKCE verifier are made of one random value that only the browser has: nothing is kept here of a log-in
under way, and no other browser can finish it. https://openid.net/specs/openid-connect-core-1_0.html, 3.1.
"""

import hmac
import ssl
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from threading import Lock
from typing import Any, Final, NoReturn
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from callwarden.diagnostics import log
from callwarden.errors import ConfigurationError, RefusedError, RetryableError
from callwarden.ports.clock import Clock
from callwarden.ports.identity import Told
from callwarden.rules.sessions import SignInRefusal

_TIMEOUT_S: Final = 10.0
_KEPT_S: Final = 3600.0
"""What the provider says of itself is asked for again after this; its keys also when one is not among them."""
_LEEWAY_S: Final = 60
_ALGORITHMS: Final = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
]
"""Signatures by the provider's own key. Neither none at all, nor by a secret that we share with it."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True, kw_only=True)
class OidcProvider:
    """`callwarden.ports.identity.IdentityProvider`. `issuer` is compared to the letter with what the provider says."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    scopes: str
    clock: Clock
    ca_bundle: Path | None = None
    _trust: ssl.SSLContext | bool = field(default=False, init=False)
    """Made once, for it takes a while; without TLS there is nothing to check."""
    _lock: Lock = field(default_factory=Lock, init=False)
    _known: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ConfigurationError("CALLWARDEN_OIDC_ISSUER: give it an https:// address: log-ins pass there")
        if parts.scheme == "https":
            bundle = None if self.ca_bundle is None else str(self.ca_bundle)
            self._trust = ssl.create_default_context(cafile=bundle)

    def begin(self, secret: str, *, back: str) -> str:
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                self._place("authorization_endpoint"),
                state=_made(secret, "state"),
                nonce=_made(secret, "nonce"),
                code_verifier=_made(secret, "verifier"),
            )
        return str(address)

    def finish(self, secret: str, answer: Mapping[str, str], *, back: str) -> Told:
        if not secret or not compare_digest(answer.get("state", "").encode(), _made(secret, "state").encode()):
            _refuse(SignInRefusal.PROVIDER_STATE, "state")
        if answer.get("iss", self.issuer) != self.issuer:  # RFC 9207: another provider's answer
            _refuse(SignInRefusal.PROVIDER_STATE, "issuer")
        if "error" in answer or not answer.get("code"):
            _refuse(SignInRefusal.PROVIDER_REFUSED, "no code")
        with self._client(back) as client:
            try:
                given = client.fetch_token(
                    self._place("token_endpoint"), code=answer["code"], code_verifier=_made(secret, "verifier")
                )
            except AuthlibBaseError as error:
                _refuse(SignInRefusal.PROVIDER_REFUSED, str(error.error))
            except httpx.HTTPError as error:
                raise _away(error) from None
            token = given.get("id_token")
            if not isinstance(token, str):
                _refuse(SignInRefusal.PROVIDER_TOKEN, "no id_token")
            claims = self.checked(token, nonce=_made(secret, "nonce"))
            more = self._more(client)
        if more and more.get("sub") != claims["sub"]:
            _refuse(SignInRefusal.PROVIDER_TOKEN, "userinfo is of somebody else")
        return Told(claims={**more, **claims}, token=token)

    def log_out_address(self, token: str | None, *, back: str) -> str | None:
        try:
            place = self._discovered().get("end_session_endpoint")
        except RetryableError:
            return None
        if not isinstance(place, str):
            return None
        query = {"client_id": self.client_id, "post_logout_redirect_uri": back}
        query |= {"id_token_hint": token} if token else {}
        return f"{place}{'&' if '?' in place else '?'}{urlencode(query)}"

    def checked(self, token: str, *, nonce: str) -> dict[str, Any]:
        """The claims of an ID token: signed by the provider's key, for us, now, and for this log-in. Raises
        RefusedError (``provider_token``), whose cause is logged; RetryableError."""
        try:
            try:
                found = jwt.decode(token, self._keys(), algorithms=_ALGORITHMS)
            except ValueError:  # no key of this id: the provider may have a new one
                found = jwt.decode(token, self._keys(again=True), algorithms=_ALGORITHMS)
            rules = jwt.JWTClaimsRegistry(
                now=int(self.clock.now().timestamp()),
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            rules.validate(found.claims)
        except (JoseError, ValueError) as error:
            _refuse(SignInRefusal.PROVIDER_TOKEN, type(error).__name__)
        audience = found.claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or "azp" in found.claims) and found.claims.get("azp") != self.client_id:
            _refuse(SignInRefusal.PROVIDER_TOKEN, "azp")
        return dict(found.claims)

    def _more(self, client: OAuth2Client) -> dict[str, Any]:
        """What the provider says beside the token, where it has a place for that."""
        place = self._discovered().get("userinfo_endpoint")
        if not isinstance(place, str):
            return {}
        try:
            answer = client.get(place)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, AuthlibBaseError, ValueError) as error:
            raise _away(error) from None
        return found if isinstance(found, dict) else {}

    def _client(self, back: str) -> OAuth2Client:
        return OAuth2Client(
            self.client_id,
            self.client_secret,
            scope=self.scopes,
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="none" if self.client_secret is None else "client_secret_basic",
            timeout=_TIMEOUT_S,
            verify=self._trust,
        )

    def _place(self, name: str) -> str:
        place = self._discovered().get(name)
        if not isinstance(place, str):
            raise RetryableError(f"the identity provider names no {name}", part="identity provider")
        return place

    def _discovered(self) -> dict[str, Any]:
        found = self._asked(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ConfigurationError(
                f"CALLWARDEN_OIDC_ISSUER is {self.issuer}, but the provider there calls itself {found.get('issuer')}"
            )
        return found

    def _keys(self, *, again: bool = False) -> KeySet:
        found: Any = self._asked(self._place("jwks_uri"), again=again)
        return KeySet.import_key_set(found)

    def _asked(self, address: str, *, again: bool = False) -> dict[str, Any]:
        with self._lock:
            at, found = self._known.get(address, (0.0, {}))
            if found and not again and time.monotonic() - at < _KEPT_S:
                return found
            try:
                answer = httpx.get(address, timeout=_TIMEOUT_S, verify=self._trust)
                answer.raise_for_status()
                found = answer.json()
            except (httpx.HTTPError, ValueError) as error:
                raise _away(error) from None
            if not isinstance(found, dict):
                raise RetryableError("the identity provider answers something else", part="identity provider")
            self._known[address] = (time.monotonic(), found)
            return found


def _made(secret: str, what: str) -> str:
    """One of the values of a log-in: 43 characters, as PKCE asks (RFC 7636, 4.1)."""
    digest = hmac.digest(secret.encode(), f"callwarden {what}".encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _refuse(reason: SignInRefusal, why: str) -> NoReturn:
    log.warning("log_in_refused", reason=reason.value, why=why[:80])
    raise RefusedError((reason.value,))


def _away(error: Exception) -> RetryableError:
    return RetryableError(f"the identity provider is out of reach: {type(error).__name__}", part="identity provider")
