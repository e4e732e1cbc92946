#!/usr/bin/env python3
"""Hand a recorded call over to callwarden, from the hook of a telephone system. One file, Python 3.11, nothing else.

    callwarden_push.py asterisk FILE [--call ID] [--number N] …     after MixMonitor
    callwarden_push.py freeswitch FILE NAME=VALUE…                  in api_hangup_hook, with channel variables
    callwarden_push.py siprec METADATA.xml FILE                     of a recorder, with RFC 7865 metadata
    callwarden_push.py again FOLDER                                 what could not be handed over before

Settings are in /etc/callwarden/push.ini (another: --settings). What cannot be handed over stays where it is, its event
beside it (FILE.callwarden.json), or what was asked and why no event could be made of it: `again` tries either, as often
as one likes, for the same call gives the same receipt.
Exit code 0: callwarden has it. 1: something has to be corrected, and what is said; of a call that is set aside, too,
though callwarden has it. 75: later (`again`).
"""

import argparse
import configparser
import http.client
import json
import os
import re
import ssl
import sys
import time
import uuid
import wave
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

SETTINGS = Path("/etc/callwarden/push.ini")
BESIDE = ".callwarden.json"
LATER = 75  # EX_TEMPFAIL of sysexits.h
TRIES = 3
LONGEST_WAIT_S = 60
CHUNK = 1 << 20
RAW = {".sln": 8000, ".sln12": 12000, ".sln16": 16000, ".sln24": 24000, ".sln32": 32000, ".sln48": 48000}
CODECS = {".ulaw": "ulaw", ".ul": "ulaw", ".alaw": "alaw", ".al": "alaw", ".g722": "g722"}
FREEPBX = re.compile(r"([a-z]+)-([^-]+)-([^-]+)-\d{8}-\d{6}-((?:[\w.]+-)?\d{9,11}\.\d+)")
"""FreePBX's names of files: kind, two numbers, day, time, UNIQUEID."""
UNIQUE_ID = re.compile(r"(?:.*-)?(\d{9,11})\.\d+")
RECORDING = "{urn:ietf:params:xml:ns:recording:1}"
COPIES = ("received", "sent", "metadata")
"""What goes when the audio goes: it says the same, or names people."""


class NotNowError(Exception):
    """It may be taken later. Where callwarden says so, `after_s` is when."""

    def __init__(self, why: str, after_s: float = 0) -> None:
        self.after_s = after_s
        super().__init__(why)


class RefusedError(Exception):
    """It is not taken as it is."""


class UnclearError(Exception):
    """No event can be made of what was given."""


def main() -> int:
    """The exit code."""
    options = arguments().parse_args()
    if options.system == "again":
        return max((again(options.settings, file) for file in left(options.folder)), default=0)
    return recorded(options)


def recorded(options: argparse.Namespace) -> int:
    """Make the event of a call and hand it over; the exit code. Whatever goes wrong is said beside the audio."""
    audio: Path = options.file
    copies = [file for file in (getattr(options, name, None) for name in COPIES) if file is not None]
    try:
        push = settings(options.settings)
        if options.system == "asterisk" and options.received is not None and options.sent is not None:
            both_sides(options)
        audio.stat()  # what is not there is not handed over
        made = {"asterisk": of_asterisk, "freeswitch": of_freeswitch, "siprec": of_siprec}[options.system]
        keep(audio, {"event": made(options, push), "copies": [str(file) for file in copies]})  # before it is sent
    except Exception as error:  # noqa: BLE001 -- no call is lost by what nobody thought of
        print(f"{audio}: {error}", file=sys.stderr)
        if any(file.is_file() for file in (audio, *copies)):
            asked = {name: str(one) if isinstance(one, Path) else one for name, one in vars(options).items()}
            keep(audio, {"asked": asked, "fault": str(error)})
        return 1
    return hand_over(push, audio)


def again(ini: Path, audio: Path) -> int:
    """Try once more what is left; the exit code."""
    try:
        kept = json.loads(beside(audio).read_bytes())
        if "asked" not in kept:
            return hand_over(settings(ini), audio)
        asked = {name: Path(one) if one and name in (*COPIES, "file") else one for name, one in kept["asked"].items()}
        return recorded(argparse.Namespace(**{**asked, "settings": ini}))
    except (OSError, ValueError, UnclearError) as error:
        print(f"{beside(audio)}: {error}", file=sys.stderr)
        return 1


def settings(ini: Path) -> configparser.SectionProxy:
    """What is set. Raises UnclearError."""
    found = configparser.ConfigParser()
    found.read_dict({"callwarden": {"source": "pbx", "delete": "yes"}})
    try:
        if not found.read(ini):
            raise UnclearError(f"{ini} cannot be read")
        push = found["callwarden"]
        push.getboolean("delete")
    except (configparser.Error, ValueError) as error:
        raise UnclearError(f"{ini}: {error}") from error
    if missing := {"url", "token_file"} - set(push):
        raise UnclearError(f"{ini} does not say {' and '.join(sorted(missing))}")
    token = Path(push["token_file"])
    if token.is_file() and token.stat().st_mode & 0o007:
        print(f"{token} is open to every user of this machine: chmod 640 or 600", file=sys.stderr)
    return push


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--settings", type=Path, default=SETTINGS)
    systems = parser.add_subparsers(dest="system", required=True)
    path = lambda given: Path(given).absolute()  # noqa: E731 -- `again` may run in another directory
    asterisk = systems.add_parser("asterisk")
    asterisk.add_argument("file", type=path)
    asterisk.add_argument("--call", help="CHANNEL(linkedid): the same for every part of a call")
    asterisk.add_argument("--leg", default="main")
    asterisk.add_argument("--number", help="the caller's, or who was called")
    asterisk.add_argument("--agent")
    asterisk.add_argument("--direction", choices=("inbound", "outbound", "internal"))
    asterisk.add_argument("--started", help="seconds since 1970")
    asterisk.add_argument("--received", type=path, help="the file of MixMonitor's r(): what the caller says")
    asterisk.add_argument("--sent", type=path, help="the file of t(): what the caller hears")
    freeswitch = systems.add_parser("freeswitch")
    freeswitch.add_argument("file", type=path)
    freeswitch.add_argument("variables", nargs="*", metavar="NAME=VALUE")
    siprec = systems.add_parser("siprec")
    siprec.add_argument("metadata", type=path)
    siprec.add_argument("file", type=path)
    siprec.add_argument("--agents", default="", metavar="DOMAIN", help="the part of an address after @ that is ours")
    for system in (asterisk, freeswitch, siprec):
        system.add_argument("--line", help="of callwarden's policy; else that of the settings")
        system.add_argument("--no-objection", action="store_true", help="the caller was asked and did not object")
        system.add_argument("--objects", action="append", metavar="PURPOSE", help="the caller objected to it")
    again = systems.add_parser("again")
    again.add_argument("folder", type=Path)
    return parser


def of_asterisk(options: argparse.Namespace, push: configparser.SectionProxy) -> dict[str, Any]:
    """The event of what MixMonitor recorded. FreePBX's names of files say what was not given."""
    named = FREEPBX.fullmatch(options.file.stem)
    kind, first, second, unique = named.groups() if named else ("", "", "", "")
    outbound = kind == "out"
    call = options.call or unique or options.file.stem
    began = UNIQUE_ID.fullmatch(unique or call)
    agent, number = (second, first) if outbound else (first, second)
    data = {
        "call_id": call,
        "leg": options.leg,
        "direction": options.direction or {"in": "inbound", "out": "outbound", "internal": "internal"}.get(kind),
        "started_at": instant(options.started or (began and began.group(1))),
        "ended_at": instant(options.file.stat().st_mtime),
        "caller": {"number": options.number or number or None},
        "agent": {"id": options.agent or (agent if kind in ("out", "external", "internal") else None)},
        "channels": ["caller", "agent"] if options.received else None,
    }
    return envelope(options, push, data, f"{call}/{options.leg}/{options.file.name}")


def of_freeswitch(options: argparse.Namespace, push: configparser.SectionProxy) -> dict[str, Any]:
    """The event of what record_session recorded, by variables of its channel."""
    said = dict(pair.split("=", 1) for pair in options.variables if "=" in pair)
    own = said.get("uuid") or options.file.stem
    outbound, stereo = said.get("direction") == "outbound", said.get("RECORD_STEREO") == "true"
    start, answer = said.get("start_epoch") or "0", said.get("answer_epoch") or "0"
    data = {
        "call_id": said.get("call_uuid") or own,
        "leg": "main" if said.get("call_uuid") in (None, "", own) else own,
        "direction": said.get("direction"),
        "started_at": instant(start),
        "ended_at": instant(said.get("end_epoch")) or instant(options.file.stat().st_mtime),
        "answered_after_s": int(answer) - int(start) if int(answer) >= int(start) > 0 else None,
        "caller": {"number": said.get("destination_number" if outbound else "caller_id_number") or None},
        "agent": {"id": said.get("agent") or None},
        # With RECORD_STEREO what the recorded channel says is on the left.
        "channels": (["agent", "caller"] if outbound else ["caller", "agent"]) if stereo else None,
    }
    return envelope(options, push, data, f"{own}/{options.file.name}")


def of_siprec(options: argparse.Namespace, push: configparser.SectionProxy) -> dict[str, Any]:
    """The event of a recording session, by the last metadata its client sent (RFC 7865)."""
    try:
        root = ET.parse(options.metadata).getroot()  # noqa: S314 -- our own recorder wrote it
    except ET.ParseError as error:
        raise UnclearError(f"{options.metadata} is no metadata of RFC 7865: {error}") from error
    if root.tag != f"{RECORDING}recording":
        raise UnclearError(f"{options.metadata} is no metadata of RFC 7865")
    session = root.find(f"{RECORDING}session")
    if session is None:
        raise UnclearError(f"{options.metadata} names no session")
    people = {one.get("participant_id"): address(one) for one in root.iter(f"{RECORDING}participant")}
    ours = {key for key, (_, domain) in people.items() if domain and domain == options.agents.lower()}
    others = [user for key, (user, _) in people.items() if key not in ours]
    agents = [user for key, (user, _) in people.items() if key in ours]
    call = text(session, "group-ref") or text(session, "sipSessionID").partition(";")[0] or session.get("session_id")
    ended = text(session, "stop-time") or text(session, "end-time") or last(root, "disassociate-time")
    data = {
        "call_id": call,
        "leg": session.get("session_id") if text(session, "group-ref") else "main",
        "started_at": text(session, "start-time") or last(root, "associate-time") or None,
        "ended_at": ended or instant(options.file.stat().st_mtime),
        "caller": {"number": others[0] if others else None},
        "agent": {"id": agents[0] if agents else None},
        "channels": channels(root, ours) or None,
    }
    return envelope(options, push, data, f"{session.get('session_id')}/{options.file.name}")


def channels(root: ET.Element, ours: set[str | None]) -> list[str]:
    """Who speaks on each stream, in the order of the labels."""
    labels = {one.get("stream_id"): text(one, "label") for one in root.iter(f"{RECORDING}stream")}
    speaks = {}
    for one in root.iter(f"{RECORDING}participantstreamassoc"):
        for stream in one.findall(f"{RECORDING}send"):
            speaks[(stream.text or "").strip()] = "agent" if one.get("participant_id") in ours else "caller"
    streams = sorted((label, stream) for stream, label in labels.items())
    return [speaks[stream or ""] for _, stream in streams] if set(labels) == set(speaks) and ours else []


def address(participant: ET.Element) -> tuple[str, str]:
    """User and domain of a participant's address of record, such as sip:+33612345678@carrier.example;user=phone."""
    named = participant.find(f"{RECORDING}nameID")
    aor = "" if named is None else named.get("aor", "")
    user, _, domain = re.sub(r"^(sips?|tel):", "", aor).partition("@")
    return user.partition(";")[0], re.split("[;:?]", domain)[0].lower()


def text(element: ET.Element, name: str) -> str:
    """What a part of it says; empty where there is none."""
    return (element.findtext(f"{RECORDING}{name}") or "").strip()


def last(root: ET.Element, name: str) -> str:
    """The latest of these instants, which all have the same form."""
    return max(((one.text or "").strip() for one in root.iter(f"{RECORDING}{name}")), default="")


def envelope(
    options: argparse.Namespace, push: configparser.SectionProxy, data: dict[str, Any], name: str
) -> dict[str, Any]:
    """The event, the same however often it is made."""
    suffix = options.file.suffix.lower()
    data["line"] = options.line or push.get("line")
    data["codec"] = "sln" if suffix in RAW else CODECS.get(suffix)
    data["rate"] = RAW.get(suffix)
    if options.objects or options.no_objection:
        data["objections"] = options.objects or []
    return {
        "specversion": "1.0",
        "type": "call.recorded",
        "source": push["source"],
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{push['source']}#{name}")),
        "data": {key: value for key, value in data.items() if value not in (None, {"number": None}, {"id": None})},
    }


def instant(seconds: Any) -> str | None:
    """ISO 8601 of seconds since 1970; None for none, and for a zero that means none."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC).isoformat() if float(seconds) > 0 else None
    except (TypeError, ValueError):
        return None


def both_sides(options: argparse.Namespace) -> None:
    """Make one file of what each side said; where that cannot be, the mixed file goes as it is and its channels are
    nobody's. Raises UnclearError where there is none."""
    try:
        interleave(options.received, options.sent, options.file)
    except (OSError, EOFError, ValueError, wave.Error) as error:
        if not options.file.is_file() or not options.file.stat().st_size:
            raise UnclearError(f"what each side said cannot be read ({error}), and there is no mixed file") from error
        print(f"{options.file}: what each side said cannot be read ({error}): sent as mixed", file=sys.stderr)
        options.received = options.sent = None


def interleave(received: Path, sent: Path, target: Path) -> None:
    """One file of two channels out of two of one, which MixMonitor's option S has kept in step. The two go."""
    ended, made = received.stat().st_mtime, target.with_name(f".{target.name}.part")
    try:
        with wave.open(str(received)) as heard, wave.open(str(sent)) as said, wave.open(str(made), "wb") as both:
            if {(one.getnchannels(), one.getsampwidth()) for one in (heard, said)} != {(1, 2)}:
                raise wave.Error("not 16 bits of one channel each")
            if heard.getframerate() != said.getframerate():
                raise wave.Error("two different rates")
            both.setparams((2, 2, heard.getframerate(), 0, "NONE", ""))
            while (one := heard.readframes(CHUNK)) + (other := said.readframes(CHUNK)):
                length = max(len(one), len(other))
                mixed = array("h", bytes(2 * length))
                mixed[0::2], mixed[1::2] = (array("h", part.ljust(length, b"\0")) for part in (one, other))
                both.writeframesraw(mixed.tobytes())
        os.utime(made, (ended, ended))
        made.replace(target)  # at once: the mixed file is not given up for half of another
    finally:
        made.unlink(missing_ok=True)
    received.unlink()
    sent.unlink()


def hand_over(push: configparser.SectionProxy, audio: Path) -> int:
    """Send one call and its event, a few times; the exit code."""
    if not audio.exists():
        print(f"{audio} is gone", file=sys.stderr)
        beside(audio).unlink(missing_ok=True)
        return 1
    kept = json.loads(beside(audio).read_bytes())
    for attempt in range(TRIES):
        try:
            taken = receipt_of(push, json.dumps(kept.get("event", kept)).encode(), audio)
        except RefusedError as error:
            print(f"{audio}: {error}", file=sys.stderr)
            return 1
        except (NotNowError, OSError, http.client.HTTPException) as error:
            print(f"{audio}: {error}", file=sys.stderr)
            if attempt + 1 < TRIES:
                time.sleep(min(getattr(error, "after_s", 0) or 2**attempt, LONGEST_WAIT_S))
        else:
            print(taken["receipt"])
            if push.getboolean("delete"):
                for file in (audio, *map(Path, kept.get("copies", ()))):
                    file.unlink(missing_ok=True)
            beside(audio).unlink(missing_ok=True)
            return foreseen(audio, taken)
    return LATER


def foreseen(audio: Path, taken: dict[str, Any]) -> int:
    """Say what will be made of a call that callwarden has; the exit code."""
    for note in taken.get("noted", ()):
        print(f"{audio}: {note['field']} is left out: {note['why']}", file=sys.stderr)
    if taken.get("expected_outcome") != "quarantined":
        return 0
    print(f"{audio}: kept, but set aside: {taken.get('reason')} {taken.get('field') or ''}".rstrip(), file=sys.stderr)
    return 1


def receipt_of(push: configparser.SectionProxy, event: bytes, audio: Path) -> dict[str, Any]:
    """The receipt, and what is to be expected. Raises RefusedError, NotNowError, OSError, HTTPException."""
    place, boundary = urlsplit(push["url"]), uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="event"; filename="event.json"\r\n'
        "Content-Type: application/cloudevents+json\r\n\r\n"
    ).encode() + event
    # The suffix is all that is asked of a name; a header is no place for what somebody may have dialled.
    suffix = re.sub(r"[^a-z0-9.]", "", audio.suffix.lower())
    head += (
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="audio"; filename="audio{suffix}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Authorization": f"Bearer {Path(push['token_file']).read_text(encoding='ascii').strip()}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + audio.stat().st_size + len(tail)),
    }
    connection = connected(place.scheme, place.hostname or "", place.port, push.get("ca_bundle"))
    try:
        connection.request("POST", f"{place.path.rstrip('/')}/api/v1/calls", body(head, audio, tail), headers)
        answer = connection.getresponse()
        said = json.loads(answer.read() or b"{}")
    except ValueError as error:
        raise NotNowError(f"this was not callwarden that answered: {error}") from error
    finally:
        connection.close()
    if answer.status == http.HTTPStatus.ACCEPTED:
        return dict(said)
    if answer.status in (408, 425, 429) or answer.status >= 500:
        wait = answer.getheader("Retry-After", "")
        raise NotNowError(f"{answer.status} {said.get('detail', '')}", float(wait) if wait.isdecimal() else 0)
    raise RefusedError(f"{answer.status} {said.get('detail', '')}")


def connected(scheme: str, host: str, port: int | None, ca_bundle: str | None) -> http.client.HTTPConnection:
    """Over TLS, but for the machine itself: what callers say goes through no network in the clear."""
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=60, context=ssl.create_default_context(cafile=ca_bundle))
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise RefusedError(f"{host} is another machine: let the url begin with https://")
    return http.client.HTTPConnection(host, port, timeout=60)


def body(head: bytes, audio: Path, tail: bytes) -> Iterator[bytes]:
    """What is sent, piece by piece."""
    yield head
    with audio.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
    yield tail


def beside(audio: Path) -> Path:
    """Where its event is kept until callwarden has it."""
    return audio.with_name(audio.name + BESIDE)


def keep(audio: Path, known: dict[str, Any]) -> None:
    """Write down what is known of it, whole or not at all."""
    made = audio.with_name(f".{audio.name}.part")
    made.write_text(json.dumps(known), encoding="utf-8")
    made.replace(beside(audio))


def left(folder: Path) -> list[Path]:
    """The audio whose events are left there, oldest first."""
    found = sorted(folder.rglob(f"*{BESIDE}"), key=os.path.getmtime)
    return [event.with_name(event.name.removesuffix(BESIDE)) for event in found]


if __name__ == "__main__":
    sys.exit(main())
