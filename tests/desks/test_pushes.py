"""A telephone system hands over calls: each is taken once, whole, or nothing of it is left (I11, I3)."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.desks.pushes import PushDesk, Pushed
from callwarden.errors import InvalidFieldsError, RefusedError, RetryableError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.model.outcome import Outcome
from callwarden.model.recording import Recording
from callwarden.ports.landing import LandingAwayError, LandingOversizedError, Upload
from callwarden.rules.pushing import FOLDER, receipts_kept
from callwarden.workers.cli.opening import relay
from tests.support.memory import MemoryLanding
from tests.support.quick import policy_of
from tests.support.workshop import LINE, SHIPPED_POLICY, Workshop

PBX = Actor(role=Role.TELEPHONY, name="pbx-niort")
AUDIO = b"a call, as it was recorded"


def event(shop: Workshop, call_id: str = "c-1", **changes: Any) -> dict[str, Any]:
    """The event of a call whose audio comes with it."""
    ended = shop.clock.now() - timedelta(minutes=1)
    data = {
        "call_id": call_id,
        "line": LINE,
        "started_at": (ended - timedelta(seconds=30)).isoformat(),
        "ended_at": ended.isoformat(),
        "caller": {"number": "+33639980001"},
        "agent": {"id": "a-1"},
        "objections": [],
        **changes,
    }
    return shop.envelope("call.recorded", {name: value for name, value in data.items() if value is not ...})


def landing(shop: Workshop) -> MemoryLanding:
    found: MemoryLanding = shop.parts["landing"]
    return found


@dataclass(frozen=True, slots=True)
class Watched:
    """A landing area in which something happens before or after an upload is finished."""

    landing: MemoryLanding
    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None

    def begin(self, area: str, name: str) -> "WatchedUpload":
        return WatchedUpload(self.landing.begin(area, name), self)


@dataclass(frozen=True, slots=True)
class WatchedUpload:
    upload: Upload
    watched: Watched

    def write(self, chunk: bytes) -> None:
        self.upload.write(chunk)

    def finish(self) -> str:
        self.watched.before()
        uri = self.upload.finish()
        self.watched.after()
        return uri

    def abandon(self) -> None:
        self.upload.abandon()


def push(
    shop: Workshop,
    said: dict[str, Any] | bytes,
    audio: bytes = AUDIO,
    *,
    desk: PushDesk | None = None,
    actor: Actor = PBX,
    name: str = "17.wav",
    headers: tuple[tuple[str, bytes], ...] = (),
    key: str | None = None,
) -> Pushed:
    desk = desk or shop.system.push_desk
    value = said if isinstance(said, bytes) else json.dumps(said).encode()
    call = desk.announced(actor, value, headers)
    with desk.begin(actor, name) as incoming:
        for start in range(0, len(audio), 5):
            incoming.write(audio[start : start + 5])
        pushed = desk.received(actor, call, incoming, key=key)
    relay(shop.system).tell(pushed.outbox)
    return pushed


def published(shop: Workshop) -> int:
    return sum(shop.system.bus.end_offsets("telephony.calls").values())


def entries(shop: Workshop) -> list[tuple[str, ...]]:
    return [(str(one.operation), str(one.subject), *one.reasons) for one in shop.parts["catalogue"].log]


def test_a_call_that_is_pushed_is_stored_like_any_other(shop: Workshop) -> None:
    pushed = push(shop, event(shop))
    assert pushed.call_id == "c-1"
    assert len(shop.landed()) == 1
    assert shop.landed()[0].startswith(f"spool:{FOLDER}/")
    assert shop.landed()[0].endswith(".wav")
    assert ("call.received", pushed.receipt) in entries(shop)
    shop.drain()
    assert shop.verdicts() == ["stored"]
    assert shop.recording("c-1").source_sha256 == hashlib.sha256(AUDIO).hexdigest()
    assert shop.landed() == []
    assert shop.clean()


def test_a_call_is_taken_while_the_bus_is_away_and_published_once_it_is_back(shop: Workshop) -> None:
    said = event(shop)
    shop.parts["bus"].fail_next(1)
    receipt = push(shop, said).receipt
    assert published(shop) == 0
    assert push(shop, said).receipt == receipt
    relay(shop.system).send_orphans(older_than_s=0)
    shop.drain()
    assert shop.verdicts() == ["stored"]


def test_the_same_call_gives_the_same_receipt_and_is_published_once(shop: Workshop) -> None:
    said = event(shop)
    first = push(shop, said)
    again = push(shop, {**said, "time": "2026-11-21T00:00:00Z"}, name="another-name.wav")
    assert (again.receipt, again.call_id, again.again) == (first.receipt, first.call_id, True)
    assert published(shop) == 1
    assert len(shop.landed()) == 1
    shop.drain()
    assert push(shop, said).receipt == first.receipt, "long after it was taken in, too"
    assert shop.verdicts() == ["stored"]
    assert shop.landed() == []


@pytest.mark.parametrize("change", ["audio", "event"])
def test_the_same_event_with_something_else_is_a_conflict_and_leaves_nothing(shop: Workshop, change: str) -> None:
    said = event(shop)
    push(shop, said)
    shop.drain()
    other = said if change == "audio" else {**said, "data": {**said["data"], "line": "monitoring-centre"}}
    with pytest.raises(RefusedError) as refused:
        push(shop, other, AUDIO + b"!" if change == "audio" else AUDIO)
    assert refused.value.reasons == ("another_call",)
    assert entries(shop)[-1][-2:] == ("another_call", "calls.push")
    assert (published(shop), shop.landed()) == (1, [])


def test_two_that_push_the_same_at_the_same_moment_are_one(shop: Workshop) -> None:
    said, both_know_of_none = event(shop), threading.Barrier(2, timeout=10)
    desk = replace(shop.system.push_desk, intake=lambda: Watched(landing(shop), before=both_know_of_none.wait))
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: push(shop, said, desk=desk), range(2)))
    assert len({one.receipt for one in found}) == 1
    assert sorted(one.again for one in found) == [False, True]
    assert (published(shop), len(shop.landed())) == (1, 1)
    shop.drain()
    assert shop.verdicts() == ["stored"]


def test_another_call_under_the_name_of_an_event_is_another_call(shop: Workshop) -> None:
    """A telephone system that counts anew after a restart."""
    said = event(shop)
    other = {**said, "data": {**said["data"], "call_id": "c-2"}}
    assert push(shop, said).receipt != push(shop, other, AUDIO + b"!").receipt
    assert published(shop) == 2


def test_an_idempotency_key_is_for_one_call_only(shop: Workshop) -> None:
    said = event(shop)
    first = push(shop, said, key="attempt-1")
    assert push(shop, said, key="attempt-1").receipt == first.receipt
    with pytest.raises(RefusedError) as refused:
        push(shop, event(shop, "c-2"), key="attempt-1")
    assert refused.value.reasons == ("another_call",)
    assert published(shop) == 1
    push(shop, event(shop, "c-2"), key="attempt-1", actor=replace(PBX, name="pbx-brest"))
    assert published(shop) == 2, "the key of another telephone system is another"


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"bytes": 3}, "data.audio.bytes", "length_mismatch"),
        ({"sha256": "0" * 64}, "data.audio.sha256", "checksum_mismatch"),
    ],
)
def test_audio_that_is_not_what_the_event_says_is_not_taken(
    shop: Workshop, said: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(InvalidFieldsError) as wrong:
        push(shop, event(shop, audio=said))
    assert [(path, why) for path, why, _ in wrong.value.fields] == [(field, code)]
    assert (published(shop), shop.landed()) == (0, [])


def test_an_event_that_says_what_its_audio_is_is_taken(shop: Workshop) -> None:
    measure = {"sha256": hashlib.sha256(AUDIO).hexdigest().upper(), "bytes": len(AUDIO), "uri": "spool:elsewhere.wav"}
    push(shop, event(shop, audio=measure))
    shop.drain()
    assert shop.verdicts() == ["stored"]
    assert all("elsewhere" not in uri for uri in shop.parts["landing"].asked)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"line": ...}, ["data.line"]),
        ({"line": [], "call_id": "", "objections": "none"}, ["data.call_id", "data.line", "data.objections"]),
    ],
)
def test_every_field_that_is_needed_and_wrong_is_named_before_any_audio_is_taken(
    shop: Workshop, changes: dict[str, Any], fields: list[str]
) -> None:
    said = event(shop, **changes)
    with pytest.raises(InvalidFieldsError) as wrong:
        shop.system.push_desk.announced(PBX, json.dumps(said).encode())
    assert sorted(path for path, _, _ in wrong.value.fields) == fields


def test_what_is_no_event_of_a_recording_is_named(shop: Workshop) -> None:
    objected = json.dumps(shop.say("objected", call_id="c-1")).encode()
    for value, code in ((b"no JSON", "not_an_event"), (b" " * 2_000_000, "not_an_event"), (objected, "invalid_field")):
        with pytest.raises(InvalidFieldsError) as wrong:
            shop.system.push_desk.announced(PBX, value)
        assert [why for _, why, _ in wrong.value.fields] == [code]


def test_a_small_mistake_costs_no_call_and_is_noted(shop: Workshop) -> None:
    push(shop, event(shop, pauses="none", direction="sideways"))
    shop.drain()
    assert shop.verdicts() == ["stored"]
    assert {note.field for note in shop.outcomes()[0].notes} >= {"data.pauses", "data.direction"}


def test_every_form_of_event_that_the_bus_carries_is_taken(shop: Workshop) -> None:
    said = event(shop)
    data = json.dumps(said.pop("data")).encode()
    binary = tuple((f"ce_{name}", str(value).encode()) for name, value in said.items())
    push(shop, data, headers=binary)
    shop.drain()
    assert shop.verdicts() == ["stored"]


@pytest.mark.parametrize(
    "actor",
    [
        Actor(role=Role.TRAINER, name="alice"),
        Actor(role=Role.OPERATOR, name="otto"),
        replace(PBX, lines=frozenset({LineId("monitoring-centre")})),
        replace(PBX, agents=frozenset({"a-999"})),
    ],
)
def test_who_may_not_push_this_call_is_refused_and_that_is_an_entry(shop: Workshop, actor: Actor) -> None:
    with pytest.raises(RefusedError) as refused:
        push(shop, event(shop), actor=actor)
    assert refused.value.reasons == ("not_permitted",)
    assert entries(shop)[-1][-2:] == ("not_permitted", "calls.push")
    assert (published(shop), shop.landed()) == (0, [])


def test_a_token_for_the_line_pushes_its_calls(shop: Workshop) -> None:
    push(shop, event(shop), actor=replace(PBX, lines=frozenset({LineId(LINE)})))
    assert published(shop) == 1


def cut(shop: Workshop) -> None:
    with shop.system.push_desk.begin(PBX) as incoming:
        incoming.write(AUDIO)
        raise ConnectionError


def oversized(shop: Workshop) -> None:
    with shop.system.push_desk.begin(PBX) as incoming:
        incoming.write(bytes(shop.policy.limits.max_audio_bytes + 1))


def nowhere(shop: Workshop) -> None:
    shop.parts["landing"].away["spool:"] = "no disk"
    push(shop, event(shop))


def forgotten(shop: Workshop) -> None:
    catalogue = shop.parts["catalogue"]

    def lose() -> None:
        catalogue.out_of_reach = True

    try:
        push(shop, event(shop), desk=replace(shop.system.push_desk, intake=lambda: Watched(landing(shop), after=lose)))
    finally:
        catalogue.out_of_reach = False


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (cut, ConnectionError),
        (oversized, LandingOversizedError),
        (nowhere, LandingAwayError),
        (forgotten, RetryableError),
    ],
)
def test_what_does_not_come_to_its_end_leaves_nothing(
    shop: Workshop, what: Callable[[Workshop], None], error: type[Exception]
) -> None:
    with pytest.raises(error):
        what(shop)
    assert (shop.landed(), published(shop), shop.parts["catalogue"].rows.receipts) == ([], 0, {})


def test_what_a_killed_process_left_without_a_receipt_is_cleared_within_hours_and_nothing_else_is(
    shop: Workshop,
) -> None:
    with shop.system.push_desk.begin(PBX, "17.wav") as incoming:
        incoming.write(AUDIO)
        killed = incoming.finish()  # and then the process is killed
    shop.land("somebody-elses.wav", AUDIO)
    push(shop, event(shop, objections=...))
    shop.clock.move(timedelta(minutes=50))
    assert not list(shop.system.landing_sweep.rounds())
    shop.clock.move(timedelta(minutes=20))
    shop.drain("ingest")
    [cleared] = shop.system.landing_sweep.rounds()
    assert cleared.removed == 1
    assert killed not in shop.landed()
    assert "spool:somebody-elses.wav" in shop.landed()


def test_a_receipt_that_somebody_wrote_past_the_system_loses_no_call(shop: Workshop) -> None:
    said = event(shop)
    receipt = push(shop, said).receipt
    rows = shop.parts["catalogue"].rows.receipts
    rows[receipt] = replace(rows[receipt], content="k1:forged", altered=True)
    assert not push(shop, said).again
    shop.drain()
    assert [one.outcome for one in shop.outcomes()] == [Outcome.STORED, Outcome.DUPLICATE]


def test_an_event_is_tried_and_nothing_is_done(shop: Workshop) -> None:
    trial = shop.system.push_desk.tried(PBX, json.dumps(shop.event("c-1")).encode())
    assert trial.outcome is Outcome.STORED
    assert trial.keep_until is not None
    assert entries(shop) == [("event.tried", "None")]
    assert (published(shop), shop.outcomes()) == (0, [])
    with pytest.raises(RefusedError):
        shop.system.push_desk.tried(Actor(role=Role.TRAINER, name="alice"), b"{}")


OTHER_LINE = LineId("monitoring-centre")
NARROWED = Actor(role=Role.TELEPHONY, name="pbx-rouen", lines=frozenset({OTHER_LINE}))


@pytest.fixture
def alike(tmp_path: Path) -> Iterator[Workshop]:
    """Where the line of who is narrowed offers what the other one does."""
    policy = policy_of(SHIPPED_POLICY)
    with Workshop(
        tmp_path, policy=replace(policy, lines={**policy.lines, OTHER_LINE: policy.lines[LineId(LINE)]})
    ) as it:
        yield it


def of_their_line(shop: Workshop, call_id: str, **changes: Any) -> dict[str, Any]:
    return event(shop, call_id, line=OTHER_LINE, **changes)


def of_line(shop: Workshop) -> list[Recording]:
    """What the other line has, and who is narrowed may not touch."""
    return [row for row in shop.parts["catalogue"].rows.recordings.values() if row.line == LINE]


def test_who_is_narrowed_pushes_nothing_of_a_call_that_other_lines_have(shop: Workshop) -> None:
    """Whatever became of it there; the answer is that to a line that is not theirs, and is an entry of the log."""
    push(shop, event(shop, "c-1"))
    push(shop, event(shop, "c-2", objections=["recording"]))
    shop.drain()
    answers = []
    for said in (event(shop, "c-9"), of_their_line(shop, "c-1", leg="z"), of_their_line(shop, "c-2", leg="z")):
        with pytest.raises(RefusedError) as refused:
            push(shop, said, actor=NARROWED)
        answers.append((refused.value.reasons, str(refused.value), entries(shop)[-1]))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][2][0] == "access.refused"
    push(shop, of_their_line(shop, "c-3"), actor=NARROWED)


def test_what_was_taken_is_told_again_to_who_is_narrowed_though_other_lines_have_the_call_now(shop: Workshop) -> None:
    said = of_their_line(shop, "c-1", leg="z")
    receipt = push(shop, said, actor=NARROWED).receipt
    push(shop, event(shop, "c-1"))
    shop.drain()
    assert push(shop, said, actor=NARROWED).receipt == receipt


@pytest.mark.parametrize("first", ["theirs", "the other line's", "both at once"])
@pytest.mark.parametrize("objected", ["recording", "training"])
def test_an_objection_pushed_for_some_lines_reaches_no_other_however_it_comes(
    alike: Workshop, first: str, objected: str
) -> None:
    """R3, U2: now and later, and the log says whose token it was."""
    shop = alike
    true, theirs = event(shop, "c-1"), of_their_line(shop, "c-1", leg="z", objections=[objected])

    def hand_over(said: dict[str, Any], actor: Actor) -> None:
        receipts.append(push(shop, said, actor=actor).receipt)
        if first != "both at once":
            shop.drain()

    receipts: list[str] = []
    if first == "the other line's":
        desk = shop.system.push_desk
        call = desk.announced(NARROWED, json.dumps(theirs).encode())  # both were announced before either was known
        hand_over(true, PBX)
        with desk.begin(NARROWED, "17.wav") as incoming:
            incoming.write(AUDIO)
            pushed = desk.received(NARROWED, call, incoming)
        relay(shop.system).tell(pushed.outbox)
        receipts.insert(0, pushed.receipt)
    else:
        hand_over(theirs, NARROWED)
        hand_over(true, PBX)
    shop.drain()
    shop.publish(shop.event("c-1", leg="later"))
    shop.drain()
    assert [row.state.value for row in of_line(shop)] == ["stored", "stored"]
    assert all(not row.objected for row in of_line(shop))
    [objection] = shop.parts["catalogue"].rows.objections.values()
    assert (objection.entered_by, objection.lines) == (NARROWED.account, NARROWED.lines)
    [said] = [one for one in shop.parts["catalogue"].log if one.subject == receipts[0]]
    assert said.correlation == objection.objection_id
    assert said.actor.startswith("telephony:")


def test_an_objection_pushed_for_some_lines_reaches_what_they_have_of_the_call(alike: Workshop) -> None:
    shop = alike
    push(shop, of_their_line(shop, "c-1"), actor=NARROWED)
    shop.drain()
    receipt = push(shop, of_their_line(shop, "c-1", leg="z", objections=["recording"]), actor=NARROWED).receipt
    shop.drain()
    push(shop, of_their_line(shop, "c-1", leg="y"), actor=NARROWED)
    shop.drain()
    assert shop.recording("c-1").state.value == "dropped"
    assert shop.verdicts() == ["stored", "refused:objection", "refused:objection"]
    log = shop.parts["catalogue"].log
    [pushed] = [one for one in log if one.subject == receipt]
    [applied] = [one for one in log if one.operation == "objection.applied" and one.correlation == pushed.correlation]
    assert applied.actor == pushed.actor


@pytest.mark.parametrize("known", ["stored", "waiting"])
@pytest.mark.parametrize("objections", [[], ["recording"]])
def test_a_call_pushed_for_some_lines_leaves_another_lines_recording_of_its_name_alone(
    alike: Workshop, known: str, objections: list[str]
) -> None:
    """Same call, leg and segment, announced before the other was known: it takes nothing's place and erases nothing."""
    shop, desk = alike, alike.system.push_desk
    call = desk.announced(NARROWED, json.dumps(of_their_line(shop, "c-1", objections=objections)).encode())
    push(shop, event(shop, "c-1", objections=[] if known == "stored" else ...))
    shop.drain("ingest")
    with desk.begin(NARROWED, "17.wav") as incoming:
        incoming.write(b"something else")
        pushed = desk.received(NARROWED, call, incoming)
    relay(shop.system).tell(pushed.outbox)
    shop.drain()
    shop.clock.move(timedelta(days=2))
    shop.drain()
    assert [row.state.value for row in of_line(shop)] == ["stored"]


@pytest.mark.parametrize("what", ["stored", "refused", "dropped"])
def test_what_was_pushed_for_some_lines_keeps_no_other_lines_recording_of_its_name_out(
    alike: Workshop, what: str
) -> None:
    """Though it came first, and under the name of the event that was to come: both can be guessed."""
    shop = alike
    taken = of_their_line(shop, "c-1", objections=["recording"] if what == "refused" else [])
    push(shop, taken, b"something else", actor=NARROWED)
    shop.drain()
    if what == "dropped":
        push(shop, of_their_line(shop, "c-1", leg="z", objections=["recording"]), actor=NARROWED)
        shop.drain()
    true = {**event(shop, "c-1"), "id": taken["id"], "source": taken["source"]}
    true["data"]["audio"] = {"uri": shop.land("true.wav", AUDIO), "sha256": hashlib.sha256(AUDIO).hexdigest()}
    shop.publish(true)
    shop.drain()
    assert [row.state.value for row in of_line(shop)] == ["stored"]


def test_who_pushed_an_event_is_believed_of_nobody_but_our_own_desk(shop: Workshop) -> None:
    forged = {"by": "telephony:somebody", "lines": [OTHER_LINE], "mark": "k1:guessed"}
    shop.publish(shop.event("c-1"))
    shop.drain()
    said = shop.event("c-1", leg="z", objections=["recording"])
    shop.publish({**said, "callwardenpushed": forged})
    push(shop, {**event(shop, "c-2", objections=["training"]), "callwardenpushed": forged})
    shop.drain()
    assert shop.recording("c-1").state.value == "dropped"
    by = sorted((one.entered_by, one.lines) for one in shop.parts["catalogue"].rows.objections.values())
    assert by == [("service:ingest", None), (PBX.account, None)]


def test_a_receipt_goes_with_the_log_that_names_it_and_what_comes_again_then_is_known(shop: Workshop) -> None:
    said = event(shop)
    first = push(shop, said)
    shop.drain()
    kept = receipts_kept(shop.policy)
    for at, there in ((shop.clock.now() + kept, True), (shop.clock.now() + kept + timedelta(seconds=1), False)):
        list(replace(shop.system.landing_sweep, patience=timedelta(0)).rounds(now=at))
        with shop.system.catalogue.snapshot() as tx:
            assert (tx.receipts.get(first.receipt) is not None) is there
    assert not push(shop, said).again
    shop.drain()
    assert [one.outcome for one in shop.system.catalogue.list_outcomes()] == [Outcome.STORED, Outcome.DUPLICATE]
    assert landing(shop).files == {}
