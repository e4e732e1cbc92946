"""The regions a policy may name are those whose numbers can be read."""

import phonenumbers

from callwarden.adapters.policy.regions import REGIONS


def test_every_region_of_the_numbering_plans_may_be_named_and_no_other() -> None:
    assert REGIONS == phonenumbers.SUPPORTED_REGIONS
