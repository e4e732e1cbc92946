"""What does not work is told on pages in the reader's language, and nothing of it in another (U2)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from callwarden.errors import RetryableError
from callwarden.model.access import Actor, Role
from callwarden.workers.processes.running import CONSUMERS
from callwarden.workers.processes.running import STEPS as RUNNING
from callwarden.workers.web.portal.sentences import retold
from callwarden.workers.web.portal.troubles import FAULTS, STEPS
from tests.support.site import Site
from tests.support.web import client

OTTO = Actor(role=Role.OPERATOR, name="otto")


@pytest.mark.parametrize(
    "said",
    [
        "process 12 was not heard of for 40 s: it is stopped",
        "process 12: ingest was not heard of for 200 s: it hangs",
        "process 12: transcribe is left out, with work to do: no speech model",
        "process 12: ingest is stopped",
        "the vault /srv/vault is out of reach: its mark is not there (disk not mounted?)",
        "holding failed (AccessDenied)",
        "Kafka: committing: timed out",
    ],
)
def test_what_programs_say_of_a_fault_has_words_for_pages(said: str) -> None:
    assert retold(said, FAULTS, translated=str, shown=str) == said


def test_every_step_has_a_name() -> None:
    assert {*CONSUMERS, *RUNNING, "web"} <= set(STEPS)


def test_a_part_that_is_away_is_named_in_french_on_a_french_page(site: Site) -> None:
    def away(why: str) -> Any:
        def ask() -> Any:
            raise RetryableError(why, part="bus")

        return replace(site.system.operations_desk, bus=ask)

    for why, told in (
        ("Kafka: committing: timed out", "bus d’événements : Kafka : committing : timed out"),
        (
            "nobody has words for this",
            "bus d’événements : quelque chose a échoué : le journal du programme dit comment",
        ),
    ):
        site.system.stand_in(operations_desk=away(why))
        page = client(site.system, OTTO).get("/operations?lang=fr").text
        assert told in page, why
        assert "nobody has words" not in page
    assert "nobody has words for this" in client(site.system, OTTO).get("/operations?lang=en").text


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("troubles")) as made:
        made.system.make()
        yield made
