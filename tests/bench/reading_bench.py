"""How many decisions to read a second, over every role, purpose, artefact and state of the shipped policy."""

import time
from itertools import cycle, islice, product
from typing import Any

from callwarden.model.access import Actor, Readable, Role
from callwarden.model.purpose import Purpose
from callwarden.rules.reading import Question, decide
from tests.rules.test_reading import NOON, POLICY, STATES

DECISIONS = 200_000


def run() -> dict[str, dict[str, Any]]:
    """`ours` is decisions a second on one core; `baseline` is what was promised."""
    questions = [
        Question(
            actor=Actor(role=role, name="somebody"),
            purpose=purpose,
            what=what,
            recording=state.recording,
            redaction_complete=state.redaction_complete,
            glass_broken=False,
            now=NOON,
        )
        for role, purpose, what, state in product(Role, Purpose, Readable, STATES)
    ]
    asked = list(islice(cycle(questions), DECISIONS))
    began = time.perf_counter()
    for question in asked:
        decide(question, policy=POLICY)
    rate = DECISIONS / (time.perf_counter() - began)
    return {"reading_decisions_per_s": {"ours": rate, "baseline": 50_000.0, "ratio": rate / 50_000.0, "runs": 1}}
