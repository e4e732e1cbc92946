"""A command starts at once: it loads its own module and what that needs, and nothing else. Its process ends at once."""

import subprocess
import sys

import pytest
import typer.main

from callwarden.workers.cli import ENTRIES, application
from tests.cli.test_reading_in_time import recording  # noqa: F401 -- a fixture

OF_A_COMMAND_LINE = {"annotated_doc", "callwarden", "shellingham", "typer"}
OF_HELP = OF_A_COMMAND_LINE | {"attr", "markdown_it", "mdurl", "pygments", "rich"}
OF_A_READING = OF_A_COMMAND_LINE | {
    "annotated_types", "cryptography", "pydantic", "pydantic_core", "sqlalchemy", "typing_extensions",
    "typing_inspection", "yaml",
}  # fmt: skip
"""What settings, policy and the encrypted catalogue on SQLite are read with. No Alembic, numbering plan, Presidio,
client of a server, figures, colours."""
BINARY = {"_cffi_backend", "_openssl", "_cython", "cython_runtime", "_sysconfigdata", "_distutils_hack", "__main__"}
"""What compiled packages and the interpreter bring with them."""


def loaded(*arguments: str) -> set[str]:
    """The modules in memory when this command line has ended, in a process of its own."""
    code = (
        "import sys; from callwarden.workers.cli import run; run(sys.argv[1:]); "
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=100, check=True
    )
    return set(done.stderr.split())


def packages(modules: set[str]) -> set[str]:
    """Whose the modules are, the standard library's left out."""
    found = {one.split(".")[0] for one in modules} - sys.stdlib_module_names
    return {one for one in found if not one.startswith(tuple(BINARY))}


def ours(modules: set[str], *places: str) -> set[str]:
    return {one for one in modules if one.startswith(tuple(f"callwarden.{place}." for place in places))}


@pytest.mark.parametrize("arguments", [("--help",), ()])
def test_the_list_of_commands_loads_none_of_them(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    assert packages(modules) <= OF_HELP
    assert not {one for one in modules if one.startswith("callwarden.")} - {
        "callwarden.workers",
        "callwarden.workers.cli",
        "callwarden.workers.cli.faults",
        "callwarden.errors",
        "callwarden.model.outcome",
        "callwarden.model",
        "callwarden.model.ids",
    }


@pytest.mark.parametrize("what", ["calls list", "hold list", "read"])
def test_an_embedded_reading_loads_what_it_reads_with_and_nothing_else(recording: str, what: str) -> None:  # noqa: F811
    read = ("read", recording, "--what", "original-audio", "--purpose", "dispute", "--as", "legal:bruno", "-o", "c.wav")
    modules = loaded(*(read if what == "read" else what.split()))
    assert packages(modules) <= OF_A_READING | ({"msgspec"} if what == "read" else set())  # the codec of events
    assert {one.split(".")[2] for one in modules if one.startswith("sqlalchemy.dialects.")} <= {"_typing", "sqlite"}
    assert ours(modules, "steps") == {
        "callwarden.steps.policy_in_force", "callwarden.steps.replay", "callwarden.steps.replay.run",
    }  # fmt: skip
    assert not ours(modules, "redaction", "workers.demo", "adapters.audio", "adapters.speech", "adapters.bus.kafka")
    assert len(ours(modules, "desks")) <= 3, "its own, the acts, and what finds a case"


def test_what_is_listed_is_what_each_command_says_of_itself() -> None:
    whole = getattr(typer.main.get_command(application()), "commands", {})
    assert set(whole) == {entry.name for entry in ENTRIES}
    for entry in ENTRIES:
        said = " ".join(whole[entry.name].help.split())
        assert said.startswith(entry.help), entry.name
        listed = getattr(typer.main.get_command(application("calls")), "commands", {})[entry.name]
        assert " ".join(listed.help.split()).startswith(entry.help)


def test_an_unknown_command_is_wrong_usage_and_loads_nothing_either(capsys: pytest.CaptureFixture[str]) -> None:
    from callwarden.workers.cli import run

    assert run(["cals"]) == 2
    assert "calls" in capsys.readouterr().err  # what was probably meant
