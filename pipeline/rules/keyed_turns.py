"""Keys pressed as turns of the conversation, so that what was asked before says what they are.

Who keys a number often says it along with it: words over tones go with them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from callwarden.model.redaction import Span, SpanType, Turn
from callwarden.model.transcript import KEYED, KeyedTones, Transcript, TranscriptTurn, Word


def with_keyed_turns(transcript: Transcript) -> Transcript:
    """The transcript with a turn of one word, `KEYED`, for each sequence of keys. A turn around it is cut in two.
    One that has them already stays as it is."""
    if any(turn.text == KEYED for turn in transcript.turns):
        return transcript
    turns = transcript.turns
    for keyed in transcript.tones:
        turns = tuple(part for turn in turns for part in _around(turn, keyed))
    turns += tuple(_turn(keyed) for keyed in transcript.tones)
    return replace(transcript, turns=tuple(sorted(turns, key=lambda turn: turn.start_s)))


def keyed_spans(turns: Sequence[Turn], found: Sequence[Span], transcript: Transcript) -> list[Span]:
    """`found`, sorted, with one span for every turn of keys: a card's number where the keys or the question before
    say so, else a secret. `turns` are those of `transcript`, which `with_keyed_turns` made."""
    card = {keyed.when for keyed in transcript.tones if keyed.card}
    card_asked = {span.turn for span in found if span.type is SpanType.CREDIT_CARD}
    spans = [span for span in found if turns[span.turn].text != KEYED]
    for number, (turn, heard) in enumerate(zip(turns, transcript.turns, strict=True)):
        if turn.text == KEYED:
            is_card = number in card_asked or any(
                when.start_s == heard.start_s and when.end_s == heard.end_s for when in card
            )
            spans.append(
                Span(
                    turn=number,
                    start=0,
                    end=len(KEYED),
                    type=SpanType.CREDIT_CARD if is_card else SpanType.SECRET,
                    score=1.0,
                    explanation="keys pressed on a telephone",
                )
            )
    return sorted(spans, key=lambda span: (span.turn, span.start))


def _turn(keyed: KeyedTones) -> TranscriptTurn:
    start, end = keyed.when.start_s, keyed.when.end_s
    word = Word(text=KEYED, start_s=start, end_s=end, probability=1.0, channel=keyed.channels[0])
    return TranscriptTurn(speaker=keyed.speaker, words=(word,), start_s=start, end_s=end)


def _around(turn: TranscriptTurn, keyed: KeyedTones) -> Iterator[TranscriptTurn]:
    if turn.end_s <= keyed.when.start_s or keyed.when.end_s <= turn.start_s:
        yield turn
        return
    kept = [word for word in turn.words if word.channel not in keyed.channels or not _over(word, keyed)]
    if turn.speaker != keyed.speaker:
        parts = [kept]
    else:
        first = [word for word in kept if word.start_s < keyed.when.start_s]
        parts = [first, kept[len(first) :]]
    if parts == [list(turn.words)]:
        yield turn
        return
    for words in parts:
        if words:
            yield replace(
                turn,
                words=tuple(words),
                start_s=min(word.start_s for word in words),
                end_s=max(word.end_s for word in words),
            )


def _over(word: Word, keyed: KeyedTones) -> bool:
    """Mostly said while keys were pressed."""
    middle = (word.start_s + word.end_s) / 2
    return keyed.when.start_s <= middle <= keyed.when.end_s
