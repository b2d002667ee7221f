"""What the database itself refuses of a cycle, its rules and its announcements (第四、七、十三、十五条)."""

from award_portal.guards import Guard, append_only, arrows, frozen, register

CYCLE, RULES, ANNOUNCEMENT = "applications_awardcycle", "applications_cyclerules", "applications_announcement"
NUMBERS = (
    "number", "year", "regulation", "interval_years", "quota", "operation_years", "look_back_years", "total_points",
    "publicity_days", "bonus", "report_count", "accident_window_years", "ban_years",
)  # fmt: skip
LEFT_OPEN = (
    "cycle_id", "version", "rubric", "correction_days", "panel_size", "conflict_years", "spread_points", "spread_bands",
    "site_cutoff", "site_top_factor", "desk_weight", "site_weight", "tie_break", "quorum", "threshold", "ballot_form",
    "objection_accept_days", "objection_conclude_days", "profile_limit", "report_limit", "file_limit_mb",
    "application_limit_mb", "recheck_days", "answer_days", "grace_minutes", "adopted_at", "adopted_by_id", "adopted_in", "reason",
)  # fmt: skip
PUBLISHED = (
    "cycle_id", "kind", "title", "body", "materials", "contacts", "channels", "opens_at", "closes_at", "reference_on",
    "reason", "published_at", "published_by_id",
)  # fmt: skip
ATTACHMENT, PUBLICATION = "applications_announcementattachment", "applications_publication"
ANNOUNCED = "OLD.state <> 'draft'"
STAYS = f"{ANNOUNCED} AND NEW.state <> 'draft'"  # the announcement is not withdrawn by this very step
STANDING = "EXISTS (SELECT 1 FROM applications_announcement p WHERE p.cycle_id = OLD.id AND p.withdrawn_at IS NULL)"
SUBMITTED = "EXISTS (SELECT 1 FROM applications_application a WHERE a.cycle_id = OLD.id AND a.submitted_at IS NOT NULL)"

register(
    arrows(
        CYCLE,
        "cycle_arrows",
        [
            ("draft", "announced"),
            ("announced", "concluded"),
            ("draft", "cancelled"),
            ("announced", "cancelled"),
            ("announced", "draft"),
        ],
        "届次状态不能这样变更（第四条）",
    ),
    frozen(CYCLE, "cycle_numbers", NUMBERS, "公告后名额等数字不得改动（第四条）", when=ANNOUNCED),
    frozen(
        CYCLE,
        "cycle_window_opening",
        ("opens_at", "reference_on"),
        "公告后受理开始时间和基准日不得改动（第十五条）",
        when=STAYS,
    ),
    Guard(
        "cycle_window_only_longer",
        CYCLE,
        "UPDATE",
        f"{STAYS} AND OLD.closes_at IS NOT NULL AND (NEW.closes_at IS NULL OR NEW.closes_at < OLD.closes_at)",
        "受理时间只能延长（第十五条）",
    ),
    Guard(
        "cycle_withdrawn_before_submission",
        CYCLE,
        "UPDATE",
        f"OLD.state = 'announced' AND NEW.state = 'draft' AND {SUBMITTED}",
        "已有单位提交申报，公告不能撤回（第十五条）",
    ),
    Guard(
        "cycle_withdrawn_with_its_announcements",
        CYCLE,
        "UPDATE",
        f"OLD.state = 'announced' AND NEW.state = 'draft' AND {STANDING}",
        "公告未撤回，届次不能回到筹备（第十五条）",
    ),
    frozen(
        CYCLE,
        "cycle_window_closed",
        ("closes_at", "taken_until", "window_closed_at"),
        "受理已经截止（第十五条）",
        when="OLD.window_closed_at IS NOT NULL",
    ),
    Guard(
        "cycle_ruled_first",
        CYCLE,
        "UPDATE",
        "OLD.state = 'draft' AND NEW.state = 'announced' AND NOT EXISTS "
        "(SELECT 1 FROM applications_cyclerules r WHERE r.cycle_id = NEW.id AND r.state = 'adopted')",
        "规则未经评委会审定，不能公告（第七条）",
    ),
    Guard("cycle_no_delete", CYCLE, "DELETE", "1 = 1", "届次不得删除（第四条）"),
    arrows(RULES, "rules_arrows", [("draft", "adopted"), ("adopted", "superseded")], "规则状态不能这样变更（第七条）"),
    frozen(RULES, "rules_adopted", LEFT_OPEN, "规则经审定后不得改动（第七条）", when=ANNOUNCED),
    Guard("rules_no_delete", RULES, "DELETE", ANNOUNCED, "经审定的规则不得删除（第七条）"),
    frozen(ANNOUNCEMENT, "announcement_published", PUBLISHED, "公告发布后不得改动（第十五条）"),
    frozen(
        ANNOUNCEMENT,
        "announcement_document",
        ("document_id",),
        "公告文件不得改动（第十五条）",
        when="OLD.document_id IS NOT NULL",
    ),
    frozen(
        ANNOUNCEMENT,
        "announcement_docx",
        ("docx_id",),
        "公告文件不得改动（第十五条）",
        when="OLD.docx_id IS NOT NULL",
    ),
    frozen(
        ANNOUNCEMENT,
        "announcement_withdrawn",
        ("withdrawn_at", "withdrawn_by_id", "withdrawn_reason"),
        "撤回的公告不得恢复（第十五条）",
        when="OLD.withdrawn_at IS NOT NULL",
    ),
    Guard(
        "attachment_of_draft_first",
        ATTACHMENT,
        "INSERT",
        "NEW.announcement_id IS NOT NULL",
        "公告发布后不得增加附件（第十五条）",
    ),
    frozen(
        ATTACHMENT,
        "attachment_published",
        ("draft_id", "announcement_id", "title", "file_id"),
        "公告发布后附件不得改动（第十五条）",
        when="OLD.announcement_id IS NOT NULL",
    ),
    Guard(
        "attachment_no_delete", ATTACHMENT, "DELETE", "OLD.announcement_id IS NOT NULL", "公告附件不得删除（第十五条）"
    ),
    *append_only(PUBLICATION, "publication", "发布记录只增不改（第十五条）"),
    Guard("announcement_no_delete", ANNOUNCEMENT, "DELETE", "1 = 1", "公告不得删除（第十五条）"),
)
