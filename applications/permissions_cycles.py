"""Who may do what with a cycle, its rules and its announcement (第四、七、八、十五条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import cycles, publication
from applications.models import Announcement, AnnouncementAttachment, AwardCycle, CycleRules
from award_portal.policy import holds
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no

secretariat = holds(Role.SECRETARIAT)
insider = holds(Role.SECRETARIAT, Role.AUDITOR)
rule_makers = holds(Role.SECRETARIAT, Role.MEMBER, Role.AUDITOR)  # who may read the withheld rules


def may_draft_rules(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第七、八条: the secretariat drafts while the cycle is planned or running."""
    if not (verdict := secretariat(user, at)):
        return verdict
    if cycle.state not in {AwardCycle.State.DRAFT, AwardCycle.State.ANNOUNCED}:
        return no(f"{cycle}{cycle.get_state_display()}。", 7)
    draft = cycle.rules.filter(state=CycleRules.State.DRAFT).first()
    return no(f"已有第{draft.version}版草案，请直接修改。", 7) if draft else YES


def may_amend_rules(user: Any, rules: CycleRules, at: datetime) -> Verdict:
    """第七条: only a draft changes."""
    if not (verdict := secretariat(user, at)):
        return verdict
    return YES if rules.state == CycleRules.State.DRAFT else no("规则已审定，修改须另起草新版本，由评委会重新审定。", 7)


def may_compose(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第七、十五条: the secretariat writes the announcement once the committee has adopted the rules."""
    return secretariat(user, at) and publication.may_write(cycle)


def may_attach(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十五条: the secretariat attaches files to the draft."""
    return secretariat(user, at) and publication.may_attach(cycle)


def may_detach(user: Any, attachment: AnnouncementAttachment, at: datetime) -> Verdict:
    """第十五条: only a draft's attachment is taken off."""
    if not (verdict := secretariat(user, at)):
        return verdict
    return YES if attachment.draft_id else no("公告已经发布，附件不能删除。", 15)


def may_preview(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十五条: who drafts and who audits sees the announcement before it is published."""
    return insider(user, at)


def may_announce(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第七、十五条: the secretariat announces what it has drafted, once the committee has adopted the rules."""
    return secretariat(user, at) and publication.may_publish(cycle)


def may_withdraw_announcement(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十五条: the secretariat withdraws before anybody has submitted."""
    return secretariat(user, at) and publication.may_withdraw(cycle, at)


def may_note_publication(user: Any, announcement: Announcement, at: datetime) -> Verdict:
    """第十五条: the secretariat enters where the announcement appeared."""
    return secretariat(user, at)


def may_extend(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十五条: the secretariat extends before the window has closed."""
    return secretariat(user, at) and cycles.may_extend(cycle, at)


def may_conclude(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第四条: the secretariat ends a cycle in which nothing runs any more."""
    return secretariat(user, at) and cycles.may_conclude(cycle)


def may_cancel(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第七条: the secretariat cancels a cycle in which nobody has submitted."""
    return secretariat(user, at) and cycles.may_cancel(cycle)
