"""Whose case is it, and what may be said of it? (U2, U9)

A case is open to the people named in it: who opened it, who is responsible, and those it names. Where it names nobody,
it is open to everybody of the role, as long as they may open cases.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.court import SEATS, CourtKind, Party
from callwarden.model.hold import Case, CaseEdit
from callwarden.rules.free_text import free_text
from callwarden.rules.identity import holds_a_number
from callwarden.rules.people import ACCOUNT_RULE, is_account_name, same_person

_OPEN_CASES = frozenset({Role.LEGAL, Role.DPO})
OVERSEES = frozenset({Role.DPO, Role.AUDITOR})
"""Know of every case that there is one, whose it is and how much it holds; why, only of their own."""
LONGEST_NAME = 100
EDITABLE = ("reason", "court", "seat", "parties", "people", "responsible")

_PARTY = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetails:
    """What may be said of a case beside its name. None: not said, left as it is; an empty text or tuple takes it
    back."""

    reason: str | None = None
    court: CourtKind | None = None
    seat: str | None = None
    parties: tuple[Party, ...] | None = None
    people: tuple[str, ...] | None = None
    responsible: str | None = None

    def said(self) -> Mapping[str, Any]:
        """What is said, by field of a `Case`. Raises UsageError for people that are nobody: a case of nobody's
        is open to everybody of legal, and not by a slip of the pen."""
        if self.people is not None and not any(name.strip() for name in self.people):
            raise UsageError("people: names nobody, which would open the case to all of legal: name whose it is")
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: (value or None if name in ("seat", "responsible") else value)
            for name, value in values.items()
            if value is not None
        }


def is_theirs(case: Case, actor: Actor) -> bool:
    """Whether the case is open to this actor."""
    if not case.people:
        return actor.role in _OPEN_CASES
    return any(same_person(actor.name, name) for name in (case.opened_by, case.responsible, *case.people) if name)


def seen_by(case: Case, actor: Actor) -> Case | None:
    """The case as this actor may see it: whole, or without what it is about where they only oversee that cases are
    there, or its row was altered and may say what another one did; None where they may not know of it."""
    if is_theirs(case, actor) and not case.altered:
        return case
    if is_theirs(case, actor) or actor.role in OVERSEES:
        return replace(case, reason="", parties=(), history=(), events=())
    return None


def is_case_name(name: str) -> bool:
    """Whether a case may be opened under this name: nothing in it that does not print or turns the reading direction,
    and no letters or digits that only look like those of French."""
    return len(name) <= LONGEST_NAME and name.isprintable() and all(map(_is_plain, unicodedata.normalize("NFC", name)))


def _is_plain(character: str) -> bool:
    letter = unicodedata.normalize("NFD", character)[0]
    return not character.isalnum() or letter.isascii() or letter in "œŒæÆ"


def may_be_told(case: Case, actor: Actor) -> bool:
    """Whether the case may be named to them where a recording is shown that it holds."""
    return not case.people or seen_by(case, actor) is not None


def look_at(case: Case) -> Case:
    """The case as it may be kept. Raises UsageError for what makes no sense in it."""
    free_text(case.reason, "a case has a name and a reason: callwarden hold open CASE --reason TEXT")
    if case.seat is not None and case.seat not in SEATS:
        raise UsageError(f"{case.seat!r} is no department: write the seat of the court as 75, 2A or 974")
    for name in (*case.people, *([case.responsible] if case.responsible else [])):
        if not is_account_name(name):
            raise UsageError(f"{name!r} is no account: {ACCOUNT_RULE}")
    for party in case.parties:
        if not _PARTY.fullmatch(party.party_id) or holds_a_number(party.party_id):
            raise UsageError(
                f"a party stands under a word of yours, not its name: small letters, digits and -, such as claimant "
                f"or p2, and not {party.party_id!r}"
            )
    twice = len(case.parties) - len({party.party_id for party in case.parties})
    if twice:
        raise UsageError("a party stands once in a case")
    return replace(case, people=tuple(dict.fromkeys(case.people)))


def edited(before: Case, after: Case, *, by: str, at: datetime) -> Case:
    """`after`, with what changed in its history; `before` itself where nothing did. Raises UsageError."""
    after = look_at(after)
    changes = [
        CaseEdit(at=at, by=by, field=name, before=_text(before, name), after=_text(after, name))
        for name in EDITABLE
        if getattr(before, name) != getattr(after, name)
    ]
    return replace(after, history=(*before.history, *changes)) if changes else before


def prints_of(case: Case) -> Mapping[str, str]:
    """What stands in each field, as a digest: a form carries it, so that what it left as it was is known."""
    return {name: _print(case, name) for name in EDITABLE}


def meant(case: Case, said: Mapping[str, Any], seen: Mapping[str, str]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Of what a form says the fields that it changed, where it showed what `seen` says; and of these the ones that
    somebody else has changed meanwhile to something else."""
    after = replace(case, **said)
    changed = {name: value for name, value in said.items() if _print(after, name) != seen.get(name)}
    stale = [name for name in changed if _print(case, name) not in (seen.get(name), _print(after, name))]
    return changed, tuple(stale)


def _print(case: Case, name: str) -> str:
    text = case.responsible or case.opened_by if name == "responsible" else _text(case, name)
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def _text(case: Case, name: str) -> str:
    value = getattr(case, name)
    if name == "parties":
        return ", ".join(_said(party) for party in value)
    return ", ".join(value) if name == "people" else value or ""


def _said(party: Party) -> str:
    return f"{party.party_id}={party.collectivity or party.residence.value}{'' if party.appeared else ',absent'}"
