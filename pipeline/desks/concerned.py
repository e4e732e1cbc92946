"""Whose calls: a number or a customer as a person writes it, and the pseudonym their calls are known under (D6)."""

from dataclasses import dataclass

from callwarden.errors import UsageError
from callwarden.model.ids import Pseudonym
from callwarden.model.policy import Policy
from callwarden.ports.keys import KeyStore
from callwarden.ports.numbers import NumberPlan
from callwarden.rules.dialled import is_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """Thread-safe. A telephone system's word is taken as it is; what a person typed is looked at (`typed`)."""

    policy: Policy
    keys: KeyStore
    numbers: NumberPlan

    def number(self, written: str, *, typed: bool = True) -> Pseudonym:
        """Raises UsageError for what nobody could have called from."""
        canonical = self.numbers.canonical(written, region=self.policy.region)
        if typed and not is_number(written, canonical=canonical):
            raise UsageError(f"{written!r} is no telephone number: write it as +33639980001 or 06 39 98 00 01")
        return self.keys.pseudonym("number", canonical)

    def customer(self, customer_id: str, *, typed: bool = True) -> Pseudonym:
        """Raises UsageError for a blank."""
        if typed and not customer_id.strip():
            raise UsageError("a customer has an id, such as --customer C-1029")
        return self.keys.pseudonym("customer", customer_id)
