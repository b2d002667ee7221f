"""What this stage answers when earlier ones ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from applications import cycles
from applications import permissions as application_permissions
from applications.models import ApplicantMembership, Application, AwardCycle
from award_portal import desk, people, roles, views
from award_portal.roles import Role
from award_portal.wording import cn_closing, cn_date
from committee import (
    ballots,
    chapters,  # noqa: F401
    decisions,
    documents,  # noqa: F401
    notices,
    objections,
    permissions,
    rechecking,
    shortlists,
    standing,
)
from committee.models import Ballot, GovernmentDecision, Meeting, Member, Nomination, Objection, PublicNotice, Shortlist
from review import permissions_reports, rankings
from review.models import Declaration, Pledge

# ── what falls due, what is news ──


@views.due.plug
def close_notices(at: datetime) -> Iterator[Any]:
    """第十九条: notices whose last day is over."""
    yield from notices.close_due(at)


@views.front_page.plug
def news(at: datetime) -> Iterator[tuple[str, str, str, datetime]]:
    """第十九条: the last notices and decisions on the home page."""
    for notice in PublicNotice.objects.exclude(state=PublicNotice.State.WITHDRAWN)[:2]:
        text = f"公示至{cn_closing(notice.closes_at)}" if at < notice.closes_at else "公示期满"
        yield notice.title, notice.get_absolute_url(), text, notice.posted_at
    for decision in GovernmentDecision.objects.select_related("cycle").order_by("-document_on")[:1]:
        yield f"{decision.cycle}表彰决定", decision.get_absolute_url(), decision.document_number, decision.recorded_at


# ── questions of earlier stages ──


@people.objections.plug
def seats_exclude(user: Any, role: str, at: datetime) -> Iterator[str]:
    """第六、八条: who sits on the committee or is nominated for it does not work in the secretariat; a seat gives the role."""
    waiting = Member.objects.filter(user=user, state__in=[Member.State.NOMINATED, Member.State.APPROVED])
    if role == Role.SECRETARIAT and waiting.exists():
        yield f"{user}是评委会成员或者委员人选，不能在秘书处任职。"
    if role == Role.MEMBER and not waiting.filter(state=Member.State.APPROVED).exists():
        yield "评委的角色随评委会任职取得，请在评委会成员页办理。"


@people.bindings.plug
def seats_bind(user: Any, role: str, at: datetime) -> Iterator[str]:
    """第六条: the member's role goes with his seat and ends with it."""
    if role == Role.MEMBER and Member.objects.filter(user=user, state=Member.State.APPROVED).exists():
        yield "评委的角色随任职终止，请在评委会成员页登记卸任。"


@application_permissions.readers.plug
def shortlisted_for_members(user: Any, at: datetime) -> Iterator[Any]:
    """第九、十八条: a sitting member reads shortlisted units: pledge signed, no conflict declared, not his own, not reviewed by him."""
    seat = standing.seat_of(user, at) if Role.MEMBER in roles.of(user, at) else None
    if seat is None:
        return
    listed = Application.objects.filter(
        nomination__shortlist__state=Shortlist.State.SET,
        cycle__in=Pledge.objects.filter(user=user).values("cycle"),
        pk__in=Declaration.objects.filter(user=user, conflict=False).values("application"),
    ).exclude(applicant__in=ApplicantMembership.objects.filter(user=user).values("applicant"))
    aside = standing.recused(listed, [seat], at)
    yield [pk for pk, reasons in aside.items() if seat.pk not in reasons]


@application_permissions.too_late.plug
def decided(application: Application, at: datetime) -> Iterator[str]:
    """第三条: a unit may withdraw until the government has decided."""
    if GovernmentDecision.objects.filter(cycle=application.cycle_id).exists():
        yield "区政府已作出表彰决定，不能再撤回申报。"


@permissions_reports.decided.plug
def government_decided() -> Iterator[QuerySet]:
    """第十九条: units are told what their review found when the government has decided."""
    yield GovernmentDecision.objects.values("cycle")


@cycles.frozen.plug
def final_by_now(cycle: AwardCycle) -> Iterator[tuple[frozenset[str], str]]:
    """第七条: ballot and objection rules are final once the first ballot or notice opens."""
    if Ballot.objects.filter(cycle=cycle).exists():
        yield cycles.FROZEN_AT_BALLOT, "本届表决已经开始"
    if PublicNotice.objects.filter(cycle=cycle).exists():
        yield cycles.FROZEN_AT_BALLOT, "本届公示已经开始"


@cycles.unfinished.plug
def still_running(cycle: AwardCycle) -> Iterator[str]:
    """第四、十九条: what has to end before the cycle does."""
    if Meeting.objects.filter(cycle=cycle, state=Meeting.State.OPEN).exists():
        yield "评委会会议尚未结束。"
    if PublicNotice.objects.filter(cycle=cycle, state=PublicNotice.State.RUNNING).exists():
        yield "公示尚未期满。"
    decided = GovernmentDecision.objects.filter(cycle=cycle).exists()
    waiting = [Nomination.State.PROPOSED, Nomination.State.HELD, Nomination.State.SUBMITTED]
    # One decision per cycle so far: a unit cleared after it stays on record as cleared and keeps the cycle open no longer.
    waiting += [] if decided else [Nomination.State.CLEARED]
    if _in_the_running(cycle, waiting):
        yield "拟奖单位尚待公示、处理异议或者区政府决定。"
    if not decided and Application.objects.accepted().filter(cycle=cycle).exists():
        yield from _before_the_list(cycle)


def _in_the_running(cycle: AwardCycle, states: Iterable[str]) -> bool:
    """第三条: whether a unit that has neither withdrawn nor been disqualified stands on the list in one of `states`."""
    listed = Nomination.objects.filter(shortlist__cycle=cycle, state__in=states)
    return listed.filter(application__state=Application.State.ACCEPTED).exists()


def _before_the_list(cycle: AwardCycle) -> Iterator[str]:
    """第十七、十八条: accepted units are reviewed, and what is ranked is voted on; a run-off that is due is held."""
    settled = rankings.settled(cycle)
    if not settled:
        yield settled.reason
    elif rankings.ranking(cycle):
        ballot = ballots.last(cycle)
        voted = ballot is not None and ballot.state == Ballot.State.CLOSED
        if not voted or _in_the_running(cycle, [Nomination.State.SHORTLISTED]):
            yield "评委会尚未对入围单位表决。"


# ── rooms and desks ──


@views.overviews.plug
def rooms(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第五、六、十八、十九条: what the secretariat runs here."""
    filled = standing.offices_filled(at)
    seats = Member.objects.filter(state=Member.State.APPROVED).count()
    yield "评委会成员", reverse("committee:members"), f"在任{seats}人" if filled else filled.reason
    yield "评委会会议", reverse("committee:meetings"), "召集、签到、表决、纪要"
    for cycle in AwardCycle.objects.filter(state=AwardCycle.State.ANNOUNCED):
        shortlist = shortlists.of_cycle(cycle)
        if shortlist is not None:
            yield f"{cycle}入围名单", shortlist.get_absolute_url(), shortlist.get_state_display()
        elif shortlists.drawable(cycle):
            yield f"拟定{cycle}入围名单", reverse("committee:draw_up", args=[cycle.pk]), "评审已完成，可以拟定名单"
    waiting = Objection.objects.filter(state__in=notices.OPEN_OBJECTIONS).count()
    yield "公示与异议", reverse("committee:objections"), f"待处理异议{waiting}件"


@desk.items.plug
def member_items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第六、九、十八条: what awaits a member: candidates to approve, a meeting, the pledge, a ballot."""
    seat = standing.seat_of(user, at) if Role.MEMBER in roles.of(user, at) else None
    if seat is None:
        return
    if seat.office == Member.Office.CHAIR:
        for nominee in Member.objects.filter(state=Member.State.NOMINATED).select_related("user"):
            yield desk.Item(f"审定委员人选{nominee.user}", reverse("committee:members"), nominee.post, article=6)
    for meeting in Meeting.objects.filter(state__in=[Meeting.State.PLANNED, Meeting.State.OPEN]):
        yield desk.Item(
            meeting.title, meeting.get_absolute_url(), meeting.place, due_at=meeting.planned_for, article=18
        )
    for ballot in Ballot.objects.filter(state=Ballot.State.OPEN).select_related("meeting", "cycle"):
        if ballots.castable(user, ballot, at):
            yield desk.Item(
                f"投票：{ballot}", reverse("committee:cast", args=[ballot.pk]), "投出后不能更改。", article=18
            )
    for shortlist in Shortlist.objects.filter(state=Shortlist.State.SET, cycle__state=AwardCycle.State.ANNOUNCED):
        listed = [
            one.application for one in shortlist.nominations.filter(state="shortlisted").select_related("application")
        ]  # type: ignore[attr-defined]
        if listed and (
            not standing.pledged(user, shortlist.cycle) or standing.undeclared(user, shortlist.cycle, listed)
        ):
            yield desk.Item("签署承诺书并申报利害关系", reverse("committee:mine"), f"{shortlist}", article=9)


@desk.items.plug
def secretariat_items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十八、十九条: what the secretariat has to do after the ranking."""
    if Role.SECRETARIAT not in roles.of(user, at):
        return
    for cycle in AwardCycle.objects.filter(state=AwardCycle.State.ANNOUNCED):
        yield from _next_step(user, cycle, at)
        yield from rechecking.tasks(cycle)
    open_ones = Objection.objects.filter(state__in=notices.OPEN_OBJECTIONS).select_related(
        "nomination__application__applicant", "notice__cycle"
    )
    for objection in open_ones:
        title = f"{'受理' if objection.state == Objection.State.LODGED else '办结'}异议：{objection.nomination}"
        yield desk.Item(title, objection.get_absolute_url(), "", due_at=objections.due_at(objection), article=19)


def _next_step(user: Any, cycle: AwardCycle, at: datetime) -> Iterator[desk.Item]:
    shortlist = shortlists.of_cycle(cycle)
    if shortlist is None:
        if shortlists.drawable(cycle):
            url = reverse("committee:draw_up", args=[cycle.pk])
            yield desk.Item(f"拟定{cycle}入围名单", url, "评审已完成。", article=18)
    elif shortlist.state == Shortlist.State.DRAFT:
        yield desk.Item(f"确定{shortlist}", shortlist.get_absolute_url(), "拟定后须确定，评委才能看到。", article=18)
    elif permissions.may_publish(user, cycle, at):
        yield desk.Item(
            f"发布{cycle}拟奖名单公示", reverse("committee:publish", args=[cycle.pk]), "表决已有结果。", article=19
        )
    elif permissions.may_submit_list(user, cycle, at):
        yield desk.Item(
            f"提请区政府审定{cycle}拟奖名单",
            reverse("committee:submit_list", args=[cycle.pk]),
            "公示期满。",
            article=19,
        )


@desk.items.plug
def government_items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十九条: what awaits the government's clerk."""
    if Role.GOVERNMENT not in roles.of(user, at):
        return
    for cycle in AwardCycle.objects.filter(state=AwardCycle.State.ANNOUNCED):
        if decisions.recordable(cycle):
            notice = decisions.closed_notice(cycle)
            text = f"公示已于{cn_date(notice.last_day)}期满。" if notice else ""
            yield desk.Item(f"登记{cycle}表彰决定", reverse("committee:government"), text, article=19)


@desk.shortcuts.plug
def shortcuts(user: Any, at: datetime) -> Iterator[tuple[str, str]]:
    """This function will give the committee's pages to those who use them."""
    held = roles.of(user, at)
    if held & {Role.MEMBER, Role.GOVERNMENT, Role.SECRETARIAT}:
        yield "评委会会议", reverse("committee:meetings")
        yield "评委会成员", reverse("committee:members")


@cycles.concerned.plug
def concerned(cycle: AwardCycle, changed: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    """第七条: what changes in the vote and in the objections concerns the members of the committee."""
    names = changed & cycles.FROZEN_AT_BALLOT
    if names:
        for seat in Member.objects.filter(state=Member.State.APPROVED).select_related("user"):
            yield seat.user, names
