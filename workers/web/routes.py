"""Which acts or readings a route is. A route that names none is refused when the application is put together (U2)."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts

from callwarden.errors import InvariantError
from callwarden.model.access import Actor, Readable
from callwarden.model.log_entry import EntryOutcome
from callwarden.rules.rights import RIGHTS, Act, ActRefusal, refusals

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_NAME: Final = "callwarden_does"
READING: Final = "the gate decides, by the policy"
OPEN: Final = "nothing of any call, and nothing anybody has to be known for"
OWN: Final = "only what is one's own: one's session, one's language"

Does = frozenset[Act | Readable | str]

LOOKS: Final = frozenset({Act.REQUEST_FIND, Act.REQUEST_FIND_NAMED, Act.REQUEST_PREVIEW})
"""Acts that may be done twice, for they find the same again: what they answer is looked for anew each time."""


def does(*acts: Act | Readable) -> Callable[[Endpoint], Endpoint]:
    """Says what a route performs or reads; stands under the route's own decorator."""
    return _marked(frozenset(acts))


def reads(endpoint: Endpoint) -> Endpoint:
    """The route reads at the gate, what its address says."""
    return _marked(frozenset({READING}))(endpoint)


def is_open(endpoint: Endpoint) -> Endpoint:
    """The route is for anybody: health, log-in, the description of the API."""
    return _marked(frozenset({OPEN}))(endpoint)


def own(endpoint: Endpoint) -> Endpoint:
    """The route is for whoever is logged in, about oneself only."""
    return _marked(frozenset({OWN}))(endpoint)


def _marked(what: Does) -> Callable[[Endpoint], Endpoint]:
    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _NAME, what)
        return endpoint

    return mark


def done_by(request: Request) -> Does:
    """What the route does that takes this request; nothing where none does."""
    found: Does = getattr(getattr(request.scope.get("route"), "endpoint", None), _NAME, frozenset())
    return found


def done_once(does: Does) -> frozenset[Act]:
    """The acts for which a route is not done twice under one ``Idempotency-Key``. None for what only reads, whatever
    its method is: that is decided, logged and read again."""
    acts = frozenset(act for act in does if isinstance(act, Act))
    changes = any(RIGHTS[act].outcome is EntryOutcome.DONE and act not in LOOKS for act in acts)
    return acts if changes else frozenset()


def never_theirs(does: Does, actor: Actor) -> Act | None:
    """An act of a route that the table of rights gives this actor in no case, where all that the route does are so."""
    refused = sorted(act for act in does if isinstance(act, Act) and _is_refused(actor, act))
    return refused[0] if refused and len(refused) == len(does) else None


def _is_refused(actor: Actor, act: Act) -> bool:
    return ActRefusal.NOT_PERMITTED in refusals(actor, RIGHTS[act])


def table(app: FastAPI) -> Iterator[tuple[str, str, Does]]:
    """Every route: method, path, what it does. Raises InvariantError for one that does not say."""
    for route in iter_route_contexts(app.routes):
        done = getattr(route.endpoint, _NAME, None)
        if done is None:
            raise InvariantError(f"{route.path} does not say which act or reading it is: see workers/web/routes.py")
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield method, route.path or "", done
