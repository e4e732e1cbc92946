"""What the step is about to do with one recording, and what came of it."""

from dataclasses import dataclass

from callwarden.model.outcome import Position
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, Recording
from callwarden.model.redaction_record import RedactionRecord, WithheldReason
from callwarden.model.transcript import RedactedTranscript, TimeRange
from callwarden.rules.call_parts import Neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """One recording to redact; `before` is what became of it so far. `attempt` fences off whoever began earlier."""

    position: Position
    recording: Recording
    attempt: int
    purpose: Purpose
    before: RedactionRecord | None
    neighbours: Neighbours
    seen_sha256: str | None = None
    """Digest of the redacted transcript in which a reviewer has reported a place; None where that is settled."""

    @property
    def generation(self) -> int:
        return 1 if self.before is None else self.before.generation + 1

    @property
    def missed(self) -> tuple[TimeRange, ...]:
        """Places that go whatever is found there."""
        return () if self.before is None else self.before.missed


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Nothing to redact: done already, not wanted for anything, or gone."""

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What is stored, and not yet released, and the text to find it by."""

    plan: Make
    artefacts: tuple[Artefact, ...]
    transcript: RedactedTranscript
    spans_sha256: str
    reasons: tuple[str, ...] = ()
    """Why there is no sound among the artefacts; empty where there is."""

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why nothing may be released."""

    plan: Make
    reason: WithheldReason
    nowhere: tuple[TimeRange, ...] = ()
    """Reported places at which nothing can go."""

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """Read with parts of the call that came since, and nothing else is found than what is taken out already: the
    record says that it is so."""

    plan: Make
    record: RedactionRecord

    @property
    def position(self) -> Position:
        return self.plan.position
