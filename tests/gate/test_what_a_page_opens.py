"""What a redaction leaves a player to draw and to say: made from the beeped sound, and of nothing else (U4)."""

import json

import pytest

from callwarden.adapters.audio.beeper import PyAvBeeper
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.audio import BeepSound, PlayerFormat
from callwarden.model.purpose import Purpose
from callwarden.model.transcript import TimeRange
from tests.desks.test_request_answers import ToldFinder
from tests.support.redacting import Redacting
from tests.support.site import sample
from tests.support.workshop import Workshop

TRAINER = Actor(role=Role.TRAINER, name="t.martin")


def test_peaks_words_and_badges_show_one_and_the_same_place(shop: Workshop) -> None:
    call = shop.stored(audio=sample("01.wav"))
    beeper = PyAvBeeper(sound=BeepSound.SILENCE, form=PlayerFormat.FLAC)
    redacting = Redacting(shop, finder=ToldFinder(), beeper=beeper)  # type: ignore[arg-type]  # the real one
    redacting.said(call, ("agent", "bonjour qui appelle"), ("caller", "ici Karim Benali bonsoir"))
    redacting.settle(call)
    outline = json.loads(shop.system.gate.read(TRAINER, Purpose.TRAINING, call, Readable.WAVEFORM).read_all())
    portion = shop.system.transcript_desk.turns(TRAINER, Purpose.TRAINING, call)
    [_, caller] = portion.turns
    [badge] = caller.badges
    [beep] = portion.beeped
    assert (badge.type, caller.turn.text) == ("PERSON", "ici [PERSON_1] bonsoir")
    assert [(word.text, word.start_s, word.end_s) for word in caller.turn.words] == [
        ("ici", 3.0, 3.8),
        ("[PERSON_1]", 4.0, 5.8),
        ("bonsoir", 6.0, 6.8),
    ]
    assert (badge.start_s, badge.end_s) == (4.0, 5.8)
    assert outline["beeps"] == [[beep.start_s, beep.end_s]] == [[3.75, 6.05]]
    assert (outline["lanes"], outline["pauses"]) == (["agent", "caller"], [])
    pixel = outline["samples_per_pixel"] / outline["sample_rate"]
    under = range(int(beep.start_s / pixel) + 1, int(beep.end_s / pixel))
    assert all(lane[2 * at : 2 * at + 2] == [0, 0] for lane in outline["data"] for at in under)
    shop.system.redaction_desk.report_missed(TRAINER, call, places=[TimeRange(start_s=3.0, end_s=3.8)])
    for what in (Readable.WAVEFORM, Readable.BEEPED_AUDIO, Readable.REDACTED_TRANSCRIPT):
        with pytest.raises(RefusedError, match="redaction_incomplete"):
            shop.system.gate.read(TRAINER, Purpose.TRAINING, call, what)
