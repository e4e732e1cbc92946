"""Changes of the policy that were approved (K1, K2): the dates they gave are given again, from the start."""

from dataclasses import replace

from callwarden.model.policy_change import ChangeState, PolicyChange
from callwarden.ports.catalogue import Transaction

_STATES = list(ChangeState)


def change(act: PolicyChange, tx: Transaction) -> bool:
    """Its dates follow from its own periods, so no recording's is in the journal: whoever replays runs it again."""
    known = tx.policy_changes.get(act.change_id, lock=True)
    if known is not None and not known.altered and _STATES.index(known.state) >= _STATES.index(act.state):
        return False
    if act.state is ChangeState.WITHDRAWN:
        tx.policy_changes.save(act)
        return True
    again = ChangeState.RUNNING if act.state is ChangeState.DONE else act.state
    tx.policy_changes.save(replace(act, state=again, reached=None, changed=0, ended_at=None))
    return True
