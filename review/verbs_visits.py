"""The verbs of a visit as people meet them (第十四、十七条)."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse

from award_portal.confirmation import ReasonForm, Verb
from review import forms_visits, permissions_visits, visiting
from review.models import SiteVisit, VisitPoint


def _facts(visit: SiteVisit) -> list[tuple[str, Any]]:
    application = visit.review.assignment.application
    return [("单位", application.applicant.name), ("日期", visit.span), ("地点", visit.place)]


def _results(visit: SiteVisit) -> list[tuple[str, Any]]:
    points = list(visit.points.all())
    counted = [
        f"{label}{count}项"
        for value, label in [*VisitPoint.Result.choices, ("", "还没有核实")]
        if (count := sum(point.result == value for point in points))
    ]
    closing = linebreaksbr(visit.closing, autoescape=True) if visit.closing else "还没有填写"
    return [*_facts(visit), ("核实事项", "，".join(counted) or "无"), ("末次会议反馈", closing)]


MOVE = Verb(
    "move_visit",
    "现场改期",
    may=permissions_visits.may_move,
    act=visiting.move,
    article=14,
    form=forms_visits.MoveForm,
    explain="申报单位、评审组成员和陪同人员会收到通知。日程随日期移动；天数变了的，按天数重新生成。",
    facts=_facts,
    done="现场已改期，已通知申报单位和评审组。",
    style="secondary",
    app="review",
)

COMPANION = Verb(
    "set_companion",
    "确定陪同人员",
    may=permissions_visits.may_arrange,
    act=visiting.set_companion,
    article=14,
    form=forms_visits.CompanionForm,
    explain="陪同人员须已签署承诺书并申报与该单位无利害关系。陪同人员不评分，不填写现场记录。",
    facts=_facts,
    done="陪同人员已确定。",
    style="secondary",
    app="review",
)

ADD_POINT = Verb(
    "add_visit_point",
    "增加核实事项",
    may=permissions_visits.may_write,
    act=visiting.add_point,
    article=14,
    form=forms_visits.PointForm,
    explain="增加后全组都能看到，结束现场前须有核实情况。",
    facts=_facts,
    done="已增加核实事项。",
    style="secondary",
    app="review",
)

CLOSE = Verb(
    "close_visit",
    "结束现场",
    may=permissions_visits.may_close,
    act=visiting.close_visit,
    article=14,
    explain="末次会议之后办理。结束后笔记、记录、照片和核实情况不再改动，评审组成员逐一签名。",
    facts=_results,
    done="现场已结束，请评审组成员签名。",
    app="review",
)

REOPEN = Verb(
    "reopen_visit",
    "重新打开现场记录",
    may=permissions_visits.may_reopen,
    act=visiting.reopen_visit,
    article=14,
    form=ReasonForm,
    explain="记录有误时办理。已有的签名留存，但不再有效，再次结束后须重新签名。",
    facts=_facts,
    done="现场记录已重新打开。",
    style="danger",
    app="review",
)

SIGN = Verb(
    "sign_visit",
    "签署现场记录",
    may=permissions_visits.may_sign,
    act=visiting.sign_visit,
    article=17,
    form=forms_visits.SignVisitForm,
    explain="签名表示核实情况和末次会议反馈是评审组现场所见。全体签名后才能完成现场评审的合议。",
    facts=_results,
    done="已签名。",
    app="review",
    final=True,
)

REMOVE_PHOTO = Verb(
    "remove_visit_photo",
    "移除照片",
    may=permissions_visits.may_remove,
    act=visiting.remove_photo,
    article=14,
    form=forms_visits.RemovePhotoForm,
    explain="移除后照片不再显示，记录和原因留存。",
    facts=lambda photo: [("照片", photo), ("条款", photo.item or "整体")],
    back=lambda photo: reverse("review:visit_part", args=[photo.visit_id, photo.item or "all"]),
    done="照片已移除。",
    style="danger",
    app="review",
)

ON_VISIT: list[Verb] = [SIGN, CLOSE, ADD_POINT, MOVE, COMPANION, REOPEN]
