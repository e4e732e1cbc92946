"""Policies for tests: the shipped one with a few values changed."""

from pathlib import Path

from callwarden.wiring import shipped_config


def write_policy(path: Path, *changes: tuple[str, str], region: str | None = None) -> Path:
    """The shipped policy with each ``(old, new)`` text replaced, and a storage region allowed; returns its path."""
    text = (shipped_config() / "policy.yaml").read_text(encoding="utf-8")
    if region is not None:
        changes = (*changes, ("storage_regions:\n", f"storage_regions:\n  - {region}\n"))
    for old, new in changes:
        assert old in text, f"the shipped policy has no {old!r}"
        text = text.replace(old, new)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
