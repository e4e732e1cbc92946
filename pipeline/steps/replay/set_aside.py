"""Dead letters, and the reasons people gave."""

from dataclasses import replace

from callwarden.model.act import DeadLetterDiscarded
from callwarden.model.set_aside import ActReason
from callwarden.ports.catalogue import Transaction


def discard(act: DeadLetterDiscarded, tx: Transaction) -> bool:
    letter = tx.dead_letters.get(act.position, lock=True)
    if letter is None or letter.discarded_at is not None:
        return False
    tx.dead_letters.save(replace(letter, wrapped_key=None, sealed=None, discarded_at=act.at))
    return True


def reason(act: ActReason, tx: Transaction) -> bool:
    if any(reason.act_id == act.act_id for reason in tx.act_reasons.about(act.subject)):
        return False
    tx.act_reasons.add(act)
    return True
