"""``callwarden redaction apply|evaluate``: text in, JSON out; gold files in, figures and predictions out.

Without --config the shipped policy holds; one process loads it and the language once.
"""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workers.redaction_cli import app

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


def test_apply_refuses_a_language_it_has_no_recognisers_for() -> None:
    result = CliRunner().invoke(app, ["apply", "-", "--lang", "xx"], input=TEXT)
    assert result.exit_code == 1
    assert "UnsupportedLanguageError" in result.stderr
    assert "Brévent" not in result.output


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
    assert figures["precision"] == pytest.approx(2 / 3)  # the telephone number is not marked
    written = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [w["id"] for w in written] == ["a", "b"]
    assert [s["type"] for s in written[0]["spans"]] == ["PERSON", "PHONE"]
    assert written[1]["spans"][0]["turn"] == 1


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"text": "a", "spans": [{"start": 0, "end": 9, "type": "X"}]}', '{"turns": [{}]}']
)
def test_evaluate_names_the_line_that_is_wrong(tmp_path: Path, line: str) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"text": "a", "spans": []}\n' + line + "\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["evaluate", str(gold)])
    assert result.exit_code == 1
    assert "gold.jsonl:2" in result.stderr
