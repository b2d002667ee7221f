"""申报: from the announcement to the confirmed list (第四、七、十至十二、十五至十七条)."""

from applications.models.cycles import (
    Announcement,
    AnnouncementQuerySet,
    AwardCycle,
    AwardCycleQuerySet,
    CycleRules,
    CycleRulesQuerySet,
)
from applications.models.intake import (
    Application,
    ApplicationQuerySet,
    ApplicationVersion,
    Evidence,
    ReceiptCounter,
    Recommendation,
    RecommendationQuerySet,
    YearlyFigure,
)
from applications.models.screening import EligibilityCheck, EligibilityCheckQuerySet, EligibilityLine
from applications.models.units import (
    Applicant,
    ApplicantMembership,
    ApplicantMembershipQuerySet,
    ApplicantQuerySet,
    Department,
    DepartmentOfficer,
    DepartmentOfficerQuerySet,
    DepartmentQuerySet,
)

__all__ = [
    "Announcement",
    "AnnouncementQuerySet",
    "Applicant",
    "ApplicantMembership",
    "ApplicantMembershipQuerySet",
    "ApplicantQuerySet",
    "Application",
    "ApplicationQuerySet",
    "ApplicationVersion",
    "AwardCycle",
    "AwardCycleQuerySet",
    "CycleRules",
    "CycleRulesQuerySet",
    "Department",
    "DepartmentOfficer",
    "DepartmentOfficerQuerySet",
    "DepartmentQuerySet",
    "EligibilityCheck",
    "EligibilityCheckQuerySet",
    "EligibilityLine",
    "Evidence",
    "ReceiptCounter",
    "Recommendation",
    "RecommendationQuerySet",
    "YearlyFigure",
]
