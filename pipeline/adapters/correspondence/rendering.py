"""Pages from templates: every fault is named with its file and line."""

import traceback
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from callwarden.adapters.correspondence.words import read_sender, read_words
from callwarden.errors import ConfigurationError
from callwarden.model.letter import Language, Sender, Words

SENDER = "sender.yaml"
SUFFIX = ".html.j2"
PLAIN = ".txt"
"""Ends the names of templates that make plain text, such as what is spoken."""
_WRONG_VALUES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What a template's own expressions raise, besides the engine's errors."""


class OverrunError(Exception):
    """A template took longer than it may."""


class Pages:
    """Renders the templates of some folders, those of an earlier one in the place of a later one's."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._books = {language: self._environment(language) for language in Language}
        self.words = lru_cache(self.read_words)

    @property
    def sender(self) -> Sender:
        return read_sender(self.find(SENDER))

    def page(self, name: str, language: Language, values: Mapping[str, object]) -> str:
        """One document. Raises ConfigurationError naming file and line of a template that is broken, and what to do."""
        suffix = ".j2" if name.endswith(PLAIN) else SUFFIX
        file, words = f"{language.value}/{name}{suffix}", self.words(language)
        try:
            return self._books[language].get_template(file).render(sender=self.sender, words=words, **values)
        except TemplateNotFound as error:
            where, line = _place(error, file)
            raise self.broken(where, line, f"there is no template {error.name} in {self._named()}") from error
        except TemplateSyntaxError as error:
            raise self.broken(error.name or file, error.lineno, error.message or "cannot be read") from error
        except (TemplateError, *_WRONG_VALUES) as error:
            where, line = _place(error, file)
            raise self.broken(where, line, str(error) or type(error).__name__) from error
        except OverrunError as error:
            where, line = _place(error, file)
            raise self.broken(where, line, "it does not come to an end") from error
        except MemoryError as error:
            where, line = _place(error, file)
            raise self.broken(where, line, "it takes more memory than a letter may") from error

    def _environment(self, language: Language) -> ImmutableSandboxedEnvironment:
        environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(list(self.folders)),
            autoescape=_is_page,
            undefined=StrictUndefined,
            trim_blocks=False,
            keep_trailing_newline=True,
        )
        environment.filters["day"] = lambda day: self.words(language).day(day)
        environment.filters["moment"] = lambda at: self.words(language).moment(at)
        environment.filters["word"] = lambda code, section: self.words(language).of(section, str(code))
        environment.filters["sentence"] = _sentence
        return environment

    def read_words(self, language: Language) -> Words:
        name = f"{language.value}/words.yaml"
        files = [folder / name for folder in reversed(self.folders) if (folder / name).exists()]
        if not files:
            raise ConfigurationError(f"{name}: there is no such file in {self._named()}")
        return read_words(language, *files)

    def find(self, name: str) -> Path:
        """The file of this name."""
        return next((folder / name for folder in self.folders if (folder / name).exists()), self.folders[-1] / name)

    def is_own(self, name: str) -> bool:
        """Whether it is the house's own."""
        return self.folders[-1] not in self.find(name).parents

    def broken(self, name: str, line: int, says: str) -> ConfigurationError:
        """The fault of a template, and what to do."""
        own = self.is_own(name)
        to_do = "correct that line, or take the file away to use the shipped one" if own else "correct that line"
        return ConfigurationError(f"{name}, line {line}: {says}: {to_do}")

    def _named(self) -> str:
        return " or ".join(str(folder) for folder in self.folders)


def _is_page(name: str | None) -> bool:
    return name is None or not name.endswith(f"{PLAIN}.j2")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _place(error: BaseException, file: str) -> tuple[str, int]:
    """The template and its line where this was raised: the engine writes both into the traceback."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith(".j2"):
            return "/".join(Path(frame.filename).parts[-2:]), frame.lineno or 1
    return file, 1
