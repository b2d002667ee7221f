"""评审: what the reviewers find (第八、九、十三、十四、十七、二十六条)."""

from review.models.consensus import Consensus
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
from review.models.pool import Discipline, Reviewer, ReviewerQuerySet
from review.models.reports import ReviewReport
from review.models.scores import Score, ScoreSheet, ScoreSheetQuerySet, StageReview, StageReviewQuerySet

__all__ = [
    "Assignment",
    "AssignmentQuerySet",
    "Consensus",
    "Declaration",
    "Discipline",
    "Panel",
    "PanelQuerySet",
    "PanelSeat",
    "PanelSeatQuerySet",
    "Pledge",
    "ReviewReport",
    "Reviewer",
    "ReviewerQuerySet",
    "Score",
    "ScoreSheet",
    "ScoreSheetQuerySet",
    "StageReview",
    "StageReviewQuerySet",
]
