"""What the database itself refuses about visits: raw SQL too (第十四、十七条)."""

from __future__ import annotations

from award_portal.guards import Guard, append_only, arrows, frozen, register

SHUT = (
    "EXISTS (SELECT 1 FROM review_sitevisit v JOIN review_stagereview r ON r.id = v.review_id "
    "WHERE v.id = {row}.visit_id AND (v.state <> 'running' OR r.state = 'concluded'))"
)
KEPT = "现场结束后，记录不得改动（第十四条）"
SCORED = (
    "EXISTS (SELECT 1 FROM review_scoresheet s JOIN review_score k ON k.sheet_id = s.id "
    "WHERE s.review_id = NEW.id AND k.percent IS NOT NULL)"
)
CONCLUDES = "NEW.stage = 'site' AND OLD.state <> 'concluded' AND NEW.state = 'concluded'"
CLOSED_VISIT = "SELECT 1 FROM review_sitevisit v WHERE v.review_id = NEW.id AND v.state = 'closed'"
# Somebody who works on the unit and has not signed under the present closing.
UNSIGNED = (
    "SELECT 1 FROM review_sitevisit v JOIN review_assignment a ON a.id = NEW.assignment_id "
    "JOIN review_panelseat t ON t.panel_id = a.panel_id AND t.ended_at IS NULL "
    "JOIN review_reviewer w ON w.id = t.reviewer_id AND w.state = 'active' "
    "JOIN award_portal_user u ON u.id = w.user_id AND u.is_active "
    "JOIN applications_application p ON p.id = a.application_id WHERE v.review_id = NEW.id "
    "AND NOT EXISTS (SELECT 1 FROM review_declaration d WHERE d.user_id = w.user_id "
    "AND d.application_id = a.application_id AND d.conflict) "
    "AND NOT EXISTS (SELECT 1 FROM applications_applicantmembership m WHERE m.user_id = w.user_id "
    "AND m.applicant_id = p.applicant_id AND m.ends_at IS NULL) "
    "AND NOT EXISTS (SELECT 1 FROM review_absence b WHERE b.review_id = NEW.id AND b.seat_id = t.id "
    "AND b.state = 'approved') "
    "AND NOT EXISTS (SELECT 1 FROM review_visitsignature g WHERE g.visit_id = v.id AND g.seat_id = t.id "
    "AND g.closing = v.closings)"
)
UNEXPLAINED = (
    "SELECT 1 FROM review_consensus s JOIN review_stagereview e ON e.assignment_id = NEW.assignment_id AND e.stage = 'desk' "
    "JOIN review_consensus k ON k.review_id = e.id AND k.item = s.item "
    "WHERE s.review_id = NEW.id AND s.percent <> k.percent AND s.reason = ''"
)
OPEN_POINT = (
    "SELECT 1 FROM review_visitpoint n WHERE n.visit_id = NEW.id "
    "AND (n.result = '' OR (n.result <> 'verified' AND n.finding = ''))"
)
SIGNABLE = (
    "SELECT 1 FROM review_sitevisit v JOIN review_stagereview r ON r.id = v.review_id "
    "JOIN review_assignment a ON a.id = r.assignment_id JOIN review_panelseat t ON t.panel_id = a.panel_id "
    "JOIN review_reviewer w ON w.id = t.reviewer_id "
    "WHERE v.id = NEW.visit_id AND v.state = 'closed' AND r.state <> 'concluded' AND v.closings = NEW.closing "
    "AND v.sha256 = NEW.sha256 AND t.id = NEW.seat_id AND t.ended_at IS NULL AND w.state = 'active' "
    "AND NOT EXISTS (SELECT 1 FROM review_declaration d WHERE d.user_id = w.user_id "
    "AND d.application_id = a.application_id AND d.conflict)"
)


def while_running(table: str, name: str, stays: str = "") -> list[Guard]:
    """This function will give the guards of a table written only while its visit runs; `stays` says that no row is ever deleted."""
    old, new = SHUT.format(row="OLD"), SHUT.format(row="NEW")
    return [
        Guard(f"{name}_insert", table, "INSERT", new, KEPT),
        Guard(f"{name}_update", table, "UPDATE", f"NEW.visit_id <> OLD.visit_id OR {old}", KEPT),
        Guard(f"{name}_delete", table, "DELETE", "1 = 1" if stays else old, stays or KEPT),
    ]


register(
    arrows("review_sitevisit", "visit_arrows", [("running", "closed"), ("closed", "running")], KEPT),
    frozen("review_sitevisit", "visit_review", ("review_id",), "现场不得换到别的评审（第十四条）"),
    frozen(
        "review_sitevisit",
        "visit_kept",
        ("ends_on", "agenda", "asked", "closing", "closings", "closed_at", "sha256", "companion_id"),
        KEPT,
        "OLD.state = 'closed' AND NEW.state = 'closed'",
    ),
    Guard(
        "visit_concluded",
        "review_sitevisit",
        "UPDATE",
        "EXISTS (SELECT 1 FROM review_stagereview r WHERE r.id = OLD.review_id AND r.state = 'concluded')",
        "现场评审完成后，现场记录不得改动（第十四条）",
    ),
    Guard(
        "visit_closes",
        "review_sitevisit",
        "UPDATE",
        f"OLD.state = 'running' AND NEW.state = 'closed' AND (NEW.closings <> OLD.closings + 1 OR EXISTS ({OPEN_POINT}))",
        "核实事项都有结果后才能结束现场（第十四条）",
    ),
    Guard(
        "visit_of_site",
        "review_sitevisit",
        "INSERT",
        "NEW.state <> 'running' OR NOT EXISTS (SELECT 1 FROM review_stagereview r WHERE r.id = NEW.review_id "
        "AND r.stage = 'site' AND r.visited_on <= NEW.ends_on)",
        "现场属于现场评审，结束日期不早于开始日期（第十四条）",
    ),
    Guard("visit_no_delete", "review_sitevisit", "DELETE", "1 = 1", "现场不得删除（第十四条）"),
    *append_only("review_visitmove", "visit_move", "改期记录只增不改（第十四条）"),
    *while_running("review_visitpoint", "visit_point", "核实事项不得删除（第十四条）"),
    frozen(
        "review_visitpoint",
        "visit_point_text",
        ("item", "text", "carried", "added_by_id"),
        "核实事项不得改写（第十四条）",
    ),
    *while_running("review_visitentry", "visit_entry"),
    frozen("review_visitentry", "visit_entry_owner", ("recorded_by_id",), "查阅、访谈记录不得换人（第十四条）"),
    *while_running("review_visitnote", "visit_note"),
    frozen("review_visitnote", "visit_note_owner", ("written_by_id",), "笔记不得换人（第十七条）"),
    *while_running("review_visitphoto", "visit_photo", "现场照片不得删除，只能移除（第十四条）"),
    frozen(
        "review_visitphoto",
        "visit_photo_picture",
        ("file_id", "small_id", "taken_by_id", "taken_at"),
        "现场照片不得替换（第十四条）",
    ),
    *append_only("review_visitsignature", "visit_signature", "签名只增不改（第十七条）"),
    Guard(
        "visit_signable",
        "review_visitsignature",
        "INSERT",
        f"NOT EXISTS ({SIGNABLE})",
        "签名由仍在评审组的成员在现场结束后作出（第十七条）",
    ),
    Guard(
        "site_moved_late",
        "review_stagereview",
        "UPDATE",
        f"(NEW.visited_on IS DISTINCT FROM OLD.visited_on OR NEW.place <> OLD.place) AND {SCORED}",
        "现场评分开始后不得改期（第十四条）",
    ),
    Guard(
        "site_signed",
        "review_stagereview",
        "UPDATE",
        f"{CONCLUDES} AND (NOT EXISTS ({CLOSED_VISIT}) OR EXISTS ({UNSIGNED}))",
        "现场结束并由评审组全体签名后才能完成现场评审（第十四、十七条）",
    ),
    Guard(
        "site_explained",
        "review_stagereview",
        "UPDATE",
        f"{CONCLUDES} AND EXISTS ({UNEXPLAINED})",
        "与材料评审不同的得分须写明变化原因（第十四条）",
    ),
)
