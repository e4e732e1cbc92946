"""One transaction on a database."""

from sqlalchemy import Connection

from callwarden.adapters.sql.artefacts import ArtefactRows
from callwarden.adapters.sql.break_glass import BreakGlassRows
from callwarden.adapters.sql.certificates import CertificateRows
from callwarden.adapters.sql.closings import ClosingRows
from callwarden.adapters.sql.disclosures import DisclosureRows
from callwarden.adapters.sql.experiments import (
    ExperimentExportRows,
    ExperimentItemRows,
    ExperimentKeyRows,
    ExperimentRows,
)
from callwarden.adapters.sql.findable import FindableRows
from callwarden.adapters.sql.given_answers import GivenAnswerRows
from callwarden.adapters.sql.holds import CaseRows, HoldRows
from callwarden.adapters.sql.keys import KeyRows
from callwarden.adapters.sql.known_keys import KnownKeyRows
from callwarden.adapters.sql.landmarks import LandmarkRows
from callwarden.adapters.sql.objections import ObjectionRows
from callwarden.adapters.sql.origins import OriginRows
from callwarden.adapters.sql.other_keys import OtherKeyRows
from callwarden.adapters.sql.outbox import LogRows, OutboxRows
from callwarden.adapters.sql.outcomes import OutcomeRows
from callwarden.adapters.sql.permissions import PermissionRows
from callwarden.adapters.sql.placements import LabelRows, PlacementRows
from callwarden.adapters.sql.policy_changes import PolicyChangeRows
from callwarden.adapters.sql.receipts import ReceiptRows
from callwarden.adapters.sql.recordings import RecordingRows
from callwarden.adapters.sql.rectifications import NoticeRows, RectificationRows
from callwarden.adapters.sql.redactions import RedactionRows
from callwarden.adapters.sql.requests import RequestRows
from callwarden.adapters.sql.reviews import CourseRows, EvaluationRows, NoteRows
from callwarden.adapters.sql.rows import Session
from callwarden.adapters.sql.seals import RowSeals
from callwarden.adapters.sql.search import SearchRows
from callwarden.adapters.sql.set_aside import ActReasonRows, DeadLetterRows
from callwarden.adapters.sql.signing_in import AttemptRows, PersonRows, SessionRows
from callwarden.adapters.sql.tokens import TokenRows
from callwarden.adapters.sql.unapplied import UnappliedRows
from callwarden.adapters.sql.waiting import WaitingRows
from callwarden.adapters.sql.webhooks import WebhookDeliveryRows, WebhookRows
from callwarden.errors import CallwardenError


class SqlTransaction:
    """`callwarden.ports.catalogue.Transaction`. Made by `SqlCatalogue.transaction` and valid inside its block."""

    def __init__(self, connection: Connection, seals: RowSeals) -> None:
        self.session = session = Session(connection, seals)
        self.recordings = RecordingRows(session)
        self.artefacts = ArtefactRows(session)
        self.redactions = RedactionRows(session)
        self.search = SearchRows(session)
        self.findable = FindableRows(session)
        self.keys = KeyRows(session, self.search)
        self.other_keys = OtherKeyRows(session)
        self.known_keys = KnownKeyRows(session)
        self.outcomes = OutcomeRows(session)
        self.waiting = WaitingRows(session)
        self.dead_letters = DeadLetterRows(session)
        self.act_reasons = ActReasonRows(session)
        self.objections = ObjectionRows(session)
        self.cases = CaseRows(session)
        self.holds = HoldRows(session, self.recordings)
        self.placements = PlacementRows(session)
        self.labels = LabelRows(session)
        self.policy_changes = PolicyChangeRows(session)
        self.closings = ClosingRows(session)
        self.permissions = PermissionRows(session)
        self.requests = RequestRows(session)
        self.notices = NoticeRows(session)
        self.rectifications = RectificationRows(session)
        self.origins = OriginRows(session)
        self.receipts = ReceiptRows(session)
        self.given_answers = GivenAnswerRows(session)
        self.disclosures = DisclosureRows(session)
        self.notes = NoteRows(session)
        self.evaluations = EvaluationRows(session)
        self.courses = CourseRows(session)
        self.experiments = ExperimentRows(session)
        self.experiment_items = ExperimentItemRows(session)
        self.experiment_exports = ExperimentExportRows(session)
        self.experiment_keys = ExperimentKeyRows(session)
        self.unapplied = UnappliedRows(session)
        self.break_glass = BreakGlassRows(session)
        self.tokens = TokenRows(session)
        self.people = PersonRows(session)
        self.sessions = SessionRows(session)
        self.attempts = AttemptRows(session)
        self.webhooks = WebhookRows(session)
        self.webhook_deliveries = WebhookDeliveryRows(session)
        self.certificates = CertificateRows(session)
        self.landmarks = LandmarkRows(session)
        self.log = LogRows(session)
        self.outbox = OutboxRows(session)

    @property
    def failure(self) -> CallwardenError | None:
        """What went wrong first: nothing of this transaction may be committed any more."""
        return self.session.failure
