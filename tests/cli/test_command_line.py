"""What a person types by mistake, or without a right to it, and what the answer says (U2)."""

import hashlib
import json
import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.outcome import Outcome
from callwarden.workers.cli import run
from callwarden.workers.processes.beats import Beats, StepState, written
from tests.support.processes import until
from tests.support.site import NOON, Site, make_home, sample

Answer = tuple[int, str, str]
Command = Callable[[str], Answer]

NUMBER = "06 39 98 00 01"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands' system will be; the working directory is the one above it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")  # as a Site has
    return tmp_path / "home"


@pytest.fixture
def type_(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Type a command: its exit code, its output, its errors."""

    make_home()

    def typed(line: str) -> Answer:
        code = run(shlex.split(line))
        return (code, *capsys.readouterr())

    return typed


def _reasons(errors: str) -> list[str]:
    fault: dict[str, Any] = json.loads(errors.splitlines()[-1])["error"]
    return list(fault["reasons"])


def _named(uri: str, call_id: str = "c-1", **more: str) -> dict[str, Any]:
    return {"specversion": "1.0", "id": call_id, "data": {"call_id": call_id, "audio": {"uri": uri}, **more}}


@pytest.mark.parametrize(("name", "place"), [("calls.jsonl", "line 3"), ("calls.json", "event 2")])
def test_an_event_too_large_for_the_bus_is_named_by_file_and_place_before_anything_is_copied_or_published(
    home: Path, type_: Command, name: str, place: str
) -> None:
    events = [_named("spool:a.wav"), _named("spool:a.wav", "c-2", note="x" * 1_000_000)]
    lines = "\n\n".join(json.dumps(event) for event in events)  # with an empty line between
    Path(name).write_text(lines if name.endswith("l") else json.dumps(events))
    Path("audio").mkdir()
    Path("audio/a.wav").write_bytes(sample("01.wav"))
    code, _, errors = type_(f"publish {name} --audio-dir audio")
    assert code == 2
    assert f"{name}, {place}" in errors
    assert list((home / "landing").iterdir()) == []
    assert json.loads(type_("calls outcomes --json")[1])["published"] == 0


@pytest.mark.parametrize(
    "uri", ["spool:" + "a" * 5000, "spool:" + "b/" * 3000, "spool:\ud800", "spool:a\\b.wav", "s3://elsewhere/a#b.wav"]
)
def test_publish_names_an_address_that_no_audio_is_looked_for_at_and_publishes_its_event(
    home: Path, type_: Command, uri: str
) -> None:
    """I1: the pipeline gives it its outcome and reason."""
    Path("call.jsonl").write_text(json.dumps(_named(uri)))
    Path("audio").mkdir()
    Path("audio/a\\b.wav").write_bytes(sample("01.wav"))
    code, output, errors = type_("publish call.jsonl --audio-dir audio --json")
    assert (code, errors) == (0, "")
    told = json.loads(output)
    assert (told["published"], told["audio_copied"], [one["event"] for one in told["audio_refused"]]) == (1, 0, ["c-1"])
    assert "which event c-1 names, is no address in a landing area" in type_("publish call.jsonl")[2]


def test_audio_is_copied_whatever_its_name(home: Path, type_: Command) -> None:
    name = " *98 #7, 100 % d'accord ?.wav"
    Path("call.json").write_text(json.dumps(_named(f"spool:{name}")))
    Path("audio").mkdir()
    (Path("audio") / name).write_bytes(sample("01.wav"))
    assert json.loads(type_("publish call.json --audio-dir audio --json")[1])["audio_refused"] == []
    assert [one.name for one in (home / "landing").iterdir()] == [name]


def test_publish_names_audio_that_lies_nowhere_and_the_event_that_names_it(home: Path, type_: Command) -> None:
    Path("calls.json").write_text(json.dumps([_named("spool:a.wav"), _named("spool:b.wav", "c-2")]))
    Path("audio").mkdir()
    Path("audio/a.wav").write_bytes(sample("01.wav"))
    _, output, errors = type_("publish calls.json --audio-dir audio")
    assert "spool:b.wav, which event c-2 names, is not there" in errors
    assert "spool:a.wav" not in errors
    assert "No worker is known to run here: callwarden up takes them, or callwarden work all --drain" in output
    assert json.loads(type_("publish calls.json --json")[1])["audio_missing"] == [
        {"event": "c-2", "audio": "spool:b.wav"}
    ]


@pytest.mark.parametrize(("step", "takes"), [("ingest", True), ("redact", False)])
def test_publish_names_the_worker_that_takes_the_events_instead_of_what_would_start_another(
    home: Path, type_: Command, step: str, takes: bool
) -> None:
    Path("call.json").write_text(json.dumps(_named("spool:a.wav")))
    beats = Beats([step])
    beats.say(step, StepState.WORKING)
    with written(beats, home):
        until(lambda: list((home / "health").glob("*.json")) != [])
        _, output, _ = type_("publish call.json")
        assert (f"process {os.getpid()}) takes them now" in output, "work all" not in output) == (takes, takes)
    assert "work all --drain" in type_("publish call.json")[1]


def test_audio_with_the_longest_name_a_file_can_have_is_copied(home: Path, type_: Command) -> None:
    name = "n" * 251 + ".wav"
    Path("call.json").write_text(json.dumps(_named(f"spool:{name}")))
    Path("audio").mkdir()
    (Path("audio") / name).write_bytes(sample("01.wav"))
    assert json.loads(type_("publish call.json --audio-dir audio --json")[1])["audio_copied"] == 1
    assert [one.name for one in (home / "landing").iterdir()] == [name]


def test_audio_that_cannot_be_copied_stops_the_publishing_and_is_named(home: Path, type_: Command) -> None:
    Path("call.json").write_text(json.dumps(_named("spool:day/a.wav")))
    Path("audio/day").mkdir(parents=True)
    Path("audio/day/a.wav").write_bytes(sample("01.wav"))
    (home / "landing").mkdir(parents=True, exist_ok=True)
    (home / "landing/day").write_text("a file, where a folder should be")
    code, _, errors = type_("publish call.json --audio-dir audio")
    assert code == 1
    assert "day/a.wav cannot be copied" in errors
    assert json.loads(type_("calls outcomes --json")[1])["published"] == 0


@pytest.mark.parametrize("content", ['{"id": "\\ud800"}', "[" * 200_000])
def test_json_that_python_cannot_write_or_read_is_published_all_the_same(type_: Command, content: str) -> None:
    Path("odd.json").write_text(content)
    assert type_("publish odd.json --raw")[0] == 0


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [("bad.json", '{"a":', "line 1"), ("pretty.jsonl", '{"a": 1}\n{\n "b": 2\n}\n', "line 2")],
)
def test_what_is_no_json_is_published_only_when_that_is_asked_for(
    type_: Command, name: str, content: str, place: str
) -> None:
    Path(name).write_text(content)
    code, _, errors = type_(f"publish {name}")
    assert (code, f"{name}, {place}: this is no JSON" in errors) == (2, True)
    assert json.loads(type_("calls outcomes --json")[1])["published"] == 0
    assert type_(f"publish {name} --raw")[0] == 0
    assert json.loads(type_("calls outcomes --json")[1])["published"] > 0


def test_where_no_event_was_given_no_worker_is_named(type_: Command) -> None:
    Path("none.json").write_text("[]")
    code, output, errors = type_("publish none.json")
    assert (code, "work all --drain" in output + errors, "nothing was published" in output + errors) == (0, False, True)


@pytest.mark.parametrize("role", ["trainer", "operator", "investigator", "analyst", "auditor"])
def test_an_objection_is_not_for_everybody_to_add_or_withdraw(type_: Command, role: str) -> None:
    """U2"""
    for command in (f"add --number '{NUMBER}' --purpose training", f"withdraw --number '{NUMBER}'"):
        code, _, errors = type_(f"objection {command} --as {role}:eve --json")
        assert (code, _reasons(errors)) == (1, ["not_permitted"])
    assert json.loads(type_("objection list --json")[1]) == []


@pytest.mark.parametrize("role", ["dpo", "legal", "supervisor", "telephony"])
def test_whoever_hears_a_caller_object_writes_it_down(type_: Command, role: str) -> None:
    """R3, R4"""
    assert type_(f"objection add --number '{NUMBER}' --purpose training --as {role}:denise")[0] == 0
    assert type_(f"objection withdraw --number +33639980001 --as {role}:denise")[0] == 0


@pytest.mark.parametrize("number", ["garbage", "room 12", "--", ""])
def test_an_objection_of_no_telephone_number_is_wrong_usage(type_: Command, number: str) -> None:
    for command in (f"add --number='{number}' --purpose training", f"withdraw --number='{number}'"):
        code, _, errors = type_(f"objection {command}")
        assert code == 2
        assert ("is no telephone number" in errors and repr(number) in errors) or not number
    assert json.loads(type_("objection list --json")[1]) == []


def test_an_objection_without_a_channel_names_the_role_of_whoever_took_it_down(type_: Command) -> None:
    type_("objection add --call c-1 --purpose training --as supervisor:sonia")
    assert [one["channel"] for one in json.loads(type_("objection list --json")[1])] == ["supervisor"]


def test_a_withdrawal_says_that_calls_stored_before_it_stay_closed(type_: Command) -> None:
    type_("objection add --call c-1 --purpose training")
    answer = type_("objection withdraw --call c-1")
    assert "stay closed" in answer[1] + answer[2]


def test_a_missing_option_is_named_on_one_line_with_its_choices(type_: Command) -> None:
    code, _, errors = type_(f"log prove 01K{'0' * 23} --as auditor:david")
    assert (code, len(errors.splitlines())) == (2, 1)
    assert "quality" in errors
    assert "\\" not in errors


def test_a_role_in_capitals_is_wrong_usage_that_says_how_it_is_written(type_: Command) -> None:
    code, _, errors = type_("hold list --as LEGAL:Bruno")
    assert (code, "the role in lower case, such as legal:Bruno" in errors) == (2, True)


def test_a_token_is_issued_for_days_or_longer(type_: Command) -> None:
    _, _, errors = type_("token issue --role legal --name bruno --lasts P400D")
    assert "from P1D to P366D" in errors


def test_an_extension_of_ones_own_exchange_is_a_number(type_: Command) -> None:
    assert type_("objection add --number 4012 --purpose training")[0] == 0


def test_withdrawing_what_is_not_on_file_is_refused_as_unknown(type_: Command) -> None:
    code, output, errors = type_(f"objection withdraw --number '{NUMBER}'")
    assert (code, output) == (1, "")
    assert "no such objection is on file" in errors
    assert _reasons(type_(f"objection withdraw --number '{NUMBER}' --json")[2]) == ["unknown"]


def test_the_list_of_objections_says_what_each_is_about_without_a_number(type_: Command) -> None:
    """A pseudonym stands for the number."""
    type_("objection add --call c-7 --purpose training")
    type_(f"objection add --number '{NUMBER}' --purpose training")
    type_("objection add --number +33639980001 --purpose ai_experiment")
    header, *rows = [line.split("\t") for line in type_("objection list")[1].splitlines()]
    about = [row[header.index("about")] for row in rows]
    assert sorted(one == "c-7" for one in about) == [False, False, True]
    assert len({one for one in about if one != "c-7"}) == 1
    assert "39980001" not in "".join(about)


def test_a_hold_is_released_under_a_name_so_that_two_people_are_two(type_: Command) -> None:
    """K3"""
    assert type_("hold open D-1 --reason dispute")[0] == 0
    for _ in range(2):
        code, _, errors = type_("hold release D-1")
        assert code == 2
        assert "--as legal:NAME" in errors
    assert json.loads(type_("hold list --json")[1])[0]["release_requested"] is False
    assert type_("hold release D-1 --as legal:bruno")[0] == 0
    assert _reasons(type_("hold release D-1 --as dpo:bruno --json")[2]) == ["same_person"]
    assert type_("hold release D-1 --as legal:brigitte")[0] == 0


@pytest.mark.parametrize(
    "command",
    ["hold open", "hold place", "hold release", "objection add", "objection withdraw", "keys rotate", "log list"],
)
def test_help_never_shows_how_the_program_writes_an_actor(type_: Command, command: str) -> None:
    _, output, _ = type_(f"{command} --help")
    assert "ROLE:NAME" in output
    assert "Actor(" not in output
    assert "Role." not in output


@pytest.mark.parametrize("command", ["hold open '' --reason dispute", "hold open D-1 --reason ' '"])
def test_a_case_without_a_name_or_a_reason_is_not_opened(type_: Command, command: str) -> None:
    code, _, errors = type_(command)
    assert code == 2
    assert "a name and a reason" in errors
    assert json.loads(type_("hold list --json")[1]) == []


def test_a_reading_to_standard_output_is_the_content_alone_and_leaves_no_file(
    home: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with Site(home) as site:
        site.publish(site.event("c-1", audio=sample("01.wav")))
        site.drain("ingest")
        recording = site.outcomes()[0].recording_id
    capfdbinary.readouterr()
    reading = f"read {recording} --what original-audio --purpose dispute --as legal:bruno -o - --json"
    assert run(shlex.split(reading)) == 0
    output, errors = capfdbinary.readouterr()
    assert output == sample("01.wav")
    told = json.loads(errors.splitlines()[-1])
    assert (told["bytes"], told["sha256"]) == (len(output), hashlib.sha256(output).hexdigest())
    assert not Path("-").exists()


@pytest.mark.parametrize("place", ["/proc/x", "a-file", "a-file/below"])
def test_a_home_that_cannot_be_made_is_wrong_set_up_and_is_named(
    type_: Command, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    Path("a-file").write_text("")
    monkeypatch.setenv("CALLWARDEN_HOME", place)
    for command in ("calls list", "hold list", "work all --drain", "publish a-file"):
        Path("a-file").write_text("{}")
        code, _, errors = type_(command)
        assert code == 1
        assert "wrong set-up" in errors
        assert place in errors
        assert "again later" not in errors


def test_a_dead_letter_is_shown_by_its_place_on_the_bus_and_its_field(home: Path, type_: Command) -> None:
    with Site(home) as site:
        site.publish(site.event("c-1"), {**site.event("c-2"), "source": ["pbx"]}, b"Bonjour")
        site.drain("ingest")
        positions = {one.position for one in site.outcomes() if one.outcome is Outcome.DEAD_LETTERED}
    header, *rows = [line.split("\t") for line in type_("calls list")[1].splitlines()]
    shown = [dict(zip(header, row, strict=True)) for row in rows]
    dead = [row for row in shown if row["outcome"] == "dead-lettered"]
    assert {row["position"] for row in dead} == {f"{one.topic}/{one.partition}/{one.offset}" for one in positions}
    assert {(row["call_id"], row["field"]) for row in dead} == {("", ""), ("c-2", "source")}
    assert [row["position"] for row in shown if row not in dead] == [""]


def test_what_was_not_transcribed_is_listed_with_its_reason_and_tried_again(home: Path, type_: Command) -> None:
    with Site(home) as site:
        site.publish(site.event("c-1"), site.event("c-2"))
        site.drain("ingest")
        recordings = [outcome.recording_id for outcome in sorted(site.outcomes(), key=lambda each: str(each.call_id))]
        with site.system.catalogue.transaction() as tx:
            row = tx.recordings.get(recordings, lock=True)[recordings[0]]
            tx.recordings.save([replace(row, untranscribed="language_unsupported")])
    [listed] = json.loads(type_("calls list --untranscribed --json")[1])
    assert (listed["recording_id"], listed["untranscribed"]) == (recordings[0], "language_unsupported")
    [shown] = json.loads(type_("calls show c-1 --json")[1])["recordings"]
    assert shown["untranscribed"] == "language_unsupported"
    code, output, _ = type_(f"calls transcribe {recordings[0]} --as operator:otto --json")
    assert (code, json.loads(output)) == (
        0,
        [{"recording_id": recordings[0], "untranscribed": "language_unsupported"}],
    )
    code, _, errors = type_(f"calls transcribe {recordings[1]} --as operator:otto")
    assert (code, "nothing_to_retry" in errors) == (1, True)


def test_a_drain_without_a_speech_model_says_what_it_left_out(type_: Command) -> None:
    code, output, errors = type_("work all --drain --json")
    assert code == 0
    json.loads(output)
    assert [line.partition(":")[0] for line in errors.splitlines()] == ["transcribe left out", "redact left out"]
    assert "callwarden models fetch" in errors
    assert type_("work ingest --drain")[2] == ""


def test_doctor_says_that_no_speech_model_is_there_without_failing(type_: Command) -> None:
    code, output, _ = type_("doctor --json")
    [speech] = [one for one in json.loads(output)["checks"] if one["part"] == "speech"]
    assert (code, speech["works"]) == (0, False)
    assert "callwarden models fetch" in speech["what"]


def test_doctor_asks_for_no_speech_model_where_nothing_is_transcribed(
    type_: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = Path(__file__).parents[2] / "config/policy.yaml"
    Path("policy.yaml").write_text(shipped.read_text().replace("transcription: yes", "transcription: no"))
    monkeypatch.setenv("CALLWARDEN_POLICY", "policy.yaml")
    answer = json.loads(type_("doctor --json")[1].splitlines()[-1])  # after word of the changed policy
    [speech] = [one for one in answer["checks"] if one["part"] == "speech"]
    assert (speech["works"], speech["what"]) == (True, "the policy transcribes nothing")


def test_doctor_says_where_the_speech_model_lies(home: Path, type_: Command) -> None:
    model = home / "models/whisper-base"
    model.mkdir(parents=True)
    for file in ("model.bin", "config.json", "tokenizer.json"):
        (model / file).write_bytes(b"part")
    [speech] = [one for one in json.loads(type_("doctor --json")[1])["checks"] if one["part"] == "speech"]
    assert (speech["works"], speech["what"]) == (True, f"base in {model}")


def test_publish_never_writes_over_audio_that_waits_for_another_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two exchanges call their files alike: the second is told, and each call keeps its own voice."""
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    for number in ("1", "2"):
        folder = tmp_path / f"from-{number}"
        folder.mkdir()
        (folder / "r.wav").write_bytes(b"voice " + number.encode())
        data = {"call_id": f"c-{number}", "line": "customer-service", "audio": {"uri": "spool:r.wav"}}
        event = {"specversion": "1.0", "type": "call.recorded", "source": "pbx", "id": f"e-{number}", "data": data}
        (tmp_path / f"{number}.json").write_text(json.dumps(event))
    first = ["publish", str(tmp_path / "1.json"), "--audio-dir", str(tmp_path / "from-1"), "--json"]
    assert run(first) == 0
    assert run(first) == 0, "the same audio again does no harm"
    capsys.readouterr()
    assert run(["publish", str(tmp_path / "2.json"), "--audio-dir", str(tmp_path / "from-2"), "--json"]) == 2
    assert "r.wav waits for a worker" in json.loads(capsys.readouterr().err)["error"]["message"]
    assert (tmp_path / "home" / "landing" / "r.wav").read_bytes() == b"voice 1"


def test_a_fixed_clock_may_be_written_with_any_offset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-11-26T20:00:00+01:00")
    assert run(["hold", "open", "D-66", "--reason", "x", "--as", "legal:b", "--json"]) == 0
    capsys.readouterr()
    assert run(["log", "list", "--json"]) == 0
    assert {one["at"] for one in json.loads(capsys.readouterr().out)} == {"2026-11-26T19:00:00+00:00"}
