"""Accounts and their sessions, tokens, receivers of webhooks, emergency access (U4)."""

from dataclasses import replace
from datetime import datetime

from callwarden.model.act import NotReplayed, SessionEnded, name_of
from callwarden.model.break_glass import BreakGlass
from callwarden.model.person import Person
from callwarden.model.token import Token
from callwarden.model.webhook import Webhook, WebhookEnd
from callwarden.ports.catalogue import Transaction


def token(act: Token, tx: Transaction) -> bool:
    known = tx.tokens.get(act.token_id, lock=True)
    if known is not None and (known.revoked_at is not None or act.revoked_at is None):
        return False
    tx.tokens.save(act if known is None else replace(act, spent_at=act.spent_at or known.spent_at))
    return True


def person(act: Person, tx: Transaction) -> bool:
    known = tx.people.get(act.person_id, lock=True)
    if known is not None and known.version >= act.version:
        return False
    tx.people.save(act)
    return True


def session_ended(act: SessionEnded, tx: Transaction) -> bool:
    known = tx.sessions.get(act.session_id, lock=True)
    if known is None or known.ended_at is not None:
        return False
    tx.sessions.save(replace(known, ended_at=act.at))
    return True


def webhook(act: Webhook, tx: Transaction) -> bool:
    known = tx.webhooks.get(act.webhook_id, lock=True)
    if known is not None and _changed(act) <= _changed(known):
        return False
    tx.webhooks.save(act)
    return True


def _changed(webhook: Webhook) -> tuple[bool, datetime, bool]:
    """Grows with every change of a receiver: what was removed never begins again, what was gone by a new secret."""
    removed = webhook.ended is WebhookEnd.REMOVED
    return removed, webhook.rotated_at or webhook.added_at, webhook.ended is not None


def break_glass(act: BreakGlass, tx: Transaction) -> bool | NotReplayed:
    known = tx.break_glass.get(act.request_id, lock=True)
    if known is not None and _told(act) <= _told(known):
        return False
    if known is None and act.recording_id not in tx.recordings.get([act.recording_id]):
        return NotReplayed(act=name_of(act), subject=act.recording_id, why="recording_unknown")
    tx.break_glass.save(act)
    return True


def _told(request: BreakGlass) -> int:
    return 2 if request.ended_at is not None else int(request.approved_at is not None)
