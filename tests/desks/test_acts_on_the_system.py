"""Acts about the system are refused to whoever has no right to them, and the refusal is an entry that names the act."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import MACHINES, Actor, Role, service
from callwarden.model.break_glass import GlassId
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.permission import PermissionId
from callwarden.model.purpose import Purpose
from callwarden.model.token import TokenId
from callwarden.rules.rights import RIGHTS, Act, Scope
from callwarden.wiring import System
from tests.support.workshop import Workshop

NOBODY = RecordingId("rec-" + "0" * 32)
DAY = timedelta(days=1)
EVE = Actor(role=Role.DPO, name="eve")

ATTEMPTS: dict[Act, Callable[[System, Actor], object]] = {
    Act.TOKEN_ISSUE: lambda system, who: system.token_desk.issue(who, EVE, lasts=DAY),
    Act.TOKEN_ISSUE_FIRST: lambda system, who: system.token_desk.issue_first(who, EVE, lasts=DAY),
    Act.TOKEN_REVOKE: lambda system, who: system.token_desk.revoke(who, TokenId("tok-1")),
    Act.TOKEN_LIST: lambda system, who: system.token_desk.listed(who),
    Act.KEYS_ROTATE: lambda system, who: system.key_desk.rotate(who),
    Act.KEYS_REWRAP: lambda system, who: system.key_desk.rewrap(who),
    Act.KEYS_RETIRE: lambda system, who: system.key_desk.retire(who, "m1"),
    Act.REDACTION_SHOW: lambda system, who: system.redaction_desk.status(who, NOBODY),
    Act.REDACTION_LIST: lambda system, who: system.redaction_desk.not_released(who, limit=9),
    Act.REDACTION_RERUN: lambda system, who: list(system.redaction_desk.redo(who, version="v1")),
    Act.BREAKGLASS_APPROVE: lambda system, who: system.break_glass_desk.approve(who, GlassId("glass-1")),
    Act.LOG_CHECKPOINT: lambda system, who: system.log_desk.checkpoint(who, wait_s=0),
    Act.LOG_EXPIRE: lambda system, who: system.log_desk.expire(who),
    Act.LOG_ROTATE_KEY: lambda system, who: system.log_desk.rotate_key(who),
    Act.LOG_BEGIN_ASK: lambda system, who: system.log_beginning_desk.begin_anew(who),
    Act.DISPOSE_PREVIEW: lambda system, who: system.disposal_desk.previewed(who),
    Act.DISPOSE_RUN: lambda system, who: system.disposal_desk.order(who),
    Act.RECONCILE_REPAIR: lambda system, who: system.upkeep_desk.repair(who),
    Act.BACKUP_MAKE: lambda system, who: system.upkeep_desk.ordered_backup(who),
    Act.BACKUP_RESTORE: lambda system, who: system.upkeep_desk.restored(who),
    Act.TESTING_APPROVE: lambda system, who: system.testing_desk.approve(who, PermissionId("testing-1")),
    Act.POLICY_PROPOSE: lambda system, who: system.policy_desk.propose(who),
    Act.POLICY_APPROVE: lambda system, who: system.policy_desk.approve(who, "sha256:" + "a" * 64),
    Act.POLICY_WITHDRAW: lambda system, who: system.policy_desk.withdraw(who, "sha256:" + "a" * 64),
    Act.POLICY_CHANGES: lambda system, who: system.policy_desk.listed(who),
    Act.EXPERIMENT_END: lambda system, who: system.experiment_desk.end_due(who),
    Act.LIFECYCLE_APPLY: lambda system, who: system.upkeep_desk.apply_lifecycle(who),
}


def strangers(act: Act) -> list[Actor]:
    """Everybody who may not: other roles, a program, and for the whole system those who are narrowed."""
    right = RIGHTS[act]
    lines = frozenset({LineId("customer-service")})
    others = [Actor(role=role, name="eve") for role in Role if role not in right.roles | MACHINES]
    narrowed = [Actor(role=role, name="eve", lines=lines) for role in right.roles if right.scope is Scope.WHOLE]
    return [*others, service("stranger"), *narrowed]


@pytest.mark.parametrize("act", ATTEMPTS, ids=lambda act: act.value)
def test_an_act_on_the_system_is_refused_to_every_stranger_and_written_down(shop: Workshop, act: Act) -> None:
    for stranger in strangers(act):
        with pytest.raises(RefusedError) as refused:
            ATTEMPTS[act](shop.system, stranger)
        assert refused.value.reasons == ("not_permitted",), stranger
        assert shop.parts["catalogue"].log[-1].reasons == ("not_permitted", act.value), stranger


def test_a_refused_reading_of_the_log_names_the_act_too(shop: Workshop, tmp_path: Path) -> None:
    desk, trainer = shop.system.log_desk, Actor(role=Role.TRAINER, name="alice")
    with pytest.raises(RefusedError):
        desk.entries(trainer, Purpose.QUALITY)
    with pytest.raises(RefusedError):
        desk.export(trainer, Purpose.QUALITY, tmp_path / "export", wait_s=0)
    told = [entry.reasons for entry in shop.parts["catalogue"].log[-2:]]
    assert told == [("not_permitted", "log.list"), ("not_permitted", "log.export")]


def test_the_redaction_of_a_recording_that_is_not_theirs_is_unknown_as_everywhere(shop: Workshop) -> None:
    recording = shop.stored()
    elsewhere = Actor(role=Role.TRAINER, name="alice", lines=frozenset({LineId("monitoring-centre")}))
    for who, which, reason in (
        (elsewhere, recording, "unknown"),
        (elsewhere, NOBODY, "unknown"),
        (EVE, NOBODY, "unknown"),
        (EVE, recording, "redaction_incomplete"),
    ):
        with pytest.raises(RefusedError) as refused:
            shop.system.redaction_desk.status(who, which)
        assert refused.value.reasons == (reason,)
        entry = shop.parts["catalogue"].log[-1]
        assert (entry.operation, entry.reasons) == ("access.refused", (reason, "redaction.show"))
        assert entry.subject == (None if reason == "unknown" else recording)
