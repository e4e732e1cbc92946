"""The desk where a person has months of the access log deleted: never sooner than the policy says (L3)."""

from dataclasses import dataclass

from callwarden.custody.timekeeper import Timekeeper
from callwarden.desks.acts import Acts
from callwarden.errors import RefusedError
from callwarden.model.access import Actor
from callwarden.model.period import CalendarPeriod
from callwarden.rules.rights import Act

SHORTER_THAN_POLICY = "shorter_than_policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogExpiryDesk:
    """Takes orders to expire the log. Thread-safe."""

    acts: Acts
    retention: CalendarPeriod
    timekeeper: Timekeeper

    def order(self, actor: Actor, age: CalendarPeriod | None) -> CalendarPeriod:
        """The age from which months go, the policy's where none is given; entered before anything is deleted.

        Raises RefusedError: ``shorter_than_policy``, ``not_permitted``; ClockAstrayError.
        """
        wanted = self.retention if age is None else age
        with self.acts.perform(Act.LOG_EXPIRE, actor) as doing:
            if wanted.at_most_days() < self.retention.at_most_days():
                raise RefusedError(
                    (SHORTER_THAN_POLICY,),
                    f"the policy keeps the access log {self.retention}: {wanted} is less. Change log_retention first",
                )
            self.timekeeper.check(doing.tx)
        return wanted
