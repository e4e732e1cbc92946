"""What goes over the wire, to a receiver that checks, fails, hangs and lies; and where nothing is sent at all."""

import socket
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callwarden.adapters.webhooks import HttpWebhookPoster
from callwarden.model.webhook import Answer, DeliveryFault, DeliveryId
from callwarden.rules.webhooks import reach_of, secret_of
from tests.support.certificates import self_signed
from tests.support.receiver import Receiver, receiver

HERE, HOUSE, OUTSIDE = (
    reach_of((), loopback=True),
    reach_of(("127.0.0.0/8",), loopback=False),
    reach_of((), loopback=False),
)
SECRET, FORMER = secret_of(b"1" * 32), secret_of(b"2" * 32)
ID = DeliveryId("msg_1")
BODY = '{"type":"webhook.test","timestamp":"2026-11-20T11:00:00+00:00","data":{},"é":1}'.encode()


def post(url: str, *, poster: HttpWebhookPoster | None = None, secrets: tuple[str, ...] = (SECRET,)) -> Answer:
    sender = poster or HttpWebhookPoster(reach=HERE, timeout_s=1.0)
    return sender.post(url, BODY, delivery_id=ID, secrets=secrets, at=datetime.now(UTC))


@pytest.fixture(autouse=True)
def anew(running: Receiver) -> None:
    running.behave("ok")
    running.knows(SECRET, FORMER)
    running.forget()


@pytest.mark.parametrize("secrets", [(SECRET,), (SECRET, FORMER)])
def test_the_receiver_finds_the_signature_of_every_secret_good(running: Receiver, secrets: tuple[str, ...]) -> None:
    assert post(running.url, secrets=secrets) == Answer(status=204)
    [got] = running.received()
    assert got["by"] == list(range(len(secrets)))
    assert (got["id"], got["path"], got["body"]["é"]) == (ID, "/hook", 1)
    assert got["headers"]["content-type"] == "application/json"
    assert got["headers"]["host"] == running.url.split("/")[2]


@pytest.mark.parametrize(
    ("how", "answer"),
    [
        ("fail", Answer(status=503, fault=DeliveryFault.REJECTED)),
        ("reject", Answer(status=422, fault=DeliveryFault.REJECTED)),
        ("gone", Answer(status=410, fault=DeliveryFault.GONE)),
        ("redirect", Answer(status=307, fault=DeliveryFault.REDIRECTED)),
        ("hang", Answer(fault=DeliveryFault.TIMEOUT)),
        ("drip", Answer(fault=DeliveryFault.TIMEOUT)),
        ("babble", Answer(fault=DeliveryFault.NOT_HTTP)),
        ("close", Answer(fault=DeliveryFault.NOT_HTTP)),
    ],
)
def test_whatever_a_receiver_does_is_an_answer_in_time(running: Receiver, how: str, answer: Answer) -> None:
    running.behave(how)
    assert post(running.url) == answer
    assert len(running.received()) == 1, "no redirection is followed"


def test_a_receiver_that_is_not_there_and_a_name_nobody_knows_are_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/").fault is DeliveryFault.UNREACHABLE
    assert post("https://nobody.invalid/").fault is DeliveryFault.UNREACHABLE


def test_nothing_is_sent_to_an_address_that_is_not_allowed(running: Receiver) -> None:
    for reach in (OUTSIDE, HOUSE):
        answer = post(running.url, poster=HttpWebhookPoster(reach=reach))
        assert answer.fault is DeliveryFault.ADDRESS_REFUSED, "without TLS only to this machine of an embedded system"
    assert running.received() == []


class _Names(HttpWebhookPoster):
    """One for whom a name answers anew each time."""

    def __init__(self, *answers: str) -> None:
        super().__init__(reach=HERE)
        self.left = list(answers)

    def resolve(self, host: str, port: int) -> list[str]:
        return self.left.pop(0).split()


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(running: Receiver) -> None:
    poster = _Names("127.0.0.1", "169.254.169.254")
    assert post(running.url, poster=poster) == Answer(status=204)
    assert poster.left == ["169.254.169.254"], "it is asked once for each try"
    assert post(running.url, poster=poster).fault is DeliveryFault.ADDRESS_REFUSED
    assert post(running.url, poster=_Names("127.0.0.1 10.0.0.1")).fault is DeliveryFault.ADDRESS_REFUSED


def test_the_certificate_is_the_name_s_although_the_connection_goes_to_an_address(tmp_path: Path) -> None:
    mine, others = self_signed(tmp_path / "mine", "localhost"), self_signed(tmp_path / "others", "elsewhere.example")
    trust = ssl.create_default_context(cafile=mine)
    trust.load_verify_locations(cafile=others)
    with receiver(tmp_path / "one", certificate=mine) as good:
        good.knows(SECRET)
        assert post(good.url, poster=HttpWebhookPoster(reach=HOUSE, trust=trust)) == Answer(status=204)
        assert [one["by"] for one in good.received()] == [[0]]
        assert post(good.url, poster=HttpWebhookPoster(reach=HOUSE)).fault is DeliveryFault.UNTRUSTED
    with receiver(tmp_path / "two", certificate=others) as bad:
        assert post(bad.url, poster=HttpWebhookPoster(reach=HOUSE, trust=trust)).fault is DeliveryFault.UNTRUSTED
        assert bad.received() == []


def test_an_endless_answer_is_not_read(running: Receiver) -> None:
    """The status is all that counts: a receiver that sends for ever has taken the notice."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_send_for_ever, args=(server,), daemon=True)
        thread.start()
        assert post(f"http://127.0.0.1:{server.getsockname()[1]}/") == Answer(status=200)
        thread.join(timeout=30)
        assert not thread.is_alive()


def _send_for_ever(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.sendall(b"4\r\nabcd\r\n" * 1000)
        except OSError:
            return
