"""The letters of the house: templates and words that a data protection officer can edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from callwarden.model.letter import Language, Letter, LetterKind, Sender, Words
from callwarden.model.request import RequestType


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFile:
    """One file of the letters: where it was found, and what is wrong with it. `own`: the house's, not the shipped
    one. `fault` names the line and what to do."""

    name: str
    path: str
    own: bool
    fault: str | None = None


class LetterBook(Protocol):
    """Renders letters as HTML. Templates come from people: they reach nothing but the values of a letter, every value
    is escaped, and a name that does not exist is a fault, never an empty place. Thread-safe."""

    @property
    def sender(self) -> Sender:
        """Raises ConfigurationError naming file, line and key."""
        ...

    @property
    def sender_is_example(self) -> bool:
        """Whether it is still the shipped example that writes, which is nobody."""
        ...

    def words(self, language: Language) -> Words:
        """Complete: a text for every code. Raises ConfigurationError naming file, line and key."""
        ...

    def letter(self, letter: Letter) -> str:
        """The letter as one HTML document. Raises ConfigurationError naming file and line of a template that is broken,
        and what to do."""
        ...

    def page(self, name: str, language: Language, values: Mapping[str, object]) -> str:
        """Another document of the house, such as an access pack's, by the name of its template. Raises as `letter`."""
        ...

    def sample(self, kind: LetterKind, language: Language, type_: RequestType) -> str:
        """A letter about an invented request. Raises as `letter`."""
        ...

    def files(self) -> Sequence[LetterFile]:
        """Every file of the letters, by name."""
        ...
