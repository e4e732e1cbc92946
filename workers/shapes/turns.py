"""Turns of a redacted transcript."""

from callwarden.rules.turn_portions import Portion, ShownTurn
from callwarden.workers.shapes import Row


def portion_shape(portion: Portion) -> Row:
    """A portion of a call, and what holds of the whole: ``turns`` as `turn_shape`; ``previous`` and ``next``, numbers
    of the first turn of the portions beside it, or null; ``beeped``, lists of ``[start_s, end_s]``."""
    whole = portion.transcript
    return {
        "recording_id": whole.recording_id,
        "language": whole.language,
        "duration_s": whole.duration_s,
        "redaction_version": whole.redaction_version,
        "verified": whole.verified,
        "turn_count": len(whole.turns),
        "turns": [turn_shape(each) for each in portion.turns],
        "beeped": [[one.start_s, one.end_s] for one in portion.beeped],
        "previous": portion.previous,
        "next": portion.following,
    }


def turn_shape(shown: ShownTurn) -> Row:
    """``words`` are ``[text, start_s, end_s]``, none where an older version made the redaction; ``badges`` say what was
    taken out, ``start`` and ``end`` counting characters of ``text``."""
    turn = shown.turn
    return {
        "number": shown.number,
        "speaker": turn.speaker,
        "start_s": turn.start_s,
        "end_s": turn.end_s,
        "text": turn.text,
        "words": [[word.text, word.start_s, word.end_s] for word in turn.words],
        "badges": [
            {
                "type": badge.type,
                "start": badge.start,
                "end": badge.end,
                "start_s": badge.start_s,
                "end_s": badge.end_s,
            }
            for badge in shown.badges
        ],
    }
