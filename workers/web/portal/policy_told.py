"""What a policy says otherwise than the one before, in the reader's language: sentence by sentence, as commands do."""

import re
from typing import TYPE_CHECKING, Final

from babel import units
from jinja2 import pass_context
from jinja2.runtime import Context

from callwarden.model.period import CalendarPeriod
from callwarden.model.policy_change import Told
from callwarden.workers.shapes.policy_changes import AS_THE_REST, NOTHING, PERIODS
from callwarden.workers.web.portal.sentences import retold
from callwarden.workers.web.portal.vocabulary import VOCABULARY, said

if TYPE_CHECKING:
    from callwarden.workers.web.words import Words

_COUNTED: Final = re.compile(r"\b(\d+) (year|month|day|hour|minute|second)s?\b")
_IN_LANGUAGES: Final = re.compile(r"^(?:fr|en): .*|(?<=\()(?:fr|en): [^()]*", re.DOTALL)
_KIND: Final = {"objection_unknown": "when_unknown", "notice": "notice"}
"""Of which vocabulary the values of a code are."""
_LISTED: Final = ("access_new", "access_lost", "access_narrowed")


@pass_context
def policy_told(context: Context, one: Told) -> str:
    """One thing that changes, in a sentence."""
    role, _, purpose = one.subject.partition("/")
    by_role = one.code in _LISTED
    sentence = said(context, "policy.change", one.code)
    return sentence.format(
        subject=said(context, "policy.statement", one.subject) if one.code == "statement" else one.subject,
        role=said(context, "role", role) if by_role else role,
        purpose=said(context, "purpose", purpose) if by_role else purpose,
        was=_value(context, one, one.was),
        now=_value(context, one, one.now),
    )


def _value(context: Context, one: Told, value: str | None) -> str:
    words: Words = context["words"]
    if value is None:
        return said(context, "policy.value", AS_THE_REST if one.code in PERIODS else NOTHING)
    if one.code in PERIODS:
        return words.period(CalendarPeriod.parse(value))
    if one.code in _LISTED:
        return words.listed(said(context, "artefact", each) for each in value.split(","))
    if one.code == "record":
        return words.percent(float(value))
    if one.code == "wait":
        return _shown(words, value)
    value = in_language(value, words.language.value)
    if one.subject == "legal_bases":
        return "; ".join(
            f"{said(context, 'purpose', purpose)} ({said(context, 'basis', basis)})"
            for purpose, _, basis in (each.partition(": ") for each in value.split("; "))
        )
    if one.code == "statement":
        return _statement(context, words, value)
    return said(context, _KIND.get(one.code, "policy.value"), value)


def in_language(value: str, language: str) -> str:
    """What is stated in several languages (``en: x; fr: y``, also in brackets), in this one, or the first there is."""

    def chosen(found: re.Match[str]) -> str:
        said = dict(each.split(": ", 1) for each in re.split(r"; (?=(?:fr|en): )", found[0]))
        return said.get(language, next(iter(said.values())))

    return _IN_LANGUAGES.sub(chosen, value)


def _statement(context: Context, words: "Words", sentence: str) -> str:
    """A statement of the policy; what has no words is the house's own text, and is shown as it stands."""
    return (
        retold(
            sentence,
            VOCABULARY["policy.says"],
            translated=lambda text: str(context["pgettext"]("policy.says", text)),
            shown=lambda value: _shown(words, value),
        )
        or sentence
    )


def _shown(words: "Words", value: str) -> str:
    """Numbers and lengths of time as the reader writes them."""
    if value.replace(",", "").isdecimal():
        return words.number(int(value.replace(",", "")))
    return _COUNTED.sub(
        lambda found: units.format_unit(int(found[1]), f"duration-{found[2]}", locale=words.locale), value
    )
