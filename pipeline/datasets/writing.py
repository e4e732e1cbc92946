"""Writes the folder of a data set, item by item, and at last its card and its manifest."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from callwarden.accesslog.proof.note import Signer
from callwarden.datasets.card import CARD, card_of
from callwarden.datasets.items import LINES, SOUND, Item, digest_of_line, line_of, read_lines
from callwarden.datasets.manifest import DataSet, ExportedItem, signed_data_set
from callwarden.datasets.parquet import TABLE, write_parquet
from callwarden.evidence.folder import PackFolder
from callwarden.evidence.manifest import MANIFEST, PackedFile
from callwarden.rules.signed_document import digest_of

EXTENSIONS: Mapping[str, str] = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/ogg": "ogg", "audio/flac": "flac"}


@dataclass(slots=True)
class DataSetFolder:
    """One export under way. Sound is written as it comes, lines when all are known to stay."""

    folder: PackFolder
    sounds: dict[str, PackedFile] = field(default_factory=dict)

    def sound(self, item: str, media_type: str, pieces: Iterable[bytes]) -> str:
        """Write the sound of an item; its name in the folder."""
        extension = EXTENSIONS.get(media_type.partition(";")[0].strip(), "bin")
        name = f"{SOUND}/{item}.{extension}"
        try:
            packed = self.folder.write(name, pieces, settled=False)
        except BaseException:
            (self.folder.root / name).unlink(missing_ok=True)  # half of it
            raise
        self.folder.files.clear()  # it stands in the manifest with its item
        self.sounds[item] = packed
        return packed.name

    def drop(self, item: str) -> None:
        """Take the sound of an item back."""
        if (packed := self.sounds.pop(item, None)) is not None:
            (self.folder.root / packed.name).unlink()

    def finish(
        self,
        items: Iterable[Item],
        told: Callable[[tuple[ExportedItem, ...], tuple[str, ...]], DataSet],
        *,
        signer: Signer,
        parquet: bool,
    ) -> tuple[DataSet, str]:
        """Write the lines and all that is about them; `told` is asked what the export says of itself, given its items
        and the fields of a line. The data set, and the digest of its manifest."""
        digests: dict[str, str] = {}
        self.folder.settle(packed.name for packed in self.sounds.values())

        def written() -> Iterator[bytes]:
            for item in items:
                line = line_of(item)
                digests[item.item] = digest_of_line(line)
                yield line

        lines = self.folder.write(LINES, written())
        if parquet:
            write_parquet(self.folder.root)
            self._found(TABLE)
        first = next((said for said, _ in read_lines(self.folder.root)), {})
        exported = tuple(
            ExportedItem(item=item, line=digest, sound=self.sounds.get(item)) for item, digest in digests.items()
        )
        made = told(exported, tuple(first))
        self.folder.write(CARD, [card_of(made, digest=lines.sha256)])
        document = signed_data_set(replace(made, files=tuple(self.folder.files)), signer=signer)
        self.folder.write(MANIFEST, [document])
        return made, digest_of(document)

    def _found(self, name: str) -> None:
        """Know a file that something else has written."""
        path: Path = self.folder.root / name
        if path.exists():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self.folder.files.append(PackedFile(name=name, size=path.stat().st_size, sha256=digest))
