"""Pages from templates somebody has edited, made by a process of its own: one that never ends, or takes all the memory
there is, is a fault with its line and harms nobody else.

A page may take `PAGE_S` seconds of processor time, the process `MEMORY` bytes.
"""

import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from callwarden.adapters.correspondence.rendering import OverrunError, Pages
from callwarden.errors import ConfigurationError
from callwarden.model.letter import Language

PAGE_S: Final = 3.0
MEMORY: Final = 1 << 30
_WHOLE_S: Final = 20
Job = tuple[str, Language, Mapping[str, object]]
"""A template's name, the language, and what it is given."""


def bounded_pages(folders: Sequence[Path], jobs: Sequence[Job]) -> list[str | ConfigurationError]:
    """Each page, or its fault. Of a template that was too much once nothing else is made."""
    asked = pickle.dumps((tuple(folders), jobs))
    command = [sys.executable, "-m", __name__]
    try:
        done = subprocess.run(command, input=asked, capture_output=True, timeout=2 * _WHOLE_S, check=False)  # noqa: S603 -- our own words only
    except subprocess.TimeoutExpired:
        return [ConfigurationError(_TOO_MUCH)] * len(jobs)
    if done.returncode != 0:
        return [ConfigurationError(_TOO_MUCH)] * len(jobs)
    made: list[tuple[bool, str]] = pickle.loads(done.stdout)  # noqa: S301 -- what our own process has written
    return [text if is_page else ConfigurationError(text) for is_page, text in made]


_TOO_MUCH: Final = (
    "letters: they do not end, or take all memory: callwarden request letters check names their templates one "
    "by one as you put them back"
)


def _made(pages: Pages, jobs: Sequence[Job]) -> list[tuple[bool, str]]:
    found, overrun = list[tuple[bool, str]](), dict[tuple[str, Language], str]()
    for name, language, values in jobs:
        if (name, language) in overrun:
            found.append((False, overrun[name, language]))
            continue
        signal.setitimer(signal.ITIMER_PROF, PAGE_S)
        try:
            found.append((True, pages.page(name, language, values)))
        except ConfigurationError as error:
            if isinstance(error.__cause__, OverrunError | MemoryError):
                overrun[name, language] = str(error)
            found.append((False, str(error)))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return found


def _overrun(_signal: int, _frame: object) -> NoReturn:
    raise OverrunError


def _main() -> None:
    folders, jobs = pickle.load(sys.stdin.buffer)  # noqa: S301 -- what our own process has written
    pages = Pages(folders)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_WHOLE_S, _WHOLE_S))
    signal.signal(signal.SIGPROF, _overrun)
    sys.stdout.buffer.write(pickle.dumps(_made(pages, jobs)))


if __name__ == "__main__":
    _main()
