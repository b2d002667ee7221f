"""复核申请: the unit asks whether the procedure was kept; another person than the decider answers (第十七条). Never about a score."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import letters, permissions_screening
from applications.cycles import rules_of
from applications.department_checks import working_deadline
from applications.models import Application, EligibilityDecision, Reconsideration
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require

S = Application.State
R = Reconsideration.State
UPHOLD = Step((R.LODGED,), R.UPHELD, article=17)
DISMISS = Step((R.LODGED,), R.DISMISSED, article=17)
REOPEN = Step((S.DECLINED,), S.SUBMITTED, article=17)


def decision_on(application: Application) -> EligibilityDecision | None:
    """第十七条: this function will give the conclusion by which the unit was declined, the last one."""
    decided = application.decisions.filter(
        state=EligibilityDecision.State.DECIDED, outcome=EligibilityDecision.Outcome.DECLINE
    )
    return decided.select_related("decided_by").first()


def closes_at(decision: EligibilityDecision) -> datetime | None:
    """第十七条: this function will give the end of the days of the rules; None for a year without a calendar: then no day is lost."""
    if decision.decided_at is None:
        return None
    days = getattr(rules_of(decision.application.cycle), "recheck_days", 5)
    return working_deadline(decision.decided_at, days)


@act("申请复核", 17, role=Role.APPLICANT)
def ask(application: Application, request: str, *, by: Any, at: datetime) -> Reconsideration:
    """第十七条: this function will take the unit's request, once for a conclusion."""
    lock(application)
    require(permissions_screening.may_ask_reconsideration(by, application, at))
    if not request.strip():
        raise Refused("请写明您认为审查程序有什么问题。", 17, "request")
    decision: Any = decision_on(application)
    return store(
        Reconsideration(
            application=application, decision=decision, request=request.strip(), asked_by=by, asked_at=at,
            decided_by=decision.decided_by,
        ),
        clash="对同一结论只能申请一次复核。",
    )  # fmt: skip


@act("答复复核申请", 17, role=Role.SECRETARIAT)
def reply(request: Reconsideration, upheld: bool, answer: str, *, by: Any, at: datetime) -> Reconsideration:
    """第十七条: this function will answer with a reason; where the procedure was not kept, the application is decided anew."""
    lock(request.application.cycle)
    application = lock(request.application)
    lock(request)
    require(permissions_screening.may_answer_reconsideration(by, request, at))
    if not answer.strip():
        raise Refused("请写明答复的理由。", 17, "answer")
    if application.state != S.DECLINED:
        raise Refused(f"申报当前为“{application.get_state_display()}”，不能再复核。", 17)
    step = UPHOLD if upheld else DISMISS
    advance(request, step, by=by, at=at, answer=answer.strip(), answered_by=by, answered_at=at)
    if upheld:
        advance(application, REOPEN, by=by, at=at, decided_at=None, decision_reason="")
    result = "复核申请成立，资格将重新审查。" if upheld else "维持原结论。"
    letters.to_unit(application, "复核申请答复", f"{result}理由：{answer}", key=f"reconsidered:{request.pk}", at=at)
    letters.issue(application, "reconsidered", f"reconsidered:{request.pk}", at=at, reconsideration=request.pk)
    return request
