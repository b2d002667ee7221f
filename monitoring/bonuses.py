"""奖金: the amount the Measures state, paid once, never before the document and never after a revocation (第二十、二十一条)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from award_portal import clock
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_date, yuan
from monitoring import units
from monitoring.models import Award, Bonus

PAY = Step(("pending",), "paid", 20)
CANCEL = Step(("pending",), "cancelled", 20)


def open_bonus(award: Award) -> Bonus:
    """第二十条: this function will open the bonus inside the act of conferral: the cycle's amount, waiting to be paid."""
    return store(Bonus(award=award, amount=award.cycle.bonus))


def payable(bonus: Bonus, at: datetime) -> Verdict:
    """第二十条: this function will say whether the bonus may be paid."""
    if bonus.state == Bonus.State.PAID:
        return no("奖金已拨付。", 20)
    if bonus.state == Bonus.State.CANCELLED or bonus.award.state == Award.State.REVOKED:
        return no("奖项已撤销，奖金不再拨付。", 20)
    return YES


@act("登记奖金拨付", 20, role=Role.SECRETARIAT)
def pay(bonus: Bonus, paid_on: date, voucher: str, *, by: Any, at: datetime) -> Bonus:
    """第二十、二十一条: this function will record that the bonus was paid, with the day and the voucher."""
    award = lock(Award(pk=bonus.award_id))
    require(payable(lock(bonus), at))
    if not voucher.strip():
        raise Refused("请填写凭证号。", 21, "voucher")
    if paid_on < award.awarded_on:
        raise Refused(f"拨付日期不得早于表彰决定的成文日期{cn_date(award.awarded_on)}。", 20, "paid_on")
    if paid_on > clock.today(at):
        raise Refused("拨付日期不能晚于今天。", 20, "paid_on")
    advance(bonus, PAY, by=by, at=at, paid_on=paid_on, voucher=voucher.strip())
    body = f"贵单位的奖金{yuan(bonus.amount)}已于{cn_date(paid_on)}拨付，凭证号{bonus.voucher}。奖金专款专用，用途见第二十二条。"
    units.write_to(award.applicant, "奖金拨付通知", body, path=award.get_absolute_url(), key=f"bonus:{bonus.pk}", at=at)
    return bonus


def cancel_within(award: Award, *, by: Any, at: datetime) -> Bonus:
    """第二十八、二十九条: this function will cancel a bonus not yet paid, inside the act of revocation."""
    bonus = lock(award.bonus)
    return advance(bonus, CANCEL, by=by, at=at) if bonus.state == Bonus.State.PENDING else bonus
