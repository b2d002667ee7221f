"""评审: what the reviewers find (第八、九、十三、十四、十七、二十六条)."""

from review.models.bodies import BodyContract, BodyDeclaration, BodyPledge, ReviewBody
from review.models.consensus import Absence, AbsenceQuerySet, Consensus, ConsensusFinding, PointToVerify, points_of
from review.models.discipline import Complaint, ComplaintQuerySet, Discipline, Referral, ScoreVoiding
from review.models.draws import Draw, DrawOutcome, SeatChange
from review.models.feedback import FeedbackReport
from review.models.findings import Finding, FindingQuerySet, SheetUnmerged
from review.models.panels import (
    Assignment,
    AssignmentQuerySet,
    Declaration,
    Panel,
    PanelQuerySet,
    PanelSeat,
    PanelSeatQuerySet,
    Pledge,
)
from review.models.pool import (
    Engagement,
    EngagementQuerySet,
    PoolImport,
    RecordConfirmation,
    Reviewer,
    ReviewerQuerySet,
)
from review.models.reports import ReportSignature, ReviewReport, ReviewReportQuerySet
from review.models.scores import Score, ScoreSheet, ScoreSheetQuerySet, StageReview, StageReviewQuerySet
from review.models.sheet_versions import SheetReopening, SheetReopeningQuerySet, SheetVersion
from review.models.visits import (
    SiteVisit,
    SiteVisitQuerySet,
    VisitEntry,
    VisitMove,
    VisitNote,
    VisitPhoto,
    VisitPoint,
    VisitSignature,
    VisitUnmerged,
)

__all__ = [
    "Absence",
    "AbsenceQuerySet",
    "Assignment",
    "AssignmentQuerySet",
    "BodyContract",
    "BodyDeclaration",
    "BodyPledge",
    "Complaint",
    "ComplaintQuerySet",
    "Consensus",
    "ConsensusFinding",
    "Declaration",
    "Discipline",
    "Draw",
    "DrawOutcome",
    "Engagement",
    "EngagementQuerySet",
    "FeedbackReport",
    "Finding",
    "FindingQuerySet",
    "Panel",
    "PanelQuerySet",
    "PanelSeat",
    "PanelSeatQuerySet",
    "Pledge",
    "PointToVerify",
    "PoolImport",
    "RecordConfirmation",
    "Referral",
    "ReportSignature",
    "ReviewBody",
    "ReviewReport",
    "ReviewReportQuerySet",
    "Reviewer",
    "ReviewerQuerySet",
    "Score",
    "ScoreSheet",
    "ScoreSheetQuerySet",
    "ScoreVoiding",
    "SeatChange",
    "SheetReopening",
    "SheetReopeningQuerySet",
    "SheetUnmerged",
    "SheetVersion",
    "SiteVisit",
    "SiteVisitQuerySet",
    "StageReview",
    "StageReviewQuerySet",
    "VisitEntry",
    "VisitMove",
    "VisitNote",
    "VisitPhoto",
    "VisitPoint",
    "VisitSignature",
    "VisitUnmerged",
    "points_of",
]
