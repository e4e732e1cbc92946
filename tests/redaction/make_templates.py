"""Writes ``gold/made.txt``: dialogues drawn by a seeded generator from templates, in the markup of `build_gold`.

``python -m tests.redaction.make_templates && python -m tests.redaction.build_gold``. Everybody and everything in
it is invented; telephone numbers are of the ranges ARCEP keeps for fiction, mail of example domains.
"""

import random
from pathlib import Path

SEED = 20261122
COUNT = 72

FIRST = [
    "Anselmine",
    "Bérengère",
    "Calixte",
    "Donatienne",
    "Elzéar",
    "Fleurine",
    "Gwenola",
    "Herminie",
    "Iseline",
    "Jocelin",
    "Kéziah",
    "Loéva",
    "Mahaut",
    "Nathanaëlle",
    "Ombretta",
    "Placide",
    "Quitterie",
    "Rozenn",
    "Sidoine",
    "Tiphaine",
    "Uriel",
    "Venceslas",
    "Wilhelmine",
    "Ysé",
    "Zacharias",
    "Nadir",
    "Yacoub",
    "Mariama",
    "Oumou",
    "Thanh",
    "Wei",
    "Ilinca",
    "Agnieszka",
    "Bartosz",
    "Concetta",
    "Esteban",
    "Marie",
    "Paul",
    "Julie",
    "Nicolas",
    "Sandrine",
    "Patrick",
    "Jeanne",
    "Karim",
    "Fatou",
]
LAST = [
    "Abgrall",
    "Bellocq",
    "Cazaubon",
    "Desrumaux",
    "Etchegaray",
    "Flahaut",
    "Guézennec",
    "Hocquard",
    "Iparraguirre",
    "Jouhanneau",
    "Kerbrat",
    "Lhermitte",
    "Malvoisin",
    "Nédélec",
    "Obadia",
    "Pommeret",
    "Quéméneur",
    "Rastouil",
    "Saubusse",
    "Trottereau",
    "Urbaniak",
    "Vercruysse",
    "Wojcik",
    "Yvinec",
    "Zerrouki",
    "Bensalem",
    "Traoret",
    "Nguyenvan",
    "Popovic",
    "Santamaria",
    "Delhaye",
    "Fontenoy",
    "Grandjean",
    "Mouton",
    "Lenormand",
]
STREET = [
    "rue des Tanneurs",
    "avenue du Parc",
    "boulevard Gambetta",
    "impasse des Mésanges",
    "allée des Charmes",
    "chemin de la Fontaine",
    "place du Marché",
    "quai de la Tournelle",
    "route de Saint-Antoine",
    "rue du Général Leclerc",
    "square Jean Moulin",
    "rue de l'Abbé Grégoire",
    "cours Sablon",
    "rue haute",
    "passage des Cordeliers",
    "rue du Onze-Novembre",
]
TOWN = [
    ("Issoire", 63500),
    ("Guingamp", 22200),
    ("Bagnols-sur-Cèze", 30200),
    ("Mont-de-Marsan", 40000),
    ("Saint-Jean-de-Luz", 64500),
    ("Villeneuve-d'Ascq", 59650),
    ("Le Puy", 43000),
    ("Oloron", 64400),
    ("Chécy", 45430),
    ("La Flèche", 72200),
    ("Wittelsheim", 68310),
    ("Ablon", 94480),
]
SECRET = [
    "coquelicot",
    "brise-glace",
    "Ventoux",
    "mirabelle",
    "locomotive",
    "capitaine Nemo",
    "pain d'épices",
    "Zanzibar",
    "grenadine",
    "hirondelle",
    "tire-bouchon",
    "chocolatine",
    "Barnabé",
    "vol de nuit",
    "amarante",
    "tarte aux pommes",
    "Kilimandjaro",
    "sous-marin jaune",
    "bergamote",
    "Azimut",
]

ONES = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


def words(n: int, swiss: bool = False) -> str:
    """A cardinal below one hundred thousand in French words."""
    if n < 20:
        return ONES[n]
    if n < 100:
        tens, unit = divmod(n, 10)
        if swiss and tens in (7, 9):
            return {7: "septante", 9: "nonante"}[tens] + (" et un" if unit == 1 else f"-{ONES[unit]}" if unit else "")
        if tens in (7, 9):
            base = "soixante" if tens == 7 else "quatre-vingt"
            return base + (" et onze" if tens == 7 and unit == 1 else "-" + ONES[10 + unit])
        if tens == 8:
            return "quatre-vingts" if unit == 0 else f"quatre-vingt-{ONES[unit]}"
        return TENS[tens] + (" et un" if unit == 1 else f"-{ONES[unit]}" if unit else "")
    if n < 1000:
        hundreds, rest = divmod(n, 100)
        head = "cent" if hundreds == 1 else f"{ONES[hundreds]} cent"
        return head + (f" {words(rest)}" if rest else "s" if hundreds > 1 else "")
    thousands, rest = divmod(n, 1000)
    return ("mille" if thousands == 1 else f"{words(thousands)} mille") + (f" {words(rest)}" if rest else "")


def said(group: str, swiss: bool = False) -> str:
    """A group of digits as said: leading zeros one by one, the rest as a number."""
    zeros = len(group) - len(group.lstrip("0"))
    rest = group.lstrip("0")
    return " ".join(["zéro"] * zeros + ([words(int(rest), swiss)] if rest else []))


def spoken(groups: list[str], rng: random.Random) -> str:
    """Groups as dictated: pairs, singles, a hesitation, a doubled zero."""
    style = rng.random()
    if style < 0.2:
        return ", ".join(" ".join(ONES[int(d)] for d in g) for g in groups)
    parts = [said(g, swiss=style > 0.85) for g in groups]
    if style > 0.7 and len(parts) > 2:
        parts.insert(rng.randrange(1, len(parts)), rng.choice(["euh", "attendez", "alors"]))
    joint = rng.choice([", ", ", ", " "])
    text = joint.join(parts)
    return text.replace("zéro zéro", "double zéro", 1) if rng.random() < 0.3 else text


class Maker:
    """Values for the slots of templates; each is ``{spoken|written}`` markup or plain words."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.first, self.last = rng.choice(FIRST), rng.choice(LAST)

    def _digits(self, n: int) -> str:
        return "".join(self.rng.choice("0123456789") for _ in range(n))

    def number(self, groups: list[str], joint: str = " ") -> str:
        return f"{{{spoken(groups, self.rng)}|{joint.join(groups)}}}"

    def phone(self) -> str:
        head = self.rng.choice([["01", "99", "00"], ["02", "61", "91"], ["06", "39", "98"], ["05", "36", "49"]])
        return f"[PHONE {self.number([*head, self._digits(2), self._digits(2)])}]"

    def card(self) -> str:
        groups = [self.rng.choice("45") + self._digits(3), *(self._digits(4) for _ in range(3))]
        return f"[CREDIT_CARD {self.number(groups)}]"

    def expiry(self) -> str:
        month, year = self.rng.randrange(1, 13), self.rng.randrange(27, 32)
        return f"[CREDIT_CARD {{{said(f'{month:02d}')} {words(year)}|{month:02d}/{year}}}]"

    def cvv(self) -> str:
        return f"[CREDIT_CARD {self.number([self._digits(3)])}]"

    def iban(self) -> str:
        groups = [self._digits(2)] + [self._digits(4) for _ in range(5)] + [self._digits(3)]
        return f"[IBAN {{F R {spoken(groups, self.rng)}|FR{' '.join(groups)}}}]"

    def nir(self) -> str:
        groups = [
            self.rng.choice("12"),
            f"{self.rng.randrange(30, 99)}",
            f"{self.rng.randrange(1, 13):02d}",
            f"{self.rng.randrange(1, 95):02d}",
            self._digits(3),
            self._digits(3),
            f"{self.rng.randrange(1, 98):02d}",
        ]
        return f"[NATIONAL_ID {self.number(groups)}]"

    def birth(self) -> str:
        day, month, year = self.rng.randrange(1, 29), self.rng.randrange(12), self.rng.randrange(1928, 2005)
        day_word = "premier" if day == 1 else words(day)
        day_figure = "1er" if day == 1 else str(day)
        year_word = self.rng.choice([words(year), words(year % 100)]) if year < 2000 else words(year)
        written = self.rng.choice([f"{day_figure} {MONTHS[month]} {year}", f"{day:02d}/{month + 1:02d}/{year}"])
        return f"[DATE_OF_BIRTH {{{day_word} {MONTHS[month]} {year_word}|{written}}}]"

    def plate(self) -> str:
        letters = "ABCDEFGHJKLMNPQRSTVWXYZ"
        a, b = ("".join(self.rng.choices(letters, k=2)) for _ in range(2))
        digits = self._digits(3)
        return f"[LICENCE_PLATE {{{a[0]} {a[1]}, {said(digits)}, {b[0]} {b[1]}|{a}-{digits}-{b}}}]"

    def client(self) -> str:
        return f"[ID_NUMBER {self.number([self._digits(2), self._digits(2), self._digits(2)], joint='')}]"

    def code(self) -> str:
        return f"[SECRET {self.number([self._digits(2), self._digits(2)], joint='')}]"

    def secret(self) -> str:
        return f"[SECRET {self.rng.choice(SECRET)}]"

    def name(self) -> str:
        return f"[PERSON {self.first} {self.last}]"

    def other(self) -> str:
        return f"[PERSON {self.rng.choice(FIRST)} {self.rng.choice(LAST)}]"

    def firstname(self) -> str:
        return f"[PERSON {self.rng.choice(FIRST)}]"

    def lastname(self) -> str:
        return f"[PERSON {self.last}]"

    def spelled(self) -> str:
        return "[PERSON " + self.rng.choice([", ", " "]).join(c.upper() for c in self.last if c.isalpha()) + "]"

    def address(self) -> str:
        number = self.rng.randrange(1, 180)
        bis = self.rng.choice(["", "", " bis", " ter"])
        town, code = self.rng.choice(TOWN)
        street = self.rng.choice(STREET)
        tail = self.rng.choice(
            [f", {{{said(f'{code:05d}'[:2])} {said(f'{code:05d}'[2:])}|{code}}} {town}", f", à {town}", f" à {town}"]
        )
        return f"[LOCATION {{{words(number)}|{number}}}{bis} {street}{tail}]"

    def mail(self) -> str:
        a, b = (self.first.lower(), self.last.lower())
        dot = self.rng.choice([(" point ", "."), (" tiret ", "-"), (" tiret du six ", "-"), (" underscore ", "_")])
        host = self.rng.choice([("example point com", "example.com"), ("exemple point fr", "exemple.fr")])
        return f"[EMAIL {{{a}{dot[0]}{b} arobase {host[0]}|{a}{dot[1]}{b}@{host[1]}}}]"

    def town(self) -> str:
        return f"[LOCATION {self.rng.choice(TOWN)[0]}]"


PARTS = [
    "A: Télésurveillance bonjour, que se passe-t-il ?|C: Bonjour, %name% à l'appareil, mon alarme vient de sonner.",
    "A: Bonsoir, à qui ai-je l'honneur ?|C: C'est %name%, je suis la propriétaire.",
    "A: Le mot de passe je vous prie ?|C: %secret%.",
    "A: Je vais avoir besoin de votre mot de passe.|C: Oui alors, euh, c'est %secret%, je crois.",
    "A: Vous avez un mot de contrainte sur le contrat ?|C: Oui, c'est %secret%.",
    "A: Pour vous authentifier, quel est le nom de votre école primaire ?|C: %secret%.",
    "A: Sur quel téléphone on peut vous joindre ?|C: Mettez le %phone%.|A: Je répète, %phone_again%.|C: Tout à fait.",
    "C: Vous pouvez rappeler mon fils, c'est %firstname%, au %phone%.|A: Je le fais tout de suite.",
    "A: Il me manque votre adresse complète.|C: Alors j'habite %address%.",
    "A: L'intervention c'est pour quelle adresse ?|C: Le %address%.",
    "A: Je vous écoute pour le numéro de carte.|C: %card%.|A: La validité ?|C: %expiry%.|A: Le code au dos ?|C: %cvv%.",
    "A: Dictez-moi l'IBAN je vous prie.|C: Oui, %iban%.",
    "A: Votre numéro de sécu ?|C: Attendez je sors ma carte vitale... %nir%.",
    "A: Vous êtes né quand monsieur ?|C: Le %birth%.",
    "A: Votre date de naissance pour vérification ?|C: %birth%.",
    "C: La voiture est restée devant, elle est immatriculée %plate%.|A: Je transmets à la police.",
    "A: Votre référence client ?|C: Je l'ai là, %client%.",
    "C: Mon numéro de contrat c'est le %client%.|A: Merci, je consulte votre dossier.",
    "A: Quel est le code du boîtier à clés ?|C: %code%.",
    "C: Et si je dois désarmer, je tape quel code ?|A: Provisoirement ce sera %code%.",
    "A: Une adresse mail pour le compte rendu ?|C: %mail%.",
    "A: Vous pouvez m'épeler votre nom de famille ?|C: %spelled%.",
    "A: Qui est avec vous sur place ?|C: Il y a madame %other_last% et le gardien, %other%.",
    "C: On part en week-end à %town%, donc [PREMISES la maison est vide jusqu'à lundi].|A: C'est noté.",
    "A: Merci de votre appel monsieur %lastname%, bonne soirée.",
]
PLAIN = [
    "A: J'ai une coupure secteur depuis {deux heures|2 heures}.|C: Oui il y a des travaux dans la rue.",
    "A: Le technicien passera mercredi {douze|12} entre {huit|8} et {dix heures|10 heures}.|C: Très bien.",
    "C: La facture est de {cent quatre-vingt-sept euros|187 euros}, normal ?|A: Oui, {vingt pour cent|20 %} de TVA.",
    "A: Appuyez {trois secondes|3 secondes} sur la touche {cinq|5} puis validez.|C: Ça clignote.",
    "A: C'est la zone {sept|7}, le détecteur du couloir.|C: D'accord je vais voir.",
    "C: Ma batterie indique {douze virgule trois|12,3} volts.|A: C'est correct au-dessus de {douze|12}.",
    "A: Votre engagement court jusqu'en mars {deux mille vingt-sept|2027}.|C: Encore {seize|16} mois alors.",
    "C: J'ai {quatre|4} caméras et {six|6} détecteurs.|A: Il reste donc {deux|2} entrées libres.",
    "C: Vous arrivez dans combien de temps ?|A: Comptez {une vingtaine|une vingtaine} de minutes.",
]


def make(seed: int = SEED, count: int = COUNT) -> str:
    """The markup of ``count`` dialogues; every sixth holds numbers but nothing personal."""
    rng = random.Random(seed)
    lines = ["# Drawn by make_templates.py; do not edit."]
    for at in range(count):
        maker = Maker(rng)
        plain = at % 6 == 5
        parts = rng.sample(PLAIN, 4) if plain else [*rng.sample(PARTS, 4), rng.choice(PLAIN)]
        if not plain:
            rng.shuffle(parts)
        lines.append(f"\n== made-{'plain-' if plain else ''}{at:02d}")
        for part in parts:
            lines += _fill(part, maker).split("|\n")
    return "\n".join(lines) + "\n"


def _fill(part: str, maker: Maker) -> str:
    phone = ""
    out: list[str] = []
    turns = _split_turns(part)
    for turn in turns:
        while (at := turn.find("%")) >= 0 and (end := turn.find("%", at + 1)) > 0 and turn[at + 1 : end].isidentifier():
            slot = turn[at + 1 : end]
            if slot == "phone_again":
                value = phone
            elif slot == "other_last":
                value = f"[PERSON {maker.rng.choice(LAST)}]"
            else:
                value = getattr(maker, slot)()
            phone = value if slot == "phone" else phone
            turn = turn[:at] + value.replace("%", "") + turn[end + 1 :]
        out.append(turn)
    return "|\n".join(out)


def _split_turns(part: str) -> list[str]:
    """Turns are divided by "|" before "A:" or "C:"; the bar inside braces divides the forms."""
    out = [part]
    for mark in ("|A:", "|C:"):
        out = [piece if n == 0 else mark[1:] + piece for chunk in out for n, piece in enumerate(chunk.split(mark))]
    return out


if __name__ == "__main__":
    (Path(__file__).parent / "gold" / "made.txt").write_text(make(), encoding="utf-8")
