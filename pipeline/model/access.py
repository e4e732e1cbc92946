"""Who asks, and for what: actors, their roles and scopes, and a wish to read."""

from dataclasses import dataclass, field
from enum import StrEnum

from callwarden.model.ids import LineId


class Role(StrEnum):
    """What somebody is here for (U2). The last three are programs of ours, which pass the gate like anybody."""

    TRAINER = "trainer"
    SUPERVISOR = "supervisor"
    LEGAL = "legal"
    DPO = "dpo"
    INVESTIGATOR = "investigator"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    TELEPHONY = "telephony"
    TRANSCRIBER = "transcriber"
    REDACTOR = "redactor"
    SERVICE = "service"


class Readable(StrEnum):
    """What can be asked for at the gate."""

    ORIGINAL_AUDIO = "original-audio"
    ORIGINAL_TRANSCRIPT = "original-transcript"
    BEEPED_AUDIO = "beeped-audio"
    REDACTED_TRANSCRIPT = "redacted-transcript"
    WAVEFORM = "waveform"
    METADATA = "metadata"
    LOG = "log"


ORIGINALS = frozenset({Readable.ORIGINAL_AUDIO, Readable.ORIGINAL_TRANSCRIPT})
REDACTED = frozenset({Readable.BEEPED_AUDIO, Readable.REDACTED_TRANSCRIPT, Readable.WAVEFORM})

MACHINES = frozenset({Role.TRANSCRIBER, Role.REDACTOR, Role.SERVICE})
"""Roles no person can be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or a program. `name` is an internal account name; `lines` and `agents` narrow what it may see
    (None: no narrowing); `agent_id` is the person's own id on the telephone system, for "own calls"."""

    role: Role
    name: str = field(repr=False)
    lines: frozenset[LineId] | None = None
    agents: frozenset[str] | None = None
    agent_id: str | None = None

    @property
    def account(self) -> str:
        """``role:name``, as it stands in rows that say who did something."""
        return f"{self.role.value}:{self.name}"

    @property
    def is_service(self) -> bool:
        return self.role in MACHINES


def service(name: str) -> Actor:
    """A program of ours that acts by itself, such as the sweep."""
    return Actor(role=Role.SERVICE, name=name)
