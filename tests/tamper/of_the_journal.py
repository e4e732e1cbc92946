"""Changes of the journal, alone and with an older catalogue beside it."""

import shutil
from hashlib import sha256

from tests.tamper.cells import Cell, Harmless, Limit, Part, seen
from tests.tamper.of_the_checkpoints import remove_all
from tests.tamper.town import Town


def _lines(town: Town) -> list[bytes]:
    return town.journal.read_bytes().splitlines(keepends=True)


def _write(town: Town, lines: list[bytes]) -> None:
    town.journal.write_bytes(b"".join(lines))


def _cut(town: Town) -> None:
    _write(town, _lines(town)[:-1])


def _cut_in_the_middle(town: Town) -> None:
    lines = _lines(town)
    _write(town, [*lines[:3], *lines[4:]])


def _cut_the_beginning(town: Town) -> None:
    _write(town, _lines(town)[2:])


def _empty(town: Town) -> None:
    town.journal.write_bytes(b"")


def _remove(town: Town) -> None:
    town.journal.unlink()


def _older(town: Town) -> None:
    shutil.copy2(town.older / "erasures" / "journal.log", town.journal)


def _swap(town: Town) -> None:
    lines = _lines(town)
    lines[1], lines[2] = lines[2], lines[1]
    _write(town, lines)


def _twice(town: Town) -> None:
    lines = _lines(town)
    _write(town, [*lines, lines[-1]])


def _another_subject(town: Town) -> None:
    """The record of the destroyed one is said to be of the held one."""
    gone, held = (town.ids[name].encode() for name in ("gone", "held"))
    lines = _lines(town)
    assert any(gone in line for line in lines)
    _write(town, [line.replace(gone, held) for line in lines])


def _forge(town: Town) -> None:
    """A record that the held one was destroyed, made as true ones are but for the key."""
    lines = _lines(town)
    erased = next(line for line in lines if town.ids["gone"].encode() in line)
    parts = erased.rstrip(b"\n").split(b"/")
    parts[0] = b"%012d" % (len(lines) + 1)
    parts[3] = town.ids["held"].encode()
    parts[-2] = lines[-1].split(b" ")[0].rstrip(b"\n").split(b"/")[-1]
    _write(town, [*lines, b"/".join(parts) + b"\n"])


def _forge_old(town: Town) -> None:
    """In the format before, which anybody could write, beside the true journal."""
    line = f"20261104T120000.000000Z/{town.ids['held']}/retention"
    digest = sha256(line.encode()).hexdigest()[:32]
    (town.journal.parent / "erasures.log").write_text(f"{line}/{digest}\n")


def _unfinished(town: Town) -> None:
    _write(town, [*_lines(town), b"000000000099/2026"])


def _empty_beside_an_older_catalogue(town: Town) -> None:
    town.put_database_back()
    _empty(town)


def _older_beside_an_older_catalogue(town: Town) -> None:
    town.put_database_back()
    _older(town)


def _older_everything(town: Town) -> None:
    _older_beside_an_older_catalogue(town)
    shutil.rmtree(town.home / "vault")
    shutil.copytree(town.older / "vault", town.home / "vault")


def _older_everything_and_no_checkpoints(town: Town) -> None:
    _older_everything(town)
    newest = int(max(one.name for one in (town.older / "checkpoints").iterdir())[:20])
    for path in town.checkpoints():
        if int(path.name[:20]) > newest:
            path.unlink()


def _empty_without_checkpoints(town: Town) -> None:
    _empty(town)
    remove_all(town)


_REFUSED = seen("start: JournalDamagedError")

CELLS = (
    Cell(Part.JOURNAL, "the last record is cut off", _cut, _REFUSED),
    Cell(Part.JOURNAL, "a record in the middle is taken away", _cut_in_the_middle, _REFUSED),
    Cell(Part.JOURNAL, "the first records are taken away", _cut_the_beginning, _REFUSED),
    Cell(Part.JOURNAL, "it is emptied", _empty, _REFUSED),
    Cell(Part.JOURNAL, "its file is taken away", _remove, _REFUSED),
    Cell(Part.JOURNAL, "an older journal is put back", _older, _REFUSED),
    Cell(Part.JOURNAL, "two records change places", _swap, seen("reconcile: journal_damaged")),
    Cell(Part.JOURNAL, "a record is written twice", _twice, _REFUSED),
    Cell(
        Part.JOURNAL,
        "a record of what is destroyed is said to be of what is held",
        _another_subject,
        _REFUSED,
    ),
    Cell(Part.JOURNAL, "a record is forged, that what is held was destroyed", _forge, _REFUSED),
    Cell(
        Part.JOURNAL,
        "a record is forged in the format before, beside the journal",
        _forge_old,
        Harmless("that format is read only while there is no journal in today's, and then after a person has said so"),
    ),
    Cell(
        Part.JOURNAL,
        "a line is begun and not finished",
        _unfinished,
        Harmless("an append that was cut and never acknowledged: the next one removes it"),
    ),
    Cell(Part.SEVERAL, "the journal is emptied and every checkpoint taken away", _empty_without_checkpoints, _REFUSED),
    Cell(
        Part.SEVERAL,
        "the older catalogue is put back, and the journal is emptied",
        _empty_beside_an_older_catalogue,
        _REFUSED,
    ),
    Cell(
        Part.SEVERAL,
        "the older catalogue is put back, and the older journal",
        _older_beside_an_older_catalogue,
        _REFUSED,
    ),
    Cell(Part.SEVERAL, "catalogue, journal and vault are put back together", _older_everything, _REFUSED),
    Cell(
        Part.SEVERAL,
        "catalogue, journal, vault and the place of checkpoints are put back together",
        _older_everything_and_no_checkpoints,
        Limit(
            "an older state that is whole, with everything that could contradict it: keep the journal and one place of "
            "checkpoints with somebody else",
            costs=(
                "readings of held, from log list",
                "readings of kept, from log list",
                "readings, from what the person concerned is shown",
                "the certificate of what is destroyed",
                "the system to a revoked token",
                "the system to a spent token",
                "what is held, to the sweep",
                "what was objected to later",
            ),
            noticed=("read: past_retention", "custody: past_retention"),
        ),
    ),
)
