"""`SpeechRecogniser` over faster-whisper, with the settings that were measured on telephone French.

Sequential decoding, beam 5, word times, no text carried from window to window: batching lost a quarter of the
caller's words, and words lost are secrets not beeped. One thread a stream and several streams at once: two
threads on one stream are slower than one.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO

import ctranslate2  # type: ignore[import-untyped]  # carries no types
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel  # type: ignore[import-untyped]  # carries no types

from callwarden.adapters.audio.tones import tones_in
from callwarden.adapters.speech.believing import Believed, believe, by_heart, understood
from callwarden.adapters.speech.channels import RATE_HZ, stretches
from callwarden.adapters.speech.models import SpeechModel
from callwarden.adapters.speech.voice import Piece, voice_curve, voiced
from callwarden.adapters.speech.word_times import DRAWN_NEAR_S, NEAR_S, near_voice, said_when, voice_without_words
from callwarden.model.audio import AudioCaps
from callwarden.model.ids import RecordingId
from callwarden.model.transcript import TimeRange, Transcript, Word
from callwarden.ports.speech import LanguageNotSupportedError, RecogniserError
from callwarden.rules.beep_windows import merged
from callwarden.rules.keyed_tones import keyed_tones
from callwarden.rules.turns import make_turns

JOIN_S, PAD_S = 2.0, 0.4
"""For recognition: whole sentences with their breathing pauses, a little silence around."""
FINE_JOIN_S, FINE_LEAST_S = 0.2, 0.1
"""For holding words against: what was really voiced."""
VOCABULARY: Mapping[str, str] = {
    "fr": "télésurveillance, mot de passe",
    "en": "alarm monitoring, password",
}
"""Shown to the model before each window. It hears these words better for it, and now and then stops early: where
that leaves a voice without words, that stretch is heard again without the list. Two words did better than ten."""

TORN_S = 0.5
"""Parts of one word further apart were torn by the cut between two pieces: the later part says when it was said."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """One channel of one stretch: its words, its voice, and where words were cut, in seconds of the call."""

    words: tuple[Word, ...]
    voice: tuple[TimeRange, ...]
    doubted: tuple[TimeRange, ...] = ()


class WhisperRecogniser:
    """`streams` channels are recognised at once, whatever number of threads call `transcribe`; by default one
    a core. `vocabulary` has, by language, words that calls of this kind are full of."""

    def __init__(
        self,
        model: SpeechModel,
        *,
        caps: AudioCaps,
        streams: int | None = None,
        vocabulary: Mapping[str, str] = VOCABULARY,
    ) -> None:
        self._vocabulary = vocabulary
        self._streams = streams or os.cpu_count() or 1
        self._caps = caps
        self._name = str(model)
        on_gpu = ctranslate2.get_cuda_device_count() > 0
        try:
            self._model = WhisperModel(
                str(model.path),
                device="cuda" if on_gpu else "cpu",
                compute_type="int8_float16" if on_gpu else "int8",
                cpu_threads=1,
                num_workers=self._streams,
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as error:
            raise RecogniserError(f"the speech model does not load: {type(error).__name__}") from error
        self._pool = ThreadPoolExecutor(self._streams, thread_name_prefix="speech")

    def close(self) -> None:
        """Ends the threads; calls under way are finished first."""
        self._pool.shutdown()

    def transcribe(
        self,
        file: BinaryIO,
        *,
        recording_id: RecordingId,
        roles: Sequence[str],
        language: str | None,
        pauses: Sequence[TimeRange] = (),
        hint: str | None = None,
    ) -> Transcript:
        if language is not None and language not in self._model.supported_languages:
            raise LanguageNotSupportedError(language)
        heard: list[_Heard] = []
        channels, duration_s = 0, 0.0
        for stretch in stretches(file, caps=self._caps, hint=hint, pauses=pauses):
            channels = stretch.samples.shape[0]
            duration_s = stretch.start_s + stretch.samples.shape[1] / RATE_HZ
            curves = list(self._pool.map(voice_curve, stretch.samples))
            if language is None:
                language = self._detected(stretch.samples, curves)
            jobs = [
                self._pool.submit(
                    self._channel,
                    samples,
                    curve,
                    channel=channel,
                    start_s=stretch.start_s,
                    language=language or "",
                )
                for channel, (samples, curve) in enumerate(zip(stretch.samples, curves, strict=True))
            ]
            heard += [job.result() for job in jobs]
        words = [word for part in heard for word in part.words]
        speakers = tuple(roles) if len(roles) == channels > 1 else ("unknown",) * channels
        return Transcript(
            recording_id=recording_id,
            language=language or "",
            model=self._name,
            duration_s=duration_s,
            turns=make_turns(words, speakers=speakers),
            speech_without_words=merged(
                [
                    voice
                    for part in heard
                    for voice in voice_without_words(part.voice, part.words, near_s=DRAWN_NEAR_S, end_s=duration_s)
                ]
                + [doubted for part in heard for doubted in part.doubted],
                merge_gap_s=0,
                duration_s=duration_s,
            ),
            pauses=tuple(pauses),
            tones=keyed_tones(tones_in(file, caps=self._caps, hint=hint), speakers=speakers),
        )

    def _detected(self, samples: Samples, curves: Sequence[Samples]) -> str | None:
        """The language of the channel that speaks most in this stretch; None while nobody has spoken."""
        spoken = [voiced(curve, frames=samples.shape[1], join_s=JOIN_S, pad_s=PAD_S) for curve in curves]
        lengths = [sum(last - first for first, last in pieces) for pieces in spoken]
        most = int(np.argmax(lengths))
        if not lengths[most]:
            return None
        voice = np.concatenate([samples[most, first:last] for first, last in spoken[most]])
        try:
            language, _, _ = self._pool.submit(self._model.detect_language, voice).result()
        except RuntimeError as error:
            raise RecogniserError(f"language detection failed: {type(error).__name__}") from error
        return str(language)

    def _channel(self, samples: Samples, curve: Samples, *, channel: int, start_s: float, language: str) -> _Heard:
        frames = samples.shape[0]
        pieces = voiced(curve, frames=frames, join_s=JOIN_S, pad_s=PAD_S)
        fine = tuple(
            TimeRange(start_s=start_s + first / RATE_HZ, end_s=start_s + last / RATE_HZ)
            for first, last in voiced(curve, frames=frames, join_s=FINE_JOIN_S, pad_s=0, least_s=FINE_LEAST_S)
        )
        if not pieces:
            return _Heard(words=(), voice=fine)
        try:
            heard = self._words(
                samples,
                pieces,
                vocabulary=self._vocabulary.get(language),
                channel=channel,
                start_s=start_s,
                language=language,
            )
            heard = self._with_second_chance(heard, fine, samples, channel=channel, start_s=start_s, language=language)
        except RuntimeError as error:
            raise RecogniserError(f"recognition failed: {type(error).__name__}") from error
        kept = said_when([word for word in heard.words if near_voice(word, fine)], fine)
        # Two hearings of neighbouring sound, each believed, may together say more than there was time for.
        together = believe(kept, end_s=start_s + frames / RATE_HZ)
        return _Heard(words=together.words, voice=fine, doubted=(*heard.doubted, *together.doubted))

    def _with_second_chance(
        self, heard: Believed, voice: tuple[TimeRange, ...], samples: Samples, **place: Any
    ) -> Believed:
        """What was heard, and what is where there was a voice without words, listened to alone and unprompted."""
        words = [word for word in heard.words if near_voice(word, voice)]
        doubted = list(heard.doubted)
        start_s: float = place["start_s"]
        end_s = start_s + samples.shape[0] / RATE_HZ
        for missed in voice_without_words(voice, words, near_s=NEAR_S, end_s=end_s):
            first = max(0, int((missed.start_s - start_s - PAD_S) * RATE_HZ))
            last = min(samples.shape[0], int((missed.end_s - start_s + PAD_S) * RATE_HZ))
            again = self._words(samples, [(first, last)], vocabulary=None, **place)
            words += [word for word in again.words if missed.start_s <= (word.start_s + word.end_s) / 2 <= missed.end_s]
            doubted += again.doubted
        return Believed(tuple(words), tuple(doubted))

    def _words(
        self,
        samples: Samples,
        pieces: list[Piece],
        *,
        vocabulary: str | None,
        channel: int,
        start_s: float,
        language: str,
    ) -> Believed:
        segments, _ = self._model.transcribe(
            np.concatenate([samples[first:last] for first, last in pieces]),
            language=language,
            beam_size=5,
            word_timestamps=True,
            condition_on_previous_text=False,
            vad_filter=False,
            hotwords=vocabulary,
        )
        words: list[Word] = []
        doubted: list[TimeRange] = []
        for segment in segments:
            if by_heart(segment.text, vocabulary or ""):
                continue
            if not understood(log_probability=segment.avg_logprob, repetition=segment.compression_ratio):
                # From piece to piece: it may begin in another than it ends in.
                first, last = (_original(at, at, pieces)[0] for at in (segment.start, segment.end))
                doubted.append(TimeRange(start_s=start_s + first, end_s=start_s + max(first, last)))
                continue
            for word in segment.words or ():
                text = word.word.strip()
                if not text:
                    continue
                first, last = _original(word.start, word.end, pieces)
                if words and not word.word.startswith(" "):
                    # A piece of the word before ("l'" and "appareil", a hyphen): one word in the text.
                    text = words[-1].text + text
                    if start_s + first - words[-1].end_s < TORN_S:
                        first = min(first, words[-1].start_s - start_s)
                    probability = min(words[-1].probability, word.probability)
                    words.pop()
                else:
                    probability = word.probability
                words.append(
                    Word(
                        text=" ".join(text.split()),
                        start_s=round(start_s + first, 3),
                        end_s=round(start_s + last, 3),
                        probability=round(float(probability), 4),
                        channel=channel,
                    )
                )
        believed = believe(words, end_s=start_s + samples.shape[0] / RATE_HZ)
        return Believed(believed.words, (*believed.doubted, *doubted))


def _original(start: float, end: float, pieces: Sequence[Piece]) -> tuple[float, float]:
    """A word's times before the silence between the pieces was cut out; it stays in the piece of its middle."""
    middle = (start + end) / 2 * RATE_HZ
    offset = 0
    for first, last in pieces:
        if middle < offset + last - first or (first, last) == pieces[-1]:
            shift = first - offset
            times = (min(max(at * RATE_HZ + shift, first), last) / RATE_HZ for at in (start, end))
            return next(times), next(times)
        offset += last - first
    return start, end
