"""One PUT of a whole object, signed by botocore and sent over botocore's HTTP session, and nothing around it.

`put_object` of the client looks up the endpoint's rules, validates parameters, calls hooks and builds its retries anew
for every call: a third of what a worker's processor does for a recording. Here the address is fixed, because a server
of our own is named, and path-style. Whatever is not a plain success is left to the client, which repeats it and
explains it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.exceptions import HTTPClientError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from callwarden.adapters.aws import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, AwsSettings, session


class HttpSession(Protocol):
    """What sends a signed request; botocore's session is one."""

    def send(self, request: AWSPreparedRequest) -> AWSResponse: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAnswer:
    """What a server says of an object it has stored; None where it says nothing."""

    version_id: str | None
    checksum_sha256: str | None


class DirectPut:
    """Puts whole objects under one endpoint. Thread-safe."""

    def __init__(self, endpoint_url: str, signer: S3SigV4Auth, http: HttpSession) -> None:
        self._endpoint = endpoint_url.rstrip("/")
        self._signer = signer
        self._http = http

    def put(self, bucket: str, key: str, content: bytes, *, headers: Mapping[str, str]) -> PutAnswer | None:
        """The server's answer, or None where it is not a plain success and the client is to try.

        The request is signed over the SHA-256 of `content`. Raises botocore's ReadTimeoutError: the object may be
        stored.
        """
        request = AWSRequest(
            method="PUT", url=f"{self._endpoint}/{quote(bucket)}/{quote(key)}", data=content, headers=dict(headers)
        )
        request.context["payload_signing_enabled"] = True
        self._signer.add_auth(request)
        try:
            answer = self._http.send(request.prepare())
        except ReadTimeoutError:
            raise
        except HTTPClientError:  # such as a kept connection that the server has closed
            return None
        if answer.status_code != 200:
            return None
        return PutAnswer(
            version_id=answer.headers.get("x-amz-version-id"),
            checksum_sha256=answer.headers.get("x-amz-checksum-sha256"),
        )


def direct_put(settings: AwsSettings, *, region: str) -> DirectPut | None:
    """For the server that `settings` name; None where none is named (Amazon's addresses depend on the bucket) or nobody
    has credentials (the client says so)."""
    credentials = session(settings).get_credentials()
    if settings.endpoint_url is None or credentials is None:
        return None
    http = URLLib3Session(
        verify=settings.ca_bundle or True,  # type: ignore[arg-type]  # a path, as the client itself passes on
        proxies=get_environ_proxies(settings.endpoint_url) if settings.proxies is None else dict(settings.proxies),
        timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),  # type: ignore[arg-type]  # the stubs do not know the pair
        max_pool_connections=settings.connections,
    )
    return DirectPut(settings.endpoint_url, S3SigV4Auth(credentials, "s3", region), http)
