"""What a program sends again under its word, once it is known who asks.

What is kept of an answer is its status, ids and states, so that nothing of a call or of a person outlives them here;
and it is given again only after their right was decided again, with an entry (U2, U3).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from callwarden.errors import CallwardenError
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.rules.rights import RIGHTS, Act
from callwarden.wiring import System
from callwarden.workers.web.routes import done_by, done_once

SENT: Final = "repeat"
BEGUN: Final = "begun"
ONCE: Final = "shown_once"
"""What stands in a request's state."""

KEPT: Final = frozenset(
    {"case", "course", "delivery", "disclosure", "evaluation", "master_key", "note", "objection_id", "placement"}
    | {"recording_id", "request", "state", "status", "token_id", "webhook"}
)
"""What is kept of an answer: names of its ids and states. Never what people wrote or said, nor who they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What may be sent again: under which word, and its bytes."""

    word: str
    body: bytes


class AnsweredBeforeError(CallwardenError):
    """It was done, with this status and these ids."""

    def __init__(self, status: int, ids: Mapping[str, Any]) -> None:
        self.status = status
        self.ids = ids
        super().__init__("it was done before")


def once(request: Request, system: System, actor: Actor) -> None:
    """Go on with what was not sent before. Raises AnsweredBeforeError, RefusedError as `Repeats.begin`, and for who may
    no longer do it."""
    sent: Sent | None = getattr(request.state, SENT, None)
    acts = done_once(done_by(request))
    if sent is None or not acts or getattr(request.state, BEGUN, None) is not None:
        return
    what = f"{request.method} {request.url.path}?{request.url.query}"
    found = system.repeats.begin(actor, what, sent.word, sent.body)
    if found.status is not None:
        ids = ids_of(found.answer or "")
        about = request.path_params.get("rec") or ids.get("recording_id") or ids_of(sent.body).get("recording_id")
        recording = RecordingId(about) if isinstance(about, str) else None
        system.acts.repeat(_act_of(actor, acts), actor, recording_id=recording)
        raise AnsweredBeforeError(found.status, ids)
    setattr(request.state, BEGUN, found)


def ids_of(answer: str | bytes) -> dict[str, Any]:
    """What may be kept of an answer in JSON."""
    try:
        found = json.loads(answer)
    except ValueError:
        return {}
    members = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in members if name in KEPT and isinstance(value, str | int)}


def show_once(request: Request) -> None:
    """What is answered now is kept nowhere."""
    setattr(request.state, ONCE, True)


def _act_of(actor: Actor, acts: frozenset[Act]) -> Act:
    """Of a route's acts, one that is for them; else any, to be refused."""
    return min(acts, key=lambda act: (not RIGHTS[act].is_for(actor), act.value))
