"""第十、十一、十七条: what departments are asked and answer limb by limb; no reply is never read as passed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from applications import department_checks, eligibility, hints, limbs, screening
from applications.department_checks import Answer
from applications.models import Application, CheckLine, EligibilityCheck, EligibilityDecision
from award_portal import regulation
from award_portal.guards import REGISTERED, put_up, take_down
from award_portal.lifecycle import act
from award_portal.models import LegalDay, LegalYear, OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.factories_applications import (
    announced_cycle,
    department,
    officer_of,
    owner_of,
    person,
    prepare,
    second_secretary,
    submitted_application,
)

pytestmark = pytest.mark.django_db
LIMBS = regulation.load("chanhe-2021").limbs
DAY = timedelta(days=1)


@pytest.fixture
def application() -> Application:
    return submitted_application(announced_cycle(), "洛阳轴承")


@pytest.fixture
def at(application: Application) -> Any:
    return application.cycle.opens_at


def asked(application: Application, name: str = "区应急管理局", **more: Any) -> EligibilityCheck:
    named, at = department(name), application.cycle.opens_at
    screening.ask_departments(application, [named], by=person(Role.SECRETARIAT), at=at, **more)
    return application.checks.get(department=named)


def answer(check: EligibilityCheck, **lines: Answer) -> EligibilityCheck:
    at = check.application.cycle.opens_at
    return screening.answer(check, True, "", by=officer_of(check.department), at=at, lines=lines)


def met(application: Application) -> None:
    lines = {limb.code: ("met", "已核对") for limb in screening.limbs_of(application)}
    screening.conclude_limbs(application, lines, by=person(Role.SECRETARIAT), at=application.cycle.opens_at)


def not_met(application: Application) -> None:
    lines = {"safety_accident": ("not_met", "应急部门答复，重大事故")}
    screening.conclude_limbs(application, lines, by=person(Role.SECRETARIAT), at=application.cycle.opens_at)


# ── who is asked what ──


@pytest.mark.article(17)
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("区应急管理局", {"safety_accident", "other_violation"}),
        ("市生态环境局瀍河分局", {"pollution_accident", "other_violation"}),
        ("区税务局", {"pays_tax", "operating", "performance", "contribution", "loss", "other_violation"}),
        ("区发展和改革委员会", {"social_duty", "reputation", "bad_faith"}),
        ("区档案馆", {limb.code for limb in LIMBS if limb.negative}),  # unknown: everything article 11 forbids
    ],
)
def test_each_department_is_asked_what_it_is_the_source_of(name: str, codes: set[str]) -> None:
    assert {limb.code for limb in limbs.asked_of(name, LIMBS)} == codes


@pytest.mark.article(10)
def test_the_table_of_sources_knows_every_limb_and_no_other() -> None:
    assert set(limbs.SOURCES) == {limb.code for limb in LIMBS}


@pytest.mark.article(17)
def test_other_limbs_may_be_asked_but_none_that_the_measures_do_not_know(application: Application) -> None:
    named = department("区税务局")
    with pytest.raises(Refused, match="《办法》规定的条件"):
        asked(application, "区税务局", limbs={named.pk: ["beauty"]})
    check = asked(application, "区税务局", limbs={named.pk: ["loss"]})
    assert [line.limb for line in check.lines.all()] == ["loss"]


@pytest.mark.article(17)
def test_the_days_to_answer_are_working_days_or_none_at_all(application: Application, at: datetime) -> None:
    assert asked(application).due_at is None  # 2027 has no calendar: no day is made up
    named = asked(application, "区税务局", due_on=date(2027, 3, 31))
    assert named.due_at == datetime.fromisoformat("2027-04-01T00:00+08:00")
    LegalDay.objects.create(day=date(2027, 1, 1), day_off=True)
    LegalYear.objects.create(year=2027, source="测试")
    assert asked(application, "区商务局").due_at == datetime.fromisoformat("2027-03-23T00:00+08:00")
    for day in (date(2027, 3, 8), date(2026, 1, 1), date(2029, 1, 1)):
        with pytest.raises(Refused, match="一年以内"):
            asked(application, "区科技局", due_on=day)


# ── answers ──


@pytest.mark.article(17)
def test_one_word_answers_all_that_was_asked(application: Application, at: datetime) -> None:
    clean, found = asked(application, "区税务局"), asked(application)
    screening.answer(clean, False, by=officer_of(clean.department), at=at)
    screening.answer(found, True, "2026年5月发生事故。", by=officer_of(found.department), at=at)
    assert set(clean.lines.values_list("result", flat=True)) == {"no_record"}
    assert set(found.lines.values_list("result", "note")) == {("fail", "2026年5月发生事故。")}
    assert (clean.state, found.state) == ("clean", "found")


@pytest.mark.article(17)
def test_limb_by_limb_the_check_waits_for_the_last(application: Application) -> None:
    check = asked(application)
    assert answer(check, safety_accident=Answer("pass", "经查询。")).state == "asked"
    with pytest.raises(Refused, match="已经答复"):
        answer(check, safety_accident=Answer("fail", "又想起来"))
    assert answer(check, other_violation=Answer("no_record")).state == "clean"
    line = check.lines.get(limb="safety_accident")
    assert (line.result, line.answered_by) == ("pass", officer_of(check.department))


@pytest.mark.article(11)
def test_a_failure_counts_before_the_rest_is_answered(application: Application, at: datetime) -> None:
    other, check = asked(application, "区税务局"), asked(application)
    screening.answer(other, False, by=officer_of(other.department), at=at)
    answer(
        check,
        safety_accident=Answer("fail", "重大事故", "豫应急〔2026〕8号", date(2026, 5, 1), "major", "省应急管理厅"),
    )
    met(application)
    verdict = screening.may_confirm(application, at)
    assert (verdict.allowed, verdict.article) == (False, 11)
    assert "区应急管理局答复发现问题" in verdict.reason
    assert (
        "请先就相应条件核定结论" in screening.may_turn_down(application, at).reason
    )  # a finding names no clause by itself
    not_met(application)
    assert screening.may_turn_down(application, at)


@pytest.mark.article(11)
@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Answer(""), "result"),
        (Answer("pending"), "result"),
        (Answer("perhaps"), "result"),
        (Answer("fail", "  "), "note"),
        (Answer("no_record", event_on=date(2026, 1, 1)), "result"),
        (Answer("no_record", grade="general"), "result"),
        (Answer("pass", event_on=date(2027, 3, 9)), "event_on"),
        (Answer("pass", event_on=date(202, 1, 1)), "event_on"),
        (Answer("pass", grade="huge"), "grade"),
        (Answer("fail", "事故", grade="major"), "event_on"),
        (Answer("pass", event_on=date(2027, 3, 8), grade="general"), None),  # 一般事故 is no refusal by itself
        (Answer("fail", "事故", event_on=date(2026, 1, 1), grade="major"), None),
        (Answer("no_record"), None),
    ],
)
def test_an_answer_is_whole_or_refused_at_its_field(said: Answer, field: str | None) -> None:
    limb = next(limb for limb in LIMBS if limb.code == "safety_accident")
    found = department_checks.fault(said, limb, datetime.fromisoformat("2027-03-08T12:00+08:00"))
    assert (found[0] if found else None) == field


@pytest.mark.article(11)
@pytest.mark.parametrize(
    ("happened", "where"),
    [
        (date(2024, 6, 29), hints.BEFORE),
        (date(2024, 6, 30), hints.IN_WINDOW),
        (date(2026, 6, 30), hints.IN_WINDOW),
        (date(2026, 7, 1), hints.AFTER),
    ],
)
def test_an_event_lies_in_the_window_before_it_or_after_the_reference_date(happened: date, where: str) -> None:
    assert hints.window(happened, date(2026, 6, 30), 2) == where
    assert (where == hints.IN_WINDOW) is bool(
        eligibility.look_back_hits([type("E", (), {"happened_on": happened})()], date(2026, 6, 30), 2)
    )


# ── silence ──


@pytest.mark.article(17)
def test_silence_is_waited_for_then_decided_by_a_person_and_never_passes(
    application: Application, at: datetime
) -> None:
    secretary, heard = person(Role.SECRETARIAT), asked(application, "区税务局")
    silent = asked(application, due_on=date(2027, 3, 20))
    screening.answer(heard, False, by=officer_of(heard.department), at=at)
    met(application)
    assert "区应急管理局尚未答复" in screening.may_confirm(application, at).reason
    with pytest.raises(Refused, match="期限未满"):
        screening.stop_waiting(silent, "已电话核实", by=secretary, at=silent.due_at - timedelta(seconds=1))
    with pytest.raises(Refused, match="如何另行核实"):
        screening.stop_waiting(silent, " ", by=secretary, at=silent.due_at)
    screening.stop_waiting(silent, "查询省应急管理厅公开信息，无记录。", by=secretary, at=silent.due_at)
    assert set(silent.lines.values_list("result", flat=True)) == {"pending"}
    assert screening.may_confirm(application, silent.due_at)
    late = screening.answer(silent, True, "有重大事故。", by=officer_of(silent.department), at=silent.due_at + DAY)
    assert late.state == "found"
    assert not screening.may_confirm(application, silent.due_at + DAY)


@pytest.mark.article(17)
def test_nobody_heard_is_nobody_heard_whatever_was_decided_about_the_silence(
    application: Application, at: datetime
) -> None:
    check = asked(application)
    met(application)
    days = application.cycle.rules.get().answer_days if hasattr(application.cycle.rules.get(), "answer_days") else 10
    with pytest.raises(
        Refused, match="期限未满"
    ):  # no calendar, no period: the days of the rules are waited for all the same
        screening.stop_waiting(
            check, "已另行核实", by=person(Role.SECRETARIAT), at=at + days * DAY - timedelta(seconds=1)
        )
    screening.stop_waiting(check, "已另行核实", by=person(Role.SECRETARIAT), at=at + days * DAY)
    assert "未答复不等于没有问题" in screening.may_confirm(application, at).reason


@pytest.mark.article(17)
def test_asked_again_the_last_answer_counts_and_the_first_stays(application: Application, at: datetime) -> None:
    check = asked(application)
    with pytest.raises(Refused, match="尚未答复"):
        screening.ask_again(check, "请核对", by=person(Role.SECRETARIAT), at=at)
    screening.answer(check, True, "误登", by=officer_of(check.department), at=at)
    met(application)
    again = screening.ask_again(check, "系同名企业，请核对。", by=person(Role.SECRETARIAT), at=at)
    assert (again.round, set(again.lines.values_list("limb", flat=True))) == (2, {"safety_accident", "other_violation"})
    assert not screening.may_confirm(application, at)
    screening.answer(again, False, by=officer_of(check.department), at=at)
    assert screening.may_confirm(application, at)
    assert EligibilityCheck.objects.get(pk=check.pk).state == "found"


@pytest.mark.article(11)
def test_a_further_round_that_nobody_answers_takes_no_finding_back(application: Application, at: datetime) -> None:
    secretary, other, check = person(Role.SECRETARIAT), asked(application, "区税务局"), asked(application)
    screening.answer(other, False, by=officer_of(other.department), at=at)
    screening.answer(check, True, "2026年5月发生重大事故。", by=officer_of(check.department), at=at)
    met(application)
    again = screening.ask_again(check, "请核对。", by=secretary, at=at)
    assert "区应急管理局答复发现问题" in screening.may_confirm(application, at).reason
    screening.stop_waiting(again, "再问没有答复。", by=secretary, at=at + 10 * DAY)
    assert "区应急管理局答复发现问题" in screening.may_confirm(application, at + 10 * DAY).reason
    with pytest.raises(Refused, match="答复发现问题"):
        prepare(application, at=at + 10 * DAY)
    titles = [line.limb for line in department_checks.failures([application.pk])]
    assert sorted(titles) == ["other_violation", "safety_accident"]
    screening.answer(again, False, by=officer_of(check.department), at=at + 11 * DAY)
    assert not department_checks.failures([application.pk]).exists()
    assert screening.may_confirm(application, at + 11 * DAY)


@pytest.mark.article(11)
def test_a_person_overcomes_a_finding_only_on_that_limb_and_afterwards(application: Application, at: datetime) -> None:
    other, check = asked(application, "区税务局"), asked(application)
    screening.answer(other, False, by=officer_of(other.department), at=at)
    met(application)  # before the answer: of no account
    answer(check, safety_accident=Answer("fail", "同名企业的事故"), other_violation=Answer("no_record"))

    def conclude(limb: str, how: str) -> bool:
        lines = {limb: (how, "另据事故调查报告核实。")}
        screening.conclude_limbs(application, lines, by=person(Role.SECRETARIAT), at=at + DAY)
        return bool(screening.may_confirm(application, at + DAY))

    assert not screening.may_confirm(application, at)
    assert not conclude("other_violation", "met")
    assert not conclude("safety_accident", "not_met")
    assert conclude("safety_accident", "met")


@pytest.mark.article(17)
def test_a_late_answer_to_a_superseded_round_is_not_taken(application: Application, at: datetime) -> None:
    check = asked(application)
    screening.answer(check, False, by=officer_of(check.department), at=at)
    second = screening.ask_again(check, "请核对。", by=person(Role.SECRETARIAT), at=at)
    screening.stop_waiting(second, "已另行核实", by=person(Role.SECRETARIAT), at=at + 10 * DAY)
    third = again(second)
    with pytest.raises(Refused, match="请在最近一次核查中答复"):
        screening.answer(second, True, "有事故", by=officer_of(check.department), at=at)
    assert screening.answer(third, True, "有事故", by=officer_of(check.department), at=at).state == "found"


@act("测试：再次提请", None)
def _again(check: EligibilityCheck, *, by: Any, at: Any) -> EligibilityCheck:
    return department_checks.again(check, check.application, by=by, at=at)


def again(check: EligibilityCheck) -> EligibilityCheck:
    return _again(check, by=person(Role.SECRETARIAT), at=check.asked_at)  # type: ignore[no-any-return]


@pytest.mark.article(11)
@pytest.mark.parametrize(
    ("said", "whole"),
    [
        (Answer("pass", "", event_on=date(2026, 6, 30), grade="major"), False),
        (Answer("pass", "", event_on=date(2026, 6, 30), grade="special"), False),
        (Answer("pass", "本单位不是责任单位。", event_on=date(2026, 6, 30), grade="major"), True),
        (Answer("pass", "", event_on=date(2026, 6, 30), grade="serious"), True),
        (Answer("pass", "", event_on=date(2020, 1, 1), grade="major"), True),
    ],
)
def test_a_major_accident_in_the_look_back_is_no_pass_without_a_word(
    application: Application, said: Answer, whole: bool
) -> None:
    check = asked(application)
    if whole:
        assert answer(check, safety_accident=said).state == "asked"
    else:
        with pytest.raises(Refused, match="请答复不通过"):
            answer(check, safety_accident=said)


# ── reminders ──


@pytest.mark.article(17)
def test_a_department_is_reminded_once_before_and_once_after_its_deadline(application: Application) -> None:
    for one in (application, submitted_application(application.cycle, "另一家")):
        asked(one, due_on=date(2027, 3, 20))
    due = EligibilityCheck.objects.first().due_at  # type: ignore[union-attr]
    moments = [
        (due - 4 * DAY, 0),
        (due - 3 * DAY, 1),
        (due - DAY, 1),
        (due - timedelta(seconds=1), 1),
        (due, 2),
        (due + 5 * DAY, 2),
    ]
    for moment, letters in moments:
        list(department_checks.remind(moment))
        assert OutboxMessage.objects.filter(key__startswith="mail:checks-").count() == letters, moment
    late = OutboxMessage.objects.get(payload__subject="资格核查已逾期，请答复")
    assert "2件" in late.payload["body"]
    assert "未答复不视为没有问题" in late.payload["body"]


# ── what the database refuses ──


def _sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.article(17)
@pytest.mark.parametrize(
    ("guard", "statement"),
    [
        ("check_line_answered", "UPDATE applications_checkline SET result = 'pass'"),
        ("check_line_no_delete", "DELETE FROM applications_checkline"),
        ("check_answered", "UPDATE applications_eligibilitycheck SET answer = '无'"),
        ("check_arrows", "UPDATE applications_eligibilitycheck SET state = 'clean'"),
    ],
)
def test_an_answer_stands(application: Application, at: datetime, guard: str, statement: str) -> None:
    check = asked(application)
    screening.answer(check, True, "事故", by=officer_of(check.department), at=at)
    with pytest.raises(IntegrityError):
        _sql(statement)
    take_down(REGISTERED[guard])
    try:
        _sql(statement)
    finally:
        put_up(only=[REGISTERED[guard]])


@pytest.mark.article(17)
@pytest.mark.parametrize(
    ("guard", "statement"),
    [
        ("eligibility_decision_prepared", "UPDATE applications_eligibilitydecision SET reason = '改'"),
        ("eligibility_decision_decided", "UPDATE applications_eligibilitydecision SET decided_at = prepared_at"),
        ("eligibility_decision_no_delete", "DELETE FROM applications_eligibilitydecision"),
        ("eligibility_decision_arrows", "UPDATE applications_eligibilitydecision SET state = 'replaced'"),
    ],
)
def test_a_decision_stands(application: Application, at: datetime, guard: str, statement: str) -> None:
    check = asked(application)
    screening.answer(check, True, "事故", by=officer_of(check.department), at=at)
    not_met(application)
    prepare(application, "decline", "发生事故。")
    screening.decline(application, "发生事故。", by=second_secretary(), at=at + DAY)
    with pytest.raises(IntegrityError):
        _sql(statement)
    take_down(REGISTERED[guard])
    try:
        _sql(statement)
    finally:
        put_up(only=[REGISTERED[guard]])


@pytest.mark.article(17)
def test_the_database_knows_that_two_people_decide(application: Application, at: datetime) -> None:
    check = asked(application)
    screening.answer(check, True, "事故", by=officer_of(check.department), at=at)
    not_met(application)
    prepared = prepare(application, "decline", "发生事故。")
    rows = EligibilityDecision.objects.filter(pk=prepared.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(state="decided", decided_by=prepared.prepared_by, decided_at=at)
    assert rows.update(state="decided", decided_by=second_secretary(), decided_at=at) == 1


@pytest.mark.article(17)
def test_the_unit_sees_no_answers(application: Application) -> None:
    asked(application)
    assert not EligibilityCheck.objects.visible_to(owner_of(application)).exists()
    assert CheckLine.objects.count() == 2
