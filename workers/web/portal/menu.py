"""Where one can go, by role: only what the table of acts or the policy's readings gives this role (docs/policy.md)."""

from typing import Final

from callwarden.model.access import Actor, Role

_ALL: Final = frozenset(Role)
_MENU: Final[tuple[tuple[str, str, frozenset[Role]], ...]] = (
    ("/calls", "Calls", frozenset({Role.TRAINER, Role.SUPERVISOR, Role.INVESTIGATOR, Role.ANALYST, Role.LEGAL})),
    ("/courses", "Courses", frozenset({Role.TRAINER, Role.SUPERVISOR})),
    ("/evaluations", "Evaluations", frozenset({Role.TRAINER, Role.SUPERVISOR})),
    (
        "/figures",
        "Figures",
        frozenset({Role.ANALYST, Role.SUPERVISOR, Role.DPO, Role.AUDITOR, Role.OPERATOR}),
    ),
    ("/cases", "Cases", frozenset({Role.LEGAL, Role.DPO})),
    ("/requests", "Requests", frozenset({Role.DPO, Role.LEGAL})),
    ("/objections", "Objections", frozenset({Role.DPO})),
    ("/experiments", "Experiments", frozenset({Role.ANALYST, Role.DPO, Role.AUDITOR})),
    ("/testing", "Tests on real calls", frozenset({Role.ANALYST, Role.DPO})),
    ("/policy", "Policy", _ALL),
    ("/log", "Access log", frozenset({Role.AUDITOR, Role.DPO})),
    ("/operations", "Operations", frozenset({Role.OPERATOR, Role.AUDITOR, Role.DPO})),
    ("/breakglass", "Emergency access", frozenset({Role.INVESTIGATOR, Role.LEGAL, Role.DPO, Role.SUPERVISOR})),
)


def menu(actor: Actor | None) -> list[tuple[str, str]]:
    """``(address, name in English)`` for whoever reads; nothing for somebody unknown."""
    return [] if actor is None else [(address, name) for address, name, roles in _MENU if actor.role in roles]
