"""A receiver of webhooks in a process of its own, which checks every notice with the convention's library.

How it behaves is the word in the file `behaviour` of its folder, which it reads for every request; the secrets it
checks by are lines of the file `secrets`; what it was sent is in `received`, one JSON object a line.
"""

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock
from typing import Any, Final

from standardwebhooks import Webhook, WebhookVerificationError

_TOO_LONG: Final = 60
_STATUS: Final = {"ok": 204, "fail": 503, "reject": 422, "gone": 410, "redirect": 307}
_writing = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """One that runs. `url` is where it listens."""

    url: str
    folder: Path
    process: "subprocess.Popen[str]"

    def behave(self, how: str) -> None:
        """``ok``, ``fail``, ``reject``, ``gone``, ``redirect``, ``hang``, ``drip`` (a byte now and then), ``babble``
        (no HTTP) or ``close``."""
        (self.folder / "behaviour").write_text(how, encoding="utf-8")

    def knows(self, *secrets: str) -> None:
        """The secrets it checks by."""
        (self.folder / "secrets").write_text("\n".join(secrets), encoding="utf-8")

    def received(self) -> list[dict[str, Any]]:
        """Every request in its order: ``id``, ``by`` (the numbers of the secrets it was signed with), ``body``,
        ``headers``."""
        lines = (self.folder / "received").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def forget(self) -> None:
        """Begin anew."""
        (self.folder / "received").write_text("", encoding="utf-8")


@contextmanager
def receiver(folder: Path, *, certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver for the length of the block; over TLS with a PEM file of key and certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.support.receiver", str(folder)]
    process = subprocess.Popen(
        [*command, *([] if certificate is None else [str(certificate)])],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        scheme = "http" if certificate is None else "https"
        running = Receiver(url=f"{scheme}://localhost:{port}/hook", folder=folder, process=process)
        running.behave("ok")
        running.knows()
        running.forget()
        yield running
    finally:
        process.kill()
        process.communicate()


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_POST(self) -> None:
        how = (self.folder / "behaviour").read_text(encoding="utf-8")
        body = self.rfile.read(int(self.headers["content-length"]))
        self._note(body)
        match how:
            case "hang":
                Event().wait(_TOO_LONG)
            case "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                for _ in range(_TOO_LONG * 10):
                    self.wfile.write(b"x-more: 1\r\n")
                    time.sleep(0.1)
            case "babble":
                self.wfile.write(b"220 mail.example.com ESMTP\r\n")
            case "close":
                pass
            case _:
                self.send_response(_STATUS[how])
                if how == "redirect":
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

    def do_GET(self) -> None:
        self._note(b"")

    def _note(self, body: bytes) -> None:
        secrets = (self.folder / "secrets").read_text(encoding="utf-8").split()
        headers = {name.lower(): value for name, value in self.headers.items()}
        by = [number for number, secret in enumerate(secrets) if _is_signed(secret, body, headers)]
        said = {"id": headers.get("webhook-id"), "by": by, "path": self.path, "headers": headers}
        line = json.dumps({**said, "body": json.loads(body) if body else None})
        with _writing, (self.folder / "received").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def log_message(self, *_what: Any) -> None:
        """Nothing on the terminal."""


def _is_signed(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def _main(folder: Path, certificate: Path | None) -> None:
    _Handler.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
