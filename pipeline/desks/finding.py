"""Where trainers and supervisors find calls, as they write what they look for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from callwarden.custody.finding import Finding, FoundPage
from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import LineId
from callwarden.model.policy import Policy
from callwarden.model.purpose import PSEUDONYMOUS, Purpose
from callwarden.model.search import Facets, FoundState, Place, Wanted
from callwarden.ports.keys import KeyStore
from callwarden.rules.criteria import label_text
from callwarden.rules.places import place_of

MOST_CALLS: Final = 100
"""Of one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What somebody looks for; what is left out narrows nothing. Days are the policy's, both included; a length is in
    whole seconds, from `shortest_s` up to but not `longest_s`; `label` is ``name=value``."""

    words: str = ""
    line: str | None = None
    agent: str | None = None
    first: date | None = None
    last: date | None = None
    shortest_s: int | None = None
    longest_s: int | None = None
    label: str | None = None
    state: FoundState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDesk:
    """Each method is a reading: decided, and logged before anything is shown. Raises as `Finding.find`; UsageError for
    what cannot be meant. Thread-safe."""

    policy: Policy
    keys: KeyStore
    finding: Finding

    def find(
        self,
        actor: Actor,
        purpose: Purpose,
        sought: Sought,
        *,
        limit: int = 20,
        after: str | None = None,
        before: str | None = None,
    ) -> FoundPage:
        """A page of calls, the newest first: from the first on, `after` a cursor, or up to the one `before` it."""
        if not 1 <= limit <= MOST_CALLS:
            raise UsageError(f"a page has 1 to {MOST_CALLS} calls")
        if after is not None and before is not None:
            raise UsageError("a page is after a cursor or before one")
        wanted = self._wanted(sought, purpose)
        return self.finding.find(actor, purpose, wanted, limit=limit, after=_place(after), before=_place(before))

    def count(self, actor: Actor, purpose: Purpose, sought: Sought) -> Facets:
        """How many there are, of what."""
        return self.finding.count(actor, purpose, self._wanted(sought, purpose))

    def _wanted(self, sought: Sought, purpose: Purpose) -> Wanted:
        if sought.agent is not None and purpose in PSEUDONYMOUS:
            raise UsageError(f"for {purpose} nothing says whose call it was: look without an agent")
        if sought.first is not None and sought.last is not None and sought.last < sought.first:
            raise UsageError(f"an impossible range: it ends ({sought.last}) before it begins ({sought.first})")
        label = None
        if sought.label is not None:
            name, equals, value = sought.label.partition("=")
            if not equals:
                raise UsageError(f"a label is its name and its value, such as alarm_id=A-17, and not {sought.label!r}")
            label = self.keys.pseudonym("label", label_text(name, value))
        return Wanted(
            words=sought.words,
            line=None if sought.line is None else LineId(sought.line),
            agent_id=sought.agent,
            since=None if sought.first is None else self._midnight(sought.first),
            until=None if sought.last is None else self._midnight(sought.last + timedelta(days=1)),
            shortest_s=sought.shortest_s,
            longest_s=sought.longest_s,
            label=label,
            state=sought.state,
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.policy.time_zone)


def _place(cursor: str | None) -> Place | None:
    try:
        return None if cursor is None else place_of(cursor)
    except ValueError as error:
        raise UsageError(f"{error}: take one from a page") from error
