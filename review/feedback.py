"""反馈报告: the secretariat tells a unit what its review found, after the government has decided (第十四、十九条)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from applications import letters
from applications.models import AwardCycle
from award_portal import documents, files, outbox, regulation
from award_portal.lifecycle import act, lock, store
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import feedback_contents, permissions_reports
from review.models import Assignment, FeedbackReport

KIND = "feedback_report"
TITLE = "评审反馈报告"


@act("发出反馈报告", 19, role=Role.SECRETARIAT)
def release_feedback(assignment: Assignment, include: Collection[str] = (), *, by: Any, at: datetime) -> FeedbackReport:
    """Articles 14, 19: release the unit's feedback as it reads today; its PDF and the mail to the unit follow.

    `include` names findings that would be left out and that the secretariat tells after reading them.
    """
    lock(assignment)
    require(permissions_reports.may_release(by, assignment, at))
    known = {one.key: one for one in feedback_contents.held(assignment)}
    for key in include:
        if key not in known or known[key].final:
            raise Refused(f"该条{feedback_contents.BARRED}，不能列入反馈报告。", 14, "include")
    content = feedback_contents.content(assignment, include)
    feedback = FeedbackReport(assignment=assignment, content=content, released_by=by, released_at=at)
    store(feedback, clash="反馈报告已经发出。")
    outbox.put(KIND, f"{KIND}:{feedback.pk}", {"feedback": feedback.pk}, at=at)
    return feedback


@transaction.atomic
def release_all(cycle: AwardCycle, *, by: Any, at: datetime) -> list[FeedbackReport]:
    """Articles 14, 19: release the feedback of every unit that waits for it, each an act of its own; all or none."""
    require(permissions_reports.may_release_all(by, cycle, at))
    return [release_feedback(assignment, by=by, at=at) for assignment in permissions_reports.ready(cycle, by)]


# ── its document ──


@outbox.handles(KIND)
def make_feedback(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十九条: this function will make the feedback's PDF, keep it and write to the unit."""
    feedback = FeedbackReport.objects.select_related("assignment__application").get(pk=message.payload["feedback"])
    if feedback.document_id:  # type: ignore[attr-defined]
        return None
    pdf = documents.render("documents/feedback_report.html", said(feedback), on_missing="mark")
    return lambda: _keep(feedback, pdf, by=None, at=at)


@act("生成反馈报告文件", 19)
def _keep(feedback: FeedbackReport, pdf: bytes, *, by: Any, at: datetime) -> FeedbackReport:
    if lock(feedback).document_id is not None:  # type: ignore[attr-defined]
        return feedback
    application = feedback.assignment.application
    name = f"{application.applicant.name}{TITLE}.pdf"
    store(feedback, document=files.store_bytes(pdf, name, "application/pdf", at=at))
    text = f"贵单位申报{application.cycle}的{TITLE}已经发出，请在申报页面的“文书和回执”中查看。"
    letters.to_unit(application, TITLE, text, key=f"feedback:{feedback.pk}", at=at)
    return feedback


def said(feedback: FeedbackReport) -> dict[str, Any]:
    """第十九条: this function will give what the document says: the kept content and who issues it."""
    return page_of(feedback.assignment, feedback.content) | {"issued_on": feedback.released_at}


def page_of(assignment: Assignment, content: dict[str, Any]) -> dict[str, Any]:
    """第十四条: this function will give a content with its heading, released or not yet."""
    law = regulation.load(assignment.application.cycle.regulation)
    return {
        "title": f"{law.award_name}{TITLE}",
        "issuer": f"{law.award_name}评定委员会秘书处",
        "said": content,
    }
