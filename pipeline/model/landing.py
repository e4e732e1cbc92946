"""A place in a landing area."""

from dataclasses import dataclass
from typing import Literal

_ENCODED = str.maketrans({"%": "%25", "?": "%3F", "#": "%23"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingUri:
    """Where a piece of audio lies. `bucket` is empty for a spool folder; `name` is relative, ``/`` between its
    parts, none of which is empty, ``.`` or ``..``."""

    scheme: Literal["s3", "spool"]
    bucket: str
    name: str

    @property
    def uri(self) -> str:
        """As an event writes it, what need not be percent-encoded as it is."""
        if self.scheme == "spool":
            return f"spool:{self.name}"
        return f"s3://{self.bucket}/{self.name.translate(_ENCODED)}"
