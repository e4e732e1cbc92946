"""The body of a pushed call: an event and audio, in either order, taken in as they come."""

from contextlib import ExitStack
from typing import Final
from urllib.parse import unquote_to_bytes

from callwarden.desks.incoming import Incoming
from callwarden.desks.pushes import Announced, PushDesk, Pushed
from callwarden.model.access import Actor
from callwarden.rules.pushing import is_audio_type
from callwarden.workers.web.parts import PartHead, PartReader, broken
from callwarden.workers.web.problems import Problem, ProblemError

MAX_EVENT_BYTES: Final = 1_000_000
_EVENT_TYPES: Final = frozenset(
    {"", "application/json", "application/cloudevents+json", "text/plain", "application/octet-stream"}
)
_ATTRIBUTE: Final = "ce-"


class PushBody:
    """One body. One thread at a time; `close` leaves nothing of what did not come to its end."""

    def __init__(
        self, desk: PushDesk, actor: Actor, *, boundary: bytes, attributes: tuple[tuple[str, bytes], ...]
    ) -> None:
        self._desk = desk
        self._actor = actor
        self._attributes = attributes
        """Of an event in binary mode, where they stand in the headers of the request."""
        self._reader = PartReader(boundary, self)
        self._closing = ExitStack()
        self._part = ""
        self._head: PartHead | None = None
        self._value = bytearray()
        self._event: Announced | None = None
        self._audio: Incoming | None = None

    def write(self, chunks: list[bytes]) -> None:
        """Take in more of it. Raises ProblemError, and as `PushDesk`."""
        for chunk in chunks:
            self._reader.write(chunk)

    def finish(self, *, key: str | None) -> Pushed:
        """All of it was written: hand it over. Raises ProblemError, and as `PushDesk.received`."""
        self._reader.finish()
        if self._event is None:
            raise _wrong("event", "is missing: the event of the call, as JSON")
        if self._audio is None:
            raise _wrong("audio", "is missing: the audio of the call, as a file")
        return self._desk.received(self._actor, self._event, self._audio, key=key)

    def close(self) -> None:
        """Abandon what was not handed over. Idempotent."""
        self._closing.close()

    def begin(self, head: PartHead) -> None:
        """A part begins."""
        self._part = head.name
        match head.name:
            case "event":
                if self._head is not None:
                    raise _wrong("event", "stands there twice")
                if head.media_type.partition(";")[0].strip().lower() not in _EVENT_TYPES:
                    raise _wrong("event", "has to be application/json or application/cloudevents+json", status=415)
                self._head = head
            case "audio":
                if self._audio is not None:
                    raise _wrong("audio", "stands there twice: one call, one file")
                if not is_audio_type(head.media_type):
                    raise _wrong("audio", "has a media type that is none of audio", status=415)
                said = "" if self._event is None else self._event.event.audio.uri
                self._audio = self._closing.enter_context(self._desk.begin(self._actor, head.file_name, said))
            case _:
                raise broken("has a part that is neither event nor audio")

    def data(self, chunk: bytes) -> None:
        """More of a part."""
        if self._part == "event":
            if len(self._value) + len(chunk) > MAX_EVENT_BYTES:
                raise _wrong("event", f"is longer than {MAX_EVENT_BYTES} bytes", status=413)
            self._value += chunk
        elif self._audio is not None:
            self._audio.write(chunk)

    def end(self) -> None:
        """A part is whole: the event is judged before audio that comes after it is taken in."""
        if self._part == "event" and self._head is not None:
            own = tuple(_as_attribute(name, value) for name, value in self._head.headers)
            self._event = self._desk.announced(self._actor, bytes(self._value), self._attributes + own)
            self._value.clear()


def attributes_of(headers: list[tuple[bytes, bytes]]) -> tuple[tuple[str, bytes], ...]:
    """The attributes of a CloudEvent in binary mode (HTTP protocol binding, section 3.1) among a request's headers."""
    named = ((name.decode("latin-1").lower(), value) for name, value in headers)
    return tuple(_as_attribute(name, value) for name, value in named if name.startswith(_ATTRIBUTE))


def _as_attribute(name: str, value: bytes) -> tuple[str, bytes]:
    """As the codec knows it, from Kafka's binding, where nothing is percent-encoded."""
    return (f"ce_{name[3:]}", unquote_to_bytes(value)) if name.startswith(_ATTRIBUTE) else (name, value)


def _wrong(field: str, words: str, *, status: int = 422) -> ProblemError:
    fields = [{"field": field, "message": words}]
    return ProblemError(Problem(status=status, code="usage", detail=f"{field} {words}", fields=fields))
