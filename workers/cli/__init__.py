"""The command `callwarden`: one module per group of commands, each a Typer application of its own.

A command reads its options, opens the system with `opening.open_system(load_settings())`, calls one thing,
and prints what came of it with `output`. It catches nothing: `main` turns every error of ours into a
fault on stderr and an exit code. Only the command that is given is imported: the others are known by name and help.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated

import typer

from callwarden.errors import CallwardenError
from callwarden.workers.cli.faults import REFUSED_OR_FAILED, WRONG_USAGE, Fault, fault_of, fault_of_usage, print_fault


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a group of commands: its name, where it is, and the first sentence of its own help."""

    name: str
    place: str
    help: str


ENTRIES = (
    Entry(
        "init",
        "callwarden.workers.cli.upkeep:init_command",
        "Make a new system where the settings say: its folder, keys, tables and topics.",
    ),
    Entry(
        "demo",
        "callwarden.workers.cli.flow:demo_command",
        "The main job on sample calls, without any server: the outcome of every call, and why.",
    ),
    Entry("sample", "callwarden.workers.cli.samples:app", "Synthetic calls to try a system with."),
    Entry(
        "up",
        "callwarden.workers.cli.flow:up_command",
        "The embedded system as a service: every worker, the API and the portal, until Ctrl-C or SIGTERM.",
    ),
    Entry(
        "doctor",
        "callwarden.workers.cli.doctor:doctor_command",
        "Print the settings in force, secrets hidden, test each part, and warn of what is not protected.",
    ),
    Entry("health", "callwarden.workers.cli.health:health_command", "Whether the workers of this machine are working."),
    Entry(
        "publish", "callwarden.workers.cli.flow:publish_command", "Put events on the bus, as a telephone system does."
    ),
    Entry(
        "work",
        "callwarden.workers.cli.flow:work_command",
        "Run a worker: a member of its step's consumer group, until it is stopped (Ctrl-C, SIGTERM).",
    ),
    Entry("calls", "callwarden.workers.cli.calls:app", "The outcome of each event."),
    Entry("read", "callwarden.workers.cli.reading:read_command", "Read an artefact of a recording for a purpose."),
    Entry(
        "turns",
        "callwarden.workers.cli.turns:turns_command",
        "Read a portion of a redacted transcript, with the time of each word.",
    ),
    Entry(
        "find",
        "callwarden.workers.cli.find:find_command",
        "Find calls you may read for this purpose, the newest first.",
    ),
    Entry(
        "search",
        "callwarden.workers.cli.search:search_command",
        "Find redacted transcripts, of calls the actor may read for this purpose; accents and capitals do not matter.",
    ),
    Entry("note", "callwarden.workers.cli.notes:app", "Notes on moments of calls: one's own, or the team's."),
    Entry(
        "evaluation",
        "callwarden.workers.cli.evaluations:app",
        "Evaluations of calls: kept a year at most, with nothing of the call.",
    ),
    Entry(
        "course",
        "callwarden.workers.cli.courses:app",
        "Courses: moments of calls with notes, shared with people or the team.",
    ),
    Entry(
        "experiment",
        "callwarden.workers.cli.experiments:app",
        "AI experiments: what they take of which calls, approved, for a limited time.",
    ),
    Entry(
        "testing",
        "callwarden.workers.cli.testing:app",
        "Tests on real calls: some, redacted, asked for and approved, for a limited time.",
    ),
    Entry(
        "breakglass",
        "callwarden.workers.cli.breakglass:app",
        "Emergency access to an original: asked for, approved by a second person, for a limited time.",
    ),
    Entry("hold", "callwarden.workers.cli.holds:app", "Litigation holds: a case keeps recordings from disposal."),
    Entry("objection", "callwarden.workers.cli.objections:app", "Objections: to being recorded, or to some uses only."),
    Entry(
        "request",
        "callwarden.workers.cli.request_answers:app",
        "Requests of the persons concerned: entered, found, decided item by item, answered.",
    ),
    Entry(
        "quarantine",
        "callwarden.workers.cli.quarantine:app",
        "Recordings in quarantine: see why, clear one, have it decided again, destroy it.",
    ),
    Entry(
        "deadletters",
        "callwarden.workers.cli.deadletters:app",
        "Messages that are not valid events: see why, send one again, destroy one.",
    ),
    Entry(
        "dispose",
        "callwarden.workers.cli.flow:dispose_command",
        "The sweep: destroy every version of every recording whose period is over, and prove it.",
    ),
    Entry(
        "lifecycle",
        "callwarden.workers.cli.upkeep:lifecycle",
        "The bucket's own expiry rules, from the policy: a backstop.",
    ),
    Entry(
        "reconcile",
        "callwarden.workers.cli.upkeep:reconcile_command",
        "Compare vault, catalogue, journal, bus and log, once SQLite's own check finds their files whole and the key "
        "store is the right one.",
    ),
    Entry(
        "backup",
        "callwarden.workers.cli.backups:backup_command",
        "Copy the databases and the vault of an embedded system into a folder while it runs.",
    ),
    Entry(
        "restore",
        "callwarden.workers.cli.backups:restore_command",
        "Put a backup back, every process stopped.",
    ),
    Entry("keys", "callwarden.workers.cli.keys:app", "Master keys: which there are, a new one, re-wrapping, retiring."),
    Entry(
        "journal",
        "callwarden.workers.cli.journal:app",
        "The journal of what was destroyed and decided, replayed over a restored backup.",
    ),
    Entry(
        "policy",
        "callwarden.workers.cli.policy:app",
        "The policy: who is recorded, how long it is kept, who may read what.",
    ),
    Entry(
        "report",
        "callwarden.workers.cli.reports:app",
        "Figures of weeks that are over, of groups too large to point at a caller or an employee.",
    ),
    Entry("people", "callwarden.workers.cli.people:app", "People who log in to the portal."),
    Entry("me", "callwarden.workers.cli.me:app", "My sessions in the portal, my password, what I have read."),
    Entry(
        "operations",
        "callwarden.workers.cli.operations:operations_command",
        "Outcomes, lag, what waits and why, quarantine, dead letters, overdue disposals, the log, disks, steps, "
        "webhooks.",
    ),
    Entry("token", "callwarden.workers.cli.tokens:app", "Tokens: how people and telephone systems sign in."),
    Entry(
        "webhook",
        "callwarden.workers.cli.webhooks:app",
        "Webhooks: who is told over HTTP what becomes of calls, signed and until they have it.",
    ),
    Entry(
        "log",
        "callwarden.workers.cli.log:app",
        "The access log: who did what, and the proof that nothing in it was changed.",
    ),
    Entry("models", "callwarden.workers.cli.models:app", "The models that speech needs: fetch them, list them."),
    Entry("speech", "callwarden.workers.cli.speech:app", "Speech recognition."),
    Entry("redaction", "callwarden.workers.cli.redactions:app", "Redact text; measure the finder on annotated calls."),
)


def application(only: str | None = None) -> typer.Typer:
    """The whole command line; with `only`, that command is real and the others are there to be listed."""
    app = typer.Typer(
        name="callwarden",
        no_args_is_help=True,
        add_completion=False,
        # Typer's own tracebacks show local variables, and these may be what callers said.
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for entry in ENTRIES:
        if only not in (None, entry.name):
            app.command(entry.name, help=entry.help)(_elsewhere)
            continue
        module, _, attribute = entry.place.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=entry.name)
        else:
            app.command(entry.name)(found)
    return app


def _show_version(asked: bool) -> None:  # noqa: FBT001 -- a callback gets its one value so
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"callwarden {version('callwarden')}\n")
        raise typer.Exit


def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version, and end.")
    ] = False,
) -> None:
    """Call recordings kept exactly as long as the law allows, used only by the right people, with proof."""


def _elsewhere() -> None:
    """Never run: whoever is called is not listed only."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    as_json = "--json" in arguments
    try:
        code = application(named(arguments))(list(arguments), prog_name="callwarden", standalone_mode=False)
        sys.stdout.flush()  # here, where a full disk can still be reported
    except typer.TyperException as error:
        if not error.format_message():
            return WRONG_USAGE  # a group without a command has shown its help
        fault = fault_of_usage(error)
    except CallwardenError as error:
        fault = fault_of(error)
    except (typer.Abort, KeyboardInterrupt):
        fault = Fault(code="interrupted", message="interrupted")
    except OSError as error:
        sys.stdout = None  # what is left of the output is not to be written at exit
        if isinstance(error, BrokenPipeError):
            return REFUSED_OR_FAILED  # the reader, such as `head`, has seen enough
        fault = Fault(code="unavailable", message=f"{error.filename or 'the output'}: {error.strerror}")
    else:
        return code if isinstance(code, int) else 0
    print_fault(fault, as_json=as_json)
    return fault.exit_code


def named(arguments: Sequence[str]) -> str:
    """The command that is given; none of them for help, or for a word that is none."""
    return next((word for word in arguments if not word.startswith("-")), "")
