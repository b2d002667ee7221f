"""第二十、二十一条: the bonus is paid once, after the document, with its voucher, and never after a revocation."""

from datetime import date

import pytest

from award_portal.models import OutboxMessage
from award_portal.verdict import Refused
from monitoring import bonuses
from monitoring.models import Bonus
from tests import factories_monitoring as made

pytestmark = pytest.mark.django_db


@pytest.mark.article(20)
@pytest.mark.parametrize(
    ("day", "fits"),
    [(date(2027, 3, 4), False), (date(2027, 3, 5), True), (date(2027, 3, 8), True), (date(2027, 3, 9), False)],
)
def test_between_the_document_and_today(secretary, at, day, fits):
    bonus = made.conferred_at_once(1, at=at)[0].bonus
    if fits:
        bonuses.pay(bonus, day, " 记-0001 ", by=secretary, at=at)
        assert (bonus.state, bonus.paid_on, bonus.voucher) == ("paid", day, "记-0001")
        return
    with pytest.raises(Refused) as refusal:
        bonuses.pay(bonus, day, "记-0001", by=secretary, at=at)
    assert (refusal.value.article, refusal.value.field) == (20, "paid_on")
    assert Bonus.objects.get().state == "pending"


@pytest.mark.article(21)
def test_not_without_a_voucher(secretary, at):
    bonus = made.conferred_at_once(1, at=at)[0].bonus
    with pytest.raises(Refused, match="凭证号"):
        bonuses.pay(bonus, date(2027, 3, 8), "  ", by=secretary, at=at)


@pytest.mark.article(20)
def test_once(secretary, at):
    award = made.paid(made.conferred_at_once(1, at=at)[0], at=at)
    with pytest.raises(Refused, match="已拨付"):
        bonuses.pay(award.bonus, date(2027, 3, 8), "记-0002", by=secretary, at=at)
    assert OutboxMessage.objects.filter(key__startswith="mail:bonus:").count() == 1


@pytest.mark.article(28)
@pytest.mark.article(29)
@pytest.mark.parametrize(("ground", "event_on"), [("false_material", None), ("accident", date(2027, 3, 6))])
def test_a_bonus_not_yet_paid_is_cancelled_by_a_revocation(secretary, at, ground, event_on):
    award = made.conferred_at_once(1, at=at)[0]
    case = made.revoked(award, at=at, ground=ground, event_on=event_on)
    bonus = Bonus.objects.get()
    assert bonus.state == "cancelled"
    assert "bonus" not in set(case.recoveries.values_list("thing", flat=True))
    with pytest.raises(Refused, match="不再拨付"):
        bonuses.pay(bonus, date(2027, 3, 8), "记-0001", by=secretary, at=at)
