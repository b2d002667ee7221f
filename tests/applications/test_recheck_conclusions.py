"""第十、十一条: the conditions asked again for every unit still in; nobody heard is nobody heard."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications import (
    rechecks,
    screening,
)
from applications.models import ApplicantMembership, Application, Recheck
from award_portal import desk
from award_portal.lifecycle import act, store
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import hire
from tests.factories_applications import (
    accepted_application,
    announced_cycle,
    officer_of,
    owner_of,
    person,
    submitted_application,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def application() -> Application:
    return submitted_application(announced_cycle(), "洛阳轴承")


@pytest.fixture
def at(application: Application) -> datetime:
    return application.cycle.opens_at  # type: ignore[return-value]


@pytest.mark.article(11)
def test_a_finding_after_the_conclusion_asks_for_another_recheck(
    application: Application, at: datetime, clock_at: Any
) -> None:
    by, unit = person(Role.SECRETARIAT), accepted_application(application.cycle, "甲")
    made = rechecks.recheck(unit.cycle, "vote", by=by, at=at)
    check = unit.checks.get(round=2)
    screening.answer(check, False, by=officer_of(check.department), at=at)
    rechecks.conclude(made, {made.lines.get().pk: ("still_holds", "无变化")}, by=by, at=at)  # type: ignore[attr-defined]
    assert not rechecks.outlived(made)
    third = screening.ask_again(check, "接到举报。", by=by, at=at)
    screening.answer(third, True, "重大事故", by=officer_of(check.department), at=at)
    assert rechecks.done(unit.cycle, "vote").reason.endswith("请再核。")
    assert rechecks.outlived(made)
    assert f"部门发现问题：{unit.applicant}" in [item.title for item in desk.awaiting(by, at)]
    again = rechecks.recheck(unit.cycle, "vote", by=by, at=at)
    assert rechecks.fails_of(again) == {unit.pk: [check.department.name]}  # asked again, and not taken back by that
    fourth = unit.checks.get(round=4)
    screening.answer(fourth, False, "系同名企业。", by=officer_of(check.department), at=at)
    assert f"部门发现问题：{unit.applicant}" not in [item.title for item in desk.awaiting(by, at)]
    rechecks.conclude(again, {again.lines.get().pk: ("still_holds", "同名企业")}, by=by, at=at)  # type: ignore[attr-defined]
    assert rechecks.done(unit.cycle, "vote")


@pytest.mark.article(9)
def test_whoever_was_of_the_unit_concludes_nothing_about_it(application: Application, at: datetime) -> None:
    unit = accepted_application(application.cycle, "甲")
    made = rechecks.recheck(unit.cycle, "vote", by=person(Role.SECRETARIAT), at=at)
    former = hire("前员工", Role.SECRETARIAT, by=None, at=at)

    @act("测试：曾任职", None)
    def once_worked_there(*, by: Any, at: Any) -> Any:
        past = {"starts_at": at - 400 * DAY, "ends_at": at - 30 * DAY}
        return store(ApplicantMembership(applicant=unit.applicant, user=former, level="editor", **past))

    once_worked_there(by=None, at=at)
    with pytest.raises(Refused, match="应当回避"):
        rechecks.conclude(made, {made.lines.get().pk: ("doubtful", "有疑问")}, by=former, at=at)  # type: ignore[attr-defined]


@pytest.mark.article(11)
def test_all_units_still_in_are_asked_again_in_one_action(application: Application, at: datetime) -> None:
    cycle, by = application.cycle, person(Role.SECRETARIAT)
    with pytest.raises(Refused, match="没有符合资格"):
        rechecks.recheck(cycle, "vote", by=by, at=at)
    assert "尚未再次核实" in rechecks.done(cycle, "vote").reason
    units = [accepted_application(cycle, name) for name in ("甲", "乙")]
    made = rechecks.recheck(cycle, "vote", by=by, at=at)
    assert [line.application for line in made.lines.order_by("pk")] == units  # type: ignore[attr-defined]
    assert [one.checks.filter(round=2).count() for one in units] == [1, 1]
    with pytest.raises(Refused, match="尚未核完"):
        rechecks.recheck(cycle, "vote", by=by, at=at)
    first, second = made.lines.order_by("pk")  # type: ignore[attr-defined]
    for given, words in (
        ({first.pk: ("still_holds", " ")}, "请写明甲的依据"),
        ({first.pk: ("pending", "再看")}, "不能改回"),
        ({0: ("still_holds", "有据")}, "没有这家单位"),
    ):
        with pytest.raises(Refused, match=words):
            rechecks.conclude(made, given, by=by, at=at)
    with pytest.raises(Refused, match="区市场监管局尚未再次答复，不能认定甲仍然符合"):
        rechecks.conclude(made, {first.pk: ("still_holds", "部门无记录")}, by=by, at=at)
    clean = units[0].checks.get(round=2)
    screening.answer(clean, False, by=officer_of(clean.department), at=at)
    rechecks.conclude(made, {first.pk: ("still_holds", "部门无记录")}, by=by, at=at)
    rechecks.conclude(made, {first.pk: ("still_holds", "部门无记录")}, by=by, at=at)  # the second of two clicks
    for changed in (("doubtful", "又有疑问"), ("still_holds", "改写依据")):
        with pytest.raises(Refused, match="甲已认定仍然符合，不能改动"):
            rechecks.conclude(made, {first.pk: changed}, by=by, at=at)
    assert "1家单位尚未核完" in rechecks.done(cycle, "vote").reason
    check = units[1].checks.get(round=2)
    screening.answer(check, True, "评审期间发生重大事故。", by=officer_of(check.department), at=at)
    with pytest.raises(Refused, match="不能认定乙仍然符合"):
        rechecks.conclude(made, {second.pk: ("still_holds", "不知道")}, by=by, at=at)
    rechecks.conclude(made, {second.pk: ("doubtful", "部门报告重大事故")}, by=by, at=at)
    assert "存在疑问" in rechecks.done(cycle, "vote").reason
    screening.disqualify(units[1], "评审期间发生重大事故。", by=by, at=at)
    assert rechecks.done(cycle, "vote")
    assert not rechecks.done(cycle, "government")
    with pytest.raises(IntegrityError), transaction.atomic():
        first.__class__.objects.filter(pk=first.pk).update(outcome="pending")


@pytest.mark.article(11)
def test_a_unit_confirmed_after_the_recheck_asks_for_another(application: Application, at: datetime) -> None:
    cycle, by = application.cycle, person(Role.SECRETARIAT)
    accepted_application(cycle, "甲")
    made = rechecks.recheck(cycle, "government", by=by, at=at)
    silent = made.lines.get().application.checks.get(round=2)  # type: ignore[attr-defined]
    screening.stop_waiting(
        silent, "查询公开信息，无记录。", by=by, at=at + 10 * DAY
    )  # silence, decided by a person, may pass
    rechecks.conclude(made, {made.lines.get().pk: ("still_holds", "无变化")}, by=by, at=at)  # type: ignore[attr-defined]
    assert rechecks.done(cycle, "government")
    accepted_application(cycle, "乙")
    assert "又有单位确认资格" in rechecks.done(cycle, "government").reason
    assert rechecks.outlived(made)
    assert Recheck.objects.visible_to(owner_of(application)).count() == 0
