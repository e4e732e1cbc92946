"""The options that say which calls are meant: one set, for every command that takes criteria."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from callwarden.model.criteria import Asked
from callwarden.workers.cli.days import day_of


def with_criteria(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `_asked`; it takes what they say as `asked`."""
    options = inspect.signature(_asked).parameters

    @functools.wraps(command)
    def given(*args: Any, **more: Any) -> None:
        command(*args, asked=_asked(**{name: more.pop(name) for name in options}), **more)

    own = inspect.signature(command)
    kept = [each for each in own.parameters.values() if each.name != "asked"]
    given.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=sorted([*kept, *options.values()], key=lambda each: each.kind)
    )
    given.__annotations__ = {**command.__annotations__, **_asked.__annotations__}
    return given


def _asked(
    *,
    recording: Annotated[
        list[str] | None, typer.Option("--recording", metavar="REC", help="A recording; may be repeated: one of these.")
    ] = None,
    call: Annotated[
        str | None, typer.Option("--call", metavar="CALL", help="A call, with every leg and segment.")
    ] = None,
    caller: Annotated[str | None, typer.Option("--caller", metavar="N", help="The caller's number.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="The customer's id.")] = None,
    agent: Annotated[str | None, typer.Option("--agent", metavar="ID", help="The agent's id.")] = None,
    line: Annotated[str | None, typer.Option("--line", metavar="LINE", help="A line of the policy.")] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="K=V", help="A label of the call; may be repeated: every one of these."),
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="D", help="Calls of this day or later.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="D", help="Calls of this day or earlier.")] = None,
) -> Asked:
    return Asked(
        recordings=tuple(recording or ()),
        call=call,
        caller=caller,
        customer=customer,
        agent=agent,
        line=line,
        labels=tuple(label or ()),
        first=day_of("--from", from_),
        last=day_of("--to", to),
    )
