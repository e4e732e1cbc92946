"""Cases of litigation: what they say and said, what they hold, and by what criteria."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callwarden.model.court import Party
from callwarden.model.criteria import Criteria
from callwarden.model.hold import Case, Hold, Placement
from callwarden.model.ids import CaseId
from callwarden.workers.shapes import Row

if TYPE_CHECKING:
    from callwarden.desks.cases import ShownCase
    from callwarden.desks.holds import Placed, Released
    from callwarden.desks.placements import Preview

Shape = dict[str, object]


def case_row(case: Case, *, whole: bool) -> Shape:
    """What a case says; without its reason and parties where it is not `whole`."""
    return {
        "case": case.case_id,
        "state": case.state,
        "reason": case.reason if whole else None,
        "court": case.court,
        "seat": case.seat,
        "parties": [_party_of(party) for party in case.parties] if whole else None,
        "people": list(case.people),
        "responsible": case.responsible or case.opened_by,
        "opened_by": case.opened_by,
        "opened_at": case.opened_at,
    }


def listed_case(case: Case, holds: Sequence[Hold], waiting: int) -> Shape:
    """One case as `hold list` shows it."""
    return {
        **case_row(case, whole=bool(case.reason)),
        "release_requested": case.release_requested_by is not None,
        "recordings": [hold.recording_id for hold in holds],
        **_how_fast(holds),
        "waiting": waiting,
        "altered": case.altered or any(hold.altered for hold in holds),
    }


def case_shape(shown: "ShownCase") -> Shape:
    """Everything of one case, as `hold show` prints it."""
    return {
        **case_row(shown.case, whole=shown.whole),
        **_how_fast(shown.holds),
        "recordings": [hold.recording_id for hold in shown.holds],
        "not_fast": [{"recording_id": name, "objects": objects} for name, objects in shown.not_fast.items()],
        "refused": [
            {
                "recording_id": one.recording_id,
                "object": fault.key,
                "version": fault.version_id,
                "error": fault.error,
                "tries": one.tries,
                "again_at": one.again_at,
            }
            for one in shown.refused
            for fault in one.faults
        ],
        "history": [
            {"at": one.at, "by": one.by, "field": one.field, "before": one.before, "after": one.after}
            for one in shown.case.history
        ],
        "placements": [placement_row(one) for one in shown.placements],
    }


def placement_row(one: Placement) -> Row:
    """Criteria kept with a case, and how far holding by them has come."""
    return {
        "placement": one.placement_id,
        "state": one.state,
        "criteria": criteria_words(one.criteria),
        "once": one.once,
        "matched": one.matched,
        "kept": one.kept,
        "placed_by": one.placed_by,
        "placed_at": one.placed_at,
        "justification": one.justification,
        "confirmed_by": one.confirmed_by,
        "confirmed_at": one.confirmed_at,
    }


def criteria_words(criteria: Criteria) -> Shape:
    """What is asked for, by name; of persons and labels the pseudonyms."""
    values = {name: getattr(criteria, name) for name in Criteria.__dataclass_fields__}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items() if value}


def preview_shape(case: CaseId, found: "Preview") -> Shape:
    """What placing the same would hold."""
    return {
        "case": case,
        "count": found.tally.count,
        "already_gone": [{"recording_id": name, "certificate": digest} for name, digest in found.gone],
        "oldest": found.tally.oldest,
        "newest": found.tally.newest,
        "bytes": found.tally.size,
        "share": found.share,
        "takes_two_people": found.takes_two,
        "refused_as": found.refused_as,
    }


def placed_shape(placed: "Placed") -> Shape:
    """What placing came to."""
    return {
        "case": placed.case.case_id,
        "held": placed.held,
        "count": placed.count,
        "gone": placed.gone,
        "audio_gone": placed.audio_gone,
        "certificates": dict(placed.certificates),
        "unknown": placed.unknown,
        "placement": None if placed.placement is None else placed.placement.placement_id,
        "waiting_for_second_person": placed.waiting_for_second,
    }


def released_shape(released: "Released") -> Shape:
    """What a release came to."""
    return {
        "case": released.case.case_id,
        "state": released.case.state,
        "waiting_for_second_person": released.waiting_for_second,
        "recordings": released.recordings,
    }


def _how_fast(holds: Sequence[Hold]) -> Shape:
    return {"held": len(holds), "fast_in_vault": sum(1 for hold in holds if hold.applied_at is not None)}


def _party_of(party: Party) -> Row:
    """As it stands in a file that `hold procedure try` takes."""
    more = {"collectivity": party.collectivity} if party.collectivity else {}
    return {"id": party.party_id, "residence": party.residence, "appeared": party.appeared, **more}
