"""What the database itself refuses about sheets, scores and findings: raw SQL too (第十三、十四、十七条)."""

# ruff: noqa: S608 - the statements are put together from names of our own

from __future__ import annotations

from award_portal import rubric
from award_portal.guards import Guard, append_only, arrows, frozen, register

STAGE = (
    "review_stagereview r JOIN review_assignment a ON a.id = r.assignment_id "
    "JOIN applications_application p ON p.id = a.application_id JOIN applications_awardcycle c ON c.id = p.cycle_id"
)
RUNNING = "r.state = 'open' AND p.state = 'accepted' AND c.state = 'announced'"
SEAT = "review_panelseat t JOIN review_reviewer w ON w.id = t.reviewer_id"
UNBARRED = (
    "w.state <> 'disqualified' AND NOT EXISTS (SELECT 1 FROM review_declaration d "
    "WHERE d.user_id = w.user_id AND d.application_id = a.application_id AND d.conflict)"
)  # of an ended seat `guards_panels` speaks
SEATED = f"t.ended_at IS NULL AND {UNBARRED}"
# Every item of every standard with its points, as the standards' files have them; renewed by every migrate.
ITEMS = "(VALUES {}) AS v".format(
    ", ".join(
        f"('{code}', '{item.code}', {item.points})" for code in rubric.codes() for item in rubric.load(code).items
    )
)

OF_STANDARD = f"SELECT 1 FROM review_scoresheet s, {ITEMS} WHERE s.id = NEW.sheet_id AND v.column1 = s.rubric AND v.column2 = NEW.item"
EXACT = "(NEW.percent IS NULL OR NEW.points * 100 = v.column3 * NEW.percent)"
UNFINISHED = (
    f"SELECT 1 FROM {ITEMS} WHERE v.column1 = NEW.rubric AND (NOT EXISTS (SELECT 1 FROM review_score s "
    "WHERE s.sheet_id = NEW.id AND s.item = v.column2 AND s.percent IS NOT NULL) OR NOT EXISTS "
    "(SELECT 1 FROM review_finding f WHERE f.sheet_id = NEW.id AND f.item = v.column2))"
)
STAGE_OF_SHEET = f"SELECT 1 FROM {STAGE} JOIN review_scoresheet s ON s.review_id = r.id WHERE s.id = NEW.sheet_id"
OWNER_OF_SHEET = (
    f"SELECT 1 FROM review_scoresheet s JOIN {SEAT.replace('review_panelseat t', 'review_panelseat t ON t.id = s.seat_id')} "
    "JOIN review_stagereview r ON r.id = s.review_id JOIN review_assignment a ON a.id = r.assignment_id "
    "WHERE s.id = NEW.sheet_id"
)
OF_UNIT = (
    "SELECT 1 FROM review_scoresheet s JOIN review_stagereview r ON r.id = s.review_id "
    "JOIN review_assignment a ON a.id = r.assignment_id JOIN applications_application p ON p.id = a.application_id "
    "WHERE s.id = NEW.sheet_id AND (p.self_assessment_id = NEW.file_id OR EXISTS "
    "(SELECT 1 FROM applications_evidence e WHERE e.application_id = p.id AND e.file_id = NEW.file_id))"
)
CLOSED = "SELECT 1 FROM review_scoresheet s WHERE s.id = {row}.sheet_id AND s.state <> 'open'"
APPROVED = (
    "SELECT 1 FROM review_sheetreopening o WHERE o.sheet_id = OLD.id AND o.state = 'approved' "
    "AND o.version = (SELECT MAX(n.number) FROM review_sheetversion n WHERE n.sheet_id = OLD.id)"
)
RUNNING_SHEET = f"EXISTS (SELECT 1 FROM {STAGE} WHERE r.id = NEW.review_id AND {RUNNING})"
SEATED_SHEET = (
    f"EXISTS (SELECT 1 FROM {SEAT}, review_stagereview r JOIN review_assignment a ON a.id = r.assignment_id "
    f"WHERE t.id = NEW.seat_id AND r.id = NEW.review_id AND {SEATED})"
)
ASKABLE = (
    "SELECT 1 FROM review_scoresheet s JOIN review_stagereview r ON r.id = s.review_id "
    "WHERE s.id = NEW.sheet_id AND s.state = 'locked' AND r.state = 'open'"
)
LOCKS = "OLD.state <> 'locked' AND NEW.state = 'locked'"

FINDING_CLOSED = "评分表锁定或者作废后，优势与改进空间不得改动（第十七条）"
NOT_RUNNING = "该单位的个人评分已经结束，不得再评分（第十七条）"
NOT_SEATED = "席位已经结束、已回避或者已取消资格的人员不得评分（第九、二十六条）"
NOT_EXACT = "条款须属于评分表的评审标准，得分须等于分值乘以得分率（第十三条）"
NOT_OF_UNIT = "引用的材料须是该单位的申报材料（第十七条）"


def on_writing(name: str, table: str, when: str, message: str) -> list[Guard]:
    """This function will give a guard of what is put into a table, as a new row and as a changed one."""
    return [Guard(f"{name}_{event.lower()}", table, event, when, message) for event in ("INSERT", "UPDATE")]


register(
    *on_writing("score_exact", "review_score", f"NOT EXISTS ({OF_STANDARD} AND {EXACT})", NOT_EXACT),
    *on_writing("score_running", "review_score", f"NOT EXISTS ({STAGE_OF_SHEET} AND {RUNNING})", NOT_RUNNING),
    *on_writing("score_seated", "review_score", f"NOT EXISTS ({OWNER_OF_SHEET} AND {UNBARRED})", NOT_SEATED),
    *on_writing("finding_item", "review_finding", f"NOT EXISTS ({OF_STANDARD})", NOT_EXACT),
    *on_writing("finding_running", "review_finding", f"NOT EXISTS ({STAGE_OF_SHEET} AND {RUNNING})", NOT_RUNNING),
    *on_writing("finding_seated", "review_finding", f"NOT EXISTS ({OWNER_OF_SHEET} AND {SEATED})", NOT_SEATED),
    *on_writing("finding_file", "review_finding", f"NEW.file_id IS NOT NULL AND NOT EXISTS ({OF_UNIT})", NOT_OF_UNIT),
    Guard("finding_insert", "review_finding", "INSERT", f"EXISTS ({CLOSED.format(row='NEW')})", FINDING_CLOSED),
    Guard(
        "finding_update",
        "review_finding",
        "UPDATE",
        f"EXISTS ({CLOSED.format(row='OLD')}) OR NEW.sheet_id <> OLD.sheet_id",
        FINDING_CLOSED,
    ),
    Guard("finding_delete", "review_finding", "DELETE", f"EXISTS ({CLOSED.format(row='OLD')})", FINDING_CLOSED),
    Guard("sheet_begins_open", "review_scoresheet", "INSERT", "NEW.state <> 'open'", "评分表从评分开始（第十七条）"),
    Guard(
        "sheet_standard",
        "review_scoresheet",
        "INSERT",
        f"NOT EXISTS (SELECT 1 FROM {STAGE} JOIN applications_cyclerules u ON u.cycle_id = c.id "
        "WHERE r.id = NEW.review_id AND u.state = 'adopted' AND u.rubric = NEW.rubric)",
        "评分表须按本届现行规则的评审标准填写（第十三条）",
    ),
    frozen("review_scoresheet", "sheet_rubric", ("rubric",), "评分开始后评审标准不得更换（第十三条）"),
    frozen(
        "review_scoresheet",
        "sheet_words",
        ("key_factors", "first_thoughts", "signed_name", "locked_at"),
        "锁定的评分表不得改动（第十七条）",
        "OLD.state = 'locked' AND NEW.state = 'locked'",
    ),
    Guard("sheet_lock_running", "review_scoresheet", "UPDATE", f"{LOCKS} AND NOT {RUNNING_SHEET}", NOT_RUNNING),
    Guard("sheet_lock_seated", "review_scoresheet", "UPDATE", f"{LOCKS} AND NOT {SEATED_SHEET}", NOT_SEATED),
    Guard(
        "sheet_lock_complete",
        "review_scoresheet",
        "UPDATE",
        f"{LOCKS} AND EXISTS ({UNFINISHED})",
        "每个条款都有得分率和至少一条优势或者改进空间才能锁定（第十七条）",
    ),
    Guard(
        "sheet_reopened",
        "review_scoresheet",
        "UPDATE",
        f"OLD.state = 'locked' AND NEW.state = 'open' AND (NOT EXISTS ({APPROVED}) OR NOT {RUNNING_SHEET})",
        "锁定的评分表须经批准、且在合议开始前才能更正（第十七条）",
    ),
    arrows(
        "review_sheetreopening",
        "sheet_reopening_arrows",
        [("requested", "approved"), ("requested", "refused")],
        "更正申请决定后不得改动（第十七条）",
    ),
    frozen(
        "review_sheetreopening",
        "sheet_reopening_asked",
        ("sheet_id", "version", "reason", "requested_by_id", "requested_at"),
        "更正申请提出后不得改动（第十七条）",
    ),
    Guard(
        "sheet_reopening_begins",
        "review_sheetreopening",
        "INSERT",
        f"NEW.state <> 'requested' OR NOT EXISTS ({ASKABLE})",
        "更正只在合议开始前、对锁定的评分表申请（第十七条）",
    ),
    Guard(
        "sheet_reopening_in_time",
        "review_sheetreopening",
        "UPDATE",
        f"NEW.state = 'approved' AND OLD.state <> 'approved' AND NOT EXISTS ({ASKABLE})",
        "合议开始后不再批准更正（第十七条）",
    ),
    Guard("sheet_reopening_no_delete", "review_sheetreopening", "DELETE", "1 = 1", "更正申请不得删除（第十七条）"),
    *append_only("review_sheetversion", "sheet_version", "锁定的版本只增不改（第十七条）"),
)
