"""Changes of the catalogue's tables."""

import shutil

from tests.tamper.cells import Cell, Harmless, Part, by_sql, seen
from tests.tamper.town import Town

_FAR = 4102444800000000
"""2100, in microseconds."""


def _swap_keys(town: Town) -> None:
    for name, other in (("kept", "over"), ("over", "kept")):
        [(wrapped,)] = town.select(f"SELECT wrapped FROM data_key WHERE recording_id = '{town.ids[other]}'", older=True)
        town.sql(f"UPDATE data_key SET wrapped = :wrapped WHERE recording_id = '{town.ids[name]}'", wrapped=wrapped)


def _lift(town: Town) -> None:
    """A hold, wherever it is written, but for the log."""
    town.sql("DELETE FROM hold", "UPDATE recording SET held = 0")
    for path in (town.home / "vault").rglob("*.held"):
        path.unlink()


def _revived(town: Town) -> None:
    town.put_back("token", f"token_id = '{town.token_ids['revoked']}'")


def _unspent(town: Town) -> None:
    town.put_back("token", f"token_id = '{town.token_ids['spent']}'")


def _unheld(town: Town) -> None:
    """The recording as it was sealed before the hold, and no hold: every seal is genuine."""
    town.sql("DELETE FROM hold")
    town.put_back("recording", f"recording_id = '{town.ids['held']}'")


def _objecting_again(town: Town) -> None:
    town.put_back("objection", f"objection_id = '{town.objections['C-withdrawn']}'")


def _back_from_the_dead(town: Town) -> None:
    """A destroyed recording's rows and key, as they were."""
    for table in ("recording", "artefact", "data_key"):
        town.put_back(table, f"recording_id = '{town.ids['gone']}'")


def _wiped_out(town: Town) -> None:
    for path in town.objects("kept"):
        path.unlink()
    for table in ("break_glass", "artefact", "data_key", "recording"):
        town.sql(f"DELETE FROM {table} WHERE recording_id = '{town.ids['kept']}'")


def before_the_objection(town: Town) -> None:
    town.put_back("recording", f"recording_id = '{town.ids['late']}'")


def quarantined_again(town: Town) -> None:
    town.put_back("recording", f"recording_id = '{town.ids['cleared']}'")


def released_again(town: Town) -> None:
    town.put_back("redaction", f"recording_id = '{town.ids['closed']}'")


def back_with_its_objects(town: Town) -> None:
    """The same, and its files: nothing is missing."""
    _back_from_the_dead(town)
    shutil.copytree(town.older / "vault", town.home / "vault", dirs_exist_ok=True)


def _cell(what: str, *statements: str, alarms: tuple[str, ...], costs: tuple[str, ...] = ()) -> Cell:
    return Cell(Part.CATALOGUE, what, by_sql(*statements), seen(*alarms), costs)


_ALTERED = "reconcile: row_altered"

CELLS = (
    _cell(
        "a token speaks for another role (`token.role`)",
        "UPDATE token SET role = 'dpo' WHERE token_id = '{trainer}'",
        alarms=(_ALTERED, "token: token_invalid"),
    ),
    _cell(
        "a token sees more lines (`token.lines`)",
        "UPDATE token SET lines = NULL WHERE token_id = '{narrow}'",
        alarms=(_ALTERED, "token: token_invalid"),
    ),
    _cell(
        "a token lasts longer (`token.expires_at`)",
        f"UPDATE token SET expires_at = {_FAR} WHERE token_id = '{{trainer}}'",
        alarms=(_ALTERED, "token: token_invalid"),
    ),
    _cell(
        "a token takes the secret of another (`token.digest`)",
        "UPDATE token SET digest = (SELECT digest FROM token WHERE token_id = '{narrow}') WHERE token_id = '{trainer}'",
        alarms=(_ALTERED, "token: token_invalid"),
    ),
    _cell(
        "a token is not revoked any more (`token.revoked_at`)",
        "UPDATE token SET revoked_at = NULL",
        alarms=(_ALTERED,),
    ),
    _cell("a token is not spent any more (`token.spent_at`)", "UPDATE token SET spent_at = NULL", alarms=(_ALTERED,)),
    Cell(
        Part.CATALOGUE,
        "the row of a revoked token is put back as it was, seal and all",
        _revived,
        seen("reconcile: token_revived"),
    ),
    Cell(
        Part.CATALOGUE,
        "the row of a spent token is put back as it was, seal and all",
        _unspent,
        seen("reconcile: token_revived"),
    ),
    _cell(
        "an emergency access is approved (`break_glass.approved_at`, `open_until`)",
        f"UPDATE break_glass SET approved_by = 'denise', approved_at = requested_at, open_until = {_FAR}",
        alarms=(_ALTERED,),
    ),
    _cell(
        "an approved request is written",
        "INSERT INTO break_glass SELECT 'glass-00000000000000000000000009', recording_id, what, purpose, role, "
        f"requested_by, requested_at, lapses_at, sealed_reason, 'denise', requested_at, {_FAR}, NULL, seal "
        "FROM break_glass",
        alarms=(_ALTERED,),
    ),
    _cell(
        "a period is made longer (`recording.keep_until`)",
        f"UPDATE recording SET keep_until = {_FAR} WHERE recording_id = '{{over}}'",
        alarms=(_ALTERED, "reconcile: period_too_long"),
    ),
    _cell(
        "a period is made shorter, to have it destroyed",
        "UPDATE recording SET keep_until = 1 WHERE recording_id = '{kept}'",
        alarms=(_ALTERED, "read: row_altered"),
    ),
    _cell(
        "a call ended later than it did (`recording.ended_at`)",
        f"UPDATE recording SET ended_at = ended_at + 8640000000000, keep_until = {_FAR} "
        "WHERE recording_id = '{over}'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "a restriction is lifted (`recording.restricted`)",
        "UPDATE recording SET restricted = 0",
        alarms=(_ALTERED,),
    ),
    _cell(
        "what was objected to is forgotten (`recording.objected`)",
        "UPDATE recording SET objected = '[]' WHERE recording_id = '{objected}'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "what is set aside is stored (`recording.state`)",
        "UPDATE recording SET state = 'stored', quarantine_reason = NULL WHERE recording_id = '{strange}'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "what is destroyed is stored (`recording.state`)",
        f"UPDATE recording SET state = 'stored', keep_until = {_FAR} WHERE recording_id = '{{gone}}'",
        alarms=(_ALTERED, "reconcile: recording_without_object"),
    ),
    _cell(
        "a recording is said to be objected to, to have it destroyed (`recording.state`)",
        "UPDATE recording SET state = 'dropping' WHERE recording_id IN ('{kept}', '{held}', '{closed}')",
        alarms=(_ALTERED, "reconcile: erasure_unfinished"),
    ),
    _cell(
        "a recording is of another line (`recording.line`)",
        "UPDATE recording SET line = 'monitoring-centre' WHERE recording_id = '{kept}'",
        alarms=(_ALTERED, "read: row_altered"),
    ),
    _cell(
        "a recording is of another caller (`recording.caller`)",
        "UPDATE recording SET caller = 'k1:another' WHERE recording_id = '{kept}'",
        alarms=(_ALTERED,),
        costs=("readings, from what the person concerned is shown",),
    ),
    _cell(
        "a recording's row is deleted",
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM recording WHERE recording_id = '{kept}'",
        alarms=("reconcile: key_missing", "read: unknown"),
        costs=("readings, from what the person concerned is shown",),
    ),
    _cell(
        "a hold is deleted (`hold`)",
        "DELETE FROM hold",
        alarms=(_ALTERED, "reconcile: hold_gone", "custody: row_altered"),
    ),
    _cell(
        "a recording is said not to be held (`recording.held`)",
        "UPDATE recording SET held = 0",
        alarms=(_ALTERED, "reconcile: hold_unknown"),
    ),
    _cell(
        "a hold keeps another recording (`hold.recording_id`)",
        "UPDATE hold SET recording_id = '{kept}'",
        alarms=(_ALTERED, "reconcile: hold_gone"),
    ),
    _cell(
        "a hold is written, to open what is past its period",
        "INSERT INTO hold SELECT case_id, '{over}', placed_by, placed_at, applied_at, seal FROM hold",
        "UPDATE recording SET held = 1 WHERE recording_id = '{over}'",
        alarms=(_ALTERED, "reconcile: hold_untold"),
    ),
    _cell(
        "a hold was placed by somebody else (`hold.placed_by`)", "UPDATE hold SET placed_by = 'x'", alarms=(_ALTERED,)
    ),
    _cell(
        "a case is released (`litigation_case.state`)",
        "UPDATE litigation_case SET state = 'released', released_by = 'brigitte', released_at = 1",
        alarms=(_ALTERED,),
    ),
    _cell(
        "somebody has asked for the release already (`litigation_case.release_requested_by`)",
        "UPDATE litigation_case SET release_requested_by = 'bruno'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "criteria of a case are deleted (`placement`)",
        "DELETE FROM placement",
        alarms=("reconcile: placement_gone",),
    ),
    _cell(
        "criteria of a case catch others (`placement.criteria`)",
        "UPDATE placement SET criteria = '{{}}'",
        alarms=(_ALTERED,),
    ),
    _cell("a person's request is deleted (`request`)", "DELETE FROM request", alarms=("reconcile: request_gone",)),
    _cell(
        "a person's request is said to be answered (`request.answered_at`)",
        "UPDATE request SET answered_at = received_at, state = 'closed'",
        alarms=(_ALTERED,),
    ),
    Cell(
        Part.CATALOGUE,
        "the rows of a hold are taken away and the recording's is put back as it was before, seal and all",
        _unheld,
        seen("reconcile: hold_gone", "reconcile: hold_unknown", "custody: past_retention", "sweep: held_in_vault"),
    ),
    _cell(
        "an objection is to nothing (`objection.purposes`)",
        "UPDATE objection SET purposes = '[]'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "an objection was withdrawn (`objection.withdrawn_at`)",
        "UPDATE objection SET withdrawn_at = 1 WHERE objection_id = '{C-stands}'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "an objection is of somebody else (`objection.reference`)",
        "UPDATE objection SET reference = 'k1:another' WHERE objection_id = '{C-stands}'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "an objection is deleted",
        "DELETE FROM objection WHERE objection_id = '{C-stands}'",
        alarms=("reconcile: objection_gone",),
    ),
    Cell(
        Part.CATALOGUE,
        "the row of a withdrawn objection is put back as it was, seal and all",
        _objecting_again,
        seen("reconcile: objection_revived"),
    ),
    _cell(
        "an event ended otherwise (`outcome.outcome`)",
        "UPDATE outcome SET outcome = 'refused', reason = 'not_sampled' WHERE recording_id = '{kept}'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "an event ended for another reason, on another line (`outcome.reason`, `outcome.line`)",
        "UPDATE outcome SET reason = 'silence', line = 'x' WHERE recording_id = '{strange}'",
        alarms=(_ALTERED,),
    ),
    _cell(
        "the outcome of an event is deleted",
        "DELETE FROM outcome WHERE recording_id = '{kept}'",
        alarms=("reconcile: outcomes_unbalanced",),
    ),
    _cell(
        "a redaction is released (`redaction`)",
        "INSERT INTO redaction (recording_id, generation, version, status, reasons, decided_at) "
        "VALUES ('{kept}', 1, '1', 'released', '[]', 1)",
        alarms=(_ALTERED,),
    ),
    _cell(
        "a digest is another (`artefact.sha256`)",
        "UPDATE artefact SET sha256 = replace(sha256, 'a', 'b') WHERE recording_id = '{held}'",
        alarms=(_ALTERED, "custody: broken"),
    ),
    _cell(
        "a key is no key any more (`data_key.wrapped`)",
        "UPDATE data_key SET wrapped = zeroblob(length(wrapped)) WHERE recording_id = '{kept}'",
        alarms=(_ALTERED, "read: WrappedKeyError"),
    ),
    _cell(
        "an object is another version (`artefact.version_id`)",
        "UPDATE artefact SET version_id = (SELECT version_id FROM artefact WHERE recording_id = '{over}') "
        "WHERE recording_id = '{kept}'",
        alarms=(_ALTERED, "reconcile: object_missing", "reconcile: object_unknown", "read: ObjectMissingError"),
    ),
    _cell(
        "an object is another recording's (`artefact.key`)",
        "UPDATE artefact SET (key, version_id, stored_size) = (SELECT key, version_id, stored_size FROM artefact "
        "WHERE recording_id = '{over}') WHERE recording_id = '{kept}'",
        alarms=("reconcile: object_unknown", "read: DecryptionError"),
    ),
    _cell(
        "an object is forgotten (`artefact`)",
        "DELETE FROM artefact WHERE recording_id = '{kept}'",
        alarms=("reconcile: recording_without_object", "reconcile: object_unknown", "read: unknown"),
    ),
    Cell(
        Part.CATALOGUE,
        "the keys of two recordings change places (`data_key.wrapped`)",
        _swap_keys,
        seen(_ALTERED, "read: WrappedKeyError"),
    ),
    _cell(
        "a key is deleted (`data_key`)",
        "DELETE FROM data_key WHERE recording_id = '{kept}'",
        alarms=("reconcile: key_missing", "read: unknown"),
    ),
    Cell(
        Part.CATALOGUE,
        "the rows and the key of what is destroyed are put back as they were",
        _back_from_the_dead,
        seen("reconcile: erased_is_back", "reconcile: object_missing"),
    ),
    Cell(
        Part.SEVERAL,
        "the rows, the key and the files of what is destroyed are put back as they were",
        back_with_its_objects,
        seen("reconcile: erased_is_back"),
    ),
    Cell(
        Part.CATALOGUE,
        "the row of a recording is put back as it was before an objection, seal and all",
        before_the_objection,
        seen("reconcile: objection_undone"),
    ),
    Cell(
        Part.CATALOGUE,
        "the row of a recording is put back as it was in quarantine, seal and all",
        quarantined_again,
        seen("reconcile: clearing_undone"),
    ),
    Cell(
        Part.CATALOGUE,
        "the row of a redaction that was withdrawn is put back as it was, seal and all",
        released_again,
        seen("reconcile: redaction_revived"),
    ),
    _cell(
        "a disposal certificate is edited",
        "UPDATE certificate SET document = CAST(replace(CAST(document AS TEXT), '2026', '2025') AS BLOB)",
        alarms=("certificate: not genuine",),
    ),
    Cell(
        Part.CATALOGUE,
        "a disposal certificate is deleted",
        by_sql("DELETE FROM certificate"),
        seen("reconcile: certificate_gone"),
        costs=("the certificate of what is destroyed",),
    ),
    Cell(
        Part.SEVERAL,
        "every row of a recording is deleted, and its objects",
        _wiped_out,
        seen("reconcile: recording_gone", "read: unknown"),
        costs=("readings, from what the person concerned is shown",),
    ),
    _cell(
        "a key is another (`known_key.fingerprint`)",
        "UPDATE known_key SET fingerprint = replace(fingerprint, 'a', 'b') || '0'",
        alarms=("start: ForeignKeysError",),
    ),
    _cell("every seal is taken away", "UPDATE recording SET seal = NULL", alarms=(_ALTERED, "read: row_altered")),
    _cell(
        "a stopped sweep is asked for in another's name (`landmark`)",
        "INSERT OR REPLACE INTO landmark VALUES ('sealed:sweep-request', 'otto')",
        alarms=(_ALTERED,),
    ),
    _cell(
        "another instant is believed (`landmark`)",
        "UPDATE landmark SET value = '2100-01-01T00:00:00+00:00' WHERE name = 'sealed:clock-believed'",
        alarms=(_ALTERED,),
    ),
    Cell(
        Part.CATALOGUE,
        "a message of ours is written (`outbox`)",
        by_sql(
            "INSERT INTO outbox (written_at, topic, key, value, headers) "
            "VALUES (1, 'holds.changed', '{gone}', '{\"recording_id\": \"rec-1\"}', '[]')"
        ),
        Harmless("messages carry references; whoever gets one asks the catalogue what is to be done"),
    ),
    _cell(
        "the tables are said to be of another version (`alembic_version`)",
        "UPDATE alembic_version SET version_num = '9999'",
        alarms=("start: ConfigurationError",),
    ),
)
