"""Time-stamps of a real authority (openssl), good and bad (L2; RFC 3161)."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.accesslog.proof.export import Kind
from callwarden.accesslog.proof.stamps import StampError
from callwarden.accesslog.timestamps.http import MAX_ANSWER_BYTES, AuthorityAddress, HttpTimestampAuthority
from callwarden.accesslog.timestamps.set_order import in_der_order
from callwarden.accesslog.timestamps.tokens import TimestampTrust, open_trust
from callwarden.errors import ConfigurationError
from callwarden.ports.timestamps import NotStampedError, StampingFault
from tests.log.stamped import Stamped, a_stamped
from tests.servers.tsa import Identity, Tsa, hang, make_identity, missing, send, serving

NOTE = b"log.example/callwarden\n8\nzVYVRJoX04ZZPxO5vJOt77Dc3P7hLETVyq4uAd0Mr6I=\n"

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@pytest.fixture
def stamped(tmp_path: Path) -> Iterator[Stamped]:
    made = a_stamped(tmp_path / "tsa")
    with serving(made.tsa):
        yield made


def test_a_time_stamp_proves_when_the_bytes_existed_and_openssl_agrees(stamped: Stamped, tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    obtained = stamped.authority().stamp(NOTE)
    assert before <= obtained.at <= datetime.now(UTC)
    assert stamped.trust.check(obtained.token, NOTE) == obtained.at
    (tmp_path / "note").write_bytes(NOTE)
    (tmp_path / "note.tsr").write_bytes(obtained.token)
    roots = stamped.roots_file(tmp_path)
    command = ["openssl", "ts", "-verify", "-data", "note", "-in", "note.tsr", "-CAfile", str(roots)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr


def test_the_authority_learns_a_digest_and_nothing_else(stamped: Stamped) -> None:
    stamped.authority().stamp(NOTE)
    [query] = stamped.tsa.asked
    assert len(query) < 100
    assert b"callwarden" not in query
    assert stamped.tsa.headers[0]["Content-Type"] == "application/timestamp-query"


def test_the_authoritys_password_goes_into_the_request_and_not_into_print(stamped: Stamped) -> None:
    address = AuthorityAddress(url=stamped.tsa.url, timeout_s=10, user="callwarden", password="s3cret")
    HttpTimestampAuthority(address, stamped.trust).stamp(NOTE)
    assert stamped.tsa.headers[0]["Authorization"] == "Basic Y2FsbHdhcmRlbjpzM2NyZXQ="
    assert "s3cret" not in repr(address)


def refused(stamped: Stamped, *, timeout_s: float = 10.0, trust: TimestampTrust | None = None) -> NotStampedError:
    with pytest.raises(NotStampedError) as caught:
        stamped.authority(timeout_s=timeout_s, trust=trust).stamp(NOTE)
    return caught.value


def test_an_answer_to_another_request_is_not_taken(stamped: Stamped) -> None:
    """Somebody replays an older answer over the same bytes: its nonce is not this request's."""
    older = stamped.authority().stamp(NOTE).token
    stamped.tsa.behave = lambda handler, _query: send(handler, older)
    error = refused(stamped)
    assert error.fault is StampingFault.WRONG
    assert "Nonce mismatch" in str(error)


def test_an_answer_over_another_digest_is_not_taken(stamped: Stamped) -> None:
    other = stamped.authority().stamp(b"other bytes").token
    stamped.tsa.behave = lambda handler, _query: send(handler, other)
    error = refused(stamped)
    assert (error.fault, "of other bytes" in str(error)) == (StampingFault.WRONG, True)


def test_an_authority_that_is_away_is_said_to_be(stamped: Stamped) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        stamped.tsa.url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert refused(stamped).fault is StampingFault.AWAY


def drip(tsa: Tsa) -> None:
    def behave(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not tsa.released.wait(0.02):  # each byte begins the socket's own time-out anew
            handler.wfile.write(b"0")

    tsa.behave = behave


@pytest.mark.parametrize("slow", [hang, drip])
def test_an_authority_that_hangs_costs_the_time_out_and_no_more(stamped: Stamped, slow: object) -> None:
    slow(stamped.tsa)  # type: ignore[operator]  # one of the two above
    authority, begun = stamped.authority(timeout_s=0.3), time.monotonic()
    for _ in range(2):
        with pytest.raises(NotStampedError) as caught:
            authority.stamp(NOTE)
        assert caught.value.fault is StampingFault.AWAY
    assert time.monotonic() - begun < 10  # not for as long as it drips
    assert [thread.name for thread in threading.enumerate()].count("timestamp") <= 2


def test_an_authority_that_refuses_is_quoted(stamped: Stamped) -> None:
    stamped.tsa.digests = "sha512"
    error = refused(stamped)
    assert error.fault is StampingFault.REJECTED
    assert "not supported" in str(error)


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        (b"<html>welcome to the portal</html>", 200, StampingFault.WRONG),
        (b"", 200, StampingFault.WRONG),
        (b"\x30\x80" + b"\x00" * 40, 200, StampingFault.WRONG),
        (b"0" * (MAX_ANSWER_BYTES + 1), 200, StampingFault.WRONG),
        (b"busy", 503, StampingFault.AWAY),
        (b"moved", 302, StampingFault.AWAY),
    ],
)
def test_garbage_is_no_time_stamp(stamped: Stamped, body: bytes, status: int, fault: StampingFault) -> None:
    stamped.tsa.behave = lambda handler, _query: send(handler, body, status=status)
    assert refused(stamped).fault is fault


def under(root: Identity) -> TimestampTrust:
    return TimestampTrust([root.certificate])


def test_an_authority_nobody_trusts_is_refused_however_true_its_answer(stamped: Stamped) -> None:
    stranger = make_identity("Throw-away root", authority=True)  # the same name, another key
    error = refused(stamped, trust=under(stranger))
    assert (error.fault, "trust roots" in str(error)) == (StampingFault.WRONG, True)
    token = stamped.authority().stamp(NOTE).token
    with pytest.raises(StampError) as caught:
        under(stranger).check(token, NOTE)
    assert caught.value.kind is Kind.TIMESTAMP_UNTRUSTED


def test_a_root_that_had_expired_when_it_stamped_proves_nothing(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    root = make_identity("Old root", authority=True, since=yesterday - timedelta(days=9), until=yesterday)
    with serving(Tsa(workdir=tmp_path, signer=make_identity("authority", by=root))) as tsa:
        assert refused(Stamped(root=root, tsa=tsa)).fault is StampingFault.WRONG


def test_a_token_outlives_the_certificate_it_was_made_under(tmp_path: Path) -> None:
    root = make_identity("root", authority=True)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    with serving(Tsa(workdir=tmp_path, signer=make_identity("authority", by=root, until=until))) as tsa:
        stamped = Stamped(root=root, tsa=tsa)
        obtained = stamped.authority().stamp(NOTE)
        time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds() + 0.1))
        assert stamped.trust.check(obtained.token, NOTE) == obtained.at < until


@pytest.mark.parametrize("order", [0, 1])
def test_a_chain_in_any_order_is_followed_to_its_root(tmp_path: Path, order: int) -> None:
    """Authorities send certificates in the order of their chain, which is not DER's: both ways round are tried."""
    root = make_identity("root", authority=True)
    middle = make_identity("middle", by=root, authority=True)
    chain = (middle, root) if order else (root, middle)
    with serving(Tsa(workdir=tmp_path, signer=make_identity("authority", by=middle), chain=chain)) as tsa:
        stamped = Stamped(root=root, tsa=tsa)
        obtained = stamped.authority().stamp(NOTE)
    assert stamped.trust.check(obtained.token, NOTE) == obtained.at
    assert len(in_der_order(obtained.token)) == len(obtained.token)


@pytest.fixture(scope="module")
def one_token(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, TimestampTrust]:
    made = a_stamped(tmp_path_factory.mktemp("tsa"))
    with serving(made.tsa):
        return made.authority().stamp(NOTE).token, made.trust


@given(at=st.integers(min_value=0), bit=st.integers(0, 7), cut=st.booleans())
def test_a_damaged_token_is_refused_or_proves_the_very_same(
    one_token: tuple[bytes, TimestampTrust], at: int, bit: int, *, cut: bool
) -> None:
    """Whatever a place's owner does to a kept token: never another error, never another time."""
    token, trust = one_token
    where = at % len(token)
    damaged = token[:where] if cut else token[:where] + bytes([token[where] ^ 1 << bit]) + token[where + 1 :]
    with suppress(StampError):
        assert trust.check(damaged, NOTE) == trust.check(token, NOTE)


@given(st.binary(max_size=200))
def test_any_bytes_are_put_in_order_or_left_alone(data: bytes) -> None:
    assert sorted(in_der_order(data)) == sorted(data)


def test_trust_roots_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    for file in (tmp_path / "empty.pem", tmp_path / "none.pem"):
        with pytest.raises(ConfigurationError, match=str(file)):
            open_trust(file)


@pytest.mark.parametrize("url", ["ftp://tsa.example/", "tsa.example", "https://user:pw@tsa.example/", "file:///etc"])
def test_an_address_that_is_none_is_refused_without_being_repeated(url: str, stamped: Stamped) -> None:
    with pytest.raises(ConfigurationError, match="CALLWARDEN_TIMESTAMP_URL") as caught:
        HttpTimestampAuthority(AuthorityAddress(url=url, timeout_s=1), stamped.trust)
    assert "pw" not in str(caught.value)
