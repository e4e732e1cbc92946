"""The house's letters: its own files where it has some, the shipped ones in their place where it has none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from callwarden.adapters.correspondence.bounded import Job, bounded_pages
from callwarden.adapters.correspondence.rendering import SENDER, Pages
from callwarden.adapters.correspondence.samples import all_samples, sample_letter
from callwarden.adapters.correspondence.words import read_sender
from callwarden.errors import ConfigurationError
from callwarden.model.letter import Language, Letter, LetterKind, Sender, Words, letter_values
from callwarden.model.request import RequestType
from callwarden.ports.letter_book import LetterFile


class TemplatedLetters:
    """`callwarden.ports.letter_book.LetterBook` over one or two folders."""

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        self._folders = [own, shipped] if own is not None and own != shipped else [shipped]
        self._pages = Pages(self._folders)

    @property
    def sender(self) -> Sender:
        return self._pages.sender

    @property
    def sender_is_example(self) -> bool:
        return self.sender == read_sender(self._folders[-1] / SENDER)

    def words(self, language: Language) -> Words:
        return self._pages.words(language)

    def letter(self, letter: Letter) -> str:
        return self.page(letter.kind.value, letter.language, letter_values(letter))

    def page(self, name: str, language: Language, values: Mapping[str, object]) -> str:
        [made] = self._made([(name, language, values)])
        if isinstance(made, ConfigurationError):
            raise made
        return made

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
                _ = self.sender if name == SENDER else self._pages.read_words(Language(name.partition("/")[0]))
            except ConfigurationError as error:
                faults[name], ready = str(error), False
        jobs = list(all_samples(self.words, self.sender)) if ready else []
        for made in self._made(jobs):
            if isinstance(made, ConfigurationError):
                file, says = str(made).partition(",")[0].partition(":")[0], str(made)
                known = faults.setdefault(file, says)
                if says not in known.splitlines():
                    faults[file] = f"{known}\n{says}"
        return faults

    def _made(self, jobs: Sequence[Job]) -> Sequence[str | ConfigurationError]:
        """Each page, or its fault; by a process of its own, where somebody has written a template."""
        if any(name.endswith(".j2") for name in self._names(self._folders[:-1])):
            return bounded_pages(self._folders, jobs)
        return [self._page(job) for job in jobs]

    def _page(self, job: Job) -> str | ConfigurationError:
        try:
            return self._pages.page(*job)
        except ConfigurationError as error:
            return error

    def _found(self, name: str) -> LetterFile:
        return LetterFile(name=name, path=str(self._pages.find(name)), own=self._pages.is_own(name))
