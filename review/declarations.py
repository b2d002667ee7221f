"""保密与公正承诺、利害关系申报: both stand before any file opens (第九条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from applications.models import Application, AwardCycle
from award_portal.lifecycle import Step, act, advance, lock, store, store_all
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import merging, permissions, permissions_pool
from review.models import Declaration, PanelSeat, Pledge, ScoreSheet, StageReview

WHO_DECLARES = (Role.REVIEWER, Role.MEMBER, Role.SECRETARIAT)

PLEDGE_TEXT = (
    "本人参加本届区长质量奖评审工作，郑重承诺：\n"
    "一、遵守《办法》和评审纪律，独立、客观、公正地履行职责，不受任何单位和个人影响。\n"
    "二、对申报材料、评分情况、讨论内容和评审结果严格保密，不复制、不外传，不用于评审以外的用途。\n"
    "三、如实申报与申报单位的利害关系，主动回避，不接受申报单位的礼品、宴请和其他利益。\n"
    "四、违反承诺的，接受批评、警告或者取消评审资格的处理。"
)

VOID = Step(("open", "locked"), "void", 9)
REOPEN = Step(("consensus",), "open", 9)


@act("签署保密与公正承诺书", 9, role=WHO_DECLARES)
def sign_pledge(cycle: AwardCycle, signed_name: str, *, by: Any, at: datetime) -> Pledge:
    """Article 9: sign the pledge of secrecy and fairness, once per cycle, with one's own name."""
    require(permissions.may_pledge(by, lock(cycle), at))
    name = signed_name.strip()
    if name != by.name:
        raise Refused("签名须与您的账号姓名一致。", 9, "signed_name")
    pledge = Pledge(user=by, cycle=cycle, text=PLEDGE_TEXT, signed_name=name, signed_at=at)
    return store(pledge, clash="您已签署本届承诺书。")


@act("申报利害关系", 9, role=WHO_DECLARES)
def declare(application: Application, conflict: bool, explanation: str = "", *, by: Any, at: datetime) -> Declaration:
    """Article 9: say whether one has an interest in this unit. A conflict removes reading and scoring at once and stays."""
    lock(application)
    if conflict and not explanation.strip():
        raise Refused("有利害关系的，请说明情况。", 9, "explanation")
    if not conflict:
        require(permissions_pool.bodies_declared(by, [application]))
    declared = Declaration.objects.filter(user=by, application=application).first()
    if declared is not None:
        _check_change(declared, conflict)
    else:
        declared = Declaration(user=by, application=application)
    text = explanation.strip() if conflict else ""
    declared = store(declared, conflict=conflict, explanation=text, declared_at=at, clash="您已申报过，请刷新页面。")
    if conflict:
        _stand_aside(application, by, at)
    return declared


def _stand_aside(application: Application, by: Any, at: datetime) -> None:
    seats = PanelSeat.objects.filter(ended_at=None, reviewer__user=by, panel__assignments__application=application)
    for seat in seats:
        end_part(seat, "申报利害关系，回避", by=by, at=at, application=application)


@act("逐单位申报利害关系", 9, role=WHO_DECLARES)
def declare_all(
    cycle: AwardCycle, answers: Mapping[int, tuple[bool, str]], *, by: Any, at: datetime
) -> list[Declaration]:
    """Article 9: say for many units of a cycle at once whether one has an interest: {unit's key: (conflict, explanation)}.

    What was declared before stays as it is; a conflict that has arisen since is added the same way.
    """
    require(permissions.may_declare_all(by, lock(cycle), at))
    units = {unit.pk: unit for unit in permissions.declarable(by, cycle, at).select_related("applicant")}
    if set(answers) - set(units):
        raise Refused("名单已有变化，请刷新页面后重新申报。", 9)
    require(permissions_pool.bodies_declared(by, [units[pk] for pk, (conflict, _) in answers.items() if not conflict]))
    said = {row.application_id: row for row in Declaration.objects.filter(user=by, application__in=units)}
    rows = []
    for pk, (conflict, explanation) in answers.items():
        row = said.get(pk) or Declaration(user=by, application=units[pk])
        text = explanation.strip() if conflict else ""
        if row.pk is not None and (row.conflict or not conflict):
            if row.conflict != conflict:
                raise Refused(f"您对{units[pk].applicant.name}已申报有利害关系并回避，不能改回。", 9, f"conflict-{pk}")
            continue
        if conflict and not text:
            raise Refused(f"请说明与{units[pk].applicant.name}的利害关系。", 9, f"explanation-{pk}")
        row.conflict, row.explanation, row.declared_at = conflict, text, at
        rows.append(row)
    if rows:
        fields = ["user_id", "application_id", "conflict", "explanation", "declared_at"]
        store_all(rows, fields, clash="您已申报过，请刷新页面。")
    for row in rows:
        if row.conflict:
            _stand_aside(units[row.application_id], by, at)
    return rows


def _check_change(declared: Declaration, conflict: bool) -> None:
    if declared.conflict:
        raise Refused("您已申报有利害关系并回避，不能改回。", 9)
    if not conflict:
        raise Refused("您已申报与该单位无利害关系。", 9)


def end_part(seat: PanelSeat, reason: str, *, by: Any, at: datetime, application: Application | None = None) -> None:
    """第九、二十六条: this function will void the seat's sheets in stages that are not concluded, of one unit or of all.

    It runs inside the acts that end a part. A consensus that rests on a voided sheet goes back to individual scoring.
    """
    lock(seat.panel)
    reviews = StageReview.objects.filter(sheets__seat=seat).exclude(state=StageReview.State.CONCLUDED)
    if application is not None:
        reviews = reviews.filter(assignment__application=application)
    for review in reviews.order_by("pk"):
        lock(review)
        if review.state == StageReview.State.CONCLUDED:
            continue
        for sheet in ScoreSheet.objects.filter(review=review, seat=seat).exclude(state=ScoreSheet.State.VOID):
            advance(sheet, VOID, by=by, at=at, void_reason=reason[:200])
        if review.state == StageReview.State.CONSENSUS:
            merging.forget(review)
            advance(review, REOPEN, by=by, at=at)
