"""推荐意见: asked of a department, signed or refused by its officer, bound to what it read (第十六条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from applications import letters, permissions
from applications.materials import digest_of, missing_content, window_open
from applications.models import Application, Department, Recommendation
from award_portal import files
from award_portal.lifecycle import Step, act, advance, lock, store, store_all
from award_portal.models import StoredFile
from award_portal.roles import Role
from award_portal.verdict import Refused, require

R = Recommendation.State
SIGN = Step((R.REQUESTED,), R.SIGNED, article=16)
REFUSE = Step((R.REQUESTED,), R.REFUSED, article=16)
VOID = Step((R.REQUESTED, R.SIGNED, R.REFUSED), R.VOID, article=16)


@act("提请推荐", 16)
def request_recommendation(
    application: Application, department: Department, *, by: Any, at: datetime
) -> Recommendation:
    """第十六条: this function will ask a department for its recommendation, once the materials are complete.

    A department that refused may be asked again when the materials have changed since.
    """
    lock(application)
    require(permissions.may_request(by, application, at))
    require(window_open(application.cycle, at))
    if not department.active:
        raise Refused("该部门已停用，请选择其他部门。", 16, "department")
    lacking = list(missing_content(application))
    if lacking:
        raise Refused(f"请先填齐申报材料再提请推荐：{lacking[0].text}", lacking[0].article)
    earlier = application.recommendations.filter(department=department).exclude(state=R.VOID).first()
    if earlier is not None and earlier.state == R.REFUSED and earlier.manifest_hash != digest_of(application):
        advance(earlier, VOID, by=by, at=at)
    recommendation = store(
        Recommendation(
            application=application, department=department, requested_at=at, manifest_hash=digest_of(application)
        ),
        clash=f"已向{department}提请推荐，请等待办理。" if earlier is None or earlier.state != R.REFUSED
        else f"{department}已对当前材料不予推荐，材料修改后可再次提请。",
        clash_field="department",
    )  # fmt: skip
    letters.to_department(
        department,
        f"请办理推荐：{application.applicant}",
        f"{application.applicant}在{application.cycle}提请贵部门推荐（第十六条）。请查阅材料后签署意见。",
        recommendation.get_absolute_url(),
        key=f"recommend:{recommendation.pk}",
        at=at,
    )
    return recommendation


@act("签署推荐意见", 16, role=Role.DEPARTMENT)
def recommend(
    recommendation: Recommendation,
    opinion: str,
    signed_name: str,
    upload: Any = None,
    *,
    by: Any,
    at: datetime,
    seen: str = "",
) -> Recommendation:
    """第十六条: this function will sign the recommendation and bind it to the materials that were read.

    `seen` is the hash of the materials on the officer's page: where the unit changed them since, the signature is refused.
    `upload` is a scan of the opinion on paper with its seal, if the department has one.
    """
    return _decide(recommendation, SIGN, opinion, signed_name, upload, seen, by, at)


@act("不予推荐", 16, role=Role.DEPARTMENT)
def refuse_recommendation(
    recommendation: Recommendation,
    opinion: str,
    signed_name: str,
    upload: Any = None,
    *,
    by: Any,
    at: datetime,
    seen: str = "",
) -> Recommendation:
    """第十六条: this function will refuse to recommend, with the reason that the unit is told."""
    return _decide(recommendation, REFUSE, opinion, signed_name, upload, seen, by, at)


def _scanned(upload: Any, by: Any, at: datetime) -> StoredFile | None:
    if not upload:
        return None
    try:
        received = upload if isinstance(upload, files.Received) else files.receive(upload, kind="scan")
    except Refused as refusal:
        raise Refused(refusal.reason, 16, "upload") from refusal
    return files.record(received, by=by, at=at)


def _decide(
    recommendation: Recommendation,
    step: Step,
    opinion: str,
    signed_name: str,
    upload: Any,
    seen: str,
    by: Any,
    at: datetime,
) -> Recommendation:
    application = lock(recommendation.application)
    lock(recommendation)
    require(permissions.may_recommend(by, recommendation, at))
    require(window_open(application.cycle, at))
    if application.state != Application.State.DRAFT:
        raise Refused("申报已不在填报中，推荐意见不能再签署。", 16)
    digest = digest_of(application)
    if seen and seen != digest:
        raise Refused("申报单位刚刚修改了材料，请返回重新查阅后再签署。", 16)
    for value, field, label in ((opinion, "opinion", "意见"), (signed_name, "signed_name", "签署姓名")):
        if not value.strip():
            raise Refused(f"请填写{label}。", 16, field)
    advance(
        recommendation, step, by=by, at=at, opinion=opinion, signed_by=by, signed_name=signed_name, signed_at=at,
        manifest_hash=digest, scan=_scanned(upload, by, at),
    )  # fmt: skip
    result = "已签署推荐意见，请尽快核对并提交申报" if step is SIGN else "不予推荐"
    letters.to_unit(
        application,
        f"推荐意见：{recommendation.department}{'已推荐' if step is SIGN else '不予推荐'}",
        f"{recommendation.department}对贵单位的申报{result}。意见：{opinion}",
        key=f"recommended:{recommendation.pk}",
        at=at,
    )
    return recommendation


# ── nobody waits for it any more ──


def close_requests(applications: QuerySet[Application], why: str, *, by: Any, at: datetime) -> None:
    """第十六条: this function will, inside an act, end the requests that need no answer any more: they leave the departments' desks,
    and each department is told once. What was signed or refused stays as it is.

    The applications are locked first, so that no request is made or signed beside the act.
    """
    locked = list(applications.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    asked = Recommendation.objects.filter(application__in=locked, state=R.REQUESTED).order_by("pk")
    open_now = list(asked.select_for_update(of=("self",)).select_related("department", "application__applicant"))
    for row in open_now:
        row.state = VOID.target
    store_all(open_now, ("state",), clash="有部门刚刚签署了推荐意见，请刷新页面后再办理。")
    told: dict[Department, list[Recommendation]] = {}
    for row in open_now:
        told.setdefault(row.department, []).append(row)
    for department, rows in told.items():
        names = "、".join(str(row.application.applicant) for row in rows)
        letters.to_department(
            department,
            f"不需要再办理推荐：{names if len(rows) == 1 else f'{len(rows)}家单位'}",
            f"{why}下列单位提请贵部门的推荐不需要再办理，已从待办中移除：\n{names}",
            reverse("applications:department"),
            key=f"recommendation-closed:{rows[0].pk}",
            at=at,
        )
