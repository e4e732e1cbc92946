"""The real model, put together once from the packages of the dependency group `models`; nothing is downloaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from callwarden.adapters.speech.models import ModelSource, ModelUnavailableError, SpeechModel, fetch
from callwarden.adapters.speech.whisper import WhisperRecogniser
from callwarden.model.audio import AudioCaps

CAPS = AudioCaps(max_bytes=300_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
MODELS = Path(__file__).parents[2] / ".cache" / "models"
"""Kept between runs: putting a model together from its packages writes 150 MB."""


@pytest.fixture(scope="session")
def model() -> SpeechModel:
    try:
        return fetch("base", directory=MODELS, source=ModelSource.PACKAGES)
    except ModelUnavailableError as error:
        pytest.skip(f"speech model: {error}")


@pytest.fixture(scope="session")
def recogniser(model: SpeechModel) -> Iterator[WhisperRecogniser]:
    made = WhisperRecogniser(model, caps=CAPS, streams=2)
    yield made
    made.close()
