"""第九、十、十一、十七条: departments asked, limbs concluded, corrections, the decision."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications import corrections, eligibility_grounds, intake, permissions, screening, timeline, units
from applications.models import ApplicantMembership, Application, EligibilityCheck, Recommendation
from award_portal.lifecycle import act, store
from award_portal.models import LegalDay, LegalYear, OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused, no
from tests.conftest import START, hire
from tests.factories_applications import (
    accepted_application,
    announced_cycle,
    department,
    draft_application,
    officer_of,
    owner_of,
    person,
    prepare,
    recommend,
    screen,
    second_secretary,
    submitted_application,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return submitted_application(announced_cycle(), "洛阳轴承")


@pytest.fixture
def at(application: Application) -> Any:
    return application.cycle.opens_at


def answered(application: Application, name: str, found: bool, text: str = "") -> EligibilityCheck:
    named, at = department(name), application.cycle.opens_at
    screening.ask_departments(application, [named], by=person(Role.SECRETARIAT), at=at)
    return screening.answer(application.checks.get(department=named), found, text, by=officer_of(named), at=at)


def conclude(application: Application, **other: tuple[str, str]) -> None:
    lines = {limb.code: ("met", "已核对") for limb in screening.limbs_of(application)} | other
    screening.conclude_limbs(application, lines, by=person(Role.SECRETARIAT), at=application.cycle.opens_at)


def accept(application: Application) -> Application:
    if screening.may_confirm(application, application.cycle.opens_at) and application.state == "submitted":
        prepare(application)
    return screening.accept(application, by=second_secretary(), at=application.cycle.opens_at)


@pytest.mark.article(17)
def test_a_unit_with_every_limb_met_and_a_department_heard_is_accepted(application: Application, at: Any) -> None:
    accepted = accept(screen(application))
    assert (accepted.state, accepted.decided_at) == ("accepted", at)
    assert list(Application.objects.accepted()) == [accepted]
    mail = OutboxMessage.objects.filter(payload__subject="申报资格审查结论：符合")
    assert owner_of(accepted).email in {message.payload["to"] for message in mail}


@pytest.mark.article(17)
def test_unanswered_is_not_clean(application: Application, at: Any) -> None:
    conclude(application)
    with pytest.raises(Refused, match="未答复不等于没有问题"):
        accept(application)
    screening.ask_departments(application, [department()], by=person(Role.SECRETARIAT), at=at)
    with pytest.raises(Refused, match="未答复不等于没有问题"):
        accept(application)


@pytest.mark.article(11)
def test_what_a_department_found_refuses_acceptance(application: Application) -> None:
    answered(application, "区市场监管局", False)
    answered(application, "区应急管理局", True, "2026年5月发生较大安全事故。")
    conclude(application)
    with pytest.raises(Refused, match="区应急管理局答复发现问题"):
        accept(application)


@pytest.mark.article(10)
@pytest.mark.parametrize("conclusion", ["open", "not_met"])
def test_every_limb_must_be_met_and_the_refusal_names_its_article(application: Application, conclusion: str) -> None:
    answered(application, "区市场监管局", False)
    for limb in screening.limbs_of(application):
        conclude(application, **{limb.code: (conclusion, "" if conclusion == "open" else "有据")})
        with pytest.raises(Refused, match=limb.label) as refusal:
            accept(application)
        assert refusal.value.article == limb.article
        conclude(application, **{limb.code: ("met", "已核对")})
    assert accept(application).state == "accepted"


@pytest.mark.article(10)
def test_a_conclusion_needs_its_basis_and_a_limb_of_the_measures(application: Application, at: Any) -> None:
    with pytest.raises(Refused, match="请写明依据") as refusal:
        conclude(application, loss=("met", " "))
    assert (refusal.value.article, refusal.value.field) == (11, "basis_loss")
    assert not application.lines.exists()
    with pytest.raises(Refused, match="没有这项条件"):
        conclude(application, beauty=("met", "好看"))


@pytest.mark.article(17)
def test_declining_needs_a_reason_and_something_against_the_unit(application: Application, at: Any) -> None:
    secretary = person(Role.SECRETARIAT)
    screen(application)
    with pytest.raises(Refused, match="没有任何一项条件"):
        screening.decline(application, "不喜欢", by=secretary, at=at)
    conclude(application, loss=("not_met", "2025年亏损"))
    with pytest.raises(Refused, match="请写明理由"):
        screening.decline(application, " ", by=secretary, at=at)
    prepare(application, "decline", "2025年亏损。")
    declined = screening.decline(application, "2025年亏损，不符合第十一条。", by=second_secretary(), at=at)
    assert (declined.state, declined.decision_reason) == ("declined", "2025年亏损，不符合第十一条。")
    with pytest.raises(Refused, match="不能办理"):
        accept(declined)


@pytest.mark.article(28)
def test_a_ban_that_began_after_submission_refuses_acceptance(application: Application) -> None:
    screen(application)
    with (
        eligibility_grounds.grounds.only(lambda codes, on: [(code, no("不接受再次申报。", 28)) for code in codes]),
        pytest.raises(Refused, match="不接受"),
    ):
        accept(application)
    assert accept(application).state == "accepted"


@pytest.mark.article(9)
def test_a_secretary_of_the_unit_neither_screens_nor_reads_it(application: Application, at: Any, clock_at: Any) -> None:
    secretary = hire("前员工", Role.SECRETARIAT, by=None, at=START)
    assert application in Application.objects.visible_to(secretary)

    @act("测试：曾任职", None)
    def once_worked_there(*, by: Any, at: Any) -> Any:
        past = {"starts_at": START - timedelta(days=400), "ends_at": START - timedelta(days=30)}
        return store(ApplicantMembership(applicant=application.applicant, user=secretary, level="editor", **past))

    once_worked_there(by=None, at=START)
    assert application not in Application.objects.visible_to(secretary)
    verbs = [
        lambda: screening.ask_departments(application, [department()], by=secretary, at=at),
        lambda: screening.conclude_limbs(application, {}, by=secretary, at=at),
        lambda: screening.return_for_correction(
            application, {"facts": "改"}, by=secretary, at=at, due_on=date(2027, 5, 1)
        ),
        lambda: screening.accept(application, by=secretary, at=at),
        lambda: screening.decline(application, "理由", by=secretary, at=at),
    ]
    for verb in verbs:
        with pytest.raises(Refused, match="应当回避"):
            verb()


@pytest.mark.article(17)
def test_only_the_secretariat_screens(application: Application, at: Any) -> None:
    for somebody in (owner_of(application), person(Role.AUDITOR), officer_of(department())):
        with pytest.raises(Refused, match="秘书处"):
            screening.accept(application, by=somebody, at=at)


@pytest.mark.article(17)
def test_a_department_answers_once_and_only_for_itself(application: Application, at: Any) -> None:
    named, other = department(), department("区税务局")
    screening.ask_departments(application, [named, other], by=person(Role.SECRETARIAT), at=at)
    check = application.checks.get(department=named)
    with pytest.raises(Refused, match="只有区市场监管局"):
        screening.answer(check, False, by=officer_of(other), at=at)
    with pytest.raises(Refused, match="请写明发生日期"):
        screening.answer(check, True, " ", by=officer_of(named), at=at)
    assert screening.answer(check, False, by=officer_of(named), at=at).state == "clean"
    with pytest.raises(Refused, match="已经答复"):
        screening.answer(check, True, "又想起来", by=officer_of(named), at=at)
    with pytest.raises(Refused, match="尚未提请"):
        screening.ask_departments(application, [named], by=person(Role.SECRETARIAT), at=at)


# ── corrections ──


@pytest.mark.article(17)
def test_a_correction_period_is_counted_in_working_days(application: Application, at: Any) -> None:
    secretary = person(Role.SECRETARIAT)
    with pytest.raises(Refused, match="2027年的节假日安排尚未登记") as refusal:
        screening.return_for_correction(application, {"facts": "请补正地址。"}, by=secretary, at=at)
    assert refusal.value.field == "due_on"
    with pytest.raises(Refused, match="不少于5个工作日"):
        screening.return_for_correction(application, {"facts": "补"}, by=secretary, at=at, due_on=date(2027, 3, 10))
    LegalDay.objects.create(day=date(2027, 1, 1), day_off=True)
    LegalYear.objects.create(year=2027, source="测试")
    back = screening.return_for_correction(application, {"facts": "请补正地址。"}, by=secretary, at=at)
    # Monday 8 March + 5 working days: Monday 15 March, until 24:00 in Shanghai.
    assert back.correction_due_at == datetime(2027, 3, 15, 16, 0, tzinfo=UTC)
    assert (back.state, back.correction_sections, back.correction_points) == (
        "returned",
        ["facts"],
        "基本情况：请补正地址。",
    )


@pytest.mark.article(17)
def test_a_correction_lists_something_of_the_form(application: Application, at: Any) -> None:
    for points in ({}, {"facts": "  "}, {"pledge": "改"}):
        with pytest.raises(Refused):
            screening.return_for_correction(
                application, points, by=person(Role.SECRETARIAT), at=at, due_on=date(2027, 4, 1)
            )


@pytest.mark.article(17)
def test_a_returned_application_is_declined_only_after_its_period(application: Application, at: Any) -> None:
    secretary = person(Role.SECRETARIAT)
    back = screening.return_for_correction(application, {"facts": "补"}, by=secretary, at=at, due_on=date(2027, 4, 1))
    with pytest.raises(Refused, match="期限未满"):
        screening.decline(back, "逾期", by=secretary, at=back.correction_due_at - timedelta(seconds=1))
    due: Any = back.correction_due_at
    with pytest.raises(Refused, match="请先转入按现有材料审查"):
        prepare(back, "decline", "逾期未补正。", at=due)
    with pytest.raises(Refused, match="请先转入按现有材料审查"):
        screening.decline(back, "逾期未补正。", by=second_secretary(), at=due)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=back.pk).update(state="declined")
    corrections.close_correction(back, by=secretary, at=due)
    with pytest.raises(Refused, match="没有任何一项条件"):  # late is no clause of articles 10 and 11
        prepare(back, "decline", "逾期未补正。", at=due)
    screening.conclude_limbs(back, {"registered": ("not_met", "未补交证照")}, by=secretary, at=due)
    prepare(back, "decline", "逾期未补正。", at=due)
    assert screening.decline(back, "逾期未补正。", by=second_secretary(), at=due).state == "declined"


# ── hints, disqualification, timeline ──


@pytest.mark.article(11)
def test_hints_follow_dates_and_figures_and_conclude_nothing() -> None:
    cycle = announced_cycle()
    loser = draft_application(cycle, "亏损企业")
    intake.fill(loser, {"figure.profit.2025": "-860.50"}, by=owner_of(loser), at=cycle.opens_at)
    recommend(loser)
    intake.submit(loser, by=owner_of(loser), at=cycle.opens_at)
    hints = screening.hints(loser)
    assert (hints["loss"].text, hints["loss"].doubt) == ("2025年亏损。", True)
    assert (hints["operating"].doubt, hints["pays_tax"].doubt) == (False, False)
    assert not loser.lines.exists()
    assert not screening.hints(submitted_application(cycle, "盈利企业"))["loss"].doubt


@pytest.mark.article(11)
def test_an_accepted_unit_is_disqualified_with_a_reason(application: Application, at: Any) -> None:
    secretary = person(Role.SECRETARIAT)
    with pytest.raises(Refused, match="不能办理"):
        screening.disqualify(application, "事故", by=secretary, at=at)
    out = screening.disqualify(accept(screen(application)), "评审期间发生较大事故。", by=secretary, at=at)
    assert (out.state, out.ended_at) == ("disqualified", at)


@pytest.mark.article(17)
def test_the_timeline_tells_the_story_without_the_checks(application: Application, at: Any) -> None:
    accept(screen(application))
    later = timeline.Event(at + timedelta(days=1), "以后的事")
    told = Application.objects.get(pk=application.pk)
    with timeline.chapters.only(lambda a, when: [timeline.Event(at, "评审组评审"), later]):
        titles = [event.title for event in timeline.events(told, at)]
    assert titles[0] == "开始填报"
    assert set(titles[1:]) == {
        "提请区市场监管局推荐",
        "区市场监管局签署推荐意见",
        "提交申报",
        "确认符合申报资格",
        "评审组评审",
    }


@pytest.mark.article(17)
def test_reasons_and_answers_are_told_to_the_unit_and_the_overseers_only(application: Application, at: Any) -> None:
    secretary = person(Role.SECRETARIAT)
    screening.return_for_correction(application, {"facts": "请补地址"}, by=secretary, at=at, due_on=date(2027, 4, 1))
    intake.correct(application, by=owner_of(application), at=at)
    prepare(screen(application), reason="内部备注")
    screening.accept(application, by=second_secretary(), at=at, reason="内部备注二")
    screening.disqualify(application, "发生重大事故。", by=secretary, at=at)

    def told(*, full: bool) -> str:
        fresh = Application.objects.get(pk=application.pk)
        return "".join(event.text + event.url for event in timeline.events(fresh, at, full=full))

    assert "请补地址" in told(full=True)
    assert "发生重大事故" in told(full=True)
    assert "内部备注" not in told(full=True)
    assert told(full=False) == ""


# ── who sees what ──


@pytest.mark.article(9)
def test_each_sees_what_is_his(stranger: Any) -> None:
    cycle = announced_cycle()
    draft, handed_in = draft_application(cycle, "草稿单位"), submitted_application(cycle, "已交单位")
    officer, at = officer_of(department()), cycle.opens_at
    for who in (person(Role.SECRETARIAT), person(Role.AUDITOR), officer, owner_of(handed_in)):
        assert list(permissions.readable(Application.objects.all(), who, at)) == [handed_in]
    assert list(permissions.readable(Application.objects.all(), owner_of(draft), at)) == [draft]
    for nobody in (stranger, person(Role.MEMBER), person(Role.GOVERNMENT), None):
        assert not permissions.readable(Application.objects.all(), nobody, at).exists()
    with permissions.readers.only(lambda user, when: [[handed_in.pk]] if user == stranger else []):
        assert list(permissions.readable(Application.objects.all(), stranger, at)) == [handed_in]


@pytest.mark.article(17)
def test_a_check_shows_to_its_department_and_never_to_the_unit(application: Application, at: Any) -> None:
    named, other = department("区税务局"), department("区生态环境局")
    screening.ask_departments(application, [named, other], by=person(Role.SECRETARIAT), at=at)
    officer = officer_of(named)
    rows = permissions.department_rows(EligibilityCheck.objects.all(), officer, at, unit=False)
    assert [row.department for row in rows] == [named]
    assert not permissions.readable(Application.objects.all(), officer, at).exists()
    assert not permissions.department_rows(
        EligibilityCheck.objects.all(), owner_of(application), at, unit=False
    ).exists()
    assert (
        permissions.department_rows(EligibilityCheck.objects.all(), person(Role.AUDITOR), at, unit=False).count() == 2
    )
    assert permissions.department_rows(Recommendation.objects.all(), owner_of(application), at).count() == 1
    units.dismiss_officer(named.officers.get(), by=person(Role.SECRETARIAT), at=at, reason="调离")
    fresh = type(officer).objects.get(pk=officer.pk)
    assert not permissions.department_rows(EligibilityCheck.objects.all(), fresh, at, unit=False).exists()


@pytest.mark.article(17)
def test_an_accepted_application_from_the_factory_is_whole() -> None:
    assert accepted_application(announced_cycle(), "工厂").number == "2027-0001"
