"""What the database itself refuses in this stage."""

from award_portal.guards import Guard, append_only, arrows, frozen, register

APPLICATION = "applications_application"
STAMPED = ("cycle_id", "applicant_id", "number", "submitted_at", "submitted_by_id")
READ_ONLY = (
    "address", "legal_representative", "established_on", "operating_since", "industry", "size", "employees", "specialised",
    "products", "summary", "contact_name", "contact_phone", "contact_email", "self_assessment_id", "pledged",
)  # fmt: skip
LATE = "申报受理时间之外不能提交（第十五、十六条）"
CLOSED = "申报已提交，材料不得改动（第十六条）"

# Where the submission's own moment is not inside [opens_at, closes_at) of an announced cycle.
OUTSIDE = (
    "NOT EXISTS (SELECT 1 FROM applications_awardcycle c WHERE c.id = NEW.cycle_id AND c.state = 'announced' "
    "AND NEW.submitted_at >= c.opens_at AND NEW.submitted_at < COALESCE(c.taken_until, c.closes_at))"
)


def _closed(side: str) -> str:
    application = f"a.id = {side}.application_id"
    return f"EXISTS (SELECT 1 FROM applications_application a WHERE {application} AND a.state NOT IN ('draft', 'returned'))"  # noqa: S608


def _materials(table: str, name: str) -> list[Guard]:
    """The rows that belong to an application stand still with it: none is added, changed or taken away."""
    return [
        Guard(f"{name}_insert", table, "INSERT", _closed("NEW"), CLOSED),
        Guard(f"{name}_update", table, "UPDATE", f"{_closed('OLD')} OR {_closed('NEW')}", CLOSED),
        Guard(f"{name}_delete", table, "DELETE", _closed("OLD"), CLOSED),
    ]


register(
    arrows(
        APPLICATION,
        "application_arrows",
        [
            ("draft", "submitted"), ("submitted", "returned"), ("returned", "submitted"), ("declined", "submitted"),
            ("submitted", "accepted"), ("submitted", "declined"),
            ("draft", "withdrawn"), ("submitted", "withdrawn"), ("returned", "withdrawn"), ("accepted", "withdrawn"),
            ("accepted", "disqualified"),
        ],
        "申报的状态不能这样变更（第十六、十七条）",
    ),
    frozen(APPLICATION, "application_stamped", STAMPED, "受理编号、提交时间和申报单位不得改动（第十六条）", "OLD.number IS NOT NULL"),
    frozen(
        APPLICATION, "application_read_only", READ_ONLY, CLOSED, "OLD.state NOT IN ('draft', 'returned')"
    ),
    Guard("application_window", APPLICATION, "UPDATE", f"OLD.state = 'draft' AND NEW.state = 'submitted' AND {OUTSIDE}", LATE),
    Guard("application_begins_as_draft", APPLICATION, "INSERT", "NEW.state <> 'draft'", "申报从填报开始（第十六条）"),
    Guard("application_no_delete", APPLICATION, "DELETE", "OLD.number IS NOT NULL", "已受理的申报不得删除（第十六条）"),
    *append_only("applications_applicationversion", "application_version", "申报版本只增不改（第十六条）"),
    *_materials("applications_entry", "entry"),
    *_materials("applications_evidence", "evidence"),
    arrows(
        "applications_recommendation",
        "recommendation_arrows",
        [("requested", "signed"), ("requested", "refused"), ("requested", "void"), ("signed", "void"), ("refused", "void")],
        "推荐意见的状态不能这样变更（第十六条）",
    ),
    frozen(
        "applications_recommendation", "recommendation_signed",
        ("application_id", "department_id", "opinion", "signed_by_id", "signed_name", "signed_at", "manifest_hash", "scan_id"),
        "已签署的推荐意见不得改动（第十六条）", "OLD.state <> 'requested'",
    ),
    Guard("receipt_counter_forward", "applications_receiptcounter", "UPDATE", "NEW.last <> OLD.last + 1", "受理编号连续，不重号（第十六条）"),
    Guard("receipt_counter_stays", "applications_receiptcounter", "DELETE", "1 = 1", "受理编号连续，不重号（第十六条）"),
)  # fmt: skip
