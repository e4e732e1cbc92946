"""The application over a test's system: asked in the process, or served on a port for browsers and clients."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from callwarden.wiring import System
from callwarden.workers.web.app import application
from callwarden.workers.web.serving import address_of, listen

OLGA = Actor(role=Role.OPERATOR, name="olga")


def token_of(system: System, actor: Actor) -> str:
    """A token this actor is known by."""
    return system.token_desk.issue(OLGA, actor, lasts=timedelta(days=30))[1]


def client(system: System, actor: Actor | None = None, **options: Any) -> TestClient:
    """Asks the application in this process, as this actor by a token; errors are answers, as over a network."""
    headers = {} if actor is None else {"authorization": f"Bearer {token_of(system, actor)}"}
    return TestClient(
        application(system), headers=headers, raise_server_exceptions=False, follow_redirects=False, **options
    )


@contextmanager
def served(system: System, *, app: FastAPI | None = None) -> Iterator[str]:
    """The application on a port of its own; gives its address, ``http://127.0.0.1:PORT/``."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app or application(system), log_config=None, lifespan="off"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        assert httpx.get(f"{address_of(listening)}healthz", timeout=30).status_code == 200
        yield address_of(listening)
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
