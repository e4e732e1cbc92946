"""The words of the log's page, in its two languages."""

from enum import StrEnum
from typing import Final


class Language(StrEnum):
    ENGLISH = "en"
    FRENCH = "fr"


NAMES: Final = {Language.ENGLISH: "English", Language.FRENCH: "Français"}

_ENGLISH: Final = {
    "title": "Access log",
    "intro": (
        "Every access to a recording is an entry of this log. Its state is signed at short intervals, and the"
        " signatures are kept where whoever runs the system cannot change them. This page shows figures about"
        " the log, and nothing of any entry."
    ),
    "as_of": "As of",
    "fresh": "All is well",
    "fresh_none": "Every entry is covered by a checkpoint kept elsewhere.",
    "fresh_some": "The newest entries wait for the next checkpoint, no longer than they should.",
    "late": "Warning: entries have waited too long",
    "late_why": (
        "The oldest entry without a checkpoint is older than {limit}. Either the program that signs "
        "(callwarden work log) does not run, or a place that keeps checkpoints is out of reach. Until it is "
        "mended, somebody who can write to the database could change these entries unseen."
    ),
    "state": "State of the log",
    "log": "Log",
    "entries": "Entries",
    "waiting": "of these, waiting for a number",
    "root": "Tree head (root hash)",
    "checkpoint": "Last checkpoint kept elsewhere",
    "size": "entries covered",
    "signed_at": "signed",
    "published_at": "brought to its places",
    "signed_by": "by the key",
    "tail": "Unanchored tail",
    "tail_age": "age of the oldest:",
    "tail_means": (
        "Entries after the last checkpoint are written, but nothing outside proves them yet. An entry "
        "normally waits one interval ({every}); beyond {limit} this page warns."
    ),
    "timestamp": "Last time-stamp of a third party",
    "timestamp_is": "{size} entries existed at",
    "none": "none",
    "months": "Months of the log",
    "month": "Month",
    "first": "First entry",
    "count": "Entries",
    "condition": "State",
    "since": "Since",
    "open": "open",
    "sealed": "sealed: closed and signed",
    "expired": "expired: entries deleted, proofs kept",
    "check": "Check it yourself",
    "check_how": (
        "Get the key from a person and the checkpoints from where they are kept, before you need them. Then, "
        "on any machine:"
    ),
    "check_ends": (
        "Exit code 0: nothing is wrong. 1: it says what. docs/log.md describes every byte, and how to check "
        "without this program."
    ),
    "machine": "The same as JSON",
    "unreadable": "The log cannot be read",
    "unreadable_why": "What is wrong:",
    "unreadable_what": (
        "Nothing is shown rather than something old. While the log is out of reach, nothing is read either: "
        "no recording opens without its entry."
    ),
    "day": "d",
}

_FRENCH: Final = {
    "title": "Journal des accès",
    "intro": (
        "Chaque accès à un enregistrement est une entrée de ce journal. Son état est signé à intervalles "
        "courts, et les signatures sont conservées là où l’exploitant du système ne peut pas les modifier. "
        "Cette page montre des chiffres sur le journal, et rien d’aucune entrée."
    ),
    "as_of": "État au",
    "fresh": "Tout va bien",
    "fresh_none": "Chaque entrée est couverte par un point de contrôle conservé ailleurs.",
    "fresh_some": "Les entrées les plus récentes attendent le prochain point de contrôle, sans retard.",
    "late": "Attention : des entrées attendent depuis trop longtemps",
    "late_why": (
        "La plus ancienne entrée sans point de contrôle a plus de {limit}. Soit le programme qui signe "
        "(callwarden work log) ne tourne pas, soit un lieu qui conserve les points de contrôle est "
        "injoignable. Tant que ce n’est pas réparé, quelqu’un qui peut écrire dans la base pourrait modifier "
        "ces entrées sans que cela se voie."
    ),
    "state": "État du journal",
    "log": "Journal",
    "entries": "Entrées",
    "waiting": "dont en attente d’un numéro",
    "root": "Tête de l’arbre (empreinte racine)",
    "checkpoint": "Dernier point de contrôle conservé ailleurs",
    "size": "entrées couvertes",
    "signed_at": "signé",
    "published_at": "déposé dans ses lieux",
    "signed_by": "par la clé",
    "tail": "Queue non ancrée",
    "tail_age": "âge de la plus ancienne :",
    "tail_means": (
        "Les entrées après le dernier point de contrôle sont écrites, mais rien à l’extérieur ne les prouve "
        "encore. Une entrée attend normalement un intervalle ({every}) ; au-delà de {limit}, cette page "
        "avertit."
    ),
    "timestamp": "Dernier horodatage par un tiers",
    "timestamp_is": "{size} entrées existaient au",
    "none": "aucun",
    "months": "Mois du journal",
    "month": "Mois",
    "first": "Première entrée",
    "count": "Entrées",
    "condition": "État",
    "since": "Depuis",
    "open": "ouvert",
    "sealed": "scellé : clos et signé",
    "expired": "expiré : entrées supprimées, preuves conservées",
    "check": "Vérifier soi-même",
    "check_how": (
        "Obtenez la clé d’une personne et les points de contrôle là où ils sont conservés, avant d’en avoir "
        "besoin. Puis, sur n’importe quelle machine :"
    ),
    "check_ends": (
        "Code de sortie 0 : rien d’anormal. 1 : il dit quoi. docs/log.md décrit chaque octet, et comment "
        "vérifier sans ce programme."
    ),
    "machine": "La même chose en JSON",
    "unreadable": "Le journal ne peut pas être lu",
    "unreadable_why": "Ce qui ne va pas :",
    "unreadable_what": (
        "Rien n’est montré plutôt que quelque chose d’ancien. Tant que le journal est injoignable, rien n’est"
        " lu non plus : aucun enregistrement ne s’ouvre sans son entrée."
    ),
    "day": "j",
}

WORDS: Final = {Language.ENGLISH: _ENGLISH, Language.FRENCH: _FRENCH}
"""Every phrase by its name; both languages have the same names."""
