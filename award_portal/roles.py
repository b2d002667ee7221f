"""Who does what (第五、六、九、十六、十七、十九条).

An applicant's people fill in and submit; a department's officers recommend and answer eligibility checks; the secretariat
runs the cycle and never scores or votes; reviewers score; committee members decide and vote; the government's clerk records
what the standing meeting decided; auditors read everything and change nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from award_portal.models import User


class Role(models.TextChoices):
    APPLICANT = "applicant", "申报单位"
    DEPARTMENT = "department", "有关部门"
    SECRETARIAT = "secretariat", "秘书处"
    REVIEWER = "reviewer", "评审人员"
    MEMBER = "member", "评委"
    GOVERNMENT = "government", "区政府办"
    AUDITOR = "auditor", "审计监督"


# Article 8 and separation of duties: whoever holds one of a pair may not be granted the other.
INCOMPATIBLE: frozenset[frozenset[str]] = frozenset(
    frozenset(pair)
    for pair in (
        (Role.SECRETARIAT, Role.APPLICANT),
        (Role.SECRETARIAT, Role.REVIEWER),
        (Role.SECRETARIAT, Role.MEMBER),
        (Role.SECRETARIAT, Role.AUDITOR),
        (Role.SECRETARIAT, Role.GOVERNMENT),
        (Role.AUDITOR, Role.APPLICANT),
        (Role.AUDITOR, Role.DEPARTMENT),
        (Role.AUDITOR, Role.REVIEWER),
        (Role.AUDITOR, Role.MEMBER),
        (Role.AUDITOR, Role.GOVERNMENT),
        (Role.DEPARTMENT, Role.APPLICANT),
        (Role.GOVERNMENT, Role.APPLICANT),
    )
)


def in_force(at: datetime) -> Q:
    """This function will give the condition for grants in force at `at`: [starts_at, ends_at)."""
    return Q(starts_at__lte=at) & (Q(ends_at=None) | Q(ends_at__gt=at))


def of(user: Any, at: datetime) -> set[str]:
    """This function will give the roles that `user` holds at `at`; one query per user object and moment."""
    if user is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        return set()
    kept: dict[datetime, set[str]] = user.__dict__.setdefault("_roles_at", {})
    if at not in kept:
        kept[at] = set(user.grants.filter(in_force(at)).values_list("role", flat=True))
    return kept[at]


def holds(user: Any, role: str, at: datetime) -> bool:
    """This function will say whether `user` holds `role` at `at`."""
    return role in of(user, at)


def holders(role: str, at: datetime) -> models.QuerySet[User]:
    """This function will give the active people who hold `role` at `at`."""
    from award_portal.models import RoleGrant, User

    return User.objects.filter(is_active=True, pk__in=RoleGrant.objects.filter(in_force(at), role=role).values("user"))
