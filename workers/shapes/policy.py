"""What the policy says, who may read what, and who may do what."""

from callwarden.model.policy import Policy
from callwarden.rules.access_table import access_table
from callwarden.rules.policy_words import grant_words
from callwarden.rules.rights import RIGHTS
from callwarden.workers.shapes import Row


def policy_shape(policy: Policy) -> Row:
    """Everything the policy states, in its own words."""
    # Field by field where a value is not a plain one, so that periods and zones stay in the policy's own notation.
    fields = {name: getattr(policy, name) for name in policy.__dataclass_fields__}
    lines = [{name: getattr(line, name) for name in line.__dataclass_fields__} for line in policy.lines.values()]
    return {**fields, "lines": lines, "limits": policy.limits, "access": access_rows(policy)}


def access_rows(policy: Policy) -> list[Row]:
    """Who may read what, for which purpose: every grant."""
    return [
        {
            "role": grant.role,
            "purposes": sorted(grant.purposes),
            "artefacts": sorted(grant.artefacts),
            "conditions": grant_words(grant),
            "lines": sorted(grant.lines),
            "own_calls_only": grant.own_calls_only,
            "team_only": grant.team_only,
            "break_glass": grant.break_glass,
        }
        for grant in policy.access
    ]


def state_rows(policy: Policy) -> list[Row]:
    """What is open to whom in each state of a recording."""
    return [
        {
            "state": row.state,
            "role": row.role,
            "purposes": row.purposes,
            "artefacts": row.artefacts,
            "lines": row.lines,
            "break_glass": row.break_glass,
        }
        for row in access_table(policy)
    ]


def act_rows() -> list[Row]:
    """The table of acts. Programs of ours are named as they stand in the access log."""
    return [
        {
            "act": act.value,
            "who": [*sorted(right.roles), *(f"service:{program}" for program in sorted(right.programs))],
            "reach": right.scope.value,
            "people": 2 if right.two_people else 1,
            "by_policy": right.by_policy,
            "entry": right.entry.value,
        }
        for act, right in RIGHTS.items()
    ]
