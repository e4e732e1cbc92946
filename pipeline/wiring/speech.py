"""Builds what concerns speech from the settings; the other importer of adapters, apart so that no other command
loads a recogniser."""

from pathlib import Path

from callwarden.adapters.audio.beeper import PyAvBeeper
from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.adapters.speech.evaluate import GoldCall, Redacting, SpeechReport, evaluate, read_gold
from callwarden.adapters.speech.models import ModelSource, SpeechModel, fetch, locate, present
from callwarden.adapters.speech.verify import RecognisingListener
from callwarden.adapters.speech.whisper import WhisperRecogniser
from callwarden.model.audio import AudioCaps, BeepSound, PlayerFormat
from callwarden.model.redaction import RedactionPolicy
from callwarden.ports.speech import TranscriptCodec
from callwarden.redaction import build_finder, redaction_version
from callwarden.redaction.finder import PresidioFinder
from callwarden.redaction.models import require_model
from callwarden.redaction.policy_file import load_redaction_policy
from callwarden.settings import Settings
from callwarden.steps.redact import Redact
from callwarden.steps.redact.make import RedactionMaker
from callwarden.steps.transcribe import Transcribe
from callwarden.wiring import System
from callwarden.wiring.part import part

CAPS = AudioCaps(max_bytes=500_000_000, max_duration_s=4 * 3600, max_channels=2, max_sample_rate_hz=48_000)
"""For files a person names on the command line; the policy has its own for what comes in."""

__all__ = [
    "GoldCall",
    "ModelSource",
    "Speech",
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
    "redaction_finder",
    "the_model",
    "transcript_codec",
]


def models_directory(settings: Settings) -> Path:
    """Where speech models lie."""
    return settings.models_folder


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
    policy = load_redaction_policy(settings.redaction)
    return Redacting(
        finder=build_finder(policy),
        policy=policy,
        beeper=PyAvBeeper(sound=BeepSound(policy.sound), form=PlayerFormat.FLAC),
        caps=CAPS,
        listener=None if listener is None else RecognisingListener(listener, caps=CAPS),
    )


def transcript_codec() -> TranscriptCodec:
    """Reads and writes stored transcripts."""
    return JsonTranscriptCodec()


def redaction_finder(file: Path | None) -> tuple[PresidioFinder, RedactionPolicy]:
    """The finder of personal data by a redaction file (the shipped one when None), and what that file says."""
    policy = load_redaction_policy(file)
    return build_finder(policy), policy


class Speech:
    """The speech steps of one system. The model is loaded once, for transcribing and for listening again."""

    def __init__(self, system: System) -> None:
        self._system = system

    @part
    def _recogniser(self) -> WhisperRecogniser:
        return recogniser(self._system.settings)

    @part
    def _policy(self) -> RedactionPolicy:
        return load_redaction_policy(self._system.settings.redaction)

    @part
    def transcribe(self) -> Transcribe:
        """The transcribing step. Raises as `the_model`."""
        system = self._system
        return Transcribe(
            policy=system.policy,
            clock=system.clock,
            catalogue=system.catalogue,
            gate=system.gate,
            store=system.store,
            disposal=system.disposal,
            recogniser=self._recogniser,
            codec=JsonTranscriptCodec(),
            scribe=system.scribe,
            language=self._policy.language,
        )

    @part
    def redact(self) -> Redact:
        """The redacting step. Raises as `the_model`, and ModelMissingError without its language's own model."""
        system, policy = self._system, self._policy
        require_model(dict(policy.models)[policy.language])  # before the first call that needs it
        maker = RedactionMaker(
            policy=policy,
            version=redaction_version(policy),
            finder=build_finder(policy),
            beeper=PyAvBeeper(sound=BeepSound(policy.sound), form=PlayerFormat.FLAC),
            listener=RecognisingListener(self._recogniser, caps=CAPS),
            caps=CAPS,
        )
        return Redact(
            policy=system.policy,
            clock=system.clock,
            catalogue=system.catalogue,
            gate=system.gate,
            store=system.store,
            disposal=system.disposal,
            maker=maker,
            codec=JsonTranscriptCodec(),
            scribe=system.scribe,
        )
