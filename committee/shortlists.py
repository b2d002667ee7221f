"""第十八条: the shortlist: drawn up from the ranking, with the form of deliberation on record for each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from applications.models import Application, AwardCycle
from award_portal.lifecycle import Step, act, advance, discard, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from committee import permissions, standing
from committee.models import Nomination, Shortlist

S, N = Shortlist.State, Nomination.State
SET = Step((S.DRAFT,), S.SET, 18)
REMOVE = Step((N.SHORTLISTED, N.PROPOSED, N.HELD, N.CLEARED, N.SUBMITTED), N.REMOVED, 18)


@dataclass(frozen=True, slots=True)
class Place:
    """A ranked unit: derived from the scores each time it is asked for, never typed."""

    application: Application
    rank: int
    total: Decimal
    desk_total: Decimal
    site_total: Decimal


def places(cycle: AwardCycle) -> list[Place]:
    """第十七、十八条: the ranking as the scores give it, of units still in standing, the best first."""
    from review import rankings

    return [
        Place(row.application, row.rank, row.total, row.desk_total, row.site_total)
        for row in rankings.ranking(cycle)
        if row.application.state == Application.State.ACCEPTED
    ]


def drawable(cycle: AwardCycle) -> Verdict:
    """第十七、十八条: a shortlist is drawn up while the cycle runs, once every admitted unit's reviews are concluded."""
    from review import rankings

    if cycle.state != AwardCycle.State.ANNOUNCED:
        return no(f"{cycle}{cycle.get_state_display()}，不能拟定入围名单。", 18)
    if Shortlist.objects.filter(cycle=cycle, state=S.SET).exists():
        return no("入围名单已经拟定，不能再改。", 18)
    if standing.adopted_rules(cycle) is None:
        return no("本届规则尚未审定。", 7)
    settled = rankings.settled(cycle)
    if not settled:
        return settled
    return YES if places(cycle) else no("还没有完成全部评审、进入综合排名的单位。", 18)


def skipped(ranked: Sequence[Place], chosen: Sequence[Application]) -> list[Place]:
    """第十八条: the units left out although they rank better than one that is in: each departure needs its reason."""
    keys = {application.pk for application in chosen}
    worst = max((place.rank for place in ranked if place.application.pk in keys), default=0)
    return [place for place in ranked if place.application.pk not in keys and place.rank < worst]


@act("拟定入围名单", 18, role=Role.SECRETARIAT)
def draw_up(
    cycle: AwardCycle, applications: Sequence[Application], *, by: Any, at: datetime, departure_reason: str = ""
) -> Shortlist:
    """第十八条: this function will put ranked units on the draft shortlist; rank and total are copied from the ranking.

    Refused for a unit that is not ranked, for an empty list, and for a departure from the rank order without its reason.
    """
    lock(cycle)
    require(drawable(cycle))
    ranked = {place.application.pk: place for place in places(cycle)}
    chosen = [ranked.get(application.pk) for application in applications]
    if not chosen:
        raise Refused("请至少选择一家单位。", 18, "applications")
    if None in chosen or len({place.application.pk for place in chosen if place}) != len(chosen):
        raise Refused("入围单位只能从本届综合排名中产生，每家一次。", 18, "applications")
    left_out = skipped(list(ranked.values()), applications)
    reason = departure_reason.strip()
    if left_out and not reason:
        names = "、".join(f"{place.application.applicant}（第{place.rank}名）" for place in left_out)
        raise Refused(f"名单跳过了排名靠前的{names}，请写明理由。", 18, "departure_reason")
    shortlist = Shortlist.objects.filter(cycle=cycle).first() or store(Shortlist(cycle=cycle), clash="入围名单已存在。")
    require(permissions.may_edit_shortlist(by, lock(shortlist), at))
    store(shortlist, departure_reason=reason if left_out else "")
    for earlier in shortlist.nominations.all():  # type: ignore[attr-defined]
        discard(earlier)
    for place in sorted((place for place in chosen if place), key=lambda place: place.rank):
        store(Nomination(shortlist=shortlist, application=place.application, rank=place.rank, total=place.total))
    return shortlist


@act("确定入围名单", 18, role=Role.SECRETARIAT)
def set_shortlist(shortlist: Shortlist, *, by: Any, at: datetime) -> Shortlist:
    """第十八条: this function will set the shortlist: members see it from now on, and it changes no more.

    Refused where a listed unit's review report is not signed by its whole panel, and where scores or standing have changed
    since it was drawn up: rank and total must be those of the ranking now.
    """
    require(permissions.may_set_shortlist(by, lock(shortlist), at))
    now = {place.application.pk: (place.rank, place.total) for place in places(shortlist.cycle)}
    for nomination in shortlist.nominations.all():  # type: ignore[attr-defined]
        if now.get(nomination.application_id) != (nomination.rank, nomination.total):
            raise Refused(f"{nomination}的排名或者参评资格已有变化，请重新拟定名单。", 18)
    if not now or not shortlist.nominations.exists():  # type: ignore[attr-defined]
        raise Refused("名单上没有单位。", 18)
    return advance(shortlist, SET, by=by, at=at, set_at=at)


@act("登记审议形式", 18, role=Role.SECRETARIAT)
def note_form(nomination: Nomination, form: str, form_note: str, *, by: Any, at: datetime) -> Nomination:
    """第十八条: this function will record how the committee looked at a unit (现场展示 or 实地核查) and what it saw."""
    lock(nomination)
    require(permissions.may_note_form(by, nomination, at))
    if form not in Nomination.Form.values:
        raise Refused("请选择现场展示或者实地核查。", 18, "form")
    if not form_note.strip():
        raise Refused("请写明展示或者核查情况。", 18, "form_note")
    return store(nomination, form=form, form_note=form_note.strip())


@act("移出名单", 18, role=Role.SECRETARIAT)
def remove(nomination: Nomination, *, by: Any, at: datetime, reason: str) -> Nomination:
    """第三、十八条: this function will take off a unit that has withdrawn or was disqualified; its place stays vacant."""
    lock(nomination)
    require(permissions.may_remove(by, nomination, at))
    return advance(nomination, REMOVE, by=by, at=at, removal_reason=reason)


def industries(nominations: Sequence[Nomination]) -> list[tuple[str, int]]:
    """第十八条: the mix of industries on the list, the commonest first."""
    mix: dict[str, int] = {}
    for nomination in nominations:
        name = nomination.application.industry or "未填行业"
        mix[name] = mix.get(name, 0) + 1
    return sorted(mix.items(), key=lambda pair: (-pair[1], pair[0]))


def of_cycle(cycle: AwardCycle) -> Shortlist | None:
    """第十八条: the cycle's shortlist where there is one."""
    return Shortlist.objects.filter(cycle=cycle).first()
