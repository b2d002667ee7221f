"""合议: what a panel agrees, item by item; it is the official score (第十四条)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from award_portal.models import User
from review.models.scores import StageReview


class Consensus(models.Model):
    """合议: the official score of one item, recorded by the lead after discussion; never computed (第十四条)."""

    review = models.ForeignKey(StageReview, models.PROTECT, related_name="consensus", verbose_name="阶段评审")
    item = models.CharField("条款", max_length=8)
    percent = models.PositiveSmallIntegerField("得分率（%）")
    points = models.DecimalField("得分", max_digits=6, decimal_places=2)
    reason = models.TextField("合议说明", blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("时间")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "合议得分"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "item"], name="one_consensus_per_item"),
            models.CheckConstraint(
                condition=Q(percent__in=list(range(0, 101, 5))), name="consensus_percent_in_steps_of_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.percent}%"
