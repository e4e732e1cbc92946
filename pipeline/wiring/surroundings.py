"""What surrounds a system: clocks, folders, topics, and the configuration that comes with the product."""

import errno
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callwarden.adapters.bus.settings import MESSAGE_LIMIT
from callwarden.errors import ConfigurationError
from callwarden.messages import CALLS_TOPIC, TOPICS, DeadLettered
from callwarden.ports.bus import TopicSettings
from callwarden.settings import Settings

CALLS_RETENTION = timedelta(days=7)
"""How long inbound events, which hold telephone numbers, stay on the bus at most."""
RETENTION = timedelta(days=30)
EVENT_LIMIT = MESSAGE_LIMIT
"""Bytes of an event and its key that a bus carries at most."""


def require_volume(home: Path) -> None:
    """Raises ConfigurationError where `home` lies on no volume: what a container keeps in itself goes with it."""
    folder = home.absolute()
    if not any(os.path.ismount(part) for part in (folder, *folder.parents) if part != part.parent):
        raise ConfigurationError(
            f"nothing is mounted on {folder}: keys, and with them every recording, would go with this container. "
            f"Run it with --volume callwarden:{folder}; only to try it, with --env CALLWARDEN_NEEDS_VOLUME=no"
        )


def private_folder(folder: Path) -> Path:
    """Make a folder, and those above it, that only its owner may enter; one that is there stays as it is.

    Raises ConfigurationError naming the folder where it cannot be made, or is a file.
    """
    try:
        for part in reversed([folder, *folder.parents]):
            if not part.exists():
                part.mkdir(mode=0o700, exist_ok=True)
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file")
    except OSError as error:
        raise ConfigurationError(
            f"the folder {folder} cannot be made: {error.strerror}; CALLWARDEN_HOME and CALLWARDEN_SPOOL say where "
            "callwarden keeps its files"
        ) from error
    return folder


def speech_model_folder(settings: Settings) -> Path | None:
    """Where the speech model in force lies, None where it is not there. Its digests are left to whoever loads it:
    reading gigabytes is too slow for a probe."""
    from callwarden.adapters.speech.models import NEEDED, present

    wanted = settings.speech_model
    places = [path for name, path in present(settings.models_folder) if wanted in (name, str(path))]
    whole = [path for path in (*places, Path(wanted)) if all((path / file).is_file() for file in NEEDED)]
    return whole[0] if whole else None


def proxies_to(host: str, settings: Settings) -> dict[str, str] | None:
    """Scheme to the proxy through which `host` is reached; None for what the environment says, empty for none."""
    if settings.proxy is None:
        return None
    if any(domain == "*" or f".{host}".endswith(f".{domain.lower().lstrip('.')}") for domain in settings.no_proxy):
        return {}
    return dict.fromkeys(("http", "https"), settings.proxy.whole)


def topics(partitions: int) -> list[TopicSettings]:
    """Every topic of the system. Inbound events and dead letters may be personal, so they do not stay."""
    return [
        TopicSettings(name=CALLS_TOPIC, partitions=partitions, retention=CALLS_RETENTION),
        *(
            TopicSettings(name=name, partitions=1 if name == DeadLettered.topic else partitions, retention=RETENTION)
            for name in TOPICS
        ),
    ]


class SystemClock:
    """`callwarden.ports.clock.Clock` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for demonstrations and tests."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant
