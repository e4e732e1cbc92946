"""What the tests of time-stamps share: a root, an authority under it, and trust in it."""

from dataclasses import dataclass
from pathlib import Path

from callwarden.accesslog.timestamps.http import AuthorityAddress, HttpTimestampAuthority
from callwarden.accesslog.timestamps.tokens import TimestampTrust
from tests.servers.tsa import Identity, Tsa, make_identity


@dataclass
class Stamped:
    root: Identity
    tsa: Tsa

    @property
    def trust(self) -> TimestampTrust:
        return TimestampTrust([self.root.certificate])

    def authority(self, *, timeout_s: float = 10.0, trust: TimestampTrust | None = None) -> HttpTimestampAuthority:
        return HttpTimestampAuthority(AuthorityAddress(url=self.tsa.url, timeout_s=timeout_s), trust or self.trust)

    def roots_file(self, directory: Path) -> Path:
        file = directory / "roots.pem"
        file.write_bytes(self.root.pem)
        return file


def a_stamped(workdir: Path) -> Stamped:
    root = make_identity("Throw-away root", authority=True)
    return Stamped(root=root, tsa=Tsa(workdir=workdir, signer=make_identity("Throw-away authority", by=root)))
