"""Calls as trainers get them, made without listening to anything: each word is a burst of sound on its speaker's
channel, and what was taken out is beeped by the real beeper."""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from callwarden.adapters.audio.beeper import PyAvBeeper
from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.model.audio import AudioCaps, BeepSound, PlayerFormat
from callwarden.model.ids import RecordingId
from callwarden.model.recording import ArtefactKind
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.transcript import RedactedTranscript, RedactedTurn, RedactedWord, TimeRange
from callwarden.rules.search_text import searchable_text
from callwarden.steps.redact.said import REDACTOR
from tests.support.audio_files import encoded
from tests.support.site import Site

RATE: Final = 8_000
BETWEEN_WORDS_S: Final = 0.34
WORD_S: Final = 0.26
CAPS: Final = AudioCaps(max_bytes=2**31, max_duration_s=43_200, max_channels=8, max_sample_rate_hz=48_000)
_BADGE: Final = re.compile(r"\[[A-Z_0-9]+\]")

Said = tuple[str, str]
"""Who says it ("agent" or "caller"), and the redacted text of the turn."""

ALARM: Final[Sequence[Said]] = (
    ("agent", "Télésurveillance bonjour, que puis-je pour vous ?"),
    ("caller", "Bonjour, l’alarme de la maison s’est déclenchée ce matin et personne ne m’a rappelé."),
    ("agent", "Je regarde tout de suite. Puis-je avoir votre nom et votre mot de passe ?"),
    ("caller", "Oui, c’est [PERSON_1] et le mot de passe c’est [SECRET_1]."),
    ("agent", "Merci. Je relis l’adresse : [LOCATION_1], c’est bien cela ?"),
    ("caller", "Non, ce n’est pas le bon numéro, c’est [LOCATION_2]."),
    ("agent", "Pardon, je corrige. Le détecteur du salon a signalé un mouvement à sept heures dix."),
    ("caller", "C’était sans doute le chat. Vous pouvez remettre le système en marche ?"),
    ("agent", "C’est fait. Je vous rappelle au [PHONE_1] si quelque chose se déclenche encore."),
    ("caller", "Merci beaucoup, bonne journée."),
)
BILL: Final[Sequence[Said]] = (
    ("agent", "Service clients bonjour, [PERSON_1] à votre écoute."),
    ("caller", "Bonjour, je vous appelle pour la facture du mois dernier, le numéro de client est [ID_NUMBER_1]."),
    ("agent", "Je vois un prélèvement sur le compte [IBAN_1], est-ce bien le vôtre ?"),
    ("caller", "Oui, mais le montant ne correspond pas au contrat."),
    ("agent", "Vous avez raison, je vous fais rembourser la différence sous huit jours."),
)


def placed(said: Sequence[Said], *, pause_s: float = 0.6) -> list[RedactedTurn]:
    """The turns one after the other, each word at its time."""
    at, found = 0.5, list[RedactedTurn]()
    for speaker, text in said:
        words = []
        for word in text.split():
            words.append(RedactedWord(text=word, start_s=round(at, 2), end_s=round(at + WORD_S, 2)))
            at += BETWEEN_WORDS_S
        found.append(
            RedactedTurn(
                speaker=speaker, text=text, start_s=words[0].start_s, end_s=words[-1].end_s, words=tuple(words)
            )
        )
        at += pause_s
    return found


def sounding(turns: Sequence[RedactedTurn], length_s: float) -> npt.NDArray[np.int16]:
    """(2, frames): agent left, caller right."""
    sound = np.zeros((2, int(length_s * RATE)), dtype=np.int16)
    random = np.random.default_rng(7)
    for turn in turns:
        for word in turn.words:
            first, count = int(word.start_s * RATE), int(WORD_S * RATE)
            shape = np.sin(np.linspace(0, np.pi, count)) ** 0.5 * random.uniform(0.25, 0.9)
            tone = np.sin(2 * np.pi * random.uniform(130, 240) * np.arange(count) / RATE) * shape * 14_000
            channel = 0 if turn.speaker == "agent" else 1
            sound[channel, first : first + count] = tone.astype(np.int16)[: sound.shape[1] - first]
    return sound


def beeps(turns: Sequence[RedactedTurn]) -> Iterator[TimeRange]:
    for turn in turns:
        for word in turn.words:
            if _BADGE.search(word.text):
                yield TimeRange(start_s=round(word.start_s - 0.05, 2), end_s=round(word.end_s + 0.05, 2))


def review(
    site: Site,
    said: Sequence[Said] | Sequence[RedactedTurn] = ALARM,
    *,
    call_id: str = "",
    ended: datetime | None = None,
    line: str = "customer-service",
    agent: str = "a-104",
    pauses: Sequence[tuple[float, float]] = (),
    **changes: object,
) -> RecordingId:
    """Take in a call with this conversation, and release its redaction. `ended` is an hour ago where left out."""
    turns = [one for one in said if isinstance(one, RedactedTurn)] or placed(
        [one for one in said if isinstance(one, tuple)]
    )
    length_s = turns[-1].end_s + 1.0
    ended = ended or site.clock.now() - timedelta(hours=1)
    sound = encoded(sounding(turns, length_s), container="wav", codec="pcm_s16le")
    event = site.event(
        call_id,
        audio=sound,
        line=line,
        agent={"id": agent},
        started_at=(ended - timedelta(seconds=length_s)).isoformat(),
        ended_at=ended.isoformat(),
        **changes,
    )
    site.publish(event)
    site.drain("ingest")
    call = event["data"]["call_id"]
    [recording_id] = [
        one.recording_id for one in site.outcomes() if one.call_id == call and one.recording_id is not None
    ]
    release(site, recording_id, turns, sound, length_s, pauses)
    return recording_id


def release(
    site: Site,
    recording_id: RecordingId,
    turns: Sequence[RedactedTurn],
    sound: bytes,
    length_s: float,
    pauses: Sequence[tuple[float, float]] = (),
) -> None:
    """Store what the step of redaction would, and make it findable."""
    system = site.system
    windows = [*beeps(turns), *(TimeRange(start_s=start, end_s=end) for start, end in pauses)]
    beeped = io.BytesIO()
    made = PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC).beep(
        io.BytesIO(sound), beeped, windows=sorted(windows, key=lambda one: one.start_s), caps=CAPS
    )
    transcript = RedactedTranscript(
        recording_id=recording_id,
        language="fr",
        redaction_version="3.8",
        duration_s=length_s,
        turns=tuple(turns),
        beeped=tuple(windows),
        verified=True,
    )
    outline = (
        made.waveform[:-1]
        + (
            f',"lanes":["agent","caller"],"beeps":{[[one.start_s, one.end_s] for one in windows]},'
            f'"pauses":{[list(one) for one in pauses]}}}'
        ).encode()
    )
    body = JsonTranscriptCodec().encode_redacted(transcript)
    with system.catalogue.transaction() as tx:
        row = tx.recordings.get([recording_id])[recording_id]
        attempt = tx.recordings.attempts([recording_id])[recording_id]
    beeped.seek(0)
    artefacts = [
        system.store.derived(row, kind, 1, file, attempt=attempt, media_type=media_type, actor=REDACTOR)
        for kind, file, media_type in (
            (ArtefactKind.REDACTED_TRANSCRIPT, io.BytesIO(body), "application/json"),
            (ArtefactKind.BEEPED_AUDIO, beeped, made.media_type),
            (ArtefactKind.WAVEFORM, io.BytesIO(outline), "application/json"),
        )
    ]
    record = RedactionRecord(
        recording_id=recording_id,
        generation=1,
        version="3.8",
        status=RedactionStatus.RELEASED,
        reasons=(),
        decided_at=system.clock.now(),
    )
    with system.catalogue.transaction() as tx:
        tx.artefacts.add(artefacts)
        tx.redactions.save([record])
        tx.search.index(
            recording_id, generation=1, line=row.line, ended_at=row.ended_at, text=searchable_text(transcript)
        )
