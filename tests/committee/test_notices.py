"""第十九条: publicity and objections: exactly the voted list, the full days, one unit held and no other."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications import screening
from applications.models import AwardCycle
from award_portal import calendar, files, views
from award_portal.models import LegalDay, LegalYear
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import notices, objections
from committee.documents import notice_context
from committee.forms import ObjectionForm
from committee.models import Nomination, Objection, PublicNotice
from committee.tasks import close_notices
from tests import factories_committee as walk
from tests.conftest import hire
from tests.factories_applications import pdf
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db, pytest.mark.article(19)]
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def states(cycle: AwardCycle) -> list[str]:
    return list(Nomination.objects.filter(shortlist__cycle=cycle).order_by("rank").values_list("state", flat=True))


def know_2027(at: datetime) -> None:
    """The secretariat enters 2027's table: a day off on 25 April is all this test needs (a Sunday is off by itself)."""
    calendar.enter(LegalDay(day=date(2027, 4, 26), day_off=True, note="测试"), by=secretary_of(at), at=at)
    calendar.enter(LegalYear(year=2027, source="测试"), by=secretary_of(at), at=at)


def publish(cycle: AwardCycle, at: datetime, **typed: object) -> PublicNotice:
    return notices.publish(cycle, contact="秘书处", by=secretary_of(at), at=at, **typed)  # type: ignore[arg-type]


def test_the_list_published_is_the_list_voted(cycle: AwardCycle, day: datetime) -> None:
    walk.proposed(cycle)
    notice = walk.published(cycle)
    listed = list(notice.entries.values_list("nomination", flat=True))
    assert listed == list(Nomination.objects.filter(state="proposed").order_by("rank").values_list("pk", flat=True))
    assert (notice.vacancies, notice.title) == (2, "第一届瀍河回族区区长质量奖拟奖名单公示")
    assert [unit["name"] for unit in notice_context(notice)["units"]] == [
        str(one.nomination) for one in notice.entries.all()
    ]


def test_the_day_of_posting_is_not_counted_and_days_off_move_the_end(cycle: AwardCycle, day: datetime) -> None:
    walk.proposed(cycle)
    know_2027(day)
    notice = publish(cycle, day + DAY)  # Sunday 18 April; the seventh day is Sunday the 25th, the 26th is a day off
    assert (notice.first_day, notice.last_day) == (date(2027, 4, 19), date(2027, 4, 27))
    assert notice.closes_at == datetime.fromisoformat("2027-04-28T00:00:00+08:00")


def test_a_year_without_a_table_asks_for_the_last_day(cycle: AwardCycle, day: datetime) -> None:
    walk.proposed(cycle)
    with pytest.raises(Refused, match=r"尚无2027年节假日安排.*不早于2027年4月25日") as refusal:
        publish(cycle, day + DAY)
    assert refusal.value.field == "last_day"


@pytest.mark.parametrize(("last_day", "reason", "field"), [
    (date(2027, 4, 24), "赶时间", "last_day"),
    (date(2027, 4, 25), " ", "last_day_reason"),
    (date(2029, 4, 25), "写错年份", "last_day"),
    (date.max, "写错年份", "last_day"),
])  # fmt: skip
def test_a_named_last_day_is_never_too_early_and_has_a_reason(
    cycle: AwardCycle, day: datetime, last_day: date, reason: str, field: str
) -> None:
    walk.proposed(cycle)
    with pytest.raises(Refused) as refusal:
        publish(cycle, day + DAY, last_day=last_day, last_day_reason=reason)
    assert refusal.value.field == field
    assert not PublicNotice.objects.exists()


def test_the_seventh_day_may_be_named(cycle: AwardCycle, day: datetime) -> None:
    walk.proposed(cycle)
    notice = publish(cycle, day + DAY, last_day=date(2027, 4, 25), last_day_reason="尚无节假日安排")
    assert notice.closes_at == datetime.fromisoformat("2027-04-26T00:00:00+08:00")


def test_with_a_table_a_named_day_gives_more_time_and_never_less(cycle: AwardCycle, day: datetime) -> None:
    walk.proposed(cycle)
    know_2027(day)
    with pytest.raises(Refused, match="顺延，不能早于2027年4月27日"):
        publish(cycle, day + DAY, last_day=date(2027, 4, 26), last_day_reason="赶时间")
    assert publish(cycle, day + DAY, last_day=date(2027, 4, 30), last_day_reason="多给几天").last_day == date(
        2027, 4, 30
    )


@pytest.mark.article(18)
def test_nothing_is_published_before_the_ballot_is_counted(cycle: AwardCycle, day: datetime) -> None:
    with pytest.raises(Refused, match="尚未经评委会表决产生"):
        publish(cycle, day)
    walk.balloting(cycle, at=day)
    with pytest.raises(Refused, match="尚未经评委会表决产生"):
        publish(cycle, day)


def test_one_notice_at_a_time_and_a_withdrawn_one_starts_anew(cycle: AwardCycle, day: datetime) -> None:
    first = walk.published(cycle)
    with pytest.raises(Refused, match="已有公示"):
        walk.published(cycle)
    notices.withdraw_notice(first, by=secretary_of(day), at=first.posted_at + DAY, reason="单位名称有误")
    again = walk.published(cycle, at=first.posted_at + 2 * DAY)
    assert (again.closes_at - first.closes_at, again.entries.count()) == (2 * DAY, 3)


@pytest.mark.article(3)
def test_a_unit_that_has_left_is_taken_off_before_publicity(cycle: AwardCycle, day: datetime) -> None:
    from committee import shortlists

    walk.proposed(cycle)
    gone = Nomination.objects.get(rank=2)
    screening.disqualify(gone.application, by=secretary_of(day), at=day, reason="材料不实")
    with pytest.raises(Refused, match="请先移出名单"):
        walk.published(cycle)
    shortlists.remove(gone, by=secretary_of(day), at=day, reason="取消资格")
    assert (walk.published(cycle).entries.count(), states(cycle)) == (2, ["proposed", "removed", "proposed"])


@pytest.mark.parametrize(("before", "closes"), [(SECOND, False), (timedelta(0), True)])
def test_the_notice_ends_at_the_end_of_its_last_day(cycle: AwardCycle, before: timedelta, closes: bool) -> None:
    notice = walk.published(cycle)
    if not closes:
        with pytest.raises(Refused, match="尚未期满"):
            notices.close(notice, by=None, at=notice.closes_at - before)
    assert len(notices.close_due(notice.closes_at - before)) == closes
    assert states(cycle) == (["cleared"] * 3 if closes else ["proposed"] * 3)


def test_the_task_the_demo_clock_and_the_command_end_it_once(cycle: AwardCycle, travel: object) -> None:
    notice = walk.published(cycle)
    travel(notice.closes_at + DAY)  # type: ignore[operator]
    assert (close_notices(), close_notices()) == (1, 0)
    assert list(notices.close_due(notice.closes_at + DAY)) == []
    assert [one for one in views.due.ask(notice.closes_at + DAY) if isinstance(one, PublicNotice)] == []


# ── objections ──


@pytest.mark.parametrize(("offset", "taken"), [(-SECOND, True), (timedelta(0), False), (SECOND, False)])
def test_an_objection_is_taken_until_the_last_second(cycle: AwardCycle, offset: timedelta, taken: bool) -> None:
    notice = walk.published(cycle)
    if taken:
        assert walk.objected(notice, at=notice.closes_at + offset).state == "lodged"
    else:
        with pytest.raises(Refused, match=r"第十九条：公示期已于2027年4月25日24时届满.*作为线索"):
            walk.objected(notice, at=notice.closes_at + offset)
        assert not Objection.objects.exists()


def test_an_objection_holds_only_its_unit(cycle: AwardCycle) -> None:
    notice = walk.published(cycle)
    walk.objected(notice)
    assert states(cycle) == ["held", "proposed", "proposed"]
    notices.close(notice, by=None, at=notice.closes_at)
    assert states(cycle) == ["held", "cleared", "cleared"]


@pytest.mark.parametrize(("outcome", "in_time", "late"), [
    ("refuse", "proposed", "cleared"), ("dismiss", "proposed", "cleared"), ("uphold", "removed", "removed"),
])  # fmt: skip
@pytest.mark.parametrize("after_the_end", [False, True])
def test_what_becomes_of_the_unit(
    cycle: AwardCycle, outcome: str, in_time: str, late: str, after_the_end: bool
) -> None:
    notice = walk.published(cycle)
    objection = walk.objected(notice)
    at = notice.closes_at if after_the_end else notice.posted_at + DAY
    if after_the_end:
        notices.close(notice, by=None, at=at)
    secretary = secretary_of(at)
    if outcome == "refuse":
        objections.refuse_objection(objection, by=secretary, at=at, reason="没有事实")
    else:
        objections.accept_objection(objection, by=secretary, at=at)
        getattr(objections, outcome)(objection, "经核实。", by=secretary, at=at)
    assert states(cycle)[0] == (late if after_the_end else in_time)
    assert states(cycle)[1:] == (["cleared", "cleared"] if after_the_end else ["proposed", "proposed"])


def test_a_unit_is_free_only_when_no_objection_is_open(cycle: AwardCycle) -> None:
    notice = walk.published(cycle)
    first = walk.objected(notice)
    at, secretary = notice.posted_at + DAY, secretary_of(notice.posted_at)
    second = objections.lodge(notice, first.nomination, name="另一人", contact="1", ground="另一事由", by=None, at=at)
    objections.refuse_objection(first, by=secretary, at=at, reason="没有事实")
    assert states(cycle)[0] == "held"
    objections.accept_objection(second, by=secretary, at=at)
    objections.dismiss(second, "不成立", by=secretary, at=at)
    assert states(cycle)[0] == "proposed"


def test_a_double_click_is_one_objection(cycle: AwardCycle) -> None:
    notice = walk.published(cycle)
    assert walk.objected(notice).code == walk.objected(notice).code
    assert Objection.objects.count() == 1


def test_an_objection_is_about_a_listed_unit(cycle: AwardCycle, day: datetime) -> None:
    ballot = walk.balloting(cycle, at=day)
    last = Nomination.objects.get(rank=3)
    from committee import ballots

    walk.cast_all(ballot, {last.pk: "against"}, at=day)
    ballots.close_ballot(ballot, by=secretary_of(day), at=day, vacancy_reason="空缺")
    notice = walk.published(cycle)
    with pytest.raises(Refused, match="不在本次公示名单上"):
        walk.objected(notice, last)


def test_nothing_is_lodged_against_a_withdrawn_notice(cycle: AwardCycle) -> None:
    notice = walk.published(cycle)
    notices.withdraw_notice(notice, by=secretary_of(), at=notice.posted_at + SECOND, reason="有误")
    with pytest.raises(Refused, match="已撤回"):
        walk.objected(notice, at=notice.posted_at + DAY)


@pytest.mark.article(7)
def test_objections_have_the_days_the_committee_gave(cycle: AwardCycle, day: datetime) -> None:
    know_2027(day)
    notice = walk.published(cycle, at=day + 12 * DAY)  # Thursday 29 April
    objection = walk.objected(notice)
    assert objections.due_at(objection) == datetime.fromisoformat("2027-05-07T00:00:00+08:00")  # five working days
    LegalYear.objects.all().delete()
    assert objections.due_at(objection) is None


@pytest.mark.parametrize("role", [Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR, Role.REVIEWER, Role.APPLICANT])
def test_only_the_secretariat_publishes_and_decides_objections(cycle: AwardCycle, day: datetime, role: str) -> None:
    notice = walk.published(cycle)
    objection, at = walk.objected(notice), notice.posted_at + DAY
    other = hire("外人", role, by=None, at=day)
    for attempt in (
        lambda: notices.withdraw_notice(notice, by=other, at=at, reason="有误"),
        lambda: objections.accept_objection(objection, by=other, at=at),
        lambda: objections.refuse_objection(objection, by=other, at=at, reason="无"),
        lambda: objections.dismiss(objection, "无", by=other, at=at),
        lambda: objections.uphold(objection, "有", by=other, at=at),
        lambda: notices.publish(cycle, contact="秘书处", by=other, at=at),
    ):
        with pytest.raises(Refused, match="只能由秘书处办理"):
            attempt()
    assert (notice.state, Objection.objects.get().state) == ("running", "lodged")


def test_a_repeat_with_a_file_is_heard_and_its_double_click_is_not(cycle: AwardCycle) -> None:
    notice = walk.published(cycle)
    nomination, at = notice.entries.order_by("pk").first().nomination, notice.posted_at + timedelta(hours=1)
    first = walk.objected(notice)
    same = {"name": first.name, "contact": first.contact, "ground": first.ground}

    def lodge(file: object) -> Objection:
        typed = {**same, "nomination": str(nomination.pk)}
        form = ObjectionForm(typed, {"file": file} if file else {}, subject=notice, user=None, at=at)
        assert form.is_valid(), form.errors
        return objections.lodge(notice, by=None, at=at, **form.cleaned_data)

    assert lodge(None) == first
    second = lodge(pdf("证明.pdf", "甲"))
    assert second != first
    assert (second.file.name, second.file.uploaded_by) == ("证明.pdf", None)
    with files.open_stored(second.file) as stored:
        second_file = stored.read()
    assert lodge(SimpleUploadedFile("证明.pdf", second_file)) == second
    assert objections.lodge(notice, nomination, by=None, at=at, file=pdf("另附.pdf", "乙"), **same) not in {
        first,
        second,
    }
    late = ObjectionForm({}, {"file": pdf()}, subject=notice, user=None, at=notice.closes_at)
    late.is_valid()
    assert not isinstance(late.cleaned_data["file"], files.Received)


@pytest.mark.parametrize("verb", ["refuse", "uphold", "dismiss"])
def test_the_notice_is_locked_before_the_unit(cycle: AwardCycle, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    objection, at = walk.objected(walk.published(cycle)), walk.meeting_at(cycle) + 2 * DAY
    if verb != "refuse":
        objections.accept_objection(objection, by=secretary_of(at), at=at)
    locked: list[str] = []
    real = objections.lock
    monkeypatch.setattr(objections, "lock", lambda row: locked.append(type(row).__name__) or real(row))
    if verb == "refuse":
        objections.refuse_objection(objection, by=secretary_of(at), at=at, reason="没有事实")
    else:
        getattr(objections, verb)(objection, "查明", by=secretary_of(at), at=at)
    assert locked == ["PublicNotice", "Nomination"]
