"""Builds what concerns speech from the settings; the other importer of adapters, apart so that no other command
loads a recogniser."""

from pathlib import Path

from pipeline.adapters.audio.beeper import PyAvBeeper
from pipeline.adapters.redaction import build_finder
from pipeline.adapters.redaction.settings_yaml import load_redaction_policy
from pipeline.adapters.speech.evaluate import GoldCall, Redacting, SpeechReport, evaluate, read_gold
from pipeline.adapters.speech.models import ModelSource, SpeechModel, fetch, locate, present
from pipeline.adapters.speech.verify import RecognisingListener
from pipeline.adapters.speech.whisper import WhisperRecogniser
from pipeline.model.audio import AudioCaps, BeepSound, PlayerFormat
from pipeline.settings import Settings
from pipeline.wiring import shipped_config

CAPS = AudioCaps(max_bytes=500_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
"""For files a person names on the command line; the policy has its own for what comes in."""

__all__ = [
    "GoldCall",
    "ModelSource",
    "SpeechModel",
    "SpeechReport",
    "evaluate",
    "fetch",
    "locate_in",
    "models_directory",
    "present",
    "read_gold",
    "recogniser",
    "redacting",
    "the_model",
]


def models_directory(settings: Settings) -> Path:
    """Where speech models lie."""
    return settings.models or settings.home / "models"


def locate_in(directory: Path, name: str) -> SpeechModel:
    """That model, checked. Raises ConfigurationError that names the command to run."""
    return locate(name, directory=directory)


def the_model(settings: Settings) -> SpeechModel:
    """The model in force, checked. Raises ConfigurationError that names the command to run."""
    return locate(settings.speech_model, directory=models_directory(settings))


def recogniser(settings: Settings, *, caps: AudioCaps = CAPS) -> WhisperRecogniser:
    """Loads the model. Raises as `the_model`."""
    return WhisperRecogniser(the_model(settings), caps=caps)


def redacting(settings: Settings, listener: WhisperRecogniser | None) -> Redacting:
    """What beeping takes, by the redaction file in force."""
    policy = load_redaction_policy(settings.redaction or shipped_config() / "redaction.yaml")
    return Redacting(
        finder=build_finder(policy),
        policy=policy,
        beeper=PyAvBeeper(sound=BeepSound(policy.sound), form=PlayerFormat.FLAC),
        caps=CAPS,
        listener=None if listener is None else RecognisingListener(listener),
    )
