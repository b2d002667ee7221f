"""What the database itself refuses about reports, their signatures and what units were told (第十七、十九条)."""

from __future__ import annotations

from award_portal.guards import Guard, append_only, arrows, frozen, register

SIGNED = (
    "profile", "overall", "strengths", "improvements", "recommendation", "meanings", "field", "round", "sha256",
    "signed_by_id", "signed_at",
)  # fmt: skip
OPEN_ROUND = (
    "SELECT 1 FROM review_reviewreport r WHERE r.id = NEW.report_id AND r.state = 'signing' "
    "AND r.round = NEW.round AND r.sha256 = NEW.sha256"
)
ON_ITS_PANEL = (
    "SELECT 1 FROM review_reviewreport r JOIN review_assignment a ON a.id = r.assignment_id "
    "JOIN review_panelseat s ON s.panel_id = a.panel_id "
    "WHERE r.id = NEW.report_id AND s.id = NEW.seat_id AND s.ended_at IS NULL"
)
LEAD_SIGNED = (
    "SELECT 1 FROM review_reportsignature g JOIN review_panelseat s ON s.id = g.seat_id "
    "WHERE g.report_id = NEW.id AND g.round = NEW.round AND s.lead"
)

register(
    arrows(
        "review_reviewreport",
        "review_report_arrows",
        [("draft", "signing"), ("signing", "draft"), ("signing", "final")],
        "评审报告只能依次办理，定稿后不得改动（第十七条）",
    ),
    Guard("review_report_begins", "review_reviewreport", "INSERT", "NEW.state <> 'draft'", "评审报告从撰写开始（第十七条）"),
    frozen(
        "review_reviewreport", "review_report_signed", SIGNED, "签署后的评审报告不得改动（第十七条）", "OLD.state <> 'draft'"
    ),
    frozen("review_reviewreport", "review_report_unit", ("assignment_id",), "评审报告的单位不得更换（第十七条）"),
    frozen(
        "review_reviewreport", "review_report_pdf", ("document_id",), "评审报告文件不得更换（第十七条）",
        "OLD.document_id IS NOT NULL",
    ),
    frozen(
        "review_reviewreport", "review_report_word", ("word_id",), "评审报告文件不得更换（第十七条）", "OLD.word_id IS NOT NULL"
    ),
    frozen("review_reviewreport", "review_report_final", ("final_at",), "定稿的评审报告不得改动（第十七条）", "OLD.state = 'final'"),
    Guard(
        "review_report_final_signed",
        "review_reviewreport",
        "UPDATE",
        f"OLD.state = 'signing' AND NEW.state = 'final' AND NOT EXISTS ({LEAD_SIGNED})",
        "没有组长签名的评审报告不得定稿（第十七条）",
    ),
    Guard("review_report_no_delete", "review_reviewreport", "DELETE", "1 = 1", "评审报告不得删除（第十七条）"),
    *append_only("review_reportsignature", "review_report_signature", "评审报告的签名只增不改（第十七条）"),
    Guard(
        "review_report_signature_round",
        "review_reportsignature",
        "INSERT",
        f"NOT EXISTS ({OPEN_ROUND})",
        "只签署会签中的评审报告（第十七条）",
    ),
    Guard(
        "review_report_signature_seat",
        "review_reportsignature",
        "INSERT",
        f"NOT EXISTS ({ON_ITS_PANEL})",
        "评审报告由该评审组在任成员签署（第十七条）",
    ),
    frozen(
        "review_feedbackreport",
        "feedback_released",
        ("assignment_id", "content", "released_by_id", "released_at"),
        "发出的反馈报告不得改动（第十九条）",
    ),
    frozen(
        "review_feedbackreport", "feedback_pdf", ("document_id",), "反馈报告文件不得更换（第十九条）",
        "OLD.document_id IS NOT NULL",
    ),
    Guard("feedback_no_delete", "review_feedbackreport", "DELETE", "1 = 1", "反馈报告不得删除（第十九条）"),
)  # fmt: skip
