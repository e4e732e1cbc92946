"""What an item is pinned to, and what persons are called in an experiment (U5, L1)."""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from callwarden.model.experiment import ExperimentItemId
from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact

_LETTERS: Final = 32


def pin_of(artefacts: Iterable[Artefact]) -> str:
    """The hex SHA-256 of which stored forms an item is made of: kind, generation and digest of each. An item whose
    redaction was made anew has another pin."""
    lines = sorted(f"{one.kind.value} {one.generation} {one.sha256}\n" for one in artefacts)
    return sha256("".join(lines).encode()).hexdigest()


def item_name(key: bytes, recording_id: RecordingId) -> ExperimentItemId:
    """What a recording is called in the experiment of this key."""
    return ExperimentItemId(f"item-{_named(key, 'item', recording_id)}")


def person_name(key: bytes, kind: str, who: str) -> str:
    """What a person is called in the experiment of this key, and in no other: ``caller-…``, ``agent-…``."""
    return f"{kind}-{_named(key, kind, who)[:16]}"


def _named(key: bytes, kind: str, value: str) -> str:
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256").hex()[:_LETTERS]
