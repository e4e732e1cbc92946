"""Passwords without the cost of keeping them."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class PlainPasswords:
    """What `callwarden.ports.passwords.Passwords` answers, and what it was asked to compare."""

    compared: list[str | None] = field(default_factory=list)

    def digest(self, password: str) -> str:
        return f"plain:{password}"

    def fits(self, kept: str | None, password: str) -> bool:
        self.compared.append(kept)
        return kept == f"plain:{password}"
