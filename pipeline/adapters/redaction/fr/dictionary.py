"""Whether a word is ordinary French: tells a name from a word where there are no capitals.

The word list is the one the spaCy model carries for its lemmatiser (about 300,000 forms); the names of people and
places are our own lists beside this module.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from pipeline.adapters.redaction.words import word_set

EXTRA = word_set(
    "euh heu hum hein bah ben mmh ok okay allô allo wifi box sms gsm adsl internet mail mails email "
    "e-mail smartphone digicode "
    "interphone télésurveillance téléassistance télésurveilleur vidéosurveillance visiophone détecteur "
    "détecteurs centrale "
    "septante nonante huitante octante arobase underscore iban rib bic nir cvv pin sim led usb app appli "
    "reset sav rdv cb "
    "dièse bip bips samu urgences voilà ça celle-ci aujourd'hui quelqu'un monsieur madame mademoiselle "
    "messieurs mesdames "
    "rebonjour bonsoir merci ouais nan super impec nickel parfait entendu youtube facebook whatsapp google "
    "android iphone "
    "apple samsung windows slack zoom teams covid internet ipp nda tél tel fax www com net org mr mme mlle "
    "dr pr me ip "
    "tva ttc ht gprs rtc adsl fibre week-end week end kit spam tuto bug zut mince ouf oups hop led pdf http "
    "https pvc poe nvr dvr rj45 usb hdmi wpa ssid bluetooth bps irt gtb apsad nf d'ac fax répondeur badgeuse "
    "signalement biométrie photovoltaïque domotique géolocalisation anti-intrusion autocontrôle c-à-d "
    "c' d' j' l' m' n' s' t' qu' jusqu' lorsqu' puisqu' quoiqu' presqu'"
)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Three lists and one question each; words are asked in lower case with straight apostrophes."""

    ordinary: frozenset[str] = field(repr=False)
    verbs: frozenset[str] = field(repr=False)
    nominal: frozenset[str] = field(repr=False)
    hashed: frozenset[int] = field(repr=False)
    strings: Any = field(repr=False)
    first_names: frozenset[str] = field(repr=False)
    surnames: frozenset[str] = field(repr=False)
    places: frozenset[str] = field(repr=False)

    def is_ordinary(self, word: str) -> bool:
        """An ordinary word of the language, whatever else it may name."""
        if word in self.ordinary or word.rstrip("'") in self.ordinary or word in EXTRA:
            return True
        return self.strings[word] in self.hashed if word else False

    def is_verb(self, word: str) -> bool:
        return word in self.verbs


@lru_cache(maxsize=8)
def words_of_list(name: str) -> frozenset[str]:
    """The words of one list in ``lexicon/``; lines beginning with # are comments."""
    text = (files(__package__) / "lexicon" / f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(w for line in text.splitlines() if not line.startswith("#") for w in line.split())


def load_dictionary(nlp: Any) -> Dictionary:
    """Read the word list out of a loaded spaCy model's lemmatiser tables."""
    lookups = nlp.get_pipe("lemmatizer").lookups
    strings = nlp.vocab.strings
    ordinary: set[str] = set()
    verbs: set[str] = set()
    for table in ("lemma_exc", "lemma_index"):
        for key, forms in lookups.get_table(table).items():
            kind = strings[key] if isinstance(key, int) else key
            ordinary.update(forms)
            if table == "lemma_exc":
                ordinary.update(lemma for lemmas in forms.values() for lemma in lemmas)
            if kind in ("verb", "aux"):
                verbs.update(forms)
    ordinary.update(lemma for lemmas in lookups.get_table("lemma_lookup").values() for lemma in lemmas)
    nouns = {f for k, fs in lookups.get_table("lemma_index").items() if strings[k] in ("noun", "adj") for f in fs}
    return Dictionary(
        ordinary=frozenset(ordinary),
        verbs=frozenset(verbs - nouns),
        nominal=frozenset(nouns),
        hashed=frozenset(lookups.get_table("lemma_lookup")),
        strings=strings,
        first_names=words_of_list("first_names"),
        surnames=words_of_list("surnames"),
        places=words_of_list("places"),
    )
