"""An embedded system tells a receiver in a process of its own what became of calls, also once its worker was killed."""

from datetime import UTC, datetime
from pathlib import Path

from callwarden.custody.courier import LEASE
from callwarden.model.access import Actor, Role
from callwarden.model.webhook import DeliveryState, Told
from tests.support.processes import starter, until
from tests.support.receiver import Receiver
from tests.support.site import MovableClock, Site

OTTO = Actor(role=Role.OPERATOR, name="otto")
WITHOUT_SPEECH = ("objections", "ingest", "holds", "webhooks")


def test_what_became_of_calls_arrives_signed_and_a_killed_worker_s_notice_comes_again(
    tmp_path: Path, running: Receiver
) -> None:
    outside = MovableClock(datetime.now(UTC))
    with Site(tmp_path / "home") as site:
        site.system.stand_in(machine_clock=outside)
        desk = site.system.webhook_desk
        hook, secret = desk.add(OTTO, running.url, frozenset(Told))
        running.knows(secret)
        site.publish(site.event("c-1"), site.event("c-2", objections=["recording"]))
        site.drain(*WITHOUT_SPEECH)
        told = [(one["body"]["type"], one["body"]["data"]["call_id"], one["by"]) for one in running.received()]
        assert sorted(told) == [("call.refused", "c-2", [0]), ("call.stored", "c-1", [0])]

        running.behave("hang")
        site.publish(site.event("c-3"))
        site.drain("objections", "ingest")
        with starter(tmp_path, {"home": site.home, "partitions": 2}) as start:
            worker = start("webhooks")
            until(lambda: len(running.received()) > len(told) or not worker.alive())
            assert worker.alive(), worker.said.read_text()
            worker.kill()
        running.behave("ok")
        outside.instant = datetime.now(UTC) + LEASE
        site.drain("webhooks")
        [*_, first, again] = running.received()
        assert first["id"] == again["id"]
        assert again["body"]["data"]["call_id"] == "c-3"
        assert {one.state for one in desk.deliveries(OTTO, webhook_id=hook.webhook_id)} == {DeliveryState.DELIVERED}
        assert site.report().breaches == ()
