"""`docker-compose.yml` as a test reads it: variables replaced as Compose would, services as commands to run."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service. `definition` is its part of the file, variables replaced."""

    name: str
    definition: Mapping[str, Any]

    @property
    def command(self) -> list[str]:
        """What the container's command is, after the image's entry point."""
        return list(self.definition["command"])

    @property
    def environment(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.definition.get("environment", {}).items()}

    @property
    def replicas(self) -> int:
        return int(self.definition.get("deploy", {}).get("replicas", 1))

    @property
    def is_ours(self) -> bool:
        """Whether it runs callwarden."""
        return str(self.definition["image"]).startswith("callwarden:")

    def healthcheck(self) -> list[str]:
        """The command of the health check, without its program where that is callwarden's own."""
        test = self.definition["healthcheck"]["test"]
        return shlex.split(test) if isinstance(test, str) else list(test[1:])


def variables(text: str) -> dict[str, str]:
    """Every variable the text asks for, and how: ``?`` required, ``-`` with a default."""
    return {match["name"]: match["kind"] or "" for match in _VARIABLE.finditer(text)}


def services(environment: Mapping[str, str]) -> dict[str, Service]:
    """The services of the file. Raises KeyError for a required variable that `environment` lacks."""
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return {
        name: Service(name=name, definition=_replaced(definition, environment))
        for name, definition in loaded["services"].items()
    }


def _replaced(value: Any, environment: Mapping[str, str]) -> Any:
    match value:
        case str():
            return _VARIABLE.sub(lambda match: _value(match, environment), value)
        case list():
            return [_replaced(item, environment) for item in value]
        case dict():
            return {key: _replaced(item, environment) for key, item in value.items()}
    return value


def _value(match: re.Match[str], environment: Mapping[str, str]) -> str:
    if found := environment.get(match["name"]):
        return found
    if match["kind"] == "-":
        return match["rest"]
    raise KeyError(match["name"])
