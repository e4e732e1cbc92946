"""Running the application: `callwarden work web`."""

import gc
import socket
from threading import Event, Thread
from typing import Final

import uvicorn
from fastapi import FastAPI

from callwarden.diagnostics import log
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.wiring import System
from callwarden.workers.web.app import application

_LOOK_S: Final = 1.0
_STOP_WITHIN_S: Final = 15


def serve_web(system: System, stop: Event) -> None:
    """Answer until `stop` is set; what is being answered is finished first. Raises ConfigurationError where the address
    cannot be had."""
    listening = listen(system.settings.portal_address, system.settings.portal_port)
    server = uvicorn.Server(configured(system, application(system)))
    settle()
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="web-server", daemon=True)
    thread.start()
    log.info("answering", address=address_of(listening))
    while thread.is_alive() and not stop.wait(_LOOK_S):
        pass
    server.should_exit = True
    thread.join(_STOP_WITHIN_S + 5)
    listening.close()
    if not stop.is_set():
        raise RetryableError("the web server has ended", part="web")


def settle() -> None:
    """What there is by now stays until the end, and the collector of garbage looks past it: some hundred thousand
    objects of routes and forms, through which it goes for a third of a second while every reader waits."""
    gc.collect()
    gc.freeze()


def configured(system: System, app: FastAPI) -> uvicorn.Config:
    """How the application of this system is served. What stands in X-Forwarded-For counts from trusted proxies only."""
    proxies = system.settings.trusted_proxies
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=_STOP_WITHIN_S,
        lifespan="off",
    )


def listen(address: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ConfigurationError naming the setting."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address, port))
        made.listen(128)
    except OSError as error:
        made.close()
        raise ConfigurationError(
            f"{address}:{port} cannot be listened on ({error.strerror}): set CALLWARDEN_PORTAL_PORT to another port, "
            "or 0 for any that is free"
        ) from error
    return made


def address_of(listening: socket.socket) -> str:
    """As a browser takes it."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
