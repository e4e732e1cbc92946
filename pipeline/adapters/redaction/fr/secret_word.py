"""Passwords, code words, duress words and security answers said in plain words, by what was asked or announced."""

import re
from collections.abc import Iterator

from pipeline.adapters.redaction.fr.number_words import NUMBER_WORDS
from pipeline.adapters.redaction.fr.questions import ASSENT, DENIAL, is_question
from pipeline.adapters.redaction.view import Found, View
from pipeline.adapters.redaction.words import word_set
from pipeline.model.redaction import SpanType
from pipeline.rules.redaction.dialogue import Asked

_ANNOUNCE = re.compile(
    r"(?:mots? (?:de |d')(?!la |vous|plus|trop)\w+|mot secret|mot convenu|mot[- ]clé|code[- ]mot|"
    r"phrase (?:de passe|secrète|convenue|de sécurité)|"
    r"réponse(?: à la question| secrète| de sécurité)?|code vocal|mot d'alerte|mot pour la contrainte|"
    r"mot d'urgence|(?:le|mon|notre|un|du|ce) mot|sous (?:la )?contrainte(?:,)? (?:on|je|il faut|nous|"
    r"vous)[\w' ]{0,14}(?:dit|dis|disons|dire|dites))"
    r"(?:[^.?!\n]{0,40}?)(?:,? ?(?:c'est|c'était|est|sera|serait|devient|était|reste|étant|c est)(?: bien|"
    r" toujours| donc| euh| le mot| maintenant| désormais)?|:)\s*[«\"]?\s*",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    r"(?:mots? (?:de |d')(?!la |vous|plus|trop)\w+|mot secret|code[- ]mot|"
    r"mot convenu),?\s+[«\"]?\s?(?=\w)(?!(?:s'il|svp|de|du|des|d'|de la|et|est|ou|pour|à|au|aux|vous|je|que|"
    r"qui|ou|a|ne|n'|il|elle|on|avant|s'il te|actuel|exact|correct|svp|pas|n|stp|sur|dans|par|ce|ça|c'|si|"
    r"merci|voilà|euh|alors|oui|non|pardon|parce|mais|donc|la|les)(?!\w))",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:\W*(?:euh|heu|hum|ben|bah|alors|ouh là|oh là|ouh|mince|zut|purée|flûte|peut-être|peut être|là|"
    r"on doit dire|je dois dire|on devait dire|faut dire|l'ancien|l'ancienne|le nouveau|la nouvelle|"
    r"celui d'avant|l'autre|c'est pas|c'est plus|ce n'est pas|ça serait pas|ce serait pas|c'était pas|"
    r"celui-ci|essayez|sinon|on a changé|on l'a changé|j'ai changé|je l'ai changé|"
    r"oui|ouais|non|donc|voilà|attendez|attends|voyons|bien sûr|d'accord|"
    r"ok|okay|c'est|c est|c'était|ce serait|ça doit être|ça serait|je crois que|je crois|je pense que|"
    r"je pense|il me semble que|normalement|"
    r"sauf erreur|si je me souviens bien|de mémoire|tout simplement|le mot de passe|le mot|mon mot de passe|"
    r"mon mot|la réponse|le code|mot de passe|on a mis|j'ai mis|on avait mis|j'avais mis|on avait dit|"
    r"on a dit|on dit|je dis|il faut dire|est|c'est bien|bien|toujours|"
    r"un instant|une seconde|deux secondes|une minute|je cherche|je réfléchis|laissez-moi réfléchir|ah|oh|"
    r"mais|et|eh bien|bon|pardon|excusez-moi|je m'en souviens|je sais|elle|il|lui|notre chien|mon chien|"
    r"ma mère|s'appelle|s'appelait|elle s'appelait|il s'appelait|il s'appelle|elle s'appelle|"
    r"à|au|à la|de|du|que|la ville de|moi|nous|pour nous|chez nous|pour moi|le mien|madame|monsieur|plutôt|"
    r"je vous le donne|je vous dis|écoutez|tenez|la|le|l'|un|une)(?![\w'’-])\W*)*",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"(?:(?:[,;]\s*|\s+)(?:je crois|je pense|il me semble|voilà|c'est ça|c'est bien ça|s'il vous plaît|merci|"
    r"non|hein|en un mot|en minuscules?|en majuscules?|tout attaché|avec un|avec une|sans|et le|et mon|et ma|"
    r"et la|et je|et c'est|mais|parce que|"
    r"pardon|faites|dépêchez|vous|si je|comme|je vous|j'|il|elle|on|c'est bon|d'accord|monsieur|madame|"
    r"exactement|point final|normalement|sauf erreur|suivi|suivie|comme d'habitude|toujours|à moins|je|qui|"
    r"pour|la fleur|l'animal|le chien|ça va|est-ce)(?![\w'’]).*)$",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSE = re.compile(r"[.?!;:\n»\"]|, (?=et |mais |c'est |je |on |il |vous |est-ce|donc |pour )")
_CODE_ANNOUNCE = re.compile(r"c'est|est|:|,", re.IGNORECASE)
_STOP_WORDS = ASSENT | NUMBER_WORDS | word_set("mot passe code le la les")
_QUESTIONING = re.compile(
    r"^\W*(?:vous|tu|quel|quelle|lequel|comment|pourquoi|où|c'est quoi|celui|le même|pour|obligatoire|demandé|"
    r"incorrect|correct|erroné|faux|bon|exact|valide|validé|important|oublié|changé|confidentiel|nécessaire|"
    r"enregistré|personnel|différent|le bon|pas|plus|question|doit|devra|devrait|peut|va|ne|n'|sert|change|"
    r"changé|a été|sera|marche|fonctionne|contient|comporte|permet|choisi|communiqué|donné|habituel|"
    r"à (?:changer|modifier|jour|renouveler|vérifier|valider)|en cours|par|sur|dans|le nom|le prénom|la ville|"
    r"votre|notre|son|ton|une question|la suivante|le suivant|un peu|trop|périmé|expiré|bloqué|défini|modifié|"
    r"à jour|en place|requis|celui-là|celle|noté|indispensable|inconnu)\b",
    re.IGNORECASE,
)

_REJECTED = re.compile(
    r"^\W*(?:ah |euh,? |mmh,? |hélas,? )?non\b|"
    r"\b(?:(?:pas|plus) (?:celui|ça|cela|le bon|bon|correct|exact|encore|lui|du tout|valable)|toujours pas|"
    r"(?:ne )?(?:passe|marche|fonctionne|colle|trouve) pas|incorrect|faux|erroné|autre|correspond|invalide|"
    r"réessay\w+|essayez)",
    re.IGNORECASE,
)
MAX_WORDS = 8
MAX_CHARS = 300


def find(view: View) -> Iterator[Found]:
    """Secrets said in words."""
    call = view.call
    answered: set[int] = set()
    for number, turn in enumerate(call.turns):
        if not turn.text:
            continue
        view.deadline.check()
        base = call.turn_starts[number]
        text = turn.text.replace("’", "'")
        announced = False
        direct = () if text.rstrip().endswith("?") else _DIRECT.finditer(text)
        for match in [*_ANNOUNCE.finditer(text), *direct]:
            view.deadline.check()
            piece = _core(text, match.end())
            if piece and not _QUESTIONING.match(text[match.end() : match.end() + 60]):
                announced = True
                yield Found(base + piece[0], base + piece[1], SpanType.SECRET, 0.9, "words after a word for password")
        asked = view.expects(number, Asked.SECRET, Asked.SECURITY)
        if asked is None or announced:
            continue
        again = bool(number and _REJECTED.search(call.turns[number - 1].text))
        if (asked.age > 2 and not again) or (asked.asked_in in answered and not again):
            continue
        for found in _answer(view, number, text, base, 0 if again else asked.age):
            if found.score >= 0.7:
                answered.add(asked.asked_in)
            yield found


def _answer(view: View, number: int, text: str, base: int, age: int) -> Iterator[Found]:
    first, end = view.call.turn_words[number]
    words = view.call.words[first:end]
    content = [w for w in words if w.lower not in _STOP_WORDS]
    guess = (
        text.rstrip().endswith("?") and len(words) <= 6 and not is_question(text.rstrip(" ?")) and not view.asks[number]
    )
    if not content or (is_question(text) and not guess) or (view.asks[number] and not guess and not _TOLD.search(text)):
        return
    for sentence in re.finditer(r"[^.?!\n]{1,400}[.?!]*", text):
        if sentence.group().rstrip().endswith("?") and not guess:
            continue
        if DENIAL.search(sentence.group()) and not _TOLD.search(sentence.group()):
            continue
        piece = _core(text, _told(sentence.group()) + sentence.start())
        if piece is None:
            continue
        inside = [w for w in content if piece[0] <= w.start - base < piece[1]]
        if not inside or piece[0] >= sentence.end():
            continue
        size = len(re.findall(r"[\w'-]+", text[piece[0] : piece[1]]))
        if size <= 5 or (size <= MAX_WORDS and re.search(r"c'est|est ", text[sentence.start() : piece[0]])):
            if age and size > 3:
                return
            if _CHAT.match(text[piece[0] : piece[1]]):
                continue
            yield Found(
                base + piece[0],
                base + piece[1],
                SpanType.SECRET,
                0.85 if age == 0 else 0.7,
                "the answer to a question for a password",
            )
            return
    if age == 0 and not _sentence_like(text):
        yield Found(
            words[0].start, words[-1].end, SpanType.SECRET, 0.55, "an unclear answer to a question for a password"
        )


_TOLD = re.compile(
    r"(?:c'est|c est|c'était|ce serait|on a mis|j'ai mis|on avait mis|je l'ai appelé|mettez|doit être|réponds|"
    r"répondre|dirai|dire)\s+(?:donc |bien |euh |toujours |peut-être |le |la |les |l'|un |une |du )*(?=\w)",
    re.IGNORECASE,
)


def _told(sentence: str) -> int:
    """Where the value begins when the answer leads up to it: behind its last "c'est" with little after it."""
    at = 0
    for match in _TOLD.finditer(sentence):
        rest = sentence[match.end() :].split()
        if 1 <= len(rest) <= 6 and not re.match(
            r"(?i)(?:ça|moi|bon|quoi|qui|pas|mon|ma|bien|noté|fait|pour|où|tout)\b", sentence[match.end() :]
        ):
            at = match.end()
    return at


_CHAT = re.compile(
    r"^\W*(?:il y a|y a|il n'y a|j'ai|on a|on est|je suis|normal|c'est normal|correct|gentil|merci|bonjour|"
    r"bonsoir|tout va bien|ça va|tout est|rien|personne|j'arrive|un instant|pas encore|quelle?s?|c'est moi|"
    r"c'est mon|c'est ma|de quoi|le propriétaire|le gérant|la gérante|bonne journée|bonne soirée|au revoir|"
    r"à bientôt|avec plaisir|parfait|très bien|d'accord|aucun problème|pas de problème|fausse alarme|"
    r"fausse manipulation)\b",
    re.IGNORECASE,
)


def _sentence_like(text: str) -> bool:
    return (
        bool(re.search(r"\b(?:ça|je|j'|il|elle|on|vous|nous|ils|tu|c'est (?:mon|ma|moi|le|la))\b", text, re.IGNORECASE))
        and len(text.split()) > 4
    )


def _core(text: str, start: int) -> tuple[int, int] | None:
    """The answer proper: without what leads up to it and what trails behind; offsets in the turn."""
    limit = min(len(text), start + MAX_CHARS)
    clause = _CLAUSE.search(text, start, limit)
    end = clause.start() if clause else limit
    while clause and not _LEAD.sub("", text[start:end]).strip(" ,") and end + 1 < limit:
        start = clause.end()
        clause = _CLAUSE.search(text, start, limit)
        end = clause.start() if clause else limit
    lead = _LEAD.match(text[start:end])
    begin = start + (lead.end() if lead else 0)
    # an article right before the word belongs to neither; a lead that ate everything leaves the last word
    if begin >= end:
        return None
    trail = _TRAIL.search(text[begin:end])
    stop = begin + trail.start() if trail and trail.start() > 0 else end
    while stop > begin and not text[stop - 1].isalnum():
        stop -= 1
    words = text[begin:stop].split()
    if not words:
        return None
    if len(words) > MAX_WORDS:
        stop = begin + len(" ".join(words[:MAX_WORDS]))
    return begin, stop
