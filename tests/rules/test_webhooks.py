"""Who is told what, where a notice may go, and when it is tried again."""

import ipaddress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import LineId
from callwarden.model.webhook import (
    Answer,
    DeliveryFault,
    DeliveryState,
    TellsNothing,
    Told,
    TrialNotice,
    Webhook,
    WebhookEnd,
    WebhookId,
)
from callwarden.rules.webhooks import (
    GIVEN_UP_AFTER,
    after,
    delivery,
    delivery_id,
    is_told,
    may_be_reached,
    reach_of,
    rest,
    secret_of,
    signing,
    url_fault,
    without_number,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOOK = Webhook(
    webhook_id=WebhookId("wh-1"),
    url="https://hooks.example.com",
    events=frozenset({Told.STORED}),
    secret="whsec_new",
    added_by="otto",
    added_at=NOON,
)
OUTSIDE, INSIDE = reach_of((), loopback=False), reach_of((), loopback=True)
HOUSE = reach_of(("10.20.0.0/16", "fd00:20::/32"), loopback=False)
NOTICE = delivery(
    HOOK.webhook_id, TrialNotice(type="webhook.test", timestamp=NOON, data=TellsNothing()), about="1", now=NOON
)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.20.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.1.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fd00:20::1", "fe80::1", "ff02::1"),
        *(
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001:0:0:0:0:0:80ff:fffe",
        ),
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_of_the_internet(address: str) -> None:
    assert not may_be_reached(ipaddress.ip_address(address), OUTSIDE)


@given(st.ip_addresses(network="10.20.0.0/16") | st.ip_addresses(network="fd00:20::/32"))
def test_a_network_of_the_house_is_reached_where_the_settings_say_so(address: ipaddress.IPv4Address) -> None:
    assert may_be_reached(address, HOUSE)
    assert not may_be_reached(address, INSIDE)


@given(st.ip_addresses(v=4))
def test_an_address_in_the_clothes_of_another_is_reached_no_sooner_than_in_its_own(
    address: ipaddress.IPv4Address,
) -> None:
    for dressed in (f"::ffff:{address}", f"64:ff9b::{address}"):
        for reach in (OUTSIDE, INSIDE, HOUSE):
            if may_be_reached(ipaddress.ip_address(dressed), reach):
                assert may_be_reached(address, reach)


def test_public_addresses_are_reached_and_this_machine_on_an_embedded_system_only() -> None:
    assert may_be_reached(ipaddress.ip_address("9.9.9.9"), OUTSIDE)
    assert may_be_reached(ipaddress.ip_address("2620:fe::fe"), OUTSIDE)
    for here in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert may_be_reached(ipaddress.ip_address(here), INSIDE)


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.example.com/", "ftp://hooks.example.com/", "hooks.example.com", "https://", "https://:443/"),
        *("https://otto:secret@hooks.example.com/", "https://hooks.example.com/#part", "https://hooks example.com/"),
        *("https://hooks.example.com:99999/", "https://höoks.example.com/", "https://127.0.0.1/", "https://[::1]/"),
        *("https://169.254.169.254/latest", "http://127.0.0.1/", "https://hooks.example.com/" + "a" * 2000),
    ],
)
def test_an_address_that_cannot_be_one_of_a_receiver_is_said_so_at_once(url: str) -> None:
    assert url_fault(url, OUTSIDE)


def test_https_is_taken_and_http_to_this_machine_on_an_embedded_system() -> None:
    assert url_fault("https://hooks.example.com:8443/callwarden?line=1", OUTSIDE) is None
    for url in ("http://127.0.0.1:8080/", "http://localhost/hook", "http://[::1]:8080/"):
        assert url_fault(url, INSIDE) is None
        assert url_fault(url, HOUSE)
    assert url_fault("http://10.20.0.1/", HOUSE)


@pytest.mark.parametrize(
    "name",
    [
        "0612345678",
        "+33 6 12 34 56 78",
        "call-0033612345678-7",
        "33612345678",
        "06.12.34.56.78",
        "a+447911123456",
        "x/06-12-34-56-78",
    ],
)
def test_a_call_whose_name_may_hold_a_telephone_number_goes_without_its_name(name: str) -> None:
    assert without_number(name) is None


@pytest.mark.parametrize(
    "name", ["c-20261120-000017", "1763632801.1245", "0b9d6b6e-06f0-4a8e-9f11-3d0f3b9f4a10", "main"]
)
def test_other_names_of_calls_are_told(name: str) -> None:
    assert without_number(name) == name


def test_only_what_was_asked_for_is_told_and_only_of_its_line() -> None:
    lined = Webhook(**{**_fields(HOOK), "line": LineId("customer-service")})
    assert is_told(HOOK, Told.STORED, LineId("any"))
    assert not is_told(HOOK, Told.REFUSED, LineId("any"))
    assert is_told(lined, Told.STORED, LineId("customer-service"))
    assert not is_told(lined, Told.STORED, LineId("monitoring-centre"))
    assert not is_told(lined, Told.STORED, None)


@pytest.mark.parametrize("change", [{"altered": True}, {"ended": WebhookEnd.REMOVED}])
def test_an_ended_receiver_and_one_written_past_the_system_hear_nothing(change: dict[str, object]) -> None:
    assert not is_told(Webhook(**{**_fields(HOOK), **change}), Told.STORED, None)


def _fields(webhook: Webhook) -> dict[str, object]:
    return {name: getattr(webhook, name) for name in webhook.__dataclass_fields__}


def test_one_fact_has_one_id_for_each_receiver() -> None:
    assert delivery_id(WebhookId("wh-1"), "call.stored", "rec-1") == delivery_id(
        WebhookId("wh-1"), "call.stored", "rec-1"
    )
    others = [("wh-2", "call.stored", "rec-1"), ("wh-1", "call.disposed", "rec-1"), ("wh-1", "call.stored", "rec-2")]
    ids = {delivery_id(WebhookId(hook), kind, about) for hook, kind, about in others}
    assert len(ids) == 3
    assert delivery_id(WebhookId("wh-1"), "call.stored", "rec-1") not in ids


def test_after_a_rotation_both_secrets_sign_until_its_end() -> None:
    rotated = Webhook(**{**_fields(HOOK), "former_secret": "whsec_old", "former_until": NOON})
    assert signing(HOOK, now=NOON) == ("whsec_new",)
    assert signing(rotated, now=NOON - timedelta(seconds=1)) == ("whsec_new", "whsec_old")
    assert signing(rotated, now=NOON) == ("whsec_new",)


def test_a_secret_is_as_the_convention_writes_it() -> None:
    assert secret_of(b"\0" * 32) == "whsec_" + "A" * 43 + "="


@given(st.sampled_from([fault for fault in DeliveryFault if fault is not DeliveryFault.GONE]))
def test_a_notice_is_tried_again_with_growing_pauses_and_is_dead_after_three_days(fault: DeliveryFault) -> None:
    one, now, instants = NOTICE, NOON, [NOON]
    while one.state is DeliveryState.WAITING:
        now = one.again_at
        instants.append(now)
        one = after(one, Answer(fault=fault), now=now)
    pauses = [later - sooner for sooner, later in pairwise(instants[1:])]
    assert pauses == sorted(pauses)
    assert one.state is DeliveryState.DEAD
    assert one.tries == len(instants) - 1 >= 10
    assert timedelta(days=2) < now - NOON <= GIVEN_UP_AFTER


def test_a_notice_that_was_taken_or_whose_receiver_is_gone_is_tried_no_more() -> None:
    taken = after(NOTICE, Answer(status=204), now=NOON)
    gone = after(NOTICE, Answer(status=410, fault=DeliveryFault.GONE), now=NOON)
    assert (taken.state, taken.ended_at) == (DeliveryState.DELIVERED, NOON)
    assert (gone.state, gone.fault) == (DeliveryState.DEAD, DeliveryFault.GONE)


@given(st.integers(0, 1000))
def test_a_receiver_that_does_not_work_rests_five_minutes_at_most_and_one_that_rejects_does_not(failures: int) -> None:
    down = (Answer(fault=DeliveryFault.TIMEOUT), Answer(status=503, fault=DeliveryFault.REJECTED))
    assert all(timedelta(seconds=5) <= rest(one, failures) <= timedelta(minutes=5) for one in down)
    assert not any(
        rest(one, failures) for one in (Answer(status=204), Answer(status=422, fault=DeliveryFault.REJECTED))
    )
