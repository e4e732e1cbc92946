"""Calls put together from a telephone system's own prompts and digits, so that gold times are exact by construction.

`python -m tests.speech.spliced SOUNDS INTO` writes twelve dialogues (``sNN.wav``, ``sNN.json``) for
`callwarden speech evaluate`. SOUNDS has ``transcripts.tsv`` (file, kind, seconds, transcript), the French prompts and
digits of Asterisk's core sounds in ``asterisk_fr_CA/prompts`` and ``asterisk_fr_CA/digits``, three read sentences in
``fleurs_fr``. An agent asks, a caller answers in digits or pairs, the agent reads back inside a sentence. Every second
call leaves no pause around what is personal; every third has the other channel 28 dB down in it and noise 25 dB down.
None of this sound is kept here.
"""

import json
import random
import sys
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

RATE = 8000
LEVEL = 3000.0
Samples = npt.NDArray[np.float64]

ASKED = {
    "SECRET": ["agent-pass", "vm-newpassword", "vm-reenterpassword", "auth-incorrect"],
    "PHONE": ["privacy-prompt", "check-number-dial-again"],
    "ID_NUMBER": ["agent-alreadyon", "agent-incorrect", "vm-incorrect-mailbox"],
}
FILLING = (
    *("tt-allbusy", "queue-periodic-announce", "vm-mailboxfull", "privacy-unident", "vm-instructions"),
    *("followme_options", "vm-intro", "dir-instr", "conf-invalid", "agent-newlocation", "vm-forward-multiple"),
    "demo-enterkeywords",
)
READ = ("fleurs_fr/fleurs-fr-000.ogg", "fleurs_fr/fleurs-fr-002.ogg", "fleurs_fr/fleurs-fr-008.ogg")
READ_BACK = "ss-noservice"
BEFORE, AFTER = "Le numéro composé n'est pas en service.", "Veuillez vérifier le numéro et essayer de nouveau."


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something said without a break; `kind` where it is personal."""

    samples: Samples
    said: str
    kind: str | None = None


@dataclass(slots=True)
class Dialogue:
    """Turns put one after the other on two channels."""

    random: random.Random
    tight: bool
    at: float = 0.6
    placed: list[tuple[int, float, Samples]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)

    def say(self, channel: int, pieces: Sequence[Piece]) -> None:
        start, said = self.at, ""
        for number, piece in enumerate(pieces):
            if number:
                self.at += self.random.uniform(0.0, 0.04) if self.tight else self.random.uniform(0.15, 0.4)
                said += " "
            self.placed.append((channel, self.at, piece.samples))
            end = self.at + len(piece.samples) / RATE
            if piece.kind is not None:
                where = {"turn": len(self.turns), "start": len(said), "end": len(said) + len(piece.said)}
                when = {"start_s": round(self.at, 3), "end_s": round(end, 3)}
                self.spans += [{**where, "form": form, "type": piece.kind, **when} for form in ("spoken", "written")]
            said += piece.said
            self.at = end
        when = {"start_s": round(start, 3), "end_s": round(self.at, 3)}
        self.turns.append({"speaker": ("agent", "caller")[channel], "spoken": said, "written": said, **when})
        self.at += self.random.uniform(0.25, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """The voices, cut to where they speak and made equally loud."""

    directory: Path
    texts: dict[str, str]

    @classmethod
    def of(cls, directory: Path) -> "Sounds":
        lines = (directory / "transcripts.tsv").read_text(encoding="utf-8").splitlines()[1:]
        return cls(directory=directory, texts={line.split("\t")[0]: line.split("\t")[3] for line in lines})

    def samples(self, file: str) -> Samples:
        with av.open(str(self.directory / file)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        frames += resampler.resample(None)
        whole = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.float64)
        loudness = _loudness(whole)
        spoken = np.where(loudness > loudness.max() * 0.012)[0]
        cut = whole[max(0, spoken[0] * 80 - 40) : spoken[-1] * 80 + 120]
        return np.asarray(cut * (LEVEL / np.sqrt((cut**2).mean())))

    def prompt(self, name: str) -> Piece:
        file = f"asterisk_fr_CA/prompts/{name}.wav"
        return Piece(samples=self.samples(file), said=self.texts[file])

    def number(self, words: Sequence[str], *, kind: str, lower: float | None, dialogue: Dialogue) -> Piece:
        """Digits said one after the other, by the voice as it is or `lower` times as high."""
        files = [f"asterisk_fr_CA/digits/{word}.wav" for word in words]
        parts: list[Samples] = []
        for number, file in enumerate(files):
            said = self.samples(file)
            if number:
                longest = 0.05 if dialogue.tight else 0.25
                shortest = 0.0 if dialogue.tight else 0.03
                parts.append(np.zeros(int(RATE * dialogue.random.uniform(shortest, longest))))
            parts.append(
                said if lower is None else np.interp(np.arange(0, len(said) - 1, lower), range(len(said)), said)
            )
        return Piece(samples=np.concatenate(parts), said=" ".join(self.texts[file] for file in files), kind=kind)


def _loudness(samples: Samples) -> Samples:
    return np.asarray(np.sqrt((samples[: len(samples) // 80 * 80].reshape(-1, 80) ** 2).mean(axis=1)))


def _halves(samples: Samples) -> tuple[Samples, Samples]:
    """Cut in the longest pause."""
    quiet = np.convolve(_loudness(samples), np.ones(15), "same")
    edge = len(quiet) // 6
    at = (edge + int(np.argmin(quiet[edge:-edge]))) * 80
    return samples[:at], samples[at:]


def _pair(pair: str) -> list[str]:
    """Two digits as the words of a number below a hundred, Belgian or French as they come."""
    value = int(pair)
    if pair[0] == "0":
        return list(pair)
    if value <= 20 or value in (30, 40, 50, 60, 70, 80, 90):
        return [str(value)]
    if value < 70:
        return [str(value // 10 * 10), *(["et"] if value % 10 == 1 else []), str(value % 10)]
    return ["60", str(value - 60)] if value < 80 else ["80", str(value - 80)]


def _digits(chance: random.Random, length: int) -> list[str]:
    pairs = chance.random() < 0.6 and length % 2 == 0
    digits = "".join(chance.choice("0123456789") for _ in range(length))
    if length == 10:
        digits = "0" + chance.choice("12345679") + digits[2:]
    if pairs:
        return [word for at in range(0, length, 2) for word in _pair(digits[at : at + 2])]
    return list(digits)


def dialogue(number: int, sounds: Sounds) -> Dialogue:
    """One call; the same number gives the same call."""
    chance = random.Random(number)
    lower = chance.choice([0.86, 0.92, 1.0])
    made = Dialogue(random=chance, tight=number % 2 == 0)
    kinds = chance.sample(list(ASKED), 3)
    filling = [sounds.prompt(name) for name in chance.sample(FILLING, 3)]
    made.say(0, [filling[0]])
    for kind in kinds:
        question = chance.choice(ASKED[kind])
        made.say(0, [sounds.prompt(question)])
        words = _digits(
            chance, {"SECRET": chance.choice([4, 6]), "PHONE": 10, "ID_NUMBER": chance.choice([5, 8])}[kind]
        )
        answer = []
        if (kind == "PHONE" and "check" in question) or chance.random() < 0.35:
            file = chance.choice(READ)
            answer.append(Piece(samples=sounds.samples(file), said=sounds.texts[file]))
        made.say(1, [*answer, sounds.number(words, kind=kind, lower=lower, dialogue=made)])
        after = chance.random()
        if after < 0.5:
            head, tail = _halves(sounds.prompt(READ_BACK).samples)
            again = sounds.number(words, kind=kind, lower=None, dialogue=made)
            made.say(0, [Piece(samples=head, said=BEFORE), again, Piece(samples=tail, said=AFTER)])
        elif after < 0.8:
            made.say(0, [sounds.number(words, kind=kind, lower=None, dialogue=made), filling[1]])
    made.say(0, [filling[2]])
    return made


def write(number: int, made: Dialogue, into: Path) -> None:
    """Sound and truth of one call."""
    frames = int((made.at + 0.5) * RATE)
    sound = np.zeros((2, frames))
    for channel, at, samples in made.placed:
        first = round(at * RATE)
        sound[channel, first : first + len(samples)] += samples[: frames - first]
    if number % 3 == 0:
        noise = np.random.default_rng(number).normal(0, LEVEL * 10 ** (-25 / 20), sound.shape)
        sound = sound + sound[::-1] * 10 ** (-28 / 20) + noise
    with wave.open(str(into / f"s{number:02}.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip(sound, -32000, 32000).astype("<i2").T.tobytes())
    truth = {"id": f"s{number:02}", "channels": ["agent", "caller"], "turns": made.turns, "spans": made.spans}
    (into / f"s{number:02}.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")


def main() -> None:
    directory, into = map(Path, sys.argv[1:])
    into.mkdir(parents=True, exist_ok=True)
    sounds = Sounds.of(directory)
    for number in range(1, 13):
        write(number, dialogue(number, sounds), into)
    print(f"twelve calls in {into}")


if __name__ == "__main__":
    main()
