"""第十、十一、十七条: the matrix reads what departments found as the decision reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from applications import department_checks, matrix, screening
from applications.department_checks import Answer
from applications.models import Application, AwardCycle, EligibilityCheck
from award_portal.roles import Role
from tests.factories_applications import (
    announced_cycle,
    department,
    officer_of,
    person,
    submitted_application,
)

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]
LIMB = "safety_accident"
FOUND = Answer("fail", "重大事故", event_on=None)


def asked(application: Application, name: str, at: Any) -> EligibilityCheck:
    screening.ask_departments(
        application, [department(name)], by=person(Role.SECRETARIAT), at=at, limbs={department(name).pk: [LIMB]}
    )
    return application.checks.get(department=department(name))


def said(check: EligibilityCheck, answer: Answer, at: Any) -> None:
    by = officer_of(check.department)
    screening.answer(check, True, "", by=by, at=at, lines={LIMB: answer})


def shown(cycle: AwardCycle) -> tuple[list[str], dict[str, tuple[str, str]]]:
    """Whom the filter keeps, and what the cell of the limb says of each unit."""
    kept = Application.objects.all()
    doubted = [one.applicant.name for one in matrix.units(cycle, kept, "doubt")]
    listed = list(matrix.units(cycle, kept).select_related("applicant", "cycle"))
    row = next(row for row in matrix.table(cycle, listed, matrix.sums(cycle, kept), 2) if row.limb.code == LIMB)
    return doubted, {
        one.applicant.name: (cell.worst, cell.worst_label) for one, cell in zip(listed, row.cells, strict=True)
    }


def test_the_matrix_reads_failures_as_the_decision_does(django_assert_num_queries: Any) -> None:
    cycle = announced_cycle()
    one, other = submitted_application(cycle, "被查单位"), submitted_application(cycle, "别的单位")
    at, secretary = cycle.opens_at, person(Role.SECRETARIAT)
    first, second = asked(one, "区应急管理局", at), asked(one, "区法院", at)
    asked(other, "区应急管理局", at)

    said(first, FOUND, at)
    said(second, Answer("no_record"), at)  # another department's answer takes nothing back
    doubted, cells = shown(cycle)
    assert (doubted, cells["被查单位"]) == (["被查单位"], ("fail", "不通过"))
    assert cells["别的单位"] == ("pending", "待回复")

    # Asked again and not answered: the earlier finding stands, though the last round holds no failure.
    again = screening.ask_again(first, "请再核", by=secretary, at=at + timedelta(hours=1))
    doubted, cells = shown(cycle)
    assert (doubted, cells["被查单位"][0]) == (["被查单位"], "fail")
    assert department_checks.failures([one.pk]).exists()

    # A person concludes the limb anew after the answer: the decision lets it pass, and so does the matrix.
    later = at + timedelta(hours=2)
    screening.conclude_limbs(one, {LIMB: ("met", "已核实，系他人")}, by=secretary, at=later)
    doubted, cells = shown(cycle)
    assert (doubted, cells["被查单位"][0]) == ([], "pending")

    # Found again in the new round: it stands anew, until a person overcomes that too.
    said(again, FOUND, later + timedelta(hours=1))
    assert shown(cycle)[0] == ["被查单位"]
    lines = {LIMB: ("met", "再次核实")}
    screening.conclude_limbs(one, lines, by=secretary, at=later + timedelta(hours=2))
    assert shown(cycle) == ([], {"被查单位": ("", matrix.OVERCOME), "别的单位": ("pending", "待回复")})
    with django_assert_num_queries(1):
        list(matrix.units(cycle, Application.objects.all(), "doubt"))


def test_a_failure_taken_back_by_the_department_itself_is_over() -> None:
    cycle = announced_cycle()
    one, at = submitted_application(cycle, "被查单位"), cycle.opens_at
    check = asked(one, "区应急管理局", at)
    said(check, FOUND, at)
    again = screening.ask_again(check, "请再核", by=person(Role.SECRETARIAT), at=at)
    said(again, Answer("pass", "更正：系他人"), at)
    assert shown(cycle) == ([], {"被查单位": ("pass", "通过")})
