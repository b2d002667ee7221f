"""The verbs of a score sheet as people meet them (第十七条)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from award_portal.confirmation import ReasonForm, Verb
from award_portal.wording import score
from review import forms_sheets, permissions, permissions_sheets, reopenings, sheets
from review.models import ScoreSheet, SheetReopening
from review.workspace import Desk


def _sheet_facts(sheet: ScoreSheet) -> list[tuple[str, Any]]:
    missing = sheets.unfinished_items(sheet)
    desk = Desk.of(sheet)
    hints = [*desk.warned.whole, *(f"{code}：{line}" for code, lines in desk.warned.items.items() for line in lines)]
    total = sum((row.points or Decimal(0) for row in desk.scores.values()), Decimal(0))
    return [
        ("单位", sheet.review.assignment.application.applicant.name),
        ("阶段", sheet.review.get_stage_display()),
        ("未填完的条款", "、".join(missing) if missing else "无"),
        ("总分", "填完后计算" if missing else f"{score(total)}分"),
        ("提示（不影响锁定）", "".join(hints) if hints else "无"),
    ]


LOCK = Verb(
    "lock_sheet",
    "锁定评分表",
    may=permissions.may_score,
    act=sheets.lock_sheet,
    article=17,
    form=forms_sheets.SignSheetForm,
    explain="锁定后您可以看到其他评审人员已锁定的评分表。合议开始前发现错误的，可以写明原因申请更正，批准后另存新的版本。",
    facts=_sheet_facts,
    done="评分表已锁定。",
    app="review",
    final=True,
)

REQUEST_REOPENING = Verb(
    "request_reopening",
    "申请更正",
    may=permissions_sheets.may_request_reopening,
    act=reopenings.request_reopening,
    article=17,
    form=forms_sheets.ReopeningForm,
    explain="由组长批准；组长本人的由秘书处批准。批准后评分表重新打开，改完再次签名锁定，原来的版本保留。",
    facts=lambda sheet: [
        ("单位", sheet.review.assignment.application.applicant.name),
        ("阶段", sheet.review.get_stage_display()),
    ],
    done="更正申请已提交。",
    style="secondary",
    app="review",
)


def _asked(asked: SheetReopening) -> list[tuple[str, Any]]:
    return [
        ("单位", asked.sheet.review.assignment.application.applicant.name),
        ("申请人", asked.requested_by),
        ("更正原因", asked.reason),
    ]


APPROVE_REOPENING = Verb(
    "approve_reopening",
    "批准更正",
    may=permissions_sheets.may_decide_reopening,
    act=reopenings.approve_reopening,
    article=17,
    explain="评分表重新打开，由本人修改后再次锁定。已锁定的版本保留，不会被覆盖。",
    facts=_asked,
    done="已批准更正。",
    app="review",
)

REFUSE_REOPENING = Verb(
    "refuse_reopening",
    "不批准",
    may=permissions_sheets.may_decide_reopening,
    act=reopenings.refuse_reopening,
    article=17,
    form=ReasonForm,
    facts=_asked,
    done="已作出决定。",
    style="secondary",
    app="review",
)

ON_REOPENING = [APPROVE_REOPENING, REFUSE_REOPENING]
