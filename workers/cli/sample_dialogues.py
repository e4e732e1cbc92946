"""Dialogues of an alarm-monitoring centre that never were, each personal thing in them marked, to try redaction with.

The templates are this project's own, the people invented, the numbers out of the ranges that are set aside for fiction
(ARCEP 2018-0881), cards and accounts without an owner. A slot `{TYPE}` of a template is filled and marked as that type.
"""

import re
from collections.abc import Callable
from random import Random
from typing import Any

_SLOT = re.compile(r"\{([A-Z_]+)\}")

_FIRST = (
    "Aline",
    "Bastien",
    "Camille",
    "Driss",
    "Estelle",
    "Fabien",
    "Gaëlle",
    "Hakim",
    "Inès",
    "Joël",
    "Katia",
    "Loïc",
    "Maud",
    "Nabil",
    "Odile",
    "Pascal",
)
_LAST = (
    "Aubertin",
    "Besnier",
    "Chauvet",
    "Delorme",
    "Etcheverry",
    "Fauvel",
    "Garnault",
    "Haddadi",
    "Jolivet",
    "Kermarec",
    "Lestrade",
    "Moreau",
)
_WAYS = ("rue des Lilas", "avenue du Stade", "chemin des Vignes", "impasse du Moulin", "place de l'Église")
_TOWNS = ("Villeurbanne", "Roubaix", "Mérignac", "Vannes", "Chambéry", "Albi", "Auxerre", "Pau")
_WORDS = ("tournesol", "bateau rouge", "myosotis", "grand chêne", "porcelaine", "hirondelle", "vent du sud", "cerisier")
_PREFIXES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
_ILLS = ("diabétique", "épileptique", "asthmatique", "cardiaque")

_OPENINGS = (
    ("agent", "Centre de télésurveillance, bonjour, {PERSON} à l'appareil."),
    ("agent", "Télésurveillance, bonjour, que puis-je faire pour vous ?"),
)
_REASONS = (
    ("caller", "Bonjour, l'alarme de la maison s'est déclenchée et je ne suis pas sur place."),
    ("caller", "Bonjour, je voudrais faire un essai de la centrale ce matin."),
    ("caller", "Bonjour, le détecteur du garage affiche un défaut depuis hier."),
    ("caller", "Bonjour, vous m'avez laissé un message au sujet d'une intrusion."),
)
_EXCHANGES = (
    (("agent", "Votre nom, s'il vous plaît ?"), ("caller", "Je suis madame {PERSON}.")),
    (("agent", "À quel nom est le contrat ?"), ("caller", "Au nom de monsieur {PERSON}.")),
    (("agent", "Quel est votre mot de passe ?"), ("caller", "Le mot de passe, c'est {SECRET}.")),
    (("agent", "Quelle est l'adresse du site ?"), ("caller", "{LOCATION}.")),
    (("agent", "À quel numéro peut-on vous rappeler ?"), ("caller", "Au {PHONE}.")),
    (("agent", "Quelle est votre adresse électronique ?"), ("caller", "C'est {EMAIL}.")),
    (("agent", "Il me faut votre numéro de client."), ("caller", "Mon numéro de client est le {ID_NUMBER}.")),
    (("agent", "Pour le prélèvement, donnez-moi votre IBAN."), ("caller", "Alors, {IBAN}.")),
    (("agent", "Quel est le numéro de la carte ?"), ("caller", "C'est le {CREDIT_CARD}.")),
    (("agent", "Quelle est votre date de naissance ?"), ("caller", "Je suis né le {DATE_OF_BIRTH}.")),
    (("agent", "Y a-t-il quelqu'un dans la maison ?"), ("caller", "Ma mère, elle est {HEALTH}.")),
    (("agent", "Voyez-vous un véhicule ?"), ("caller", "Oui, immatriculé {LICENCE_PLATE}.")),
    (("agent", "Le voyant de la centrale est-il allumé ?"), ("caller", "Non, il est éteint.")),
)
_CLOSINGS = (
    ("agent", "Merci, j'envoie un agent d'intervention, il sera là dans vingt minutes."),
    ("agent", "C'est noté, je remets le site en surveillance. Bonne journée."),
)


def dialogue(name: str, chance: Random) -> dict[str, Any]:
    """One annotated document, as `redaction evaluate` reads them: `{"id", "turns", "spans"}`."""
    said = [chance.choice(_OPENINGS), chance.choice(_REASONS)]
    for exchange in chance.sample(_EXCHANGES, chance.randint(2, 5)):
        said += exchange
    turns: list[dict[str, str]] = []
    spans: list[dict[str, Any]] = []
    for speaker, template in [*said, chance.choice(_CLOSINGS)]:
        text, at = "", 0
        for slot in _SLOT.finditer(template):
            text += template[at : slot.start()]
            value, at = _FILLED[slot[1]](chance), slot.end()
            spans.append({"turn": len(turns), "start": len(text), "end": len(text) + len(value), "type": slot[1]})
            text += value
        turns.append({"speaker": speaker, "text": text + template[at:]})
    return {"id": name, "turns": turns, "spans": spans}


def phone(chance: Random) -> str:
    """A French number that is nobody's, in pairs of digits."""
    return f"{chance.choice(_PREFIXES)} {chance.randrange(100):02d} {chance.randrange(100):02d}"


def _name(chance: Random) -> str:
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def _email(chance: Random) -> str:
    return f"{chance.choice('abcdefgh')}.{chance.choice(_LAST).lower()}@example.{chance.choice(('com', 'org'))}"


def _iban(chance: Random) -> str:
    account = f"99999{chance.randrange(10**18):018d}"  # a bank code that no bank has
    return f"FR{98 - int(account + '152700') % 97:02d}{account}"


def _card(chance: Random) -> str:
    digits = f"497000{chance.randrange(10**9):09d}"
    doubled = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(digits))
    number = digits + str(-doubled % 10)
    return " ".join(number[at : at + 4] for at in range(0, 16, 4))


_FILLED: dict[str, Callable[[Random], str]] = {
    "PERSON": _name,
    "SECRET": lambda chance: chance.choice(_WORDS),
    "LOCATION": lambda chance: f"{chance.randint(1, 120)} {chance.choice(_WAYS)}, à {chance.choice(_TOWNS)}",
    "PHONE": phone,
    "EMAIL": _email,
    "ID_NUMBER": lambda chance: f"C{chance.randrange(10**6):06d}",
    "IBAN": _iban,
    "CREDIT_CARD": _card,
    "DATE_OF_BIRTH": lambda chance: (
        f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/{chance.randint(1940, 2001)}"
    ),
    "HEALTH": lambda chance: chance.choice(_ILLS),
    "LICENCE_PLATE": lambda chance: f"WW-{chance.randint(100, 999)}-{chance.choice('ABCD')}{chance.choice('EFGH')}",
}
