"""Where a purpose rests on consent (GDPR, article 7), and a line keeps a call without a word from its caller."""

from callwarden.model.ids import LineId
from callwarden.model.policy import LegalBasis, Policy, WhenUnknown
from callwarden.rules.access_pack import basis_of, purposes_of


def kept_without_consent(policy: Policy) -> list[LineId]:
    """Lines whose calls are used on the ground of a consent that silence stands for."""
    return [
        line.line
        for line in policy.lines.values()
        if line.share
        and not (line.objection_honoured and line.when_unknown is WhenUnknown.REFUSE)
        and any(basis_of(one, policy) is LegalBasis.CONSENT for one in purposes_of(line.line, policy))
    ]
