"""From words on channels to turns of a conversation, and what was voiced without becoming a word."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from callwarden.model.transcript import TimeRange, TranscriptTurn, Word
from callwarden.rules.beep_windows import merged

BREATH_S = 1.0
"""A silence of this length ends an utterance."""

SAME_TURN_S = 3.0
"""Utterances of one speaker with no other in between and less silence than this are one turn."""

MONO_BREATH_S = 0.5
"""On one channel nobody knows who speaks: a shorter silence may already be the other one's turn."""

SNAP_S = 0.3
"""On the sample calls, with this, a tenth of a second of padding covers more than three tenths did without."""

LEAST_UNSPOKEN_S = 0.4
"""Voice without words shorter than this is a breath, a laugh or the edge of a word."""


def make_turns(words: Sequence[Word], *, speakers: Sequence[str]) -> tuple[TranscriptTurn, ...]:
    """Turns in the order they begin. `speakers` names the speaker of each channel."""
    breath = BREATH_S if len(speakers) > 1 else MONO_BREATH_S
    utterances: list[list[Word]] = []
    for channel in range(len(speakers)):
        said = sorted((word for word in words if word.channel == channel), key=lambda word: word.start_s)
        for index, word in enumerate(said):
            if index and word.start_s - said[index - 1].end_s < breath:
                utterances[-1].append(word)
            else:
                utterances.append([word])
    utterances.sort(key=lambda said: said[0].start_s)
    turns: list[list[Word]] = []
    for said in utterances:
        before = turns[-1] if turns else None
        same = before is not None and before[0].channel == said[0].channel and len(speakers) > 1
        if before is not None and same and said[0].start_s - before[-1].end_s < SAME_TURN_S:
            before.extend(said)
        else:
            turns.append(said)
    return tuple(
        TranscriptTurn(
            speaker=speakers[said[0].channel],
            words=tuple(said),
            start_s=min(word.start_s for word in said),
            end_s=max(word.end_s for word in said),
        )
        for said in turns
    )


def snapped(words: Sequence[Word], voice: Sequence[TimeRange]) -> tuple[Word, ...]:
    """The words of one channel, each drawn out by at most `SNAP_S` to where the voice it lies in begins and ends,
    but never over its neighbours. Recognisers tend to end a word early; the voice shows how long it went on."""
    ordered = sorted(words, key=lambda word: word.start_s)
    found: list[Word] = []
    for index, word in enumerate(ordered):
        start, end = word.start_s, word.end_s
        before = ordered[index - 1].end_s if index else 0.0
        after = ordered[index + 1].start_s if index + 1 < len(ordered) else float("inf")
        for piece in voice:
            if piece.start_s < word.end_s < piece.end_s:
                end = max(end, min(piece.end_s, after, end + SNAP_S))
            if piece.start_s < word.start_s < piece.end_s:
                start = min(start, max(piece.start_s, before, start - SNAP_S))
        found.append(replace(word, start_s=start, end_s=end))
    return tuple(found)


def unspoken(
    heard: Sequence[tuple[Sequence[TimeRange], Sequence[Word]]], *, near_s: float, duration_s: float
) -> tuple[TimeRange, ...]:
    """Where a channel has a voice and none of its words is within `near_s`. Each pair is the voice and the
    words of one channel."""
    found: list[TimeRange] = []
    for voice, words in heard:
        covered = merged(
            [TimeRange(start_s=max(0, word.start_s - near_s), end_s=word.end_s + near_s) for word in words],
            merge_gap_s=0,
            duration_s=duration_s + near_s,
        )
        for piece in voice:
            edges = [piece.start_s]
            for cover in covered:
                if cover.start_s < piece.end_s and piece.start_s < cover.end_s:
                    edges += [cover.start_s, cover.end_s]
            edges.append(piece.end_s)
            # Edges alternate: voice begins, a word begins, it ends, and so on; what lies before a word counts.
            found += [
                TimeRange(start_s=start, end_s=end)
                for index, (start, end) in enumerate(pairwise(edges))
                if index % 2 == 0 and end - start >= LEAST_UNSPOKEN_S
            ]
    return merged(found, merge_gap_s=near_s, duration_s=duration_s)
