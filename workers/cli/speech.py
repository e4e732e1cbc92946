"""`callwarden speech evaluate`: how well calls are understood and beeped, on calls with the truth beside them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from callwarden.settings import load_settings

if TYPE_CHECKING:
    from callwarden.adapters.speech.evaluate import Beep, Redacting
    from callwarden.wiring.speech import SpeechReport

app = typer.Typer(no_args_is_help=True, help="Speech recognition.")


@app.callback()
def speech() -> None:
    """Speech recognition, measured."""


@app.command("evaluate")
def evaluate_calls(
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="NN.wav beside NN.json")],
    language: Annotated[str, typer.Option("--lang")] = "fr",
    *,
    beeps: Annotated[bool, typer.Option(help="find personal data and beep it")] = True,
    verify: Annotated[bool, typer.Option(help="listen to each beeped file again")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Word error rate by channel, share of personal and of other speech beeped, what further listenings recover.

    Beeping is the redacting step's own, its withholding included; nothing is known of the callers beforehand."""
    from callwarden.wiring import speech as wired

    settings = load_settings()
    calls = wired.read_gold(directory)
    recogniser = wired.recogniser(settings)
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("listening", total=len(calls))
            report = wired.evaluate(
                calls,
                recogniser,
                language=language,
                beep=_as_released(wired.redacting(settings, recogniser if verify else None)) if beeps else None,
                done=lambda _: progress.advance(task),
            )
    finally:
        recogniser.close()
    if as_json:
        typer.echo(json.dumps(_figures(report, wired.the_model(settings).sha256)))
    else:
        _print(report, beeps=beeps)


def _as_released(parts: "Redacting") -> "Beep":
    from callwarden.adapters.speech.evaluate import Beeped, GoldCall, NotReleased
    from callwarden.model.redaction import KnownFacts
    from callwarden.model.transcript import Transcript
    from callwarden.steps.redact.make import RedactionMaker, TextOnly, WithheldRedaction

    maker = RedactionMaker(
        policy=parts.policy,
        version=parts.policy.version,
        finder=parts.finder,
        beeper=parts.beeper,
        listener=parts.listener,
        caps=parts.caps,
    )

    def beep(call: GoldCall, transcript: Transcript) -> Beeped | NotReleased:
        with call.audio.open("rb") as audio:
            made = maker.make_known(transcript, KnownFacts(), audio, hint=call.audio.suffix)
        if isinstance(made, WithheldRedaction):
            return NotReleased(why=f"{made.reason.value} {made.detail}".strip())
        if isinstance(made, TextOnly):
            return NotReleased(why=made.reason.value)
        made.beeped.close()
        return Beeped(windows=made.transcript.beeped, recovered=made.heard_again)

    return beep


def _figures(report: "SpeechReport", sha256: str) -> dict[str, Any]:
    roles = sorted({role for call in report.calls for role, _ in call.errors})
    by_type: dict[str, list[float]] = {}
    for call in report.calls:
        for kind, length, beeped in call.spans:
            total = by_type.setdefault(kind, [0.0, 0.0])
            total[0] += length
            total[1] += beeped
    return {
        "model_sha256": sha256,
        "seconds": report.seconds,
        "audio_s": sum(call.duration_s for call in report.calls),
        "wer": report.errors().rate,
        "wer_by_role": {role: report.errors(role).rate for role in roles},
        "personal_beeped": report.personal_beeped,
        "other_beeped": report.other_beeped,
        "personal_beeped_by_type": {kind: beeped / length for kind, (length, beeped) in sorted(by_type.items())},
        "recovered_at_first": sum(call.recovered[0] for call in report.calls if call.recovered),
        "recovered_from_released": sum(call.recovered[-1] for call in report.calls if call.recovered),
        "withheld": sum(call.withheld is not None for call in report.calls),
        "calls": [
            {
                "name": call.name,
                "wer": {role: errors.rate for role, errors in call.errors},
                "personal_s": call.personal_s,
                "personal_beeped_s": call.personal_beeped_s,
                "other_s": call.other_s,
                "other_beeped_s": call.other_beeped_s,
                "recovered": call.recovered,
                "withheld": call.withheld,
            }
            for call in report.calls
        ],
    }


def _print(report: "SpeechReport", *, beeps: bool) -> None:
    columns = ["call", "word errors", "personal beeped", "other beeped", "heard again"]
    table = Table(*columns if beeps else columns[:2], title="calls with the truth")
    for call in report.calls:
        rates = "  ".join(f"{role} {errors.rate:.2f}" for role, errors in call.errors)
        row = [call.name, rates]
        if beeps:
            row += (
                [f"withheld: {call.withheld}", "", ""]
                if call.withheld
                else [
                    f"{call.personal_beeped_s:.1f} of {call.personal_s:.1f} s",
                    f"{call.other_beeped_s:.1f} of {call.other_s:.1f} s",
                    ", then ".join(map(str, call.recovered)) or "–",
                ]
            )
        table.add_row(*row)
    console = Console()
    console.print(table)
    audio_s = sum(call.duration_s for call in report.calls)
    console.print(f"{audio_s:.0f} s of audio in {report.seconds:.1f} s; word error rate {report.errors().rate:.3f}")
    if beeps:
        console.print(
            f"personal speech beeped {report.personal_beeped:.1%} (target at least 93 %), "
            f"other speech beeped {report.other_beeped:.1%} (target at most 20 %)"
        )
