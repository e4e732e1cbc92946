"""What is said around a name when a person is introduced: relatives, trades, "je m'appelle", "à l'appareil"."""

from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import View

_NAMES = lexicon("fr", "names")

PEOPLE = _NAMES.words("people")
INTRO = _NAMES.pattern("introduction", r"(?<![\w'])", r"\s$")
RELATED = _NAMES.pattern("related")
WEAK_INTRO = _NAMES.pattern("weak_introduction", r"(?<![\w'])", r",?\s$")
SURE_INTRO = _NAMES.pattern("sure_introduction", after=r"\s$")
OUTRO = _NAMES.pattern("behind_name", r"^,?\s+")

IT_IS = _NAMES.pattern("it_is", after=r"\s+$")
NOT_INTRODUCED = _NAMES.words("not_introduced")
AFTER_NAME = _NAMES.words("after_name")
_FILLED = _NAMES.pattern("hesitation", after=r"+$")
WINDOW = 60


def said_before(view: View, at: int) -> str:
    """What is said in the turn right before word ``at``, without the hesitation between ("mon mari, euh, Bernard")."""
    word = view.call.words[at]
    start = view.call.turn_starts[word.turn]
    before = view.call.text[max(start, word.start - WINDOW) : word.start].replace("’", "'")
    return _FILLED.sub("", before)
