"""What each breach means and what the person on call does about it, by its code (docs/operators.md)."""

from collections.abc import Mapping
from typing import Final

from callwarden.rules.log_and_rows import NotBorneOut

_OLDER: Final = "an older row was put back; callwarden reconcile --repair does again what was decided since"

WHAT_TO_DO: Final[Mapping[str, str]] = {
    # the parts by themselves
    "file_damaged": "SQLite says: {found}. Stop everything that uses the file, keep a copy, restore a backup",
    "master_key_missing": "{what}, and {data_keys} data keys are under it: put the right key store back (docs/keys.md)",
    "pseudonym_key_missing": "{what}, and {data_keys} data keys are under it: put the right key store back "
    "(docs/keys.md)",
    "row_altered": "somebody has written this row past the system; nothing is read or destroyed by it: find out who, "
    "and restore it from a backup",
    "log_damaged": "{error}; run callwarden log verify",
    "journal_damaged": "somebody else wrote to the journal, or its disk lost something: stop serving, and put its "
    "newest true copy back",
    # rows
    "period_too_long": "it is kept longer than its policy says for its line: restore its row",
    "erasure_unfinished": "its erasure was interrupted: run callwarden dispose",
    "recording_without_object": "the catalogue calls it stored and knows no object of it: restore the catalogue",
    "remains_of_the_gone": "a key or an object of something destroyed is still recorded: run callwarden dispose",
    "key_missing": "an object has no key and cannot be read any more: if an erasure was interrupted, run callwarden "
    "dispose; else restore the catalogue",
    "erased_is_back": "the journal says it was destroyed: run callwarden reconcile --repair, which destroys it again; "
    "if a case still holds it, two people have to release that first",
    "act_not_restored": "{why}",
    # the vault
    "object_missing": "the catalogue knows an object the vault does not list: restore the vault from a replica",
    "object_unknown": "the vault has a version that is in no row: {then}",
    "object_altered": "its size is not what was stored: nobody can read it; restore it from a replica",
    "foreign_object": "somebody else writes into the vault: find out who, and remove it by hand",
    "foreign_file": "a file in the vault that nothing here wrote or can destroy: look at it, then remove it",
    "stray_marker": "something other than us deleted an object: its versions are still readable; see who did it",
    "unfinished_upload": "an upload was never finished: the next attempt or the sweep aborts it",
    "hold_not_fast": "it is held, and a version of it in the vault has no legal hold, or is within reach of the "
    "bucket's lifecycle: {then}",
    "hold_unknown": "the vault holds it, and no case does: {then}",
    # the flow
    "outcomes_unbalanced": "events in and outcomes do not add up: list the outcomes and compare with the topic; "
    "after the restore of an older catalogue they stay apart (docs/operators.md, Restore)",
    "recording_unfinished": "its event is finished and its audio is not: publish the event again",
    "deleted_unread": "{count} events expired on the bus before they were read: "
    "have the telephone system send those calls again, and find out why ingest did not work",
    "landing_out_of_reach": "{error}",
    "landing_overdue": "{count} items are there longer than the policy allows, and may be voices in clear: callwarden "
    "dispose removes them once every event is decided",
    # rows that the log and the journal contradict
    NotBorneOut.TOKEN_REVIVED: "the log says that it was revoked or spent, and its row does not: revoke it again",
    NotBorneOut.TOKEN_TWICE: "valid once, and the log has it accepted more than once: an older row of it was put back; "
    "revoke it, and see what was done with it",
    NotBorneOut.HOLD_GONE: "the log says that a case holds it, and no row does: place the hold again, now "
    "(callwarden reconcile --repair does)",
    NotBorneOut.HOLD_BROKEN: "a case held it, nobody released it, and it is destroyed: tell legal; find out who took "
    "its hold away",
    NotBorneOut.HOLD_UNTOLD: "a case holds it, and the log has no entry of that: find out who wrote the row",
    NotBorneOut.OBJECTION_GONE: "the log knows this objection and no row does: restore it, or record it again",
    NotBorneOut.OBJECTION_REVIVED: "the log says that it was withdrawn, and its row does not: withdraw it again",
    NotBorneOut.OBJECTION_UNDONE: f"an objection on file closes it to more than its row says: {_OLDER}",
    NotBorneOut.AUDIO_REVIVED: f"its audio was destroyed, and its row has it again: {_OLDER}",
    NotBorneOut.CLEARING_UNDONE: f"it was taken out of quarantine, and its row is in it again: {_OLDER}",
    NotBorneOut.REDACTION_REVIVED: f"its redaction was withdrawn, and is released again: {_OLDER}",
    NotBorneOut.APPROVAL_UNTOLD: "an emergency access or a test on real calls is open, or a change of the policy "
    "counts, and the log has no approval: find out who wrote the row",
    NotBorneOut.RECORDING_GONE: "the log says that it was stored, and there is no row: restore catalogue and vault, "
    "and find out who has deleted it",
    NotBorneOut.CASE_GONE: "by the journal this case was opened (its name in the log), and no row says so: callwarden "
    "reconcile --repair opens it again; find out who has deleted it",
    NotBorneOut.PLACEMENT_GONE: "a case holds by criteria that are in no row: calls that match are not destroyed, and "
    "later ones are not held yet: callwarden reconcile --repair",
    NotBorneOut.REQUEST_GONE: "the journal knows this request of a person, or item of one, and no row does: what it "
    "keeps is not destroyed; callwarden reconcile --repair enters it again",
    NotBorneOut.DECISION_UNDONE: f"a case, its criteria, or a request: {_OLDER}",
    NotBorneOut.CERTIFICATE_GONE: "the log says that its destruction was certified, and no certificate is there: "
    "restore it from a backup",
}

RUN_HOLDS: Final = "run callwarden work holds --drain, or callwarden reconcile --repair"
RELEASED: Final = f"every case that held it was released: {RUN_HOLDS}"
NEVER_PLACED: Final = "none ever did by the journal and the log, so nothing here lifts it: ask legal who placed it"
MESSAGES_DELETED_UNREAD: Final = (
    "{count} messages expired on the bus before {group} read them: find out why callwarden work {group} did not work"
)
NOT_RESTORED: Final[Mapping[str, str]] = {
    "recording_unknown": "it was decided after the backup, on a recording the backup does not have: once the recording "
    "is there again, start anything; or decide otherwise (for a hold: release the case)",
    "recording_gone": "it was decided after the backup, and its recording is destroyed: tell whoever decided it",
    "held": "it was destroyed after the backup, which shows a hold that nothing says has ended: two people release the "
    "case (callwarden hold release), then start anything",
    "row_altered": "somebody has written the row it concerns past the system: restore the row, then start anything",
    "unreadable": "another version wrote it, or it is not whole: install the newest version and start anything",
}
"""Why an act could not be replayed over a restored catalogue, and what to do."""
