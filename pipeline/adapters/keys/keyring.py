"""The key file's content and its safe-keeping on disk: private, written whole or not at all, never
overwritten by a second process's first use."""

import base64
import binascii
import contextlib
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from callwarden.adapters.durable_files import private, sync_folder
from callwarden.errors import ConfigurationError
from callwarden.ports.keys import KeyUnavailableError

_FORMAT = "callwarden-keys/1"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """What the key file holds. Pseudonym keys are never replaced: objections and tombstones are found by
    them."""

    current: str
    masters: Mapping[str, bytes] = field(repr=False)
    pseudonym_key_id: str
    pseudonym_key: bytes = field(repr=False)
    issued: int
    """How many master keys there ever were."""
    destroyed: frozenset[str] = frozenset()
    """Ids of master keys that were destroyed on purpose: what is neither here nor among these is missing."""

    @classmethod
    def fresh(cls) -> "Keyring":
        name = _new_name(1)
        return cls(
            current=name,
            masters={name: secrets.token_bytes(_KEY_BYTES)},
            pseudonym_key_id="k1",
            pseudonym_key=secrets.token_bytes(_KEY_BYTES),
            issued=1,
        )

    @property
    def newest(self) -> str:
        """The master key made last; after an interrupted rotation it is not the current one yet."""
        return list(self.masters)[-1]

    def with_new_master(self) -> "Keyring":
        issued = self.issued + 1
        masters = {**self.masters, _new_name(issued): secrets.token_bytes(_KEY_BYTES)}
        return replace(self, masters=masters, issued=issued)

    def using(self, master_key_id: str) -> "Keyring":
        return replace(self, current=master_key_id)

    def without(self, master_key_id: str) -> "Keyring":
        masters = {name: key for name, key in self.masters.items() if name != master_key_id}
        return replace(self, masters=masters, destroyed=self.destroyed | {master_key_id})

    def follows(self, earlier: "Keyring") -> bool:
        """Whether this can be what became of `earlier`: the same system's file, and no older copy of it."""
        same_pseudonyms = (self.pseudonym_key_id, self.pseudonym_key) == (
            earlier.pseudonym_key_id,
            earlier.pseudonym_key,
        )
        kept = all(name in self.destroyed or self.masters.get(name) == key for name, key in earlier.masters.items())
        return same_pseudonyms and kept and self.issued >= earlier.issued

    def to_json(self) -> bytes:
        document = {
            "format": _FORMAT,
            "current": self.current,
            "issued": self.issued,
            "destroyed": sorted(self.destroyed),
            "masters": {name: base64.b64encode(key).decode() for name, key in self.masters.items()},
            "pseudonym_key_id": self.pseudonym_key_id,
            "pseudonym_key": base64.b64encode(self.pseudonym_key).decode(),
        }
        return json.dumps(document, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes, path: Path) -> "Keyring":
        try:
            document = json.loads(content)
            keyring = cls(
                current=str(document["current"]),
                masters={str(name): _key(value) for name, value in document["masters"].items()},
                pseudonym_key_id=str(document["pseudonym_key_id"]),
                pseudonym_key=_key(document["pseudonym_key"]),
                issued=int(document["issued"]),
                destroyed=frozenset(str(name) for name in document.get("destroyed", [])),
            )
            genuine = document["format"] == _FORMAT and keyring.current in keyring.masters
        except (ValueError, KeyError, TypeError, AttributeError):
            genuine = False
        if not genuine:
            # The message names no content: the file is nothing but secrets.
            raise ConfigurationError(
                f"{path} is not a key file of this system ({_FORMAT}); restore it from its safe copy"
            )
        return keyring


def _new_name(number: int) -> str:
    # The number is for people, the rest keeps two systems, or a system and its older copy, from making one name twice.
    return f"m{number}-{secrets.token_hex(4)}"


def _key(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
    if len(key) != _KEY_BYTES:
        raise ValueError("length")
    return key


class KeyFile:
    """One key file. Its directory is made private (0700), the file 0600."""

    def __init__(self, path: Path, *, create: bool) -> None:
        self._path = path
        self._create = create

    def signature(self) -> tuple[int, int, int] | None:
        """Changes whenever the file is replaced; None while there is none."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyUnavailableError(f"key file {self._path} cannot be read: {error.strerror}") from error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def load(self) -> Keyring:
        """The keys; made now when there is no file yet and `create` allows it."""
        try:
            return self._read()
        except FileNotFoundError:
            if not self._create:
                raise ConfigurationError(
                    f"key file {self._path} is missing: restore it from its safe copy (without it nothing"
                    " stored can be read), or allow a new one on an empty system"
                ) from None
        self._write(Keyring.fresh(), only_if_absent=True)
        return self._read()

    @contextlib.contextmanager
    def changing(self) -> Iterator[Keyring]:
        """The keys, with every other process kept from changing them until the block ends."""
        self.load()
        with open(self._path.with_name(self._path.name + ".lock"), "ab", opener=private) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._read()

    def replace(self, keyring: Keyring) -> None:
        """Inside `changing` only."""
        self._write(keyring, only_if_absent=False)

    def _read(self) -> Keyring:
        try:
            with self._path.open("rb") as file:
                self._refuse_shared(file.fileno())
                content = file.read()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise KeyUnavailableError(f"key file {self._path} cannot be read: {error.strerror}") from error
        return Keyring.from_json(content, self._path)

    def _refuse_shared(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ConfigurationError(f"key file {self._path} is not a regular file")
        if found.st_uid not in (0, os.geteuid()):
            raise ConfigurationError(f"key file {self._path} belongs to another user: chown it to this one")
        if found.st_mode & 0o077:
            mode = stat.S_IMODE(found.st_mode)
            raise ConfigurationError(
                f"key file {self._path} can be read by others (mode {mode:04o}): chmod 600 {self._path}"
            )
        folder = self._path.parent.stat()
        if folder.st_mode & 0o022:
            mode = stat.S_IMODE(folder.st_mode)
            raise ConfigurationError(
                f"the folder of the key file can be written by others (mode {mode:04o}): chmod 700 {self._path.parent}"
            )

    def _write(self, keyring: Keyring, *, only_if_absent: bool) -> None:
        folder = self._path.parent
        temporary = folder / f".{self._path.name}.{secrets.token_hex(8)}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with open(temporary, "xb", opener=private) as file:
                    file.write(keyring.to_json())
                    file.flush()
                    os.fsync(file.fileno())
                if only_if_absent:
                    # A link never replaces: of several first users, one wins and all read its keys.
                    with contextlib.suppress(FileExistsError):
                        os.link(temporary, self._path)
                else:
                    temporary.replace(self._path)
            finally:
                temporary.unlink(missing_ok=True)
            sync_folder(folder)
        except OSError as error:
            raise KeyUnavailableError(f"key file {self._path} cannot be written: {error.strerror}") from error
