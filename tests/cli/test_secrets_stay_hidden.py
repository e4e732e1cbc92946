"""No setting that is secret, or may hold a secret, is ever printed: not by `doctor`, not by an error, not in a log."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer.main
from pydantic import SecretStr

from callwarden.errors import ConfigurationError
from callwarden.model.service_url import ServiceUrl
from callwarden.settings import Settings, load_settings, secret_names
from callwarden.workers.cli import application, run

PLANTED = "pl4nted-s3cret"
SECRET_WORDS = (
    "password",
    "secret",
    "access_key",
    "token",
    "endpoint",
    "url",
    "proxy",
    "database",
    "issuer",
    "dsn",
)
NOT_SECRET = frozenset({"database_ca_bundle", "no_proxy"})
"""Names that sound secret and are not: files of certificates, names of hosts."""
FOR_EVER = frozenset({("up",), ("demo",), ("work",), ("models", "fetch"), ("speech", "evaluate")})
"""Commands that do not end, or load and fetch models."""

Command = Callable[[str], tuple[int, str, str]]


def planted(name: str) -> str:
    """A value for this setting that holds the secret, wherever its type takes one."""
    if "SecretStr" in str(Settings.model_fields[name].annotation):
        return PLANTED
    scheme, path = ("postgresql", "/calls") if name == "database" else ("http", "")
    return f"{scheme}://somebody:{PLANTED}@127.0.0.1:1{path}?password={PLANTED}&key={PLANTED}"


@pytest.fixture
def secrets_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every secret setting is set, and nothing it leads to answers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    for name in secret_names():
        monkeypatch.setenv(f"CALLWARDEN_{name.upper()}", planted(name))
    (tmp_path / "roots.pem").write_text("")
    monkeypatch.setenv("CALLWARDEN_TIMESTAMP_ROOTS", "roots.pem")
    for name in ("VAULT=s3", "KEYS=kms", "S3_REGION=eu-west-3", "KMS_REGION=eu-west-3", "JOURNAL_BUCKET=erasures"):
        monkeypatch.setenv(*f"CALLWARDEN_{name}".split("="))


def test_every_setting_whose_name_sounds_secret_has_a_type_that_hides_it() -> None:
    sounding = {name for name in Settings.model_fields if any(word in name for word in SECRET_WORDS)}
    assert sounding - NOT_SECRET == set(secret_names())


def test_a_secret_setting_hides_itself_in_text_and_in_what_is_printed_of_the_settings(secrets_everywhere: None) -> None:
    settings = load_settings()
    for name in secret_names():
        value = getattr(settings, name)
        assert isinstance(value, SecretStr | ServiceUrl)
        assert PLANTED not in f"{value} {value!r}"
    assert PLANTED not in repr(settings)


@pytest.mark.parametrize("form", ["", " --json"])
def test_the_doctor_prints_no_secret(secrets_everywhere: None, capfd: pytest.CaptureFixture[str], form: str) -> None:
    assert run(f"doctor{form}".split()) == 1
    output, errors = capfd.readouterr()
    assert "127.0.0.1:1/calls" in output, "the place is still said"
    assert PLANTED not in output + errors


def leaves(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Every command, with something for each thing it needs."""
    below = getattr(command, "commands", None)
    if below is not None:
        for name, one in below.items():
            yield from leaves(one, (*path, name))
        return
    arguments: list[str] = []
    for parameter in getattr(command, "params", []):
        if parameter.required:
            value = {"--as": "legal:bruno", "--purpose": "dispute"}.get(parameter.opts[0], "x")
            arguments += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
    yield path, arguments


COMMANDS = [one for one in leaves(typer.main.get_command(application())) if one[0] not in FOR_EVER]


@pytest.mark.parametrize(("path", "arguments"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_no_command_that_fails_repeats_a_secret(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    path: tuple[str, ...],
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_DATABASE", planted("database"))
    monkeypatch.setenv("CALLWARDEN_TOKEN", PLANTED)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    run([*path, *arguments])
    run([*path, *arguments, "--json"])
    output, errors = capfd.readouterr()
    assert PLANTED not in output + errors


@pytest.mark.parametrize(
    "value",
    [
        f"postgresql://callwarden:{PLANTED}@x@database/calls",
        f"postgresql://callwarden:{PLANTED}/x@database/calls",
        f"postgresql://callwarden:x#{PLANTED}@database/calls",
        f"callwarden:{PLANTED}@database",
        f"kafka://{PLANTED}",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_being_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A driver would take the rest of the password for a host, and name it."""
    name = "CALLWARDEN_KAFKA_BOOTSTRAP" if value.startswith("kafka:") else "CALLWARDEN_DATABASE"
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name) as refused:
        load_settings()
    assert PLANTED not in str(refused.value)


@pytest.mark.parametrize("name", secret_names())
def test_a_secret_comes_from_a_file_that_a_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text(planted(name) + "\n")
    (tmp_path / "roots.pem").write_text("")
    monkeypatch.setenv("CALLWARDEN_TIMESTAMP_ROOTS", "roots.pem")
    monkeypatch.setenv(f"CALLWARDEN_{name.upper()}_FILE", str(tmp_path / "secret"))
    value = getattr(load_settings(), name)
    assert (value.get_secret_value() if isinstance(value, SecretStr) else value.whole) == planted(name)


def test_a_secret_given_twice_or_in_a_file_that_cannot_be_read_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"CALLWARDEN_TOKEN_FILE={tmp_path / 'token'}\n")
    with pytest.raises(ConfigurationError, match=r"CALLWARDEN_TOKEN_FILE: .*token cannot be read: No such file"):
        load_settings()
    (tmp_path / "token").write_text("\n")
    with pytest.raises(ConfigurationError, match="token is empty"):
        load_settings()
    monkeypatch.setenv("CALLWARDEN_TOKEN", PLANTED)
    with pytest.raises(ConfigurationError, match="CALLWARDEN_TOKEN and CALLWARDEN_TOKEN_FILE are both set"):
        load_settings()
