"""What does not work, as pages say it: steps and parts by name, and why in the reader's language.

What programs say of a fault is for their log and for commands, in English. What has no words here is told in general on
a page in another language, and whoever is called finds it in the log of the program.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from jinja2 import pass_context
from jinja2.runtime import Context

from callwarden.workers.web.portal.sentences import retold
from callwarden.workers.web.words import Language

if TYPE_CHECKING:
    from callwarden.workers.web.words import Words

_SENTENCES: Final = (
    "process {} was not heard of for {} s: it is stopped",
    "process {}: {} was not heard of for {} s: it hangs",
    "process {}: {} is left out, with work to do: {}",
    "process {}: {} is left out, with work to do",
    "process {}: {} is not up: {}",
    "process {}: {} is not up",
    "process {}: {} is stopped: {}",
    "process {}: {} is stopped",
    "process {}: {} cannot be read ({})",
    "no worker runs here, or none with the home {}",
    "the vault {} is out of reach: its mark is not there (disk not mounted?)",
    "the database {} is out of reach: {}",
    "the database is out of reach, or asks to try again: {}",
    "another process has the database locked: {}",
    "the database is busy with another transaction of this process",
    "no free connection to the database in time",
    "no space left on the disk of the database {}",
    "event bus: {}: {}",
    "Kafka: {}: {}",
    "{} failed ({})",
    "the policy says how long an objection is waited for",
    "speech model {} is not in {} ({} is missing)",
    "give another path, or run: callwarden models fetch {}",
    (
        "{}, checkpoint {} proves {} entries, the database holds {}: it was set back to an earlier state, and entries "
        "are missing"
    ),
)
FAULTS: Final[Mapping[str, str]] = {sentence: sentence for sentence in _SENTENCES}
STEPS: Final[Mapping[str, str]] = {
    "objections": "objections",
    "ingest": "taking calls in",
    "holds": "holds",
    "transcribe": "turning speech into text",
    "redact": "redaction",
    "webhooks": "notices to others",
    "dispose": "the sweep",
    "log": "access log",
    "web": "pages and API",
}
PARTS: Final[Mapping[str, str]] = {
    "bus": "event bus",
    "sweep": "the sweep",
    "log": "access log",
    "vault": "vault",
    "journal": "journal of erasures",
    "landing": "landing area",
    "checkpoints": "places of checkpoints",
    "keys": "keys",
    "disk": "disk",
    "objection": "word of an objection",
}
ELSEWISE: Final = "something failed: the log of the program says how"


@pass_context
def troubled(context: Context, sentence: str) -> str:
    """A fault, in the reader's language."""
    words: Words = context["words"]
    told = retold(
        sentence,
        FAULTS,
        translated=lambda text: str(context["pgettext"]("fault", text)),
        shown=lambda value: _shown(context, value),
    )
    if told is not None:
        return told
    return sentence if words.language is Language.ENGLISH else str(context["pgettext"]("fault", ELSEWISE))


def _shown(context: Context, value: str) -> str:
    """A step by its name; why, in words; anything else is a name or a code, and the same in every language."""
    if value in STEPS:
        return str(context["pgettext"]("step.name", STEPS[value]))
    return troubled(context, value) if value.count(" ") > 1 else value
