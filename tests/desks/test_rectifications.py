"""What is wrong is put right, what stood there is kept, and what follows follows at once (D1; GDPR, article 16)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Readable, service
from callwarden.model.criteria import Asked
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CaseId, LineId, RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.rectification import Correction
from callwarden.model.request import RefusalGround, RequestId, RequestState, RequestType
from tests.support.workshop import DPO, LEGAL, Workshop

NUMBER, RIGHT = "+33639980001", "+33639980042"


def granted(shop: Workshop, kind: RequestType = RequestType.RECTIFICATION) -> RequestId:
    desk = shop.system.request_desk
    request = desk.open(DPO, kind, number=NUMBER).request.request_id
    desk.verify(DPO, request, how="called back")
    shop.system.request_item_desk.find(DPO, request)
    shop.system.request_item_desk.decide(DPO, request)
    return request


def rectified(shop: Workshop, recording: RecordingId, **what: Any) -> Any:
    return shop.system.rectification_desk.rectify(DPO, granted(shop), recording, Correction(**what))


def refusal(shop: Workshop, request: RequestId, recording: RecordingId, **what: Any) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        shop.system.rectification_desk.rectify(DPO, request, recording, Correction(**what))
    return refused.value.reasons


def test_a_corrected_number_is_the_callers_from_then_on_and_the_other_one_is_kept(shop: Workshop) -> None:
    recording = shop.stored()
    request = granted(shop)
    desk = shop.system.rectification_desk
    done = desk.rectify(DPO, request, recording, Correction(number="06 39 98 00 42", name="Hélène Marchand"))
    assert done.changes["number"] == {"was": NUMBER, "now": RIGHT}
    event = shop.system.gate.details(DPO, Purpose.RIGHTS_REQUEST, recording)
    assert (event.caller.number, event.caller.name, event.caller.customer_id) == (RIGHT, "Hélène Marchand", "C-1")
    assert shop.recording("c-1").caller == shop.system.concerned.number(RIGHT)
    [kept] = desk.history(DPO, request)
    assert kept.changes == done.changes
    assert kept.rectification.fields == {"number", "name"}
    assert RIGHT not in str(shop.parts["catalogue"].log)
    [entry] = [one for one in shop.parts["catalogue"].log if one.operation == "request.rectified"]
    assert (entry.subject, entry.correlation, entry.reasons) == (recording, request, ("name", "number"))


def test_a_corrected_end_counts_the_period_anew(shop: Workshop) -> None:
    """K7."""
    recording = shop.stored()
    before = shop.recording("c-1")
    assert before.started_at is not None
    ended = datetime.fromisoformat("2026-08-31T12:00:00+02:00")
    rectified(shop, recording, started_at=ended - timedelta(minutes=2), ended_at=ended)
    assert shop.recording("c-1").keep_until == datetime.fromisoformat("2027-02-28T12:00:00+01:00")


def test_a_corrected_line_gives_its_period_and_an_old_call_goes_with_the_next_sweep(shop: Workshop) -> None:
    """K1, K2."""
    recording = shop.stored(line="monitoring-centre")
    request = granted(shop)
    shop.clock.move(timedelta(days=200))
    done = shop.system.rectification_desk.rectify(DPO, request, recording, Correction(line=LineId("customer-service")))
    assert done.recording.keep_until < shop.clock.now()
    shop.system.request_desk.answer(DPO, request)
    shop.drain("dispose")
    assert shop.recording("c-1").state is RecordingState.DISPOSED
    assert [one.changes for one in shop.system.rectification_desk.history(DPO, request)] == [None]


def test_an_objection_on_file_under_the_corrected_number_does_what_it_would_have_done(shop: Workshop) -> None:
    """R3, R4."""
    dropped, limited = shop.stored("c-1"), shop.stored("c-2")
    objections = shop.system.objection_desk
    objections.add(DPO, ObjectionScope(number=RIGHT), frozenset({"recording"}), channel="letter")
    objections.add(DPO, ObjectionScope(customer_id="C-9"), frozenset({"ai_experiment"}), channel="letter")
    request = granted(shop)
    desk = shop.system.rectification_desk
    assert desk.rectify(DPO, request, dropped, Correction(number=RIGHT)).objections[0].kept_for_request == (dropped,)
    assert shop.system.gate.permitted(LEGAL, Purpose.DISPUTE, Readable.ORIGINAL_AUDIO, [dropped]) == ()
    done = desk.rectify(DPO, request, limited, Correction(customer="C-9"))
    assert (done.state, len(done.objections)) == (RecordingState.STORED, 1)
    assert shop.recording("c-2").objected == {"ai_experiment"}
    shop.system.request_desk.answer(DPO, request)
    shop.system.request_erasure_desk.resume(service("requests"))
    assert shop.recording("c-1").state is RecordingState.DROPPED
    assert shop.clean()


def test_what_is_held_stays_held_when_it_is_put_right(shop: Workshop) -> None:
    """K3."""
    recording = shop.stored()
    shop.hold(recording)
    shop.system.objection_desk.add(DPO, ObjectionScope(number=RIGHT), frozenset({"recording"}), channel="letter")
    done = rectified(shop, recording, number=RIGHT)
    assert done.state is RecordingState.STORED
    assert done.objections[0].kept_for_case == (recording,)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"line": LineId("nowhere")}, "unknown_line"),
        ({"ended_at": datetime.fromisoformat("2026-11-20T08:00:00+01:00")}, "no_credible_time"),
        ({"started_at": datetime.fromisoformat("1999-01-01T00:00:00+01:00")}, "no_credible_time"),
        (
            {
                "started_at": datetime.fromisoformat("2026-11-25T11:59:00+01:00"),
                "ended_at": datetime.fromisoformat("2026-11-25T12:00:00+01:00"),
            },
            "future_time",
        ),
    ],
)
def test_a_call_that_cannot_have_been_so_is_refused(shop: Workshop, what: dict[str, Any], why: str) -> None:
    recording = shop.stored()
    before = shop.recording("c-1")
    assert refusal(shop, granted(shop), recording, **what) == (why,)
    assert shop.recording("c-1") == before


def test_an_end_after_the_audio_was_stored_is_refused_however_late_it_is_by_now(shop: Workshop) -> None:
    """Nobody keeps a call longer by dating it later."""
    recording = shop.stored()
    request = granted(shop)
    shop.clock.move(timedelta(days=20))
    later = shop.clock.now() - timedelta(days=1)
    what = {"started_at": later - timedelta(minutes=1), "ended_at": later}
    assert refusal(shop, request, recording, **what) == ("future_time",)


def test_only_what_a_rectification_was_granted_for_is_put_right(shop: Workshop) -> None:
    recording = shop.stored()
    access = granted(shop, RequestType.ACCESS)
    assert refusal(shop, access, recording, name="X") == ("not_a_rectification",)
    undecided = shop.system.request_desk.open(DPO, RequestType.RECTIFICATION, number=NUMBER).request.request_id
    shop.system.request_desk.verify(DPO, undecided, how="called back")
    shop.system.request_item_desk.find(DPO, undecided)
    assert refusal(shop, undecided, recording, name="X") == ("undecided",)
    shop.system.request_item_desk.decide(DPO, undecided, refusal=RefusalGround.ACCURATE)
    assert refusal(shop, undecided, recording, name="X") == ("undecided",)
    assert refusal(shop, undecided, RecordingId("rec-0"), name="X") == ("unknown",)
    with pytest.raises(RefusedError) as refused:
        shop.system.rectification_desk.rectify(LEGAL, undecided, recording, Correction(name="X"))
    assert refused.value.reasons == ("not_permitted",)


def test_what_was_granted_is_put_right_before_the_answer(shop: Workshop) -> None:
    recording = shop.stored()
    request = granted(shop)
    with pytest.raises(RefusedError) as refused:
        shop.system.request_desk.answer(DPO, request)
    assert refused.value.reasons == ("not_rectified",)
    shop.system.rectification_desk.rectify(DPO, request, recording, Correction(labels=(("alarm", "A-2"),)))
    assert shop.system.request_desk.answer(DPO, request).state is RequestState.ANSWERED


def test_nothing_to_put_right_and_a_number_that_is_none_are_wrong_usage(shop: Workshop) -> None:
    recording = shop.stored(labels={"alarm": "A-1"})
    request = granted(shop)
    desk = shop.system.rectification_desk
    for what in ({}, {"number": NUMBER}, {"number": "douze"}, {"customer": " "}, {"labels": (("alarm", "A-1"),)}):
        with pytest.raises(UsageError):
            desk.rectify(DPO, request, recording, Correction(**what))
    assert desk.rectify(DPO, request, recording, Correction(labels=(("alarm", None),))).changes["labels"]["now"] is None


def test_a_hold_by_criteria_catches_what_matches_once_it_is_put_right_and_outranks_an_objection(shop: Workshop) -> None:
    """K3."""
    by_number, by_label = shop.stored("c-1"), shop.stored("c-2", labels={"alarm": "A-1"})
    shop.system.case_desk.open(LEGAL, CaseId("DOSSIER-7"), reason="dispute")
    for asked in (Asked(caller=RIGHT), Asked(labels=("alarm=A-2",))):
        shop.system.placement_desk.place(LEGAL, CaseId("DOSSIER-7"), asked)
    shop.system.objection_desk.add(DPO, ObjectionScope(number=RIGHT), frozenset({"recording"}), channel="letter")
    request = granted(shop)
    desk = shop.system.rectification_desk
    done = desk.rectify(DPO, request, by_number, Correction(number=RIGHT))
    assert done.objections[0].kept_for_case == (by_number,)
    desk.rectify(DPO, request, by_label, Correction(labels=(("alarm", "A-2"),)))
    assert [shop.recording(call).holds for call in ("c-1", "c-2")] == [(CaseId("DOSSIER-7"),)] * 2


def test_an_erasure_s_preview_marks_what_was_put_right_in_whose_it_is(shop: Workshop) -> None:
    """Whoever approves it sees what is this person's only since one person said so."""
    recording = shop.stored()
    rectified(shop, recording, number="06 39 98 00 42")
    request = shop.system.request_desk.open(DPO, RequestType.ERASURE, number=RIGHT).request.request_id
    shop.system.request_desk.verify(DPO, request, how="called back")
    shop.system.request_item_desk.find(DPO, request)
    shop.system.request_desk.answer(DPO, _rectifying(shop))
    found = shop.system.request_erasure_desk.preview(DPO, request)
    assert (found.erasable, found.put_right) == ((recording,), (recording,))


def _rectifying(shop: Workshop) -> RequestId:
    requests = shop.system.request_desk.listed(DPO)
    return next(one.request.request_id for one in requests if one.request.type is RequestType.RECTIFICATION)
