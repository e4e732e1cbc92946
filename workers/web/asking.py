"""Who asks, and of which system: a bearer token of `callwarden token issue`, or a session of the portal (U2)."""

from typing import Annotated

from fastapi import Depends, Request

from callwarden.errors import RefusedError
from callwarden.model.access import Actor
from callwarden.wiring import System


class NotSignedInError(RefusedError):
    """Nobody is known to ask: 401 at the API, the log-in page in the portal."""


def system_of(request: Request) -> System:
    """The system this application serves."""
    found: System = request.app.state.system
    return found


TheSystem = Annotated[System, Depends(system_of)]


def actor_of(request: Request, system: TheSystem) -> Actor:
    """Who asks. Raises NotSignedInError, of which the access log has an entry."""
    kind, _, presented = request.headers.get("authorization", "").partition(" ")
    token = presented.strip() if kind.lower() == "bearer" and presented.strip() else None
    try:
        return system.doorkeeper.actor_of(token, named=None)
    except RefusedError as error:
        raise NotSignedInError(error.reasons, str(error)) from error


Asking = Annotated[Actor, Depends(actor_of)]
