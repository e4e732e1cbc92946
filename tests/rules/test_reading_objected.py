"""What an objection closes, and what it cannot (R3, R4, K3, U1)."""

from dataclasses import replace

import pytest

from callwarden.model.access import Actor, Readable, Role
from callwarden.model.purpose import Purpose
from callwarden.rules.reading import Deny, Question, ReadRefusal, decide
from tests.rules.test_reading import LIVE, NOON, POLICY

EVERYTHING = frozenset(purpose.value for purpose in Purpose)
DUTIES = {Purpose.RIGHTS_REQUEST, Purpose.FRAUD_CONTROL}
READERS = {
    Purpose.TRAINING: Role.TRAINER,
    Purpose.QUALITY: Role.TRAINER,
    Purpose.DISPUTE: Role.LEGAL,
    Purpose.STAFF_PROTECTION: Role.SUPERVISOR,
    Purpose.AI_EXPERIMENT: Role.ANALYST,
    Purpose.RIGHTS_REQUEST: Role.DPO,
    Purpose.FRAUD_CONTROL: Role.INVESTIGATOR,
}


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("held", [False, True])
def test_an_objection_closes_all_but_duties_and_the_dispute_a_recording_is_held_for(
    purpose: Purpose, held: bool
) -> None:
    verdicts = [
        decide(
            Question(
                actor=Actor(role=READERS[purpose], name="somebody"),
                purpose=purpose,
                what=what,
                recording=replace(LIVE, objected=EVERYTHING, holds=("DOSSIER-1",) if held else ()),
                redaction_complete=True,
                glass_broken=True,
                now=NOON,
            ),
            policy=POLICY,
        )
        for what in (Readable.REDACTED_TRANSCRIPT, Readable.ORIGINAL_AUDIO)
    ]
    closed = all(isinstance(one, Deny) and ReadRefusal.OBJECTED in one.reasons for one in verdicts)
    granted = [one for one in verdicts if not (isinstance(one, Deny) and ReadRefusal.NOT_PERMITTED in one.reasons)]
    opened = any(not isinstance(one, Deny) for one in verdicts)
    if purpose in DUTIES or (held and purpose is Purpose.DISPUTE):
        assert opened
    else:
        assert granted
        assert closed or not opened
        assert any(isinstance(one, Deny) and ReadRefusal.OBJECTED in one.reasons for one in granted)
