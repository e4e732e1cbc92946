"""The desk where the log is begun anew over a database that was set back: one person asks, another confirms (L2).

What is confirmed is the loss that was asked about, by its root, and no other.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from callwarden.accesslog.proof.values import VerifierKey
from callwarden.desks.acts import Acts
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.log_entry import Operation
from callwarden.ports.log import LogBook, LogReader, SetBack
from callwarden.rules.people import same_person
from callwarden.rules.rights import Act

REQUEST: Final = "log-beginning-request"
SECOND_PERSON_NEEDED: Final = "second_person_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBeginningDesk:
    """Takes requests and confirmations. Thread-safe."""

    acts: Acts
    log: LogReader
    book: Callable[[], LogBook]

    def begin_anew(self, actor: Actor) -> tuple[SetBack, VerifierKey]:
        """Ask for it, or confirm what another person asked for: then what is lost, and the key that signs from here on.

        Raises RefusedError: ``second_person_needed`` once it is asked for, ``not_permitted``; UsageError where nothing
        is lost; as `LogBook.set_back` and `LogBook.begin_anew`.
        """
        self.acts.admit(Act.LOG_BEGIN_ASK, actor)
        book = self.book()
        lost = book.set_back()
        if lost is None:
            raise UsageError("the log is not set back: no checkpoint proves more entries than the database holds")
        with self.acts.catalogue.snapshot() as tx:
            asked_by = _asked_by(tx.landmarks.sealed(REQUEST), lost)
        if asked_by is None or same_person(asked_by, actor.name):
            self._ask(actor, lost)
        return lost, book.begin_anew(lost, lambda successor: self._confirm(actor, lost, successor))

    def _ask(self, actor: Actor, lost: SetBack) -> None:
        with self.acts.perform(Act.LOG_BEGIN_ASK, actor, subject=_subject(lost)) as doing:
            doing.count, doing.digest = lost.lost.size - lost.there, lost.lost.root.hex()
            doing.tx.landmarks.save_sealed(REQUEST, json.dumps({"by": actor.name, "loss": _loss(lost)}))
        raise RefusedError(
            (SECOND_PERSON_NEEDED,),
            f"asked for: {lost.lost.size} entries were signed ({lost.place}, checkpoint {lost.checkpoint}) and the "
            f"database holds {lost.there}, so {lost.lost.size - lost.there} are lost, which log verify tells for ever; "
            "the log is begun anew once somebody else confirms it: callwarden log begin-anew --as ROLE:NAME",
        )

    def _confirm(self, actor: Actor, lost: SetBack, successor: VerifierKey) -> None:
        with self.acts.perform(Act.LOG_BEGIN_CONFIRM, actor, subject=_subject(lost)) as doing:
            asked_by = _asked_by(doing.tx.landmarks.sealed(REQUEST), lost)
            if asked_by is None or not self.log.noted(_subject(lost), Operation.LOG_BEGINNING_REQUESTED):
                raise RefusedError(
                    (SECOND_PERSON_NEEDED,), "the access log knows of nobody who asked for it: find out who wrote it"
                )
            doing.second_person(asked_by)
            doing.count, doing.digest = lost.lost.size - lost.there, lost.lost.root.hex()
            doing.correlation = f"logkey-ed25519-{successor.key_id.hex()}"


def _subject(lost: SetBack) -> str:
    return f"logloss-n{lost.lost.root.hex()[:8]}"


def _loss(lost: SetBack) -> list[str | int]:
    return [lost.there, lost.lost.size, lost.lost.root.hex()]


def _asked_by(text: str | None, lost: SetBack) -> str | None:
    """Who asked about this very loss."""
    found = json.loads(text) if text else {}
    return str(found["by"]) if found.get("loss") == _loss(lost) else None
