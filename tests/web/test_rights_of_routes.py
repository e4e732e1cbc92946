"""Every act has a route, every route asks the table of rights, whoever asks and however they say who they are (U2)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from callwarden.model.access import MACHINES, Actor, Readable, Role
from callwarden.model.ids import LineId
from callwarden.model.log_entry import Operation
from callwarden.model.token import TokenId
from callwarden.rules.rights import RIGHTS, Act
from callwarden.workers.web.app import API, application
from callwarden.workers.web.routes import OPEN, table
from tests.support.description import bodies_of, filled
from tests.support.site import Site
from tests.support.web import OLGA, token_of

_AT_THE_MACHINE: Final = "works on files or keys at the machine itself, or on a system that does not come up"
WITHOUT_A_ROUTE: Final[dict[Act, str]] = {
    Act.REQUEST_CLOSE: "no person does it",
    Act.BREAKGLASS_END: "no person does it",
    Act.TESTING_END: "no person does it",
    Act.WEBHOOK_END: "no person does it",
    Act.EVALUATION_END: "no person does it",
    Act.EXPERIMENT_END: "no person does it",
    Act.EXPERIMENT_REVOKE: "no person does it",
    Act.DISPOSE_RUN: "the sweep is a worker's: what it destroys takes longer than an answer may",
    Act.DISPOSE_ASK: "lets a sweep go that runs at once, and so is given where it runs: callwarden dispose",
    Act.DISPOSE_CONFIRM: "lets a sweep go that runs at once, and so is given where it runs: callwarden dispose",
    Act.LOG_EXPIRE: "deletes months of the log, for which its writers stand still",
    Act.LOG_ROTATE_KEY: _AT_THE_MACHINE,
    Act.LOG_BEGIN_ASK: _AT_THE_MACHINE,
    Act.LOG_BEGIN_CONFIRM: _AT_THE_MACHINE,
    Act.JOURNAL_ADOPT: _AT_THE_MACHINE,
    Act.RECONCILE_REPAIR: "compares everything that is stored: callwarden reconcile",
    Act.LIFECYCLE_APPLY: "a deployment's: callwarden lifecycle apply",
    Act.TOKEN_ISSUE_FIRST: "at the machine itself, while nobody has a token",
    Act.BACKUP_MAKE: _AT_THE_MACHINE,
    Act.BACKUP_RESTORE: _AT_THE_MACHINE,
}
_PEOPLE: Final = sorted(frozenset(Role) - MACHINES)
_NARROWED: Final = (Role.DPO, Role.SUPERVISOR)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("rights")) as made:
        yield made


@pytest.fixture(scope="module")
def app(site: Site) -> FastAPI:
    return application(site.system)


@pytest.fixture(scope="module")
def asking(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False, follow_redirects=False)


def _routes(app: FastAPI) -> list[tuple[str, str, frozenset[Act | Readable | str]]]:
    """Those of the API; what is under ``/holds`` is under ``/cases``."""
    found = [(method, path, done) for method, path, done in table(app) if path.startswith(API)]
    return [each for each in found if not each[1].startswith(f"{API}/holds")]


def test_every_act_has_a_route_or_a_reason_why_not(app: FastAPI) -> None:
    routed = {act for _, _, done in table(app) for act in done if isinstance(act, Act)}
    assert set(RIGHTS) - routed - set(WITHOUT_A_ROUTE) == set()
    assert routed & set(WITHOUT_A_ROUTE) == set()


@pytest.mark.parametrize("token", ["none", "wrong", "expired", "revoked"])
def test_without_a_token_that_is_good_every_route_answers_401_and_the_refusal_is_an_entry(
    site: Site, app: FastAPI, asking: TestClient, token: str
) -> None:
    site.clock.move(timedelta(minutes=10))  # strangers may try only so much at a time
    headers = _presented(site, token)
    for method, path, done in _routes(app):
        if done == frozenset({OPEN}):
            continue
        before = _entries(site)
        answer = asking.request(method, filled(path), headers=headers, json={} if method != "GET" else None)
        assert answer.status_code == 401, (method, path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert _entries(site) == before + 1, (method, path)


@pytest.mark.parametrize(
    ("role", "lines"), [*((role, None) for role in _PEOPLE), *((role, "monitoring-centre") for role in _NARROWED)]
)
def test_whom_the_table_gives_nothing_is_refused_and_that_is_an_entry(
    site: Site, app: FastAPI, asking: TestClient, role: Role, lines: str | None
) -> None:
    actor = Actor(role=role, name=f"somebody-{role}", lines=None if lines is None else frozenset({LineId(lines)}))
    headers = {"authorization": f"Bearer {token_of(site.system, actor)}"}
    bodies = bodies_of(app.openapi())
    for method, path, done in _routes(app):
        body = bodies.get((method, path))
        before = _entries(site)
        answer = asking.request(method, filled(path), headers=headers, json=body, params={"purpose": "quality"})
        assert answer.status_code < 500, (method, path, answer.text)
        acts = [RIGHTS[act] for act in done if isinstance(act, Act)]
        if acts and not any(right.is_for(actor) for right in acts):
            assert answer.status_code in {403, 404}, (method, path, answer.text)
        if answer.status_code in {403, 404}:
            assert answer.json()["reasons"], (method, path)
            assert _entries(site) > before, (method, path, answer.text)


def test_what_is_not_theirs_is_refused_whatever_they_send(site: Site, app: FastAPI, asking: TestClient) -> None:
    alice = Actor(role=Role.TRAINER, name="alice")
    headers = {"authorization": f"Bearer {token_of(site.system, alice)}"}
    tried = 0
    for method, path, done in _routes(app):
        acts = [RIGHTS[act] for act in done if isinstance(act, Act)]
        if method == "GET" or len(acts) != len(done) or any(right.is_for(alice) for right in acts):
            continue
        before, tried = _refusals(site), tried + 1
        answer = asking.request(method, filled(path), headers=headers, json={"no such field": 1})
        assert (answer.status_code, answer.json()["reasons"]) == (403, ["not_permitted"]), (method, path)
        assert _refusals(site) == before + 1, (method, path)
    assert tried > 50


def _refusals(site: Site) -> int:
    return sum(1 for _ in site.system.log_reader.entries(operations=[Operation.ACCESS_REFUSED]))


def _presented(site: Site, token: str) -> dict[str, str]:
    chloe = Actor(role=Role.DPO, name="chloe")
    match token:
        case "none":
            return {}
        case "wrong":
            return {"authorization": f"Bearer cw1.{'0' * 32}.{'A' * 43}"}
        case "expired":
            text = site.system.token_desk.issue(OLGA, chloe, lasts=timedelta(days=1))[1]
            site.clock.move(timedelta(days=2))
        case _:
            issued, text = site.system.token_desk.issue(OLGA, chloe, lasts=timedelta(days=1))
            site.system.token_desk.revoke(OLGA, TokenId(issued.token_id))
    return {"authorization": f"Bearer {text}"}


def _entries(site: Site) -> int:
    status = site.system.log_reader.status()
    return status.size + status.staged
