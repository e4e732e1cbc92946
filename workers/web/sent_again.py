"""What a program sends again under its word, once it is known who asks."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

from callwarden.errors import CallwardenError
from callwarden.model.access import Actor
from callwarden.model.given_answer import GivenAnswer
from callwarden.wiring import System

SENT: Final = "repeat"
BEGUN: Final = "begun"
ONCE: Final = "shown_once"
"""What stands in a request's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What may be sent again: under which word, and its bytes."""

    word: str
    body: bytes


class AnsweredBeforeError(CallwardenError):
    """It was done, and answered so."""

    def __init__(self, given: GivenAnswer) -> None:
        self.given = given
        super().__init__("it was done before")


def once(request: Request, system: System, actor: Actor) -> None:
    """Go on with what was not sent before. Raises AnsweredBeforeError, RefusedError as `Repeats.begin`."""
    sent: Sent | None = getattr(request.state, SENT, None)
    if sent is None or getattr(request.state, BEGUN, None) is not None:
        return
    what = f"{request.method} {request.url.path}?{request.url.query}"
    found = system.repeats.begin(actor, what, sent.word, sent.body)
    if found.status is not None:
        raise AnsweredBeforeError(found)
    setattr(request.state, BEGUN, found)


def show_once(request: Request) -> None:
    """What is answered now is kept nowhere."""
    setattr(request.state, ONCE, True)
