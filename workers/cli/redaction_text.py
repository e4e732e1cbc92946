"""``callwarden redaction apply|evaluate``: redact a text, measure the finder on annotated calls."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import typer

from callwarden.errors import RefusedError, UsageError
from callwarden.model.redaction import KnownFacts, RedactionPolicy, Span, Turn
from callwarden.ports.pii import FinderError, UnsupportedLanguageError
from callwarden.redaction.evaluate import FIXED_FORM, NAMES_AND_PLACES, Evaluation, Mark, Scored, evaluate
from callwarden.redaction.gold import Document, GoldError, labels_left_out, read_document, read_turns
from callwarden.redaction.placeholders import redact
from callwarden.rules.withholding import INCOMPLETE, Withhold, decide

app = typer.Typer(help="Redact text; measure the finder on annotated calls.", no_args_is_help=True)

_Config = Annotated[Path | None, typer.Option(help="The redaction policy; the shipped one by default.")]


@lru_cache(maxsize=2)  # loading a language takes seconds; a process that is asked again has it
def _finder(config: Path | None) -> tuple[Any, RedactionPolicy]:
    from callwarden.wiring.speech import redaction_finder  # the one way from here to an adapter

    finder: tuple[Any, RedactionPolicy] = redaction_finder(config)
    return finder


@app.command()
def apply(
    file: Annotated[str, typer.Argument(help='A text, or {"turns":[{"speaker","text"}]}; - is standard input.')] = "-",
    lang: Annotated[str, typer.Option(help="Language of the text.")] = "fr",
    config: _Config = None,
    *,
    _as_json: Annotated[bool, typer.Option("--json", help="As without: the answer is JSON.")] = False,
) -> None:
    """Redacted text and the spans found, as JSON. Exit 1 when the text is withheld."""
    raw = sys.stdin.read() if file == "-" else _read(Path(file))
    turns, whole = _turns(raw)
    finder, policy = _finder(config)
    with _withholding():
        spans = finder.find(turns, language=lang, known=KnownFacts())
    decision = decide(spans, policy)
    if isinstance(decision, Withhold):
        raise RefusedError((decision.reason,), decision.why)
    done = redact(turns, decision.spans)
    out: dict[str, Any] = (
        {"text": done.turns[0].text}
        if whole
        else {"turns": [{"speaker": t.speaker, "text": t.text} for t in done.turns]}
    )
    out["spans"] = [_span(s, with_turn=not whole) for s in done.spans]
    typer.echo(json.dumps(out, ensure_ascii=False))


@app.command(name="evaluate")
def evaluate_command(
    gold: Annotated[Path, typer.Argument(help="One annotated document a line (ours, or as the ai4privacy sets are).")],
    predictions: Annotated[Path | None, typer.Option(help="Write the same lines with the spans found.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002  # a flag
    lang: Annotated[str, typer.Option(help="Language of the documents.")] = "fr",
    config: _Config = None,
) -> None:
    """Recall (fully covered), precision, leaked characters and share of words gone, by type."""
    documents = _documents(gold)
    finder, _ = _finder(config)
    calls = [document.turns for document in documents]
    with _withholding():
        found = finder.find_many(calls, language=lang, known=[KnownFacts()] * len(calls))
    result = evaluate(
        Scored(
            texts=tuple(turn.text for turn in document.turns),
            gold=document.marks,
            found=tuple(Mark(turn=s.turn, start=s.start, end=s.end, type=str(s.type)) for s in spans),
        )
        for document, spans in zip(documents, found, strict=True)
    )
    if predictions is not None:
        lines = [
            json.dumps(
                {**document.line, "spans": [_span(s, with_turn="turns" in document.line) for s in spans]},
                ensure_ascii=False,
            )
            for document, spans in zip(documents, found, strict=True)
        ]
        predictions.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    left_out = labels_left_out(documents)
    plain = summary(result) | ({"labels_left_out": left_out} if left_out else {})
    typer.echo(json.dumps(plain, ensure_ascii=False) if as_json else table(plain))


def summary(result: Evaluation) -> dict[str, Any]:
    """The evaluation as plain values; shares are None where nothing was counted."""
    return {
        "documents": result.documents,
        "documents_without_leak": result.whole,
        "spans": result.spans,
        "recall": result.recall,
        "recall_fixed_form": result.recall_of(FIXED_FORM),
        "recall_names_and_places": result.recall_of(NAMES_AND_PLACES),
        "leaked_characters": result.leak,
        "predictions": result.predictions,
        "precision": result.precision,
        "precision_characters": result.precision_characters,
        "words_gone": result.gone,
        "by_type": {
            kind: {
                "spans": s.spans,
                "fully_covered": s.covered / s.spans if s.spans else None,
                "touched_same_type": s.touched / s.spans if s.spans else None,
                "leaked_characters": s.leaked / s.characters if s.characters else None,
                "predictions": s.predictions,
                "precision": s.right / s.predictions if s.predictions else None,
            }
            for kind, s in result.by_type.items()
        },
    }


def table(plain: Mapping[str, Any]) -> str:
    """The evaluation for reading."""
    lines = [f"{name:26s} {_show(value)}" for name, value in plain.items() if name != "by_type"]
    lines.append(f"\n{'type':15s}{'spans':>7s}{'covered':>9s}{'leaked':>8s}{'found':>7s}{'precision':>11s}")
    for kind, s in plain["by_type"].items():
        lines.append(
            f"{kind:15s}{s['spans']:7d}{_show(s['fully_covered']):>9s}{_show(s['leaked_characters']):>8s}"
            f"{s['predictions']:7d}{_show(s['precision']):>11s}"
        )
    return "\n".join(lines)


def _show(value: object) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({type(error).__name__})") from error


def _turns(raw: str) -> tuple[list[Turn], bool]:
    """The turns of JSON input, or the whole as one turn."""
    try:
        value = json.loads(raw) if raw.lstrip().startswith("{") else None
    except ValueError:
        value = None
    if isinstance(value, dict) and ("turns" in value or "text" in value):
        try:
            return list(read_turns(value)), "turns" not in value
        except GoldError as error:
            raise UsageError(f"input: {error}") from error
    return [Turn(speaker="unknown", text=raw)], True


def _span(span: Span, *, with_turn: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"turn": span.turn} if with_turn else {}
    return out | {
        "start": span.start, "end": span.end, "type": str(span.type),
        "score": round(span.score, 3), "explanation": span.explanation,
    }  # fmt: skip


def _documents(gold: Path) -> list[Document]:
    documents = []
    for n, line in enumerate(_read(gold).splitlines(), 1):
        try:
            documents += [read_document(line)] if line.strip() else []
        except GoldError as error:
            raise UsageError(f"{gold}:{n}: {error}") from error
    return documents


@contextmanager
def _withholding() -> Iterator[None]:
    """A finder that could not finish knows nothing of the text: withheld. An unknown language is wrong usage."""
    try:
        yield
    except UnsupportedLanguageError as error:
        raise UsageError(f"--lang: {error}") from error
    except FinderError as error:
        raise RefusedError((INCOMPLETE,), str(error)) from error
