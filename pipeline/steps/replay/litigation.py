"""Cases, what they hold, by which criteria, and what was disclosed of it (K3, U10)."""

from dataclasses import replace

from callwarden.messages import HoldsChanged
from callwarden.model.act import NotReplayed, name_of
from callwarden.model.disclosure import Disclosure
from callwarden.model.hold import Case, CaseState, Hold, Placement
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Transaction
from callwarden.rules.last_word import is_news
from callwarden.steps.replay.altered import TOO_LATE


def case(act: Case, tx: Transaction) -> bool:
    if not is_news(act, tx.cases.get(act.case_id, lock=True)):
        return False
    tx.cases.save(act)
    return True


def placement(act: Placement, tx: Transaction) -> bool | NotReplayed:
    """What it had held is held by acts of its own; what matches besides, by the next sweep at the latest."""
    if not is_news(act, tx.placements.get(act.placement_id, lock=True)):
        return False
    if tx.cases.get(act.case_id) is None:
        return NotReplayed(act=name_of(act), subject=act.placement_id, why="case_unknown")
    tx.placements.save(act)
    return True


def hold(act: Hold, tx: Transaction) -> bool | NotReplayed:
    row = tx.recordings.get([act.recording_id], lock=True).get(act.recording_id)
    if row is not None and act.case_id in row.holds:
        return False
    case = tx.cases.get(act.case_id)
    if row is None or row.state in TOO_LATE or case is None or case.state is CaseState.RELEASED:
        return NotReplayed(
            act=name_of(act),
            subject=act.recording_id,
            why="recording_unknown" if row is None else "recording_gone",
        )
    tx.holds.save([replace(act, applied_at=None)])
    tx.outbox.append([Message.of(HoldsChanged(recording_id=act.recording_id))])
    return True


def disclosure(act: Disclosure, tx: Transaction) -> bool | NotReplayed:
    known = tx.disclosures.get(act.disclosure_id)
    if known is not None and not known.altered and (known == act or act.manifest is None):
        return False
    if tx.cases.get(act.case_id) is None:
        return NotReplayed(act=name_of(act), subject=act.disclosure_id, why="case_unknown")
    tx.disclosures.save(act)
    return True
