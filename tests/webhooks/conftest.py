"""A system in memory whose notices go to a receiver made by hand, and a receiver in a process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.webhook import Answer, DeliveryId
from tests.support.receiver import Receiver, receiver
from tests.support.site import MovableClock
from tests.support.workshop import Workshop

OK = Answer(status=204)


@dataclass(slots=True)
class FakePoster:
    """`callwarden.ports.webhooks.WebhookPoster` that answers by URL, and remembers what it was given."""

    answers: dict[str, Answer] = field(default_factory=dict)
    posted: list[tuple[str, DeliveryId, bytes, tuple[str, ...]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, *, delivery_id: DeliveryId, secrets: Sequence[str], at: datetime) -> Answer:
        self.posted.append((url, delivery_id, body, tuple(secrets)))
        return self.answers.get(url, OK)


@dataclass(slots=True)
class Telling(Workshop):
    """A workshop with a time outside of its own."""

    outside: MovableClock = field(default_factory=MovableClock)
    poster: FakePoster = field(default_factory=FakePoster)

    def _open(self) -> Any:
        system = Workshop._open(self)
        system.stand_in(machine_clock=self.outside, webhook_poster=self.poster)
        return system

    def tell(self) -> None:
        """Take in what is published, and run the webhooks' step until nothing is due."""
        self.drain("objections", "ingest", "holds")
        self.drain("webhooks")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Telling]:
    with Telling(tmp_path) as built:
        yield built


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiver(tmp_path_factory.mktemp("receiver")) as one:
        yield one
