"""The command `callwarden`: one module per group of commands, each a Typer application of its own.

A command reads its options, opens the system with `pipeline.wiring.open_system(load_settings())`, calls one thing,
and prints what came of it with `workers.cli.output`. It catches nothing: `main` turns every error of ours into a
fault on stderr and an exit code.
"""

import sys
from collections.abc import Sequence

import typer

from pipeline.errors import CallwardenError
from workers import logs, models_cli, redaction_cli, speech_cli
from workers.cli import (
    breakglass,
    calls,
    doctor,
    flow,
    holds,
    keys,
    log,
    objections,
    policy,
    reading,
    redactions,
    search,
    tokens,
    upkeep,
)
from workers.cli.faults import REFUSED_OR_FAILED, WRONG_USAGE, Fault, fault_of, fault_of_usage, print_fault

app = typer.Typer(
    name="callwarden",
    help="Call recordings kept exactly as long as the law allows, used only by the right people, with proof.",
    no_args_is_help=True,
    add_completion=False,
    # Typer's own tracebacks show local variables, and these may be what callers said.
    pretty_exceptions_enable=False,
)
app.command("demo")(flow.demo_command)
app.command("up")(flow.up_command)
app.command("doctor")(doctor.doctor_command)
app.command("publish")(flow.publish_command)
app.command("work")(flow.work_command)
app.add_typer(calls.app, name="calls")
app.command("read")(reading.read_command)
app.command("search")(search.search_command)
app.add_typer(breakglass.app, name="breakglass")
app.add_typer(holds.app, name="hold")
app.add_typer(objections.app, name="objection")
app.command("dispose")(flow.dispose_command)
app.add_typer(upkeep.lifecycle, name="lifecycle")
app.command("reconcile")(upkeep.reconcile_command)
app.add_typer(keys.app, name="keys")
app.add_typer(policy.app, name="policy")
app.add_typer(tokens.app, name="token")
app.add_typer(log.app, name="log")
app.add_typer(models_cli.app, name="models")
app.add_typer(speech_cli.app, name="speech")
redactions.add_to(redaction_cli.app)
app.add_typer(redaction_cli.app, name="redaction")


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    as_json = "--json" in arguments
    try:
        code = app(list(arguments), prog_name="callwarden", standalone_mode=False)
    except typer.TyperException as error:
        if not error.format_message():
            return WRONG_USAGE  # a group without a command has shown its help
        fault = fault_of_usage(error)
    except CallwardenError as error:
        fault = fault_of(error)
    except (typer.Abort, KeyboardInterrupt):
        fault = Fault(code="interrupted", message="interrupted")
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        sys.stdout = None  # nothing is to be flushed into the closed pipe at exit
        return REFUSED_OR_FAILED
    else:
        return code if isinstance(code, int) else 0
    print_fault(fault, as_json=as_json)
    return fault.exit_code


def main() -> None:
    """The console script."""
    logs.configure()
    sys.exit(run(sys.argv[1:]))
