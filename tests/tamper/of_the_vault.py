"""Changes of the vault's files."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.tamper.cells import Cell, Part, seen
from tests.tamper.town import Town


def _flip(town: Town) -> None:
    [path] = town.objects("held")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    _write(path, bytes(content))


def _shorten(town: Town) -> None:
    [path] = town.objects("held")
    _write(path, path.read_bytes()[:-100])


def _write(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


def _remove(call: str) -> Callable[[Town], None]:
    return lambda town: [path.unlink() for path in town.objects(call)].clear()


def _exchange(town: Town) -> None:
    [one], [other] = town.objects("kept"), town.objects("held")
    kept, held = one.read_bytes(), other.read_bytes()
    _write(one, held)
    _write(other, kept)


def _let_go(town: Town) -> None:
    [path] = town.objects("held")
    path.with_name(path.name + ".held").unlink()


def _hold(town: Town) -> None:
    [path] = town.objects("kept")
    path.with_name(path.name + ".held").touch()


def _another_version(town: Town) -> None:
    [path] = town.objects("kept")
    shutil.copy2(path, path.with_name("@00000000000000000001-00000000"))


def _stranger(town: Town) -> None:
    (town.home / "vault" / "objects" / "voices.wav").write_bytes(b"a voice")


def _upload(town: Town) -> None:
    (town.home / "vault" / "uploads" / "00000000000000000001-00000000@audio%2Fx").write_bytes(b"a voice")


def _brought_back(town: Town) -> None:
    """The bytes of what is destroyed, from an older copy of the vault."""
    older = town.older / "vault" / "objects"
    for path in older.rglob("@*"):
        if town.ids["gone"] in str(path):
            target = town.home / "vault" / "objects" / path.relative_to(older)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


CELLS = (
    Cell(
        Part.VAULT,
        "a bit of a held object is another",
        _flip,
        seen("read: DecryptionError", "custody: DecryptionError"),
    ),
    Cell(
        Part.VAULT,
        "an object is shortened",
        _shorten,
        seen("reconcile: object_altered", "read: DecryptionError", "custody: DecryptionError"),
    ),
    Cell(
        Part.VAULT,
        "a held object is deleted",
        _remove("held"),
        seen("reconcile: object_missing", "read: ObjectMissingError", "custody: ObjectMissingError"),
    ),
    Cell(
        Part.VAULT,
        "the bytes of two objects change places",
        _exchange,
        seen("read: DecryptionError", "custody: DecryptionError"),
    ),
    Cell(Part.VAULT, "a legal hold is taken off an object", _let_go, seen("reconcile: hold_not_fast")),
    Cell(Part.VAULT, "a legal hold is put on an object", _hold, seen("reconcile: hold_unknown")),
    Cell(Part.VAULT, "another version is put beside an object", _another_version, seen("reconcile: object_unknown")),
    Cell(Part.VAULT, "a file of somebody else's is put into it", _stranger, seen("reconcile: foreign_file")),
    Cell(Part.VAULT, "an upload is left in it", _upload, seen("reconcile: unfinished_upload")),
    Cell(
        Part.VAULT,
        "the bytes of what is destroyed are put back",
        _brought_back,
        seen("reconcile: object_unknown"),
    ),
)
