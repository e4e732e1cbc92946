"""`callwarden.ports.disk.Disks` of this machine."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from callwarden.ports.disk import Space


class LocalDisks:
    """`folders` by the names of the parts that lie in them; one that is not there yet is on the disk of those above."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)

    def spaces(self) -> Sequence[Space]:
        found: dict[int, tuple[Path, list[str]]] = {}
        for name, folder in self._folders.items():
            there = next((part for part in (folder.absolute(), *folder.absolute().parents) if part.exists()), None)
            if there is not None:
                found.setdefault(there.stat().st_dev, (there, []))[1].append(name)
        return [_space(there, names) for there, names in found.values()]


def _space(there: Path, names: list[str]) -> Space:
    usage = shutil.disk_usage(there)
    return Space(holds=tuple(names), free=usage.free, total=usage.total)
