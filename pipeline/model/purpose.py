"""The purposes a recording may be used for, and no others (U1)."""

from enum import StrEnum


class Purpose(StrEnum):
    TRAINING = "training"
    QUALITY = "quality"
    DISPUTE = "dispute"
    STAFF_PROTECTION = "staff_protection"
    AI_EXPERIMENT = "ai_experiment"
    RIGHTS_REQUEST = "rights_request"
    FRAUD_CONTROL = "fraud_control"


DUTIES = frozenset({Purpose.RIGHTS_REQUEST, Purpose.FRAUD_CONTROL})
"""Purposes whose basis is a legal obligation (U1): the right to object does not reach them (GDPR, article 21(1))."""

PSEUDONYMOUS = frozenset({Purpose.AI_EXPERIMENT})
"""Purposes for which nothing says whose call it was, of the agent neither (U5)."""

RECORDING = "recording"
"""What a caller objects to who objects to being recorded at all (R3)."""

OBJECTION_WORDS = (RECORDING, *(purpose.value for purpose in Purpose))
OBJECTABLE = frozenset(OBJECTION_WORDS)
"""Every word an objection may hold."""
