"""A time-stamping authority: ``openssl ts -reply`` behind HTTP, under a certificate authority made for the test.

`behave` decides what becomes of a request; by default it is stamped.
"""

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)

Behave = Callable[[BaseHTTPRequestHandler, bytes], None]


def missing() -> str | None:
    """Why no authority can run on this machine, or None when one can."""
    return None if shutil.which("openssl") else "openssl is not installed"


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_identity(
    name: str,
    *,
    by: Identity | None = None,
    authority: bool = False,
    stamps: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Identity:
    """A root when ``by`` nobody; one that may stamp unless it is a certificate authority or told not to."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since or now - DAY)
        .not_valid_after(until or now + DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        purpose = ExtendedKeyUsageOID.TIME_STAMPING if stamps else ExtendedKeyUsageOID.CODE_SIGNING
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return Identity(builder.sign(key if by is None else by.key, hashes.SHA256()), key)


@dataclass
class Tsa:
    """``chain``: certificates sent along besides the signer's own. ``digests``: those it stamps."""

    workdir: Path
    signer: Identity
    chain: tuple[Identity, ...] = ()
    digests: str = "sha256"
    url: str = ""
    behave: Behave | None = None
    asked: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def reply(self, query: bytes) -> bytes:
        """What openssl answers to this request."""
        self.workdir.mkdir(parents=True, exist_ok=True)
        config = self._configuration()
        done = subprocess.run(
            ["openssl", "ts", "-reply", "-config", str(config), "-queryfile", "/dev/stdin"],
            input=query,
            capture_output=True,
            check=True,
            timeout=20,
        )
        return done.stdout

    def _configuration(self) -> Path:
        place = self.workdir
        (place / "signer.pem").write_bytes(self.signer.pem)
        (place / "signer.key").write_bytes(self.signer.key_pem)
        (place / "chain.pem").write_bytes(b"".join(one.pem for one in self.chain))
        if not (place / "serial").exists():
            (place / "serial").write_text("01\n")
        lines = [
            "[tsa]",
            "default_tsa = this",
            "[this]",
            f"serial = {place}/serial",
            f"signer_cert = {place}/signer.pem",
            f"signer_key = {place}/signer.key",
            "signer_digest = sha256",
            "default_policy = 1.3.6.1.4.1.99999.1",
            f"digests = {self.digests}",
            "ess_cert_id_alg = sha256",
            *([f"certs = {place}/chain.pem"] if self.chain else []),
        ]
        (place / "tsa.cnf").write_text("\n".join(lines) + "\n")
        return place / "tsa.cnf"


def hang(tsa: Tsa) -> None:
    """Take every request from now on and answer none before the end."""

    def behave(_handler: BaseHTTPRequestHandler, _query: bytes) -> None:
        tsa.released.wait(30)

    tsa.behave = behave


def send(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/timestamp-reply")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextlib.contextmanager
def serving(tsa: Tsa) -> Iterator[Tsa]:
    """Answer at ``tsa.url`` for the length of the block."""
    lock = threading.Lock()  # the file with the serial number

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            tsa.asked.append(query)
            tsa.headers.append(dict(self.headers.items()))
            with contextlib.suppress(OSError):  # whoever asked has gone away
                if tsa.behave is not None:
                    tsa.behave(self, query)
                    return
                with lock:
                    reply = tsa.reply(query)
                send(self, reply)

        def log_message(self, *_what: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # closing it waits for those who still answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    tsa.url = f"http://127.0.0.1:{server.server_port}/tsr"
    try:
        yield tsa
    finally:
        tsa.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
