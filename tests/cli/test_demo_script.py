"""The demonstration's events say how long their audio is: list and player show the same."""

from pathlib import Path

import av
import pytest

from callwarden.workers.demo.script import FROM_SPRING, FROM_TODAY, SampleCall

CALLS = Path(__file__).parents[2] / "config" / "demo" / "calls"


@pytest.mark.parametrize("call", [*FROM_SPRING, *FROM_TODAY], ids=lambda call: call.file)
def test_a_sample_call_lasts_as_long_as_its_audio(call: SampleCall) -> None:
    with av.open(CALLS / call.file) as audio:
        assert audio.duration is not None
        assert int(audio.duration / av.time_base) == call.lasts_s
