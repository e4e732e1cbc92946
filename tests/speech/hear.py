"""Renews the stored transcripts: what the model in force hears in calls with the truth beside them.

`python -m tests.speech.hear CALLS INTO [NAME…]` hears every ``NN.wav`` of CALLS that has its ``NN.json``, and writes
``NN.json`` and ``NN.heard.json`` into INTO. `python -m tests.speech.hear tests/support/samples tests/speech/heard` does
so for the sample calls whose sound is kept here. The model is the one in force for `callwarden` (its settings hold).
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.adapters.speech.evaluate import GoldCall, read_gold
from callwarden.adapters.speech.whisper import WhisperRecogniser
from callwarden.model.ids import RecordingId
from callwarden.settings import load_settings
from callwarden.wiring import speech as wired

AT_ONCE = 2


def hear(calls: Path, into: Path, recogniser: WhisperRecogniser, *, only: frozenset[str] = frozenset()) -> int:
    """Write a transcript for every call, or for those named; returns how many."""
    chosen = [call for call in read_gold(calls) if not only or call.name in only]

    def one(call: GoldCall) -> None:
        with call.audio.open("rb") as file:
            heard = recogniser.transcribe(
                file, recording_id=RecordingId(call.name), roles=call.roles, language="fr", hint=call.audio.suffix
            )
        (into / f"{call.name}.heard.json").write_bytes(JsonTranscriptCodec().encode(heard) + b"\n")
        truth = (calls / f"{call.name}.json").read_bytes()
        (into / f"{call.name}.json").write_bytes(truth)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, chosen))
    return len(chosen)


def main() -> None:
    calls, into, *names = sys.argv[1:]
    Path(into).mkdir(parents=True, exist_ok=True)
    recogniser = wired.recogniser(load_settings())
    try:
        count = hear(Path(calls), Path(into), recogniser, only=frozenset(names))
    finally:
        recogniser.close()
    print(f"{count} calls heard, written to {into}")


if __name__ == "__main__":
    main()
