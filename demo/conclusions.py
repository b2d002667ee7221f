"""What the panels of the demo write and sign when both stages are done, and what the units are told: invented, believable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from applications.models import AwardCycle
from review import feedback, report_contents, reports
from review.models import Assignment, Finding

KEY = 4  # so many strengths and as many rooms for improvement carry their meaning
MEANINGS = {
    Finding.Kind.STRENGTH.value: (
        "方法已成为单位的日常做法，可以作为本行业的推广案例。", "直接支撑了近三年顾客满意和合格率的提升。",
        "使各部门的目标与战略一致，减少了重复投入。", "为持续改进提供了可靠的数据基础。",
    ),
    Finding.Kind.IMPROVEMENT.value: (
        "补上后，可以更早发现波动，减少质量损失。", "有助于把单项改进变成全单位的共同做法。",
        "与标杆的差距看得清，资源投向才准。", "关系到下一轮战略目标能否按期达成。",
    ),
}  # fmt: skip
WORDS = {
    "overall": "该单位以战略引领质量管理，领导层亲自推动，过程方法系统、展开充分，关键绩效连续三年向好。\n"
    "数据的收集和使用已成习惯，但对比数据的来源和改进成果的横向推广仍是贯穿各类目的共同课题。",
    "strengths": "战略清晰，过程方法系统，关键指标持续改善。",
    "improvements": "对比数据和改进成果推广尚有提升空间。",
    "recommendation": "评审组建议提交评委会审议。",
}
DISSENT = "结果类条款的对比数据来源较少，本人认为4.7.2的得分率可再低一档；其余同意。"


def report(assignment: Assignment, team: Sequence[Any], at: datetime, *, differs: bool = False) -> None:
    """第十七条: this function will let the lead write and sign the unit's report, and then everybody else of the panel."""
    application, lead = assignment.application, team[0]
    profile = (
        f"{application.applicant.name}主要从事{application.products or '本行业产品的生产和服务'}，"
        f"{application.get_size_display() if application.size else ''}企业。顾客对交付稳定性和一致性要求高，"
        "同行竞争集中在质量和交期；原材料价格波动、技能人员接续是当前主要的战略挑战。"
    )
    reports.write_report(assignment, WORDS | {"profile": profile}, meanings(assignment), by=lead, at=at)
    for place, user in enumerate(team):
        dissent = DISSENT if differs and place == len(team) - 1 else ""
        reports.sign_report(assignment, user.name, dissent, by=user, at=at + timedelta(hours=place))


def meanings(assignment: Assignment) -> dict[int, str]:
    """第十七条: this function will say of the first findings of each kind what they mean for the unit."""
    said: dict[int, str] = {}
    for kind, texts in MEANINGS.items():
        rows = [one for one in report_contents.remarks(assignment) if one.kind == kind][:KEY]
        said |= {one.key: text for one, text in zip(rows, texts, strict=False)}
    return said


def tell_units(cycle: AwardCycle, *, by: Any, at: datetime) -> None:
    """第十九条: this function will tell every reviewed unit what its review found."""
    feedback.release_all(cycle, by=by, at=at)
