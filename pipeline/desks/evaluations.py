"""The desk where calls are evaluated by the house's grid (K6): scores that outlive the call, a remark that does not."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from callwarden.desks.acts import Acts, Doing
from callwarden.desks.reviewed import Reviewed
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import make_entry_id
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.review import Evaluation, EvaluationId, Grid, evaluation_text
from callwarden.ports.clock import Clock
from callwarden.rules.retention import keep_until
from callwarden.rules.rights import Act, ActRefusal

MOST = 500
_PORTION = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvaluation:
    """An evaluation, its remark where the call may be read now, and whether it is the reader's own."""

    evaluation: Evaluation
    remark: str | None = field(repr=False)
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationDesk:
    """Each method is an act of somebody: trainers see their own, supervisors those of their lines and
    agents. Raises RefusedError, UsageError, RetryableError. Thread-safe."""

    acts: Acts
    policy: Policy
    clock: Clock
    reviewed: Reviewed
    grid: Grid

    def make(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_id: RecordingId,
        scores: Mapping[str, int],
        *,
        remark: str | None = None,
    ) -> ShownEvaluation:
        """Evaluate a call one may read now. A second by the same person takes the place of the first, whose clock goes
        on; it is kept as long as the grid says, from when it was first made."""
        self._check(scores)
        now = self.clock.now()
        with self.acts.perform(Act.EVALUATION_MAKE, actor, recording_id=recording_id, purpose=purpose.value) as doing:
            self.reviewed.must_be_open(doing, purpose)
            row = doing.row
            if row.agent_id is None:
                raise UsageError("the telephone system did not say whose call this was: nobody can be evaluated by it")
            mine = doing.tx.evaluations.find(recording_id=recording_id, made_by=actor.account, limit=1)
            made_at = mine[0].made_at if mine else now
            evaluation = Evaluation(
                evaluation_id=mine[0].evaluation_id
                if mine
                else EvaluationId(f"eval-{make_entry_id(now, os.urandom(10))}"),
                recording_id=recording_id,
                line=row.line,
                agent_id=row.agent_id,
                grid=self.grid.version,
                scores=dict(scores),
                made_by=actor.account,
                made_at=made_at,
                changed_at=now if mine else None,
                keep_until=keep_until(made_at, self.grid.kept, self.policy.time_zone),
            )
            of = f"evaluation:{evaluation.evaluation_id}"
            sealed = self.reviewed.sealed(evaluation_text(evaluation), recording_id, doing.tx, of=of)
            doing.tx.evaluations.save(replace(evaluation, sealed=sealed))
            before = [note for note in doing.tx.notes.of(recording_id) if note.about == evaluation.evaluation_id]
            doing.tx.notes.remove([note.note_id for note in before])
            if remark is not None and remark.strip():
                self.reviewed.write(doing, remark, about=evaluation.evaluation_id)
            doing.correlation = evaluation.evaluation_id
        return ShownEvaluation(evaluation=evaluation, remark=remark, own=True)

    def listed(
        self, actor: Actor, *, recording_id: RecordingId | None = None, agent: str | None = None, limit: int = MOST
    ) -> Sequence[Evaluation]:
        """Evaluations, the newest first, without their remarks."""
        with self.acts.perform(Act.EVALUATION_LIST, actor) as doing:
            agents = actor.agents
            if agent is not None:
                agents = frozenset({agent}) if agents is None else agents & {agent}
            found = doing.tx.evaluations.find(
                recording_id=recording_id,
                lines=actor.lines,
                agents=agents,
                made_by=None if actor.role is Role.SUPERVISOR else actor.account,
                limit=min(limit, MOST),
            )
            doing.count = len(found)
        return found

    def shown(self, actor: Actor, purpose: Purpose, evaluation_id: EvaluationId) -> ShownEvaluation:
        """One evaluation. Its remark comes with it as long as the call may be read for this purpose."""
        with self.acts.perform(Act.EVALUATION_SHOW, actor, purpose=purpose.value) as doing:
            evaluation = doing.tx.evaluations.get(evaluation_id)
            if evaluation is None or not _is_theirs(evaluation, actor):
                raise RefusedError((ActRefusal.UNKNOWN.value,), "no such evaluation, or none you may know of")
            doing.subject = evaluation_id
            remark = self._remark(doing, purpose, evaluation)
        return ShownEvaluation(evaluation=evaluation, remark=remark, own=evaluation.made_by == actor.account)

    def end_due(self, actor: Actor) -> int:
        """Destroy those whose own period is over, each an entry; how many (K6)."""
        ended = 0
        while True:
            with self.acts.perform(Act.EVALUATION_END, actor) as doing:
                due = doing.tx.evaluations.due(now=self.clock.now(), limit=_PORTION)
                for evaluation in due:
                    notes = doing.tx.notes.of(evaluation.recording_id)
                    doing.tx.notes.remove([note.note_id for note in notes if note.about == evaluation.evaluation_id])
                doing.tx.evaluations.remove([evaluation.evaluation_id for evaluation in due])
                doing.subjects, doing.silent = [evaluation.evaluation_id for evaluation in due], not due
            ended += len(due)
            if len(due) < _PORTION:
                return ended

    def _check(self, scores: Mapping[str, int]) -> None:
        known = {question.question_id for question in self.grid.questions}
        if unknown := sorted(scores.keys() - known):
            raise UsageError(f"no question of the grid: {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        if not scores or not all(self.grid.lowest <= score <= self.grid.highest for score in scores.values()):
            raise UsageError(f"an evaluation has at least one score, from {self.grid.lowest} to {self.grid.highest}")

    def _remark(self, doing: Doing, purpose: Purpose, evaluation: Evaluation) -> str | None:
        recording_id = evaluation.recording_id
        if not self.reviewed.open_to(doing.actor, purpose, recording_id, doing.tx):
            return None
        key = doing.tx.keys.get([recording_id]).get(recording_id)
        notes = [note for note in doing.tx.notes.of(recording_id) if note.about == evaluation.evaluation_id]
        return self.reviewed.text(notes[0], key) if notes else None


def _is_theirs(evaluation: Evaluation, actor: Actor) -> bool:
    if evaluation.altered or (actor.role is not Role.SUPERVISOR and evaluation.made_by != actor.account):
        return False
    return (actor.lines is None or evaluation.line in actor.lines) and (
        actor.agents is None or evaluation.agent_id in actor.agents
    )
