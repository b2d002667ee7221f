"""第四、十八条: the ballot: open, final once cast, counted with a quorum; at most the quota is proposed, the rest is vacant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from applications import rechecks
from applications.models import Recheck
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from committee import permissions, standing, tally
from committee.models import Ballot, BallotItem, Meeting, Member, Nomination, Shortlist, Turnout, Vote

S, N = Ballot.State, Nomination.State
CLOSE = Step((S.OPEN,), S.CLOSED, 18)
PROPOSE = Step((N.SHORTLISTED,), N.PROPOSED, 18)
PASS_OVER = Step((N.SHORTLISTED,), N.NOT_PROPOSED, 18)


# ── what comes next ──


def last(cycle: Any) -> Ballot | None:
    """第十八条: the cycle's latest ballot."""
    return Ballot.objects.filter(cycle=cycle).order_by("-round").first()


def candidates(cycle: Any) -> list[Nomination]:
    """第十八条: who is voted on next: the shortlist, or after more passed than there are places, those who passed."""
    shortlist = Shortlist.objects.filter(cycle=cycle, state=Shortlist.State.SET).first()
    if shortlist is None:
        return []
    waiting = shortlist.nominations.filter(state=N.SHORTLISTED)  # type: ignore[attr-defined]
    earlier = last(cycle)
    if earlier is not None:
        waiting = waiting.filter(pk__in=(earlier.tally or {}).get("runoff", []))
    return list(waiting.select_related("application__applicant"))


def awaited(cycle: Any) -> bool:
    """第十八条: whether the committee has still to vote, in a cycle that runs, on a shortlist that is set."""
    if not standing.under_way(cycle):
        return False
    earlier = last(cycle)
    if earlier is not None and (earlier.state == S.OPEN or not (earlier.tally or {}).get("runoff")):
        return False
    return bool(candidates(cycle))


def openable(meeting: Meeting, at: datetime) -> Verdict:
    """第十一、十八条: a quorum is there, the shortlist set, every unit looked at, the conditions asked again, and no result stands."""
    running = standing.under_way(meeting.cycle)
    if not running:
        return running
    earlier = last(meeting.cycle_id)
    if earlier is not None and earlier.state == S.OPEN:
        return no("已有表决正在进行。", 18)
    if earlier is not None and not (earlier.tally or {}).get("runoff"):
        return no("本届拟奖名单已经表决产生。", 18)
    units = candidates(meeting.cycle_id)
    if not units:
        return no("入围名单尚未拟定，或者名单上没有待表决的单位。", 18)
    for nomination in units:
        if not permissions.in_standing(nomination):
            return no(f"{nomination}已不在参评之列，请先移出名单。", 18)
        if not nomination.form:
            return no(f"尚未登记{nomination}的审议形式（现场展示或者实地核查）。", 18)
    rules = standing.adopted_rules(meeting.cycle)
    if rules is None:
        return no("本届规则尚未审定。", 7)
    again = rechecks.done(meeting.cycle, Recheck.Stage.VOTE)
    return again and standing.quorum(meeting, at, rules.quorum)


@act("开始表决", 18, role=Role.SECRETARIAT)
def open_ballot(meeting: Meeting, *, by: Any, at: datetime) -> Ballot:
    """第十八条: this function will open the ballot on the shortlist, or the run-off among those who passed beyond the quota.

    Quorum, threshold, form and quota are copied from the adopted rules and the cycle: they change no more for this ballot.
    """
    lock(meeting)
    lock(meeting.cycle)
    require(permissions.may_open_ballot(by, meeting, at))
    rules, earlier = standing.adopted_rules(meeting.cycle), last(meeting.cycle_id)
    if rules is None:
        raise Refused("本届规则尚未审定。", 7)
    ballot = Ballot(
        meeting=meeting, cycle=meeting.cycle, opened_at=at, form=rules.ballot_form, quota=meeting.cycle.quota,
        threshold=rules.threshold, quorum=rules.quorum, round=earlier.round + 1 if earlier else 1,
        kind=Ballot.Kind.RUNOFF if earlier else Ballot.Kind.LIST,
    )  # fmt: skip
    units = candidates(meeting.cycle_id)
    store(ballot, clash="已有表决正在进行。")
    for nomination in units:
        store(BallotItem(ballot=ballot, nomination=nomination))
    return ballot


# ── casting ──


def items_of(ballot: Ballot) -> list[BallotItem]:
    """第十八条: the units on the ballot, in rank order."""
    listed = ballot.items.select_related("nomination__application__applicant")  # type: ignore[attr-defined]
    return list(listed.order_by("nomination__rank", "pk"))


def items_for(ballot: Ballot, member: Member, at: datetime) -> tuple[list[BallotItem], list[tuple[BallotItem, str]]]:
    """第九、十八条: what this member votes on, and what he stands aside from, with the reason."""
    listed = items_of(ballot)
    aside = standing.recused([item.nomination.application for item in listed], [member], at)
    own, recused = [], []
    for item in listed:
        reason = aside[item.nomination.application_id].get(member.pk)
        if reason:
            recused.append((item, reason))
        else:
            own.append(item)
    return own, recused


def castable(user: Any, ballot: Ballot, at: datetime) -> Verdict:
    """第九、十八条: the member is in the room, has signed the pledge, has declared on each unit, and has not voted yet."""
    seat = standing.seat_of(user, at)
    if seat is None:
        return no("只有在任评委可以投票。", 18)
    if ballot.state != S.OPEN:
        return no("表决已经结束。", 18)
    if Turnout.objects.filter(ballot=ballot, member=seat).exists():
        return no("您已投票。票一经投出不能更改。", 18)
    if seat.pk not in {member.pk for member in standing.present(ballot.meeting, at)}:
        return no("您未在本次会议签到，不能投票。", 18)
    if not standing.pledged(user, ballot.cycle):
        return no("请先签署本届保密与公正承诺。", 9)
    listed = items_of(ballot)
    missing = standing.undeclared(user, ballot.cycle, [item.nomination.application for item in listed])
    if missing:
        return no("请先对" + "、".join(str(one.applicant) for one in missing) + "作利害关系声明。", 9)
    if not items_for(ballot, seat, at)[0]:
        return no("您对全部单位均应回避，本次不投票。", 9)
    return YES


@act("投票", 18, role=Role.MEMBER)
def cast(ballot: Ballot, choices: Mapping[int, str], *, by: Any, at: datetime) -> Turnout:
    """第十八条: this function will cast a member's votes: one on each unit he does not stand aside from, all at once.

    `choices` maps nominations (by key) to for, against or abstain. Final: neither he nor anybody else changes it.
    """
    # The ballot's row is the lock between a last vote and the count: without it a vote could land after the tally was made.
    lock(ballot)
    require(castable(by, ballot, at))
    seat = standing.seat_of(by, at)
    if seat is None:
        raise Refused("只有在任评委可以投票。", 18)
    own, _ = items_for(ballot, seat, at)
    if set(choices) != {item.nomination_id for item in own}:
        raise Refused("请对每家单位各投一票；回避的单位不投票。", 18)
    if not set(choices.values()) <= set(Vote.Choice.values):
        raise Refused("每票只能是赞成、反对或者弃权。", 18)
    turnout = store(Turnout(ballot=ballot, member=seat, at=at), clash="您已投票。票一经投出不能更改。")
    for item in own:
        store(
            Vote(item=item, member=seat, choice=choices[item.nomination_id]),
            clash="该票不能计入：表决已经结束或者已投过票。",
        )
    return turnout


# ── counting ──


def countable(ballot: Ballot, at: datetime) -> Verdict:
    """第十八条: the quorum is still in the room, and enough members have voted or stand aside from everything."""
    there = standing.quorum(ballot.meeting, at, ballot.quorum)
    if not there:
        return there
    heard, members = len(_heard(ballot, at)), Member.objects.sitting(at).count()
    if tally.quorum_met(min(heard, members), members, tally.fraction(ballot.quorum)):
        return YES
    return no(f"应到{members}人，已投票{heard}人，不足法定人数（{ballot.quorum}），不能计票。", 18)


def _heard(ballot: Ballot, at: datetime) -> set[int]:
    voted = set(Turnout.objects.filter(ballot=ballot).values_list("member", flat=True))
    room = standing.present(ballot.meeting, at)
    applications = [item.nomination.application for item in items_of(ballot)]
    aside = standing.recused(applications, room, at)
    return voted | {seat.pk for seat in room if applications and all(seat.pk in aside[one.pk] for one in applications)}


def result(ballot: Ballot, at: datetime) -> dict[str, Any]:
    """第四、十八条: this function will count: exact numbers, the committee as it stands, who stood aside from which unit.

    A unit's base is who is in the room (or has voted) and does not stand aside from it. A vote of somebody who has to
    stand aside, found out after he voted, enters no sum. A unit that left in between is not counted.
    """
    items = [item for item in items_of(ballot) if permissions.in_standing(item.nomination)]
    voted = set(Turnout.objects.filter(ballot=ballot).values_list("member", flat=True))
    room = {seat.pk: seat for seat in standing.present(ballot.meeting, at)}
    room |= {seat.pk: seat for seat in Member.objects.filter(pk__in=voted).select_related("user")}
    aside = standing.recused([item.nomination.application for item in items], room.values(), at)
    away = {item.nomination_id: aside[item.nomination.application_id] for item in items}
    votes = Vote.objects.filter(item__in=items).values_list("item__nomination", "member", "choice")
    counts = tally.count(
        [(unit, choice) for unit, member, choice in votes if member not in away[unit]],
        {unit: len(set(room) - set(reasons)) for unit, reasons in away.items()},
    )
    threshold = tally.fraction(ballot.threshold)
    found = tally.outcome(counts, threshold, ballot.quota)
    names = {item.nomination_id: str(item.nomination) for item in items}
    return {
        "members": Member.objects.sitting(at).count(),
        "present": len(room),
        "turnout": len(voted),
        "quorum": ballot.quorum,
        "threshold": ballot.threshold,
        "quota": ballot.quota,
        "rows": [_row(one, names, away, room, threshold) for one in counts],
        "proposed": list(found.proposed),
        "refused": list(found.refused),
        "runoff": list(found.runoff),
        "vacancies": found.vacancies,
    }


def _row(one: tally.Count, names: dict, away: dict, room: dict[int, Member], threshold: Fraction) -> dict[str, Any]:
    return {
        "nomination": one.candidate,
        "unit": names[one.candidate],
        "base": one.base,
        "in_favour": one.in_favour,
        "against": one.against,
        "abstained": one.abstained,
        "passed": tally.passes(one, threshold),
        "recused": [str(room[pk].user) for pk in sorted(away[one.candidate]) if pk in room],
    }


@act("表决计票", 18, role=Role.SECRETARIAT)
def close_ballot(ballot: Ballot, *, by: Any, at: datetime, vacancy_reason: str = "") -> Ballot:
    """第四、十八条: this function will close the ballot, count it and write the result on each unit.

    Up to the quota is proposed; where more pass, they stay on the list for a run-off; places left over are vacant and need
    their reason. Refused where the quorum is no longer there.
    """
    lock(ballot.meeting)
    lock(ballot)
    require(permissions.may_close_ballot(by, ballot, at))
    found = result(ballot, at)
    reason = vacancy_reason.strip()
    if found["vacancies"] and not reason:
        passed, quota = len(found["proposed"]), ballot.quota
        raise Refused(
            f"本次通过{passed}家，名额{quota}家，空缺{found['vacancies']}家，请写明空缺说明。", 4, "vacancy_reason"
        )
    advance(ballot, CLOSE, by=by, at=at, closed_at=at, tally=found, vacancy_reason=reason if found["vacancies"] else "")
    for item in items_of(ballot):
        if item.nomination_id in found["proposed"]:
            advance(item.nomination, PROPOSE, by=by, at=at)
        elif item.nomination_id in found["refused"]:
            advance(item.nomination, PASS_OVER, by=by, at=at)
    return ballot
