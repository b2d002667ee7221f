"""第十、十六条: who takes part. A code is known by one form; whoever judges does not run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from stdnum.cn import ric, uscc

from applications import permissions, units
from applications.models import Applicant, ApplicantMembership, DepartmentOfficer
from award_portal import people, roles
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START, hire
from tests.factories_applications import code, department, officer_of, owner_of, person, unit

pytestmark = pytest.mark.django_db
GOOD = "91110000600037341L"


@pytest.mark.article(10)
@pytest.mark.parametrize(
    "typed",
    [
        GOOD,
        GOOD.lower(),
        "９１１１００００６０００３７３４１Ｌ",
        " 9111 0000-6000－37341l ",
        "91110000\u200b600037341L\ufeff",
        "\t91110000600037341L\n",
    ],
)
def test_a_code_has_one_form_however_it_is_typed(typed: str) -> None:
    assert units.canonical_code(typed) == GOOD


@pytest.mark.article(10)
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("91110000600037341A", "校验码"),
        ("9111000060003734", "18位，您填写的是16位"),
        ("", "0位"),
        ("9111000060003734OL", "“O”"),
        ("91I10000600037341L", "“I”"),
        ("911100A0600037341L", "登记地区"),
        ("91110000600037341\u0000L", ""),
    ],
)
def test_a_wrong_code_is_refused_with_what_is_wrong(typed: str, words: str) -> None:
    if not words:  # an invisible character is forgiven
        assert units.canonical_code(typed) == GOOD
        return
    with pytest.raises(Refused, match=words) as refusal:
        units.canonical_code(typed)
    assert (refusal.value.article, refusal.value.field) == (10, "code")


@pytest.mark.article(10)
def test_one_wrong_character_anywhere_is_found() -> None:
    for place in range(18):
        other = "1" if GOOD[place] != "1" else "2"
        with pytest.raises(Refused):
            units.canonical_code(GOOD[:place] + other + GOOD[place + 1 :])


@pytest.mark.article(10)
def test_whoever_registers_a_unit_owns_it_and_the_code_is_taken(owner: Any, stranger: Any) -> None:
    applicant = units.register_unit(
        "９１１１００００６０００３７３４１ｌ", "  洛阳  轴承 ", "enterprise", by=owner, at=START
    )
    assert (applicant.code, applicant.name) == (GOOD, "洛阳 轴承")
    assert permissions.level_of(owner, applicant, START) == "owner"
    with pytest.raises(Refused, match="已登记") as refusal:
        units.register_unit(GOOD, "另一名称", "enterprise", by=stranger, at=START)
    assert refusal.value.field == "code"
    assert list(Applicant.objects.visible_to(stranger)) == []
    assert ApplicantMembership.objects.count() == 1


@pytest.mark.article(9)
@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.DEPARTMENT, Role.GOVERNMENT, Role.AUDITOR])
def test_whoever_judges_or_watches_owns_no_unit(role: str) -> None:
    with pytest.raises(Refused):
        units.register_unit(code(), "某单位", "enterprise", by=hire("某人", role, by=None, at=START), at=START)
    both = hire("某人", Role.APPLICANT, role, by=None, at=START)
    with pytest.raises(Refused, match="不能代表申报单位"):
        units.register_unit(code(), "某单位", "enterprise", by=both, at=START)


@pytest.mark.article(9)
def test_later_stages_can_object_to_an_owner(owner: Any) -> None:
    number = code()
    with units.objections.only(lambda user, seen, at: ["您是该单位的评审人员。"] if seen == number else []):
        with pytest.raises(Refused, match="评审人员"):
            units.register_unit(number, "某单位", "enterprise", by=owner, at=START)
        assert units.register_unit(code(), "别的单位", "enterprise", by=owner, at=START).pk


@pytest.mark.article(9)
def test_an_owner_is_not_granted_a_role_that_judges(secretary: Any) -> None:
    applicant = unit("洛阳轴承")
    owner = owner_of(applicant)
    people.end_grant(owner.grants.get(), by=secretary, at=START, reason="测试")
    with pytest.raises(Refused, match="负责人"):
        people.grant(owner, Role.DEPARTMENT, by=secretary, at=START, reason="测试")


@pytest.mark.article(16)
def test_the_owner_lets_others_in_and_out(owner: Any, stranger: Any) -> None:
    applicant = unit(owner=owner)
    editor = units.add_member(applicant, stranger, "editor", by=owner, at=START)
    assert permissions.level_of(stranger, applicant, START) == "editor"
    with pytest.raises(Refused, match="只有本单位负责人"):
        units.add_member(applicant, hire("第三人", Role.APPLICANT, by=None, at=START), "reader", by=stranger, at=START)
    with pytest.raises(Refused, match="已是本单位人员"):
        units.add_member(applicant, stranger, "reader", by=owner, at=START)
    later = START + timedelta(days=1)
    units.end_membership(editor, by=owner, at=later)
    assert permissions.level_of(stranger, applicant, later) == ""
    with pytest.raises(Refused, match="至少要有一名负责人"):
        units.end_membership(applicant.memberships.get(level="owner"), by=owner, at=later)


@pytest.mark.article(16)
def test_an_officer_acts_until_dismissed_and_the_last_office_takes_the_role(secretary: Any) -> None:
    first, second = department("区市场监管局"), department("区应急管理局")
    officer = officer_of(first)
    units.name_officer(second, officer, by=secretary, at=START)
    assert roles.holds(officer, Role.DEPARTMENT, START)
    with pytest.raises(Refused, match="已是"):
        units.name_officer(second, officer, by=secretary, at=START)
    one, other = DepartmentOfficer.objects.filter(user=officer).order_by("pk")
    later = START + timedelta(days=1)
    units.dismiss_officer(one, by=secretary, at=later, reason="调离")
    assert not permissions.acts_for(officer, first, later)
    assert permissions.acts_for(officer, second, later)
    units.dismiss_officer(other, by=secretary, at=later, reason="调离")
    assert not roles.holds(type(officer).objects.get(pk=officer.pk), Role.DEPARTMENT, later)


@pytest.mark.article(16)
def test_only_the_secretariat_names_departments_and_officers_and_never_itself(owner: Any) -> None:
    with pytest.raises(Refused, match="秘书处"):
        units.name_department("区税务局", by=owner, at=START)
    named, secretary = department("区税务局"), person(Role.SECRETARIAT)
    with pytest.raises(Refused, match="不能指定自己"):
        units.name_officer(named, secretary, by=secretary, at=START)
    with pytest.raises(Refused, match="已登记"):
        units.name_department(" 区税务局 ", by=secretary, at=START)
    with pytest.raises(Refused, match="不能同时担任"):
        units.name_officer(named, owner, by=secretary, at=START)


@pytest.mark.article(2)
def test_a_persons_identity_number_makes_no_unit() -> None:
    person_number = "410304199003078516"
    assert ric.is_valid(person_number)  # a well-formed identity number, and still no organisation
    with pytest.raises(Refused):
        units.canonical_code(person_number)


@pytest.mark.article(2)
@pytest.mark.parametrize("first", ["12", "51", "52", "91"])
def test_institutions_and_associations_are_units_too(first: str) -> None:
    body = f"{first}410304MA0000007"
    whole = body + uscc.calc_check_digit(body)
    assert units.canonical_code(whole) == whole
