"""What the database itself refuses about the pool and the outside bodies (第九条)."""

from __future__ import annotations

from award_portal.guards import Guard, append_only, arrows, frozen, register

ENGAGEMENT = "登记的往来只能写明结束日期或者撤销，不得改写、删除（第九条）"
BODY_CONFLICT = "机构声明的利害关系不得改回（第九条）"

register(
    frozen(
        "review_engagement",
        "engagement_facts",
        ("reviewer_id", "kind", "organisation", "code", "since", "recorded_by_id", "recorded_at"),
        ENGAGEMENT,
    ),
    frozen("review_engagement", "engagement_ended", ("until",), ENGAGEMENT, "OLD.until IS NOT NULL"),
    frozen(
        "review_engagement",
        "engagement_withdrawn",
        ("withdrawn_at", "withdrawal_reason", "until", "note"),
        ENGAGEMENT,
        "OLD.withdrawn_at IS NOT NULL",
    ),
    Guard("engagement_no_delete", "review_engagement", "DELETE", "1 = 1", ENGAGEMENT),
    Guard(
        "record_revision_forward",
        "review_reviewer",
        "UPDATE",
        "NEW.record_revision < OLD.record_revision",
        "档案版次只增不减（第九条）",
    ),
    *append_only("review_recordconfirmation", "record_confirmation", "档案确认只增不改（第九条）"),
    *append_only("review_bodycontract", "body_contract", "委托合同登记后不得改动（第九条）"),
    *append_only("review_bodypledge", "body_pledge", "机构承诺书登记后不得改动（第九条）"),
    Guard(
        "body_conflict_stays",
        "review_bodydeclaration",
        "UPDATE",
        "NEW.body_id <> OLD.body_id OR NEW.application_id <> OLD.application_id OR (OLD.explanation <> '' "
        "AND (OLD.conflict <> NEW.conflict OR OLD.explanation <> NEW.explanation))",
        BODY_CONFLICT,
    ),
    Guard("body_declaration_no_delete", "review_bodydeclaration", "DELETE", "1 = 1", BODY_CONFLICT),
    arrows("review_poolimport", "pool_import_arrows", [("read", "done")], "同一份入库表只导入一次（第九条）"),
    frozen("review_poolimport", "pool_import_lines", ("lines",), "核对过的入库表不得改动（第九条）"),
)
