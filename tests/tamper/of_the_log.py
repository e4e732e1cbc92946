"""Changes of the access log's tables."""

import json
from hashlib import sha256

from callwarden.accesslog.proof.encoding import decode_entry, encode_entry
from callwarden.accesslog.proof.tree import Frontier, leaf_hash
from tests.tamper.cells import Cell, Harmless, Limit, Part, by_sql, seen
from tests.tamper.town import Town


def _edit(town: Town, index: int) -> None:
    [(data,)] = town.select(f"SELECT bytes FROM log_leaf WHERE idx = {index}")
    town.sql(f"UPDATE log_leaf SET bytes = :data WHERE idx = {index}", data=_another_purpose(data))


def _another_purpose(data: bytes) -> bytes:
    fields = json.loads(data)
    fields["outcome"] = "refused" if fields["outcome"] != "refused" else "allowed"
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def _edit_and_hash(town: Town) -> None:
    _edit(town, 3)
    [(data,)] = town.select("SELECT bytes FROM log_leaf WHERE idx = 3")
    [(hashes,)] = town.select("SELECT hashes FROM log_tile WHERE level = 0 AND idx = 0")
    town.sql(
        "UPDATE log_tile SET hashes = :hashes WHERE level = 0 AND idx = 0",
        hashes=hashes[:96] + leaf_hash(data) + hashes[128:],
    )


def _swap(town: Town) -> None:
    (first, second) = (row[0] for row in town.select("SELECT bytes FROM log_leaf WHERE idx IN (2, 3) ORDER BY idx"))
    town.sql("UPDATE log_leaf SET bytes = :second WHERE idx = 2", second=second)
    town.sql("UPDATE log_leaf SET bytes = :first WHERE idx = 3", first=first)


def _size(town: Town) -> int:
    [(size,)] = town.select("SELECT size FROM log_state")
    return int(size)


def _cut(town: Town) -> None:
    town.sql(f"DELETE FROM log_leaf WHERE idx >= {_size(town) - 2}")


def cut_cleanly(town: Town) -> None:
    """Back to the state of an earlier checkpoint, with everything the database says of itself."""
    size = sorted({row[0] for row in town.select("SELECT size FROM log_checkpoint")})[-2]
    leaves = [leaf_hash(row[0]) for row in town.select(f"SELECT bytes FROM log_leaf WHERE idx < {size} ORDER BY idx")]
    frontier = Frontier().extended(leaves)
    town.sql(
        f"DELETE FROM log_leaf WHERE idx >= {size}",
        f"DELETE FROM log_checkpoint WHERE size > {size}",
        f"DELETE FROM log_segment WHERE first_idx >= {size}",
        f"UPDATE log_segment SET end_idx = NULL, sealed_at = NULL, seal = NULL WHERE end_idx > {size}",
        f"UPDATE log_state SET size = {size}, peaks = :peaks",
        "UPDATE log_tile SET hashes = :hashes WHERE level = 0",
        peaks=b"".join(frontier.peaks),
        hashes=b"".join(leaves),
    )


def _insert_within(town: Town) -> None:
    """One more reading in the middle, everything after it moved up."""
    town.sql(
        "UPDATE log_leaf SET idx = -idx - 1 WHERE idx >= 3",
        "UPDATE log_leaf SET idx = -idx WHERE idx < 0",
        "INSERT INTO log_leaf SELECT 3, entry_id, bytes, subject, case_ref FROM log_leaf WHERE idx = 2",
    )


def _edit_waiting(town: Town) -> None:
    [(entry_id, data)] = town.select(
        "SELECT entry_id, bytes FROM log_staged WHERE CAST(bytes AS TEXT) LIKE '%content.read%' LIMIT 1"
    )
    town.sql(
        "UPDATE log_staged SET bytes = :data WHERE entry_id = :entry_id",
        data=_another_purpose(data),
        entry_id=entry_id,
    )


def _forge_waiting(town: Town) -> None:
    [(data,)] = town.select("SELECT bytes FROM log_staged WHERE CAST(bytes AS TEXT) LIKE '%content.read%' LIMIT 1")
    entry = decode_entry(data)
    forged = entry.entry_id[:-8] + "00000000"
    told = encode_entry(entry).replace(entry.entry_id.encode(), forged.encode())
    town.sql("INSERT INTO log_staged VALUES (:forged, :told)", forged=forged, told=told)


def _note(town: Town) -> None:
    [(note,)] = town.select("SELECT note FROM log_checkpoint ORDER BY size DESC, made_at DESC LIMIT 1")
    lines = note.split(b"\n")
    lines[1] = str(int(lines[1]) - 1).encode()
    town.sql("UPDATE log_checkpoint SET note = :changed WHERE note = :note", changed=b"\n".join(lines), note=note)


CELLS = (
    Cell(
        Part.LOG,
        "readings are taken from their recording (`log_leaf.subject`)",
        by_sql("UPDATE log_leaf SET subject = 'rec-00000000000000000000000000000009' WHERE subject = '{held}'"),
        seen("log verify: copy_altered"),
    ),
    Cell(
        Part.LOG,
        "entries are taken from their recordings and cases (both columns emptied)",
        by_sql("UPDATE log_leaf SET subject = NULL, case_ref = NULL"),
        seen("log verify: copy_altered"),
    ),
    Cell(
        Part.LOG,
        "entries are taken from their case (`log_leaf.case_ref`)",
        by_sql("UPDATE log_leaf SET case_ref = 'case-9' WHERE case_ref IS NOT NULL"),
        seen("log verify: copy_altered"),
    ),
    Cell(
        Part.LOG,
        "an entry is kept under another name (`log_leaf.entry_id`)",
        by_sql("UPDATE log_leaf SET entry_id = '00000000000000000000000000' WHERE idx = 3"),
        seen("log verify: copy_altered"),
    ),
    Cell(
        Part.LOG,
        "the bytes of an entry are edited",
        lambda town: _edit(town, 3),
        seen("log verify: edited", "log list: LogDamagedError", "reconcile: log_damaged", "custody: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "an entry is edited, and the hash stored beside it",
        _edit_and_hash,
        seen("log verify: rewritten", "log list: LogDamagedError", "sequencer: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "an entry is deleted",
        by_sql("DELETE FROM log_leaf WHERE idx = 4"),
        seen("log verify: deleted", "log list: LogDamagedError", "consultations: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "two entries change places",
        _swap,
        seen("log verify: swapped", "log list: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "an entry is written in between",
        _insert_within,
        seen("log verify: edited", "log list: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "an entry is written after the end (`log_leaf` beyond the tree)",
        by_sql(
            "INSERT INTO log_leaf SELECT idx + 1000, entry_id, bytes, subject, case_ref FROM log_leaf WHERE idx = 3"
        ),
        Harmless("the tree's size says where the log ends; nothing beyond it is shown or signed"),
    ),
    Cell(
        Part.LOG,
        "the last entries are cut off",
        _cut,
        seen("log verify: cut_tail", "log list: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "the log is set back to an earlier checkpoint, hashes and all",
        cut_cleanly,
        seen("log verify: rolled_back", "log list: LogDamagedError", "consultations: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "the tree's size is set smaller (`log_state.size`)",
        by_sql("UPDATE log_state SET size = size - 1"),
        seen("log list: LogDamagedError", "sequencer: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "the tree's state is altered (`log_state.peaks`)",
        lambda town: town.sql("UPDATE log_state SET peaks = zeroblob(length(peaks))"),
        seen("log list: LogDamagedError", "sequencer: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "the log is given another name (`log_state.origin`)",
        by_sql("UPDATE log_state SET origin = 'callwarden.log/another'"),
        seen("sequencer: ConfigurationError"),
    ),
    Cell(
        Part.LOG,
        "the stored hashes are altered",
        lambda town: town.sql("UPDATE log_tile SET hashes = :wrong", wrong=sha256(b"").digest() * 256),
        seen("log verify: hashes_altered", "log list: LogDamagedError", "sequencer: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "the stored hashes are deleted",
        by_sql("DELETE FROM log_tile"),
        seen("log verify: missing", "log list: LogDamagedError", "sequencer: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "a month was sealed earlier (`log_segment.sealed_at`), so that it may go earlier",
        by_sql("UPDATE log_segment SET sealed_at = 978307200000000 WHERE sealed_at IS NOT NULL"),
        seen("log verify: copy_altered"),
    ),
    Cell(
        Part.LOG,
        "the seal of a month is altered",
        by_sql("UPDATE log_segment SET seal = CAST(replace(CAST(seal AS TEXT), '2026-11', '2025-11') AS BLOB)"),
        seen("log verify: bad_seal"),
    ),
    Cell(
        Part.LOG,
        "a month is said to have expired (`log_segment.expired_at`)",
        by_sql("UPDATE log_segment SET expired_at = sealed_at WHERE sealed_at IS NOT NULL"),
        seen("log verify: missing", "log list: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "a month gets another name",
        by_sql("UPDATE log_segment SET name = '2026-09' WHERE name = '2026-10'"),
        seen("log verify: bad_seal"),
    ),
    Cell(
        Part.LOG,
        "a month is taken away (`log_segment`)",
        by_sql("DELETE FROM log_segment WHERE name = '2026-10'"),
        seen("log verify: missing"),
    ),
    Cell(
        Part.LOG,
        "the newest checkpoint is taken from the database",
        by_sql("DELETE FROM log_checkpoint WHERE size = (SELECT max(size) FROM log_checkpoint)"),
        Harmless("the places keep it, and the log is held against them; the next one is signed as ever"),
    ),
    Cell(
        Part.LOG,
        "the newest checkpoint in the database is altered",
        _note,
        seen("log verify: bad_signature", "log list: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "an old checkpoint is kept as if it were the newest (`log_checkpoint.size`)",
        by_sql("UPDATE log_checkpoint SET size = size + 1000 WHERE size = (SELECT min(size) FROM log_checkpoint)"),
        seen("log verify: copy_altered"),
    ),
    Cell(
        Part.LOG,
        "a checkpoint was made at another time (`log_checkpoint.made_at`)",
        by_sql("UPDATE log_checkpoint SET made_at = made_at - 86400000000"),
        seen("log verify: copy_altered"),
    ),
    Cell(
        Part.LOG,
        "no checkpoint was brought outside yet (`log_checkpoint.published_at`)",
        by_sql("UPDATE log_checkpoint SET published_at = NULL"),
        Harmless("they are brought there again, where each is kept once"),
    ),
    Cell(
        Part.LOG,
        "a time-stamp is kept of a checkpoint it was not made for (`log_timestamp`)",
        by_sql("INSERT INTO log_timestamp VALUES ('00-a.tsr', '00-b.checkpoint', 7, 0, 0, NULL, 1)"),
        seen("log verify: copy_altered"),
    ),
    Cell(
        Part.LOG,
        "something that is no entry waits for a number (`log_staged`)",
        by_sql("INSERT INTO log_staged VALUES ('00000000000000000000000009', '{}')"),
        seen("log verify: copy_altered", "log list: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "an entry waits under another name (`log_staged.entry_id`)",
        by_sql("UPDATE log_staged SET entry_id = '00000000000000000000000009' WHERE rowid = 1"),
        seen("log verify: copy_altered", "log list: LogDamagedError"),
    ),
    Cell(
        Part.LOG,
        "an entry is deleted before the next checkpoint (`log_staged`)",
        by_sql("DELETE FROM log_staged"),
        Limit(
            "what no checkpoint covers yet is proven by nothing: at most one interval (60 s); how much that is, and "
            "how old, is shown",
            costs=("readings of held, from log list", "readings, from what the person concerned is shown"),
        ),
    ),
    Cell(
        Part.LOG,
        "an entry is edited before the next checkpoint (`log_staged.bytes`)",
        _edit_waiting,
        Limit(
            "as above; from the checkpoint on nobody can",
            costs=("readings, from what the person concerned is shown",),
        ),
    ),
    Cell(
        Part.LOG,
        "a reading that never was is written down (`log_staged`)",
        _forge_waiting,
        Limit("whoever may write to the database can add an entry, signed then like any other; none can be taken back"),
    ),
    Cell(
        Part.LOG,
        "the tables are said to be of another version (`log_version`)",
        by_sql("UPDATE log_version SET version_num = 'log_9999'"),
        seen("start: ConfigurationError"),
    ),
)
