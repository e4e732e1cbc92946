"""Every port of the vault at once: what an adapter offers, and wiring hands out in parts."""

from typing import Protocol

from callwarden.ports.vault import VaultLifecycle
from callwarden.ports.vault_destroyer import VaultDestroyer
from callwarden.ports.vault_holder import VaultHolder
from callwarden.ports.vault_reader import VaultReader
from callwarden.ports.vault_writer import VaultWriter


class Vault(VaultWriter, VaultReader, VaultHolder, VaultDestroyer, VaultLifecycle, Protocol):
    """What one adapter offers."""
