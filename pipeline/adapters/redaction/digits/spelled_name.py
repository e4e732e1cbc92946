"""Names spelled letter by letter: "K comme Kléber, O, W comme William", "D.U.P.O.N.T", "deux L"."""

from collections.abc import Iterator

from pipeline.adapters.redaction.numbers import Kind
from pipeline.adapters.redaction.view import Found, View
from pipeline.model.redaction import SpanType
from pipeline.rules.redaction.dialogue import Asked


def find(view: View) -> Iterator[Found]:
    """Spelled names of the call."""
    for context in view.runs:
        view.deadline.check()
        run = context.run
        if len(run.digits) > 3:
            continue
        asked = view.expects(run.turn, Asked.SPELLING, Asked.NAME)
        example = any(a.kind is Kind.LETTER and a.last > a.first for a in run.atoms)
        if run.letters >= 3 or (example and run.letters >= 1) or (asked and run.letters >= 2):
            score = 0.88 if asked or example else 0.65
            yield Found(context.start, context.end, SpanType.PERSON, score, "letters said one by one")
