"""An annotated dialogue with its cues and number words written as other words of the same sound, marks moved along."""

import copy
import re
from collections.abc import Mapping
from typing import Any

HOMOPHONES: Mapping[str, tuple[str, ...]] = {
    "mot de passe": ("mode passe", "mots de passe", "mot de pas"),
    "c'est": ("s'est", "ces", "sait", "ses"),
    "code": ("côte", "cote"),
    "arobase": ("à robase", "a rose base", "arrobas"),
    "mon": ("m'on",),
    "point": ("poing",),
    "tiret": ("tirer",),
    "je m'appelle": ("je ma pelle",),
    "téléphone": ("téléfone",),
    "numéro": ("nu méros", "numero"),
    "iban": ("hiban", "i bane"),
    "adresse": ("à dresse",),
    "l'adresse": ("la dresse",),
}
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "sept": ("cet", "set"),
    "cent": ("sans",),
    "vingt": ("vin",),
    "six": ("sis",),
    "neuf": ("neufs",),
    "douze": ("douce",),
    "deux": ("de",),
    "treize": ("tresse",),
}
EVERY_NUMBER = 3


def as_misheard(document: dict[str, Any]) -> dict[str, Any]:
    """Every cue of `HOMOPHONES` and each third number word of `NUMBERS` as other words of the same sound, in turn."""
    seen: dict[str, int] = {}

    def other(found: re.Match[str]) -> str:
        said = found.group().lower()
        number = said in NUMBERS
        key = "number" if number else said
        seen[key] = seen.get(key, 0) + 1
        if number and seen[key] % EVERY_NUMBER:
            return found.group()
        forms = NUMBERS[said] if number else HOMOPHONES[said]
        form = forms[(seen[key] // (EVERY_NUMBER if number else 1)) % len(forms)]
        return form.capitalize() if found.group()[0].isupper() else form

    every = sorted([*HOMOPHONES, *NUMBERS], key=len, reverse=True)
    cue = re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, every))})(?![\w'])", re.IGNORECASE)

    made = copy.deepcopy(document)
    places: list[list[int]] = []
    for turn in made["turns"]:
        before, moved, out, at = turn["text"].replace("’", "'"), list[int](), "", 0
        for found in cue.finditer(before):
            moved += [len(out) + n for n in range(found.start() - at)]
            out += before[at : found.start()]
            moved += [len(out)] * len(found.group())
            out += other(found)
            at = found.end()
        moved += [len(out) + n for n in range(len(before) - at + 1)]
        turn["text"] = out + before[at:]
        places.append(moved)
    for span in made["spans"]:
        span["start"], span["end"] = places[span["turn"]][span["start"]], places[span["turn"]][span["end"]]
    return made
