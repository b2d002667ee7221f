"""Who may do what in the committee's rooms. When and whether a verb can be done is asked of the verb's own module."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import AwardCycle
from award_portal import roles
from award_portal.policy import holds
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no
from committee import standing
from committee.models import Ballot, Meeting, Member, Nomination, Objection, PublicNotice, Shortlist
from review import permissions as review_permissions
from review.models import Declaration, ReviewReport

M, N = Meeting.State, Nomination.State
CHAIRING = (Member.Office.CHAIR, Member.Office.SECRETARY_GENERAL)


def secretariat(user: Any, obj: Any, at: datetime) -> Verdict:
    """第八条: what the secretariat runs."""
    return holds(Role.SECRETARIAT)(user, at)


def _secretariat_when(user: Any, at: datetime, allowed: bool, reason: str, article: int) -> Verdict:
    who = holds(Role.SECRETARIAT)(user, at)
    if not who:
        return who
    return YES if allowed else no(reason, article)


# ── 委员（第六条）──


def may_judge_member(user: Any, member: Member, at: datetime) -> Verdict:
    """第六条: only the chair approves or refuses whom the secretariat nominates."""
    if not standing.holds_office(user, (Member.Office.CHAIR,), at):
        return no("委员人选由评委会主任审定。", 6)
    return YES if member.state == Member.State.NOMINATED else no("该人选已经审定。", 6)


def may_approve_member(user: Any, member: Member, at: datetime) -> Verdict:
    """第六、十八条: the chair approves a nominated person, but nobody joins while a vote is on."""
    return may_judge_member(user, member, at) and standing.unmoved()


def may_end_membership(user: Any, member: Member, at: datetime) -> Verdict:
    """第六、十八条: the secretariat records that a seat has ended, but nobody leaves while a vote is on."""
    return (
        _secretariat_when(user, at, member.state == Member.State.APPROVED, "该评委不在任。", 6) and standing.unmoved()
    )


def may_appoint_office(user: Any, obj: Any, at: datetime) -> Verdict:
    """第六、十八条: the secretariat records who holds an office, but nobody joins while a vote is on."""
    return secretariat(user, obj, at) and standing.unmoved()


# ── 会议（第六、七、十八条）──


def may_call(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第七、十八条: the secretariat calls a meeting for a cycle that was not cancelled."""
    return _secretariat_when(user, at, cycle.state != AwardCycle.State.CANCELLED, "该届次已取消。", 7)


def may_open_meeting(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第六、十八条: offices filled and a quorum in the room."""
    who = _secretariat_when(user, at, meeting.state == M.PLANNED, "会议不在待召开状态。", 18)
    return who and openable(meeting, at)


def openable(meeting: Meeting, at: datetime) -> Verdict:
    """第六、十八条: a meeting opens with exactly one chair, vice chair and secretary-general in force, and a quorum.

    In a cycle that runs; rules are also adopted before its announcement, and an award is revoked at any time after.
    """
    early = meeting.purpose == Meeting.Purpose.RULES and meeting.cycle.state == AwardCycle.State.DRAFT
    if not early and meeting.purpose != Meeting.Purpose.REVOCATION:
        running = standing.under_way(meeting.cycle)
        if not running:
            return running
    filled = standing.offices_filled(at)
    if not filled:
        return filled
    rules = standing.rules_for(meeting)
    if rules is None:
        return no("本届评审规则尚未拟定或者审定，会议没有法定人数可依。", 7)
    return standing.quorum(meeting, at, rules.quorum)


def may_close_meeting(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第十八条: not while a ballot is open."""
    who = _secretariat_when(user, at, meeting.state == M.OPEN, "会议没有在进行。", 18)
    if who and meeting.ballots.filter(state=Ballot.State.OPEN).exists():  # type: ignore[attr-defined]
        return no("表决尚未结束，不能结束会议。", 18)
    return who


def may_cancel_meeting(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第十八条: only what has not begun is cancelled."""
    return _secretariat_when(user, at, meeting.state == M.PLANNED, "会议已经召开或者取消。", 18)


def may_sign_in(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第十八条: a sitting member signs in himself."""
    if standing.seat_of(user, at) is None:
        return no("只有在任评委可以签到。", 6)
    if meeting.state not in {M.PLANNED, M.OPEN}:
        return no("会议已经结束或者取消。", 18)
    if user.pk in {member.user_id for member in standing.present(meeting, at)}:
        return no("您已签到。", 18)
    return YES


def may_leave(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第十八条: who is in the room may leave it."""
    if user.pk not in {member.user_id for member in standing.present(meeting, at)}:
        return no("您不在会场。", 18)
    return YES if meeting.state in {M.PLANNED, M.OPEN} else no("会议已经结束或者取消。", 18)


def may_note_attendance(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第十八条: the secretariat notes who comes and goes."""
    return _secretariat_when(user, at, meeting.state in {M.PLANNED, M.OPEN}, "会议已经结束或者取消。", 18)


def may_adopt_rules(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第七条: in the open meeting called for it, by the chair or the secretary-general who is there."""
    if not standing.holds_office(user, CHAIRING, at):
        return no("审定规则由主任或者秘书长登记。", 7)
    return adoptable(user, meeting, at)


def adoptable(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第七条: the meeting is about the rules, is open, has its quorum, and the person is in the room."""
    if meeting.purpose != Meeting.Purpose.RULES or meeting.state != M.OPEN:
        return no("规则只能在进行中的“审定规则”会议上审定。", 7)
    if user.pk not in {member.user_id for member in standing.present(meeting, at)}:
        return no("您未在本次会议签到。", 7)
    return standing.quorum(meeting, at, meeting.quorum)


def may_read_minutes(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第七、十八条: minutes go to those who may see the meeting, once they are made."""
    return YES if meeting.minutes_id else no("会议纪要尚未生成。", 18)


# ── 入围与表决（第十八条）──


def may_draw_up(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十八条: the secretariat draws up the shortlist from the ranking."""
    from committee import shortlists

    return secretariat(user, cycle, at) and shortlists.drawable(cycle)


def may_pledge(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: a sitting member signs the cycle's pledge once."""
    if standing.seat_of(user, at) is None:
        return no("本页面供在任评委签署承诺。", 9)
    return review_permissions.may_pledge(user, cycle, at)


def may_declare(user: Any, nomination: Nomination, at: datetime) -> Verdict:
    """第九条: a sitting member declares on each listed unit; a conflict, once declared, stays."""
    if standing.seat_of(user, at) is None:
        return no("本页面供在任评委申报利害关系。", 9)
    if Declaration.objects.filter(user=user, application=nomination.application_id, conflict=True).exists():
        return no("您已申报有利害关系，对该单位回避。", 9)
    return YES


def may_edit_shortlist(user: Any, shortlist: Shortlist, at: datetime) -> Verdict:
    """第十八条: a shortlist is changed until it is set."""
    return _secretariat_when(user, at, shortlist.state == Shortlist.State.DRAFT, "入围名单已经拟定，不能再改。", 18)


def may_set_shortlist(user: Any, shortlist: Shortlist, at: datetime) -> Verdict:
    """第十七、十八条: set once, and only with units whose review report every member of the panel has signed."""
    final = ReviewReport.objects.filter(state=ReviewReport.State.FINAL).values("assignment__application")
    unsigned = shortlist.nominations.exclude(application__in=final)  # type: ignore[attr-defined]
    names = "、".join(str(row.application.applicant) for row in unsigned.select_related("application__applicant"))
    edit = may_edit_shortlist(user, shortlist, at)
    return edit and (no(f"评审报告还没有全体会签：{names}。", 17) if names else YES)


def may_note_form(user: Any, nomination: Nomination, at: datetime) -> Verdict:
    """第十八条: the form of deliberation is recorded before the ballot opens."""
    settled = nomination.shortlist.state == Shortlist.State.SET and nomination.state == N.SHORTLISTED
    who = _secretariat_when(user, at, settled, "只能为已拟定名单中的入围单位登记审议形式。", 18)
    if who and nomination.ballot_items.exists():  # type: ignore[attr-defined]
        return no("表决已经开始，审议形式不能再改。", 18)
    return who


def may_remove(user: Any, nomination: Nomination, at: datetime) -> Verdict:
    """第三、十八条: only a unit that has withdrawn or lost its standing is taken off; a judgement is the committee's."""
    alive = nomination.state in {N.SHORTLISTED, N.PROPOSED, N.HELD, N.CLEARED, N.SUBMITTED}
    who = _secretariat_when(user, at, alive, "该单位已不在名单上，或者已有决定。", 18)
    if who and in_standing(nomination):
        return no("该单位仍在参评。只有撤回申报或者被取消资格的单位可以移出。", 18)
    return who


def in_standing(nomination: Nomination) -> bool:
    """第三、十七条: the unit has neither withdrawn nor been disqualified."""
    return bool(nomination.application.state == "accepted")


def may_open_ballot(user: Any, meeting: Meeting, at: datetime) -> Verdict:
    """第十一、十八条: in an open meeting for deliberation, with a quorum, after the conditions were asked again."""
    who = _secretariat_when(user, at, meeting.state == M.OPEN, "表决只能在进行中的会议上开始。", 18)
    if not who:
        return who
    if meeting.purpose != Meeting.Purpose.DELIBERATION:
        return no("表决只能在“审议表决”会议上进行。", 18)
    from committee import ballots

    return ballots.openable(meeting, at)


def may_cast(user: Any, ballot: Ballot, at: datetime) -> Verdict:
    """第十八条: a sitting member who is in the room and has not voted yet."""
    if standing.seat_of(user, at) is None:
        return no("只有在任评委可以投票。", 18)
    from committee import ballots

    return ballots.castable(user, ballot, at)


def may_close_ballot(user: Any, ballot: Ballot, at: datetime) -> Verdict:
    """第十八条: the secretariat counts; quorum is checked again."""
    who = _secretariat_when(user, at, ballot.state == Ballot.State.OPEN, "该表决已经结束。", 18)
    if not who:
        return who
    from committee import ballots

    return ballots.countable(ballot, at)


# ── 公示、异议、决定（第十九条）──


def may_withdraw_notice(user: Any, notice: PublicNotice, at: datetime) -> Verdict:
    """第十九条: a wrong notice is withdrawn while it runs; the next one gets its own full period."""
    running = notice.state == PublicNotice.State.RUNNING and at < notice.closes_at
    return _secretariat_when(user, at, running, "公示已经期满或者撤回。", 19)


def may_accept_objection(user: Any, objection: Objection, at: datetime) -> Verdict:
    """第十九条: the secretariat takes an objection up."""
    return _secretariat_when(user, at, objection.state == Objection.State.LODGED, "该异议已经处理。", 19)


def may_decide_objection(user: Any, objection: Objection, at: datetime) -> Verdict:
    """第十九条: only what was taken up is upheld or dismissed."""
    return _secretariat_when(
        user, at, objection.state == Objection.State.ACCEPTED, "只有已受理的异议可以作出处理意见。", 19
    )


def may_read_objection(user: Any, objection: Objection, at: datetime) -> Verdict:
    """第十九条: the objector's name goes to the secretariat and auditors only."""
    return holds(Role.SECRETARIAT, Role.AUDITOR)(user, at)


def may_publish(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十九条: the secretariat publishes what was voted."""
    from committee import notices

    return secretariat(user, cycle, at) and notices.publishable(cycle)


def may_submit_list(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十一、十九条: the secretariat submits what is cleared, after the conditions were asked again."""
    from committee import decisions

    return secretariat(user, cycle, at) and decisions.submittable(cycle)


def may_record(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十九条: the government's clerk records what the standing meeting decided."""
    from committee import decisions

    if not roles.holds(user, Role.GOVERNMENT, at):
        return no("表彰决定由区政府办登记。", 19)
    return decisions.recordable(cycle)
