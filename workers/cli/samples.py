"""`callwarden sample make`: synthetic calls to try a system with, as a telephone system hands them over."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import RetryableError, UsageError
from callwarden.settings import load_settings
from callwarden.workers.cli.opening import open_for_programs
from callwarden.workers.cli.output import JsonOption, print_thing, progress
from callwarden.workers.cli.sample_calls import SampleSet, Sound, first_part, sound
from callwarden.workers.cli.sample_dialogues import dialogue

_APART = 1_000
"""So many calls have a file and a sound each; larger sets have as many events a file, and as many sounds in turn."""

app = typer.Typer(help="Synthetic calls to try a system with.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `make` a command of its own."""


@app.command()
def make(
    number: Annotated[int, typer.Argument(metavar="N", min=1, help="How many recorded calls, or parts of calls.")],
    directory: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="A new directory.")],
    *,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Over how many days the calls are spread.")] = 1,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day after the last; else now, or today where there is a seed."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed and days make the same set again.")] = None,
    transcripts: Annotated[
        bool, typer.Option("--transcripts", help="Also transcripts.jsonl: invented dialogues, what is personal marked.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write N synthetic recordings of calls: events (.json) and sounds (.wav), tones in two channels. Nobody speaks,
    and the numbers are nobody's. Hand them over with: callwarden publish DIR/*.json --audio-dir DIR

    From 25 on there are calls in several parts, from 37 on callers who object to being recorded; other objections,
    pauses, notices broken off, labels, agents and teams come by chance. Over 1,000, a file holds 1,000 events and
    several calls sound the same. Dialogues are measured with: callwarden redaction evaluate DIR/transcripts.jsonl"""
    with open_for_programs(load_settings()) as system:
        zone, lines = system.policy.time_zone, tuple(sorted(system.policy.lines))
        now = system.clock.now().astimezone(zone)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} exists already: name a new directory")
    end = now if seed is None else now.replace(hour=0, minute=0, second=0, microsecond=0)
    end = min(until.replace(tzinfo=zone), now) if until is not None else end
    chosen = f"{now:%Y%m%d%H%M%S}" if seed is None else f"{seed}-{end:%Y%m%d}"
    calls = SampleSet(name=f"sample-{chosen}", seed=chosen, lines=lines, until=end, days=days)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with progress("making calls", total=number) as advance:
            _write(calls, number, directory, advance)
        if transcripts:
            with progress("making dialogues", total=number) as advance:
                _write_dialogues(calls, number, directory / "transcripts.jsonl", advance)
    except OSError as error:
        raise RetryableError(f"{directory} cannot be written: {error.strerror}", part="disk") from error
    parts = sum(first_part(each) != each for each in range(1, number + 1))
    print_thing({"directory": directory, "calls": number - parts, "events": number}, as_json=as_json)


def _write(calls: SampleSet, number: int, directory: Path, advance: Callable[[int], None]) -> None:
    """The sounds, then the events, a batch at a time."""
    sounds: list[Sound] = []
    for each in range(1, min(number, _APART) + 1):
        made, content = sound(each, f"{calls.recording(each)}.wav")
        (directory / made.name).write_bytes(content)
        sounds.append(made)
    for each in range(_APART + 1, number + 1):  # a file each: what is taken in goes from where it landed
        made = sounds[(each - 1) % _APART]
        sounds.append(replace(made, name=f"{calls.recording(each)}.wav"))
        _same(directory / made.name, directory / sounds[-1].name)
    step = 1 if number <= _APART else _APART
    for start in range(1, number + 1, step):
        batch = range(start, min(start + step, number + 1))
        events = [calls.event(each, sounds[each - 1]) for each in batch]
        text = json.dumps(events[0], indent=1) if number <= _APART else _array(events)
        (directory / f"{calls.recording(batch[0])}.json").write_text(text + "\n", encoding="utf-8")
        advance(len(batch))


def _same(there: Path, wanted: Path) -> None:
    """One file under another name, too; a copy where the file system has no links."""
    try:
        wanted.hardlink_to(there)
    except OSError:
        wanted.write_bytes(there.read_bytes())


def _array(events: list[dict[str, object]]) -> str:
    """An array of events, one a line."""
    return "[\n" + ",\n".join(json.dumps(event) for event in events) + "\n]"


def _write_dialogues(calls: SampleSet, number: int, file: Path, advance: Callable[[int], None]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for each in range(1, number + 1):
            said = dialogue(calls.recording(each), calls.chance(each, "dialogue"))
            out.write(json.dumps(said, ensure_ascii=False) + "\n")
            advance(1)
