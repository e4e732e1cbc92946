"""How a command fails: what is printed on stderr, and the exit code.

0 done, 1 refused or failed, 2 wrong usage. With ``--json`` the fault is one object,
``{"error":{"code":…,"message":…,"reasons":[…]}}``; the reasons are codes of docs/reasons.md.
"""

import sys
from dataclasses import dataclass

import typer

from callwarden.errors import (
    CallwardenError,
    ConfigurationError,
    InvalidFieldsError,
    InvalidMessageError,
    InvariantError,
    NotWritableError,
    RefusedError,
    RetryableError,
    UsageError,
)

REFUSED_OR_FAILED = 1
WRONG_USAGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong. `code` is stable and for programs, `message` for people."""

    code: str
    message: str
    reasons: tuple[str, ...] = ()
    exit_code: int = REFUSED_OR_FAILED


def fault_of(error: CallwardenError) -> Fault:
    """One of our own errors as a fault."""
    message = str(error)
    match error:
        case UsageError():
            return Fault(code="usage", message=message, exit_code=WRONG_USAGE)
        case RefusedError():
            return Fault(code="refused", message=message, reasons=tuple(str(reason) for reason in error.reasons))
        case ConfigurationError():
            return Fault(code="configuration", message=message, reasons=error.reasons)
        case InvalidFieldsError():
            return Fault(code="invalid_fields", message=message, reasons=tuple(code for _, code, _ in error.fields))
        case InvalidMessageError():
            return Fault(code="invalid_message", message=message, reasons=(str(error.reason),))
        case NotWritableError():
            return Fault(code="unavailable", message=message)
        case RetryableError():
            return Fault(code="unavailable", message=f"{message or 'something is out of reach'}; try again later")
        case InvariantError():
            return Fault(code="invariant", message=f"{message}; this must never happen: nothing more was done")
    return Fault(code="failed", message=message or type(error).__name__)


def fault_of_usage(error: typer.TyperException) -> Fault:
    """A command line that was not understood, as a fault."""
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    return Fault(code="usage", message=f"{' '.join(error.format_message().split())}{hint}", exit_code=WRONG_USAGE)


def print_fault(fault: Fault, *, as_json: bool) -> None:
    """Print it on stderr."""
    from rich.console import Console  # here: whoever asks for help pays for nothing else
    from rich.text import Text

    from callwarden.workers.cli.output import to_json, visible

    if as_json:
        error = {"code": fault.code, "message": fault.message, "reasons": fault.reasons}
        sys.stderr.write(to_json({"error": error}) + "\n")
        return
    head = {"usage": "wrong usage", "refused": "refused", "configuration": "wrong set-up"}.get(fault.code, "failed")
    lines = [visible(line) for line in fault.message.splitlines()] or [fault.code]
    text = Text.assemble((f"{head}: ", "bold red"), lines[0] if len(lines) == 1 else "")
    console = Console(stderr=True, soft_wrap=True)
    console.print(text)
    for line in lines if len(lines) > 1 else ():
        console.print(Text(f"  {line}"))
    missing = [reason for reason in fault.reasons if reason not in fault.message]
    if missing:
        console.print(Text(f"  reasons: {', '.join(missing)}", style="dim"))
