"""Alarm, door and safe codes, PINs: digits after such a word, or where the question was about one."""

from collections.abc import Iterator

from pipeline.adapters.redaction.view import Found, View
from pipeline.model.redaction import SpanType
from pipeline.rules.redaction.dialogue import Asked


def find(view: View) -> Iterator[Found]:
    """Codes of the call."""
    for context in view.runs:
        if context.quantity or not (context.means(Asked.SECRET) or context.means(Asked.SECURITY)):
            continue
        size = len(context.run.digits)
        near = context.label is Asked.SECRET and context.label_distance <= 25
        if size >= 3 or (size >= 2 and (near or context.alone)) or (context.run.letters and size):
            yield Found(context.start, context.end, SpanType.SECRET, 0.88, "digits where a code was named or asked for")
