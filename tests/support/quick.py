"""A site that opens sooner: what never changes is read once for all of them."""

from functools import lru_cache
from pathlib import Path

from callwarden.adapters.policy.file import load_policy
from callwarden.model.policy import Policy
from callwarden.wiring import System, shipped_config
from tests.support.site import Site


class QuickSite(Site):
    """A `Site` for tests that open hundreds of systems."""

    def _open(self) -> System:
        system = Site._open(self)
        system.stand_in(policy=policy_of(system.settings.policy or shipped_config() / "policy.yaml"))
        return system


@lru_cache(maxsize=8)
def policy_of(path: Path) -> Policy:
    """The policy in a file, read once."""
    return load_policy(path)
