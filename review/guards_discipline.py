"""What the database itself refuses about complaints and what follows from them (第二十六条)."""

from __future__ import annotations

from award_portal.guards import Guard, append_only, arrows, frozen, register

COMPLAINT = "投诉的事由、答复、查明的情况和决定写下后不得改动（第二十六条）"
HIMSELF = "任何人不得办理对自己的投诉或者处理（第二十六条）"
VOIDING = "评分作废的决定写下后不得改动（第二十六条）"

register(
    arrows(
        "review_complaint",
        "complaint_arrows",
        [
            ("lodged", "replied"),
            ("lodged", "examined"),
            ("replied", "examined"),
            ("examined", "sanctioned"),
            ("examined", "dismissed"),
        ],
        "投诉只能依次办理（第二十六条）",
    ),
    frozen(
        "review_complaint",
        "complaint_facts",
        (
            "reviewer_id", "cycle_id", "complainant_id", "complainant_name", "ground", "file_id", "lodged_by_id",
            "lodged_at", "reply_due_at",
        ),
        COMPLAINT,
    ),
    frozen(
        "review_complaint", "complaint_reply", ("reply", "reply_file_id", "replied_at"), COMPLAINT,
        "OLD.state <> 'lodged'",
    ),
    frozen(
        "review_complaint", "complaint_finding", ("finding", "proposal", "found_by_id", "found_at"), COMPLAINT,
        "OLD.state NOT IN ('lodged', 'replied')",
    ),
    frozen(
        "review_complaint", "complaint_decision", ("decision", "decision_reason", "decided_by_id", "decided_at"),
        COMPLAINT, "OLD.state IN ('sanctioned', 'dismissed')",
    ),
    Guard("complaint_no_delete", "review_complaint", "DELETE", "1 = 1", COMPLAINT),
    Guard(
        "complaint_not_himself",
        "review_complaint",
        "UPDATE",
        "EXISTS (SELECT 1 FROM review_reviewer r WHERE r.id = NEW.reviewer_id "
        "AND (r.user_id = NEW.found_by_id OR r.user_id = NEW.decided_by_id))",
        HIMSELF,
    ),
    Guard(
        "discipline_not_himself",
        "review_discipline",
        "INSERT",
        "EXISTS (SELECT 1 FROM review_reviewer r WHERE r.id = NEW.reviewer_id AND r.user_id = NEW.decided_by_id)",
        HIMSELF,
    ),
    Guard(
        "discipline_of_its_complaint",
        "review_discipline",
        "INSERT",
        "NEW.complaint_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM review_complaint c WHERE c.id = NEW.complaint_id "
        "AND c.reviewer_id = NEW.reviewer_id AND c.state = 'sanctioned' AND c.decided_by_id = NEW.decided_by_id)",
        "处理须与投诉的决定一致（第二十六条）",
    ),
    *append_only("review_referral", "referral", "移送记录只增不改（第二十六条）"),
    arrows("review_scorevoiding", "score_voiding_arrows", [("referred", "settled")], VOIDING),
    frozen(
        "review_scorevoiding",
        "score_voiding_facts",
        ("discipline_id", "sheet_id", "decision", "reason", "decided_by_id", "decided_at"),
        VOIDING,
    ),
    frozen(
        "review_scorevoiding", "score_voiding_settled",
        ("resolution", "resolution_document", "settled_by_id", "settled_at"), VOIDING, "OLD.state <> 'referred'",
    ),
    Guard("score_voiding_no_delete", "review_scorevoiding", "DELETE", "1 = 1", VOIDING),
    Guard(
        "score_voiding_fits_the_sheet",
        "review_scorevoiding",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM review_scoresheet h JOIN review_stagereview v ON v.id = h.review_id "
        "JOIN review_panelseat s ON s.id = h.seat_id JOIN review_discipline d ON d.id = NEW.discipline_id "
        "WHERE h.id = NEW.sheet_id AND s.reviewer_id = d.reviewer_id AND ((NEW.state = 'voided' AND h.state = 'void') "
        "OR (NEW.state = 'referred' AND h.state <> 'void' AND v.state = 'concluded')))",
        "未完成阶段的评分表作废，已完成阶段的提请评委会决定（第二十六条）",
    ),
)  # fmt: skip
