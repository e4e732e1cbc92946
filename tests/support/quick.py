"""What never changes is read once for all tests."""

from functools import lru_cache
from pathlib import Path

from callwarden.adapters.policy.file import load_policy
from callwarden.model.policy import Policy


@lru_cache(maxsize=8)
def policy_of(path: Path) -> Policy:
    """The policy in a file, read once."""
    return load_policy(path)
