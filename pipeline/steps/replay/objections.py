"""Objections and their withdrawals (R3)."""

from callwarden.model.objection import Objection, Withdrawal
from callwarden.ports.catalogue import Transaction
from callwarden.rules.objection import reference_of


def objection(act: Objection, tx: Transaction) -> bool:
    known = tx.objections.get(act.objection_id)
    if known == act or (known is not None and _weight(act) < _weight(known)):
        return False
    tx.objections.save(act)
    return True


def withdrawal(act: Withdrawal, tx: Transaction) -> bool:
    on_file = tx.objections.withdrawals([reference_of(act)])
    if any(each.withdrawal_id == act.withdrawal_id for each in on_file):
        return False
    tx.objections.save_withdrawal(act)
    return True


def _weight(objection: Objection) -> tuple[bool, bool, bool]:
    """How much is known of it: what was withdrawn, granted or decided never becomes less."""
    return objection.withdrawn_at is not None, bool(objection.granted), objection.decided_at is not None
