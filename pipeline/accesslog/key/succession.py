"""The files beside a log key: ``log.next.pem`` for the one that is to follow, ``log.earlier.txt`` for those before."""

import os
from pathlib import Path

from callwarden.accesslog.key.signer import Ed25519Signer, open_signer, read_trusted
from callwarden.accesslog.proof.note import TrustedKey, format_key
from callwarden.accesslog.proof.values import VerifierKey
from callwarden.errors import ConfigurationError


def open_successor(path: Path, name: str) -> Ed25519Signer:
    """The key that is to follow the one at ``path``; made on first use, the same again after an interruption.

    Raises: `ConfigurationError`.
    """
    return open_signer(_next(path), name)


def install_successor(path: Path, *, retired: VerifierKey) -> None:
    """Let the successor take the place of the key at ``path``, whose public side is kept and whose private side is gone
    then. Durable when it returns; repeated after an interruption it comes to the same.

    Raises: `ConfigurationError` when the folder cannot be written.
    """
    line, file = format_key(retired), _earlier(path)
    try:
        known = file.read_text(encoding="utf-8") if file.exists() else ""
        if line not in known.splitlines():
            _write_durably(file, known + line + "\n")
        _next(path).rename(path)
        _sync(path.parent)
    except OSError as error:
        raise ConfigurationError(f"{path.parent}: the log's new key cannot be put there ({error.strerror})") from error


def read_earlier(path: Path) -> tuple[TrustedKey, ...]:
    """The keys that signed before the one at ``path``, newest last; none when it is the first.

    Raises: `ConfigurationError` naming the line that is no key.
    """
    file = _earlier(path)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error.strerror})") from error
    return read_trusted(lines)


def _next(path: Path) -> Path:
    return path.with_name(f"{path.stem}.next.pem")


def _earlier(path: Path) -> Path:
    return path.with_name(f"{path.stem}.earlier.txt")


def _write_durably(file: Path, text: str) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    with unfinished.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.rename(file)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
