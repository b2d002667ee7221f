"""第二十八、二十九条: reported, heard, voted, approved; and what follows, all at once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from award_portal import clock, outbox
from award_portal.models import OutboxMessage
from award_portal.roles import Role, holders
from award_portal.verdict import Refused
from monitoring import awards, revocations
from monitoring.models import Award, Recovery, Revocation
from tests import factories_monitoring as made

pytestmark = [pytest.mark.django_db, pytest.mark.article(28)]


def morning(day):
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)


@pytest.fixture
def award(secretary, at):
    return made.conferred_at_once(1, at=at)[0]


def government(at):
    return holders(Role.GOVERNMENT, at).first()


# ── the case is opened ──


@pytest.mark.article(29)
@pytest.mark.parametrize(
    ("awarded_on", "event_on", "inside"),
    [
        (date(2027, 3, 5), date(2027, 3, 5), False),  # on the day of the award: not after it
        (date(2027, 3, 5), date(2027, 3, 6), True),
        (
            date(2027, 3, 5),
            date(2029, 3, 5),
            True,
        ),  # the corresponding date is inside, though a working day moves nothing
        (date(2027, 3, 5), date(2029, 3, 6), False),
        (date(2027, 3, 5), date(2027, 3, 4), False),
        (date(2028, 2, 29), date(2030, 2, 28), True),  # no 29 February: the last day of the month
        (date(2028, 2, 29), date(2030, 3, 1), False),
    ],
)
def test_the_accident_window(secretary, awarded_on, event_on, inside):
    award = made.conferred_at_once(1, at=morning(awarded_on), document_on=awarded_on)[0]
    at = morning(date(2035, 1, 1))  # found later: only the day of the event counts
    facts = {"event_on": event_on, "by": secretary, "at": at}
    if inside:
        case = revocations.open_case(award, "accident", "发生重大生产安全事故。", **facts)
        assert (case.state, case.article, case.event_on) == ("opened", 29, event_on)
        return
    with pytest.raises(Refused, match="获奖后2年内") as refusal:
        revocations.open_case(award, "accident", "发生重大生产安全事故。", **facts)
    assert (refusal.value.article, refusal.value.field) == (29, "event_on")
    assert not Revocation.objects.exists()


@pytest.mark.article(30)
def test_the_window_is_the_cycle_s_own(secretary, at, shili):
    award = awards.confer(made.decided_at_once(1, at=at, regulation="shili-2024"), by=secretary, at=at)[0]
    later = morning(date(2029, 1, 1))
    with pytest.raises(Refused, match="获奖后1年内"):
        revocations.open_case(award, "accident", "事故。", event_on=date(2028, 3, 6), by=secretary, at=later)
    assert revocations.open_case(award, "accident", "事故。", event_on=date(2028, 3, 5), by=secretary, at=later)


def test_false_material_at_any_time(award, secretary):
    case = made.opened(award, at=morning(date(2033, 3, 8)))
    assert (case.state, case.article, case.event_on) == ("opened", 28, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ground": "nothing"}, "ground"), ({"facts": " "}, "facts"), ({"ground": "accident"}, "event_on"),
        ({"ground": "accident", "event_on": date(2027, 3, 9)}, "event_on"),
    ],
)  # fmt: skip
def test_a_case_needs_its_facts(award, secretary, at, changes, field):
    given = {"ground": "false_material", "facts": "伪造检测报告。"} | changes
    with pytest.raises(Refused) as refusal:
        revocations.open_case(award, **given, by=secretary, at=at)
    assert refusal.value.field == field


def test_one_case_at_a_time(award, secretary, at):
    case = made.opened(award, at=at)
    with pytest.raises(Refused, match="已有撤销事项在办"):
        made.opened(award, at=at)
    revocations.drop(case, "举报不实。", by=secretary, at=at)
    assert made.opened(award, at=at).state == "opened"


def test_only_the_secretariat_opens(award, clerk, at):
    with pytest.raises(Refused, match="秘书处"):
        revocations.open_case(award, "false_material", "x", by=clerk, at=at)


# ── the unit is heard ──


def test_the_unit_states_its_view_until_the_hearing(award, secretary, stranger, at):
    case = made.opened(award, at=at)
    with pytest.raises(Refused, match="负责人或填报人"):
        revocations.plead(case, "x", by=stranger, at=at)
    owner = made.owner_of(award)
    revocations.plead(case, "第一次陈述。", by=owner, at=at)
    revocations.plead(case, "补充陈述。", by=owner, at=at)
    revocations.hear(case, "已当面听取。", by=secretary, at=at)
    assert (case.state, case.statement) == ("heard", "补充陈述。")
    with pytest.raises(Refused, match="不再接受"):
        revocations.plead(case, "再补充。", by=owner, at=at)


def test_without_a_statement_the_hearing_says_how_it_was_asked_for(award, secretary, at):
    case = made.opened(award, at=at)
    with pytest.raises(Refused) as refusal:
        revocations.hear(case, "未到场。", by=secretary, at=at)
    assert refusal.value.field == "no_statement_note"
    revocations.hear(case, "未到场。", no_statement_note="通知3月1日送达，期限3月7日已过。", by=secretary, at=at)
    assert "期限3月7日已过" in case.hearing


# ── the government decides ──


def test_false_material_takes_back_everything_at_once(award, at, travel):
    made.handed_over(made.paid(award, at=at), at=at)
    case = made.revoked(award, at=at)
    award.refresh_from_db()
    assert (award.state, case.state, case.document_number) == ("revoked", "approved", "瀍政〔2027〕40号")
    assert list(case.recoveries.values_list("thing", "amount")) == [
        ("trophy", None), ("certificate", None), ("bonus", Decimal("100000.00")),
    ]  # fmt: skip
    assert award.bonus.state == "paid"
    ban = case.ban
    assert (ban.code, ban.article, ban.starts_on, ban.ends_on) == (
        award.applicant.code,
        28,
        date(2027, 3, 8),
        date(2031, 3, 9),
    )
    assert set(award.reports.values_list("state", flat=True)) == {"cancelled"}
    for words in (
        "第二十八条",
        "瀍政〔2027〕40号",
        "奖杯、证书、奖金100,000.00元",
        "2031年3月8日",
        "四年内不接受",
        "2027年",
    ):
        assert words in case.notice
    assert (
        OutboxMessage.objects.filter(key__startswith="mail:case-approved:").count() == 2
    )  # the unit and the secretariat
    travel(at)
    outbox.deliver()
    case.refresh_from_db()
    assert case.document.content_type == "application/pdf"


@pytest.mark.article(29)
def test_an_accident_leaves_the_bonus(award, at):
    made.handed_over(made.paid(award, at=at), at=at)
    case = made.revoked(award, at=at, ground="accident", event_on=date(2027, 3, 6))
    assert list(case.recoveries.values_list("thing", flat=True)) == ["trophy", "certificate"]
    assert Award.objects.get().bonus.state == "paid"
    assert (case.ban.article, "第二十九条" in case.notice, "奖金" in case.notice) == (29, True, False)


def test_a_trophy_never_handed_over_is_not_demanded_back(award, at):
    case = made.revoked(award, at=at)
    assert list(case.recoveries.values_list("thing", flat=True)) == ["certificate"]
    assert "收回证书；奖杯尚未颁发，不再颁发。" in case.notice


@pytest.mark.article(30)
def test_an_invented_regulation_recovers_by_its_own_articles(secretary, at, shili):
    award = awards.confer(made.decided_at_once(1, at=at, regulation="shili-2024"), by=secretary, at=at)[0]
    case = made.proposed(award, at=at, ground="accident", event_on=date(2027, 3, 6))
    revocations.approve(case, "示政〔2027〕9号", date(2027, 3, 8), by=government(at), at=at)
    assert list(case.recoveries.values_list("thing", flat=True)) == ["certificate"]
    assert case.ban.ends_on == date(2030, 3, 9)
    assert "三年内" in case.notice


@pytest.mark.parametrize("text", ["40号", "洛政〔2027〕40号", "瀍政〔2026〕40号", "瀍政〔2027〕0号", "瀍政2027 40号"])
def test_the_document_s_number_is_checked(award, at, text):
    case = made.proposed(award, at=at)
    with pytest.raises(Refused) as refusal:
        revocations.approve(case, text, date(2027, 3, 8), by=government(at), at=at)
    assert (refusal.value.article, refusal.value.field) == (28, "document_number")
    assert Award.objects.get().state == "conferred"


@pytest.mark.parametrize(
    ("day", "fits"),
    [(date(2027, 3, 7), False), (date(2027, 3, 8), True), (date(2027, 3, 10), True), (date(2027, 3, 11), False)],
)
def test_approved_between_the_proposal_and_today(award, at, day, fits):
    case = made.proposed(award, at=at)
    later = at + timedelta(days=2)
    if fits:
        assert revocations.approve(case, "瀍政〔2027〕40号", day, by=government(at), at=later).approved_on == day
        return
    with pytest.raises(Refused, match="批准日期应在") as refusal:
        revocations.approve(case, "瀍政〔2027〕40号", day, by=government(at), at=later)
    assert refusal.value.field == "approved_on"


def test_only_the_government_approves_and_only_what_is_proposed(award, secretary, at):
    case = made.heard(award, at=at)
    with pytest.raises(Refused, match="没有待批准"):
        revocations.approve(case, "瀍政〔2027〕40号", date(2027, 3, 8), by=government(at), at=at)
    with pytest.raises(Refused, match="区政府办"):
        revocations.approve(case, "瀍政〔2027〕40号", date(2027, 3, 8), by=secretary, at=at)


def test_nothing_half_done_when_a_step_fails(award, at, monkeypatch):
    from monitoring import approval

    case = made.proposed(award, at=at)

    def broken(*_):
        raise RuntimeError("fails half-way")

    monkeypatch.setattr(approval.bans, "impose", broken)
    with pytest.raises(RuntimeError):
        revocations.approve(case, "瀍政〔2027〕40号", date(2027, 3, 8), by=government(at), at=at)
    assert Award.objects.get().state == "conferred"
    assert Revocation.objects.get().state == "proposed"
    assert not Recovery.objects.exists()


def test_a_rejected_case_leaves_the_award(award, at):
    case = made.proposed(award, at=at)
    revocations.reject(case, "证据不足。", by=government(at), at=at)
    assert (case.state, Award.objects.get().state) == ("rejected", "conferred")
    assert made.opened(award, at=at).state == "opened"  # another case may follow


def test_a_revocation_frees_no_slot(award, secretary, at):
    made.revoked(award, at=at)
    assert list(Award.objects.values_list("slot", "state")) == [(1, "revoked")]
    with pytest.raises(Refused):
        awards.confer(award.decision, by=secretary, at=at)


@pytest.mark.parametrize(
    ("day", "fits"), [(date(2027, 3, 7), False), (date(2027, 3, 8), True), (date(2027, 3, 9), False)]
)
def test_things_are_given_back_after_the_approval(award, secretary, at, day, fits):
    recovery = made.revoked(award, at=at).recoveries.first()
    if fits:
        revocations.recover(recovery, day, note="专人送回", by=secretary, at=at)
        with pytest.raises(Refused, match="已于2027年3月8日收回"):
            revocations.recover(recovery, day, by=secretary, at=at)
        return
    with pytest.raises(Refused) as refusal:
        revocations.recover(recovery, day, by=secretary, at=at)
    assert refusal.value.field == "on"
    assert clock.today(at) == date(2027, 3, 8)
