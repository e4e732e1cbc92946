"""The desk of what keeps a system in order: what was left behind, the bucket's own rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callwarden.desks.acts import Acts
from callwarden.model.access import Actor
from callwarden.ports.vault import LifecycleRule
from callwarden.rules.rights import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepDesk:
    """`repairing` is what a repair does on behalf of somebody, `rules` are what the policy makes of the bucket's
    lifecycle. Raises RefusedError, RetryableError. Thread-safe."""

    acts: Acts
    repairing: Callable[[Actor], object]
    rules: Callable[[], Sequence[LifecycleRule]]
    apply: Callable[[Sequence[LifecycleRule]], None]

    def repair(self, actor: Actor) -> None:
        """Replay the whole journal, destroy every stored version that nobody knows, give up stale uploads. The order
        is an entry before anything is destroyed. Raises ObjectHeldError."""
        with self.acts.perform(Act.RECONCILE_REPAIR, actor):
            pass
        self.repairing(actor)

    def apply_lifecycle(self, actor: Actor) -> Sequence[LifecycleRule]:
        """Make exactly the policy's rules the vault's own; which they are. Repeating it does no harm. Raises
        ConfigurationError where the vault has none of its own."""
        with self.acts.perform(Act.LIFECYCLE_APPLY, actor) as doing:
            rules = self.rules()
            self.apply(rules)
            doing.count = len(rules)
        return rules

    def ordered_backup(self, actor: Actor) -> None:
        """A backup is about to be made: the entry of it is in the backup itself."""
        with self.acts.perform(Act.BACKUP_MAKE, actor):
            pass

    def restored(self, actor: Actor) -> None:
        """A backup has been put back, in this state of the log."""
        with self.acts.perform(Act.BACKUP_RESTORE, actor):
            pass
