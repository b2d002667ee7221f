"""保密与公正承诺、利害关系申报: both stand before any file opens (第九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import Application, AwardCycle
from award_portal.lifecycle import Step, act, advance, discard, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import permissions
from review.models import Consensus, Declaration, PanelSeat, Pledge, ScoreSheet, StageReview

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
    declared = Declaration.objects.filter(user=by, application=application).first()
    if declared is not None:
        _check_change(declared, conflict)
    else:
        declared = Declaration(user=by, application=application)
    text = explanation.strip() if conflict else ""
    declared = store(declared, conflict=conflict, explanation=text, declared_at=at, clash="您已申报过，请刷新页面。")
    if conflict:
        for seat in PanelSeat.objects.filter(
            ended_at=None, reviewer__user=by, panel__assignments__application=application
        ):
            end_part(seat, "申报利害关系，回避", by=by, at=at, application=application)
    return declared


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
            for row in Consensus.objects.filter(review=review).order_by("pk"):
                discard(row)  # agreed with somebody who stands aside now: those who stay agree afresh
            advance(review, REOPEN, by=by, at=at)
