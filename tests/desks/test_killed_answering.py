"""Killed at any port call, an answer that is asked for again is whole, and a rectification is made once (I10, I11)."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from callwarden.desks.request_enclosures import HowToAnswer
from callwarden.errors import UsageError
from callwarden.model.rectification import Correction
from callwarden.model.request import RequestId, RequestState
from tests.desks.test_rectifications import granted
from tests.desks.test_request_answers import decided, redacted_call
from tests.journal.test_replay import backup, restore
from tests.support.dying import Fate, KilledError, Moment, moments, mortal
from tests.support.workshop import DPO, Workshop

Act = Callable[[Workshop], object]


def killed_everywhere(shop: Workshop, act: Act, looked: Callable[[Moment], None]) -> int:
    """Do `act` unharmed, then killed at each of its port calls over the same state, and once more after that; `looked`
    looks at what there is after each of both."""
    prepared, journal = backup(shop), shop.parts["journal"].records
    written = len(journal)
    fate = Fate()
    mortal(shop.reopen(), fate)
    act(shop)
    places = moments(fate.calls)
    for moment in places:
        restore(shop, (prepared[0].snapshot(), dict(prepared[1])))
        del journal[written:]
        mortal(shop.reopen(), Fate(at=moment))
        with pytest.raises(KilledError):
            act(shop)
        shop.reopen()
        looked(moment)
    return len(places)


def test_an_answer_killed_anywhere_looks_like_nothing_and_is_made_again(shop: Workshop, tmp_path: Path) -> None:
    redacted_call(shop)
    request = decided(shop)
    places = iter(range(1000))
    whole: set[str] = set()

    def answer(there: Workshop) -> None:
        there.system.answer_desk.answer(DPO, request, tmp_path / str(next(places)), HowToAnswer())

    def looked(moment: Moment) -> None:
        assert [one.name for one in tmp_path.glob("[0-9]*")] == ["0"], moment
        answer(shop)
        [again] = [one for one in tmp_path.glob("[0-9]*") if one.name != "0"]
        names = {one.relative_to(again).as_posix() for one in again.rglob("*") if one.is_file()}
        assert names == whole or not whole, moment
        whole.update(names)
        assert shop.system.request_desk.shown(DPO, request).request.state is RequestState.ANSWERED
        for one in sorted(again.rglob("*"), reverse=True):
            one.rmdir() if one.is_dir() else one.unlink()
        again.rmdir()

    assert killed_everywhere(shop, answer, looked) > 10
    assert {"letter.html", "pack.html", "pack.json", "manifest.json"} < whole


def test_a_rectification_killed_anywhere_is_made_once_and_its_history_is_one(shop: Workshop) -> None:
    recording = shop.stored()
    request: RequestId = granted(shop)

    def rectify(there: Workshop) -> None:
        there.system.rectification_desk.rectify(DPO, request, recording, Correction(number="+33639980042"))

    def looked(moment: Moment) -> None:
        shop.system.journal_replay.run()  # as every start does
        with contextlib.suppress(UsageError):  # it says so already
            rectify(shop)
        row = shop.recording("c-1")
        assert row.caller == shop.system.concerned.number("+33639980042"), moment
        assert len(shop.system.rectification_desk.history(DPO, request)) == 1, moment
        assert shop.report().breaches == (), moment

    assert killed_everywhere(shop, rectify, looked) > 5
