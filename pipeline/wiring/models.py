"""The models that speech needs, and whether each is there. Found by their places and names: none is loaded for it."""

import importlib.util
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from callwarden.adapters.model_packages import PACKAGES, install_package
from callwarden.errors import ConfigurationError
from callwarden.settings import Settings
from callwarden.shipped import shipped_config
from callwarden.wiring.surroundings import speech_model_folder

EXTRA: Final = "pip install '.[models]'"
"""In a checkout: brings every model that is needed, in its exact version."""
BLANK: Final = "blank"
"""A language without a model: rules alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededModel:
    """One model. `place` is None where it is not there: then `steps` cannot run, and `what_to_do` brings it."""

    part: str
    name: str
    place: str | None
    steps: tuple[str, ...]
    what_to_do: str


def needed_models(settings: Settings) -> list[NeededModel]:
    """Every model that transcribing and redacting need by these settings. Digests are left to whoever loads them.

    Raises: ConfigurationError where the redaction file cannot be read."""
    from callwarden.redaction import load_redaction_policy

    policy = load_redaction_policy(settings.redaction or shipped_config() / "redaction.yaml")
    folder = speech_model_folder(settings)
    both = ("transcribe", "redact")
    found = [
        NeededModel(
            part="speech",
            name=settings.speech_model,
            place=None if folder is None else str(folder),
            steps=both,
            what_to_do=f"callwarden models fetch {settings.speech_model}",
        ),
        NeededModel(
            part="voice activity",
            name="silero",
            place=_voice_model(),
            steps=both,
            what_to_do="pip install --force-reinstall faster-whisper",
        ),
    ]
    found += [
        NeededModel(part=f"names ({language})", name=name, place=_package(name), steps=("redact",), what_to_do=EXTRA)
        for language, name in policy.models
        if name != BLANK
    ]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechModelRow:
    """A speech model on disk; `fault` says why it is not what it should be."""

    name: str
    path: str
    sha256: str | None
    in_force: bool
    fault: str | None
    part: str = "speech"


def speech_models(settings: Settings) -> list[SpeechModelRow]:
    """Every speech model in place, its digests checked: this reads all of them."""
    from callwarden.adapters.speech.models import locate, present

    rows = []
    for name, path in present(settings.models_folder):
        try:
            digest, fault = locate(name, directory=settings.models_folder).sha256, None
        except ConfigurationError as error:
            digest, fault = None, str(error)
        in_force = settings.speech_model in (name, str(path))
        rows.append(SpeechModelRow(name=name, path=str(path), sha256=digest, in_force=in_force, fault=fault))
    return rows


def bring_packages(settings: Settings, *, network: bool) -> list[NeededModel]:
    """Install the packages of models that are missing, where `network` allows it; returns every model as it stands now.
    One that could not be brought says why in its `what_to_do`. Raises as `needed_models`."""
    troubles = dict[str, str]()
    for model in needed_models(settings):
        if network and model.place is None and model.name in PACKAGES:
            try:
                install_package(PACKAGES[model.name])
            except ConfigurationError as error:
                troubles[model.name] = f"{error}; run: "
    return [
        replace(model, what_to_do=troubles.get(model.name, "") + model.what_to_do) for model in needed_models(settings)
    ]


def _package(name: str) -> str | None:
    try:
        return f"package {name} {version(name)}"
    except PackageNotFoundError:
        return None


def _voice_model() -> str | None:
    """It comes inside faster-whisper, and onnxruntime runs it."""
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or not spec.submodule_search_locations or importlib.util.find_spec("onnxruntime") is None:
        return None
    files = sorted(Path(spec.submodule_search_locations[0]).glob("assets/silero_vad*.onnx"))
    return str(files[-1]) if files else None
