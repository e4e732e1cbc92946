"""Does this session still speak for somebody? (U2)"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from callwarden.model.access import Actor
from callwarden.model.person import Person, Session, SessionId
from callwarden.model.purpose import Purpose

_FORM: Final = re.compile(r"cs1\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")
_NEVER: Final = timedelta()


class SignInRefusal(StrEnum):
    """Why somebody is not let in; closed vocabulary, documented in docs/reasons.md."""

    FAILED = "login_failed"
    TOO_OFTEN = "login_too_often"
    SESSION_INVALID = "session_invalid"
    SESSION_EXPIRED = "session_expired"
    SESSION_ENDED = "session_ended"
    FORM_FORGED = "form_forged"
    PROVIDER_STATE = "provider_state"
    PROVIDER_REFUSED = "provider_refused"
    PROVIDER_TOKEN = "provider_token"  # noqa: S105 -- the name of a reason
    PROVIDER_NAME = "provider_name"
    PROVIDER_NO_ROLE = "provider_no_role"
    PROVIDER_OTHER_ACCOUNT = "provider_other_account"
    PERSON_REMOVED = "person_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """How long a session lasts: `idle` without being used, `altogether` in any case; and how long a purpose that was
    chosen is offered again."""

    idle: timedelta
    altogether: timedelta
    purpose: timedelta

    @property
    def notices_use(self) -> timedelta:
        """How exactly the last use is kept: a row is written at most this often."""
        return min(self.idle / 10, timedelta(minutes=1))


def written(session_id: SessionId, secret: str) -> str:
    """A session as the browser keeps it. `secret` is 32 random bytes in URL-safe base 64."""
    return f"cs1.{session_id.removeprefix('ses-')}.{secret}"


def read_session(text: str) -> tuple[SessionId, str] | None:
    """Id and secret of what a browser presents; None when it is no session at all."""
    match = _FORM.fullmatch(text)
    return None if match is None else (SessionId(f"ses-{match[1]}"), match[2])


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is random and long: a plain hash cannot be turned round."""
    return sha256(secret.encode()).hexdigest()


def form_token(secret: str) -> str:
    """What the forms of a session carry, so that no other site can fill them in; it tells nothing of the secret."""
    return urlsafe_b64encode(hmac.digest(secret.encode(), b"callwarden form", "sha256")).decode().rstrip("=")


def speaks_for(
    session: Session | None,
    person: Person | None,
    digest: str,
    *,
    now: datetime,
    lasting: Lasting,
    origins: frozenset[str],
) -> Actor | SignInRefusal:
    """Who acts in a session now, with the rights the person has now. `session` is what is kept under its id, `person`
    whom it says it is of, `digest` that of the secret presented; `origins` are how people may be recognised at present.

    Whoever does not hold the true secret learns nothing of what became of it.
    """
    if session is None or session.altered or not hmac.compare_digest(session.digest, digest):
        return SignInRefusal.SESSION_INVALID
    if person is None or person.altered or person.person_id != session.person_id:
        return SignInRefusal.SESSION_INVALID
    over = (session.ended_at is not None, person.removed_at is not None, person.credential != session.credential)
    if any(over) or session.origin not in origins:
        return SignInRefusal.SESSION_ENDED
    if not now - session.began_at >= _NEVER or now >= session.ends_at or now - session.seen_at >= lasting.idle:
        return SignInRefusal.SESSION_EXPIRED
    return person.actor


def purpose_now(session: Session, *, now: datetime) -> Purpose | None:
    """The purpose that was chosen in a session, while it is offered again."""
    return session.purpose if session.purpose_until is not None and now < session.purpose_until else None
