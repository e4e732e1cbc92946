"""What is said right before something personal: what is asked for, titles, introductions, the words of addresses."""

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.questions import CUES
from callwarden.redaction.lexicon import lexicon

_NAMES, _ADDRESSES = lexicon("fr", "names"), lexicon("fr", "addresses")

_SHOWN = (Asked.DISPLAY, Asked.HEALTH)
"""What a device shows is nobody's, and what is said of health is everyday words."""

ANNOUNCING = (
    *(cue for asked, cue in CUES if asked not in _SHOWN),
    _NAMES.pattern("spoken_titles", r"(?<!\w)", r"(?!\w)"),
    _NAMES.pattern("sure_introduction", r"(?<!\w)", r"(?!\w)"),
    _ADDRESSES.pattern("telling", r"(?<!\w)", r"(?!\w)"),
)
