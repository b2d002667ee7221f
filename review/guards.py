"""What the database itself refuses in this stage."""

from __future__ import annotations

from award_portal.guards import Guard, append_only, arrows, frozen, register

CLOSED_SHEET = "SELECT 1 FROM review_scoresheet s WHERE s.id = {row}.sheet_id AND s.state <> 'open'"
CLOSED_STAGE = "SELECT 1 FROM review_stagereview r WHERE r.id = {row}.review_id AND r.state <> '{state}'"

SHEET_CLOSED = "评分表锁定或者作废后，得分不得改动（第十七条）"
STAGE_CLOSED = "合议得分只在合议期间记录，完成后不得改动（第十四条）"
SHEET_LATE = "合议开始后不再新增评分表（第十七条）"

register(
    arrows(
        "review_scoresheet",
        "score_sheet_arrows",
        [("open", "locked"), ("open", "void"), ("locked", "void"), ("locked", "open")],  # the last: see guards_scores
        "作废的评分表不得恢复（第十七条）",
    ),
    arrows(
        "review_stagereview",
        "stage_review_arrows",
        [("open", "consensus"), ("consensus", "open"), ("consensus", "concluded")],
        "评审阶段只能依次办理（第十四条）",
    ),
    arrows("review_reviewer", "reviewer_arrows", [("active", "disqualified")], "取消评审资格后不得恢复（第二十六条）"),
    Guard("score_insert", "review_score", "INSERT", f"EXISTS ({CLOSED_SHEET.format(row='NEW')})", SHEET_CLOSED),
    Guard(
        "score_update",
        "review_score",
        "UPDATE",
        f"EXISTS ({CLOSED_SHEET.format(row='OLD')}) OR NEW.sheet_id <> OLD.sheet_id",
        SHEET_CLOSED,
    ),
    Guard("score_delete", "review_score", "DELETE", f"EXISTS ({CLOSED_SHEET.format(row='OLD')})", SHEET_CLOSED),
    Guard(
        "consensus_insert",
        "review_consensus",
        "INSERT",
        f"EXISTS ({CLOSED_STAGE.format(row='NEW', state='consensus')})",
        STAGE_CLOSED,
    ),
    Guard(
        "consensus_update",
        "review_consensus",
        "UPDATE",
        f"EXISTS ({CLOSED_STAGE.format(row='OLD', state='consensus')}) OR NEW.review_id <> OLD.review_id",
        STAGE_CLOSED,
    ),
    Guard(
        "consensus_delete",
        "review_consensus",
        "DELETE",
        f"EXISTS ({CLOSED_STAGE.format(row='OLD', state='consensus')})",
        STAGE_CLOSED,
    ),
    Guard(
        "sheet_insert",
        "review_scoresheet",
        "INSERT",
        f"EXISTS ({CLOSED_STAGE.format(row='NEW', state='open')})",
        SHEET_LATE,
    ),
    Guard(
        "seat_insert",
        "review_panelseat",
        "INSERT",
        "EXISTS (SELECT 1 FROM review_reviewer r WHERE r.id = NEW.reviewer_id AND r.state = 'disqualified')",
        "已取消评审资格的人员不得聘为评审组成员（第二十六条）",
    ),
    frozen("review_scoresheet", "sheet_owner", ("review_id", "seat_id"), "评分表的主人不得更换（第十七条）"),
    frozen("review_panelseat", "seat_holder", ("panel_id", "reviewer_id"), "席位的主人不得更换（第九条）"),
    Guard(
        "conflict_stays",
        "review_declaration",
        "UPDATE",
        "NEW.user_id <> OLD.user_id OR NEW.application_id <> OLD.application_id "
        "OR (OLD.explanation <> '' AND (OLD.conflict <> NEW.conflict OR OLD.explanation <> NEW.explanation))",
        "申报的利害关系不得改回（第九条）",
    ),
    Guard("declaration_no_delete", "review_declaration", "DELETE", "1 = 1", "申报的利害关系不得删除（第九条）"),
    *append_only("review_discipline", "discipline", "纪律处理只增不改（第二十六条）"),
    *append_only("review_pledge", "pledge", "承诺书签署后不得改动（第九条）"),
)
