"""Webhooks on Apache Kafka, Ceph and PostgreSQL: over TLS, to an address the settings allow, with a rotated secret."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callwarden.adapters.webhooks import HttpWebhookPoster
from callwarden.model.access import Actor, Role
from callwarden.model.webhook import DeliveryState, Told
from callwarden.rules.webhooks import reach_of
from tests.faults.real import RealSite
from tests.support.certificates import self_signed
from tests.support.receiver import receiver
from tests.support.site import MovableClock

OTTO = Actor(role=Role.OPERATOR, name="otto")


def test_what_became_of_calls_is_told_from_real_servers(real: RealSite, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "localhost")
    reach = reach_of(("127.0.0.0/8", "::1/128"), loopback=False)
    poster = HttpWebhookPoster(reach=reach, trust=ssl.create_default_context(cafile=certificate))
    outside = MovableClock(datetime.now(UTC))
    real.reopen().stand_in(webhook_poster=poster, webhook_reach=reach, machine_clock=outside)
    desk = real.system.webhook_desk
    with receiver(tmp_path / "receiver", certificate=certificate) as running:
        hook, first = desk.add(OTTO, running.url, frozenset(Told))
        _, second = desk.rotate(OTTO, hook.webhook_id)
        running.knows(first, second)
        running.behave("fail")
        real.publish(real.event("told-1"), real.event("told-2", objections=["recording"]))
        real.drain("objections", "ingest", "webhooks")
        assert {one.state for one in desk.deliveries(OTTO, webhook_id=hook.webhook_id)} == {DeliveryState.WAITING}
        running.forget()
        running.behave("ok")
        outside.move(timedelta(minutes=1))
        real.drain("webhooks")
        mine = {"told-1", "told-2"}
        told = {(one["body"]["type"], one["body"]["data"]["call_id"], tuple(one["by"])) for one in running.received()}
        assert {one for one in told if one[1] in mine} == {
            ("call.stored", "told-1", (0, 1)),
            ("call.refused", "told-2", (0, 1)),
        }
        desk.remove(OTTO, hook.webhook_id)
    real.reopen()
