"""The verbs of the reports as people meet them (第十七、十九条)."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html

from applications.models import AwardCycle
from award_portal.confirmation import Verb
from review import feedback, feedback_contents, forms_reports, permissions_reports, reports
from review.models import Assignment


def _report(assignment: Assignment) -> str:
    return reverse("review:report", args=[assignment.pk])


def _preview(assignment: Assignment) -> str:
    return reverse("review:feedback", args=[assignment.pk])


def _list(cycle: AwardCycle) -> str:
    return reverse("review:feedback_list", args=[cycle.pk])


def _signing_facts(assignment: Assignment) -> list[tuple[str, Any]]:
    report = permissions_reports.report_of(assignment)
    said = [("单位", assignment.application.applicant.name), ("评审组", assignment.panel)]
    if report is None:
        return said
    missing = "、".join(seat.reviewer.user.name for seat in permissions_reports.unsigned(report))
    page = format_html('<a href="{}">全文</a>', _report(assignment))
    return [
        *said, ("总体评价", linebreaksbr(report.overall)), ("评审组建议", linebreaksbr(report.recommendation)),
        ("评审报告", page), ("待签名", missing or "无"),
    ]  # fmt: skip


SIGN_REPORT = Verb(
    "sign_report",
    "签署评审报告",
    may=permissions_reports.may_sign,
    act=reports.sign_report,
    article=17,
    form=forms_reports.SignReportForm,
    explain="请先阅读全文。全体评审组成员签署后报告定稿，系统生成PDF和Word文件；最后一人签署前组长可以收回修改，已签的须重新签署。",
    facts=_signing_facts,
    back=_report,
    done="评审报告已签署。",
    app="review",
)

TAKE_BACK_REPORT = Verb(
    "take_back_report",
    "收回修改",
    may=permissions_reports.may_take_back,
    act=reports.take_back_report,
    article=17,
    form=forms_reports.TakeBackForm,
    explain="收回后可以修改，已有的签名不再计算（留有记录），修改后由全体成员重新签署。",
    facts=_signing_facts,
    back=lambda assignment: reverse("review:write_report", args=[assignment.pk]),
    done="评审报告已收回，可以修改。",
    style="danger",
    app="review",
)

FINISH_REPORT = Verb(
    "finish_report",
    "评审报告定稿",
    may=permissions_reports.may_finish,
    act=reports.finish_report,
    article=17,
    explain="未签名的成员已离开评审组，其余成员都已签署。定稿后报告不能修改，系统生成PDF和Word文件。",
    facts=_signing_facts,
    back=_report,
    done="评审报告已定稿。",
    app="review",
    final=True,
)


def _release_facts(assignment: Assignment) -> list[tuple[str, Any]]:
    content = feedback_contents.content(assignment)
    out = [one for one in feedback_contents.held(assignment) if one.final]
    count = f"优势{len(content['strengths'])}条，改进空间{len(content['improvements'])}条，核实事项{len(content['points'])}条"
    told = [
        ("单位", assignment.application.applicant.name), ("总分区间", content["total"]), ("列入", count),
        ("预览", format_html('<a href="{}">查看将发出的内容</a>', _preview(assignment))),
    ]  # fmt: skip
    if out:
        told.append(("不列入", f"{len(out)}条{feedback_contents.BARRED}"))
    return told


RELEASE_FEEDBACK = Verb(
    "release_feedback",
    "发出反馈报告",
    may=permissions_reports.may_release,
    act=feedback.release_feedback,
    article=19,
    form=forms_reports.ReleaseForm,
    explain="反馈报告只有等级、得分区间、优势、改进空间和核实事项，没有评审人员姓名、个人评分、名次和评审组建议。发出后单位在申报页面下载，并收到邮件。",
    facts=_release_facts,
    back=lambda assignment: _list(assignment.application.cycle),
    done="反馈报告已发出。",
    app="review",
    final=True,
)


def _all_facts(cycle: AwardCycle) -> list[tuple[str, Any]]:
    return [("届次", cycle), ("名单和预览", format_html('<a href="{}">待发的单位</a>', _list(cycle)))]


RELEASE_ALL = Verb(
    "release_all_feedback",
    "发出全部反馈报告",
    may=permissions_reports.may_release_all,
    act=feedback.release_all,
    article=19,
    explain="一次发出本届所有待发的反馈报告。含有人员姓名、其他单位名称或者似乎谈到评分的条目都不列入；需要逐条核对的，请先单独发出。",
    facts=_all_facts,
    back=_list,
    done="反馈报告已全部发出。",
    app="review",
    final=True,
)

ON_REPORT: list[Verb] = [SIGN_REPORT, TAKE_BACK_REPORT, FINISH_REPORT]
