"""What docs/telephony.md says for each telephone system, done with files as it writes them, over HTTP and Kafka."""

import json
import os
import re
import runpy
import shlex
import struct
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.access import Actor, Role
from callwarden.model.outcome import EventOutcome
from callwarden.model.recording import Recording
from tests.faults.real import RealSite, distributed, real_site
from tests.servers.kafka import RunningKafka
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3
from tests.support.site import NOON, Site
from tests.support.web import served, token_of

ROOT = Path(__file__).parents[2]
PUSH = ROOT / "deploy" / "telephony" / "callwarden_push.py"
PRODUCER = ROOT / "deploy" / "telephony" / "kafka_producer.py"
SAMPLES = ROOT / "tests" / "support" / "samples"
ENDED = int(NOON.timestamp()) - 600
"""Ten minutes ago by the clock of the test."""


@dataclass(slots=True)
class Pbx:
    """The telephone system's own machine."""

    folder: Path
    site: Site
    settings: Path = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.folder / "push.ini"
        token = self.folder / "token"
        token.write_text(token_of(self.site.system, Actor(role=Role.TELEPHONY, name="pbx")))
        token.chmod(0o600)

    def reach(self, address: str) -> None:
        self.settings.write_text(
            f"[callwarden]\nurl = {address}\ntoken_file = {self.folder / 'token'}\n"
            "source = pbx/niort-1\nline = customer-service\n"
        )

    def record(self, name: str, content: bytes, *, ended: int = ENDED) -> Path:
        """A file as the telephone system leaves it when the call is over."""
        file = self.folder / name
        file.write_bytes(content)
        os.utime(file, (ended, ended))
        return file

    def push(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(PUSH), "--settings", str(self.settings), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def became(self, call_id: str) -> tuple[EventOutcome, Recording]:
        """The one outcome of a call, and its recording."""
        self.site.drain("ingest")
        [outcome] = self.site.system.catalogue.list_outcomes(call_id=call_id)  # type: ignore[arg-type]
        assert outcome.recording_id is not None
        with self.site.system.catalogue.snapshot() as tx:
            return outcome, tx.recordings.get([outcome.recording_id])[outcome.recording_id]

    def left(self) -> list[str]:
        return sorted(one.name for one in self.folder.iterdir() if one.name not in ("push.ini", "token"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("callwarden")) as made:
        yield made


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    with served(site.system) as found:
        yield found


@pytest.fixture
def pbx(site: Site, address: str, tmp_path: Path) -> Pbx:
    made = Pbx(tmp_path, site)
    made.reach(address)
    return made


def spoken(seconds: int = 4, *, start: int = 0) -> bytes:
    """16 bit PCM of one voice, at 8 kHz."""
    with wave.open(str(SAMPLES / "05_mono_pcm16.wav")) as file:
        file.setpos(start * 8000)
        return file.readframes(seconds * 8000)


def wav(*channels: bytes, comment: str = "") -> bytes:
    """A RIFF file as libsndfile writes one: with a LIST chunk before the sound where there is something to say."""
    frames = b"".join(b"".join(one[at : at + 2] for one in channels) for at in range(0, len(channels[0]), 2))
    count = len(channels)
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, count, 8000, 16000 * count, 2 * count, 16)
    said = comment.encode() + b"\0" * (2 - len(comment) % 2)
    info = b"INFO" + b"ISFT" + struct.pack("<I", len(said)) + said
    more = b"LIST" + struct.pack("<I", len(info)) + info if comment else b""
    chunks = b"WAVE" + form + more + b"data" + struct.pack("<I", len(frames)) + frames
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def noted(outcome: EventOutcome) -> set[str]:
    return {note.field for note in outcome.notes}


def test_asterisk_pushes_what_freepbx_names_and_nothing_stays_on_its_disk(pbx: Pbx) -> None:
    began = ENDED - 28
    unique = f"{began}.42"
    name = f"in-0549000000-0612345678-20261120-114932-{unique}.WAV"
    audio = pbx.record(name, (SAMPLES / "09_mono_gsm610.wav").read_bytes())  # wav49
    done = pbx.push("asterisk", audio, "--no-objection")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("rcp-")
    assert pbx.left() == []
    outcome, recording = pbx.became(unique)
    assert outcome.outcome.value == "stored"
    assert (recording.started_at.timestamp(), recording.ended_at.timestamp()) == (began, ENDED)  # type: ignore[union-attr]
    assert recording.caller is not None
    assert noted(outcome) <= {"data.ended_at"}


def test_asterisk_pushes_an_outbound_call_with_who_made_it(pbx: Pbx) -> None:
    unique = f"pbx1-{ENDED - 4}.43"
    audio = pbx.record(f"out-0612345678-104-20261120-114956-{unique}.wav", wav(spoken()))
    assert pbx.push("asterisk", audio, "--line", "monitoring-centre").returncode == 0
    _, recording = pbx.became(unique)
    assert (recording.agent_id, recording.line) == ("104", "monitoring-centre")


@pytest.mark.parametrize(("suffix", "content"), [(".gsm", None), (".sln", spoken()), (".sln16", spoken(8))])
def test_asterisk_pushes_raw_sound_which_is_told_by_its_suffix(pbx: Pbx, suffix: str, content: bytes | None) -> None:
    sound = (SAMPLES / "10_mono.gsm").read_bytes() if content is None else content
    audio = pbx.record(f"call{suffix}", sound)
    call = f"{ENDED - 4}.{len(sound)}"
    done = pbx.push("asterisk", audio, "--call", call, "--number", "0612345678", "--no-objection")
    assert done.returncode == 0, done.stderr
    assert pbx.became(call)[0].outcome.value == "stored"


def test_asterisk_pushes_what_each_side_said_as_a_channel_of_its_own(pbx: Pbx) -> None:
    call = f"{ENDED - 4}.50"
    heard, said = pbx.record("call-r.wav", wav(spoken())), pbx.record("call-t.wav", wav(spoken(3, start=5)))
    both = pbx.folder / "call.wav"
    done = pbx.push("asterisk", both, "--received", heard, "--sent", said, "--call", call, "--no-objection")
    assert done.returncode == 0, done.stderr
    outcome, recording = pbx.became(call)
    assert outcome.outcome.value == "stored"
    assert "data.channels" not in noted(outcome)
    assert recording.ended_at is not None
    assert recording.ended_at.timestamp() == ENDED
    assert pbx.left() == []


def test_freeswitch_pushes_its_stereo_file_with_the_variables_of_the_channel(pbx: Pbx) -> None:
    own = "5d2bb2f0-4a9f-4b66-9d3f-3f3f4a1de001"
    audio = pbx.record(f"{own}.wav", wav(spoken(), spoken(4, start=5), comment="FreeSWITCH"))
    done = pbx.push(
        *("freeswitch", audio, f"uuid={own}", f"call_uuid={own}", "direction=inbound", "RECORD_STEREO=true"),
        *("caller_id_number=+33612345678", "destination_number=600", f"start_epoch={ENDED - 10}"),
        *(f"answer_epoch={ENDED - 4}", "end_epoch=", "--no-objection"),
    )
    assert done.returncode == 0, done.stderr
    outcome, recording = pbx.became(own)
    assert outcome.outcome.value == "stored"
    assert outcome.notes == ()
    assert recording.started_at is not None
    assert recording.started_at.timestamp() == ENDED - 10


METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1">
  <datamode>complete</datamode>
  <session session_id="hVpd7YQgRW2nD22h7q60JQ==">
    <sipSessionID>ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2</sipSessionID>
    <start-time>2026-11-20T10:49:56Z</start-time>
    <stop-time>2026-11-20T10:50:00Z</stop-time>
  </session>
  <participant participant_id="srfBElmCRp2QB23b7Mpk0w==">
    <nameID aor="sip:a-104@centre.example"><name xml:lang="fr">Camille</name></nameID>
  </participant>
  <participant participant_id="zSfPoSvdSDCmU3A3TRDxAw==">
    <nameID aor="sip:+33612345678@carrier.example;user=phone"/>
  </participant>
  <stream stream_id="UAAMm5GRQKSCMVvLyl4rFw==" session_id="hVpd7YQgRW2nD22h7q60JQ=="><label>2</label></stream>
  <stream stream_id="i1Pz3to5hGk8fuXl+PbwCw==" session_id="hVpd7YQgRW2nD22h7q60JQ=="><label>1</label></stream>
  <sessionrecordingassoc session_id="hVpd7YQgRW2nD22h7q60JQ==">
    <associate-time>2026-11-20T10:49:56Z</associate-time>
  </sessionrecordingassoc>
  <participantstreamassoc participant_id="srfBElmCRp2QB23b7Mpk0w==">
    <send>i1Pz3to5hGk8fuXl+PbwCw==</send><recv>UAAMm5GRQKSCMVvLyl4rFw==</recv>
  </participantstreamassoc>
  <participantstreamassoc participant_id="zSfPoSvdSDCmU3A3TRDxAw==">
    <send>UAAMm5GRQKSCMVvLyl4rFw==</send><recv>i1Pz3to5hGk8fuXl+PbwCw==</recv>
  </participantstreamassoc>
</recording>
"""


def test_a_siprec_recorder_pushes_what_its_metadata_say(pbx: Pbx) -> None:
    metadata = pbx.record("metadata.xml", METADATA.encode())
    audio = pbx.record("recorded.wav", wav(spoken(), spoken(4, start=5)))
    done = pbx.push("siprec", metadata, audio, "--agents", "centre.example", "--no-objection")
    assert done.returncode == 0, done.stderr
    outcome, recording = pbx.became("ab30317f1a784dc48ff824d0d3715d86")
    assert (outcome.outcome.value, outcome.notes) == ("stored", ())
    assert not metadata.exists(), "it names the caller"
    assert recording.agent_id == "a-104"
    assert recording.ended_at is not None
    assert recording.ended_at.isoformat() == "2026-11-20T10:50:00+00:00"


def test_what_cannot_be_handed_over_now_stays_and_is_sent_again(pbx: Pbx, address: str) -> None:
    unique = f"{ENDED - 4}.60"
    name = f"in-0549000000-0612345678-20261120-114956-{unique}.wav"
    audio = pbx.record(name, wav(spoken()))
    pbx.reach("http://127.0.0.1:1")
    assert pbx.push("asterisk", audio).returncode == 75
    assert pbx.left() == [name, f"{name}.callwarden.json"]
    pbx.reach(address)
    assert pbx.push("again", pbx.folder).returncode == 0
    assert pbx.left() == []
    assert pbx.became(unique)[0].outcome.value == "stored"
    assert pbx.push("again", pbx.folder).returncode == 0, "there is nothing to do"


def test_what_is_not_taken_stays_and_its_fields_are_named(pbx: Pbx) -> None:
    audio = pbx.record("call.wav", wav(spoken()))
    done = pbx.push("asterisk", audio, "--call", "c-1", "--line", "", "--objects", "nonsense")
    assert done.returncode == 1
    assert "data.objections" in done.stderr
    assert pbx.left() == ["call.wav", "call.wav.callwarden.json"]


def test_sides_that_cannot_be_read_cost_the_channels_and_not_the_call(pbx: Pbx) -> None:
    call = f"{ENDED - 4}.80"
    gsm = (SAMPLES / "09_mono_gsm610.wav").read_bytes()
    heard, both = pbx.record("call-r.wav", gsm), pbx.record("call.wav", wav(spoken()))
    missing = pbx.folder / "call-t.wav"
    done = pbx.push("asterisk", both, "--received", heard, "--sent", missing, "--call", call, "--no-objection")
    assert done.returncode == 0, done.stderr
    assert "unknown format: 49" in done.stderr
    assert pbx.became(call)[0].outcome.value == "stored"
    assert pbx.left() == []


def test_what_cannot_be_understood_stays_with_what_is_wrong_and_goes_once_it_is_right(pbx: Pbx) -> None:
    call = "ab30317f1a784dc48ff824d0d3715d86"
    right = METADATA.replace(call, f"{call}1").replace("hVpd7YQgRW2nD22h7q60JQ==", "another")
    metadata = pbx.record("metadata.xml", right[:-9].encode())
    audio = pbx.record("recorded.wav", wav(spoken(), spoken(4, start=5)))
    done = pbx.push("siprec", metadata, audio, "--agents", "centre.example", "--no-objection")
    for found in (done, pbx.push("again", pbx.folder)):
        assert found.returncode == 1
        assert "is no metadata of RFC 7865" in found.stderr
        assert "Traceback" not in found.stderr
    assert pbx.left() == ["metadata.xml", "recorded.wav", "recorded.wav.callwarden.json"]
    metadata.write_text(right)
    assert pbx.push("again", pbx.folder).returncode == 0
    assert pbx.left() == []
    assert pbx.became(f"{call}1")[0].outcome.value == "stored"


def test_a_call_that_will_be_set_aside_is_handed_over_and_said_to_be(pbx: Pbx) -> None:
    call = "no-time-of-its-own"
    audio = pbx.record("call.wav", wav(spoken()))
    done = pbx.push("asterisk", audio, "--call", call, "--started", "abc", "--number", "anonymous", "--no-objection")
    assert done.returncode == 1
    assert done.stdout.startswith("rcp-")
    assert "set aside: no_credible_time" in done.stderr
    assert "data.caller.number is left out" in done.stderr
    assert pbx.left() == []
    pbx.site.drain("ingest")
    [outcome] = pbx.site.system.catalogue.list_outcomes(call_id=call)  # type: ignore[arg-type]
    assert (outcome.outcome.value, outcome.reason) == ("quarantined", "no_credible_time")


def test_a_file_that_is_not_there_and_a_token_that_all_can_read_are_said_in_a_line(pbx: Pbx) -> None:
    (pbx.folder / "token").chmod(0o644)
    done = pbx.push("asterisk", pbx.folder / "nosuch.wav")
    assert (done.returncode, pbx.left()) == (1, [])
    open_token, missing = done.stderr.splitlines()
    assert "chmod" in open_token
    assert "nosuch.wav" in missing


def test_no_voice_goes_to_another_machine_in_the_clear(pbx: Pbx) -> None:
    pbx.reach("http://recordings.example")
    done = pbx.push("asterisk", pbx.record("call.wav", wav(spoken())), "--call", "c-2")
    assert (done.returncode, "https" in done.stderr) == (1, True)


def test_every_line_of_the_recipes_is_understood_by_the_script() -> None:
    page = (ROOT / "docs" / "telephony.md").read_text(encoding="utf-8")
    lines = [
        line.partition("callwarden_push.py ")[2].removesuffix('"/>').removesuffix(")" if "MixMonitor(" in line else "")
        for block in re.findall(r"^```[a-z]*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
        if "callwarden_push.py " in line
    ]
    understands = runpy.run_path(str(PUSH))["arguments"]()
    systems = [understands.parse_args(shlex.split(line)).system for line in lines]
    assert sorted(systems) == ["again", "asterisk", "asterisk", "freeswitch", "siprec"]


@pytest.fixture
def real(
    tmp_path: Path, kafka_server: RunningKafka, ceph_server: RunningS3, postgres_server: RunningPostgres
) -> Iterator[RealSite]:
    with (
        distributed(tmp_path, kafka=kafka_server, s3=ceph_server, postgres=postgres_server) as settings,
        real_site(tmp_path / "home", settings) as site,
    ):
        yield site


def test_on_servers_a_pushed_call_lands_in_the_bucket_and_a_kafka_producer_does_the_same(
    real: RealSite, ceph_server: RunningS3, kafka_server: RunningKafka, tmp_path: Path
) -> None:
    pbx = Pbx(tmp_path, real)
    long = wav(spoken(25) * 15)  # more than one part of an upload
    call = f"{ENDED - len(long) // 16000}.70"
    with served(real.system) as address:
        pbx.reach(address)
        done = pbx.push("asterisk", pbx.record("long.wav", long), "--call", call, "--no-objection")
    assert done.returncode == 0, done.stderr
    assert [name.partition("/")[0] for name in real.landed()] == ["callwarden-pushed"]
    event: dict[str, Any] = real.event("c-produced")
    event["data"].pop("audio")
    for name in real.landed():
        if not name.startswith("callwarden-pushed"):
            real.system.s3_client.delete_object(Bucket=real.landing, Key=name)
    (tmp_path / "event.json").write_text(json.dumps(event))
    subprocess.run(
        [
            *(sys.executable, str(PRODUCER), tmp_path / "event.json", SAMPLES / "01.wav"),
            *("--bootstrap", kafka_server.bootstrap, "--landing", f"s3://{real.landing}/niort"),
            *("--endpoint", ceph_server.endpoint_url),
        ],
        env={
            **os.environ,
            "AWS_ACCESS_KEY_ID": ceph_server.access_key,
            "AWS_SECRET_ACCESS_KEY": ceph_server.secret_key,
            "AWS_DEFAULT_REGION": ceph_server.region,
        },
        check=True,
        timeout=120,
    )
    real.drain("ingest")
    outcomes = {str(one.call_id): one.outcome.value for one in real.outcomes()}
    assert outcomes == {call: "stored", "c-produced": "stored"}
    assert real.landed() == []
