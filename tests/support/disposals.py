"""A disposal over parts a test has made itself."""

from pathlib import Path

from callwarden.accesslog.key.signer import open_signer
from callwarden.adapters.keys.file import FileKeyStore
from callwarden.custody.disposal import Disposal
from callwarden.custody.holding import Holding
from callwarden.custody.scribe import Scribe
from callwarden.custody.standing_holds import StandingHolds
from callwarden.model.access import service
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.journal import Journal
from callwarden.ports.keys import KeyStore
from callwarden.ports.log import LogReader
from callwarden.ports.whole_vault import Vault
from callwarden.wiring import shipped_config
from tests.support.quick import policy_of

SOMEBODY = service("test")


def disposal_over(
    *,
    folder: Path,
    vault: Vault,
    catalogue: Catalogue,
    journal: Journal,
    log: LogReader,
    clock: Clock,
    keys: KeyStore | None = None,
) -> Disposal:
    """`folder` has the log's key, and the keys where none are given."""
    policy = policy_of(shipped_config() / "policy.yaml")
    keys = keys or FileKeyStore(folder / "keys" / "keys.json", create=True)
    standing_holds = StandingHolds(journal=journal, log=lambda: log)
    return Disposal(
        vault=vault,
        catalogue=catalogue,
        journal=journal,
        clock=clock,
        standing_holds=standing_holds,
        holding=Holding(policy=policy, clock=clock, catalogue=catalogue, vault=vault, standing_holds=standing_holds),
        signer=open_signer(folder / "keys" / "log.pem", "callwarden.log/test"),
        scribe=Scribe(clock=clock, keys=keys, policy_version=policy.version),
    )
