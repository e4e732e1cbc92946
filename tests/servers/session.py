"""The servers of one test session: started on first use, at most once, stopped at the end, and accounted for."""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers.places import run_folder
from tests.servers.tiers import TIERS, Elsewhere, Running, Server, StartableHere, Unavailable


@dataclass(slots=True, kw_only=True)
class _Account:
    """What happened to one tier, for the summary."""

    used: int = 0
    started_in_s: list[float] = field(default_factory=list)
    failure: str | None = None


class TierSession:
    """Hands out running servers. `REQUIRE_TIERS` is "all", or names separated by commas: those may not be missing."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._states = {name: tier.state(environment) for name, tier in TIERS.items()}
        self._accounts = {name: _Account() for name in TIERS}
        self._running: dict[str, Running] = {}
        self._open = contextlib.ExitStack()
        self._folder: Path | None = None
        wanted = {part.strip() for part in environment.get("REQUIRE_TIERS", "").split(",") if part.strip()}
        unknown = wanted - {"all", *TIERS}
        if unknown:
            raise pytest.UsageError(f"REQUIRE_TIERS names {sorted(unknown)}; the tiers are: all, {', '.join(TIERS)}")
        self._required = frozenset(TIERS) if "all" in wanted else frozenset(wanted)

    def require(self, name: str) -> None:
        """Skip the running test when the tier is unavailable; fail it when REQUIRE_TIERS says it may not be."""
        state = self._states[name]
        if isinstance(state, Unavailable):
            self._turn_away(name, state.reason)

    def running(self, name: str) -> Running:
        """The session's server of that tier. Raises: ServerStartError; skips or fails as `require` does."""
        self.require(name)
        state = self._states[name]
        if isinstance(state, Elsewhere):
            self._accounts[name].used += 1
            return state.running
        return self.start_here(name, name, TIERS[name].server)

    def start_here(self, name: str, label: str, build: Callable[[Path], Server]) -> Running:
        """A server of our own beside the usual one, by label, though the environment points elsewhere."""
        reason = TIERS[name].missing()
        if reason is not None:
            self._turn_away(name, reason)
        account = self._accounts[name]
        if label not in self._running:
            server = build(self.new_folder(label))
            self._open.callback(server.stop)
            began = time.monotonic()
            try:
                self._running[label] = server.start()
            except Exception as error:
                account.failure = f"{label}: {str(error).splitlines()[0]}"
                raise
            account.started_in_s.append(time.monotonic() - began)
        account.used += 1
        return self._running[label]

    def new_folder(self, label: str) -> Path:
        """A path, not yet made, for the data of one server."""
        if self._folder is None:
            self._folder = self._open.enter_context(run_folder())
        count = sum(1 for _ in self._folder.iterdir())
        return self._folder / f"{label}-{count}"

    def close(self) -> None:
        """Stop everything, in reverse order, whatever happened before."""
        self._open.close()

    def lacking(self) -> list[str]:
        """The required tiers that this machine does not have."""
        return [name for name in TIERS if name in self._required and isinstance(self._states[name], Unavailable)]

    def lines(self) -> list[str]:
        """One line a tier: ran, not used, not available and why."""
        return [f"{name:<9} {self._line(name)}" for name in TIERS]

    def _line(self, name: str) -> str:
        account = self._accounts[name]
        match self._states[name]:
            case Unavailable(reason=reason):
                return f"{'MISSING' if name in self._required else 'not available'}: {reason}"
            case _ if account.failure is not None:
                return f"FAILED TO START: {account.failure}"
            case _ if account.used == 0:
                return "available, no test needed it"
            case Elsewhere(variable=variable) if not account.started_in_s:
                return f"ran, at the address in {variable}"
            case Elsewhere(variable=variable):
                return f"ran, at the address in {variable}, and {self._starts(account)}"
            case StartableHere():
                return f"ran, {self._starts(account)}"

    @staticmethod
    def _starts(account: _Account) -> str:
        return "started here in " + " and ".join(f"{seconds:.1f} s" for seconds in account.started_in_s)

    def _turn_away(self, name: str, reason: str) -> None:
        if name in self._required:
            pytest.fail(f"tier {name} required by REQUIRE_TIERS but unavailable: {reason}", pytrace=False)
        pytest.skip(f"tier {name} unavailable: {reason}")
