"""`callwarden.ports.webhooks.WebhookPoster` with httpx.

The receiver's name is resolved here, every address it stands for is looked at, and the connection goes to one of these,
so that a name which answers otherwise the second time gains nothing. The certificate is still the name's. One time-out
is over everything: a receiver that sends a byte now and then ends no later.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import httpx
from standardwebhooks import Webhook

from callwarden.model.webhook import Answer, DeliveryFault, DeliveryId
from callwarden.rules.webhooks import Reach, may_be_reached

TIMEOUT_S: Final = 10.0
_GONE: Final = 410


class _RefusedAddressError(Exception):
    """A name stands for an address that nothing may be sent to."""


class HttpWebhookPoster:
    """Thread-safe. `trust` verifies the receivers' certificates: by the machine's own authorities when left out."""

    def __init__(self, *, reach: Reach, timeout_s: float = TIMEOUT_S, trust: ssl.SSLContext | None = None) -> None:
        self._reach = reach
        self._timeout_s = timeout_s
        self._trust = trust or ssl.create_default_context()

    def post(self, url: str, body: bytes, *, delivery_id: DeliveryId, secrets: Sequence[str], at: datetime) -> Answer:
        headers = {
            "content-type": "application/json",
            "user-agent": "callwarden-webhooks",
            "webhook-id": delivery_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(Webhook(one).sign(delivery_id, at, body.decode()) for one in secrets),
        }
        try:
            return asyncio.run(self._within_time(url, headers, body))
        except TimeoutError:
            return Answer(fault=DeliveryFault.TIMEOUT)
        except _RefusedAddressError:
            return Answer(fault=DeliveryFault.ADDRESS_REFUSED)
        except httpx.TimeoutException:
            return Answer(fault=DeliveryFault.TIMEOUT)
        except httpx.ConnectError as error:
            return Answer(fault=DeliveryFault.UNTRUSTED if _is_untrusted(error) else DeliveryFault.UNREACHABLE)
        except (httpx.ProtocolError, httpx.InvalidURL, httpx.DecodingError):
            return Answer(fault=DeliveryFault.NOT_HTTP)
        except (httpx.HTTPError, OSError):
            return Answer(fault=DeliveryFault.UNREACHABLE)

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """The addresses that a name stands for now. Raises OSError where nobody knows it."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(address[0]).partition("%")[0] for *_, address in found]

    async def _within_time(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        async with asyncio.timeout(self._timeout_s):
            return await self._post(url, headers, body)

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        asked = httpx.URL(url)
        address = await self._address(asked)
        async with httpx.AsyncClient(
            verify=self._trust, trust_env=False, follow_redirects=False, timeout=self._timeout_s, max_redirects=0
        ) as client:
            request = client.build_request(
                "POST",
                asked.copy_with(host=address),
                content=body,
                headers={**headers, "host": asked.netloc.decode()},
                extensions={"sni_hostname": asked.host},
            )
            answer = await client.send(request, stream=True)
            try:
                return _answer(answer.status_code)
            finally:
                await answer.aclose()

    async def _address(self, url: httpx.URL) -> str:
        """The one to connect to. Raises OSError for a name nobody knows, _RefusedAddressError where one of its
        addresses is none to send to."""
        port = url.port or {"https": 443, "http": 80}[url.scheme]
        found = await asyncio.get_running_loop().run_in_executor(None, self.resolve, url.host, port)
        addresses = [ipaddress.ip_address(one) for one in found]
        if not addresses or not all(may_be_reached(each, self._reach) for each in addresses):
            raise _RefusedAddressError
        if url.scheme != "https" and not (self._reach.loopback and all(each.is_loopback for each in addresses)):
            raise _RefusedAddressError
        return str(addresses[0])


def _answer(status: int) -> Answer:
    match status // 100:
        case 2:
            return Answer(status=status)
        case 3:
            return Answer(status=status, fault=DeliveryFault.REDIRECTED)
    return Answer(status=status, fault=DeliveryFault.GONE if status == _GONE else DeliveryFault.REJECTED)


def _is_untrusted(error: BaseException) -> bool:
    """Whether a failed connection failed by the certificate, somewhere in what led to it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "CERTIFICATE_VERIFY" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
