"""call.objected, call.objection_withdrawn, call.monitored → the recordings they concern (R2, R3, R4)."""

from pipeline.steps.objections.desk import Applied, ObjectionDesk
from pipeline.steps.objections.step import Objections

__all__ = ["Applied", "ObjectionDesk", "Objections"]
