"""Forms: what was typed, kept where something in it was wrong, and who may do what on a page.

A form posts to an address of its own. Done, the browser is sent back to the page; refused, the page is shown again with
why, at that form, and with what was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from callwarden.errors import RefusedError, RetryableError, UsageError
from callwarden.model.access import Actor
from callwarden.rules.rights import RIGHTS, Act, ActRefusal, refusals
from callwarden.workers.web.browsers import MOST_FIELDS, MOST_FILES
from callwarden.workers.web.problems import problem_of

Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form sent: of each field every value that is not blank."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    files: Mapping[str, UploadFile] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str | None:
        """None where it was left blank."""
        return next(iter(self.fields.get(name, ())), None)

    def texts(self, name: str) -> tuple[str, ...]:
        """Every value, and every line of one."""
        return tuple(line.strip() for value in self.fields.get(name, ()) for line in value.splitlines() if line.strip())

    def names(self, name: str) -> tuple[str, ...]:
        """Names with commas or lines between them."""
        return tuple(part.strip() for line in self.texts(name) for part in line.split(",") if part.strip())

    def day(self, name: str) -> date | None:
        """Raises UsageError for what is no day."""
        text = self.text(name)
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            raise UsageError("a day is written as 2026-11-20") from None

    def needed_day(self, name: str) -> date:
        """Raises UsageError for what is no day, and where there is none."""
        day = self.day(name)
        if day is None:
            raise UsageError("a day is written as 2026-11-20")
        return day

    def code(self, name: str, codes: type[Code]) -> Code | None:
        """Raises UsageError for a word that is not one of these."""
        text = self.text(name)
        try:
            return None if text is None else codes(text)
        except ValueError:
            raise UsageError(f"{name}: one of {', '.join(codes)}") from None

    def number(self, name: str, *, digits: int = 9) -> int:
        """Raises UsageError for what is no whole number, or has more digits."""
        text = self.text(name) or ""
        if not text.isdecimal() or len(text) > digits:
            raise UsageError(f"{name}: a whole number")
        return int(text)

    def is_on(self, name: str) -> bool:
        return self.text(name) is not None

    def confirms(self, name: str) -> None:
        """Raises UsageError unless the name of what is about to be done was typed, whatever its capitals."""
        if (self.text("confirmation") or "").casefold() != name.casefold():
            raise UsageError("the name typed to confirm is another one")


async def _typed(request: Request) -> Typed:
    form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    fields: dict[str, tuple[str, ...]] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files[name] = value
        elif value.strip():
            fields[name] = (*fields.get(name, ()), value.strip())
    return Typed(fields, files)


TheForm = Annotated[Typed, Depends(_typed)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A form that was not done, and why. `reasons` are codes of docs/reasons.md; nothing of them is in `message`.
    `faults` are all that was wrong in what was typed, where the desk says more than `message`."""

    form: str
    message: str
    status: int
    reasons: tuple[str, ...] = ()
    typed: Typed = field(default_factory=Typed)
    faults: tuple[str, ...] = ()


def attempt(form: str, typed: Typed, do: Callable[[], str], show: Callable[[Failed], Response]) -> Response:
    """Do it and go where `do` says; or show the page again, with why not."""
    try:
        address = do()
    except (UsageError, RefusedError, RetryableError) as error:
        problem = problem_of(error)
        reasons = tuple(str(reason) for reason in problem.reasons)
        faults = error.faults if isinstance(error, UsageError) else ()
        return show(
            Failed(
                form=form, message=problem.detail, status=problem.status, reasons=reasons, typed=typed, faults=faults
            )
        )
    return RedirectResponse(address, status_code=303)


def kept(failed: Failed | None, form: str, name: str, otherwise: object = "") -> object:
    """What to put into a field: what was typed, where this form was not done."""
    if failed is None or failed.form != form:
        return "" if otherwise is None else otherwise
    return "\n".join(failed.typed.fields.get(name, ()))


def is_kept(failed: Failed | None, form: str, name: str, value: str, *, otherwise: bool = False) -> bool:
    """Whether a box is ticked, or a choice taken."""
    if failed is None or failed.form != form:
        return otherwise
    return value in failed.typed.fields.get(name, ())


def may(actor: Actor, act: Act) -> bool:
    """Whether the table of acts gives them this at all: a page shows nobody a form that is not theirs."""
    return ActRefusal.NOT_PERMITTED not in refusals(actor, RIGHTS[act])
