"""What the database itself refuses in the eligibility review (第十、十一、十七条)."""

from award_portal.guards import Guard, append_only, arrows, frozen, register

FINAL = "资格核查的答复不得改动（第十七条）"
DECIDED = "已审定的资格结论不得改动（第十七条）"

register(
    arrows(
        "applications_eligibilitycheck", "check_arrows",
        [("asked", "clean"), ("asked", "found"), ("asked", "silent"), ("silent", "clean"), ("silent", "found")], FINAL,
    ),
    frozen(
        "applications_eligibilitycheck", "check_answered",
        ("application_id", "department_id", "round", "answer", "answered_by_id", "answered_at"), FINAL,
        "OLD.state IN ('clean', 'found')",
    ),
    Guard("check_no_delete", "applications_eligibilitycheck", "DELETE", "1 = 1", FINAL),
    frozen(
        "applications_checkline", "check_line_answered",
        ("check_row_id", "limb", "result", "note", "document", "file_id", "event_on", "grade", "authority", "answered_by_id",
         "answered_at"),
        FINAL, "OLD.result <> 'pending'",
    ),
    Guard("check_line_no_delete", "applications_checkline", "DELETE", "1 = 1", FINAL),
    arrows(
        "applications_eligibilitydecision", "eligibility_decision_arrows", [("proposed", "decided"), ("proposed", "replaced")],
        "资格结论的状态不能这样变更（第十七条）",
    ),
    frozen(
        "applications_eligibilitydecision", "eligibility_decision_prepared",
        ("application_id", "outcome", "grounds", "reason", "prepared_by_id", "prepared_at"), "拟定的资格结论不得改动，只能另行拟定（第十七条）",
    ),
    frozen(
        "applications_eligibilitydecision", "eligibility_decision_decided", ("decided_by_id", "decided_at"), DECIDED,
        "OLD.state <> 'proposed'",
    ),
    Guard("eligibility_decision_no_delete", "applications_eligibilitydecision", "DELETE", "1 = 1", DECIDED),
    *append_only("applications_letter", "letter", "已发文书不得改动（第十七条）"),
    arrows(
        "applications_reconsideration", "reconsideration_arrows", [("lodged", "upheld"), ("lodged", "dismissed")],
        "复核申请的状态不能这样变更（第十七条）",
    ),
    frozen(
        "applications_reconsideration", "reconsideration_answered",
        ("application_id", "decision_id", "request", "asked_by_id", "decided_by_id", "answer", "answered_by_id"),
        "已答复的复核申请不得改动（第十七条）", "OLD.state <> 'lodged'",
    ),
    frozen(
        "applications_confirmedlist", "confirmed_list_issued", ("cycle_id", "number", "rows", "at", "by_id"),
        "已发布的符合资格名单不得改动（第十七条）",
    ),
    frozen(
        "applications_recheckline", "recheck_line_concluded", ("recheck_id", "application_id", "outcome", "basis", "by_id", "at"),
        "再核结论不得改动（第十七条）", "OLD.outcome = 'still_holds'",
    ),
    arrows(
        "applications_checkimport", "check_import_arrows", [("read", "done")], "已导入的核查答复不能再次导入（第十七条）",
    ),
)  # fmt: skip
