"""A caller objects while the audio is on its way: at whatever step that happens, no byte of it remains (R3, I3)."""

import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from callwarden.rules.vault_layout import recording_prefix
from tests.faults.real import SOCKETS_OF_THE_DEAD, RealSite
from tests.support.dying import Fate, Moment, mortal
from tests.support.scenarios import object_at_the_desk, objected, work
from tests.support.site import MovableClock, Site, sample

NUMBER = "+33639980001"
CUSTOMER = "C-1"
NAME = "Bérengère Quatresous"
AUDIO = sample("02_mono_alaw.wav")
SECRETS = {
    "audio": AUDIO[2000:2064],
    "number": NUMBER.encode(),
    "national number": b"0639980001",
    "name": NAME.encode(),
    "name, escaped": NAME.encode("unicode_escape"),
    "name, as JSON": b"B\\u00e9reng\\u00e8re",
}


@dataclass(slots=True)
class Interrupted(Fate):
    """Nobody dies; at one moment something else happens first."""

    happening: Callable[[], None] = lambda: None
    happened: bool = False
    _busy: bool = False
    _seen: Counter[str] = field(default_factory=Counter)

    def before(self, call: str) -> bool:
        self._seen[call] += 1
        if self.at is not None and not self._busy and (self.at.call, self.at.nth) == (call, self._seen[call]):
            self._busy = True
            self.happening()
            self.happened = True
        return False


def the_call(site: Site, call_id: str = "c-1") -> dict[str, Any]:
    """A call with everything about a person an event can hold."""
    return site.event(
        call_id, audio=AUDIO, caller={"number": NUMBER, "customer_id": CUSTOMER, "names": [NAME]}, labels={"name": NAME}
    )


def by_desk(other: Site, call_id: str) -> None:
    object_at_the_desk(other, call_id)


def by_event(other: Site, call_id: str) -> None:
    other.publish(objected(other, call_id))
    work(other, "objections")


def steps_of(calls: Sequence[str]) -> list[Moment]:
    """Every call an objection can come before. While a transaction is open SQLite lets nobody else write; while the
    worker waits for more, one moment is as good as another."""
    counted: Counter[str] = Counter()
    steps = []
    inside = False
    for call in calls:
        counted[call] += 1
        if call.endswith(".begin"):
            inside = True
        elif call.endswith(".commit"):
            inside = False
        elif not inside and not (counted[call] > 1 and call.startswith(("bus.", "subscription."))):
            steps.append(Moment(call, counted[call]))
    return steps


def remains(folder: Path) -> list[str]:
    """Files under a folder that hold anything of the caller in clear. The bus is left out: events stay a week."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.startswith("bus.db"):
            content = path.read_bytes()
            found += [f"{what} in {path.relative_to(folder)}" for what, secret in SECRETS.items() if secret in content]
    return found


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go during a test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    tempfile.tempdir = None
    yield folder
    tempfile.tempdir = None


def interrupted(site: Site, other: Site, moment: Moment, objecting: Callable[[Site, str], None]) -> bool:
    """Take the call in, the objection coming at this moment; False when the moment never came."""
    fate = Interrupted(at=moment, happening=lambda: objecting(other, "c-1"))
    mortal(site.system, fate)
    work(site, "ingest")
    site.reopen()
    site.drain("ingest", "objections", "holds")
    return fate.happened


@pytest.mark.parametrize("objecting", [by_desk, by_event])
def test_an_objection_at_any_step_of_an_upload_leaves_no_byte_anywhere(
    objecting: Callable[[Site, str], None], quick_folder: Path, temporary: Path
) -> None:
    prepared = quick_folder / f"race-{objecting.__name__}"
    with Site(prepared) as site:
        _ = site.system.ingest
        site.publish(the_call(site))
    assert [one for one in remains(prepared) if one.startswith("audio in landing")], "what lies about is found"
    fate = Fate()
    with _copy(prepared, "unharmed") as site:
        mortal(site.system, fate)
        work(site, "ingest")
        steps = steps_of(fate.calls)
        site.reopen()
        assert site.verdicts() == ["stored"]
    assert len(steps) > 15
    for moment in steps:
        written = io.StringIO()
        with _copy(prepared, "raced") as site, redirect_stderr(written), redirect_stdout(written):
            assert interrupted(site, Site(site.home, clock=site.clock), moment, objecting), moment
            report = site.report()
            assert (report.versions, report.breaches) == (0, ()), moment
            assert report.balance.balanced, moment
            assert list(site.system.vault.unfinished_uploads("")) == [], moment
            assert site.landed() == [], moment
            assert sum(site.system.bus.end_offsets("dead-letters").values()) == 0, moment
            for row in site.system.catalogue.all_recordings():
                assert (row.sealed_event, row.caller, row.customer, row.agent_id) == (None,) * 4, moment
            with site.system.catalogue.transaction() as tx:
                assert tx.waiting.find() == [], moment
        assert remains(site.home) == [], moment
        assert remains(temporary) == [], moment
        log = written.getvalue()
        assert [what for what, secret in SECRETS.items() if secret.decode("latin-1") in log] == [], moment


@pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD)
def test_an_objection_during_an_upload_leaves_no_byte_on_real_servers(real: RealSite) -> None:
    """Before what lasts is begun, in the middle of an upload and behind it; at the desk and on the bus by turns. At
    every call in between they do on the embedded system."""
    calls = ("landing.fetch", "vault.put.read", "landing.delete")
    for call, objecting in zip(calls, cycle((by_desk, by_event)), strict=False):
        call_id = f"raced-{call}"
        real.publish(the_call(real, call_id))
        fate = Interrupted(
            at=Moment(call, 1), happening=lambda call_id=call_id, objecting=objecting: objecting(other, call_id)
        )
        mortal(real.reopen(), fate)
        with RealSite(real.home, clock=real.clock, overrides=real.overrides, landing=real.landing) as other:
            work(real, "ingest")
            other.shared["opened_catalogue"].close()
        assert fate.happened, call
        real.reopen()
        real.drain("ingest", "objections", "holds")
        for row in [one for one in real.system.catalogue.all_recordings() if one.call_id == call_id]:
            prefix = recording_prefix(row.recording_id)
            assert list(real.system.vault.versions(prefix)) == [], call
            assert list(real.system.vault.unfinished_uploads(prefix)) == [], call
            assert (row.sealed_event, row.caller, row.customer, row.agent_id) == (None,) * 4, call
        assert real.landed() == [], call
    assert real.report().breaches == ()


def _copy(prepared: Path, name: str) -> Site:
    home = prepared.with_name(f"{prepared.name}-{name}")
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(prepared, home)
    return Site(home, clock=MovableClock())
