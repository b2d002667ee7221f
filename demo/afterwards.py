"""What became of the earlier cycle: reports filed, one late, one never; one award revoked under article 28."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from award_portal.periods import midnight
from committee import meetings
from committee.models import Meeting
from demo.story import Walk
from monitoring import approval, reports, revocations
from monitoring.models import Award, Recovery, Revocation


def _on(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return midnight(day) + timedelta(hours=hour, minutes=minute)


TEXTS = {
    "indicators": "主营业务收入比获奖年度增长9.2%，产品一次交验合格率由99.1%提高到99.4%。",
    "improvements": "完成质量攻关项目6项，新增过程控制点11处。",
    "bonus_use": "奖金用于检测设备更新和人员培训，已使用86,000.00元。",
    "sharing": "接待区内企业学习交流4次，参加质量月宣讲1次。",
}


def file_reports(walk: Walk, today: date) -> None:
    """第二十四条: the first laureate reports in time, the second late, the others not at all."""
    laureates = list(Award.objects.filter(cycle=walk.cycle).order_by("slot"))
    for award, delay in zip(laureates, (-20, 15), strict=False):
        report = award.reports.get(number=1)
        day = report.due_on + timedelta(days=delay)
        if day < today:
            owner = walk.owners[award.applicant.code]
            reports.file_report(report, by=owner, at=_on(day), **TEXTS)
            reports.accept_report(
                report, by=walk.cast.secretary, at=_on(day + timedelta(days=3)), comment="内容完整，予以接收。"
            )


def revoke_last(walk: Walk) -> None:
    """第二十八条: the last laureate's award is revoked for false material, fourteen months after it was conferred."""
    award = Award.objects.filter(cycle=walk.cycle).latest("slot")
    start, by = award.awarded_on + timedelta(days=420), walk.cast.secretary
    case = revocations.open_case(
        award,
        Revocation.Ground.FALSE_MATERIAL,
        "审计发现申报时提供的两份检验报告系伪造，经出具机构书面确认。",
        by=by,
        at=_on(start),
    )
    owner = walk.owners[award.applicant.code]
    revocations.plead(
        case, "检验报告由原质量负责人经手，我单位管理不严，愿接受处理。", by=owner, at=_on(start + timedelta(days=5))
    )
    revocations.hear(case, "已当面听取单位陈述，单位对事实无异议。", by=by, at=_on(start + timedelta(days=8)))
    meeting = meetings.call(
        walk.cycle, purpose=Meeting.Purpose.REVOCATION, title=f"撤销{award.name}奖项审议会", planned_for=_on(start + timedelta(days=15)),
        place="区政府三楼会议室", by=by, at=_on(start + timedelta(days=9)),
    )  # fmt: skip
    day = start + timedelta(days=15)
    for number, user in enumerate(walk.cast.members):
        meetings.sign_in(meeting, user.committee_seats.get(state="approved"), by=user, at=_on(day, 9, number))
    meetings.open_meeting(meeting, by=by, at=_on(day, 9, 20))
    for user in walk.cast.members:
        revocations.cast(case, "for", by=user, at=_on(day, 10))
    revocations.propose(case, meeting, by=by, at=_on(day, 11))
    meetings.close_meeting(meeting, by=by, at=_on(day, 11, 30))
    approved = day + timedelta(days=10)
    approval.approve(case, f"瀍政〔{approved.year}〕15号", approved, by=walk.cast.clerk, at=_on(approved, 16))
    for recovery in Recovery.objects.filter(revocation=case).exclude(thing="bonus"):
        revocations.recover(
            recovery, approved + timedelta(days=6), by=by, at=_on(approved + timedelta(days=6), 15), note="已交回"
        )
