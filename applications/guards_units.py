"""What the database itself refuses of invitations, claims and signals (第九、十、十六条)."""

from award_portal.guards import Guard, append_only, arrows, frozen, register

INVITATION, CLAIM, SIGNAL = "applications_invitation", "applications_claim", "applications_signal"
ASKED = ("applicant_id", "claimant_id", "name", "licence_id", "letter_id", "statement", "submitted_at")
PROPOSED = ("proposal", "proposed_by_id", "proposed_at", "proposal_reason")
DECIDED = ("decided_by_id", "decided_at", "decision_reason")
RAISED = ("application_id", "kind", "detail", "other", "raised_at")

register(
    frozen(
        INVITATION, "invitation_names", ("applicant_id", "email", "level", "invited_by_id", "invited_at"),
        "邀请的对象和权限不得改动（第十六条）",
    ),
    frozen(
        INVITATION, "invitation_ended", ("token_hash", "expires_at", "accepted_at", "accepted_by_id", "revoked_at"),
        "已接受或已撤回的邀请不得改动（第十六条）", "OLD.accepted_at IS NOT NULL OR OLD.revoked_at IS NOT NULL",
    ),
    Guard("invitation_no_delete", INVITATION, "DELETE", "1 = 1", "邀请不得删除（第十六条）"),
    arrows(
        CLAIM, "claim_arrows",
        [
            ("submitted", "proposed"), ("proposed", "submitted"), ("proposed", "granted"), ("proposed", "refused"),
            ("submitted", "withdrawn"), ("proposed", "withdrawn"),
        ],
        "申领的状态不能这样变更（第十条）",
    ),
    Guard("claim_begins", CLAIM, "INSERT", "NEW.state <> 'submitted'", "申领从提交开始（第十条）"),
    frozen(CLAIM, "claim_asked", ASKED, "申领的材料不得改动（第十条）"),
    frozen(
        CLAIM, "claim_proposed", PROPOSED, "核实意见不得改动，只能退回重新核实（第十条）",
        "OLD.state <> 'submitted' AND NOT (OLD.state = 'proposed' AND NEW.state = 'submitted')",
    ),
    frozen(CLAIM, "claim_decided", DECIDED, "申领决定不得改动（第十条）", "OLD.decided_by_id IS NOT NULL"),
    frozen(CLAIM, "claim_withdrawn", ("withdrawn_at",), "已撤回的申领不得改动（第十条）", "OLD.withdrawn_at IS NOT NULL"),
    Guard("claim_no_delete", CLAIM, "DELETE", "1 = 1", "申领不得删除（第十条）"),
    *append_only("applications_setaside", "set_aside", "不再使用的草稿不得改动（第十条）"),
    Guard("signal_begins_open", SIGNAL, "INSERT", "NEW.state <> 'open'", "核查提示从待核实开始（第十条）"),
    arrows(SIGNAL, "signal_arrows", [("open", "dismissed"), ("open", "confirmed")], "核查提示的结果不得改动（第十条）"),
    frozen(SIGNAL, "signal_raised", RAISED, "核查提示的内容不得改动（第十条）"),
    frozen(
        SIGNAL, "signal_decided", ("decided_by_id", "decided_at", "reason"), "核查提示的结果不得改动（第十条）",
        "OLD.state <> 'open'",
    ),
    Guard("signal_no_delete", SIGNAL, "DELETE", "1 = 1", "核查提示不得删除（第十条）"),
)  # fmt: skip
