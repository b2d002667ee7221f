"""评委会: what is decided and made public (第五至七、十八、十九条)."""

from committee.models.members import Attendance, Meeting, MeetingQuerySet, Member, MemberQuerySet
from committee.models.publicity import (
    GovernmentDecision,
    GovernmentDecisionQuerySet,
    NoticeEntry,
    Objection,
    ObjectionQuerySet,
    PublicNotice,
    PublicNoticeQuerySet,
)
from committee.models.votes import (
    Ballot,
    BallotItem,
    BallotQuerySet,
    Nomination,
    NominationQuerySet,
    Shortlist,
    ShortlistQuerySet,
    Turnout,
    Vote,
)

__all__ = [
    "Attendance",
    "Ballot",
    "BallotItem",
    "BallotQuerySet",
    "GovernmentDecision",
    "GovernmentDecisionQuerySet",
    "Meeting",
    "MeetingQuerySet",
    "Member",
    "MemberQuerySet",
    "Nomination",
    "NominationQuerySet",
    "NoticeEntry",
    "Objection",
    "ObjectionQuerySet",
    "PublicNotice",
    "PublicNoticeQuerySet",
    "Shortlist",
    "ShortlistQuerySet",
    "Turnout",
    "Vote",
]
