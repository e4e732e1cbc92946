"""The desks of those who learn from calls: trainers, supervisors, and whoever reads figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwarden.wiring.part import part
from callwarden.wiring.requests import Requests

if TYPE_CHECKING:
    from callwarden.custody.figure_weeks import FigureWeeks
    from callwarden.desks.courses import CourseDesk
    from callwarden.desks.evaluations import EvaluationDesk
    from callwarden.desks.figures import FigureDesk
    from callwarden.desks.finding import FindDesk
    from callwarden.desks.notes import NoteDesk
    from callwarden.desks.reviewed import Reviewed
    from callwarden.desks.transcripts import TranscriptDesk


class Reviews(Requests):
    """The parts of one system that trainers and supervisors need; see `Parts`."""

    @part
    def find_desk(self) -> FindDesk:
        from callwarden.custody.finding import Finding
        from callwarden.desks.finding import FindDesk

        finding = Finding(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            decider=self.gate.decider,
            gate=self.gate,
        )
        return FindDesk(policy=self.policy, keys=self.keys, finding=finding)

    @part
    def reviewed(self) -> Reviewed:
        from callwarden.custody.recording_texts import RecordingTexts
        from callwarden.desks.reviewed import Reviewed

        texts = RecordingTexts(keys=self.keys, cipher=self.cipher)
        return Reviewed(decider=self.gate.decider, texts=texts, clock=self.clock)

    @part
    def note_desk(self) -> NoteDesk:
        from callwarden.desks.notes import NoteDesk

        return NoteDesk(acts=self.acts, reviewed=self.reviewed)

    @part
    def evaluation_desk(self) -> EvaluationDesk:
        from callwarden.adapters.policy.grid_file import load_grid
        from callwarden.desks.evaluations import EvaluationDesk
        from callwarden.shipped import shipped_config

        return EvaluationDesk(
            acts=self.acts,
            policy=self.policy,
            clock=self.clock,
            reviewed=self.reviewed,
            grid=load_grid(self.settings.evaluation or shipped_config() / "evaluation.yaml"),
        )

    @part
    def course_desk(self) -> CourseDesk:
        from callwarden.desks.courses import CourseDesk

        return CourseDesk(
            acts=self.acts,
            clock=self.clock,
            reviewed=self.reviewed,
            accounts_are_ours=self.settings.oidc_issuer is None,
        )

    @part
    def transcript_desk(self) -> TranscriptDesk:
        from callwarden.adapters.speech.codec import JsonTranscriptCodec
        from callwarden.desks.transcripts import TranscriptDesk

        return TranscriptDesk(gate=self.gate, codec=JsonTranscriptCodec())

    @part
    def figure_weeks(self) -> FigureWeeks:
        from callwarden.custody.figure_weeks import FigureWeeks

        return FigureWeeks(
            policy=self.policy,
            clock=self.clock,
            catalogue=self.catalogue,
            timekeeper=self.timekeeper,
            scribe=self.scribe,
        )

    @part
    def figure_desk(self) -> FigureDesk:
        from callwarden.desks.figures import FigureDesk

        return FigureDesk(acts=self.acts, policy=self.policy, weeks=self.figure_weeks)
