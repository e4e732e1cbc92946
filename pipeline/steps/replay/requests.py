"""What people ask of their own data, and who was told of it (D1 to D4)."""

from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.request import Request, RequestItem
from callwarden.ports.catalogue import Transaction
from callwarden.rules.last_word import is_news


def request(act: Request, tx: Transaction) -> bool:
    if not is_news(act, tx.requests.get(act.request_id, lock=True)):
        return False
    tx.requests.save(act)
    return True


def request_item(act: RequestItem, tx: Transaction) -> bool:
    on_file = tx.requests.about([act.recording_id])
    known = next((item for item in on_file if item.request_id == act.request_id), None)
    if not is_news(act, known) or tx.requests.get(act.request_id) is None:
        return False
    tx.requests.save_items([act])
    return True


def notice(act: RecipientNotice, tx: Transaction) -> bool:
    known = next((one for one in tx.notices.of(act.request_id) if one.disclosure_id == act.disclosure_id), None)
    if known is not None and (known.acknowledged_at is not None or act.acknowledged_at is None):
        return False
    tx.notices.save(act)
    return True
