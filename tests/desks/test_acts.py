"""The one way to do something: rows, entry and messages are durable together, and a refusal is an entry (U2, U3)."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callwarden.adapters.keys.file import FileKeyStore
from callwarden.custody.scribe import Scribe
from callwarden.desks.acts import Acts
from callwarden.errors import InvariantError, RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId, LineId, PolicyVersion
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.ports.bus import Message
from callwarden.rules.rights import RIGHTS, Act
from tests.fakes.catalogue import FakeCatalogue
from tests.support.catalogue_rows import rec, recording

DPO = Actor(role=Role.DPO, name="chloe")
TRAINER = Actor(role=Role.TRAINER, name="alice")
ELSEWHERE = Actor(role=Role.DPO, name="chloe", lines=frozenset({LineId("monitoring-centre")}))


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def catalogue() -> FakeCatalogue:
    built = FakeCatalogue()
    with built.transaction() as tx:
        tx.recordings.insert([recording(1)])
    return built


@pytest.fixture
def acts(catalogue: FakeCatalogue, tmp_path: Path) -> Acts:
    keys = FileKeyStore(tmp_path / "keys.json", create=True)
    return Acts(catalogue=catalogue, scribe=Scribe(clock=Noon(), keys=keys, policy_version=PolicyVersion("ab" * 32)))


def attempt(acts: Acts, act: Act, actor: Actor, *, then: Exception | None = None, number: int = 1) -> None:
    """Perform an act that changes the recording, and that its desk gives up with `then`."""
    with acts.perform(act, actor, recording_id=rec(number)) as doing:
        doing.tx.recordings.save([recording(number, restricted=True)])
        if then is not None:
            raise then


def is_changed(catalogue: FakeCatalogue) -> bool:
    with catalogue.snapshot() as tx:
        return tx.recordings.get([rec(1)])[rec(1)].restricted


def told(catalogue: FakeCatalogue) -> list[tuple[Any, ...]]:
    return [(one.operation, one.outcome, one.subject, one.reasons) for one in catalogue.log]


def test_rows_entry_and_message_become_durable_together(acts: Acts, catalogue: FakeCatalogue) -> None:
    with acts.perform(Act.QUARANTINE_RETRY, DPO, recording_id=rec(1)) as doing:
        doing.tx.outbox.append([Message(topic="telephony.calls", key="k", value=b"{}")])
        doing.reasons = ("unknown_line",)
        assert catalogue.log == []  # and nobody outside sees either yet
    assert told(catalogue) == [(Operation.QUARANTINE_RETRIED, EntryOutcome.DONE, rec(1), ("unknown_line",))]
    assert len(catalogue.unsent(older_than_s=0, limit=9)) == 1


def test_a_refused_act_is_an_entry_that_names_the_act(acts: Acts, catalogue: FakeCatalogue) -> None:
    with pytest.raises(RefusedError):
        attempt(acts, Act.QUARANTINE_CLEAR, TRAINER)
    [entry] = told(catalogue)
    assert entry == (Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, None, ("not_permitted", "quarantine.clear"))
    assert not is_changed(catalogue)


@pytest.mark.parametrize("which", [1, 2])
def test_another_lines_recording_and_none_at_all_get_one_answer(
    acts: Acts, catalogue: FakeCatalogue, which: int
) -> None:
    with pytest.raises(RefusedError) as refused:
        attempt(acts, Act.QUARANTINE_SHOW, ELSEWHERE, number=which)
    assert refused.value.reasons == ("unknown",)
    assert told(catalogue) == [(Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, None, ("unknown", "quarantine.show"))]


def test_what_the_desk_itself_refuses_leaves_no_row_and_an_entry(acts: Acts, catalogue: FakeCatalogue) -> None:
    with pytest.raises(RefusedError):
        attempt(acts, Act.QUARANTINE_CLEAR, DPO, then=RefusedError(("held",)))
    assert not is_changed(catalogue)
    assert told(catalogue) == [(Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, rec(1), ("held", "quarantine.clear"))]


def test_what_the_stored_state_does_not_allow_leaves_no_row_and_an_entry(acts: Acts, catalogue: FakeCatalogue) -> None:
    with pytest.raises(UsageError):
        attempt(acts, Act.QUARANTINE_CLEAR, DPO, then=UsageError("no such line"))
    assert not is_changed(catalogue)
    reasons = ("not_possible", "quarantine.clear")
    assert told(catalogue) == [(Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, rec(1), reasons)]


def test_a_repetition_that_tells_something_is_the_entry_of_a_look(acts: Acts, catalogue: FakeCatalogue) -> None:
    with acts.perform(Act.QUARANTINE_DISCARD, DPO, recording_id=rec(1)) as doing:
        doing.silent = True
        doing.looks(Act.QUARANTINE_SHOW)
    assert told(catalogue) == [(Operation.QUARANTINE_SHOWN, EntryOutcome.ALLOWED, rec(1), ())]


def test_a_list_leaves_out_what_is_not_theirs(acts: Acts) -> None:
    with acts.perform(Act.QUARANTINE_LIST, ELSEWHERE) as doing:
        rows = [recording(1), recording(2, line=LineId("monitoring-centre"))]
        assert doing.theirs(rows) == rows[1:]


def test_one_person_is_never_two(acts: Acts, catalogue: FakeCatalogue) -> None:
    of_two = replace(RIGHTS[Act.QUARANTINE_DISCARD], two_people=True)
    acts = replace(acts, rights={Act.QUARANTINE_DISCARD: of_two})
    with pytest.raises(InvariantError):  # a desk that forgets to ask
        attempt(acts, Act.QUARANTINE_DISCARD, DPO)
    assert not is_changed(catalogue)
    for first in ("Chloe", "bruno"):
        with suppress(RefusedError), acts.perform(Act.QUARANTINE_DISCARD, DPO, recording_id=rec(1)) as doing:
            doing.second_person(first)
    assert told(catalogue) == [
        (Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, rec(1), ("same_person", "quarantine.discard")),
        (Operation.QUARANTINE_DISCARDED, EntryOutcome.DONE, rec(1), ()),
    ]


def release(acts: Acts, actor: Actor, *touched: int) -> None:
    with acts.perform(Act.HOLD_RELEASE_ASK, actor) as doing:
        doing.touches([recording(each) for each in touched])


def test_what_an_act_changes_has_to_be_said_and_to_be_theirs(acts: Acts, catalogue: FakeCatalogue) -> None:
    with pytest.raises(InvariantError), acts.perform(Act.HOLD_RELEASE_ASK, DPO):
        pass  # a desk that forgets to say
    release(acts, DPO, 1)
    with pytest.raises(RefusedError) as refused:
        release(acts, ELSEWHERE, 1)
    assert refused.value.reasons == ("unknown",)
    assert told(catalogue) == [
        (Operation.HOLD_RELEASE_REQUESTED, EntryOutcome.DONE, None, ()),
        (Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, None, ("unknown", "hold.release.ask")),
    ]


def test_an_act_about_several_is_an_entry_about_each_and_one_of_what_was_withheld(
    acts: Acts, catalogue: FakeCatalogue
) -> None:
    for subjects, withheld in (((rec(1), rec(2)), 0), ((), 1)):
        with acts.perform(Act.HOLD_PLACE, DPO, case=CaseId("D-1")) as doing:
            doing.subjects, doing.withheld = subjects, withheld
    assert told(catalogue) == [
        (Operation.HOLD_PLACED, EntryOutcome.DONE, rec(1), ()),
        (Operation.HOLD_PLACED, EntryOutcome.DONE, rec(2), ()),
        (Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, None, ("unknown", "hold.place")),
    ]
    assert len({one.case for one in catalogue.log}) == 1
