"""The bucket's own expiry rules, derived from the policy: a backstop, later than any due date (K1, K2)."""

from collections.abc import Collection

from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy
from callwarden.ports.vault import LifecycleRule
from callwarden.rules.vault_layout import RETENTION_TAG


def lifecycle_rules(policy: Policy, *, earlier: Collection[str] = ()) -> tuple[LifecycleRule, ...]:
    """One rule for each retention period the policy knows, by its tag, and for those of `earlier` policies: what was
    stored under them carries their tags still.

    S3 counts whole days from an object's creation, which is never before the end of the call; the policy's margin
    comes on top. So the sweep is always first, and a held object, which carries no retention tag, never expires.
    """
    periods = {str(line.retention): line.retention for line in policy.lines.values()}
    periods |= {text: CalendarPeriod.parse(text) for text in earlier}
    periods[str(policy.quarantine)] = policy.quarantine
    return tuple(
        LifecycleRule(
            rule_id=f"callwarden-{period}",
            tags=((RETENTION_TAG, period),),
            expire_after_days=backstop_days(periods[period], policy.lifecycle_margin),
        )
        for period in sorted(periods)
    )


def backstop_days(period: CalendarPeriod, margin: CalendarPeriod) -> int:
    """Whole days that are surely longer than `period` and `margin` together."""
    return period.at_most_days() + margin.at_most_days() + 1
