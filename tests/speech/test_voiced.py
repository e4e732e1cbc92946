"""Spoken sets: what a span's gold time is worth."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from callwarden.adapters.speech.evaluate import read_gold
from tests.redaction.build_gold import read_dialogues
from tests.speech.voiced import RATE, Line, Said, heard, spoken, write

MARKUP = "== one\nA: Votre nom ?\nC: Oui, [PERSON Vautrin], et le code [SECRET lilas]. Voilà.\n"


class Beeping:
    """A tenth of a second a sign; only spans sound."""

    def say(self, parts: Sequence[str]) -> Said:
        tenth = RATE // 10
        sounds = [np.full(len(part) * tenth, 3000.0 * (number % 2)) for number, part in enumerate(parts)]
        ends = np.cumsum([len(sound) for sound in sounds]) / RATE
        spans = tuple((float(ends[at - 1]), float(ends[at])) for at in range(1, len(parts), 2))
        return Said(samples=np.concatenate(sounds), spans=spans)


@pytest.mark.parametrize("mono", [False, True])
def test_a_span_is_heard_at_its_gold_time_and_nowhere_else(tmp_path: Path, mono: bool) -> None:
    (document,) = read_dialogues(MARKUP, 0)
    line = Line(noise_db=90, crosstalk_db=120, caller_db=3, hurried=False, codec="pcm_alaw")
    call = spoken(document, {"agent": Beeping(), "caller": Beeping()}, line, random.Random(1))
    sound = heard(call, line, 1)
    write("one", call, sound.sum(axis=0)[None] if mono else sound, line.codec, tmp_path)

    (gold,) = read_gold(tmp_path)
    assert [kind for kind, _ in gold.personal] == ["PERSON", "SECRET"]
    with av.open(str(gold.audio)) as container:
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    channels = samples.reshape(-1, 1 if mono else 2).T
    loud = np.abs(channels[-1].astype(float)) > 500
    personal = np.zeros(len(loud), bool)
    for _, when in gold.personal:
        personal[round(when.start_s * RATE) : round(when.end_s * RATE)] = True
    assert np.mean(loud != personal) < 0.001
    assert json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))["channels"] == list(gold.roles)
