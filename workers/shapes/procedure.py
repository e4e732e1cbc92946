"""What happens in a case before its court, where the case stands by it, and what is due."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from callwarden.model.hold import CaseState
from callwarden.model.procedure import ProcedureRules, Standing
from callwarden.rules.case_procedure import Due, DueKind, counting

if TYPE_CHECKING:
    from callwarden.desks.procedure import CaseStanding

Shape = dict[str, object]

UNCONFIRMED: Final = (
    "No lawyer has confirmed these periods yet: have one of yours check them against the articles, and write who did "
    "into the procedure file (confirmed:)."
)
DUE_WORDS: Final = {
    DueKind.EXHAUSTED: "every way of appeal is exhausted: propose the release (callwarden hold release CASE)",
    DueKind.CONFIRM: "its release is proposed: a second person confirms it (callwarden hold release CASE)",
    DueKind.ENDS: "the last day of the last way of appeal",
    DueKind.WAITING: "its calls are not held yet: a second person has to ask for the same (callwarden hold show CASE)",
    DueKind.REVIEW: "review whether it still has to hold what it holds (callwarden hold review CASE)",
}


def case_standing_shape(stands: "CaseStanding", rules: ProcedureRules) -> Shape:
    """The events of a case, and where it stands by them."""
    case, counts = stands.case, counting(stands.case)
    return {
        "case": case.case_id,
        "state": case.state,
        **({"review_on": stands.review_on} if case.state is CaseState.OPEN else {}),
        **({} if stands.entered is None else {"entered": stands.entered}),
        "events": [
            {
                "number": number,
                "type": entered.event.type if entered.event else "undone",
                "date": entered.event.on if entered.event else None,
                "party": entered.event.party if entered.event else None,
                "instance": entered.event.instance if entered.event else None,
                "by": entered.event.by if entered.event else None,
                "last_instance": entered.event.last_instance if entered.event else None,
                "of": entered.event.gives_up if entered.event else None,
                "undoes": entered.undoes,
                "counts": number in counts,
                "entered_at": entered.at,
                "entered_by": entered.by,
            }
            for number, entered in enumerate(case.events, 1)
        ],
        **standing_shape(stands.standing, rules),
    }


def standing_shape(standing: Standing, rules: ProcedureRules) -> Shape:
    """When every way is exhausted, by which articles, and who has confirmed the periods it was computed with."""
    return {
        "exhausted_on": standing.exhausted_on,
        "waiting_for": standing.waiting_for,
        "periods": {"version": rules.version, "confirmed_by_lawyer": rules.confirmed or None},
        **({} if rules.confirmed else {"note": UNCONFIRMED}),
        "sources": rules.sources,
        "ways": [asdict(way) for way in standing.ways],
    }


def reviewed_shape(stands: "CaseStanding") -> Shape:
    """When a case that was just reviewed is to be reviewed next."""
    return {"case": stands.case.case_id, "review_on": stands.review_on}


def due_row(each: Due) -> Shape:
    """One thing that is due of an open case."""
    what = DUE_WORDS[each.kind] + ("; but make sure of what is waited for" if each.waiting_for else "")
    row = {"case": each.case.case_id, "due": each.kind, "on": each.on, "what": what}
    return {**row, "waiting_for": each.waiting_for}
