"""Who may do what with a cycle, its rules and its announcement (第四、七、八、十五条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import cycles
from applications.models import AwardCycle, CycleRules
from award_portal.policy import holds
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no

secretariat = holds(Role.SECRETARIAT)


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


def may_announce(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第七、十五条: the secretariat announces once the committee has adopted the rules."""
    if not (verdict := secretariat(user, at)):
        return verdict
    if cycle.state != AwardCycle.State.DRAFT:
        return no(f"{cycle}为“{cycle.get_state_display()}”，公告已发布或届次已取消。", 15)
    if not cycle.rules.adopted().exists():
        return no("评审标准和规则尚未经评委会审定，不能发布公告。", 7)
    return YES


def may_extend(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十五条: the secretariat extends before the window has closed."""
    return secretariat(user, at) and cycles.may_extend(cycle, at)


def may_conclude(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第四条: the secretariat ends a cycle in which nothing runs any more."""
    return secretariat(user, at) and cycles.may_conclude(cycle)


def may_cancel(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第七条: the secretariat cancels a cycle in which nobody has submitted."""
    return secretariat(user, at) and cycles.may_cancel(cycle)
