"""评审报告: written by the lead, signed by him first and then by the whole panel; the last signature makes it final (第十七条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from award_portal import audit, documents, files, outbox
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import letters, permissions, permissions_reports, report_contents, report_docx
from review.models import Assignment, ConsensusFinding, PanelSeat, ReportSignature, ReviewReport

KIND = "review_report"
PDF = "application/pdf"
LIMIT, MEANING_LIMIT, DISSENT_LIMIT = 5000, 500, 2000
TEXTS = {
    "profile": "单位概况与关键因素", "overall": "总体评价", "strengths": "主要优势", "improvements": "主要改进空间",
    "recommendation": "评审组建议",
}  # fmt: skip
NEEDED = ("overall", "strengths", "improvements", "recommendation")

S = ReviewReport.State
SIGN = Step((S.DRAFT,), S.SIGNING, 17)
TAKE_BACK = Step((S.SIGNING,), S.DRAFT, 17)
FINISH = Step((S.SIGNING,), S.FINAL, 17)


@act("撰写评审报告", 17, role=Role.REVIEWER)
def write_report(
    assignment: Assignment, words: Mapping[str, str], meanings: Mapping[int, str] | None = None,
    revision: int | None = None, *, by: Any, at: datetime,
) -> ReviewReport:  # fmt: skip
    """Article 17: keep the lead's words and, for merged findings, what each means for the unit. Empty texts are kept as a draft.

    `revision` is the one the page was opened with: refused where the report was saved meanwhile.
    """
    lock(assignment)
    require(permissions_reports.may_write(by, assignment, at))
    report = permissions_reports.report_of(assignment) or ReviewReport(assignment=assignment)
    if revision is not None and revision != report.revision:
        raise Refused("评审报告在另一个页面保存过。您填写的内容还在本页，请核对后再保存。", 17)
    changes: dict[str, Any] = {name: _text(words, name, report) for name in TEXTS}
    if meanings is not None:
        changes["meanings"] = _meanings(assignment, meanings)
    changes |= {"revision": report.revision + 1, "written_by": by, "written_at": at}
    return store(report, clash="该单位已有评审报告。", **changes)


def _text(words: Mapping[str, str], name: str, report: ReviewReport) -> str:
    text = words.get(name, getattr(report, name)).strip()
    if len(text) > LIMIT:
        raise Refused(f"{TEXTS[name]}不超过{LIMIT}字。", 17, name)
    return text


def _meanings(assignment: Assignment, meanings: Mapping[int, str]) -> dict[str, str]:
    known = set(ConsensusFinding.objects.filter(review__assignment=assignment).values_list("pk", flat=True))
    kept = {key: text.strip() for key, text in meanings.items() if text.strip()}
    if not set(kept) <= known:
        raise Refused("意义只写在本单位的合议意见下。", 17)
    if any(len(text) > MEANING_LIMIT for text in kept.values()):
        raise Refused(f"每条意义不超过{MEANING_LIMIT}字。", 17)
    return {str(key): text for key, text in sorted(kept.items())}


@act("签署评审报告", 17, role=Role.REVIEWER)
def sign_report(
    assignment: Assignment, signed_name: str, dissent: str = "", *, by: Any, at: datetime
) -> ReportSignature:
    """Article 17: sign with one's own name, and with a dissent where one differs; the lead's signature opens the round.

    The last signature makes the report final, and its documents are made afterwards, once.
    """
    lock(assignment)
    require(permissions_reports.may_sign(by, assignment, at))
    if signed_name.strip() != by.name:
        raise Refused(f"签名须与您的姓名一致：{by.name}。", 17, "signed_name")
    if len(dissent) > DISSENT_LIMIT:
        raise Refused(f"保留意见不超过{DISSENT_LIMIT}字。", 17, "dissent")
    report = ReviewReport.objects.get(assignment=assignment)
    opens = report.state == S.DRAFT
    if opens:
        report = _open_round(report, by=by, at=at)
    seat = permissions.seat_of(by, assignment)
    signature = ReportSignature(
        report=report, seat=seat, round=report.round, sha256=report.sha256, signed_name=by.name,
        dissent=dissent.strip(), signed_at=at,
    )  # fmt: skip
    store(signature, clash="您已经签署。")
    left = permissions_reports.unsigned(report)
    if opens:
        _tell(
            report,
            left,
            "signed",
            "评审报告请您会签",
            "组长已签署评审报告，请登录阅读并签署；有不同意见的，可写明保留意见。",
            at,
        )
    if not left:
        _finish(report, by=by, at=at)
    return signature


def _tell(report: ReviewReport, seats: list[PanelSeat], what: str, title: str, text: str, at: datetime) -> None:
    """第十七条: those whose signature is wanted hear of it once in each round; nothing of the report stands in the mail."""
    assignment = report.assignment
    page = reverse("review:report", args=[assignment.pk])
    for seat in seats:
        key = f"report:{report.pk}:{report.round}:{what}"
        subject = f"{assignment.application.applicant}：{title}"
        letters.to_person(seat.reviewer.user, subject, text, page, key=key, at=at)


def _open_round(report: ReviewReport, *, by: Any, at: datetime) -> ReviewReport:
    lacking = [TEXTS[name] for name in NEEDED if not getattr(report, name).strip()]
    if lacking:
        raise Refused(f"{'、'.join(lacking)}没有填写，请先补齐。", 17)
    report.field = report_contents.field_of(report.assignment.application.cycle)
    signed = audit.digest(report_contents.signed_words(report))
    changes = {"field": report.field, "sha256": signed, "round": report.round + 1}
    return advance(report, SIGN, by=by, at=at, signed_by=by, signed_at=at, returned_reason="", **changes)


@act("收回评审报告", 17, role=Role.REVIEWER)
def take_back_report(assignment: Assignment, reason: str, *, by: Any, at: datetime) -> ReviewReport:
    """Article 17: take the report back to change it, before the last signature; the signatures count no more, and stay."""
    lock(assignment)
    require(permissions_reports.may_take_back(by, assignment, at))
    if not reason.strip():
        raise Refused("请写明收回的原因。", 17, "reason")
    report = ReviewReport.objects.get(assignment=assignment)
    advance(report, TAKE_BACK, by=by, at=at, returned_reason=reason.strip()[:1000])
    others = [seat for seat in permissions_reports.signers(assignment) if seat.reviewer.user_id != by.pk]
    text = "组长收回了评审报告，本轮签署不再计入；组长修改并重新签署后，将另行通知您会签。"
    _tell(report, others, "taken-back", "评审报告已收回", text, at)
    return report


@act("评审报告定稿", 17, role=(Role.REVIEWER, Role.SECRETARIAT))
def finish_report(assignment: Assignment, *, by: Any, at: datetime) -> ReviewReport:
    """Articles 9, 17: make the report final where all who still sit on the panel have signed it."""
    lock(assignment)
    require(permissions_reports.may_finish(by, assignment, at))
    return _finish(ReviewReport.objects.get(assignment=assignment), by=by, at=at)


def _finish(report: ReviewReport, *, by: Any, at: datetime) -> ReviewReport:
    if audit.digest(report_contents.signed_words(report)) != report.sha256:
        raise Refused("评审报告的内容与已签署的不一致，请组长收回后重新会签。", 17)
    advance(report, FINISH, by=by, at=at, final_at=at)
    outbox.put(KIND, f"{KIND}:{report.pk}", {"report": report.pk}, at=at)
    return report


# ── its documents ──


@outbox.handles(KIND)
def make_documents(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十七条: this function will make the final report's PDF and DOCX, and keep them with it."""
    report = ReviewReport.objects.select_related("assignment__application__applicant").get(pk=message.payload["report"])
    if report.document_id and report.word_id:  # type: ignore[attr-defined]
        return None
    said = report_contents.contents(report)
    pdf = documents.render("documents/review_report.html", said, on_missing="mark")
    word = report_docx.write(said)
    return lambda: _keep(report, pdf, word, by=None, at=at)


@act("生成评审报告文件", 17)
def _keep(report: ReviewReport, pdf: bytes, word: bytes, *, by: Any, at: datetime) -> ReviewReport:
    if lock(report).document_id is not None:  # type: ignore[attr-defined]
        return report
    name = f"{report.assignment.application.applicant.name}评审报告"
    return store(
        report,
        document=files.store_bytes(pdf, f"{name}.pdf", PDF, at=at),
        word=files.store_bytes(word, f"{name}.docx", report_docx.CONTENT_TYPE, at=at),
    )
