"""Who asks, and of which system: a bearer token of `callwarden token issue`, or a session of the portal (U2)."""

import math
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Request

from callwarden.custody.sessions import SignedIn
from callwarden.custody.throttle import Tried
from callwarden.errors import RefusedError, TooOftenError
from callwarden.model.access import Actor
from callwarden.rules.attempts import Pace
from callwarden.rules.rights import ActRefusal
from callwarden.rules.sessions import SignInRefusal
from callwarden.wiring import System
from callwarden.workers.web.browsers import SAFE, SESSION, SentToken, address_of, came_from_here, kept
from callwarden.workers.web.rates import Rates
from callwarden.workers.web.routes import done_by, never_theirs
from callwarden.workers.web.sent_again import once

_TOKENS: Final = Pace(burst=200, each=timedelta(seconds=1))
"""Tokens that are refused, by address: each is an entry of the log."""
_HOW_TO_ASK: Final = "log in, or present a token of `callwarden token issue`: Authorization: Bearer TOKEN"


class NotSignedInError(RefusedError):
    """Nobody is known to ask: 401 at the API, the log-in page in the portal."""


def system_of(request: Request) -> System:
    """The system this application serves."""
    found: System = request.app.state.system
    return found


TheSystem = Annotated[System, Depends(system_of)]


def actor_of(request: Request, system: TheSystem, sent: SentToken) -> Actor:
    """Who asks. Raises NotSignedInError, of which the access log has an entry, TooOftenError; and RefusedError,
    ``form_forged``, for what a session's own page has not sent."""
    kind, _, presented = request.headers.get("authorization", "").partition(" ")
    token = presented.strip() if kind.lower() == "bearer" and presented.strip() else None
    session = kept(request, SESSION)
    if token is not None or session is None:
        found = _by_token(request, system, token)
        request.state.actor = found
        return found
    try:
        signed = system.sessions.who(session, address=address_of(request))
    except RefusedError as error:
        raise NotSignedInError(error.reasons, str(error)) from error
    if request.method not in SAFE:
        system.sessions.check_form(signed, sent if came_from_here(request) else None)
    request.state.signed_in = signed
    request.state.actor = signed.actor
    _decided(request, system, signed.actor)
    return signed.actor


def known(request: Request) -> Actor | None:
    """Who asks, where that is known by now."""
    found: Actor | None = getattr(request.state, "actor", None)
    return found


def signed_in(request: Request) -> SignedIn | None:
    """The session somebody asks in, once it is known who asks; None where a token speaks."""
    found: SignedIn | None = getattr(request.state, "signed_in", None)
    return found


def _by_token(request: Request, system: System, token: str | None) -> Actor:
    tried = [Tried(kind="token from", value=address_of(request), pace=_TOKENS)]
    if wait := system.throttle.look(tried):
        if token is None:
            raise NotSignedInError((ActRefusal.NOT_PERMITTED.value,), _HOW_TO_ASK)
        raise TooOftenError(
            (SignInRefusal.TOO_OFTEN.value,), "tried too often", retry_after_s=math.ceil(wait.total_seconds())
        )
    try:
        actor = system.doorkeeper.actor_of(token, named=None)
    except RefusedError as error:
        system.throttle.charge(tried)
        raise NotSignedInError(error.reasons, _HOW_TO_ASK if token is None else str(error)) from error
    _rates(request, system).charge(actor)
    _decided(request, system, actor)
    return actor


def _decided(request: Request, system: System, actor: Actor) -> None:
    """At the API, before a word of what was sent is judged: whether it is their act at all, and whether it was done
    before. Raises RefusedError, logged, and what `once` raises."""
    if request.url.path.startswith("/api/"):
        if (act := never_theirs(done_by(request), actor)) is not None:
            system.acts.admit(act, actor)
        once(request, system, actor)


def _rates(request: Request, system: System) -> Rates:
    """How often each token asks."""
    state = request.app.state
    if not hasattr(state, "requests"):
        state.requests = Rates(system.throttle, "requests", system.settings.requests_per_minute)
    found: Rates = state.requests
    return found


Asking = Annotated[Actor, Depends(actor_of)]
