"""One call of every format that docs/telephony.md lists: its event, its audio in the landing area, what is stored of
it, and the sound that a player gets. Stored is, byte for byte, what came."""

import hashlib
import io
from collections.abc import Iterator

import av
import pytest

from callwarden.adapters.audio.beeper import PyAvBeeper
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.audio import AudioCaps, BeepSound, PlayerFormat
from callwarden.model.purpose import Purpose
from callwarden.model.transcript import TimeRange
from tests.support.audio_files import SAMPLES
from tests.support.containers import FORMATS
from tests.support.site import Site

LEGAL = Actor(role=Role.LEGAL, name="bruno")
CAPS = AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
OF_SAMPLES = {
    name: (SAMPLES / name, name[name.rindex(".") :])
    for name in (
        "01.wav",
        "09_mono_gsm610.wav",
        "10_mono.gsm",
        "03_stereo_opus_16k.ogg",
        "as_sent/q45.wav",
        "as_sent/w_sox_real2.wav",
        "as_sent/o_granule.ogg",
        "as_sent/m_twoid3.mp3",
    )
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("formats") / "home") as built:
        yield built


@pytest.mark.parametrize("name", [*FORMATS, *OF_SAMPLES])
def test_a_call_of_every_format_is_stored_as_it_came_and_can_be_played(site: Site, name: str) -> None:
    if name in FORMATS:
        make, suffix, said = FORMATS[name]
        content = make()
    else:
        path, suffix = OF_SAMPLES[name]
        content, said = path.read_bytes(), {}
    digest = hashlib.sha256(content).hexdigest()
    call = f"c-{digest[:12]}"
    audio = {"uri": site.land(f"{call}{suffix}", content), "sha256": digest, "bytes": len(content)}
    event = site.event(call, channels=..., **said)
    event["data"]["audio"] = audio
    site.publish(event)
    site.drain("ingest")
    [outcome] = [one for one in site.outcomes() if one.call_id == call]
    assert (outcome.outcome, outcome.reason, outcome.notes) == ("stored", None, ())
    assert outcome.recording_id is not None
    stored = site.system.gate.read(LEGAL, Purpose.DISPUTE, outcome.recording_id, Readable.ORIGINAL_AUDIO)
    assert stored.read_all() == content

    event = site.system.gate.details(LEGAL, Purpose.DISPUTE, outcome.recording_id)
    player = io.BytesIO()
    made = PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC).beep(
        io.BytesIO(content),
        player,
        windows=[TimeRange(start_s=0.5, end_s=1.0)],
        caps=CAPS,
        hint=event.audio_hint,
    )
    with av.open(io.BytesIO(player.getvalue())) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == made.frames > 16_000
