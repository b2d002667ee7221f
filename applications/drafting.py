"""What holds for every change of a draft or an open correction: who may, what is open, what a change takes with it (第十六、十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import letters, permissions
from applications.materials import BY_CODE, digest_of
from applications.models import Application, Recommendation
from applications.recommending import VOID
from award_portal.lifecycle import advance, lock
from award_portal.verdict import Refused, require

S = Application.State
R = Recommendation.State


def opened(application: Application, by: Any, at: datetime) -> Application:
    """第十六、十七条: this function will lock the application for a change and ask whether this person may make one now."""
    lock(application)
    require(permissions.may_fill(by, application, at))
    return application


def within_correction(application: Application, sections: set[str]) -> None:
    """第十七条: this function will refuse a change outside the sections that a correction lists."""
    if application.state != S.RETURNED:
        return
    outside = sections - set(application.correction_sections)
    if outside:
        titles = "、".join(title for code, title in BY_CODE.items() if code in outside)
        raise Refused(f"补正只限通知列明的内容，“{titles}”不在其中。", 17)


def touched(application: Application, by: Any, at: datetime) -> Application:
    """第十六条: this function will void the recommendations that no longer hold: each is bound to what its department read."""
    if application.state != S.DRAFT:
        return application
    bound = list(application.recommendations.filter(state__in=[R.SIGNED, R.REQUESTED]).select_related("department"))
    digest = digest_of(application) if bound else ""
    for recommendation in bound:
        if recommendation.manifest_hash != digest:
            _void(application, recommendation, by, at)
    return application


def _void(application: Application, recommendation: Recommendation, by: Any, at: datetime) -> None:
    done = "签署推荐意见" if recommendation.state == R.SIGNED else "收到推荐请求"
    advance(recommendation, VOID, by=by, at=at)
    key = f"recommendation-void:{recommendation.pk}"
    text = f"{application.applicant}的申报材料在{recommendation.department}{done}之后有修改，原推荐事项已失效（第十六条）。"
    letters.to_unit(application, "推荐事项已失效", text + "请重新提请推荐。", key=key, at=at)
    letters.to_department(recommendation.department, "推荐事项已失效", text, "/desk/", key=key, at=at)
