"""What has to be whole before anything is compared: the files, and the key store (K4)."""

from collections.abc import Iterable

from callwarden.custody.key_census import ForeignKeysError, KeyCensus
from callwarden.model.key import KeyKind
from callwarden.ports.database_file import DatabaseFile
from callwarden.rules.key_faults import FaultyKey, KeyFault
from callwarden.steps.reconcile.values import Breach, breach

_WHAT = {
    KeyFault.MISSING: "is not in the key store",
    KeyFault.DIFFERS: "is another one in the key store",
}


def damage(files: Iterable[DatabaseFile]) -> tuple[Breach, ...]:
    """The files that are damaged. What is in them proves nothing then: look here first. Raises RetryableError."""
    return tuple(
        breach("file_damaged", file.name, found=found[0]) for file in files if (found := file.damage(thorough=True))
    )


def foreign_keys(census: KeyCensus) -> tuple[Breach, ...]:
    """What is wrong with a key store that is not this system's own; nothing of the catalogue can be compared without.
    Raises RetryableError."""
    try:
        census.admit()
    except ForeignKeysError:
        return tuple(map(faulty, census.faults()))
    return ()


def faulty(key: FaultyKey) -> Breach:
    """A key that is not as it should be."""
    code = "master_key_missing" if key.kind is KeyKind.MASTER else "pseudonym_key_missing"
    return breach(code, key.key_id, what=f"this {key.kind.value} key {_WHAT[key.fault]}", data_keys=key.data_keys)
