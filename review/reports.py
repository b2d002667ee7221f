"""评审报告: signed by the lead when both stages are concluded (第十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import AwardCycle
from award_portal import documents, files, outbox, regulation
from award_portal.lifecycle import act, lock, store
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from review import permissions, scoring
from review.models import Assignment, ReviewReport, StageReview
from review.standards import rubric_of

KIND = "review_report"


def may_sign(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第十七条: the lead signs once, when the desk and the site review are both concluded."""
    if not permissions.is_lead(user, assignment, at):
        return no("评审报告由评审组组长签署。", 17)
    verdict = permissions.may_read(user, assignment, at)
    if not verdict:
        return verdict
    done = assignment.reviews.filter(state=StageReview.State.CONCLUDED).count()
    if done < len(StageReview.Stage.values):
        return no("材料评审和现场评审都完成后才能签署评审报告。", 14)
    return no("评审报告已经签署。", 17) if ReviewReport.objects.filter(assignment=assignment).exists() else YES


@act("签署评审报告", 17, role=Role.REVIEWER)
def sign_report(
    assignment: Assignment, strengths: str, improvements: str, recommendation: str, *, by: Any, at: datetime
) -> ReviewReport:
    """Article 17: sign the panel's report on the unit; its document is made afterwards, once."""
    lock(assignment)
    require(may_sign(by, assignment, at))
    texts = {"strengths": strengths, "improvements": improvements, "recommendation": recommendation}
    for name, text in texts.items():
        if not text.strip():
            raise Refused("主要优势、改进机会和评审组意见都要填写。", 17, name)
    cleaned = {name: text.strip() for name, text in texts.items()}
    report = store(
        ReviewReport(assignment=assignment, signed_by=by, signed_at=at, **cleaned), clash="评审报告已经签署。"
    )
    outbox.put(KIND, f"{KIND}:{report.pk}", {"report": report.pk}, at=at)
    return report


@outbox.handles(KIND)
def make_document(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十七条: this function will make the report's PDF and keep it with the report."""
    report = ReviewReport.objects.select_related("assignment__application__applicant", "signed_by").get(
        pk=message.payload["report"]
    )
    if report.document_id:
        return None
    content = documents.render("documents/review_report.html", contents(report), on_missing="mark")
    return lambda: _keep(report, content, by=None, at=at)


@act("生成评审报告文件", 17)
def _keep(report: ReviewReport, content: bytes, *, by: Any, at: datetime) -> ReviewReport:
    if lock(report).document_id is not None:
        return report
    name = f"{report.assignment.application.applicant.name}评审报告.pdf"
    return store(report, document=files.store_bytes(content, name, "application/pdf", at=at))


def contents(report: ReviewReport) -> dict[str, Any]:
    """第十三、十七条: this function will give what the report says: both stages, category by category, and the panel's words."""
    assignment = report.assignment
    cycle: AwardCycle = assignment.application.cycle
    law = regulation.load(cycle.regulation)
    reviews = {review.stage: review for review in assignment.reviews.prefetch_related("consensus")}
    totals = {stage: _totals(review, cycle) for stage, review in reviews.items()}
    rubric = rubric_of(cycle)
    rows = [
        (category, totals["desk"][0][category.code], totals["site"][0][category.code]) for category in rubric.categories
    ]
    return {
        "title": f"{law.award_short_name}评审报告",
        "issuer": assignment.panel.name,
        "issued_on": report.signed_at,
        "report": report,
        "application": assignment.application,
        "cycle": cycle,
        "site": reviews["site"],
        "desk": reviews["desk"],
        "rows": rows,
        "desk_total": totals["desk"][1],
        "site_total": totals["site"][1],
        "total_points": rubric.total_points,
    }


def _totals(review: StageReview, cycle: AwardCycle) -> tuple[dict[str, Any], Any]:
    rubric = rubric_of(cycle)
    given = {row.item: row.percent for row in review.consensus.all()}
    return scoring.category_totals(given, rubric), scoring.total(given, rubric)
