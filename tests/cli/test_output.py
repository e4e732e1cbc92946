"""What commands print: for programs, for pipes, for people; and how they fail."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import typer

from callwarden.errors import (
    CallwardenError,
    ConfigurationError,
    InvalidFieldsError,
    InvalidMessageError,
    InvariantError,
    RefusedError,
    RetryableError,
    UsageError,
)
from callwarden.model.access import MACHINES, Actor, Role
from callwarden.model.outcome import Outcome, Reason
from callwarden.model.period import CalendarPeriod
from callwarden.model.purpose import Purpose
from callwarden.settings import BusKind, Settings
from callwarden.wiring import open_system
from callwarden.workers.cli.actor import ActorOption, PurposeOption, admitted, parse_actor
from callwarden.workers.cli.faults import Fault, fault_of, fault_of_usage, print_fault
from callwarden.workers.cli.output import print_list, print_thing, progress, say, shown, to_json

ROOT = Path(__file__).parents[2]
ROWS: list[Mapping[str, object]] = [
    {"call_id": "c-1", "outcome": Outcome.STORED, "keep_until": datetime(2027, 5, 20, 8, 31, 2, tzinfo=UTC), "n": 1},
    {"call_id": "[red]\x1b[2J\u202ec-2", "outcome": Outcome.REFUSED, "keep_until": None, "n": 2},
]


def test_a_list_is_one_array_with_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    print_list(iter(ROWS), columns=("call_id",), as_json=True)
    first, second = json.loads(capsys.readouterr().out)
    assert first == {"call_id": "c-1", "outcome": "stored", "keep_until": "2027-05-20T08:31:02+00:00", "n": 1}
    assert second["call_id"] == ROWS[1]["call_id"]
    assert second["keep_until"] is None


def test_an_empty_list_is_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    print_list([], columns=("call_id",), as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_a_thing_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    print_thing({"published": 3, "balanced": True, "outcomes": {Outcome.STORED: 3}}, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"published": 3, "balanced": True, "outcomes": {"stored": 3}}


def test_a_pipe_gets_one_line_a_row_whatever_a_foreign_name_holds(capsys: pytest.CaptureFixture[str]) -> None:
    print_list([*ROWS, {"call_id": "a\tb\nc"}], columns=("call_id", "outcome", "keep_until"), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "call_id\toutcome\tkeep_until",
        "c-1\tstored\t2027-05-20 08:31:02Z",
        "[red]\\x1b[2J\\u202ec-2\trefused\t",
        "a\\tb\\nc\t\t",
    ]


def test_words_at_the_end_are_for_people_only(capsys: pytest.CaptureFixture[str]) -> None:
    say("That was all.", as_json=True)
    assert capsys.readouterr().out == ""
    say("That was all.", as_json=False)
    assert capsys.readouterr().out == "That was all.\n"


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("taking calls in", total=2) as step:
        step(1)
        step(1)
    assert "".join(capsys.readouterr()).strip() == ""


@pytest.mark.parametrize(
    ("value", "as_json", "as_text"),
    [
        (datetime(2026, 11, 20, 10, 25, tzinfo=timezone(timedelta(hours=1))), '"2026-11-20T09:25:00+00:00"', "2026-"),
        (timedelta(hours=26, seconds=5), '"PT26H5S"', "PT26H5S"),
        (timedelta(0), '"PT0S"', "PT0S"),
        (CalendarPeriod(months=6), '"P6M"', "P6M"),
        (Decimal("0.3"), "0.3", "0.3"),
        (frozenset({"b", "a"}), '["a", "b"]', "a, b"),
        (("a", 1), '["a", 1]', "a, 1"),
        (True, "true", "yes"),
        (None, "null", ""),
        (0, "0", "0"),
        (Reason.NOT_SAMPLED, '"not_sampled"', "not_sampled"),
        ("déjà", '"déjà"', "déjà"),
        (Path("a/b"), '"a/b"', "a/b"),
    ],
)
def test_every_kind_of_value_has_one_form(value: object, as_json: str, as_text: str) -> None:
    assert to_json(value) == as_json
    assert shown(value).startswith(as_text)


def test_what_is_within_a_thing_stands_indented_under_its_key(capsys: pytest.CaptureFixture[str]) -> None:
    thing = {"log": {"size": 2, "at": None}, "none": {}, "why": [{"id": "a", "reasons": ["x", "y"]}, {"id": "b"}]}
    print_thing(thing, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["log\t", "  size\t2", "  at\t", "none\t"]
    assert lines[4:] == ["why\t", "  id\ta", "  reasons\tx, y", "why\t", "  id\tb"]


@pytest.mark.parametrize(
    ("error", "code", "exit_code", "reasons"),
    [
        (UsageError("say which case"), "usage", 2, ()),
        (RefusedError(("past_retention", "restricted")), "refused", 1, ("past_retention", "restricted")),
        (ConfigurationError("policy.yaml, line 3: no"), "configuration", 1, ()),
        (InvalidMessageError(Reason.INVALID_FIELD, field="data.line"), "invalid_message", 1, ("invalid_field",)),
        (RetryableError("the bus is out of reach"), "unavailable", 1, ()),
        (InvariantError("two of one"), "invariant", 1, ()),
        (CallwardenError("something else"), "failed", 1, ()),
    ],
)
def test_every_kind_of_error_has_its_code_and_its_exit_code(
    capsys: pytest.CaptureFixture[str], error: CallwardenError, code: str, exit_code: int, reasons: tuple[str, ...]
) -> None:
    fault = fault_of(error)
    assert (fault.code, fault.exit_code, fault.reasons) == (code, exit_code, reasons)
    print_fault(fault, as_json=True)
    output, errors = capsys.readouterr()
    assert output == ""
    assert json.loads(errors) == {"error": {"code": code, "message": fault.message, "reasons": list(reasons)}}
    print_fault(fault, as_json=False)
    errors = capsys.readouterr().err
    assert all(reason in errors for reason in reasons)
    assert str(error) in errors


def test_every_fault_code_is_documented() -> None:
    page = (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")
    section = page.partition("## How a command fails")[2]
    kinds = [UsageError, ConfigurationError, RetryableError, InvariantError, CallwardenError]
    faults = [fault_of(kind("x")) for kind in kinds]
    faults += [
        fault_of(RefusedError(("x",))),
        fault_of(InvalidMessageError("x")),
        fault_of(InvalidFieldsError(("data.line", "invalid_field", "is missing"))),
        Fault(code="interrupted", message=""),
    ]
    for fault in faults:
        assert f"| `{fault.code}` |" in section
        assert f"| {fault.exit_code} |" in next(line for line in section.splitlines() if f"| `{fault.code}`" in line)


def test_an_actor_is_a_role_and_a_name() -> None:
    assert parse_actor("trainer:alice") == Actor(role=Role.TRAINER, name="alice")
    assert parse_actor("dpo:chloe.b@example-1").name == "chloe.b@example-1"
    with pytest.raises(typer.BadParameter, match="without accents"):
        parse_actor("dpo:chloé")


@pytest.mark.parametrize(
    "text",
    ["", "alice", "trainer", "trainer:", ":alice", "boss:alice", "trainer:al ice", "trainer:a\nb", "Trainer:alice"]
    + [f"{role}:alice" for role in sorted(MACHINES)]
    + ["trainer:" + "a" * 65],
)
def test_what_is_no_actor_is_wrong_usage_and_nobody_plays_a_machine(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="ROLE:NAME"):
        parse_actor(text)


def test_who_and_what_for_are_read_from_the_command_line() -> None:
    app, seen = typer.Typer(), list[tuple[Actor, Purpose]]()

    @app.command()
    def read(actor: ActorOption, purpose: PurposeOption) -> None:
        seen.append((actor, purpose))

    app(["--as", "trainer:alice", "--purpose", "training"], standalone_mode=False)
    assert seen == [(Actor(role=Role.TRAINER, name="alice"), Purpose.TRAINING)]
    for arguments, named in (
        (["--as", "boss:alice", "--purpose", "training"], "trainer, supervisor, legal"),
        (["--as", "trainer:alice", "--purpose", "curiosity"], "'training', 'quality'"),
        (["--as", "trainer:alice"], "--purpose"),
        (["--purpose", "training"], "--as"),
    ):
        with pytest.raises(typer.TyperException) as caught:
            app(arguments, standalone_mode=False)
        fault = fault_of_usage(caught.value)
        assert fault.exit_code == 2
        assert named in fault.message


def test_an_actor_is_named_on_the_command_line_of_an_embedded_system_only(tmp_path: Path) -> None:
    """U2: elsewhere the actor is a token or a login."""
    actor = parse_actor("legal:bruno")
    with open_system(Settings(home=tmp_path)) as system:
        assert admitted(actor, system) == actor
    with (
        open_system(Settings(home=tmp_path, bus=BusKind.KAFKA, kafka_bootstrap=("broker:9092",))) as system,
        pytest.raises(RefusedError) as caught,
    ):
        admitted(actor, system)
    assert caught.value.reasons == ("not_permitted",)


def test_a_person_at_a_terminal_sees_a_table() -> None:
    """The real command on a real terminal (a pseudo-terminal), not a string that claims to be one."""
    code = "import sys; from callwarden.workers.cli import run; sys.exit(run(['policy', 'show']))"
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "PYTHONPATH": str(ROOT)},
    )
    os.close(terminal)
    output = b""
    try:
        while chunk := os.read(controller, 65536):
            output += chunk
    except OSError:
        pass  # Linux says so when the other end of a terminal closes
    os.close(controller)
    assert process.wait(timeout=30) == 0
    text = output.decode()
    assert "┃" in text
    assert "6 months from the end of the call" in text


@pytest.mark.parametrize("line", ["policy show --json", "policy show"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_to_a_full_disk_is_one_line_of_error_and_to_a_closed_pipe_none(
    tmp_path: Path, line: str, unbuffered: str
) -> None:
    command = [sys.executable, "-m", "callwarden.workers.command", *line.split()]
    surroundings = {**os.environ, "CALLWARDEN_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=surroundings, check=False)
    [error] = ended.stderr.splitlines()
    assert (ended.returncode, "the output: No space left on device" in error) == (1, True)
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, env=surroundings, check=False)
    os.close(write)
    assert (ended.returncode, ended.stderr) == (1, "")
