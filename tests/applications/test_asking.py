"""第十七条: departments are asked about all units of a cycle in one act: chosen, shown beforehand, asked once, written to once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import asking, limbs, screening
from applications.models import ApplicantMembership, CheckLine, EligibilityCheck
from award_portal import audit, regulation
from award_portal.models import AuditEvent, OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START
from tests.factories_applications import (
    OPENS,
    announced_cycle,
    department,
    draft_application,
    officer_of,
    owner_of,
    person,
    second_secretary,
    submitted_application,
)

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]
OPEN = START + OPENS
SAFETY, TAX = "区应急管理局", "区税务局"


def usual(*names: str) -> dict[int, list[str]]:
    """What the roster of limbs proposes for each department."""
    known = regulation.load("chanhe-2021").limbs_of(10, 11)
    return {department(name).pk: [limb.code for limb in limbs.asked_of(name, known)] for name in names}


@pytest.fixture
def cycle() -> Any:
    return announced_cycle()


def letters_to(name: str) -> list[str]:
    address = officer_of(department(name)).email
    return [row.payload["subject"] for row in OutboxMessage.objects.filter(kind="mail", payload__to=address)]


def test_all_units_are_asked_about_in_one_act(cycle: Any) -> None:
    one, two = submitted_application(cycle, "甲单位"), submitted_application(cycle, "乙单位")
    draft_application(cycle, "草稿单位")
    secretary = person(Role.SECRETARIAT)
    screening.ask_departments(one, [department(SAFETY)], by=secretary, at=OPEN)
    before = letters_to(SAFETY)

    planned = asking.plan(cycle, usual(SAFETY, TAX), by=secretary, at=OPEN)
    safety, tax = sorted(planned.lines, key=lambda line: len(line.units))
    assert [unit.pk for unit in safety.units] == [two.pk]
    assert (safety.waiting, safety.answered, safety.officers) == (1, 0, 1)
    assert {unit.pk for unit in tax.units} == {one.pk, two.pk}
    assert (planned.departments, planned.units, planned.checks) == (2, 2, 3)
    assert EligibilityCheck.objects.count() == 1  # a preview asks nobody

    made = asking.ask_all(cycle, usual(SAFETY, TAX), by=secretary, at=OPEN)
    assert made.checks == 3
    check = EligibilityCheck.objects.get(application=two, department=department(TAX))
    assert (check.asked_by, check.asked_at, check.due_at) == (secretary, OPEN, planned.due_at)
    assert check.history.get().history_change_reason.endswith("批量提请部门核查")
    asked = set(CheckLine.objects.filter(check_row=check).values_list("limb", flat=True))
    assert asked == set(usual(TAX)[department(TAX).pk])
    assert CheckLine.history.filter(check_row=check).count() == len(asked)
    assert AuditEvent.objects.filter(title="批量提请部门核查").count() == 1
    assert audit.verify() is None

    # One letter for each department, however many units; the department finds every unit on its list.
    assert len(letters_to(SAFETY)) == len(before) + 1
    assert [subject for subject in letters_to(TAX) if "2家单位" in subject] == letters_to(TAX)

    # The second of two clicks asks nobody again.
    with pytest.raises(Refused, match="均已提请过"):
        asking.ask_all(cycle, usual(SAFETY, TAX), by=secretary, at=OPEN)
    assert (EligibilityCheck.objects.count(), len(letters_to(TAX))) == (4, 1)


def test_what_is_not_asked(cycle: Any) -> None:
    one = submitted_application(cycle, "甲单位")
    secretary, later = person(Role.SECRETARIAT), OPEN + timedelta(hours=1)
    with pytest.raises(Refused, match="至少选择一项"):
        asking.ask_all(cycle, {department(TAX).pk: []}, by=secretary, at=OPEN)
    with pytest.raises(Refused, match="至少选择一项"):
        asking.ask_all(cycle, {department(TAX).pk: ["没有的条件"]}, by=secretary, at=OPEN)
    with pytest.raises(Refused, match="一年以内"):
        asking.ask_all(cycle, usual(TAX), by=secretary, at=OPEN, due_on=START.date())
    for role in (Role.AUDITOR, Role.DEPARTMENT, Role.MEMBER, Role.APPLICANT):
        with pytest.raises(Refused, match="只能由秘书处"):
            asking.ask_all(cycle, usual(TAX), by=person(role), at=OPEN)
    assert not EligibilityCheck.objects.exists()
    # A unit of one's own is left to a colleague (第九条).
    second = second_secretary()
    ApplicantMembership.objects.create(applicant=one.applicant, user=second, level="reader", starts_at=START)
    planned = asking.plan(cycle, usual(TAX), by=second, at=later)
    assert (planned.checks, planned.avoided) == (0, 1)
    with pytest.raises(Refused, match="均已提请过"):
        asking.ask_all(cycle, usual(TAX), by=second, at=later)


def test_a_department_that_is_out_of_use_is_not_asked(cycle: Any) -> None:
    submitted_application(cycle, "甲单位")
    named = department(TAX)
    type(named).objects.filter(pk=named.pk).update(active=False)
    assert not asking.plan(cycle, usual(TAX), by=person(Role.SECRETARIAT), at=OPEN).lines


def test_the_same_number_of_queries_for_one_and_for_four(cycle: Any) -> None:
    secretary = person(Role.SECRETARIAT)
    wanted = usual(SAFETY, TAX)

    def count(act: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            act(cycle, wanted, by=secretary, at=OPEN)
        return len(captured)

    submitted_application(cycle)
    count(asking.ask_all)  # what is looked up once and kept
    submitted_application(cycle)
    first = [count(asking.plan), count(asking.ask_all)]
    for _ in range(3):
        submitted_application(cycle)
    assert [count(asking.plan), count(asking.ask_all)] == first


def test_chosen_shown_confirmed_in_the_browser(cycle: Any, client: Any, said: Any, travel: Any) -> None:
    travel(OPEN)
    one = submitted_application(cycle, "甲单位")
    safety, unknown = department(SAFETY), department("区档案馆")
    url = reverse("applications:ask_all", args=[cycle.pk])
    for nobody, status in ((owner_of(one), 403), (officer_of(safety), 403), (person(Role.AUDITOR), 403)):
        client.force_login(nobody)
        assert client.get(url).status_code == status
    client.force_login(person(Role.SECRETARIAT))
    assert f'href="{url}"' in client.get(reverse("applications:matrix", args=[cycle.pk])).content.decode()
    admin = client.get(reverse("admin:applications_awardcycle_change", args=[cycle.pk])).content.decode()
    assert f'href="{url}"' in admin

    form = client.get(url).content.decode()
    chosen = set(re.findall(r'name="(ask_\d+)"[^>]*checked', form))
    assert f"ask_{safety.pk}" in chosen
    assert f"ask_{unknown.pk}" not in chosen  # of no limb the usual source
    assert client.post(url, {"step": "preview"}).status_code == 422
    assert client.post(url, {f"ask_{safety.pk}": "on"}).status_code == 422
    sent = {f"ask_{safety.pk}": "on", f"limbs_{safety.pk}": ["safety_accident", "other_violation"]}
    late = client.post(url, {**sent, "due_on": "2020-01-01"})
    assert (late.status_code, "一年以内" in said(late)) == (409, True)

    preview = client.post(url, {**sent, "step": "preview", "due_on": "2027-04-01"})
    words = said(preview)
    for piece in (SAFETY, "甲单位", "1个部门，1家单位，共1件", "1名经办人", "2027年4月1日"):
        assert piece in words
    assert not EligibilityCheck.objects.exists()
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', preview.content.decode())
    kept: dict[str, list[str]] = {}
    for name, value in hidden:
        kept.setdefault(name, []).append(value)
    assert kept[f"limbs_{safety.pk}"] == ["safety_accident", "other_violation"]
    assert client.post(url, {**kept, "step": "edit"}).status_code == 200

    for told in ("已请1个部门核查1家单位，共1件。", "没有重复提请"):  # the second is a double click
        answer = client.post(url, {**kept, "step": "confirm"}, follow=True)
        assert (answer.redirect_chain[-1][0], told in said(answer)) == (
            reverse("applications:matrix", args=[cycle.pk]), True,
        )  # fmt: skip
    check = EligibilityCheck.objects.get()
    assert (check.lines.count(), len(letters_to(SAFETY))) == (2, 1)  # type: ignore[attr-defined]
