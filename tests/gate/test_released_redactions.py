"""A reviewer gets what a released redaction speaks of, and nothing else (I8, U4)."""

from typing import Any

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.purpose import Purpose
from callwarden.model.redaction_record import RedactionStatus
from tests.support.redactions import redacted
from tests.support.workshop import Workshop

TRAINER = Actor(role=Role.TRAINER, name="t.martin")


def read(shop: Workshop, recording_id: Any) -> bytes:
    return shop.system.gate.read(TRAINER, Purpose.TRAINING, recording_id, Readable.REDACTED_TRANSCRIPT).read_all()


@pytest.mark.parametrize(
    "made",
    [
        {"status": RedactionStatus.WITHHELD},
        {"status": RedactionStatus.WITHDRAWN},
        {"recorded": 2},
        {"generation": 2, "recorded": 1},
    ],
    ids=["withheld", "withdrawn", "older-generation", "newer-generation"],
)
def test_what_is_not_released_is_refused_although_it_is_stored(shop: Workshop, made: dict[str, Any]) -> None:
    one = shop.stored()
    redacted(shop, one, "texte", **made)
    with pytest.raises(RefusedError) as refused:
        read(shop, one)
    assert refused.value.reasons == ("redaction_incomplete",)


def test_an_artefact_without_a_record_is_refused(shop: Workshop) -> None:
    one = shop.stored()
    redacted(shop, one, "texte")
    with shop.system.catalogue.transaction() as tx:
        tx.redactions.remove([one])
    with pytest.raises(RefusedError) as refused:
        read(shop, one)
    assert refused.value.reasons == ("redaction_incomplete",)


def test_the_released_generation_is_read_and_after_its_withdrawal_the_next_one(shop: Workshop) -> None:
    one = shop.stored()
    redacted(shop, one, "premier")
    assert read(shop, one) == b"premier"
    redacted(shop, one, "second", generation=2)
    assert read(shop, one) == b"second"
