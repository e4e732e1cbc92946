"""What tests do with key stores."""

from callwarden.ports.keys import KeyStore


def rotated_master(store: KeyStore) -> str:
    """A new master key, in force."""
    made = store.make_master()
    store.use_master(made)
    return made
