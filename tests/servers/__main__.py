"""`python -m tests.servers list | prepare | up [TIER...]`: see what is there, make later starts quick, run servers."""

import argparse
import contextlib
import os
import shlex
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.servers import kafka
from tests.servers.ceph import CephServer
from tests.servers.places import run_folder
from tests.servers.process import ServerStartError
from tests.servers.tiers import TIERS, Elsewhere, Server, StartableHere, Unavailable, exports


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="say which servers this machine can run, and what the others lack")
    verbs.add_parser("prepare", help="make Apache Kafka's class archive, once, if Kafka is installed")
    up = verbs.add_parser("up", help="run servers in the foreground until Ctrl-C")
    up.add_argument("tier", nargs="*", choices=[*TIERS, []], help="default: kafka ceph postgres")
    up.add_argument("--lifecycle-day", type=int, metavar="S", help="Ceph: a lifecycle day lasts S seconds")
    chosen = parser.parse_args(arguments)
    match chosen.verb:
        case "list":
            return _list()
        case "prepare":
            if kafka.missing() is None:
                kafka.prepare()
            return 0
        case _:
            return _up(chosen.tier or ["kafka", "ceph", "postgres"], chosen.lifecycle_day)


def _list() -> int:
    for name, tier in TIERS.items():
        match tier.state(os.environ):
            case Elsewhere(variable=variable):
                print(f"{name:<9} at the address in {variable}")
            case StartableHere():
                print(f"{name:<9} can run here")
            case Unavailable(reason=reason):
                print(f"{name:<9} missing: {reason}")
    return 0


def _up(names: Sequence[str], lifecycle_day_s: int | None) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(run_folder())
        for name in names:
            reason = TIERS[name].missing()
            if reason is not None:
                print(f"{name} is missing: {reason}", file=sys.stderr)
                return 1
            server = _server(name, folder / name, lifecycle_day_s)
            stack.callback(server.stop)
            began = time.monotonic()
            try:
                running = server.start()
            except ServerStartError as error:
                print(error, file=sys.stderr)
                return 1
            print(f"# {name}, started in {time.monotonic() - began:.1f} s, logs in {folder / name}")
            for variable, value in exports(name, running).items():
                print(f"export {variable}={shlex.quote(value)}", flush=True)
        print("# running; Ctrl-C stops everything", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0


def _server(name: str, folder: Path, lifecycle_day_s: int | None) -> Server:
    if name == "ceph" and lifecycle_day_s is not None:
        return CephServer(folder, lifecycle_day_s=lifecycle_day_s)
    return TIERS[name].server(folder)


if __name__ == "__main__":
    sys.exit(main())
