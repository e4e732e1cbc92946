"""An identity provider of a test's own, on a port, that hands out whatever ID token it is told to."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT = "callwarden"


@lru_cache
def a_key(whose: str) -> RSAKey:
    """A key pair for each name; made once, for it takes a while."""
    return RSAKey.generate_key(2048, {"kid": "k1"})


@dataclass(slots=True)
class LyingProvider:
    """`token` is its next answer; `userinfo` what it says besides."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: a_key("its own"))
    token: str = ""
    userinfo: Mapping[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def signed(self, claims: Mapping[str, Any], *, key: RSAKey | OctKey | None = None, **header: Any) -> str:
        """A token with these claims, by its own key or by another."""
        return jwt.encode({"alg": "RS256", "kid": "k1", **header}, dict(claims), key or self.key)

    def answer(self, path: str) -> Mapping[str, Any]:
        """What it says at this address."""
        self.asked.append(path)
        if path.endswith("/.well-known/openid-configuration"):
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                **({"userinfo_endpoint": f"{self.issuer}/me"} if self.userinfo else {}),
            }
        if path == "/jwks":
            return {"keys": [{**self.key.as_dict(private=False), "kid": "k1", "use": "sig"}]}
        if path == "/me":
            return self.userinfo
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.token}


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    """Runs until the block ends."""
    provider = LyingProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            self.rfile.read(length)
            body = json.dumps(provider.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 -- the name the server looks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
