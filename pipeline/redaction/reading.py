"""One call, read for the rules of a language and asked about by all of them."""

from collections.abc import Sequence

from callwarden.model.redaction import KnownFacts, OpenQuestion, RedactionPolicy
from callwarden.redaction.deadline import Deadline
from callwarden.redaction.dialogue import follow
from callwarden.redaction.digits.product import without_products
from callwarden.redaction.language import Language
from callwarden.redaction.repeats import find_repeats
from callwarden.redaction.view import Entity, Found, View
from callwarden.redaction.words import CallText


def read_view(
    call: CallText,
    seen: Sequence[Entity],
    known: KnownFacts,
    language: Language,
    policy: RedactionPolicy,
    opening: Sequence[OpenQuestion] = (),
) -> View:
    """Everything the rules look at in one call; ``opening`` was asked before it. Raises: `FinderTimeoutError`."""
    deadline = Deadline(policy.time_budget_s)
    turn_views = language.view_turns(call)
    expected = follow(turn_views, opening)
    deadline.check()
    return View(
        call=call,
        runs=tuple(language.read_contexts(call, language.find_runs(call), expected)),
        expected=expected,
        asks=tuple(t.asks for t in turn_views),
        entities=tuple(seen),
        dictionary=language.dictionary,
        known=known,
        birth_years=policy.birth_years,
        deadline=deadline,
        own_words=frozenset(w.lower() for w in policy.own_words),
    )


def ask_rules(view: View, language: Language) -> list[Found]:
    """What each rule found, its name before its reason, and what a second reader makes of it.
    Raises: `FinderTimeoutError`."""
    found: list[Found] = []
    for name, rule in language.rules:
        view.deadline.check()
        found += [
            Found(one.start, one.end, one.type, one.score, f"{name}: {one.why}")
            for one in rule(view)
            if one.end > one.start
        ]
    return without_products(view.call.text, language.second(view, found))


def follow_up(view: View, found: Sequence[Found], language: Language) -> list[Found]:
    """What was found, what was found once and is said again, each with what stands before it and belongs to it.
    Raises: `FinderTimeoutError`."""
    view.deadline.check()
    everything = [*found, *find_repeats(view, found, language.may_repeat)]
    view.deadline.check()
    return [language.widen(view, one) for one in everything]
