"""What a policy states, as pages say it: the sentences of `rules.policy_words`, and what each is about."""

from collections.abc import Mapping
from typing import Final

STATEMENTS: Final[Mapping[str, str]] = {
    "tenant": "responsible",
    "time_zone": "time zone",
    "region": "telephone numbers",
    "landing_areas": "where audio is taken from",
    "landing": "audio that arrives",
    "storage_regions": "where recordings lie",
    "quarantine": "set aside",
    "objection_within": "after an objection",
    "release_delay": "after a hold ends",
    "lifecycle_margin": "the storage's own expiry",
    "log_retention": "access log",
    "limits": "limits of a call",
    "sweep": "sweeps",
    "holds": "holds",
    "unusual_reading": "unusual reading",
    "figures": "figures",
    "read_timeout": "reading",
    "transport": "connections",
    "case_review": "cases",
    "break_glass_lasts": "emergency access",
    "testing": "testing on real recordings",
    "experiment_readings": "readings for AI experiments",
    "legal_bases": "legal bases",
    "interest": "legitimate interest",
    "transfers": "transfers outside the Union",
    "automated_decisions": "automated decisions",
    "processors": "processors",
}
_SENTENCES: Final = (
    "for ai_experiment people read only what an approved experiment of theirs includes",
    "days and months are counted on the calendar of {}",
    "numbers without a country code are read as numbers of {}",
    "audio is taken from {} and from nowhere else",
    "what lies there longer than {} is removed, announced or not",
    "what lies there too long is removed, announced or not: {}",
    "recordings lie in {} and nowhere else",
    "audio set aside is kept {} from its arrival",
    "{} after an objection nothing is left",
    "{} after a hold ends nothing is destroyed yet",
    "the bucket's own expiry acts {} after any due date",
    "a month of the access log is kept {} once it is over",
    "at most {} MB, {} of audio, {} channels",
    "clocks at most {} ahead",
    "calls of at most {}",
    "one person holds at most {} recordings at once, or {} % of those kept; more takes a justification and two people",
    (
        "an auditor is shown who reads {} recordings or more on a day and over {} times what is usual, for "
        "them in {} days or for their role; who reads before {} or from {} o'clock on; and who asks for "
        "emergency access"
    ),
    "a figure is of {} callers and {} employees at least, and at most {} % of it is one person's",
    (
        "one sweep destroys at most {} recordings, or {} % of those kept, and none once the clock has jumped "
        "by more than {}; two people let it go on"
    ),
    "nothing is read unless the log has it within {}",
    "a connection in clear text to a server stops the start",
    "connections to servers may be in clear text; each is warned about",
    "an open case is reviewed every {}",
    "an approved emergency access stays open {}",
    ("{} may test on {} real calls at most, redacted, for {} at most, once the data protection officer has approved"),
    "{} in {} ({}), by contract {}, storing in {}, with guarantees ({})",
    "{} in {} ({}), by contract {}, with guarantees ({})",
    "{} in {} ({}), by contract {}, storing in {}",
    "{} in {} ({}), by contract {}",
    "there are none",
)
STATED: Final[Mapping[str, str]] = {sentence: sentence for sentence in _SENTENCES}
"""With ``{}`` where a value stands."""
