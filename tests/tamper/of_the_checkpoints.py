"""Changes of the place that checkpoints are kept in, and of several parts at once."""

import shutil
from dataclasses import replace

from callwarden.accesslog.proof.encoding import decode_entry, encode_entry
from callwarden.accesslog.proof.naming import checkpoint_name
from callwarden.accesslog.proof.note import sign_note
from callwarden.model.log_entry import Operation, make_entry_id
from tests.support.log_builder import signer
from tests.tamper.cells import Cell, Harmless, Limit, Part, by_sql, seen
from tests.tamper.of_the_log import cut_cleanly
from tests.tamper.town import LOOKED_AT, Town


def _newest(town: Town) -> None:
    town.checkpoints()[-1].unlink()


def _oldest(town: Town) -> None:
    town.checkpoints()[0].unlink()


def remove_all(town: Town) -> None:
    """Every checkpoint."""
    for path in town.checkpoints():
        path.unlink()


def _edit(town: Town) -> None:
    path = town.checkpoints()[-2]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"time 2026", b"time 2025"))


def _rename(town: Town) -> None:
    path = town.checkpoints()[0]
    path.rename(path.with_name("9" * 20 + path.name[20:]))


def _foreign(town: Town) -> None:
    """One of the same log and state, signed by another key."""
    note = town.checkpoints()[-1].read_bytes()
    other = signer(9)
    text = note.partition(b"\n\n")[0].decode() + "\n"
    forged = sign_note(text, other)
    size = int(text.split("\n")[1])
    (town.home / "checkpoints" / checkpoint_name(forged, size=size)).write_bytes(forged)


def _set_back_with_its_place(town: Town) -> None:
    cut_cleanly(town)
    for path in town.checkpoints():
        if int(path.name[:20]) > town.select("SELECT size FROM log_state")[0][0]:
            path.unlink()


def _everything_of_the_log(town: Town) -> None:
    """Hidden in the index, and the checkpoints gone."""
    by_sql("UPDATE log_leaf SET subject = NULL")(town)
    remove_all(town)


def _older_catalogue(town: Town) -> None:
    town.put_database_back()


def _older_catalogue_and_vault(town: Town) -> None:
    town.put_database_back()
    shutil.rmtree(town.home / "vault")
    shutil.copytree(town.older / "vault", town.home / "vault")


def _older_catalogue_and_a_handover(town: Town) -> None:
    """And what would explain the loss, had the log's own keys signed it."""
    town.put_database_back()
    note = next(path.read_bytes() for path in town.checkpoints() if b"\n\n" in path.read_bytes())
    text = note.partition(b"\n\n")[0].decode() + "\n"
    forged = sign_note(
        text + f"next-key {signer(9).public_text().strip()}\nlost 99999 {text.splitlines()[2]}\n", signer(9)
    )
    town.sql("INSERT INTO log_succession VALUES ('forged', :note)", note=forged)


def released_everywhere(town: Town) -> None:
    """A hold taken out of the rows and off the object; the recording's row put back as it was before."""
    town.sql("DELETE FROM hold")
    town.put_back("recording", f"recording_id = '{town.ids['held']}'")
    for path in (town.home / "vault").rglob("*.held"):
        path.unlink()


def _released_on_paper(town: Town) -> None:
    """The same, and an entry that says so, in the name of somebody who is in the log already."""
    released_everywhere(town)
    placed = [row[0] for row in town.select("SELECT bytes FROM log_leaf") if b"hold.placed" in row[0]][-1]
    entry = decode_entry(placed)
    forged = replace(
        entry,
        entry_id=make_entry_id(LOOKED_AT, bytes(10)),
        at=LOOKED_AT,
        operation=Operation.HOLD_RELEASED,
    )
    town.sql("INSERT INTO log_staged VALUES (:one, :told)", one=forged.entry_id, told=encode_entry(forged))


def _revoked_nowhere(town: Town) -> None:
    """A token's older row, and the entry of its revocation hidden from who looks for it."""
    town.put_back("token", f"token_id = '{town.token_ids['revoked']}'")
    town.sql(f"UPDATE log_leaf SET subject = NULL WHERE subject = '{town.token_ids['revoked']}'")


CELLS = (
    Cell(
        Part.CHECKPOINTS,
        "the newest checkpoint is taken away",
        _newest,
        seen("log status: missing_outside"),
    ),
    Cell(
        Part.CHECKPOINTS,
        "an old checkpoint is taken away",
        _oldest,
        Harmless("every later one proves what it proved, and the log is held against each that is there"),
    ),
    Cell(
        Part.CHECKPOINTS,
        "every checkpoint is taken away",
        remove_all,
        seen("log status: missing_outside", "log verify: no outside checkpoint"),
    ),
    Cell(Part.CHECKPOINTS, "a checkpoint is edited", _edit, seen("log verify: bad_signature")),
    Cell(
        Part.CHECKPOINTS,
        "an old checkpoint is made to look like the newest",
        _rename,
        seen("log verify: misnamed_checkpoint"),
    ),
    Cell(
        Part.CHECKPOINTS,
        "a checkpoint signed by another key is put beside",
        _foreign,
        seen("log verify: other_key"),
    ),
    Cell(
        Part.SEVERAL,
        "entries are hidden in the database, and every checkpoint is taken away",
        _everything_of_the_log,
        seen("log verify: copy_altered", "log status: missing_outside"),
    ),
    Cell(
        Part.SEVERAL,
        "the log is set back to an earlier checkpoint, and its place with it",
        _set_back_with_its_place,
        Limit(
            "whoever can set back the database and *every* place of checkpoints shows an older true state: keep one "
            "place where the writer of the log can change nothing (a locked bucket)",
            costs=("readings of kept, from log list", "readings, from what the person concerned is shown"),
        ),
    ),
    Cell(
        Part.SEVERAL,
        "the older catalogue, with its log, is put back",
        _older_catalogue,
        seen("log verify: rolled_back", "log list: LogDamagedError", "reconcile: log_damaged"),
    ),
    Cell(
        Part.SEVERAL,
        "the same, and a handover that would begin the log anew is written beside it (`log_succession`)",
        _older_catalogue_and_a_handover,
        seen("log verify: rolled_back", "log list: LogDamagedError", "reconcile: log_damaged"),
    ),
    Cell(
        Part.SEVERAL,
        "the older catalogue and the older vault are put back",
        _older_catalogue_and_vault,
        seen("log verify: rolled_back", "log list: LogDamagedError", "reconcile: log_damaged"),
    ),
    Cell(
        Part.SEVERAL,
        "a hold is taken out of the rows and off the object, and the recording's older row is put back",
        released_everywhere,
        seen("reconcile: hold_gone", "sweep: held_in_vault"),
    ),
    Cell(
        Part.SEVERAL,
        "the same, and a release that never was is written into the log before the next checkpoint",
        _released_on_paper,
        seen("reconcile: hold_gone", "custody: past_retention", "sweep: held_in_vault"),
    ),
    Cell(
        Part.SEVERAL,
        "the older row of a revoked token is put back, and the entry of its revocation hidden in the index",
        _revoked_nowhere,
        seen("reconcile: token_revived", "log verify: copy_altered"),
        costs=("the system to a revoked token",),
    ),
)
