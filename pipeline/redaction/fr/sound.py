"""How French is said, coarsely: "c'est", "s'est", "ces" and "sait" are one sound, "ma pelle" is "m'appelle".

A recogniser of speech writes what it heard in words of its own; what was meant is found again by its sound. In a key
each sign is one sound: vowels ``a E i o u y 2``, nasal ones ``@ 5 3``, consonants by their letter (``S`` as in "chat",
``J`` as in "je", ``N`` as in "gagne"), ``-`` an e that is said or not. Endings that nobody says are left out, and the
last consonant has no voice, so that "code" is "côte". No dictionary: what a recogniser writes is in none.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_VOWEL = "aeéèiouy."
_SPELLINGS = (
    (rf"aill?(?![^{_VOWEL}])", "aj"),
    (rf"e(?:u|il)?ill?(?![^{_VOWEL}])|eill?(?![^{_VOWEL}])", "Ej"),
    (rf"ouill?(?![^{_VOWEL}])", "uj"),
    ("ill", "ij"),
    ("tion", "sj3"),
    ("eau|au|o(?![iuyœnm])", "o"),
    (rf"oi[nm](?![{_VOWEL}])", "w5"),
    (rf"i[eé][nm](?![{_VOWEL}nm])", "j5"),
    (rf"(?:ai|ei|i|u|y)[nm](?![{_VOWEL}nmh])", "5"),
    (rf"[ae][nm](?![{_VOWEL}nmh])", "@"),
    (rf"o[nm](?![{_VOWEL}nmh])", "3"),
    ("o[iy]", "wa"),
    ("ou", "u"),
    ("eu|œu?|o(?=œ)", "2"),
    ("o", "o"),
    ("ai|ei|ay|é|è|(?<=..)e[rzt]s?$", "E"),
    (r"e(?=([^aeiouyéè.])\1|[^aeiouyéèh.]{2}|[cflqrkx]$)", "E"),
    ("e", "-"),
    ("[iy]", "i"),
    ("u", "y"),
    ("(?<=.)[dtgsxz]+$|(?<=[mour])p[ts]?$", ""),
    ("ch|sh", "S"),
    ("ph|f", "f"),
    ("gn", "N"),
    ("gu(?=[eéèiy.])|g(?=[^eéèiy.]|$)", "g"),
    ("g|j", "J"),
    ("sc(?=[eéèiy.])|ss|c(?=[eéèiy.])|ç", "s"),
    ("qu|ck|q|c|k", "k"),
    ("x", "ks"),
    (f"(?<=[{_VOWEL}])s(?=[{_VOWEL}])|z", "z"),
    ("th", "t"),
    ("h|[.]", ""),
)
_READ = re.compile("|".join(f"(?P<r{at}>{spelling})" for at, (spelling, _) in enumerate(_SPELLINGS)))
_SOUNDS = {f"r{at}": sound for at, (_, sound) in enumerate(_SPELLINGS)}
_SHORT = re.compile("e[st]|est|[cdlmst]es")
_CLOSED = re.compile("[bcdfglmnprstv]et")
_MUTE = re.compile("(.*[aeéèiouy].*?)es?")
_FOLDED = str.maketrans("êëàâîïôöûùü", "èèaaiioouuu", "'’")
_VOICELESS = str.maketrans("bdgvzJ", "ptkfsS")
MOST_LETTERS = 40
"""Longer words are none."""
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=20_000)
def _said(word: str) -> str:
    folded = word.lower().translate(_FOLDED)
    if _SHORT.fullmatch(folded):
        return folded[:-2].replace("c", "s") + "E" if folded != "est" else "E"
    if _CLOSED.fullmatch(folded):
        return folded[0].replace("c", "s") + "Et"
    if folded == "c":
        return "s"
    if mute := _MUTE.fullmatch(folded):
        folded = mute[1] + "."
    return _READ.sub(lambda found: _SOUNDS[found.lastgroup or ""], folded)


def sound(words: Iterable[str]) -> str:
    """The key of words said without a pause; "" when there is nothing to say. An e that may be left out is left in."""
    key = _TWICE.sub(r"\1", "".join(_said(word[:MOST_LETTERS]) for word in words))
    return key[:-1] + key[-1:].translate(_VOICELESS)


def quick(key: str) -> str:
    """The key of what is said quickly: without any e that may be left out ("mot d'passe", "mode passe")."""
    key = _TWICE.sub(r"\1", key.replace("-", ""))
    return key[:-1] + key[-1:].translate(_VOICELESS)
