"""``callwarden redaction apply|evaluate``: text in, JSON out; gold files in, figures and predictions out.

Without --config the shipped policy holds; one process loads it and the language once.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callwarden.workers.cli import run
from callwarden.workers.cli.redaction_text import app

TEXT = "Bonjour, je m'appelle Anne Brévent, mon numéro c'est le 06 39 98 12 34."


def test_apply_takes_text_and_gives_placeholders_and_spans() -> None:
    result = CliRunner().invoke(app, ["apply", "-", "--lang", "fr"], input=TEXT)
    assert result.exit_code == 0, result.output
    out = json.loads(result.stdout)
    assert out["text"] == "Bonjour, je m'appelle [PERSON_1], mon numéro c'est le [PHONE_1]."
    assert [(s["type"], TEXT[s["start"] : s["end"]]) for s in out["spans"]] == [
        ("PERSON", "Anne Brévent"),
        ("PHONE", "06 39 98 12 34"),
    ]
    assert all(0 < s["score"] <= 1 and s["explanation"] for s in out["spans"])


def test_apply_takes_turns_and_gives_turns(tmp_path: Path) -> None:
    call = {"turns": [{"speaker": "agent", "text": "Le mot de passe ?"}, {"speaker": "caller", "text": "Pissenlit."}]}
    file = tmp_path / "call.json"
    file.write_text(json.dumps(call), encoding="utf-8")
    result = CliRunner().invoke(app, ["apply", str(file)])
    out = json.loads(result.stdout)
    assert out["turns"][1] == {"speaker": "caller", "text": "[SECRET_1]."}
    assert out["spans"][0]["turn"] == 1


def _fault(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and fault of a command line that fails, as programs get them."""
    code = run(["redaction", *arguments, "--json"])
    out, err = capsys.readouterr()
    assert out == ""
    return code, json.loads(err)["error"]


def test_apply_names_the_languages_it_has_recognisers_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "call.txt"
    file.write_text(TEXT, encoding="utf-8")
    code, fault = _fault(capsys, "apply", str(file), "--lang", "xx")
    assert (code, fault["code"], fault["reasons"]) == (2, "usage", [])
    assert "'xx' is not one of en, fr" in fault["message"]


def test_a_text_in_doubt_is_refused_with_the_reason_of_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, strict = tmp_path / "call.txt", tmp_path / "redaction.yaml"
    file.write_text(TEXT, encoding="utf-8")
    shipped = (Path(__file__).parents[2] / "config" / "redaction.yaml").read_text(encoding="utf-8")
    strict.write_text(shipped.replace("default_threshold: ", "default_threshold: 1.0 # "), encoding="utf-8")
    code, fault = _fault(capsys, "apply", str(file), "--config", str(strict))
    assert (code, fault["code"], fault["reasons"]) == (1, "refused", ["redaction_incomplete"])
    assert "Brévent" not in fault["message"]


def test_evaluate_reads_both_kinds_of_line_and_writes_predictions(tmp_path: Path) -> None:
    gold, out = tmp_path / "gold.jsonl", tmp_path / "out.jsonl"
    lines = [
        {"id": "a", "text": TEXT, "spans": [{"start": 22, "end": 34, "type": "PERSON"}]},
        {
            "id": "b",
            "turns": [{"speaker": "agent", "text": "Le mot de passe ?"}, {"speaker": "caller", "text": "Pissenlit."}],
            "spans": [{"turn": 1, "start": 0, "end": 9, "type": "SECRET"}],
        },
    ]
    gold.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    result = CliRunner().invoke(app, ["evaluate", str(gold), "--predictions", str(out), "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["documents"], figures["spans"], figures["recall"]) == (2, 2, 1.0)
    assert figures["documents_without_leak"] == 1.0
    assert figures["precision"] == pytest.approx(2 / 3)  # the telephone number is not marked
    written = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [w["id"] for w in written] == ["a", "b"]
    assert [s["type"] for s in written[0]["spans"]] == ["PERSON", "PHONE"]
    assert written[1]["spans"][0]["turn"] == 1


@pytest.mark.parametrize("as_string", [False, True])
def test_evaluate_reads_the_public_ai4privacy_layout(tmp_path: Path, *, as_string: bool) -> None:
    mask = [
        {"start": 22, "end": 34, "value": "Anouk Brével", "label": "LASTNAME1"},
        {"label": "TIME", "start": 0, "end": 1},
    ]
    line = {
        "source_text": "Bonjour, je m'appelle Anouk Brével.",
        "privacy_mask": json.dumps(mask) if as_string else mask,
    }
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps(line) + "\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["evaluate", str(gold), "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["spans"], figures["recall"], figures["by_type"]["PERSON"]["spans"]) == (1, 1.0, 1)
    assert figures["labels_left_out"] == ["TIME"]


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        '{"source_text": "a", "privacy_mask": [{"start": 0, "end": 9, "label": "CITY"}]}',
        "[]",
        '{"text": "a", "spans": [{"start": 0, "end": 9, "type": "X"}]}',
        '{"turns": [{}]}',
    ],
)
def test_evaluate_names_the_line_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"text": "a", "spans": []}\n' + line + "\n", encoding="utf-8")
    code, fault = _fault(capsys, "evaluate", str(gold))
    assert (code, fault["code"]) == (2, "usage")
    assert "gold.jsonl:2" in fault["message"]
