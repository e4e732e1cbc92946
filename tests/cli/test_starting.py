"""A command starts at once: it loads its own module and what that needs, and nothing else."""

import subprocess
import sys

import pytest
import typer.main

from callwarden.workers.cli import ENTRIES, application

HEAVY = (
    "alembic", "av", "boto3", "botocore", "cryptography", "ctranslate2", "faster_whisper", "kafka", "numpy",
    "phonenumbers", "presidio_analyzer", "prometheus_client", "pydantic", "spacy", "sqlalchemy", "structlog",
    "yaml", "callwarden.workers.demo",
)  # fmt: skip
"""What no list of commands needs."""
LIGHT = {"callwarden.errors", "callwarden.model", "callwarden.model.outcome", "callwarden.model.ids"}


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


@pytest.mark.parametrize("arguments", [("--help",), ()])
def test_the_list_of_commands_loads_none_of_them(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    assert not {one for one in modules if one.split(".")[0] in HEAVY or one in HEAVY}
    assert not {one for one in modules if one.startswith("callwarden.")} - {
        "callwarden.workers",
        "callwarden.workers.cli",
        "callwarden.workers.cli.faults",
        "callwarden.errors",
        "callwarden.model.outcome",
        "callwarden.model",
        "callwarden.model.ids",
    }


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
