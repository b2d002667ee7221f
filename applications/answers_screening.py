"""What the eligibility review answers when the ground floor asks: what awaits the second person, what a unit asked about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from applications import confirmed_list, letters, reconsideration  # noqa: F401  (the outbox's handlers)
from applications.models import Application, AwardCycle, EligibilityDecision, Recheck, RecheckLine, Reconsideration
from award_portal import desk, roles, views
from award_portal.roles import Role


@desk.items.plug
def decision_tasks(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十七条: conclusions that somebody else prepared, requests about the procedure, re-checks not finished."""
    if not roles.holds(user, Role.SECRETARIAT, at):
        return
    seen = Application.objects.visible_to(user).values("pk")
    related = ("application__applicant", "application__cycle")
    prepared = EligibilityDecision.objects.filter(state="proposed", application__in=seen).exclude(prepared_by=user)
    prepared = prepared.filter(application__state="submitted", application__cycle__state="announced")
    for row in prepared.select_related(*related):
        url = reverse("applications:screening", args=[row.application_id])  # type: ignore[attr-defined]
        yield desk.Item(f"审定资格结论：{row.application.applicant}", url, row.get_outcome_display(), None, 17)
    asked = Reconsideration.objects.filter(state="lodged", application__in=seen).exclude(decided_by=user)
    asked = asked.exclude(decision__prepared_by=user)
    for request in asked.select_related(*related):
        url = request.get_absolute_url()
        yield desk.Item(f"答复复核申请：{request.application.applicant}", url, "只审查程序。", None, 17)
    pending = RecheckLine.objects.filter(outcome="pending", application__state="accepted").values("recheck")
    for recheck in Recheck.objects.filter(pk__in=pending).select_related("cycle"):
        yield desk.Item(f"核定{recheck}", recheck.get_absolute_url(), "还有单位没有核完。", None, 11)


@views.overviews.plug
def rooms(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第十、十一、十七条: the matrix of the running cycle, its list and its re-checks among the secretariat's rooms."""
    for cycle in AwardCycle.objects.announced().prefetch_related("rechecks"):
        yield f"{cycle}资格审查矩阵", reverse("applications:matrix", args=[cycle.pk]), "各项条件 × 各单位"
        yield f"{cycle}符合资格名单", reverse("applications:confirmed_list", args=[cycle.pk]), "确认名单，下载PDF"
        last = next(iter(cycle.rechecks.all()), None)
        where = last.get_absolute_url() if last else reverse("admin:applications_recheck_changelist")
        yield f"{cycle}资格再核", where, f"{last.get_stage_display()}再核" if last else "尚未提请再核"
