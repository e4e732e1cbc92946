"""The application over a test's system: asked in the process, or served on a port for browsers and clients."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any
from weakref import WeakKeyDictionary

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from callwarden.wiring import System
from callwarden.workers.web.app import application
from callwarden.workers.web.serving import address_of, configured, listen

OLGA = Actor(role=Role.OPERATOR, name="olga")


_APPLICATIONS: WeakKeyDictionary[System, FastAPI] = WeakKeyDictionary()


def _application(system: System) -> FastAPI:
    """One for each system, for it takes a while to make; what another test replaced in it is itself again."""
    if system not in _APPLICATIONS:
        _APPLICATIONS[system] = application(system)
    _APPLICATIONS[system].dependency_overrides.clear()
    return _APPLICATIONS[system]


def token_of(system: System, actor: Actor) -> str:
    """A token this actor is known by."""
    return system.token_desk.issue(OLGA, actor, lasts=timedelta(days=30))[1]


def client(system: System, actor: Actor | None = None, **options: Any) -> TestClient:
    """Asks the application in this process, as this actor by a token; errors are answers, as over a network."""
    headers = {} if actor is None else {"authorization": f"Bearer {token_of(system, actor)}"}
    return TestClient(
        _application(system),
        **{
            "base_url": "http://127.0.0.1",
            "headers": headers,
            "raise_server_exceptions": False,
            "follow_redirects": False,
            **options,
        },
    )


def csrf_of(page: str) -> str:
    """What the first form of a page carries."""
    return page.partition('name="csrf" value="')[2].partition('"')[0]


def logged_in(system: System, actor: Actor, password: str = "trois chevaux bleus") -> TestClient:
    """Asks as this person does in the portal: added where there is nobody of this name, and logged in by the page."""
    if actor.name not in {one.name for one in system.people_desk.listed(OLGA)}:
        system.people_desk.add(OLGA, actor, password)
    asking = client(system)
    form = {"name": actor.name, "password": password, "csrf": csrf_of(asking.get("/login").text), "next": "/"}
    answer = asking.post("/login", data=form)
    assert answer.status_code == 303, answer.text
    return asking


@contextmanager
def served(system: System, *, app: FastAPI | None = None) -> Iterator[str]:
    """The application on a port of its own; gives its address, ``http://127.0.0.1:PORT/``."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(configured(system, app or application(system)))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        assert httpx.get(f"{address_of(listening)}healthz", timeout=30).status_code == 200
        yield address_of(listening)
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
