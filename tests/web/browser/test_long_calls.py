"""Long calls: they open as short ones do, and word and sound stay together to the end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from callwarden.model.transcript import RedactedTurn, RedactedWord
from tests.support.browsers import looking_at
from tests.support.reviewed import ALARM, placed, review
from tests.web.browser.conftest import Portal

pytestmark = pytest.mark.tier("chromium")

_NOTE_THE_SEEK = """() => {
    const sound = document.querySelector('#sound');
    sound.addEventListener('seeking', () => { window.sought = sound.currentTime; }, { once: true });
}"""
_LISTENED = """async (first) => {
    // Plays from just before a word, and tells where the player says it is when the word begins to sound.
    const sound = document.querySelector('#sound');
    sound.pause();
    const context = new AudioContext();
    await context.resume();
    const ears = context.createAnalyser();
    ears.fftSize = 256;
    const heard = new Float32Array(ears.fftSize);
    sound.currentTime = first - 0.4;
    await new Promise((done) => sound.addEventListener('seeked', done, { once: true }));
    await sound.play();
    context.createMediaStreamSource(sound.captureStream()).connect(ears);
    const deadline = performance.now() + 15000;
    for (;;) {
        await new Promise((done) => setTimeout(done, 2));
        ears.getFloatTimeDomainData(heard);
        if (Math.max(...heard) > 0.02 && sound.currentTime > first - 0.38) break;
        if (performance.now() > deadline) throw new Error('nothing was heard');
    }
    const at = sound.currentTime;
    sound.pause();
    return at;
}"""


def lasting(minutes: int) -> list[RedactedTurn]:
    """The same conversation, again and again for so long."""
    once = placed(ALARM, pause_s=1.0)
    length_s, turns = once[-1].end_s + 1.0, list[RedactedTurn]()
    for number in range(int(minutes * 60 / length_s)):
        by = number * length_s
        turns += [
            replace(
                turn,
                start_s=round(turn.start_s + by, 2),
                end_s=round(turn.end_s + by, 2),
                words=tuple(
                    RedactedWord(text=w.text, start_s=round(w.start_s + by, 2), end_s=round(w.end_s + by, 2))
                    for w in turn.words
                ),
            )
            for turn in once
        ]
    return turns


def test_at_the_end_of_half_an_hour_in_stereo_a_word_and_its_sound_are_within_a_tenth_of_a_second(
    browser: Browser, portal: Portal
) -> None:
    turns = lasting(30)
    rec = review(portal.site, turns, ended=portal.site.clock.now() - timedelta(days=5))
    assert turns[-2].start_s > 1740
    with looking_at(browser, portal.address, portal.token) as page:
        opened = page.goto(f"/calls/{rec}?purpose=training#t={turns[-2].start_s}")
        assert opened is not None
        assert len(opened.body()) < 60_000  # a portion of its turns, however long it is
        page.wait_for_function("() => document.querySelector('#sound').currentTime > 1700")
        turn = page.locator(f'li[data-s="{turns[-2].start_s}"]')  # its portion has come by itself
        turn.hover()
        page.evaluate(_NOTE_THE_SEEK)
        turn.locator(".word").first.click()
        page.wait_for_function("() => window.sought !== undefined")
        assert page.evaluate("() => window.sought") == pytest.approx(turns[-2].start_s, abs=0.1)
        # A machine with other work wakes the listener late now and then; a player that is off is off every time.
        heard = [page.evaluate(_LISTENED, turns[-2].start_s) for _ in range(5)]
        assert min(abs(at - turns[-2].start_s) for at in heard) < 0.1
