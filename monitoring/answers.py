"""What this stage answers when earlier ones ask: what stands against an application, what falls due, what is news."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from applications import eligibility_grounds, hints
from award_portal import desk, roles, views
from award_portal.periods import midnight
from award_portal.roles import Role
from award_portal.verdict import Verdict
from award_portal.wording import article_label
from committee import meetings
from committee.models import Meeting
from monitoring import approval, awaiting, bans, certificates, reports, voting  # noqa: F401  (approval, certificates: their PDFs)
from monitoring.models import Award, PerformanceReport, Revocation

NEWS = 3


@eligibility_grounds.grounds.plug
def banned(codes: Collection[str], on: date) -> Iterator[tuple[str, Verdict]]:
    """第二十八、二十九条: a unit whose award was revoked may not apply until the ban is over."""
    yield from bans.grounds(codes, on)


@eligibility_grounds.banned.plug
def barred(on: date) -> Iterator[tuple[str, str]]:
    """第二十八、二十九条: the units that are barred on a day, to be compared with those that apply."""
    yield from bans.in_force(on)


@meetings.unfinished.plug
def votes_under_way(meeting: Meeting, at: datetime) -> Iterator[str]:
    """第七条: whoever closes a meeting is told beforehand whose vote on a revocation is still missing."""
    yield from voting.under_way(meeting, at)


@views.due.plug
def reports_due(at: datetime) -> Iterator[Any]:
    """第二十四条: reminders of yearly reports."""
    if count := reports.remind(at):
        yield f"已提醒质量绩效报告{count}份"


@desk.items.plug
def to_do(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十九至二十九条: what awaits this person after the decision."""
    held = roles.of(user, at)
    if Role.SECRETARIAT in held:
        yield from awaiting.secretariat(at)
    if Role.APPLICANT in held:
        yield from awaiting.laureate(user, at)
    if Role.MEMBER in held:
        yield from awaiting.member(user, at)
    if Role.GOVERNMENT in held:
        yield from awaiting.government()


@desk.shortcuts.plug
def rooms(user: Any, at: datetime) -> Iterator[tuple[str, str]]:
    """第二十四、二十八条: the pages that people of this stage use."""
    held = roles.of(user, at)
    if held & {Role.SECRETARIAT, Role.AUDITOR}:
        yield "授奖与证书", reverse("monitoring:awards")
    if held & {Role.SECRETARIAT, Role.AUDITOR} or PerformanceReport.objects.visible_to(user).exists():
        yield "质量绩效报告", reverse("monitoring:reports")
    if held & {Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR}:
        yield "撤销事项", reverse("monitoring:revocations")


@views.overviews.plug
def overviews(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第十九至二十九条: the secretariat's rooms of this stage."""
    yield "授奖与证书", reverse("monitoring:awards"), "授奖、奖杯、奖金、证书（第十九、二十条）。"
    yield "质量绩效报告", reverse("monitoring:reports"), "获奖后每年一份（第二十四条）。"
    yield "撤销事项", reverse("monitoring:revocations"), "立案、听取意见、表决、批准、收回（第二十八、二十九条）。"


@views.front_page.plug
def news(at: datetime) -> Iterator[tuple[str, str, str, datetime]]:
    """第十九、二十八、二十九条: the last conferrals and revocations, on the public home page."""
    seen: dict[int, Award] = {}
    for award in Award.objects.select_related("cycle", "decision").order_by("-awarded_on", "slot"):
        seen.setdefault(award.cycle_id, award)
        if len(seen) >= NEWS:
            break
    for award in seen.values():
        where = f"{reverse('monitoring:laureates')}#year-{award.cycle.year}"
        yield (
            f"{award.cycle.year}年获奖单位名册",
            where,
            f"依据{award.decision.document_number}。",
            midnight(award.awarded_on),
        )
    cases = Revocation.objects.filter(state=Revocation.State.APPROVED).select_related("award__cycle")
    for case in cases.order_by("-notice_at")[:NEWS]:
        where = reverse("monitoring:revocation_notice", args=[case.pk])
        yield (
            f"关于撤销{case.award.name}奖项的公告",
            where,
            f"依据{article_label(case.article)}。",
            case.notice_at or at,
        )


@hints.earlier_awards.plug
def earlier_awards(codes: Collection[str]) -> Iterator[tuple[str, str]]:
    """第四、二十九条: which of these units won before; a fact for the person who screens, and no conclusion."""
    for award in Award.objects.filter(applicant__code__in=codes).select_related("applicant", "cycle").order_by("pk"):
        yield award.applicant.code, f"曾获{award.cycle}区长质量奖（{award.get_state_display()}）"
