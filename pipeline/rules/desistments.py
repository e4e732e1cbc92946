"""What a desistment ends: it is the act of who began something, and gives up the proceedings, not the claim (K3).

CPC 394, 395, 398. Before a decision only a desistment of the action ends a case: after one of the instance the claim
may be brought again, and the calls be asked for again.
"""

from collections.abc import Sequence

from callwarden.model.court import CourtKind
from callwarden.model.procedure import CaseEvent, EventType, GivenUp, Matter
from callwarden.rules.appeal_ways import withdrawals
from callwarden.rules.court_decisions import Decision


def gives_up_the_action(event: CaseEvent, matter: Matter) -> bool:
    """Whether by this the claimant, alone or with all the others, gives up the claim itself."""
    given_up = event.type is EventType.DESISTED and event.gives_up is GivenUp.ACTION
    return given_up and (event.party is None or event.party in _claimants(matter))


def without_effect(matter: Matter, made: Sequence[Decision]) -> tuple[str, ...]:
    """In words, what is missing for a desistment to end something; of those about the newest decision."""
    kind = matter.court.kind
    if made:
        ended = withdrawals(made[-1], kind)
        events = [event for event in made[-1].of(EventType.DESISTED) if event not in ended]
    elif kind is CourtKind.CRIMINAL:
        return ()
    else:
        events = [event for event in matter.events if event.type is EventType.DESISTED]
    return tuple(_missing(event, matter, decided=bool(made)) for event in events)


def _missing(event: CaseEvent, matter: Matter, *, decided: bool) -> str:
    who, claimants = event.party or "all", _claimants(matter)
    said = f"the desistment of {event.on} by {who}"
    if event.gives_up is GivenUp.ACTION and not claimants:
        return f"who the claimant is, who alone gives up the action (CPC 394): enter the summons with by, for {said}"
    if decided:
        return (
            f"the court, as {said} ends nothing: it is of who lodged an appeal or cassation (CPC 394), and falls when "
            "another party appeals after it (CPC 403)"
        )
    if event.party is not None and event.party not in claimants:
        lacks = "the claimant is not known: enter the summons with by" if not claimants else f"{who} did not begin it"
        return f"the decision of the court, as {said} ends nothing: it is the claimant's act (CPC 394), and {lacks}"
    return (
        f"whether the claim is brought again: {said} ends the proceedings, once accepted where it has to be (CPC 395), "
        "and not the action (CPC 398), so that the calls may be asked for again; if it was of the action, enter that"
    )


def _claimants(matter: Matter) -> frozenset[str]:
    return frozenset(event.by for event in matter.events if event.type is EventType.SUMMONS and event.by)
