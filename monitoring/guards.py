"""What the database itself refuses in this stage, whoever writes (第四、十九、二十、二十四、二十八、二十九条)."""

from award_portal.guards import Guard, append_only, arrows, frozen, register

AWARD, CERTIFICATE, BONUS = "monitoring_award", "monitoring_certificate", "monitoring_bonus"
REPORT, CASE, BAN = "monitoring_performancereport", "monitoring_revocation", "monitoring_ban"
RECOVERY, VOTE = "monitoring_recovery", "monitoring_revocationvote"
APPLICATION = "applications_application"


def _kept(table: str, name: str, message: str) -> Guard:
    return Guard(f"{name}_no_delete", table, "DELETE", "1 = 1", message)


register(
    # Articles 4 and 19: at most the quota, one way, and only with the government's approval back.
    Guard(
        "award_within_quota", AWARD, "INSERT",
        "NEW.slot > (SELECT c.quota FROM applications_awardcycle c WHERE c.id = NEW.cycle_id)",
        "获奖单位不得超过名额（第四条）",
    ),
    Guard("award_starts_conferred", AWARD, "INSERT", "NEW.state <> 'conferred'", "奖项自授奖起有效（第十九条）"),
    arrows(AWARD, "award_arrows", [("conferred", "revoked")], "奖项只能由有效变为已撤销（第二十八、二十九条）"),
    Guard(
        "award_revoked_by_approval", AWARD, "UPDATE",
        "NEW.state = 'revoked' AND OLD.state <> 'revoked' AND NOT EXISTS "
        "(SELECT 1 FROM monitoring_revocation r WHERE r.award_id = NEW.id AND r.state = 'approved')",
        "撤销奖项须经区政府批准（第二十八、二十九条）",
    ),
    frozen(
        AWARD, "award_facts", ("cycle_id", "applicant_id", "nomination_id", "decision_id", "name", "slot", "awarded_on"),
        "授奖的事实不得改动（第十九条）",
    ),
    _kept(AWARD, "award", "获奖记录不得删除，撤销的也保留（第二十三条）"),
    frozen(CERTIFICATE, "certificate_number", ("award_id", "number", "issued_at"), "证书编号不得改动（第十九条）"),
    frozen(
        CERTIFICATE, "certificate_document", ("document_id",), "证书只生成一次（第十九条）", when="OLD.document_id IS NOT NULL"
    ),
    _kept(CERTIFICATE, "certificate", "证书不得删除（第十九条）"),
    # Articles 20 and 21: the amount of the Measures, paid once, not before the document.
    Guard(
        "bonus_amount_of_cycle", BONUS, "INSERT",
        "NEW.state <> 'pending' OR NEW.amount <> (SELECT c.bonus FROM monitoring_award a "
        "JOIN applications_awardcycle c ON c.id = a.cycle_id WHERE a.id = NEW.award_id)",
        "奖金数额以办法规定为准（第二十条）",
    ),
    arrows(BONUS, "bonus_arrows", [("pending", "paid"), ("pending", "cancelled")], "奖金拨付或者取消后不得改动（第二十条）"),
    Guard(
        "bonus_paid_after_award", BONUS, "UPDATE",
        "NEW.state = 'paid' AND OLD.state <> 'paid' AND EXISTS (SELECT 1 FROM monitoring_award a WHERE a.id = NEW.award_id "
        "AND (a.state <> 'conferred' OR NEW.paid_on < a.awarded_on))",
        "奖金不得早于表彰决定拨付，撤销后不再拨付（第二十条）",
    ),
    frozen(BONUS, "bonus_amount", ("award_id", "amount"), "奖金数额不得改动（第二十条）"),
    frozen(BONUS, "bonus_payment", ("paid_on", "voucher"), "拨付记录不得改动（第二十一条）", when="OLD.state = 'paid'"),
    _kept(BONUS, "bonus", "奖金记录不得删除（第二十一条）"),
    # Article 24: as many reports as the Measures state, each due on its day.
    Guard(
        "report_within_count", REPORT, "INSERT",
        "NEW.number > (SELECT c.report_count FROM monitoring_award a JOIN applications_awardcycle c ON c.id = a.cycle_id "
        "WHERE a.id = NEW.award_id)",
        "质量绩效报告的份数以办法规定为准（第二十四条）",
    ),
    arrows(
        REPORT, "report_arrows",
        [
            ("due", "submitted"), ("due", "cancelled"), ("submitted", "accepted"), ("submitted", "returned"),
            ("returned", "submitted"), ("returned", "cancelled"),
        ],
        "质量绩效报告的状态不能这样变更（第二十四条）",
    ),
    frozen(REPORT, "report_duty", ("award_id", "number", "due_on"), "应报日期不得改动（第二十四条）"),
    frozen(
        REPORT, "report_handed_in", ("indicators", "improvements", "bonus_use", "sharing", "file_id", "submitted_at"),
        "已报送的报告不得改动（第二十四条）", when="OLD.state IN ('submitted', 'accepted')",
    ),
    _kept(REPORT, "report", "质量绩效报告不得删除（第二十四条）"),
)  # fmt: skip

DRAWN = "撤销事项的状态不能这样变更（第二十八、二十九条）"
BARRED = "该单位的奖项曾被撤销，在不予受理期内不能申报（第二十八、二十九条）"
_BAN = "EXISTS (SELECT 1 FROM monitoring_ban b JOIN applications_applicant u ON u.code = b.code WHERE u.id = NEW.applicant_id AND "
_ON_POSTGRES = _BAN + (
    "b.starts_on <= (NEW.submitted_at AT TIME ZONE 'Asia/Shanghai')::date "
    "AND b.ends_on > (NEW.submitted_at AT TIME ZONE 'Asia/Shanghai')::date)"
)
# The moment is stored in UTC; China keeps eight hours ahead of it all year.
_ON_SQLITE = (
    _BAN + "b.starts_on <= date(NEW.submitted_at, '+8 hours') AND b.ends_on > date(NEW.submitted_at, '+8 hours'))"
)

register(
    # Articles 28 and 29: reported, heard, voted, approved, in this order.
    Guard("revocation_starts_opened", CASE, "INSERT", "NEW.state <> 'opened'", DRAWN),
    arrows(
        CASE, "revocation_arrows",
        [
            ("opened", "heard"), ("opened", "dropped"), ("heard", "dropped"), ("heard", "proposed"),
            ("proposed", "approved"), ("proposed", "rejected"),
        ],
        DRAWN,
    ),
    frozen(CASE, "revocation_facts", ("award_id", "ground", "article", "facts", "event_on", "opened_at"), "立案的事实不得改动（第二十八、二十九条）"),
    frozen(
        CASE, "revocation_approval", ("document_number", "approved_on", "notice", "notice_at"), "批准和公告不得改动（第二十八、二十九条）",
        when="OLD.state = 'approved' AND OLD.notice_at IS NOT NULL",
    ),
    _kept(CASE, "revocation", "撤销事项不得删除（第二十八、二十九条）"),
    frozen(CASE, "revocation_threshold", ("threshold",), "表决开始后通过比例不得改动（第七条）", when="OLD.threshold <> ''"),
    Guard(
        "revocation_vote_in_session", VOTE, "INSERT",
        "NOT EXISTS (SELECT 1 FROM monitoring_revocation r JOIN committee_meeting m ON m.id = r.meeting_id "
        "WHERE r.id = NEW.revocation_id AND m.id = NEW.meeting_id AND r.state = 'heard' AND m.state = 'open')",
        "表决只在听取意见之后、会议进行中作出（第七条）",
    ),
    *append_only(VOTE, "revocation_vote", "表决后不得更改（第七条）"),
    frozen(RECOVERY, "recovery_facts", ("revocation_id", "thing", "amount"), "应收回的内容不得改动（第二十八、二十九条）"),
    frozen(RECOVERY, "recovery_done", ("recovered_on",), "收回记录不得改动（第二十八、二十九条）", when="OLD.recovered_on IS NOT NULL"),
    _kept(RECOVERY, "recovery", "收回记录不得删除（第二十八、二十九条）"),
    Guard(
        "ban_follows_approval", BAN, "INSERT",
        "NOT EXISTS (SELECT 1 FROM monitoring_revocation r WHERE r.id = NEW.revocation_id AND r.state = 'approved')",
        "不予受理只随批准撤销产生（第二十八、二十九条）",
    ),
    *append_only(BAN, "ban", "不予受理期不得改动（第二十八、二十九条）"),
    Guard(
        "ban_bars_submission", APPLICATION, "UPDATE",
        f"OLD.state = 'draft' AND NEW.state = 'submitted' AND {_ON_POSTGRES}", BARRED,
        when_sqlite=f"OLD.state = 'draft' AND NEW.state = 'submitted' AND {_ON_SQLITE}",
    ),
    Guard(
        "ban_bars_insertion", APPLICATION, "INSERT", f"NEW.state = 'submitted' AND {_ON_POSTGRES}", BARRED,
        when_sqlite=f"NEW.state = 'submitted' AND {_ON_SQLITE}",
    ),
)  # fmt: skip
