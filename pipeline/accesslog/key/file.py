"""The files of a log's key, in one folder: ``NAME.pem``, ``NAME.next.pem`` for the key that is to follow, and
``NAME.earlier.txt`` for the public sides of those before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from callwarden.accesslog.key.signer import Ed25519Signer, open_signer, read_trusted
from callwarden.accesslog.proof.note import TrustedKey, format_key
from callwarden.accesslog.proof.values import VerifierKey
from callwarden.adapters.durable_files import replace_file, sync_folder
from callwarden.errors import ConfigurationError

FirstUse = Callable[[str, Sequence[TrustedKey]], bool]
"""``first_use(origin, earlier)``: whether the log has not been signed yet, so that a missing key may be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKey:
    """Where the key of one log lies. Reads its files anew each time: another process may have rotated it."""

    path: Path
    origin: str
    first_use: FirstUse = lambda _origin, _earlier: True

    @classmethod
    def of(cls, folder: Path, name: str, tenant: str, first_use: FirstUse) -> Self:
        """The key of the log of this name."""
        return cls(path=folder / f"{name}.pem", origin=f"callwarden.{name}/{tenant}", first_use=first_use)

    def signer(self) -> Ed25519Signer:
        """The present key, made on first use. Raises: `ConfigurationError` (see `open_signer`), RetryableError."""
        return open_signer(self.path, self.origin, create=lambda: self.first_use(self.origin, self.earlier()))

    def trusted(self) -> tuple[TrustedKey, ...]:
        """The public keys the log is believed under: the present one and those before it. Raises: as `signer`."""
        return (self.signer().trusted, *self.earlier())

    def known(self) -> tuple[TrustedKey, ...]:
        """As `trusted`, of the files that are there: none is made, and none is missed."""
        return self.trusted() if self.path.exists() else self.earlier()

    def earlier(self) -> tuple[TrustedKey, ...]:
        """The keys that signed before the present one, newest last. Raises: `ConfigurationError` naming the line."""
        try:
            lines = self._earlier.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ConfigurationError(f"{self._earlier}: cannot be read ({error.strerror})") from error
        return read_trusted(lines)

    def successor(self) -> Ed25519Signer:
        """The key that is to follow; made on first use, the same again after an interruption.

        Raises: `ConfigurationError`.
        """
        return open_signer(self._next, self.origin)

    def following(self) -> VerifierKey | None:
        """The key that is to follow, where there is one already. Raises: as `successor`."""
        return self.successor().key if self._next.exists() else None

    def forget_successor(self) -> None:
        """Do away with the key that was to follow, and has signed nothing that stands. Raises: `ConfigurationError`."""
        try:
            self._next.unlink(missing_ok=True)
            sync_folder(self.path.parent)
        except OSError as error:
            raise ConfigurationError(f"{self._next}: cannot be removed ({error.strerror})") from error

    def install_successor(self, *, retired: VerifierKey) -> None:
        """Let the successor take the place of the present key, whose public side is kept and whose private side is gone
        then. Durable when it returns; repeated after an interruption it comes to the same.

        Raises: `ConfigurationError` when the folder cannot be written.
        """
        line, file = format_key(retired), self._earlier
        try:
            known = file.read_text(encoding="utf-8") if file.exists() else ""
            if line not in known.splitlines():
                replace_file(file, (known + line + "\n").encode())
            self._next.rename(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            folder = self.path.parent
            raise ConfigurationError(f"{folder}: the log's new key cannot be put there ({error.strerror})") from error

    @property
    def _next(self) -> Path:
        return self.path.with_name(f"{self.path.stem}.next.pem")

    @property
    def _earlier(self) -> Path:
        return self.path.with_name(f"{self.path.stem}.earlier.txt")
