"""What the database itself refuses about draws, seats and their changes (第九条)."""

from __future__ import annotations

from award_portal.guards import Guard, append_only, arrows, frozen, register

RECUSED_SEAT = (
    "SELECT 1 FROM review_declaration d JOIN review_reviewer r ON r.user_id = d.user_id "
    "JOIN review_assignment a ON a.application_id = d.application_id "
    "WHERE d.conflict AND r.id = NEW.reviewer_id AND a.panel_id = NEW.panel_id"
)
NOT_SEATED = (
    "NOT EXISTS (SELECT 1 FROM review_panelseat s JOIN review_reviewer r ON r.id = s.reviewer_id "
    "JOIN review_stagereview v ON v.id = NEW.review_id JOIN review_assignment a ON a.id = v.assignment_id "
    "WHERE s.id = NEW.seat_id AND s.panel_id = a.panel_id AND s.ended_at IS NULL AND r.state = 'active' "
    "AND NOT EXISTS (SELECT 1 FROM review_declaration d WHERE d.user_id = r.user_id "
    "AND d.application_id = a.application_id AND d.conflict))"
)
GONE_SCORER = (
    "EXISTS (SELECT 1 FROM review_scoresheet h JOIN review_panelseat s ON s.id = h.seat_id "
    "WHERE h.id = NEW.sheet_id AND s.ended_at IS NOT NULL)"
)
GONE = "席位已经结束或者已回避，不得评分（第九条）"

register(
    *append_only("review_draw", "draw", "抽取方案只增不改（第九条）"),
    *append_only("review_drawoutcome", "draw_outcome", "抽取结果只增不改（第九条）"),
    Guard(
        "draw_by_two",
        "review_drawoutcome",
        "INSERT",
        "EXISTS (SELECT 1 FROM review_draw d WHERE d.id = NEW.draw_id AND d.announced_by_id = NEW.drawn_by_id)",
        "抽取由拟定方案以外的人员进行（第九条）",
    ),
    arrows(
        "review_seatchange",
        "seat_change_arrows",
        [("proposed", "approved"), ("proposed", "refused")],
        "评审组变动只批准一次（第九条）",
    ),
    frozen(
        "review_seatchange",
        "seat_change_proposal",
        ("cycle_id", "kind", "panel_id", "seat_id", "name", "reason", "proposed_by_id", "proposed_at"),
        "拟定的变动不得改动（第九条）",
    ),
    Guard("seat_change_no_delete", "review_seatchange", "DELETE", "1 = 1", "评审组变动不得删除（第九条）"),
    Guard("seat_reasoned", "review_panelseat", "INSERT", "NEW.start_reason = ''", "聘任评审组成员须有原因（第九条）"),
    Guard(
        "seat_end_reasoned",
        "review_panelseat",
        "UPDATE",
        "NEW.ended_at IS NOT NULL AND NEW.end_reason = ''",
        "结束席位须有原因（第九条）",
    ),
    frozen("review_panelseat", "seat_ended", ("ended_at",), "结束的席位不得恢复（第九条）", "OLD.ended_at IS NOT NULL"),
    Guard(
        "seat_recused", "review_panelseat", "INSERT", f"EXISTS ({RECUSED_SEAT})", "已回避的人员不得评审该单位（第九条）"
    ),
    Guard("sheet_of_a_seat", "review_scoresheet", "INSERT", NOT_SEATED, GONE),
    Guard("score_of_a_seat", "review_score", "INSERT", GONE_SCORER, GONE),
    Guard("score_change_of_a_seat", "review_score", "UPDATE", GONE_SCORER, GONE),
)
