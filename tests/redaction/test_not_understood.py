"""A call the recogniser has not understood is withheld: rules over words that were never said mean nothing (D6)."""

from dataclasses import replace

import pytest

from callwarden.model.ids import RecordingId
from callwarden.model.redaction import RedactionPolicy
from callwarden.model.transcript import Transcript, TranscriptTurn, Word
from callwarden.rules.withholding import not_understood


def _call(**speakers: list[float]) -> Transcript:
    turns = [
        TranscriptTurn(
            speaker=speaker,
            words=tuple(
                Word(text="mot", start_s=number, end_s=number + 0.5, probability=probability, channel=0)
                for number, probability in enumerate(probabilities)
            ),
            start_s=0.0,
            end_s=float(len(probabilities)),
        )
        for speaker, probabilities in speakers.items()
    ]
    return Transcript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        model="test",
        duration_s=60.0,
        turns=tuple(turns),
        speech_without_words=(),
        pauses=(),
    )


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (_call(agent=[0.9] * 20, caller=[0.8] * 20), None),
        (_call(agent=[0.9] * 200, caller=[0.4] * 20), "caller"),
        (_call(agent=[0.3] * 20, caller=[0.9] * 200), "agent"),
        (_call(agent=[0.9] * 20, caller=[0.1] * 3), None),
        (_call(), None),
    ],
)
def test_one_speaker_who_is_not_understood_is_enough(
    call: Transcript, expected: str | None, policy: RedactionPolicy
) -> None:
    assert not_understood(call, replace(policy, understood_from=0.55)) == expected
