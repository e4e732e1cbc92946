"""How far the name of a town goes: "Bourg en Bresse", "sables-d'olonne", "La Roche-sur-Yon"."""

from callwarden.redaction.fr.naming import NEVER
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import View

_ADDRESSES = lexicon("fr", "addresses")

_SUFFIX = _ADDRESSES.words("suffixes")


def town_end(view: View, at: int, *, loose: bool) -> int:
    """Index after the town that begins at word ``at``; 0 when none does. ``loose`` where only a town can stand."""
    words = view.call.words
    if at >= len(words):
        return 0
    turn = words[at].turn
    start = at
    while (
        at < len(words) and at < start + 2 and words[at].turn == turn and words[at].lower in ("la", "le", "les", "l'")
    ):
        at += 1
    if at >= len(words) or words[at].turn != turn or len(words[at].gap) > 3:
        return 0
    if not may_begin(view, at, loose=loose or at > start):
        return 0
    end = at + 1
    while end < len(words) and words[end].turn == turn and end - at < 9:
        gap, lower = words[end].gap, words[end].lower
        if gap not in (" ", "-", "", "’", "'", "‑"):
            break
        saint = words[end - 1].lower in ("saint", "sainte", "st", "ste")
        link_before = words[end - 1].lower in _SUFFIX and end - 1 > at
        if gap == "-" or gap == "‑" or saint or link_before:
            end += 1
            continue
        if words[at].raw and end == at + 1 and lower in ("de", "sur", "en") and loose and _compound_ahead(view, at):
            end += 2
            continue
        if lower in _SUFFIX and end + 1 < len(words) and words[end + 1].turn == turn and _compound(view, end):
            end += 1
            continue
        if (
            words[end].capital and not words[at].raw and not view.call.sentence_start(end) and lower not in NEVER
        ) and loose:
            end += 1
            continue
        break
    while end > at + 1 and words[end - 1].lower in _SUFFIX:
        end -= 1
    return end


def _compound(view: View, link: int) -> bool:
    """ "Bourg en Bresse", "Neuilly sur Seine" without hyphens; not "Paris et Lyon", "Lyon en voiture"."""
    words = view.call.words
    lower = words[link].lower
    if lower not in ("sur", "sous", "en", "lès", "les", "la", "le", "aux"):
        return False
    nxt = words[link + 1]
    if lower in ("sur", "sous", "lès", "les") and nxt.lower not in NEVER:
        return words[link].raw or nxt.capital
    return (not words[link].raw and nxt.capital) or (
        words[link].raw and not view.dictionary.is_ordinary(nxt.lower) and nxt.lower not in NEVER
    )


def may_begin(view: View, at: int, *, loose: bool) -> bool:
    """Whether a town's name can begin at word ``at``; ``loose`` where only a town can stand."""
    word = view.call.words[at]
    lower = word.lower
    if lower in ("saint", "sainte", "st", "ste"):
        return (word.capital or word.raw) and at + 1 < len(view.call.words)
    if word.is_digits or len(lower) < 2 or lower.endswith("'") or lower in NEVER:
        return False
    known = view.dictionary.is_place(lower)
    ordinary = view.dictionary.is_ordinary(lower)
    if known and (word.capital or (word.raw and (loose or not ordinary))):
        return True
    if not loose:
        return False
    if not word.raw:
        return word.capital
    return not ordinary or _compound_ahead(view, at)


def _compound_ahead(view: View, at: int) -> bool:
    """An ordinary word that begins a compound ("mont-de-marsan", "mont de marsan")."""
    words = view.call.words
    if at + 2 >= len(words) or words[at + 2].turn != words[at].turn:
        return False
    if words[at + 1].gap == "-" and words[at + 2].gap in ("-", "") and words[at + 1].lower in _SUFFIX | {"à"}:
        return True
    return (
        words[at + 1].lower in ("de", "sur", "en", "sous", "lès")
        and not view.dictionary.is_ordinary(words[at + 2].lower)
        and words[at + 2].lower not in NEVER
    )
