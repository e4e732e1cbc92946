"""Logging in at the company's identity provider: a real one, and one that lies (U2, L1)."""

import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from callwarden.model.access import Role
from callwarden.model.ids import LineId
from callwarden.model.log_entry import Operation
from callwarden.model.service_url import ServiceUrl
from tests.fakes.transaction import Rows
from tests.servers.identity import CLIENT, SECRET, RunningIdentity
from tests.support.lying_provider import LyingProvider, a_key, lying_provider
from tests.support.site import NOON
from tests.support.web import OLGA, client, csrf_of
from tests.support.workshop import Workshop

ROLES = ("cw-dpo=dpo", "cw-trainers=trainer")


def workshop(folder: Path, issuer: str, **changes: Any) -> Workshop:
    overrides = {
        "oidc_issuer": ServiceUrl(issuer),
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_roles": ROLES,
        "oidc_lines_claim": "lines",
        **changes,
    }
    return Workshop(folder, overrides=overrides)


def as_new(shop: Workshop) -> Workshop:
    """With nobody in it, and asking the provider anew; its application is made once, for that takes a while."""
    shop.parts["catalogue"].rows = Rows()
    assert shop.system.provider is not None
    shop.system.provider.provider._known.clear()  # type: ignore[attr-defined]
    return shop


def told(shop: Workshop) -> list[tuple[str, ...]]:
    return [one.reasons for one in shop.parts["catalogue"].log if one.operation is Operation.ACCESS_REFUSED]


def through_provider(address: str, name: str) -> str:
    """What a browser does there: follow, give the name and a password, consent; where it is sent back to."""
    with httpx.Client(timeout=30) as browser:
        answer = browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                location = str(httpx.URL(str(answer.url)).join(answer.headers["location"]))
                if "/login/callback" in location:
                    return location
                answer = browser.get(location)
                continue
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert prompt, answer.text
            action = re.search(r'action="([^"]+)"', answer.text)
            assert action
            sent = {"prompt": prompt[1], "login": name, "password": "any"}
            answer = browser.post(str(httpx.URL(str(answer.url)).join(action[1])), data=sent)
    raise AssertionError("the provider sent nobody back")


class TestRealProvider:
    """panva's oidc-provider."""

    @pytest.fixture(scope="class")
    @classmethod
    def one_shop(
        cls, tmp_path_factory: pytest.TempPathFactory, identity_provider: RunningIdentity
    ) -> Iterator[Workshop]:
        with workshop(tmp_path_factory.mktemp("real"), identity_provider.issuer) as made:
            yield made

    @pytest.fixture
    def shop(self, one_shop: Workshop) -> Workshop:
        one_shop.clock.instant = datetime.now(UTC)  # the provider's clock
        return as_new(one_shop)

    def log_in(self, asking: TestClient, name: str, *, wanted: str = "/me") -> httpx.Response:
        away = asking.get("/login/provider", params={"next": wanted})
        assert away.status_code == 303
        back = urlsplit(through_provider(away.headers["location"], name))
        return asking.get(f"{back.path}?{back.query}")  # type: ignore[return-value]

    def test_whoever_the_provider_knows_gets_the_role_and_the_lines_it_says(self, shop: Workshop) -> None:
        asking = client(shop.system)
        page = asking.get("/me")
        assert page.status_code == 401
        assert "/login/provider?next=%2Fme" in page.text
        assert 'type="password"' not in page.text
        answer = self.log_in(asking, "alice")
        assert (answer.status_code, answer.headers["location"]) == (303, "/me")
        page = asking.get("/me")
        assert "trainer:alice" in page.text
        assert "customer-service" in page.text
        [alice] = shop.system.people_desk.listed(OLGA)
        assert (alice.role, alice.lines, alice.password) == (
            Role.TRAINER,
            frozenset({LineId("customer-service")}),
            None,
        )
        other = client(shop.system)
        self.log_in(other, "denise")
        assert "dpo:denise" in other.get("/me").text, "the first role of the mapping that somebody has"

    def test_logging_out_here_leads_to_logging_out_there(self, shop: Workshop) -> None:
        asking = client(shop.system)
        self.log_in(asking, "alice")
        answer = asking.post("/logout", data={"csrf": csrf_of(asking.get("/me").text)})
        assert answer.status_code == 200
        elsewhere = answer.headers["refresh"].partition("url=")[2]
        there = httpx.get(elsewhere, timeout=30)
        assert there.status_code == 200, "the provider takes the hint and the address"
        assert "log" in there.text.lower()
        assert asking.get("/me").status_code == 401

    @pytest.mark.parametrize(("name", "reason"), [("gaston", "provider_no_role"), ("élise", "provider_name")])
    def test_whoever_has_no_role_or_no_plain_name_is_told_so(self, shop: Workshop, name: str, reason: str) -> None:
        answer = self.log_in(client(shop.system), name)
        assert answer.status_code == 403
        assert reason in answer.text
        assert told(shop) == [(reason,)]

    def test_who_has_no_lines_there_sees_none_here(self, shop: Workshop) -> None:
        self.log_in(client(shop.system), "nowhere")
        [person] = shop.system.people_desk.listed(OLGA)
        assert person.lines == frozenset()

    def test_an_answer_is_good_once_and_in_the_browser_that_began(self, shop: Workshop) -> None:
        asking, other = client(shop.system), client(shop.system)
        away = asking.get("/login/provider").headers["location"]
        sent = parse_qs(urlsplit(away).query)
        assert sent["code_challenge_method"] == ["S256"]
        assert sent["response_type"] == ["code"]
        back = urlsplit(through_provider(away, "alice"))
        other.get("/login/provider")
        assert other.get(f"{back.path}?{back.query}").status_code == 403, "another browser, with a log-in of its own"
        begun = dict(asking.cookies)
        assert asking.get(f"{back.path}?{back.query}").status_code == 303
        asking.cookies.update(begun)
        replayed = asking.get(f"{back.path}?{back.query}")
        assert replayed.status_code == 403
        assert told(shop) == [("provider_state",), ("provider_refused",)]

    def test_another_mapping_ends_the_sessions_of_the_one_before(self, shop: Workshop, tmp_path: Path) -> None:
        asking = client(shop.system)
        self.log_in(asking, "alice")
        with workshop(tmp_path, shop.overrides["oidc_issuer"].whole, oidc_roles=("cw-trainers=dpo",)) as changed:
            changed.system.stand_in(catalogue=shop.system.catalogue, keys=shop.system.keys)
            changed.clock.instant = shop.clock.instant
            elsewhere = client(changed.system)
            elsewhere.cookies.update(dict(asking.cookies))
            assert elsewhere.get("/me").status_code == 401
        assert asking.get("/me").status_code == 200


CLAIMS: Mapping[str, Any] = {
    "aud": CLIENT,
    "sub": "u1",
    "iat": int(NOON.timestamp()),
    "exp": int(NOON.timestamp()) + 300,
    "preferred_username": "alice",
    "groups": ["cw-trainers"],
    "lines": "*",
}


class TestLyingProvider:
    @pytest.fixture(scope="class")
    @classmethod
    def one_liar(cls) -> Iterator[LyingProvider]:
        with lying_provider() as running:
            yield running

    @pytest.fixture(scope="class")
    @classmethod
    def one_shop(cls, tmp_path_factory: pytest.TempPathFactory, one_liar: LyingProvider) -> Iterator[Workshop]:
        with workshop(tmp_path_factory.mktemp("lies"), one_liar.issuer) as made:
            yield made

    @pytest.fixture
    def lies(self, one_liar: LyingProvider) -> LyingProvider:
        one_liar.userinfo, one_liar.asked = {}, []
        return one_liar

    @pytest.fixture
    def shop(self, one_shop: Workshop) -> Workshop:
        one_shop.clock.instant = NOON
        return as_new(one_shop)

    def finish(self, shop: Workshop, lies: LyingProvider, **changes: Any) -> tuple[int, TestClient]:
        """A log-in whose token has these claims changed; ``...`` leaves one out, `token` takes its place."""
        asking = client(shop.system)
        sent = parse_qs(urlsplit(asking.get("/login/provider").headers["location"]).query)
        make = changes.pop("token", None)
        claims = {"iss": lies.issuer, "nonce": sent["nonce"][0], **CLAIMS, **changes}
        claims = {name: value for name, value in claims.items() if value is not ...}
        lies.token = lies.signed(claims) if make is None else make(lies, claims)
        answer = asking.get("/login/callback", params={"code": "c", "state": sent["state"][0]})
        return answer.status_code, asking

    def test_a_true_token_lets_in(self, shop: Workshop, lies: LyingProvider) -> None:
        status, asking = self.finish(shop, lies)
        assert (status, asking.get("/me").status_code) == (303, 200)

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": "somebody-else"},
            {"aud": ["callwarden", "somebody-else"]},
            {"aud": ...},
            {"azp": "somebody-else"},
            {"iss": "https://evil.example"},
            {"iss": ...},
            {"exp": int(NOON.timestamp()) - 61},
            {"exp": ...},
            {"iat": int(NOON.timestamp()) + 3600},
            {"iat": ...},
            {"nonce": "of another log-in"},
            {"nonce": ...},
            {"sub": ...},
        ],
        ids=str,
    )
    def test_a_token_that_is_not_for_us_not_now_or_not_for_this_log_in_is_refused(
        self, shop: Workshop, lies: LyingProvider, changes: dict[str, Any]
    ) -> None:
        status, asking = self.finish(shop, lies, **changes)
        assert (status, asking.get("/me").status_code) == (403, 401)
        assert ("provider_token",) in told(shop)
        assert shop.system.people_desk.listed(OLGA) == []

    @pytest.mark.parametrize(
        "forge",
        [
            lambda lies, claims: _by_hand(claims, "none"),
            lambda lies, claims: _by_hand(claims, "NONE"),
            lambda lies, claims: lies.signed(claims, key=a_key("another's")),
            lambda lies, claims: lies.signed(claims, key=a_key("another's"), kid="k2"),
            lambda lies, claims: _by_hand(claims, "HS256", key=lies.key.as_pem(private=False)),
            lambda lies, claims: _by_hand(claims, "HS256", key=SECRET.encode()),
            lambda lies, claims: lies.signed(claims)[:-8] + "AAAAAAAA",
            lambda lies, claims: "no token",
            lambda lies, claims: "",
        ],
        ids=["none", "NONE", "other key", "unknown key", "public key as secret", "our secret", "cut", "text", "empty"],
    )
    def test_a_token_the_providers_key_has_not_signed_is_refused(
        self, shop: Workshop, lies: LyingProvider, forge: Any
    ) -> None:
        status, asking = self.finish(shop, lies, token=forge)
        assert (status, asking.get("/me").status_code) == (403, 401)
        assert ("provider_token",) in told(shop)

    def test_what_it_says_besides_is_of_the_same_person_or_nothing(self, shop: Workshop, lies: LyingProvider) -> None:
        lies.userinfo = {"sub": "u2", "groups": ["cw-dpo"]}
        status, _ = self.finish(shop, lies)
        assert status == 403
        assert told(shop) == [("provider_token",)]

    @pytest.mark.parametrize(
        "answer",
        [
            {"code": "c", "state": "x"},
            {"code": "c"},
            {"code": "c", "state": "é"},
            {"error": "access_denied"},
            {},
        ],
        ids=str,
    )
    def test_an_answer_that_belongs_to_no_log_in_here_asks_the_provider_nothing(
        self, shop: Workshop, lies: LyingProvider, answer: dict[str, str]
    ) -> None:
        asking = client(shop.system)
        asking.get("/login/provider")
        assert asking.get("/login/callback", params=answer).status_code == 403
        assert "/token" not in lies.asked
        assert told(shop) == [("provider_state",)]

    def test_an_answer_of_another_provider_is_refused(self, shop: Workshop, lies: LyingProvider) -> None:
        """Mix-up (RFC 9207)."""
        asking = client(shop.system)
        sent = parse_qs(urlsplit(asking.get("/login/provider").headers["location"]).query)
        answer = {"code": "c", "state": sent["state"][0], "iss": "https://evil.example"}
        assert asking.get("/login/callback", params=answer).status_code == 403
        assert "/token" not in lies.asked

    def test_a_provider_that_is_away_is_no_way_in(self, tmp_path: Path) -> None:
        with workshop(tmp_path, "http://127.0.0.1:1") as shop:
            assert client(shop.system).get("/login/provider").status_code == 503
            assert client(shop.system).get("/login").status_code == 200

    def test_no_password_opens_anything_where_there_is_a_provider(self, shop: Workshop, lies: LyingProvider) -> None:
        asking = client(shop.system)
        form = {"name": "alice", "password": "trois chevaux bleus", "csrf": "", "next": "/"}
        assert asking.post("/login", data=form).status_code == 403


def _by_hand(claims: Mapping[str, Any], alg: str, *, key: bytes | None = None) -> str:
    """A token as no library would make it: unsigned, or signed with what is no secret."""

    def part(value: bytes) -> str:
        return urlsafe_b64encode(value).decode().rstrip("=")

    head = {"alg": alg, "typ": "JWT", "kid": "k1"}
    text = f"{part(json.dumps(head).encode())}.{part(json.dumps(dict(claims)).encode())}"
    return f"{text}.{'' if key is None else part(hmac.digest(key, text.encode(), 'sha256'))}"
