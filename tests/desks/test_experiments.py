"""Experiments: asked for by an analyst, approved by somebody else, taking what is open at the instant, over in time.

U2, U5, U7.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from callwarden.desks.experiments import ENDS
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.act import name_of
from callwarden.model.experiment import Carried, Experiment, ExperimentState, ItemState, Wish
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.purpose import Purpose
from callwarden.ports.journal import ActsRecord
from tests.contracts.test_experiments_contract import ITEM
from tests.support.redactions import redacted
from tests.support.workshop import DPO, LINE, Workshop

ADA = Actor(role=Role.ANALYST, name="ada")
ELSEWHERE = replace(ADA, lines=frozenset({LineId("monitoring-centre")}))
NAME = "silences-2026"


def wish(shop: Workshop, **changes: object) -> Wish:
    today = shop.clock.now().date()
    return replace(
        Wish(
            name=NAME,
            purpose="Mesurer les silences, dit Élise",
            owner="ada",
            line=LineId(LINE),
            first=today - timedelta(days=30),
            last=today + timedelta(days=30),
            until=today + timedelta(days=60),
            carries=frozenset({Carried.TEXT}),
        ),
        **changes,  # type: ignore[arg-type]
    )


def opened(shop: Workshop, **changes: object) -> Experiment:
    return shop.system.experiment_desk.open(ADA, wish(shop, **changes))


def entries(shop: Workshop, *operations: Operation) -> list[LogEntry]:
    return [entry for entry in shop.parts["catalogue"].log if entry.operation in operations]


def call(shop: Workshop, call_id: str, **changes: object) -> RecordingId:
    one = shop.stored(call_id, **changes)
    redacted(shop, one, "le tournesol est ouvert")
    return one


def test_an_experiment_is_asked_for_by_one_and_approved_by_another(shop: Workshop) -> None:
    desk = shop.system.experiment_desk
    draft = opened(shop)
    assert (draft.state, draft.opened_by, draft.ends_at.isoformat()) == (
        ExperimentState.DRAFT,
        "ada",
        f"{draft.until}T00:00:00{draft.ends_at.isoformat()[-6:]}",
    )
    assert [one.name for one in desk.waiting(DPO)] == [NAME]
    approved = desk.approve(DPO, NAME)
    assert (approved.state, approved.approved_by) == (ExperimentState.APPROVED, "chloe")
    shop.clock.move(timedelta(minutes=1))
    for again in (DPO, replace(DPO, name="claire")):
        with pytest.raises(
            UsageError, match=f"already, by a data protection officer, at {approved.approved_at:%Y-%m-%d}"
        ):
            desk.approve(again, NAME)
    assert desk.shown(DPO, NAME).experiment == approved
    assert desk.waiting(DPO) == []
    [asked, done] = entries(shop, Operation.EXPERIMENT_OPENED, Operation.EXPERIMENT_APPROVED)
    assert asked.subject == done.subject == draft.experiment_id
    assert "silences" not in repr(shop.parts["catalogue"].log)
    assert "Élise" not in repr(draft)


@pytest.mark.parametrize(
    ("owner", "opener"), [("chloe", "ada"), ("Chloé", "ada"), ("ada", "chloe")], ids=["owner", "an accent", "opener"]
)
def test_nobody_approves_what_they_own_or_asked_for(shop: Workshop, owner: str, opener: str) -> None:
    desk = shop.system.experiment_desk
    if owner == "Chloé":
        with pytest.raises(UsageError, match="accents"):
            opened(shop, owner=owner)
        return
    desk.open(replace(ADA, name=opener), wish(shop, owner=owner))
    with pytest.raises(RefusedError) as refused:
        desk.approve(DPO, NAME)
    assert refused.value.reasons == ("same_person",)
    assert desk.waiting(DPO) == []
    assert desk.shown(DPO, NAME).experiment.state is ExperimentState.DRAFT


def test_an_analyst_asks_and_the_dpo_approves_and_neither_does_the_others_part(shop: Workshop) -> None:
    desk = shop.system.experiment_desk
    with pytest.raises(RefusedError, match="for analyst"):
        desk.open(DPO, wish(shop))
    opened(shop)
    with pytest.raises(RefusedError, match="for dpo"):
        desk.approve(replace(ADA, name="bob"), NAME)
    for role in (Role.TRAINER, Role.SUPERVISOR, Role.LEGAL, Role.OPERATOR, Role.INVESTIGATOR):
        with pytest.raises(RefusedError):
            desk.preview(Actor(role=role, name="olga"), NAME)


def test_who_is_narrowed_to_other_lines_or_to_agents_hears_of_none(shop: Workshop) -> None:
    """U2."""
    desk = shop.system.experiment_desk
    opened(shop)
    for actor in (ELSEWHERE, replace(ADA, agents=frozenset({"a-1"}))):
        assert desk.listed(actor) == []
        for act in (desk.preview, desk.shown, desk.close):
            with pytest.raises(RefusedError) as refused:
                act(actor, NAME)
            assert refused.value.reasons == ("unknown",)
        with pytest.raises(RefusedError) as refused:
            desk.open(actor, wish(shop, name="another"))
        assert refused.value.reasons == ("not_permitted",)
    assert entries(shop, Operation.ACCESS_REFUSED)[0].subject is None


def test_no_two_experiments_are_called_alike(shop: Workshop) -> None:
    opened(shop)
    with pytest.raises(UsageError, match="already"):
        opened(shop, name=NAME.upper())


def test_a_preview_counts_each_call_once_and_says_why_it_is_left_out(shop: Workshop) -> None:
    taken = call(shop, "c-1")
    call(shop, "c-2", objections=["ai_experiment"])
    shop.stored("c-3")
    elsewhere = call(shop, "c-4", line="monitoring-centre")
    opened(shop)
    preview = shop.system.experiment_desk.preview(DPO, NAME)
    assert (preview.matched, preview.eligible, preview.taken) == (3, 1, 1)
    assert preview.excluded == {"objected": 1, "redaction_incomplete": 1}
    assert preview.ids == (taken,)
    assert preview.lines == {LINE: 1}
    assert preview.oldest == preview.newest == shop.recording("c-1").ended_at
    [entry] = entries(shop, Operation.EXPERIMENT_PREVIEWED)
    assert (entry.count, entry.outcome) == (1, EntryOutcome.ALLOWED)
    assert elsewhere not in repr(preview)


def test_before_the_approval_an_analyst_is_told_of_no_group_that_is_too_small_for_a_figure(shop: Workshop) -> None:
    """U6: an experiment is not asked for to count who objected on a day."""
    ended = shop.clock.now() - timedelta(minutes=2)
    times = {"started_at": (ended - timedelta(seconds=90)).isoformat(), "ended_at": ended.isoformat()}
    for number in range(13):
        objections = ["ai_experiment"] if number > 10 else []
        call(shop, f"c-{number}", caller={"number": f"+336399800{number:02d}"}, objections=objections, **times)
    desk = shop.system.experiment_desk
    opened(shop)
    told, exact = desk.preview(ADA, NAME), desk.preview(DPO, NAME)
    assert (told.fewer_than, told.eligible, told.taken, told.excluded) == (11, 11, 11, {"objected": None})
    assert told.matched is None, "eligible taken off it would tell"
    assert told.oldest is not None
    assert told.oldest == told.newest == told.oldest.replace(hour=0, minute=0, second=0, microsecond=0)
    assert (exact.fewer_than, exact.matched, exact.excluded, exact.newest) == (None, 13, {"objected": 2}, ended)
    shop.publish(shop.say("objected", call_id="c-1", purposes=["ai_experiment"]))
    shop.drain()
    told = desk.preview(ADA, NAME)
    assert (told.eligible, told.taken, told.oldest, told.newest, told.lines, told.ids) == (*[None] * 4, {}, ())
    desk.approve(DPO, NAME)
    assert desk.preview(ADA, NAME) == desk.preview(DPO, NAME)


def test_a_call_that_is_objected_to_restricted_or_destroyed_is_not_taken_from_that_instant_on(shop: Workshop) -> None:
    ids = [call(shop, f"c-{number}") for number in range(4)]
    opened(shop)
    desk = shop.system.experiment_desk
    assert desk.preview(DPO, NAME).eligible == 4
    shop.publish(shop.say("objected", call_id="c-0", purposes=["ai_experiment"]))
    shop.publish(shop.say("objected", call_id="c-1", purposes=["recording"]))
    shop.drain()
    with shop.system.catalogue.transaction() as tx:
        [row] = tx.recordings.get([ids[2]], lock=True).values()
        tx.recordings.save([replace(row, restricted=True)])
    preview = desk.preview(DPO, NAME)
    assert preview.ids == (ids[3],)
    assert preview.excluded == {"objected": 1, "disposed": 1, "restricted": 1}
    assert preview.matched == 4


def test_what_is_decided_of_many_at_once_is_what_is_decided_of_each(shop: Workshop) -> None:
    """U5: the very decision of reading."""
    ids = [call(shop, "c-1"), call(shop, "c-2", objections=["ai_experiment"]), shop.stored("c-3")]
    shop.hold(ids[0])
    decider = shop.system.gate.decider
    whats = (Readable.REDACTED_TRANSCRIPT, Readable.BEEPED_AUDIO)
    for moved in (timedelta(), timedelta(days=190)):
        shop.clock.move(moved)
        with shop.system.catalogue.snapshot() as tx:
            many = decider.ask_each(ADA, Purpose.AI_EXPERIMENT, [*ids, RecordingId("rec-0")], whats, tx)
            for one in ids:
                each = tuple(decider.ask(ADA, Purpose.AI_EXPERIMENT, one, what, tx).verdict for what in whats)
                assert [getattr(verdict, "reasons", ()) for verdict in each] == [
                    getattr(verdict, "reasons", ()) for verdict in many[one]
                ]


def test_a_sample_without_a_seed_gets_one_that_draws_it_again(shop: Workshop) -> None:
    for number in range(6):
        call(shop, f"c-{number}")
    kept = opened(shop, sample=3)
    assert kept.seed is not None
    opened(shop, name="again", sample=3, seed=kept.seed)
    desk = shop.system.experiment_desk
    first, second = desk.preview(DPO, NAME), desk.preview(DPO, "again")
    assert (first.eligible, first.taken, len(first.ids)) == (6, 3, 3)
    assert first.ids == second.ids


def test_closing_and_the_end_date_end_it_for_good(shop: Workshop) -> None:
    desk = shop.system.experiment_desk
    opened(shop)
    closed = desk.close(ADA, NAME)
    assert (closed.state, closed.over_by) == (ExperimentState.CLOSED, "ada")
    assert closed.cleared_at is not None
    assert desk.close(DPO, NAME) == closed
    with pytest.raises(RefusedError) as refused:
        desk.approve(DPO, NAME)
    assert refused.value.reasons == ("experiment_over",)
    later = opened(shop, name="later")
    desk.approve(DPO, "later")
    shop.clock.move(timedelta(days=59))
    shop.drain("dispose")
    assert desk.shown(ADA, "later").experiment.state is ExperimentState.APPROVED
    shop.clock.move(timedelta(days=2))
    with pytest.raises(RefusedError) as refused:
        desk.approve(DPO, "later")
    shop.drain("dispose")
    ended = desk.shown(ADA, "later").experiment
    assert (ended.state, ended.over_by) == (ExperimentState.ENDED, None)
    [entry] = entries(shop, Operation.EXPERIMENT_ENDED)
    assert (entry.subject, entry.actor) == (later.experiment_id, "service:experiments")
    assert desk.end_due(ENDS) == 0


def test_an_experiment_is_closed_by_its_owner_and_the_officer_and_by_no_colleague(shop: Workshop) -> None:
    desk = shop.system.experiment_desk
    opened(shop, owner="eve")
    for colleague in (ADA, replace(ADA, name="bob")):
        with pytest.raises(RefusedError, match="its owner closes") as refused:
            desk.close(colleague, NAME)
        assert refused.value.reasons == ("not_permitted",)
    assert desk.shown(ADA, NAME).experiment.state is ExperimentState.DRAFT
    assert desk.close(replace(ADA, name="eve"), NAME).over_by == "eve"
    opened(shop, name="another", owner="eve")
    assert desk.close(DPO, "another").over_by == DPO.name


def test_what_is_left_is_destroyed_by_the_next_sweep_where_that_was_interrupted(shop: Workshop) -> None:
    class Remains:
        cleared: list[str] = []  # noqa: RUF012 -- one desk's
        broken = True

        def clear(self, experiment: Experiment, *, by: Actor) -> None:
            if self.broken:
                raise RuntimeError("cut off")
            self.cleared.append(experiment.name)

    remains = Remains()
    desk = replace(shop.system.experiment_desk, remains=remains)
    opened(shop)
    with pytest.raises(RuntimeError):
        desk.close(ADA, NAME)
    assert desk.shown(ADA, NAME).experiment.state is ExperimentState.CLOSED
    assert desk.shown(ADA, NAME).experiment.cleared_at is None
    remains.broken = False
    assert desk.end_due(ENDS) == 0
    assert remains.cleared == [NAME]
    assert desk.shown(ADA, NAME).experiment.cleared_at is not None
    desk.end_due(ENDS)
    assert remains.cleared == [NAME]


def test_an_approval_an_item_and_an_end_are_in_the_journal_and_hold_again(shop: Workshop) -> None:
    """I10: a restored backup forgets none of them."""
    system, rows = shop.system, shop.parts["catalogue"].rows
    draft = opened(shop)
    system.experiment_desk.approve(DPO, NAME)
    item = replace(ITEM, experiment_id=draft.experiment_id)
    with system.catalogue.transaction() as tx:
        tx.experiment_items.save([item])
        tx.experiment_items.save([replace(item, state=ItemState.REVOKED, reason="objected")])
    closed = system.experiment_desk.close(ADA, NAME)
    records = [one for one in shop.parts["journal"].records if isinstance(one, ActsRecord)]
    assert [name_of(act) for one in records for act in one.acts] == [
        "experiment.opened",
        "experiment.approved",
        "experiment.included",
        "experiment.revoked",
        "experiment.closed",
        "experiment.destroyed",
        "experiment.closed",
    ]
    rows = shop.parts["catalogue"].rows
    rows.experiments.clear()
    rows.experiment_items.clear()
    replay = system.journal_replay.acts()
    assert replay.run(records).changed == 2
    with system.catalogue.snapshot() as tx:
        assert tx.experiments.get(draft.experiment_id) == closed
        assert tx.experiment_items.get(draft.experiment_id, [item.recording_id])[0].state is ItemState.DESTROYED
    assert replay.run(records[:1]).changed == 0


def test_an_experiment_somebody_has_written_past_the_system_is_not_built_upon(shop: Workshop) -> None:
    opened(shop)
    rows = shop.parts["catalogue"].rows.experiments
    rows.update({name: replace(one, altered=True) for name, one in rows.items()})
    for act in (shop.system.experiment_desk.preview, shop.system.experiment_desk.approve):
        with pytest.raises(RefusedError) as refused:
            act(DPO, NAME)
        assert refused.value.reasons == ("row_altered",)


def test_days_are_the_policys(shop: Workshop) -> None:
    """K7: the end is midnight where the company is, in winter and in summer."""
    winter = opened(shop, until=date(2099, 1, 1))
    summer = opened(shop, name="summer", until=date(2099, 7, 1))
    assert (winter.ends_at.utcoffset(), summer.ends_at.utcoffset()) == (timedelta(hours=1), timedelta(hours=2))
