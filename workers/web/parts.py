"""The parts of a multipart body as they come in (RFC 7578): nothing is gathered, nothing is written anywhere."""

from dataclasses import dataclass, field
from typing import Protocol

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from callwarden.workers.web.problems import Problem, ProblemError

_MOST_HEADERS = 32
_LONGEST_HEADER = 8 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHead:
    """What a part says of itself. Foreign text throughout: `file_name` is no path."""

    name: str
    file_name: str = field(repr=False)
    media_type: str
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)


class PartSink(Protocol):
    """Takes the parts, one after the other. What it raises ends the body."""

    def begin(self, head: PartHead) -> None: ...

    def data(self, chunk: bytes) -> None: ...

    def end(self) -> None: ...


def boundary_of(content_type: str) -> bytes:
    """What stands between the parts. Raises ProblemError, 415, where the body is no multipart form."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary or len(boundary) > 70:
        raise ProblemError(
            Problem(status=415, code="usage", detail="the body has to be multipart/form-data with a boundary")
        )
    return boundary


class PartReader:
    """Hands each part to `sink` as its bytes come. One thread at a time."""

    def __init__(self, boundary: bytes, sink: PartSink) -> None:
        self._sink = sink
        self._ended = False
        self._name, self._value = bytearray(), bytearray()
        self._headers: list[tuple[str, bytes]] = []
        self._parser = python_multipart.MultipartParser(
            boundary,
            {
                "on_part_begin": self._headers.clear,
                "on_header_field": self._on_name,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": sink.end,
                "on_end": self._on_end,
            },
            max_header_count=_MOST_HEADERS,
            max_header_size=_LONGEST_HEADER,
        )

    def write(self, chunk: bytes) -> None:
        """Take in more of the body. Raises ProblemError where it is none, and what the sink raises."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise broken("is not made as RFC 7578 says, or a header in it is too long") from None

    def finish(self) -> None:
        """All of it was written. Raises ProblemError where it was cut."""
        if not self._ended:
            raise broken("ends before its last boundary")

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers.append((self._name.decode("latin-1").lower(), bytes(self._value)))
        self._name.clear()
        self._value.clear()

    def _on_headers(self) -> None:
        headers = dict(self._headers)
        _, options = parse_options_header(headers.get("content-disposition", b""))
        if b"name" not in options:
            raise broken("has a part without a name")
        self._sink.begin(
            PartHead(
                name=options[b"name"].decode(errors="replace"),
                file_name=options.get(b"filename", b"").decode(errors="replace"),
                media_type=headers.get("content-type", b"").decode("latin-1"),
                headers=tuple(self._headers),
            )
        )

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._sink.data(data[start:end])

    def _on_end(self) -> None:
        self._ended = True


def broken(words: str) -> ProblemError:
    """The body cannot be read as parts."""
    return ProblemError(
        Problem(status=422, code="usage", detail=f"the body {words}", fields=[{"field": "body", "message": words}])
    )
