#!/usr/bin/env python3
"""Hand a recorded call over to callwarden, from the hook of a telephone system. One file, Python 3.11, nothing else.

    callwarden_push.py asterisk FILE [--call ID] [--number N] …     after MixMonitor
    callwarden_push.py freeswitch FILE NAME=VALUE…                  in api_hangup_hook, with channel variables
    callwarden_push.py siprec METADATA.xml FILE                     of a recorder, with RFC 7865 metadata
    callwarden_push.py again FOLDER                                 what could not be handed over before

Settings are in /etc/callwarden/push.ini (another: --settings). What cannot be handed over stays where it is, its event
beside it (FILE.callwarden.json): `again` sends it, as often as one likes, for the same call gives the same receipt.
Exit code 0: callwarden has it. 1: it does not take it, and says why. 75: later (`again`).
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


class NotNowError(Exception):
    """It may be taken later. Where callwarden says so, `after_s` is when."""

    def __init__(self, why: str, after_s: float = 0) -> None:
        self.after_s = after_s
        super().__init__(why)


class RefusedError(Exception):
    """It is not taken as it is."""


def main() -> int:
    """The exit code."""
    options = arguments().parse_args()
    settings = configparser.ConfigParser()
    settings.read_dict({"callwarden": {"source": "pbx", "delete": "yes"}})
    if not settings.read(options.settings):
        sys.exit(f"{options.settings} cannot be read")
    push = settings["callwarden"]
    if options.system == "again":
        return max((hand_over(push, file) for file in left(options.folder)), default=0)
    audio: Path = options.file
    if options.system == "asterisk" and options.received is not None and options.sent is not None:
        interleave(options.received, options.sent, audio)
    event = {"asterisk": of_asterisk, "freeswitch": of_freeswitch, "siprec": of_siprec}[options.system](options, push)
    beside(audio).write_text(json.dumps(event), encoding="utf-8")  # before anything is tried: nothing gets lost
    done = hand_over(push, audio)
    if options.system == "siprec" and done == 0 and push.getboolean("delete"):
        options.metadata.unlink(missing_ok=True)
    return done


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--settings", type=Path, default=SETTINGS)
    systems = parser.add_subparsers(dest="system", required=True)
    asterisk = systems.add_parser("asterisk")
    asterisk.add_argument("file", type=Path)
    asterisk.add_argument("--call", help="CHANNEL(linkedid): the same for every part of a call")
    asterisk.add_argument("--leg", default="main")
    asterisk.add_argument("--number", help="the caller's, or who was called")
    asterisk.add_argument("--agent")
    asterisk.add_argument("--direction", choices=("inbound", "outbound", "internal"))
    asterisk.add_argument("--started", help="seconds since 1970")
    asterisk.add_argument("--received", type=Path, help="the file of MixMonitor's r(): what the caller says")
    asterisk.add_argument("--sent", type=Path, help="the file of t(): what the caller hears")
    freeswitch = systems.add_parser("freeswitch")
    freeswitch.add_argument("file", type=Path)
    freeswitch.add_argument("variables", nargs="*", metavar="NAME=VALUE")
    siprec = systems.add_parser("siprec")
    siprec.add_argument("metadata", type=Path)
    siprec.add_argument("file", type=Path)
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
    root = ET.parse(options.metadata).getroot()  # noqa: S314 -- our own recorder wrote it
    if root.tag != f"{RECORDING}recording":
        sys.exit(f"{options.metadata} is no metadata of RFC 7865")
    session = root.find(f"{RECORDING}session")
    if session is None:
        sys.exit(f"{options.metadata} names no session")
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


def interleave(received: Path, sent: Path, target: Path) -> None:
    """One file of two channels out of two of one, which MixMonitor's option S has kept in step. The two go."""
    ended = received.stat().st_mtime
    with wave.open(str(received)) as heard, wave.open(str(sent)) as said, wave.open(str(target), "wb") as both:
        both.setparams((2, 2, heard.getframerate(), 0, "NONE", ""))
        while (one := heard.readframes(CHUNK)) + (other := said.readframes(CHUNK)):
            length = max(len(one), len(other))
            mixed = array("h", bytes(2 * length))
            mixed[0::2], mixed[1::2] = (array("h", part.ljust(length, b"\0")) for part in (one, other))
            both.writeframesraw(mixed.tobytes())
    os.utime(target, (ended, ended))
    received.unlink()
    sent.unlink()


def hand_over(push: configparser.SectionProxy, audio: Path) -> int:
    """Send one call and its event, a few times; the exit code."""
    if not audio.exists():
        print(f"{audio} is gone", file=sys.stderr)
        beside(audio).unlink(missing_ok=True)
        return 1
    for attempt in range(TRIES):
        try:
            receipt = receipt_of(push, beside(audio).read_bytes(), audio)
        except RefusedError as error:
            print(f"{audio}: {error}", file=sys.stderr)
            return 1
        except (NotNowError, OSError, http.client.HTTPException) as error:
            print(f"{audio}: {error}", file=sys.stderr)
            if attempt + 1 < TRIES:
                time.sleep(min(getattr(error, "after_s", 0) or 2**attempt, LONGEST_WAIT_S))
        else:
            print(receipt)
            if push.getboolean("delete"):
                audio.unlink(missing_ok=True)
                forget_metadata(audio.with_suffix(".xml"))
            beside(audio).unlink(missing_ok=True)
            return 0
    return LATER


def forget_metadata(file: Path) -> None:
    """What a recorder says of a call names its people: it goes with the audio it lies beside, also when sent later."""
    if file.is_file() and RECORDING.strip("{}").encode() in file.read_bytes():
        file.unlink()


def receipt_of(push: configparser.SectionProxy, event: bytes, audio: Path) -> str:
    """The receipt. Raises RefusedError, NotNowError, OSError, HTTPException."""
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
        return str(said["receipt"])
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


def left(folder: Path) -> list[Path]:
    """The audio whose events are left there, oldest first."""
    found = sorted(folder.rglob(f"*{BESIDE}"), key=os.path.getmtime)
    return [event.with_name(event.name.removesuffix(BESIDE)) for event in found]


if __name__ == "__main__":
    sys.exit(main())
