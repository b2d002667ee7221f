"""What the database itself refuses in this stage, also to raw SQL (第四、六、十八、十九条)."""

from award_portal.guards import Guard, append_only, arrows, frozen, register

ON_LIST = "('proposed', 'held', 'cleared', 'submitted', 'approved')"
AWARDED = "('approved')"
QUOTA = "(SELECT c.quota FROM committee_shortlist s JOIN applications_awardcycle c ON c.id = s.cycle_id WHERE s.id = NEW.shortlist_id)"
OTHERS = "(SELECT COUNT(*) FROM committee_nomination n WHERE n.shortlist_id = NEW.shortlist_id AND n.id <> NEW.id AND n.state IN {})"
TOO_MANY = "拟奖和获奖单位不超过名额（第四条）"

register(
    # 第六条
    arrows(
        "committee_member", "member_arrows", [("nominated", "approved"), ("nominated", "refused"), ("approved", "ended")],
        "评委须先提名、后审定（第六条）",
    ),
    frozen("committee_member", "member_person", ("user_id", "office", "nominated_at"), "评委的人员和职务不得改动（第六条）"),
    # 第七、十八条
    arrows(
        "committee_meeting", "meeting_arrows", [("planned", "open"), ("open", "closed"), ("planned", "cancelled")],
        "会议状态不能这样改变（第十八条）",
    ),
    frozen(
        "committee_meeting", "meeting_closed", ("title", "purpose", "opened_at", "closed_at", "members", "quorum", "anchor"),
        "已结束的会议不得改动（第十八条）", when="OLD.state = 'closed'",
    ),
    Guard(
        "shortlist_signed",
        "committee_shortlist",
        "UPDATE",
        "OLD.state <> 'set' AND NEW.state = 'set' AND EXISTS (SELECT 1 FROM committee_nomination n WHERE n.shortlist_id = NEW.id "
        "AND NOT EXISTS (SELECT 1 FROM review_reviewreport r JOIN review_assignment a ON a.id = r.assignment_id "
        "WHERE a.application_id = n.application_id AND r.state = 'final'))",
        "评审报告没有全体会签的单位不得列入确定的入围名单（第十七条）",
    ),
    arrows("committee_shortlist", "shortlist_arrows", [("draft", "set")], "已确定的入围名单不得改动（第十八条）"),
    Guard(
        "nomination_after_set", "committee_nomination", "INSERT",
        "(SELECT s.state FROM committee_shortlist s WHERE s.id = NEW.shortlist_id) <> 'draft'",
        "入围名单已经确定，不能再加（第十八条）",
    ),
    Guard(
        "nomination_stays", "committee_nomination", "DELETE",
        "(SELECT s.state FROM committee_shortlist s WHERE s.id = OLD.shortlist_id) <> 'draft'",
        "入围名单已经确定，不能删减（第十八条）",
    ),
    frozen(
        "committee_nomination", "nomination_rank", ("shortlist_id", "application_id", "rank", "total"),
        "名次和得分由评分产生，不得改写（第十七条）",
    ),
    arrows(
        "committee_nomination", "nomination_arrows",
        [
            ("shortlisted", "proposed"), ("shortlisted", "not_proposed"), ("shortlisted", "removed"),
            ("proposed", "held"), ("proposed", "cleared"), ("proposed", "removed"),
            ("held", "proposed"), ("held", "cleared"), ("held", "removed"),
            ("cleared", "submitted"), ("cleared", "removed"),
            ("submitted", "approved"), ("submitted", "rejected"), ("submitted", "removed"),
        ],
        "名单状态不能这样改变（第十八、十九条）",
    ),
    Guard(
        "nomination_quota", "committee_nomination", "UPDATE",
        f"NEW.state = 'proposed' AND OLD.state <> 'proposed' AND {OTHERS.format(ON_LIST)} >= {QUOTA}", TOO_MANY,
    ),
    Guard(
        "nomination_award_quota", "committee_nomination", "UPDATE",
        f"NEW.state = 'approved' AND OLD.state <> 'approved' AND {OTHERS.format(AWARDED)} >= {QUOTA}", TOO_MANY,
    ),
    Guard(
        "nomination_by_ballot", "committee_nomination", "UPDATE",
        "OLD.state = 'shortlisted' AND NEW.state = 'proposed' AND NOT EXISTS (SELECT 1 FROM committee_ballotitem i JOIN "
        "committee_ballot b ON b.id = i.ballot_id WHERE i.nomination_id = NEW.id AND b.state = 'closed')",
        "拟奖名单只能由表决产生（第十八条）",
    ),
    Guard("nomination_starts", "committee_nomination", "INSERT", "NEW.state <> 'shortlisted'", "名单从入围开始（第十八条）"),
)  # fmt: skip

register(
    arrows("committee_ballot", "ballot_arrows", [("open", "closed")], "已结束的表决不能重开（第十八条）"),
    frozen(
        "committee_ballot", "ballot_rules",
        ("meeting_id", "cycle_id", "kind", "round", "form", "quota", "threshold", "quorum", "opened_at"),
        "表决规则在表决开始后不得改动（第七条）",
    ),
    frozen(
        "committee_ballot", "ballot_result", ("tally", "vacancy_reason", "closed_at"), "表决结果不得改动（第十八条）",
        when="OLD.state = 'closed'",
    ),
    Guard("ballot_stays", "committee_ballot", "DELETE", "1 = 1", "表决不得删除（第十八条）"),
    Guard(
        "ballot_in_meeting", "committee_ballot", "INSERT",
        "(SELECT m.state FROM committee_meeting m WHERE m.id = NEW.meeting_id) <> 'open'",
        "表决只能在进行中的会议上开始（第十八条）",
    ),
    Guard(
        "ballot_quota", "committee_ballot", "INSERT",
        "NEW.quota > (SELECT c.quota FROM applications_awardcycle c WHERE c.id = NEW.cycle_id)", TOO_MANY,
    ),
    *append_only("committee_ballotitem", "ballot_item", "表决对象不得改动（第十八条）"),
    *append_only("committee_turnout", "turnout", "票一经投出不能更改（第十八条）"),
    *append_only("committee_vote", "vote", "票一经投出不能更改（第十八条）"),
    Guard(
        "turnout_while_open", "committee_turnout", "INSERT",
        "(SELECT b.state FROM committee_ballot b WHERE b.id = NEW.ballot_id) <> 'open'", "表决已经结束（第十八条）",
    ),
    Guard(
        "turnout_present", "committee_turnout", "INSERT",
        "NOT EXISTS (SELECT 1 FROM committee_attendance a JOIN committee_ballot b ON b.meeting_id = a.meeting_id "
        "WHERE b.id = NEW.ballot_id AND a.member_id = NEW.member_id AND a.left_at IS NULL)",
        "未到会的评委不能投票（第十八条）",
    ),
    Guard(
        "vote_while_open", "committee_vote", "INSERT",
        "(SELECT b.state FROM committee_ballot b JOIN committee_ballotitem i ON i.ballot_id = b.id WHERE i.id = NEW.item_id) <> 'open'",
        "表决已经结束（第十八条）",
    ),
)  # fmt: skip

register(
    arrows(
        "committee_publicnotice", "notice_arrows", [("running", "closed"), ("running", "withdrawn")],
        "公示状态不能这样改变（第十九条）",
    ),
    frozen(
        "committee_publicnotice", "notice_period",
        ("cycle_id", "title", "body", "posted_at", "first_day", "last_day", "closes_at", "last_day_reason", "vacancies", "anchor"),
        "公示内容和公示期不得改动（第十九条）",
    ),
    Guard("notice_stays", "committee_publicnotice", "DELETE", "1 = 1", "公示不得删除（第十九条）"),
    Guard(
        "notice_full_time", "committee_publicnotice", "UPDATE",
        "OLD.state = 'running' AND NEW.state = 'closed' AND (NEW.closed_at IS NULL OR NEW.closed_at < NEW.closes_at)",
        "公示尚未期满（第十九条）",
    ),
    *append_only("committee_noticeentry", "notice_entry", "公示名单不得改动（第十九条）"),
    Guard(
        "notice_entry_proposed", "committee_noticeentry", "INSERT",
        "(SELECT n.state FROM committee_nomination n WHERE n.id = NEW.nomination_id) NOT IN ('proposed', 'held')",
        "公示的只能是表决产生的拟奖名单（第十九条）",
    ),
    Guard(
        "notice_entry_quota", "committee_noticeentry", "INSERT",
        "(SELECT COUNT(*) FROM committee_noticeentry e WHERE e.notice_id = NEW.notice_id) >= "
        "(SELECT c.quota FROM committee_publicnotice p JOIN applications_awardcycle c ON c.id = p.cycle_id WHERE p.id = NEW.notice_id)",
        TOO_MANY,
    ),
    arrows(
        "committee_objection", "objection_arrows",
        [("lodged", "accepted"), ("lodged", "refused"), ("accepted", "upheld"), ("accepted", "dismissed")],
        "异议处理不能这样改变（第十九条）",
    ),
    frozen(
        "committee_objection", "objection_words", ("notice_id", "nomination_id", "code", "name", "ground", "lodged_at"),
        "异议内容不得改动（第十九条）",
    ),
    Guard(
        "objection_in_period", "committee_objection", "INSERT",
        "NEW.lodged_at >= (SELECT p.closes_at FROM committee_publicnotice p WHERE p.id = NEW.notice_id)",
        "公示期满后不再受理异议（第十九条）",
    ),
    frozen(
        "committee_governmentdecision", "decision_stands",
        ("cycle_id", "document_number", "meeting_on", "document_on", "recorded_by_id", "recorded_at"),
        "表彰决定登记后不得改动（第十九条）",
    ),
    Guard("decision_stays", "committee_governmentdecision", "DELETE", "1 = 1", "表彰决定不得删除（第十九条）"),
    Guard(
        "decision_approves_submitted", "committee_nomination", "UPDATE",
        "NEW.state = 'approved' AND OLD.state <> 'approved' AND NOT EXISTS (SELECT 1 FROM committee_governmentdecision d "
        "JOIN committee_shortlist s ON s.cycle_id = d.cycle_id WHERE s.id = NEW.shortlist_id)",
        "没有区政府决定不能登记获奖（第十九条）",
    ),
)  # fmt: skip
