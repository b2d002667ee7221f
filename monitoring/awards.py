"""授奖: what follows from the government's decision, all at once (第四、十九、二十、二十四条)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from applications.models import AwardCycle
from award_portal import clock
from award_portal.lifecycle import act, lock, store
from award_portal.regulation import load
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_date, yuan
from committee.models import GovernmentDecision, Nomination
from monitoring import bonuses, certificates, reports, units
from monitoring.models import Award


def approved(decision: GovernmentDecision) -> Any:
    """第十九条: this function will give the nominations that the government approved, in the order of their rank."""
    listed = Nomination.objects.filter(shortlist__cycle=decision.cycle_id, state=Nomination.State.APPROVED)
    return listed.select_related("application__applicant").order_by("rank", "pk")


def conferrable(decision: GovernmentDecision, at: datetime) -> Verdict:
    """第十九条: this function will say whether the awards of a decision may be conferred now."""
    if decision.awards.exists():
        return no("该决定已授奖，不能重复办理。", 19)
    if decision.document_on > clock.today(at):
        return no(f"授奖日期即成文日期{cn_date(decision.document_on)}，届时方可办理。", 19)
    if not approved(decision).exists():
        return no("区政府未批准任何单位，本届奖项空缺，无需授奖。", 4)
    return YES


@act("授奖", 19, role=Role.SECRETARIAT)
def confer(decision: GovernmentDecision, *, by: Any, at: datetime) -> list[Award]:
    """第四、十九、二十、二十四条: this function will make the awards, certificates, bonuses and report duties of a decision.

    The award's date is the date of the document. The cycle's row is locked, so that two clerks cannot fill a place twice.
    """
    cycle = lock(AwardCycle(pk=decision.cycle_id))
    require(conferrable(lock(decision), at))
    nominations = list(approved(decision))
    if len(nominations) > cycle.quota:
        raise Refused(f"获批准的单位有{len(nominations)}家，超过名额{cycle.quota}个，不能授奖。", 4)
    return [_confer_one(cycle, decision, nomination, slot, at) for slot, nomination in enumerate(nominations, start=1)]


def _confer_one(
    cycle: AwardCycle, decision: GovernmentDecision, nomination: Nomination, slot: int, at: datetime
) -> Award:
    applicant = nomination.application.applicant
    award = store(
        Award(
            cycle=cycle, applicant=applicant, nomination=nomination, decision=decision,
            name=applicant.name, slot=slot, awarded_on=decision.document_on,
        ),
        clash="本届名额已满，或者该单位本届已授奖。",
    )  # fmt: skip
    certificates.issue(award, at)
    bonus = bonuses.open_bonus(award)
    duties = reports.plan(award)
    honour = load(cycle.regulation).award_name
    body = (
        f"祝贺贵单位获得{honour}（{cycle.year}年）。授奖日期为{cn_date(award.awarded_on)}，依据{decision.document_number}。\n"
        f"奖金{yuan(bonus.amount)}待拨付；获奖后每年报送质量绩效报告，共{len(duties)}份，"
        f"应报日期为{'、'.join(cn_date(duty.due_on) for duty in duties)}（第二十四条）。"
    )
    units.write_to(applicant, f"{honour}授奖通知", body, path=award.get_absolute_url(), key=f"award:{award.pk}", at=at)
    return award


def trophy_open(award: Award, at: datetime) -> Verdict:
    """第十九条: this function will say whether the trophy may still be recorded."""
    if award.state != Award.State.CONFERRED:
        return no("奖项已撤销，不再颁发奖杯。", 28)
    if award.trophy_on is not None:
        return no(f"奖杯已于{cn_date(award.trophy_on)}颁发。", 19)
    return YES


@act("登记奖杯", 19, role=Role.SECRETARIAT)
def record_trophy(award: Award, number: str, on: date, *, by: Any, at: datetime) -> Award:
    """第十九条: this function will record the trophy handed over, its number and the day."""
    require(trophy_open(lock(award), at))
    if not number.strip():
        raise Refused("请填写奖杯编号。", 19, "number")
    if not award.awarded_on <= on <= clock.today(at):
        raise Refused(f"颁发日期应在授奖日期{cn_date(award.awarded_on)}至今天之间。", 19, "on")
    return store(award, trophy_number=number.strip(), trophy_on=on)
