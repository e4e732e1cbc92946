"""One tree of errors with three fates: retry, dead-letter, stop.

A port raises only these (or subclasses of these). Vendor errors stop in the adapter, so that an outage
never looks like absence and a bad message never looks like an outage.
"""

from datetime import datetime


class CallwardenError(Exception):
    """Base of every error this system raises on purpose."""


class RetryableError(CallwardenError):
    """Nothing changed; trying again later may succeed. The offset is not committed.

    ``part`` names what is out of reach: bus, catalogue, vault, landing, keys, journal, checkpoints, disk; empty where
    it is not known.
    """

    def __init__(self, message: str = "", *, part: str = "") -> None:
        self.part = part
        super().__init__(message)


class NotWritableError(RetryableError):
    """A place may only be read. Nothing changed; trying again helps once somebody has made it writable."""


class OvertakenError(RetryableError):
    """Somebody else has begun the same work since and taken away what was half done. Nothing is out of reach."""


class InvalidMessageError(CallwardenError):
    """The message can never be processed. It is dead-lettered with ``reason``; the partition goes on.

    ``reason`` is a code of the closed vocabulary (`callwarden.model.outcome.Reason`); ``field`` names the
    offending field as a dotted path, empty when the message as a whole is at fault. Neither ever holds
    the value itself: values are personal data.
    """

    def __init__(self, reason: str, *, field: str = "", detail: str = "") -> None:
        self.reason = reason
        self.field = field
        self.detail = detail
        where = f" at {field}" if field else ""
        super().__init__(f"{reason}{where}{': ' + detail if detail else ''}")


class InvariantError(CallwardenError):
    """Something that must never happen has happened. What it happened to is left as it is; a person looks."""


class ConfigurationError(CallwardenError):
    """The system is set up wrongly. Says what is wrong, where (file, line, field) and what to do; ``reasons`` are codes
    for programs, where there are any."""

    reasons: tuple[str, ...] = ()


class LackingError(ConfigurationError):
    """Something that is installed apart (a model, an extra) is not here. What needs it stays off; the rest goes on."""


class UsageError(CallwardenError):
    """A person asked for something that makes no sense as asked. Says what to type instead, of each of its faults."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class Faults:
    """Wrong usage, gathered so that all of it is told at once: a `with` block ends at the first of its own."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def add(self, fault: UsageError) -> None:
        """One more; the same words are told once."""
        self._found |= dict.fromkeys(fault.faults)

    def check(self) -> None:
        """Raises UsageError of all of them, where there are any."""
        if self._found:
            raise UsageError(*self._found)

    def __enter__(self) -> None:
        """Whatever is raised in it is gathered."""

    def __exit__(self, _kind: object, error: BaseException | None, _at: object) -> bool:
        if isinstance(error, UsageError):
            self.add(error)
        return isinstance(error, UsageError)


class RefusedError(CallwardenError):
    """The rules refuse a request. ``reasons`` are all the reason codes, never only the first; ``since`` is since when
    it is so, where that is an instant the system keeps."""

    def __init__(self, reasons: tuple[str, ...], message: str = "", *, since: datetime | None = None) -> None:
        self.reasons = reasons
        self.since = since
        super().__init__(message or ", ".join(reasons))


class TooOftenError(RefusedError):
    """Refused because it was tried too often; after ``retry_after_s`` whole seconds it may be tried again."""

    def __init__(self, reasons: tuple[str, ...], message: str = "", *, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(reasons, message)


class InvalidFieldsError(CallwardenError):
    """What was handed over says something that cannot be, or leaves out what is needed: nothing of it was taken.
    ``fields`` are dotted paths, each with the code of what is wrong with it and words for a person; never a value."""

    def __init__(self, *fields: tuple[str, str, str]) -> None:
        self.fields = fields
        super().__init__("; ".join(f"{path or 'the event'}: {words or code}" for path, code, words in fields))
