"""What the database itself refuses about absences, merged findings, points to verify and the end of a consensus (第十四、十七条)."""

# ruff: noqa: S608 - the statements are put together from names of our own

from __future__ import annotations

from award_portal.guards import Guard, arrows, frozen, register
from review.guards import CLOSED_STAGE, STAGE_CLOSED
from review.guards_scores import ITEMS, LOCKS, STAGE, on_writing

STANDARD = (
    f"SELECT 1 FROM {STAGE} JOIN applications_cyclerules u ON u.cycle_id = c.id AND u.state = 'adopted', {ITEMS} "
    "WHERE r.id = NEW.review_id AND v.column1 = u.rubric AND v.column2 = NEW.item"
)
EXACT = "NEW.points * 100 = v.column3 * NEW.percent"
OF_UNIT = (
    f"SELECT 1 FROM {STAGE} WHERE r.id = NEW.review_id AND (p.self_assessment_id = NEW.file_id OR EXISTS "
    "(SELECT 1 FROM applications_evidence e WHERE e.application_id = p.id AND e.file_id = NEW.file_id))"
)
LACKING = (
    f"SELECT 1 FROM {STAGE} JOIN applications_cyclerules u ON u.cycle_id = c.id AND u.state = 'adopted', {ITEMS} "
    "WHERE r.id = NEW.id AND v.column1 = u.rubric AND "
    "(NOT EXISTS (SELECT 1 FROM review_consensus k WHERE k.review_id = r.id AND k.item = v.column2) OR NOT EXISTS "
    "(SELECT 1 FROM review_consensusfinding m WHERE m.review_id = r.id AND m.item = v.column2))"
)
# Who reviews the unit, as PanelSeat.objects.working has it, and has neither locked nor been decided absent.
OUTSTANDING = (
    "SELECT 1 FROM review_assignment a JOIN applications_application p ON p.id = a.application_id "
    "JOIN review_panelseat t ON t.panel_id = a.panel_id JOIN review_reviewer w ON w.id = t.reviewer_id "
    "JOIN award_portal_user n ON n.id = w.user_id "
    "WHERE a.id = NEW.assignment_id AND t.ended_at IS NULL AND w.state = 'active' AND n.is_active "
    "AND NOT EXISTS (SELECT 1 FROM review_declaration d WHERE d.user_id = w.user_id AND d.application_id = p.id AND d.conflict) "
    "AND NOT EXISTS (SELECT 1 FROM applications_applicantmembership h WHERE h.user_id = w.user_id "
    "AND h.applicant_id = p.applicant_id AND h.ends_at IS NULL) "
    "AND NOT EXISTS (SELECT 1 FROM review_scoresheet s WHERE s.review_id = NEW.id AND s.seat_id = t.id AND s.state = 'locked') "
    "AND NOT EXISTS (SELECT 1 FROM review_absence b WHERE b.review_id = NEW.id AND b.seat_id = t.id AND b.state = 'approved')"
)
SPARABLE = (
    "SELECT 1 FROM review_stagereview r JOIN review_assignment a ON a.id = r.assignment_id "
    "JOIN review_panelseat t ON t.panel_id = a.panel_id WHERE r.id = NEW.review_id AND t.id = NEW.seat_id "
    "AND r.state = 'open' AND t.ended_at IS NULL AND NOT t.lead AND NOT EXISTS (SELECT 1 FROM review_scoresheet s "
    "WHERE s.review_id = r.id AND s.seat_id = t.id AND s.state = 'locked')"
)
ABSENT = "SELECT 1 FROM review_absence b WHERE b.review_id = NEW.review_id AND b.seat_id = NEW.seat_id AND b.state = 'approved'"

NOT_OF_STANDARD = "合议的条款须属于本届评审标准，得分须等于分值乘以得分率（第十三条）"
NOT_OF_UNIT = "引用的材料须是该单位的申报材料（第十七条）"


def while_in_consensus(name: str, table: str) -> list[Guard]:
    """This function will give the guards of rows that are written, changed and dropped only while the panel is in its consensus."""
    closed = {row: f"EXISTS ({CLOSED_STAGE.format(row=row, state='consensus')})" for row in ("NEW", "OLD")}
    moved = "NEW.review_id <> OLD.review_id OR NEW.item <> OLD.item"
    return [
        Guard(f"{name}_insert", table, "INSERT", closed["NEW"], STAGE_CLOSED),
        Guard(f"{name}_update", table, "UPDATE", f"{closed['OLD']} OR {moved}", STAGE_CLOSED),
        Guard(f"{name}_delete", table, "DELETE", closed["OLD"], STAGE_CLOSED),
    ]


register(
    *on_writing("consensus_exact", "review_consensus", f"NOT EXISTS ({STANDARD} AND {EXACT})", NOT_OF_STANDARD),
    *while_in_consensus("merged_finding", "review_consensusfinding"),
    *on_writing("merged_finding_item", "review_consensusfinding", f"NOT EXISTS ({STANDARD})", NOT_OF_STANDARD),
    *on_writing(
        "merged_finding_file",
        "review_consensusfinding",
        f"NEW.file_id IS NOT NULL AND NOT EXISTS ({OF_UNIT})",
        NOT_OF_UNIT,
    ),
    *while_in_consensus("point_to_verify", "review_pointtoverify"),
    *on_writing("point_to_verify_item", "review_pointtoverify", f"NOT EXISTS ({STANDARD})", NOT_OF_STANDARD),
    *on_writing(
        "point_to_verify_stage",
        "review_pointtoverify",
        "EXISTS (SELECT 1 FROM review_stagereview r WHERE r.id = NEW.review_id AND r.stage <> 'desk') "
        "OR (NEW.finding_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM review_consensusfinding m "
        "WHERE m.id = NEW.finding_id AND m.review_id = NEW.review_id AND m.item = NEW.item))",
        "现场核实事项在材料评审合议时按条款列出（第十四条）",
    ),
    Guard(
        "stage_opens_complete",
        "review_stagereview",
        "UPDATE",
        f"OLD.state = 'open' AND NEW.state = 'consensus' AND EXISTS ({OUTSTANDING})",
        "参加评审的人员都锁定评分表、或者缺席已经决定，才能开始合议（第十七条）",
    ),
    Guard(
        "stage_concluded_complete",
        "review_stagereview",
        "UPDATE",
        f"OLD.state = 'consensus' AND NEW.state = 'concluded' AND EXISTS ({LACKING})",
        "每个条款都有合议得分和至少一条合并的优势或者改进空间才能完成合议（第十七条）",
    ),
    Guard(
        "absence_begins",
        "review_absence",
        "INSERT",
        f"NEW.state <> 'proposed' OR NOT EXISTS ({SPARABLE})",
        "缺席只在个人评分期间、对本组未锁定评分表的非组长席位提出（第十七条）",
    ),
    Guard(
        "absence_in_time",
        "review_absence",
        "UPDATE",
        f"NEW.state = 'approved' AND OLD.state <> 'approved' AND NOT EXISTS ({SPARABLE})",
        "合议开始后或者评分表锁定后不再决定缺席（第十七条）",
    ),
    arrows(
        "review_absence",
        "absence_arrows",
        [("proposed", "approved"), ("proposed", "refused")],
        "缺席决定后不得改动（第十七条）",
    ),
    frozen(
        "review_absence",
        "absence_asked",
        ("review_id", "seat_id", "reason", "proposed_by_id", "proposed_at"),
        "缺席提出后不得改动（第十七条）",
    ),
    frozen(
        "review_absence",
        "absence_decided",
        ("decided_by_id", "decided_at", "decision"),
        "缺席决定后不得改动（第十七条）",
        "OLD.state <> 'proposed'",
    ),
    Guard("absence_no_delete", "review_absence", "DELETE", "1 = 1", "缺席记录不得删除（第十七条）"),
    Guard(
        "sheet_lock_present",
        "review_scoresheet",
        "UPDATE",
        f"{LOCKS} AND EXISTS ({ABSENT})",
        "已决定缺席的人员在本阶段不再锁定评分表（第十七条）",
    ),
)
