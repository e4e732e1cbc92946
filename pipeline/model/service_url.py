"""The address of a service, which may hold a password: it prints without."""

from typing import Final
from urllib.parse import parse_qsl, urlsplit

HIDDEN: Final = "***"
_HARMLESS: Final = frozenset(
    {
        "application_name",
        "connect_timeout",
        "host",
        "hostaddr",
        "port",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
        "timeout",
    }
)
"""Parameters of a URL that say where and how, never with which secret. Every other one is hidden."""


class ServiceUrl:
    """A URL whose text, in messages, logs and listings, hides who signs in and with what. `whole` is for the driver
    alone."""

    __slots__ = ("_shown", "_whole")

    def __init__(self, text: str) -> None:
        """Raises ValueError, which never repeats the text: it may be a password."""
        parts = urlsplit(text)
        is_file = parts.scheme == "sqlite"
        if not parts.scheme or "://" not in text:
            raise ValueError("must be a URL, such as https://host:port")
        # Behind a / # or ? a driver would take the rest of a password for a host or a path, and name it in its errors.
        if not is_file and (text.count("@") > 1 or ("@" in text and "@" not in parts.netloc)):
            raise ValueError("holds an @ / # or ? in its user or password: write them as %40 %2F %23 %3F")
        self._whole = text
        self._shown = text if is_file and not parts.query else _shown(text)

    @property
    def whole(self) -> str:
        """The URL with its secrets."""
        return self._whole

    @property
    def scheme(self) -> str:
        return urlsplit(self._whole).scheme

    @property
    def host(self) -> str:
        """The host's name or address, in lower case; empty where there is none."""
        return urlsplit(self._whole).hostname or ""

    @property
    def parameters(self) -> dict[str, str]:
        """What follows the question mark."""
        return dict(parse_qsl(urlsplit(self._whole).query, keep_blank_values=True))

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"ServiceUrl({self._shown!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServiceUrl) and self._whole == other._whole

    def __hash__(self) -> int:
        return hash(self._whole)


def _shown(text: str) -> str:
    parts = urlsplit(text)
    user, at, place = parts.netloc.rpartition("@")
    shown = f"{parts.scheme}://{HIDDEN if user else ''}{at}{place}{parts.path}"
    if parts.query:
        pairs = (pair.partition("=") for pair in parts.query.split("&"))
        shown += "?" + "&".join(
            f"{name}={value if name in _HARMLESS else HIDDEN}" if sign else HIDDEN for name, sign, value in pairs
        )
    return shown + (f"#{HIDDEN}" if parts.fragment else "")
