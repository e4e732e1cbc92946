"""A place in a landing area."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingUri:
    """Where a piece of audio lies. `bucket` is empty for a spool folder; `name` is relative, ``/`` between its
    parts, none of which is empty, ``.`` or ``..``."""

    scheme: Literal["s3", "spool"]
    bucket: str
    name: str

    @property
    def uri(self) -> str:
        """As an event writes it."""
        return f"s3://{self.bucket}/{self.name}" if self.scheme == "s3" else f"spool:{self.name}"
