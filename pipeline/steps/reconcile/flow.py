"""What the bus and the landing areas still have, against what was decided (I1, I3)."""

from collections.abc import Iterator

from callwarden.custody.balance import Balance, gaps
from callwarden.errors import RetryableError
from callwarden.messages import CALLS_TOPIC
from callwarden.model.policy import Policy
from callwarden.model.recording import RecordingState
from callwarden.ports.bus import EventBus
from callwarden.ports.landing import LandingKeeper
from callwarden.rules.landing import is_overdue
from callwarden.steps.reconcile.values import Breach, LandingCount, Seen, breach
from callwarden.steps.reconcile.words import MESSAGES_DELETED_UNREAD


def landing_areas(seen: Seen, landing: LandingKeeper, policy: Policy) -> tuple[list[LandingCount], list[Breach]]:
    """How much lies in each area, and what is wrong with it."""
    counts, breaches = list[LandingCount](), list[Breach]()
    for area in landing.areas():
        try:
            overdue = [is_overdue(each, stays=policy.landing, now=seen.now) for each in landing.lying(area)]
        except RetryableError as error:
            breaches.append(breach("landing_out_of_reach", area, error=error))
            continue
        counts.append(LandingCount(area=area, lying=len(overdue), overdue=sum(overdue)))
        if any(overdue):
            breaches.append(breach("landing_overdue", area, count=sum(overdue)))
    return counts, breaches


def left_behind(seen: Seen, sums: Balance) -> Iterator[Breach]:
    """Recordings still on their way although no event is."""
    for recording_id, row in seen.recordings.items():
        if not sums.in_flight and row.state is RecordingState.PENDING:
            yield breach("recording_unfinished", recording_id)


def unread(bus: EventBus, sums: Balance) -> Iterator[Breach]:
    """What the bus deleted before it was read, and sums that do not add up."""
    for place, count in sums.deleted_unread.items():
        yield breach("deleted_unread", f"{place.topic}/{place.partition}", count=count)
    for gap in gaps(bus):
        words = MESSAGES_DELETED_UNREAD.format(count=gap.count, group=gap.group)
        yield Breach(code="deleted_unread", subject=f"{gap.place.topic}/{gap.place.partition}", what_to_do=words)
    if not (sums.balanced or sums.deleted_unread):
        yield breach("outcomes_unbalanced", CALLS_TOPIC)
