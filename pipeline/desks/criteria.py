"""Criteria as a person writes them, read: numbers and customers become pseudonyms, days instants."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from callwarden.desks.concerned import Concerned
from callwarden.errors import UsageError
from callwarden.model.criteria import Asked, Criteria
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.policy import Policy
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.rules.criteria import label_text

SHORTEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaReader:
    """Thread-safe."""

    policy: Policy
    clock: Clock
    keys: KeyStore
    concerned: Concerned

    def read(self, asked: Asked) -> Criteria:
        """Raises UsageError for what cannot be meant: an unknown line, an impossible range, a blank."""
        for option, text in (("--call", asked.call), ("--agent", asked.agent), ("--line", asked.line)):
            if text is not None and not text.strip():
                raise UsageError(f"{option} is blank")
        if asked.line is not None and asked.line not in self.policy.lines:
            raise UsageError(f"unknown line {asked.line}: the policy has {', '.join(sorted(self.policy.lines))}")
        if asked.first is not None and asked.last is not None and asked.last < asked.first:
            raise UsageError(f"an impossible range: it ends ({asked.last}) before it begins ({asked.first})")
        today = self.clock.now().astimezone(self.policy.time_zone).date()
        if asked.first is not None and asked.first > today:
            raise UsageError(f"--from lies in the future ({asked.first}): there is no such call")
        return Criteria(
            recordings=frozenset(RecordingId(name) for name in asked.recordings),
            call_id=None if asked.call is None else CallId(asked.call),
            caller=None if asked.caller is None else self.concerned.number(_whole(asked.caller)),
            customer=None if asked.customer is None else self.concerned.customer(asked.customer),
            agent_id=asked.agent,
            line=None if asked.line is None else LineId(asked.line),
            labels=frozenset(self.keys.pseudonym("label", label_text(*_label(text))) for text in asked.labels),
            since=None if asked.first is None else self._midnight(asked.first),
            until=None if asked.last is None else self._midnight(asked.last + timedelta(days=1)),
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.policy.time_zone)


def _whole(number: str) -> str:
    """A number that can be somebody's: of an extension three digits at least, or it is the rest of a slip."""
    if sum(character.isdecimal() for character in number) < SHORTEST:
        raise UsageError(f"{number!r} is no telephone number: write it as +33639980001 or 06 39 98 00 01")
    return number


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(f"a label is its name and its value, such as --label alarm_id=A-17, and not {text!r}")
    return name, value
