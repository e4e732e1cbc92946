"""The desk where an operator sees how the system stands: figures, codes and ages, nothing of any call (U2).

A part that is out of reach leaves its own figures out, and says so: the others are needed all the more then.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from callwarden.accesslog.proof.status import LogStatus, late_after, tail_age
from callwarden.custody.balance import Balance, Lag, balance, lags
from callwarden.desks.acts import Acts
from callwarden.desks.experiment_standings import standings
from callwarden.errors import RetryableError
from callwarden.model.access import Actor
from callwarden.model.policy import Policy
from callwarden.model.policy_change import ChangeState, PolicyChange
from callwarden.model.recording import RecordingState
from callwarden.model.webhook import DeliveryState
from callwarden.ports.bus import EventBus
from callwarden.ports.catalogue import Catalogue, RecordingFilter, Transaction, Waits
from callwarden.ports.clock import Clock
from callwarden.ports.disk import Disks, Space
from callwarden.ports.log import LogDamagedError, LogReader
from callwarden.rules.operations import Signs, Wants, wanted
from callwarden.rules.redating import DATED_BY, is_waiting
from callwarden.rules.rights import Act
from callwarden.rules.sweeping import Stopped

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the catalogue knows: by reason what is in quarantine and what lies with the dead letters, how many
    recordings are due and since when, how many only with their audio, notices by how they stand, and of how many copies
    of experiments revoked items are still to be taken out."""

    quarantine: Mapping[str, int]
    dead_letters: Mapping[str, int]
    due: int
    audio_due: int
    due_since: datetime | None
    notices: Mapping[DeliveryState, int]
    policy_waits: bool
    """What is stored keeps its dates until somebody approves the changed policy."""
    redating: PolicyChange | None
    """By which what is stored is being dated anew."""
    revocations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """How the system stood `at` an instant. None: out of reach, as `faults` say by part."""

    at: datetime
    sums: Balance | None
    lag: Sequence[Lag]
    waits: Sequence[Waits]
    rows: Rows
    stopped: Stopped | None
    log: LogStatus | None
    checkpoint_every: timedelta
    disks: Sequence[Space]
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def tail_age(self) -> timedelta | None:
        """How long the oldest entry of the log has waited for a checkpoint."""
        return None if self.log is None else tail_age(self.log.unanchored_since, now=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsDesk:
    """`stopped` says why a sweep by the clock would leave what is due. Thread-safe."""

    acts: Acts
    clock: Clock
    catalogue: Catalogue
    bus: Callable[[], EventBus]
    log: LogReader
    policy: Policy
    stopped: Callable[[], Stopped | None]
    disks: Disks
    checkpoint_every: timedelta

    def shown(self, actor: Actor) -> Operations:
        """How everything stands now. Raises RefusedError; RetryableError where the catalogue is out of reach."""
        with self.acts.perform(Act.OPERATIONS_SHOW, actor) as doing:
            rows = self._rows(doing.tx)
        faults: dict[str, str] = {}
        return Operations(
            at=self.clock.now(),
            sums=_reached("bus", faults, lambda: balance(self.bus(), self.catalogue)),
            lag=_reached("bus", faults, lambda: list(lags(self.bus()))) or (),
            waits=self.catalogue.waits(),
            rows=rows,
            stopped=_reached("sweep", faults, self.stopped),
            log=_reached("log", faults, self.log.status),
            checkpoint_every=self.checkpoint_every,
            disks=self.disks.spaces(),
            faults=faults,
        )

    def _rows(self, tx: Transaction) -> Rows:
        now = self.clock.now()
        aside = tx.recordings.find(RecordingFilter(states=frozenset({RecordingState.QUARANTINED})))
        letters = [one for one in tx.dead_letters.all() if one.discarded_at is None and one.retried_at is None]
        [*first] = tx.recordings.due(now=now, limit=1)
        notices = Counter[DeliveryState]()
        changes = tx.policy_changes.all()
        running = (each for each in changes if each.state is ChangeState.RUNNING and not each.altered)
        for (_, state), number in tx.webhook_deliveries.count().items():
            notices[state] += number
        return Rows(
            quarantine=Counter(one.quarantine_reason or "" for one in aside),
            dead_letters=Counter(one.reason.value for one in letters),
            due=tx.recordings.count_due(now=now),
            audio_due=tx.recordings.count_audio_due(now=now),
            due_since=max((one for one in (first[0].keep_until, first[0].not_before) if one), default=None)
            if first
            else None,
            notices=notices,
            policy_waits=is_waiting(tx.landmarks.get(DATED_BY), changes, self.policy),
            redating=next(running, None),
            revocations=sum(bool(one.to_take_out) for each in tx.experiments.all() for one in standings(tx, each)),
        )


def wants_of(found: Operations, *, steps_stopped: bool) -> tuple[Wants, ...]:
    """What wants a person. Whether steps are stopped is for whoever watches them to say."""
    age = found.tail_age
    return wanted(
        Signs(
            out_of_reach=bool(found.faults),
            balanced=None if found.sums is None else found.sums.balanced or bool(found.sums.deleted_unread),
            deleted_unread=0 if found.sums is None else sum(found.sums.deleted_unread.values()),
            sweep_stopped=found.stopped is not None,
            longest_overdue=timedelta() if found.rows.due_since is None else found.at - found.rows.due_since,
            log_late=age is not None and age > late_after(found.checkpoint_every),
            least_free=min((one.free / one.total for one in found.disks if one.total), default=1.0),
            steps_stopped=steps_stopped,
            quarantined=sum(found.rows.quarantine.values()),
            dead_letters=sum(found.rows.dead_letters.values()),
            dead_notices=found.rows.notices.get(DeliveryState.DEAD, 0),
            revocations=found.rows.revocations,
        )
    )


def _reached(part: str, faults: dict[str, str], ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (RetryableError, LogDamagedError) as error:
        faults[part] = str(error)
        return None
