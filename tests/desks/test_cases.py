"""Holds are legal's: opened, placed, released and listed of their own lines, each act and refusal an entry (K3, U2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callwarden.desks.cases import CaseDesk, as_applied
from callwarden.desks.holds import HoldDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.court import CourtKind, Party, Residence
from callwarden.model.criteria import Asked
from callwarden.model.hold import CaseState
from callwarden.model.ids import CaseId, LineId, RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.ports.catalogue import OutcomeFilter
from callwarden.rules.cases import CaseDetails
from tests.journal.test_replay import backup, coming_up, restore
from tests.support.workshop import DPO, LEGAL, LINE, SECOND_LEGAL, Workshop

TRAINER = Actor(role=Role.TRAINER, name="alice")
HERE = Actor(role=Role.LEGAL, name="hugo", lines=frozenset({LineId(LINE)}))
ELSEWHERE = Actor(role=Role.LEGAL, name="elsa", lines=frozenset({LineId("monitoring-centre")}))
CASE = CaseId("DOSSIER-1")


def desk(shop: Workshop) -> HoldDesk:
    return shop.system.hold_desk


def cases(shop: Workshop) -> CaseDesk:
    return shop.system.case_desk


def told(shop: Workshop, *, last: int = 1) -> list[tuple[Any, ...]]:
    return [(str(one.operation), one.case, one.subject, *one.reasons) for one in shop.parts["catalogue"].log[-last:]]


def refusal(call: Callable[..., object], *arguments: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        call(*arguments, **more)
    return refused.value.reasons


def case(shop: Workshop, case_id: str = CASE) -> Any:
    with shop.system.catalogue.snapshot() as tx:
        return tx.cases.get(CaseId(case_id))


def test_somebody_else_opens_places_releases_and_lists_nothing_and_every_try_is_an_entry(shop: Workshop) -> None:
    recording = shop.stored()
    shop.hold(recording)
    assert refusal(cases(shop).open, TRAINER, CaseId("DOSSIER-2"), reason="curious") == ("not_permitted",)
    assert refusal(desk(shop).place, TRAINER, CASE, [recording]) == ("not_permitted",)
    assert refusal(desk(shop).release, TRAINER, CASE) == ("not_permitted",)
    assert refusal(cases(shop).listed, TRAINER) == ("not_permitted",)
    refused = ("access.refused", CASE, None, "not_permitted")
    assert told(shop, last=4) == [
        ("access.refused", "DOSSIER-2", None, "not_permitted", "hold.open"),
        (*refused, "hold.place"),
        (*refused, "hold.release.ask"),
        ("access.refused", None, None, "not_permitted", "hold.list"),
    ]
    assert case(shop, "DOSSIER-2") is None


def test_every_step_of_a_case_is_an_entry(shop: Workshop) -> None:
    recording = shop.stored()
    shop.hold(recording)
    cases(shop).listed(DPO)
    shop.release()
    assert told(shop, last=5) == [
        ("hold.opened", CASE, None),
        ("hold.placed", CASE, recording),
        ("hold.listed", None, None),
        ("hold.release_requested", CASE, None),
        ("hold.released", CASE, recording),
    ]


def test_whoever_is_narrowed_to_a_line_holds_no_other_lines_call_and_learns_nothing_of_it(shop: Workshop) -> None:
    here, nowhere = shop.stored("c-1"), RecordingId("rec-00000000000000000000000000000001")
    cases(shop).open(ELSEWHERE, CASE, reason="dispute")
    answers = [desk(shop).place(ELSEWHERE, CASE, [one]) for one in (here, nowhere)]
    assert [(one.held, one.gone, len(one.unknown)) for one in answers] == [((), (), 1)] * 2
    assert told(shop, last=2) == [("access.refused", CASE, None, "unknown", "hold.place")] * 2
    assert shop.recording("c-1").holds == ()
    assert desk(shop).place(HERE, CASE, [here]).held == (here,)


def test_whoever_is_narrowed_to_a_line_releases_no_other_lines_call(shop: Workshop) -> None:
    """One that holds nothing of theirs is answered as one that does not exist; of one they know, that it is more."""
    here, there = shop.stored("c-1"), shop.stored("c-2", line="monitoring-centre")
    shop.hold(here)
    assert refusal(desk(shop).release, ELSEWHERE, CASE) == refusal(desk(shop).release, ELSEWHERE, CaseId("NONE-1"))
    assert refusal(desk(shop).release, ELSEWHERE, CASE) == ("unknown",)
    shop.hold(there)
    assert refusal(desk(shop).release, ELSEWHERE, CASE) == ("not_permitted",)
    assert desk(shop).release(LEGAL, CASE).waiting_for_second
    assert refusal(desk(shop).release, ELSEWHERE, CASE) == ("not_permitted",)
    assert told(shop) == [("access.refused", CASE, None, "not_permitted", "hold.release.confirm")]
    assert case(shop).state is CaseState.OPEN
    cases(shop).open(HERE, CaseId("DOSSIER-2"), reason="another")
    desk(shop).place(HERE, CaseId("DOSSIER-2"), [here])
    assert desk(shop).release(HERE, CaseId("DOSSIER-2")).waiting_for_second
    assert desk(shop).release(LEGAL, CaseId("DOSSIER-2")).case.state is CaseState.RELEASED


def test_of_the_list_of_cases_everybody_sees_what_is_theirs(shop: Workshop) -> None:
    here, there = shop.stored("c-1"), shop.stored("c-2", line="monitoring-centre")
    shop.hold(here, there)
    shop.hold(there, case="DOSSIER-2")
    cases(shop).open(HERE, CaseId("DOSSIER-3"), reason="mine, and empty")
    seen = {one.case_id: [hold.recording_id for hold in holds] for one, holds, _ in cases(shop).listed(HERE)}
    assert seen == {"DOSSIER-1": [here], "DOSSIER-3": []}
    assert len(cases(shop).listed(LEGAL)) == 3


def test_a_case_is_one_whatever_the_capitals_of_its_name(shop: Workshop) -> None:
    recording = shop.stored()
    cases(shop).open(LEGAL, CASE, reason="dispute")
    assert cases(shop).open(DPO, CaseId("dossier-1 "), reason="dispute").case_id == CASE
    assert desk(shop).place(LEGAL, CaseId("Dossier-1"), [recording]).case.case_id == CASE
    assert desk(shop).release(LEGAL, CaseId("dossier-1")).case.case_id == CASE
    assert desk(shop).release(SECOND_LEGAL, CaseId("dossier-1")).case.state is CaseState.RELEASED
    assert {one.case for one in shop.parts["catalogue"].log if one.case} == {CASE}
    assert refusal(desk(shop).place, LEGAL, CaseId("dossier-1"), [recording]) == ("name_taken",)
    assert told(shop) == [("access.refused", CASE, None, "name_taken", "hold.place")]


def test_a_name_that_is_taken_is_refused_and_no_reason_is_lost(shop: Workshop) -> None:
    cases(shop).open(LEGAL, CASE, reason="dispute")
    assert cases(shop).open(DPO, CASE, reason="dispute").opened_by == LEGAL.name
    assert refusal(cases(shop).open, DPO, CASE, reason="another dispute") == ("name_taken",)
    assert told(shop) == [("access.refused", CASE, None, "name_taken", "hold.open")]
    shop.release()
    assert refusal(cases(shop).open, DPO, CASE, reason="dispute") == ("name_taken",)
    assert case(shop).reason == "dispute"


@pytest.mark.parametrize("name", ["DOSSIER-0639980001", "DOSSIER 06 39 98 00 01", "+33 6 39 98 00 01"])
def test_no_case_is_named_by_a_telephone_number(shop: Workshop, name: str) -> None:
    recording = shop.stored()
    for attempt in (
        lambda: cases(shop).open(LEGAL, CaseId(name), reason="dispute"),
        lambda: desk(shop).place(LEGAL, CaseId(name), [recording]),
        lambda: desk(shop).release(LEGAL, CaseId(name)),
    ):
        with pytest.raises(UsageError, match="not a telephone number"):
            attempt()


@pytest.mark.parametrize("name", ["DOSSIER-2026-014", "2026/07", "DOSSIER-" + "7" * 90])
def test_a_case_of_any_other_name_is_opened(shop: Workshop, name: str) -> None:
    assert cases(shop).open(LEGAL, CaseId(name), reason="dispute").case_id == name


def test_a_case_that_there_is_not_is_unknown_to_everybody_who_asks(shop: Workshop) -> None:
    recording, nowhere = shop.stored(), CaseId("NONE-1")
    assert refusal(desk(shop).place, LEGAL, nowhere, [recording]) == ("unknown",)
    assert refusal(desk(shop).release, LEGAL, nowhere) == ("unknown",)
    acts = [one[-1] for one in told(shop, last=2)]
    assert acts == ["hold.place", "hold.release.ask"]


def test_the_reason_of_somebody_elses_case_cannot_be_guessed(shop: Workshop) -> None:
    shop.hold(shop.stored())
    reason = case(shop).reason
    assert {refusal(cases(shop).open, ELSEWHERE, CASE, reason=each) for each in (reason, "a guess")} == {
        ("name_taken",)
    }
    assert cases(shop).open(HERE, CASE, reason=reason).case_id == CASE, "it holds something of theirs"


def test_every_answer_about_a_case_is_an_entry_also_where_nothing_is_done(shop: Workshop) -> None:
    recording = shop.stored()
    shop.hold(recording)
    cases(shop).open(DPO, CASE, reason=case(shop).reason)
    assert told(shop) == [("hold.listed", CASE, None)]
    desk(shop).place(DPO, CASE, [recording])
    assert told(shop) == [("hold.listed", CASE, recording)]
    shop.release()
    desk(shop).release(DPO, CASE)
    assert told(shop) == [("hold.listed", CASE, None)]
    gone = shop.recording("c-1")
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(gone, state=RecordingState.DISPOSING)])
    cases(shop).open(LEGAL, CaseId("DOSSIER-2"), reason="too late")
    assert desk(shop).place(LEGAL, CaseId("DOSSIER-2"), [recording]).gone == (recording,)
    assert told(shop) == [("hold.listed", "DOSSIER-2", recording)]


THE_OTHER = Party(party_id="claimant", residence=Residence.METROPOLE)
MINE = CaseDetails(people=("brigitte",), court=CourtKind.CIVIL, seat="57", parties=(THE_OTHER,))
OUTSIDER = Actor(role=Role.LEGAL, name="hector")
AUDITOR = Actor(role=Role.AUDITOR, name="david")


@pytest.fixture
def closed(shop: Workshop) -> CaseId:
    """A case of Bruno's and Brigitte's, which holds a call."""
    cases(shop).open(LEGAL, CASE, reason="Ada Martin v. us", details=MINE)
    desk(shop).place(LEGAL, CASE, [shop.stored()])
    return CASE


def test_a_case_is_open_to_the_people_named_in_it_and_to_nobody_else(shop: Workshop, closed: CaseId) -> None:
    """To everybody else it is as if there were none."""
    recording = shop.recording("c-1").recording_id
    for who in (LEGAL, SECOND_LEGAL):
        assert cases(shop).shown(who, closed).case.reason == "Ada Martin v. us"
        assert [one.case_id for one, _, _ in cases(shop).listed(who)] == [closed]
    assert cases(shop).listed(OUTSIDER) == []
    for asks, *more in (
        (cases(shop).shown,),
        (cases(shop).edit, CaseDetails(people=("hector",))),
        (desk(shop).place, [recording]),
        (desk(shop).release,),
    ):
        refusals = {refusal(asks, OUTSIDER, case_id, *more) for case_id in (closed, CaseId("NONE-1"))}
        assert refusals == {("unknown",)}
    assert refusal(cases(shop).open, OUTSIDER, closed, reason="Ada Martin v. us", details=MINE) == ("name_taken",)
    assert desk(shop).release(SECOND_LEGAL, closed).waiting_for_second


def test_whoever_oversees_sees_that_there_is_a_case_and_not_what_it_is_about(shop: Workshop, closed: CaseId) -> None:
    for who in (DPO, AUDITOR):
        [(case, holds, _)] = cases(shop).listed(who)
        assert (case.case_id, case.people, len(holds)) == (closed, ("brigitte",), 1)
        shown = cases(shop).shown(who, closed)
        assert (shown.whole, shown.placements) == (False, ())
        assert {(one.reason, one.parties, one.history) for one in (case, shown.case)} == {("", (), ())}
    assert refusal(desk(shop).release, DPO, closed) == ("unknown",)


def test_a_case_whose_people_are_gone_is_not_lost(shop: Workshop, closed: CaseId) -> None:
    """The data protection officer names others, and learns nothing by it."""
    edited = cases(shop).edit(DPO, closed, CaseDetails(people=("hector",), responsible="hector"))
    assert (edited.people, edited.reason) == (("hector",), "")
    assert refusal(cases(shop).edit, DPO, closed, CaseDetails(reason="curious")) == ("unknown",)
    assert cases(shop).shown(OUTSIDER, closed).case.reason == "Ada Martin v. us"
    assert refusal(cases(shop).shown, SECOND_LEGAL, closed) == ("unknown",)
    assert told(shop, last=4)[0] == ("hold.edited", closed, None)


def test_what_a_case_said_before_stays_in_its_history(shop: Workshop, closed: CaseId) -> None:
    overseas = replace(THE_OTHER, residence=Residence.OVERSEAS)
    cases(shop).edit(LEGAL, closed, CaseDetails(seat="974", parties=(overseas,)))
    cases(shop).edit(SECOND_LEGAL, closed, CaseDetails(reason="Ada Martin v. us, on appeal"))
    cases(shop).edit(LEGAL, closed, CaseDetails(seat="974"))
    shown = cases(shop).shown(LEGAL, closed).case
    assert [(one.by, one.field, one.before, one.after) for one in shown.history] == [
        ("bruno", "seat", "57", "974"),
        ("bruno", "parties", "claimant=metropole", "claimant=overseas"),
        ("brigitte", "reason", "Ada Martin v. us", "Ada Martin v. us, on appeal"),
    ]
    assert told(shop, last=2)[0] == ("hold.shown", CASE, None), "nothing was changed the third time"
    shop.release()
    assert refusal(cases(shop).edit, LEGAL, closed, CaseDetails(seat="75")) == ("name_taken",)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (CaseDetails(seat="100"), "no department"),
        (CaseDetails(people=("élise",)), "no account"),
        (CaseDetails(responsible="Brigitte Durand"), "no account"),
        (CaseDetails(parties=(replace(THE_OTHER, party_id="Ada Martin"),)), "not its name"),
        (CaseDetails(parties=(THE_OTHER, THE_OTHER)), "once"),
        (CaseDetails(reason=" "), "a name and a reason"),
        (CaseDetails(), "say what to change"),
    ],
)
def test_what_makes_no_sense_in_a_case_is_refused(
    shop: Workshop, closed: CaseId, wrong: CaseDetails, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        cases(shop).edit(LEGAL, closed, wrong)


def test_a_case_comes_back_from_the_journal_with_its_history(shop: Workshop, closed: CaseId) -> None:
    kept_aside = backup(shop)
    cases(shop).edit(LEGAL, closed, CaseDetails(seat="974"))
    shop.system.placement_desk.place(LEGAL, closed, Asked(customer="C-1"))
    after, placed = case(shop), cases(shop).shown(LEGAL, closed).placements
    restore(shop, kept_aside)
    assert case(shop) != after
    coming_up(shop)
    assert (case(shop), cases(shop).shown(LEGAL, closed).placements) == (after, placed)


def test_no_other_answer_names_somebody_elses_case(shop: Workshop, closed: CaseId) -> None:
    recording = shop.recording("c-1").recording_id
    cases(shop).open(OUTSIDER, CaseId("DOSSIER-2"), reason="another")
    desk(shop).place(OUTSIDER, CaseId("DOSSIER-2"), [recording])
    for who, named in (
        (LEGAL, ("DOSSIER-1", "DOSSIER-2")),
        (OUTSIDER, ("DOSSIER-2",)),
        (DPO, ("DOSSIER-1", "DOSSIER-2")),
    ):
        for found in (
            shop.system.call_desk.listed(who, OutcomeFilter()),
            shop.system.call_desk.shown(who, recording),
        ):
            assert (found.recordings[recording].holds, found.held) == (named, {recording})
    desk(shop).release(OUTSIDER, CaseId("DOSSIER-2"))
    desk(shop).release(SECOND_LEGAL, CaseId("DOSSIER-2"))
    assert refusal(shop.system.custody_desk.record, OUTSIDER, recording) == ("not_held",)


def test_once_its_period_is_over_a_held_recording_is_open_to_the_people_of_its_case_alone(
    shop: Workshop, closed: CaseId
) -> None:
    """U9: nobody else of legal has a dispute about it."""
    recording = shop.recording("c-1").recording_id

    def read(who: Actor) -> bytes:
        return shop.system.gate.read(who, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO).read_all()

    assert read(OUTSIDER) == read(SECOND_LEGAL) == b"a call"
    until = shop.recording("c-1").keep_until
    assert until is not None
    shop.clock.instant = until
    assert refusal(read, OUTSIDER) == ("past_retention",)
    assert read(SECOND_LEGAL) == b"a call"


@pytest.mark.parametrize("nobody", [(), ("",), (" ", "")])
def test_people_that_are_nobody_open_a_case_to_nobody(shop: Workshop, closed: CaseId, nobody: tuple[str, ...]) -> None:
    """Without a word a case is all of legal's; by a slip of the pen it is not."""
    for who in (LEGAL, DPO):
        with pytest.raises(UsageError, match="people: names nobody"):
            cases(shop).edit(who, closed, CaseDetails(people=nobody))
    with pytest.raises(UsageError, match="people: names nobody"):
        cases(shop).open(LEGAL, CaseId("DOSSIER-2"), reason="dispute", details=CaseDetails(people=nobody))
    assert case(shop).people == ("brigitte",)


def test_a_data_protection_officer_opens_no_case_to_themselves(shop: Workshop, closed: CaseId) -> None:
    for details in (CaseDetails(people=("brigitte", DPO.name)), CaseDetails(responsible=DPO.name.upper())):
        assert refusal(cases(shop).edit, DPO, closed, details) == ("same_person",)
    another = replace(DPO, name="delphine")
    cases(shop).edit(another, closed, CaseDetails(people=("brigitte", DPO.name)))
    shown = cases(shop).shown(DPO, closed)
    assert [(one.by, one.field, one.after) for one in shown.case.history] == [
        ("delphine", "people", f"brigitte, {DPO.name}")
    ]


def test_a_case_and_a_custody_record_say_the_same_of_what_is_fast_and_which_object_is_not(
    shop: Workshop, closed: CaseId
) -> None:
    """What is stored after the flags were set, such as a new redaction, has none yet."""
    recording = shop.recording("c-1").recording_id
    shop.drain("holds")
    [hold] = cases(shop).shown(LEGAL, closed).holds
    assert (hold.applied_at is not None, cases(shop).shown(LEGAL, closed).not_fast) == (True, {})
    shop.clock.move(timedelta(minutes=1))
    with shop.system.catalogue.transaction() as tx:
        [stored] = tx.artefacts.get([recording])
        later = replace(stored, generation=2, key=f"{stored.key}.later", stored_at=shop.clock.now())
        tx.artefacts.add([later])
    shown = cases(shop).shown(LEGAL, closed)
    assert ([one.applied_at for one in shown.holds], shown.not_fast) == ([None], {recording: [later.key]})
    with shop.system.catalogue.snapshot() as tx:
        assert as_applied(tx, tx.holds.find(recording_id=recording)) == shown.holds


@pytest.mark.parametrize(
    "name",
    ["DОSSIER-9", "DOSSIER-\u202e9", "DOSSIER-９", "DOSSIER\u200b-9", "DOSS\tIER-9", "DOSSIER-ı", "D" * 101],
    ids=["another alphabet", "reading direction", "wide digits", "invisible", "control", "no dot", "too long"],
)
def test_a_case_is_not_opened_under_a_name_that_looks_like_another_or_does_not_show(shop: Workshop, name: str) -> None:
    with pytest.raises(UsageError, match="a case is named by letters"):
        cases(shop).open(LEGAL, CaseId(name), reason="dispute")


def test_names_that_differ_in_accents_width_or_spaces_are_one_case_s(shop: Workshop) -> None:
    cases(shop).open(LEGAL, CaseId("Dossier Hélène n° 3"), reason="dispute")
    for name in ("DOSSIER HELENE N° 3", "dossier  hélène n° 3", "Ｄossier Hélène n° 3", "Dossier Hélène\u200b n° 3"):
        assert cases(shop).open(LEGAL, CaseId(name), reason="dispute").case_id == "Dossier Hélène n° 3"
    assert len(cases(shop).listed(LEGAL)) == 1


def test_an_altered_case_is_listed_as_such_and_says_nothing_that_may_be_another_one_s(shop: Workshop) -> None:
    cases(shop).open(LEGAL, CASE, reason="dispute")
    rows = shop.parts["catalogue"].rows
    rows.cases[CASE] = replace(rows.cases[CASE], reason="of another case", altered=True)
    [(listed, _, _)] = cases(shop).listed(LEGAL)
    assert (listed.altered, listed.reason) == (True, "")
    assert refusal(cases(shop).shown, LEGAL, CASE) == ("row_altered",)


def test_a_reason_is_no_book(shop: Workshop) -> None:
    with pytest.raises(UsageError, match="1000 characters"):
        cases(shop).open(LEGAL, CASE, reason="x" * 1001)


def test_a_custody_record_shows_nothing_that_was_done_in_a_case_closed_to_who_reads_it(
    shop: Workshop, closed: CaseId
) -> None:
    recording = shop.recording("c-1").recording_id
    cases(shop).open(OUTSIDER, CaseId("DOSSIER-2"), reason="another")
    desk(shop).place(OUTSIDER, CaseId("DOSSIER-2"), [recording])

    def named(who: Actor) -> set[str]:
        accesses = shop.system.custody_desk.record(who, recording).accesses
        return {one.entry.case for one in accesses if one.entry.case is not None}

    assert len(named(OUTSIDER)) == 1
    assert named(OUTSIDER) < named(LEGAL)


def test_who_is_narrowed_hears_of_a_case_of_other_lines_what_they_hear_of_none(shop: Workshop) -> None:
    shop.hold(shop.stored())
    asked: tuple[Callable[[CaseId], object], ...] = (
        lambda name: desk(shop).release(ELSEWHERE, name),
        lambda name: cases(shop).edit(ELSEWHERE, name, CaseDetails(reason="another")),
        lambda name: cases(shop).shown(ELSEWHERE, name),
    )
    words = set()
    for name in ("DOSSIER-1", "dossier-1", "DOSSIER-7"):
        for ask in asked:
            with pytest.raises(RefusedError) as refused:
                ask(CaseId(name))
            words.add((refused.value.reasons, str(refused.value).replace(name, "NAME")))
    assert len(words) == 1
