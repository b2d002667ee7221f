"""What a unit is told of its review: no name, no single score, no rank, no recommendation (第十四条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from applications.models import ApplicantMembership
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from award_portal.roles import Role
from review.models.panels import Assignment


class FeedbackReportQuerySet(Visible):
    """Feedback as people ask for it."""

    def visible_to(self, user: Any) -> FeedbackReportQuerySet:
        """第九、十四条: the unit's own people; the secretariat where its papers are open to it; auditors. Nobody of the panel."""
        from review import permissions

        if not getattr(user, "is_authenticated", False):
            return self.none()
        at = clock.now()
        held = roles.of(user, at)
        mine = ApplicantMembership.objects.filter(user=user, applicant=OuterRef("assignment__application__applicant"))
        condition = Q(Exists(mine.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at)))
        if Role.AUDITOR in held:
            condition |= ~Q(Exists(mine))
        elif Role.SECRETARIAT in held:
            condition |= ~Q(Exists(mine)) & Q(assignment__application__in=permissions.cleared(user))
        return self.filter(condition)


class FeedbackReport(models.Model):
    """反馈报告: released by the secretariat after the decision, kept as it was released (第十四、十九条)."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="feedback", verbose_name="评审任务")
    content = models.JSONField("内容")  # as feedback_contents.content gave it on the day
    released_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发出人")
    released_at = models.DateTimeField("发出时间")
    document = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="PDF"
    )

    objects = FeedbackReportQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "反馈报告"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.assignment.application.applicant}评审反馈报告"

    def get_absolute_url(self) -> str:
        """This function will give the address of the file."""
        return reverse("review:feedback_file", args=[self.pk])
