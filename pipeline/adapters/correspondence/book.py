"""The house's letters: its own files where it has some, the shipped ones in their place where it has none."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from callwarden.adapters.correspondence.samples import all_samples, sample_letter
from callwarden.adapters.correspondence.words import read_sender, read_words
from callwarden.errors import ConfigurationError
from callwarden.model.letter import Language, Letter, LetterKind, Sender, Words, letter_values
from callwarden.model.request import RequestType
from callwarden.ports.letter_book import LetterFile

SENDER = "sender.yaml"
_SUFFIX = ".html.j2"
_WRONG_VALUES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What a template's own expressions raise, besides the engine's errors."""


class TemplatedLetters:
    """`callwarden.ports.letter_book.LetterBook` over one or two folders."""

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        self._folders = [own, shipped] if own is not None and own != shipped else [shipped]
        self._books = {language: self._environment(language) for language in Language}
        self._words = lru_cache(self._read_words)

    @property
    def sender(self) -> Sender:
        return read_sender(self._find(SENDER))

    @property
    def sender_is_example(self) -> bool:
        return self.sender == read_sender(self._folders[-1] / SENDER)

    def words(self, language: Language) -> Words:
        return self._words(language)

    def letter(self, letter: Letter) -> str:
        return self.page(letter.kind.value, letter.language, letter_values(letter))

    def page(self, name: str, language: Language, values: Mapping[str, object]) -> str:
        file, words = f"{language.value}/{name}{_SUFFIX}", self.words(language)
        try:
            return self._books[language].get_template(file).render(sender=self.sender, words=words, **values)
        except TemplateNotFound as error:
            where, line = _place(error, file)
            raise self._broken(where, line, f"there is no template {error.name} in {self._named()}") from error
        except TemplateSyntaxError as error:
            raise self._broken(error.name or file, error.lineno, error.message or "cannot be read") from error
        except (TemplateError, *_WRONG_VALUES) as error:
            where, line = _place(error, file)
            raise self._broken(where, line, str(error) or type(error).__name__) from error

    def sample(self, kind: LetterKind, language: Language, type_: RequestType) -> str:
        return self.letter(sample_letter(kind, language, type_))

    def files(self) -> Sequence[LetterFile]:
        found = {name: self._found(name) for name in sorted(self._names(self._folders))}
        for name, says in self._faults().items():
            found[name] = replace(found.get(name, self._found(name)), fault=says)
        return list(found.values())

    def _names(self, folders: Sequence[Path]) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for folder in folders
            for pattern in ("*.yaml", "*/*.yaml", "*/*.j2", "*.j2")
            for path in folder.glob(pattern)
        }

    def _faults(self) -> dict[str, str]:
        """The faults of each file that has any, over every letter there can be, one a line."""
        faults: dict[str, str] = {}
        for name in self._names(self._folders[:-1]) - self._names(self._folders[-1:]):
            if not name.rpartition("/")[2].startswith("_"):
                faults[name] = f"{name}: no letter has this name; a part that others include begins with _"
        ready = True
        for name in (SENDER, *(f"{language.value}/words.yaml" for language in Language)):
            try:
                _ = self.sender if name == SENDER else self._read_words(Language(name.partition("/")[0]))
            except ConfigurationError as error:
                faults[name], ready = str(error), False
        for name, language, values in all_samples(self.words, self.sender) if ready else ():
            try:
                self.page(name, language, values)
            except ConfigurationError as error:
                file, says = str(error).partition(",")[0].partition(":")[0], str(error)
                known = faults.setdefault(file, says)
                if says not in known.splitlines():
                    faults[file] = f"{known}\n{says}"
        return faults

    def _environment(self, language: Language) -> ImmutableSandboxedEnvironment:
        environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(self._folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=False,
            keep_trailing_newline=True,
        )
        environment.filters["day"] = lambda day: self.words(language).day(day)
        environment.filters["moment"] = lambda at: self.words(language).moment(at)
        environment.filters["word"] = lambda code, section: self.words(language).of(section, str(code))
        environment.filters["sentence"] = _sentence
        return environment

    def _read_words(self, language: Language) -> Words:
        name = f"{language.value}/words.yaml"
        files = [folder / name for folder in reversed(self._folders) if (folder / name).exists()]
        if not files:
            raise ConfigurationError(f"{name}: there is no such file in {self._named()}")
        return read_words(language, *files)

    def _find(self, name: str) -> Path:
        return next((folder / name for folder in self._folders if (folder / name).exists()), self._folders[-1] / name)

    def _found(self, name: str) -> LetterFile:
        path = self._find(name)
        return LetterFile(name=name, path=str(path), own=self._folders[-1] not in path.parents)

    def _broken(self, name: str, line: int, says: str) -> ConfigurationError:
        own = self._found(name).own
        to_do = "correct that line, or take the file away to use the shipped one" if own else "correct that line"
        return ConfigurationError(f"{name}, line {line}: {says}: {to_do}")

    def _named(self) -> str:
        return " or ".join(str(folder) for folder in self._folders)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _place(error: BaseException, file: str) -> tuple[str, int]:
    """The template and its line where this was raised: the engine writes both into the traceback."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith(_SUFFIX):
            return "/".join(Path(frame.filename).parts[-2:]), frame.lineno or 1
    return file, 1
