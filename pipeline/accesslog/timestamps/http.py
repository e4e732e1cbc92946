"""A time-stamping authority over HTTP (RFC 3161, 3.4)."""

import http.client
import ssl
import urllib.error
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from callwarden.accesslog.proof.stamps import StampError
from callwarden.accesslog.timestamps.tokens import TimestampTrust, parse_response
from callwarden.errors import ConfigurationError
from callwarden.ports.timestamps import NotStampedError, ObtainedTimestamp, StampingFault

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

MAX_ANSWER_BYTES: Final = 256 * 1024
"""A token with a chain of certificates is some ten kilobytes."""
_GRANTED: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityAddress:
    """Where an authority answers. ``password`` goes into the request, and nowhere else."""

    url: str
    timeout_s: float
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    proxies: Mapping[str, str] | None = field(default=None, repr=False)
    """Scheme to the proxy's URL; None for what the environment says, empty for none."""


class HttpTimestampAuthority:
    """`callwarden.ports.timestamps.TimestampAuthority` over HTTP or HTTPS, through a proxy where one is named."""

    def __init__(self, address: AuthorityAddress, trust: TimestampTrust) -> None:
        """Raises: `ConfigurationError` for an address that is not http:// or https://."""
        parts = urlsplit(address.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError("CALLWARDEN_TIMESTAMP_URL: an authority's address is http:// or https:// …")
        if parts.username is not None:
            raise ConfigurationError(
                "CALLWARDEN_TIMESTAMP_URL: put user and password into CALLWARDEN_TIMESTAMP_USER and …_PASSWORD"
            )
        self._address = address
        self._trust = trust
        self._opener = _opener(address.proxies)
        self._asking = Lock()

    def stamp(self, data: bytes) -> ObtainedTimestamp:
        """See `TimestampAuthority.stamp`."""
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

        request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
        answer = self._within_time(request.as_bytes())
        try:
            response = parse_response(answer)
            _must_be_granted(response)
            at = self._trust.check_answer(response, data, request=request)
        except StampError as error:
            raise NotStampedError(StampingFault.WRONG, f"the authority's answer: {error}") from error
        return ObtainedTimestamp(token=answer, at=at)

    def _within_time(self, body: bytes) -> bytes:
        """The answer, or an error when the time is over, whatever the connection is doing then: a socket's own time-out
        begins anew with every byte. One question at a time: an authority that hangs holds one thread, not many."""
        answers: SimpleQueue[bytes | NotStampedError] = SimpleQueue()
        if not self._asking.acquire(blocking=False):
            raise NotStampedError(StampingFault.AWAY, "the authority has not answered the question before this one yet")

        def ask() -> None:
            try:
                answers.put(self._post(body))
            except NotStampedError as error:
                answers.put(error)
            finally:
                self._asking.release()

        try:
            Thread(target=ask, name="timestamp", daemon=True).start()
        except RuntimeError as error:
            self._asking.release()
            raise NotStampedError(StampingFault.AWAY, "no thread to ask the authority with") from error
        try:
            answer = answers.get(timeout=self._address.timeout_s)
        except Empty:
            seconds = f"{self._address.timeout_s:g} s"
            raise NotStampedError(StampingFault.AWAY, f"the authority did not answer within {seconds}") from None
        if isinstance(answer, NotStampedError):
            raise answer
        return answer

    def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        if self._address.user is not None:
            secret = f"{self._address.user}:{self._address.password or ''}"
            headers["Authorization"] = f"Basic {b64encode(secret.encode()).decode()}"
        request = Request(self._address.url, data=body, headers=headers)  # noqa: S310 -- its scheme was looked at
        try:
            with self._opener.open(request, timeout=self._address.timeout_s) as answer:
                received: bytes = answer.read(MAX_ANSWER_BYTES + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise NotStampedError(StampingFault.AWAY, f"the authority answered HTTP {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotStampedError(
                StampingFault.AWAY, f"the authority is out of reach ({type(error).__name__})"
            ) from error
        if len(received) > MAX_ANSWER_BYTES:
            raise NotStampedError(StampingFault.WRONG, f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
        return received


def _opener(proxies: Mapping[str, str] | None) -> OpenerDirector:
    """HTTP and HTTPS and nothing else; no redirects, which would turn the question into another request."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(None if proxies is None else dict(proxies)),
        UnknownHandler(),
        HTTPHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _must_be_granted(response: "TimeStampResponse") -> None:
    if response.status != _GRANTED:
        said = "; ".join(response.status_string)[:200]
        raise NotStampedError(
            StampingFault.REJECTED, f"the authority refuses (PKIStatus {response.status}{': ' + said if said else ''})"
        )
