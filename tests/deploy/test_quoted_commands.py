"""Every command the pages quote is run, on the demonstration's state, as a reader would who copies it.

It may be refused (a page tells of refusals, too), but never misunderstood: no unknown option, none missing.
"""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from rich.console import Console

from callwarden.model.recording import RecordingState
from callwarden.settings import load_settings
from callwarden.wiring import open_system
from callwarden.workers.cli import application, run
from callwarden.workers.cli.faults import WRONG_USAGE
from callwarden.workers.demo import run_demo
from callwarden.workers.demo.script import FROM_TODAY, event_of
from tests.deploy.compose_file import ROOT
from tests.deploy.test_documentation import PAGES

_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(callwarden [^`]+)`")
_EXPLANATION = re.compile(r"\s{2,}[^\s-].*$")
LASTING = ("up", "demo", "work", "speech")
"""Commands that last: `up`, `work` without --drain and the demonstration have tests of their own, and hearing calls
again takes minutes."""
COMMANDS = getattr(typer.main.get_command(application()), "commands", {})


def quoted(text: str) -> list[str]:
    """The whole commands of a page's blocks; alternatives (``calls list | show CALL``) are commands of their own."""
    lines = [
        _EXPLANATION.sub("", line)
        for block in _BLOCK.findall(text)
        for line in block.replace("\\\n", " ").splitlines()
        if line.startswith("callwarden ")
    ]
    return [command for line in lines for command in _alternatives(line.removeprefix("callwarden "))]


def _alternatives(line: str) -> Iterator[str]:
    first, *others = line.split(" | ")
    yield first
    group = first.split()[0]
    for other in others:
        if other.split()[0] in getattr(COMMANDS[group], "commands", {}):
            yield f"{group} {other}"
        elif other.startswith("--"):
            yield f"{' '.join(w for w in first.split() if not w.startswith('--'))} {other}"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state after `callwarden demo`, but for speech, and the files the pages speak of beside it."""
    folder = tmp_path_factory.mktemp("quoted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLWARDEN_HOME", str(folder / "home"))
        patch.setenv("CALLWARDEN_SPEECH_MODEL", str(folder / "no-model"))
        settings = load_settings()
        run_demo(settings, Console(quiet=True))
        with open_system(settings) as system:
            rows = list(system.catalogue.all_recordings())
    (folder / "held").write_text(next(one.recording_id for one in rows if one.holds))
    (folder / "gone").write_text(next(one.recording_id for one in rows if one.state is RecordingState.DISPOSED))
    calls = ROOT / "config" / "demo" / "calls"
    (folder / "recordings").mkdir()
    shutil.copy(calls / "01.wav", folder / "recordings" / "01.wav")
    return folder


@pytest.fixture
def desk(
    demonstration: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A copy of the demonstration to work on, and what the pages call by a name."""
    shutil.copytree(demonstration, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    # A page may fetch the speech model: to hear the calls again would take minutes.
    monkeypatch.setenv("CALLWARDEN_SPEECH_MODEL", str(tmp_path / "no-model"))
    shutil.copy(ROOT / "config" / "policy.yaml", "my-policy.yaml")
    shutil.copy(ROOT / "config" / "examples" / "case.json", "case.json")
    call = FROM_TODAY[0]
    with open_system(load_settings()) as system:
        event = event_of(call, folder=ROOT / "config" / "demo" / "calls", now=system.clock.now(), event_id="e-quoted")
    assert run(["token", "issue", "--role", "auditor", "--name", "david", "--json"]) == 0
    (tmp_path / "token").write_text(json.loads(capsys.readouterr().out)["token_id"])
    assert run(["keys", "list", "--json"]) == 0
    (tmp_path / "key").write_text(json.loads(capsys.readouterr().out)[0]["master_key"])
    for name in ("call.json", "call.jsonl", "event.json", "EVENT.json"):
        Path(name).write_text(json.dumps(event))
    Path("call.txt").write_text("Votre mot de passe ?\nTournesol.", encoding="utf-8")
    Path("yasmine.txt").write_text("trois chevaux bleus\n")
    return tmp_path


def _filled(command: str, folder: Path) -> list[str]:
    """The command with what stands for something of the reader's filled in."""
    recording = (folder / ("gone" if command.startswith("calls certificate") else "held")).read_text()
    token = (folder / "token").read_text()
    stands_for = {
        "REC": recording, "CALL": "demo-01", "CASE": "DOSSIER-2026-014", "KEY": (folder / "key").read_text(),
        "P": "quality", "DIR": "out", "PLACE": "place",
        "CALLS": "recordings", "TOKEN-ID": token, "tok-…": token, "glass-…": f"glass-{'0' * 32}",
        "ENTRY": f"01K{'0' * 23}",
    }  # fmt: skip
    words = []
    for word in shlex.split(command):
        if re.fullmatch(r"rec-[0-9a-f]{32}", word):
            words.append(recording)
        elif word.startswith(("tests/", "config/")):
            words.append(str(ROOT / word))
        else:
            words.append(stands_for.get(word, word.replace(":NAME", ":name")))
    return words


@pytest.mark.parametrize("page", [page for page in PAGES if quoted(page.read_text())], ids=lambda page: page.name)
def test_every_command_a_page_quotes_is_understood(desk: Path, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "place").mkdir()
    for name in ("KEY.txt", "ROOTS.pem", "log.pub", "c.json"):
        (desk / name).touch()
    misunderstood = []
    for command in quoted(page.read_text()):
        words = _filled(command, desk)
        if words[0] in LASTING and "--drain" not in words:
            continue
        if "-o" in words:
            Path(words[words.index("-o") + 1]).unlink(missing_ok=True)
        code = run(words)
        _, complaint = capsys.readouterr()
        if code == WRONG_USAGE and not {"--export", "--timestamp-roots"} & set(words):
            misunderstood.append(f"{command}: {complaint.strip()}")
    assert misunderstood == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_option_a_page_mentions_in_passing_exists(page: Path) -> None:
    unknown = []
    for command in _INLINE.findall(page.read_text()):
        words = command.split()[1:]
        if words[0] not in COMMANDS:
            continue
        place = COMMANDS[words[0]]
        below = getattr(place, "commands", {})
        if len(words) > 1 and words[1] in below:
            place = below[words[1]]
        known = {option for parameter in place.params for option in (*parameter.opts, *parameter.secondary_opts)}
        unknown += [f"{command}: {word}" for word in words if word.startswith("--") and word.split("=")[0] not in known]
    assert unknown == []
