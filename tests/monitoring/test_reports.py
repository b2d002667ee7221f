"""第二十四条: three reports, each in its year, reminded of, never punished."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command

from award_portal import calendar
from award_portal.models import LegalDay, LegalYear, OutboxMessage
from award_portal.verdict import Refused
from monitoring import reports
from monitoring.models import PerformanceReport
from tests import factories_monitoring as made
from tests.factories_applications import pdf

pytestmark = [pytest.mark.django_db, pytest.mark.article(24)]

TEXTS = {
    "indicators": "营业收入增长8%。",
    "improvements": "完成三项改进。",
    "bonus_use": "培训6万元，攻关4万元。",
    "sharing": "现场会一次。",
}


def noon(day):
    return datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)


@pytest.fixture
def award(secretary, at):
    return made.conferred_at_once(1, at=at)[0]


@pytest.fixture
def first(award):
    return award.reports.get(number=1)


def test_anniversaries_of_29_february(secretary):
    at = datetime(2028, 3, 1, 1, 0, tzinfo=UTC)
    award = made.conferred_at_once(1, at=at, document_on=date(2028, 2, 29))[0]
    assert [report.due_on for report in award.reports.all()] == [
        date(2029, 2, 28),
        date(2030, 2, 28),
        date(2031, 2, 28),
    ]


def test_a_report_is_handed_in_read_and_accepted(award, first, secretary, at):
    owner = made.owner_of(award)
    reports.file_report(first, **TEXTS, file=pdf("附件.pdf"), by=owner, at=at)
    assert (first.state, first.submitted_at, first.submitted_by) == ("submitted", at, owner)
    assert first.file.name == "附件.pdf"
    reports.accept_report(first, comment="内容完整。", by=secretary, at=at)
    assert first.state == "accepted"
    with pytest.raises(Refused):
        reports.return_report(first, "再改。", by=secretary, at=at)
    with pytest.raises(Refused, match="已接收"):
        reports.file_report(first, **TEXTS, by=owner, at=at)


def test_a_returned_report_is_handed_in_again(award, first, secretary, at):
    owner = made.owner_of(award)
    reports.file_report(first, **TEXTS, by=owner, at=at)
    with pytest.raises(Refused, match="需要修改"):
        reports.return_report(first, " ", by=secretary, at=at)
    reports.return_report(first, "请补充指标。", by=secretary, at=at)
    assert first.indicators == TEXTS["indicators"]
    assert OutboxMessage.objects.filter(key__startswith="mail:report-returned:").count() == 1
    reports.file_report(first, indicators="营业收入增长8%，利润增长5%。", by=owner, at=at + timedelta(days=1))
    assert (first.state, first.improvements) == ("submitted", TEXTS["improvements"])


@pytest.mark.parametrize("missing", sorted(TEXTS))
def test_every_part_is_asked_for(award, first, at, missing):
    with pytest.raises(Refused) as refusal:
        reports.file_report(first, **(TEXTS | {missing: " "}), by=made.owner_of(award), at=at)
    assert refusal.value.field == missing
    assert PerformanceReport.objects.get(pk=first.pk).state == "due"


def test_a_draft_is_kept(award, first, at):
    reports.save_draft(first, indicators="写到一半", by=made.owner_of(award), at=at)
    assert PerformanceReport.objects.get(pk=first.pk).indicators == "写到一半"
    assert first.state == "due"


def test_only_the_unit_writes(first, stranger, secretary, at):
    for person in (stranger, secretary):
        with pytest.raises(Refused, match="获奖单位的负责人或填报人"):
            reports.file_report(first, **TEXTS, by=person, at=at)


@pytest.mark.parametrize(("day", "open_"), [(date(2028, 3, 4), False), (date(2028, 3, 5), True)])
def test_one_report_a_year(award, day, open_):
    second = award.reports.get(number=2)
    assert bool(reports.writable(second, noon(day))) is open_
    if not open_:
        with pytest.raises(Refused, match="自2028年3月5日起填写"):
            reports.save_draft(second, indicators="早了", by=made.owner_of(award), at=noon(day))


# 5 March 2028 is a Sunday: where the year has a table the day to act is Monday the 6th, where it has none the anniversary.
@pytest.mark.parametrize(
    ("table", "day", "is_overdue"),
    [
        (True, date(2028, 3, 5), False), (True, date(2028, 3, 6), False), (True, date(2028, 3, 7), True),
        (False, date(2028, 3, 5), False), (False, date(2028, 3, 6), True),
    ],
)  # fmt: skip
def test_the_day_to_act_moves_past_days_off(first, secretary, at, table, day, is_overdue):
    if table:
        calendar.enter(LegalDay(day=date(2028, 1, 1), day_off=True, note="通知"), by=secretary, at=at)
        calendar.enter(LegalYear(year=2028, source="通知"), by=secretary, at=at)
    assert first.due_on == date(2028, 3, 5)
    assert reports.overdue(first, calendar.current(), day) is is_overdue


def test_late_is_recorded_and_nothing_follows(award, first):
    known = calendar.current()
    reports.file_report(first, **TEXTS, by=made.owner_of(award), at=noon(date(2028, 3, 6)))
    assert reports.late(first, known)
    assert first.state == "submitted"
    award.refresh_from_db()
    assert award.state == "conferred"


def kinds():
    keys = (
        OutboxMessage.objects.filter(kind="mail", key__startswith="mail:report-")
        .order_by("pk")
        .values_list("key", flat=True)
    )
    return [key.split(":")[1].split("-", 2)[2] for key in keys]


def test_reminders_come_once_per_report_and_kind(first):
    assert reports.remind(noon(date(2028, 2, 3))) == 0
    for day in (date(2028, 2, 4), date(2028, 2, 5), date(2028, 3, 4)):
        reports.remind(noon(day))
    assert kinds() == ["before"]
    reports.remind(noon(date(2028, 3, 5)))
    reports.remind(noon(date(2028, 3, 5)))
    assert kinds() == ["before", "on-the-day"]
    for day in (date(2028, 3, 6), date(2028, 4, 6)):
        reports.remind(noon(day))
    assert kinds() == ["before", "on-the-day", "overdue"]
    assert "应于2028年3月5日前报送，现已逾期" in OutboxMessage.objects.order_by("-pk").first().payload["body"]


def test_what_was_handed_in_is_not_reminded_of(award, first, at):
    reports.file_report(first, **TEXTS, by=made.owner_of(award), at=at)
    assert reports.remind(noon(date(2028, 3, 5))) == 0


def test_task_and_command_remind(first, travel, capsys):
    travel(noon(date(2028, 3, 5)))
    call_command("remind_reports")
    assert "已提醒质量绩效报告1份" in capsys.readouterr().out
    assert kinds() == ["on-the-day"]


@pytest.mark.article(28)
def test_a_revocation_cancels_what_is_not_yet_due(award, at):
    later = noon(date(2028, 3, 6))
    made.revoked(award, at=later)
    assert list(award.reports.values_list("state", flat=True)) == ["due", "cancelled", "cancelled"]
    with pytest.raises(Refused, match="不再报送"):
        reports.save_draft(award.reports.get(number=2), indicators="x", by=made.owner_of(award), at=later)


@pytest.mark.article(28)
def test_a_report_due_on_the_day_of_approval_stays_owed(award):
    made.revoked(award, at=noon(date(2028, 3, 5)))
    assert award.reports.get(number=1).state == "due"
