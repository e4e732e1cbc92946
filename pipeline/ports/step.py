"""What the runtime asks of a step: four phases, so that slow work overlaps and rows are written together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from callwarden.errors import InvalidMessageError
from callwarden.model.outcome import Position
from callwarden.model.recording import Artefact
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import OutboxEntry


class Placed(Protocol):
    """Plans, results and aftermaths all know the position of the delivery they belong to."""

    @property
    def position(self) -> Position: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Objects no row names any more: of an attempt that lost its race, or of an earlier generation. They go."""

    position: Position
    obsolete: tuple[Artefact, ...] = ()


PlanT = TypeVar("PlanT", bound=Placed)
DoneT = TypeVar("DoneT", bound=Placed)
AfterT = TypeVar("AfterT", bound=Placed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun(Generic[PlanT]):
    """Plans to carry out, and deliveries to begin again once another one is done."""

    plans: Sequence[PlanT]
    again: Sequence[Delivery] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Generic[AfterT]):
    """Messages now due on the bus, clean-ups now due, and positions to begin again.

    Every position of the finished work is among `aftermaths` or among `again`; one that is among both is begun again
    once its clean-up is done.
    """

    outbox: Sequence[OutboxEntry] = ()
    aftermaths: Sequence[AfterT] = ()
    again: Sequence[Position] = ()


class OfOurMessages:
    """What is the same in every step whose deliveries are messages of ours, or whose events another one records."""

    def reject(self, delivery: Delivery, error: InvalidMessageError) -> None:
        """Nothing is recorded of what cannot be read."""

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """No event of this step waits."""
        return ()

    def at_most_one(self, delivery: Delivery) -> Collection[str]:
        """Nothing but its key."""
        return ()


class Step(Protocol[PlanT, DoneT, AfterT]):
    """One arrow of the flow. Every phase may be repeated after a crash with the same effect. Thread-safe.

    Each phase raises RetryableError having changed nothing that matters. Any other error is the fault of one delivery,
    which is rejected (InvalidMessageError) or left with its reason while the others go on; ConfigurationError stops the
    step.
    """

    @property
    def name(self) -> str: ...

    @property
    def group(self) -> str: ...

    @property
    def topics(self) -> tuple[str, ...]: ...

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[PlanT]:
        """Decide on deliveries, in at most one transaction."""
        ...

    def at_most_one(self, delivery: Delivery) -> Collection[str]:
        """Names of what a worker does for one delivery at a time, besides those of its key: of those that share one,
        the next begins once the one before is cleaned up."""
        ...

    def reject(self, delivery: Delivery, error: InvalidMessageError) -> PlanT | None:
        """The plan that records a delivery which can never be processed; None where nothing is to be recorded, as of a
        message of ours: the worker then says where it stands and goes on. Raises RetryableError."""
        ...

    def carry_out(self, plan: PlanT) -> DoneT:
        """The slow part of one plan, in any thread; no transaction is held while bytes move."""
        ...

    def finish(self, done: Sequence[DoneT]) -> Finished[AfterT]:
        """Make results durable, in at most one transaction."""
        ...

    def clean_up(self, aftermath: AfterT) -> None:
        """What may only happen once the rows are durable and the messages are out, in any thread."""
        ...

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """Deliveries of earlier positions whose time has come; their offsets are committed already."""
        ...
