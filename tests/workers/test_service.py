"""Workers as processes: they end when told to, show signs of life, and what one step lacks stops that step alone."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from callwarden.errors import ConfigurationError, LackingError, RetryableError
from callwarden.ports.log import SecondSequencerError
from callwarden.wiring import shipped_config
from callwarden.workers.cli.flow import where_the_portal_is
from callwarden.workers.processes import health, service
from callwarden.workers.processes.beats import Beating, Beats, StepState
from callwarden.workers.processes.running import STEPS, drain, pace_of, sweep
from callwarden.workers.processes.service import serve
from tests.servers.places import repository
from tests.support.diagnostics import capture_logs
from tests.support.site import Site
from tests.workers.echo import Echo


def until(happened: Callable[[], object], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def process(*arguments: str, home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python process with this home; what it says lies in ``said``. Killed at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALLWARDEN_")}
    with (home / "said").open("wb") as said:
        started = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=repository(),
            env={
                **kept,
                "CALLWARDEN_HOME": str(home),
                "CALLWARDEN_SESSION_TIMEOUT_S": "1",
                "CALLWARDEN_PARTITIONS": "2",
            },
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


def many(site: Site, count: int = 20) -> None:
    for number in range(count):
        site.publish(site.event(f"c-{number}"))


@pytest.mark.timeout(180)
def test_sigterm_ends_a_worker_within_half_a_minute_whatever_it_is_at_and_nothing_is_lost(site: Site) -> None:
    """C2: ten minutes a call, twenty calls."""
    many(site)
    with process("tests.workers.slow_worker", str(site.home), home=site.home) as worker:
        until((site.home / "listening").exists)
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
        assert time.monotonic() - began < 30
    assert site.drain("ingest") == 20


@pytest.mark.timeout(120)
def test_who_presses_ctrl_c_twice_does_not_wait(site: Site) -> None:
    many(site)
    with process("tests.workers.slow_worker", str(site.home), home=site.home) as worker:
        until((site.home / "listening").exists)
        began = time.monotonic()
        worker.send_signal(signal.SIGINT)
        until(lambda: b"stopping" in (site.home / "said").read_bytes())
        worker.send_signal(signal.SIGINT)
        assert worker.wait(30) == 130
        assert time.monotonic() - began < 10
    assert site.drain("ingest") == 20


def test_a_speech_worker_takes_no_more_calls_than_it_listens_to() -> None:
    """A call that waits in one worker's hands is missing in another's."""
    for name in ("transcribe", "redact"):
        assert pace_of(name, threads=8).window == pace_of(name, threads=8).threads


@pytest.mark.timeout(120)
def test_a_worker_that_is_stopped_is_not_healthy(site: Site) -> None:
    """E4: the check asks the worker, not the machine."""
    with process("callwarden.workers", "ingest", home=site.home) as worker:
        until(lambda: health.look(site.home, ready=True)["faults"] == [])
        worker.send_signal(signal.SIGSTOP)
        until(lambda: health.look(site.home, ready=False, silent_after_s=8)["faults"])
        [fault] = health.look(site.home, ready=False, silent_after_s=8)["faults"]
        assert "it is stopped" in fault
        worker.send_signal(signal.SIGCONT)
        until(lambda: health.look(site.home, ready=True, silent_after_s=8)["faults"] == [])
        worker.kill()
        worker.wait()
        assert "no worker runs here" in health.look(site.home, ready=False)["faults"][0]


def test_asking_for_health_loads_nothing_heavy(site: Site) -> None:
    asked = "import sys; from callwarden.workers.processes import health; health.main([]); print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert not [name for name in ("typer", "pydantic", "sqlalchemy", "kafka") if f"'{name}'" in loaded]


def test_a_loop_that_hangs_is_told_and_one_that_waits_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    beats = Beats(["ingest", "dispose"])
    for name in ("ingest", "dispose"):
        beats.say(name, StepState.WORKING)
    later = time.monotonic() + 10_000
    monkeypatch.setattr("callwarden.workers.processes.beats.time.monotonic", lambda: later)
    assert beats.report()["alive"] is False
    for name in ("ingest", "dispose"):
        Beating(Event(), beats, name).is_set()
    assert beats.report()["alive"] is True
    beats.say("dispose", StepState.WAITING, "the database is out of reach")
    report = beats.report()
    assert (report["alive"], report["ready"]) == (True, False), "an outage is no reason to start it again"
    assert report["steps"]["dispose"]["why"] == "the database is out of reach"


def test_a_step_that_cannot_go_on_stops_no_other_and_is_told_at_the_end(site: Site) -> None:
    many(site, 2)
    stop = Event()
    site.system.stand_in(objections=Echo(topics=("no-such-topic",), group="objections"))
    raised: list[BaseException] = []

    def body() -> None:
        try:
            serve(site.system, ["objections", "ingest", "dispose", "log"], stop=stop)
        except ConfigurationError as error:
            raised.append(error)

    with capture_logs() as logged:
        serving = threading.Thread(target=body)
        serving.start()
        until(lambda: len(site.outcomes()) == 2)
        until(lambda: {"swept", "log_expired", "step_stopped"} <= {one["event"] for one in logged})
        [told] = [one for one in logged if one["event"] == "step_stopped"]
        stop.set()
        serving.join(30)
    assert (told["step"], told["level"]) == ("objections", "error")
    assert "no-such-topic" in told["why"]
    assert "no-such-topic" in str(raised[0])


def test_a_drain_does_what_can_be_done_and_the_sweep_and_the_log_always_run(site: Site) -> None:
    many(site, 2)
    site.system.stand_in(ingest=Echo(topics=("no-such-topic",), group="ingest"))
    done = list(drain(site.system))
    assert [one.step for one in done if isinstance(one.error, ConfigurationError) and "no-such" in str(one.error)] == [
        "ingest"
    ]
    assert {one.step for one in done if one.error is None} >= {"objections", "holds", "dispose", "log"}


def test_without_a_language_model_only_redaction_is_left_out(tmp_path: Path) -> None:
    """E1: it is known before the first call that needs it."""
    text = (shipped_config() / "redaction.yaml").read_text().replace("fr_core_news_md", "fr_core_news_none")
    (tmp_path / "redaction.yaml").write_text(text)
    with Site(tmp_path / "home", overrides={"redaction": tmp_path / "redaction.yaml"}) as site:
        many(site, 1)
        done = {one.step: one for one in drain(site.system)}
    assert isinstance(done["redact"].error, LackingError)
    assert "fr_core_news_none" in str(done["redact"].error)
    assert done.keys() == set(STEPS)
    assert [one for one in done.values() if one.error and not isinstance(one.error, LackingError)] == []


def test_standing_by_for_the_log_is_said_once_and_so_is_taking_over(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, attempts = Event(), list[int]()

    class Book:
        def run(
            self, _until: Event, *, checkpoint_every_s: float, outage: Callable[[RetryableError | None], None]
        ) -> None:
            attempts.append(1)
            if len(attempts) < 4:
                raise SecondSequencerError("another runs")
            outage(None)
            outage(None)
            stop.set()

    monkeypatch.setattr(service, "STANDBY_S", 0.01)
    with capture_logs() as logged:
        service._number_for_ever(site.system, Book(), stop)  # type: ignore[arg-type]  # the part of it that is used
    told = [one["event"] for one in logged if one["event"].endswith("_the_log")]
    assert told == ["standing_by_for_the_log", "took_over_the_log"]


def test_a_sweep_begins_nothing_once_it_is_asked_to_stop(site: Site) -> None:
    many(site, 2)
    site.drain("ingest")
    site.clock.move(timedelta(days=400))
    (stop := Event()).set()
    before = site.system.log_reader.status()
    assert sweep(site.system, stop=stop) == 0
    assert site.system.log_reader.status() == before
    assert sweep(site.system, stop=Event()) == 2


def test_a_portal_whose_port_is_taken_is_not_said_to_be_there(site: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = site.system.settings.model_copy(update={"portal_port": port})
        assert f"127.0.0.1:{port} cannot be listened on" in where_the_portal_is(settings)
    assert where_the_portal_is(settings) == f"The portal: {settings.portal_origin}/"


def test_every_line_a_program_writes_has_a_level_and_an_instant(site: Site) -> None:
    told = (
        "import logging; from callwarden.workers.processes import logs; logs.configure(); "
        "logging.getLogger('kafka').error('of each attempt'); logging.getLogger('botocore').warning('+33639980001'); "
        "from callwarden.diagnostics import log; log.info('working'); log.debug('not wanted')"
    )
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stderr
    lines = [json.loads(line) for line in said.splitlines()]
    assert [(one["event"], one["level"]) for one in lines] == [("library", "warning"), ("working", "info")]
    assert all(one["timestamp"].endswith("Z") for one in lines)
    assert "+336" not in said, "what a library says may be personal"
