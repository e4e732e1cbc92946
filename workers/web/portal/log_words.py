"""What a verification of the access log finds wrong, as pages say it; which entries it is, a page says beside it."""

from collections.abc import Mapping
from typing import Final

LOG_FAULT: Final[Mapping[str, str]] = {
    "edited": "altered",
    "deleted": "deleted",
    "inserted": "inserted: nobody signed it",
    "swapped": "in another’s place",
    "cut_tail": "the end of the log is cut off",
    "rolled_back": "the log was set back to an earlier state, and entries are missing",
    "rewritten": "not what was signed, though entries and hashes agree with each other",
    "hashes_altered": "the entries are the signed ones; the hashes kept beside them are altered",
    "copy_altered": "the entry is the signed one; what it is found by says something else: somebody wrote past the "
    "system",
    "other_key": "signed by another key: another log, or a checkpoint of another log, was put in its place",
    "bad_signature": "the signature does not fit what it signs",
    "retired_key": "signed by a key that had handed over to another by then",
    "damaged_checkpoint": "no checkpoint that can be read",
    "no_checkpoint": "there is no checkpoint that a trusted key has signed: nothing is proven",
    "bad_seal": "the seal of the month is missing, or is not its own",
    "misnamed_checkpoint": "a true checkpoint under a name that is not its own",
    "entries_lost": "what was signed here is lost: the database was set back, and the log begun anew",
    "missing": "not there at all",
    "damaged_segment": "the month cannot be followed: its parts do not fit together",
    "timestamp_malformed": "its time-stamp cannot be read",
    "timestamp_mismatch": "its time-stamp is of something else",
    "timestamp_untrusted": "its time-stamp is of nobody who is trusted",
    "timestamp_orphan": "there is a time-stamp, and the checkpoint it was made for is gone",
}
