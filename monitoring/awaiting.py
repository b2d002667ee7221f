"""What awaits whom after the decision, as items of the desk; each kind costs one query, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from applications.models import ApplicantMembership
from award_portal import calendar, clock
from award_portal.desk import Item
from award_portal.periods import midnight
from award_portal.roles import in_force
from award_portal.wording import cn_date
from committee.models import GovernmentDecision
from monitoring import reports, units, voting
from monitoring.models import Award, Bonus, PerformanceReport, Recovery, Revocation

DESK_BEFORE = timedelta(days=60)


def secretariat(at: datetime) -> Iterator[Item]:
    """第十九至二十九条: to confer, to hand over, to pay, to read, to hear, to put forward, to recover."""
    today = clock.today(at)
    ready = GovernmentDecision.objects.filter(awards=None, document_on__lte=today).select_related("cycle")
    for decision in ready.filter(cycle__shortlist__nominations__state="approved").distinct():
        yield Item(
            f"授奖：{decision.cycle}",
            reverse("monitoring:confer", args=[decision.pk]),
            decision.document_number,
            article=19,
        )
    for award in Award.objects.filter(state="conferred", trophy_on=None).select_related("cycle"):
        yield Item(
            f"登记奖杯：{award.name}",
            reverse("monitoring:record_trophy", args=[award.pk]),
            str(award.cycle),
            article=19,
        )
    for bonus in Bonus.objects.filter(state="pending").select_related("award__cycle"):
        yield Item(
            f"拨付奖金：{bonus.award.name}",
            reverse("monitoring:pay", args=[bonus.pk]),
            str(bonus.award.cycle),
            article=20,
        )
    for report in PerformanceReport.objects.filter(state="submitted").select_related("award"):
        yield Item(
            f"审阅质量绩效报告：{report.award.name}", report.get_absolute_url(), f"第{report.number}份", article=24
        )
    texts = {"opened": "等待听取单位意见", "heard": "等待评委会表决后提请区政府"}
    for case in Revocation.objects.filter(state__in=texts).select_related("award"):
        yield Item(f"撤销事项：{case.award.name}", case.get_absolute_url(), texts[case.state], article=case.article)
    for recovery in Recovery.objects.filter(recovered_on=None).select_related("revocation__award"):
        case = recovery.revocation
        where = reverse("monitoring:recover", args=[recovery.pk])
        yield Item(
            f"收回{recovery.get_thing_display()}：{case.award.name}", where, case.document_number, article=case.article
        )


def laureate(user: Any, at: datetime) -> Iterator[Item]:
    """第二十四、二十八、二十九条: reports owed within two months or overdue, and cases to answer."""
    own = ApplicantMembership.objects.filter(in_force(at), user_id=user.pk, level__in=units.ACTING).values("applicant")
    today = clock.today(at)
    owed = PerformanceReport.objects.filter(
        award__applicant__in=own, state__in=reports.OWED, due_on__lte=today + DESK_BEFORE
    )
    if listed := list(owed.select_related("award__cycle").order_by("due_on")):
        known = calendar.current()
        for report in listed:
            last_day = reports.day_to_act(report, known)
            late = "，已逾期" if today > last_day else ""
            text = f"应于{cn_date(last_day)}前报送{late}" if report.state == "due" else f"已退回修改{late}"
            due_at = midnight(last_day + timedelta(days=1))
            yield Item(f"第{report.number}份质量绩效报告", report.get_absolute_url(), text, due_at=due_at, article=24)
    for case in Revocation.objects.filter(award__applicant__in=own, state="opened", stated_at=None).select_related(
        "award"
    ):
        yield Item("对撤销事项提交书面陈述", case.get_absolute_url(), case.get_ground_display(), article=case.article)


def member(user: Any, at: datetime) -> Iterator[Item]:
    """第七、二十八、二十九条: cases to vote on in the meeting where the member sits."""
    for case in voting.pending_for(user, at):
        yield Item(
            f"表决撤销事项：{case.award.name}", case.get_absolute_url(), case.get_ground_display(), article=case.article
        )


def government() -> Iterator[Item]:
    """第二十八、二十九条: cases that the committee has put to the government."""
    for case in Revocation.objects.filter(state="proposed").select_related("award"):
        yield Item(
            f"批准撤销：{case.award.name}", case.get_absolute_url(), case.get_ground_display(), article=case.article
        )
