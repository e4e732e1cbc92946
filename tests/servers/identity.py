"""An OpenID provider: panva's oidc-provider, certified, on Node, with everything in memory. See install/identity."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.servers.places import repository, servers_folder
from tests.servers.process import TetheredProcess, accepts_connections, free_port

_PROGRAM: Final = repository() / "tests" / "servers" / "install" / "identity" / "provider.mjs"
CLIENT: Final = "callwarden"
SECRET: Final = "callwarden-test-secret-0123456789"
PEOPLE: Final[dict[str, dict[str, Any]]] = {
    "alice": {"groups": ["staff", "cw-trainers"], "lines": ["customer-service"]},
    "denise": {"groups": ["cw-dpo", "cw-trainers"], "lines": ["*"]},
    "gaston": {"groups": ["staff"], "lines": ["*"]},
    "élise": {"groups": ["cw-dpo"], "lines": ["*"]},
    "nowhere": {"groups": ["cw-trainers"]},
}
"""Whom it knows, by any password, and what it says of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningIdentity:
    """Where the provider is; `CLIENT` and `SECRET` are who we are to it."""

    issuer: str


def missing() -> str | None:
    """Why the provider cannot start on this machine, or None when it can."""
    if shutil.which("node") is None:
        return "no node on PATH (tests/servers/install/install.sh identity)"
    if not (servers_folder() / "identity" / "node_modules" / "oidc-provider").is_dir():
        return "oidc-provider is not installed (tests/servers/install/install.sh identity)"
    return None


class IdentityServer:
    """One provider; `stop` forgets whoever was logged in."""

    def __init__(self, workdir: Path) -> None:
        self._workdir, self._port = workdir, free_port()
        self._process: TetheredProcess | None = None

    def start(self) -> RunningIdentity:
        """Start and wait until browsers are served. Raises: ServerStartError."""
        self._workdir.mkdir(parents=True, exist_ok=True)
        people = self._workdir / "people.json"
        people.write_text(json.dumps(PEOPLE), encoding="utf-8")
        modules = servers_folder() / "identity"
        command = ["node", str(_PROGRAM), str(self._port), str(people), str(modules.absolute())]
        self._process = TetheredProcess("oidc-provider", command, self._workdir / "identity.log")
        self._process.until(lambda: accepts_connections(self._port), seconds=30)
        return RunningIdentity(issuer=f"http://127.0.0.1:{self._port}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(seconds=3)
