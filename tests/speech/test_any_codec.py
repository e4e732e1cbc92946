"""Whatever a telephone system delivers goes through recognition, redaction and beeping, as long as it was (U4, D6, I9).

With the real recogniser, the real rules and the real beeper.
"""

import math
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from callwarden.adapters.audio.beeper import PLAYER_RATE_HZ, PyAvBeeper
from callwarden.adapters.speech.whisper import WhisperRecogniser
from callwarden.model.audio import BeepSound, PlayerFormat
from callwarden.model.ids import RecordingId
from callwarden.model.redaction import KnownFacts
from callwarden.model.transcript import Transcript
from callwarden.redaction import build_finder
from callwarden.redaction.policy_file import load_redaction_policy
from callwarden.steps.redact.make import MadeRedaction, RedactionMaker
from tests.speech.conftest import CAPS
from tests.speech.heard_calls import HEARD
from tests.support.audio_files import sample

TONE_SWING = 6000
"""A tone of -20 dBFS swings by this from lowest to highest sample."""


@pytest.fixture(scope="module")
def maker() -> RedactionMaker:
    policy = load_redaction_policy(Path(__file__).parents[2] / "config" / "redaction.yaml")
    return RedactionMaker(
        policy=policy,
        version="test",
        finder=build_finder(policy),
        beeper=PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC),
        listener=None,
        caps=CAPS,
    )


def made_of(maker: RedactionMaker, heard: Transcript, name: str) -> tuple[MadeRedaction, np.ndarray]:
    made = maker.make_known(heard, KnownFacts(), sample(name), hint=Path(name).suffix)
    assert isinstance(made, MadeRedaction), made
    with made.beeped, av.open(made.beeped, "r") as container:
        channels = container.streams.audio[0].codec_context.channels
        frames = [frame.to_ndarray().reshape(-1, channels).T for frame in container.decode(audio=0)]
    return made, np.concatenate(frames, axis=1)


def frames_of(name: str) -> int:
    """At the player's rate."""
    form = "gsm" if name.endswith(".gsm") else None
    with av.open(sample(name), "r", format=form) as container:
        rate = container.streams.audio[0].codec_context.sample_rate
        count = sum(frame.samples for frame in container.decode(audio=0))
    return math.ceil(count * PLAYER_RATE_HZ / rate)


@pytest.mark.parametrize(
    ("name", "channels", "gone"),
    [
        ("10_mono.gsm", 1, "bordeaux"),
        ("03_stereo_opus_16k.ogg", 2, "julien"),
        ("as_sent/q45.wav", 1, "benali"),
    ],
)
def test_a_call_of_any_codec_is_recognised_redacted_and_beeped_to_the_frame(
    name: str, channels: int, gone: str, recogniser: WhisperRecogniser, maker: RedactionMaker
) -> None:
    heard = recogniser.transcribe(
        sample(name),
        recording_id=RecordingId("rec-1"),
        roles=("agent", "caller"),
        language="fr",
        hint=Path(name).suffix,
    )
    # Whether the recogniser writes capitals differs from processor to processor.
    assert gone in " ".join(turn.text for turn in heard.turns).casefold()
    assert {turn.speaker for turn in heard.turns} == ({"agent", "caller"} if channels == 2 else {"unknown"})
    made, sound = made_of(maker, heard, name)
    assert gone not in " ".join(turn.text for turn in made.transcript.turns).casefold()
    assert sound.shape == (channels, frames_of(name))
    assert made.transcript.beeped
    for window in made.transcript.beeped:
        inside = sound[:, int(window.start_s * PLAYER_RATE_HZ) + 8 : int(window.end_s * PLAYER_RATE_HZ) - 8]
        assert (inside == inside[0]).all()  # every channel has the same tone
        assert np.ptp(inside) == pytest.approx(TONE_SWING, rel=0.15)


def test_a_call_of_silence_is_released_as_it_is(recogniser: WhisperRecogniser, maker: RedactionMaker) -> None:
    """An empty transcript: nothing to find, nothing to beep, and no error."""
    heard = recogniser.transcribe(
        sample("bad_silent.wav"), recording_id=RecordingId("rec-1"), roles=("agent", "caller"), language="fr"
    )
    made, sound = made_of(maker, heard, "bad_silent.wav")
    assert (heard.turns, made.transcript.turns, made.transcript.beeped) == ((), (), ())
    assert sound.shape == (2, frames_of("bad_silent.wav"))


@pytest.mark.parametrize("name", ["01", "02", "11"])
def test_swapped_channels_lose_no_beep(name: str, maker: RedactionMaker) -> None:
    """The roles of the event name the wrong channels: what is found is at least what was found in order."""
    from callwarden.adapters.speech.codec import JsonTranscriptCodec

    heard = JsonTranscriptCodec().decode((HEARD / f"{name}.heard.json").read_bytes())
    other = {"agent": "caller", "caller": "agent"}
    swapped = replace(heard, turns=tuple(replace(turn, speaker=other[turn.speaker]) for turn in heard.turns))
    in_order, _ = made_of(maker, heard, f"{name}.wav")
    exchanged, _ = made_of(maker, swapped, f"{name}.wav")
    for window in in_order.transcript.beeped:
        assert any(one.start_s <= window.start_s and window.end_s <= one.end_s for one in exchanged.transcript.beeped)
