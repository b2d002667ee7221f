"""第十、十六条: who takes part. A code is known by one form; whoever judges does not run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
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


# As people type, paste and dictate them: each is the same code.
TYPED = {
    "as printed": GOOD,
    "lower case": GOOD.lower(),
    "mixed case": "91110000600037341l",
    "full width": "９１１１００００６０００３７３４１Ｌ",
    "full width, lower case": "９１１１００００６０００３７３４１ｌ",
    "half and half": "9111００００6000３７３４1L",
    "groups of four": "9111 0000 6000 3734 1L",
    "spaces around": "  91110000600037341L  ",
    "ideographic spaces": "9111\u3000000060003734\u30001L",
    "no-break spaces": "9111\u00a00000\u202f60003734\u00a01L",
    "thin spaces": "9111\u20090000\u200960003734\u20091L",
    "hyphens": "911100-006000-37341L",
    "hyphens of a word processor": "911100‐006000‑37341—L",
    "full-width hyphen": "911100－00600037341－L",
    "dots": "9111.0000.6000.3734.1L",
    "middle dots": "9111·0000·6000·3734·1L",
    "underscores": "9111_0000_6000_3734_1L",
    "zero-width space": "91110000\u200b600037341L",
    "zero-width joiners": "9111\u200d0000\u200c600037341L",
    "byte order mark": "\ufeff91110000600037341L",
    "soft hyphen": "91110000\u00ad600037341L",
    "word joiner": "91110000\u2060600037341L",
    "text direction": "\u202a91110000600037341L\u202c",
    "copied line": "91110000600037341L\r\n",
    "copied cell": "\t91110000600037341L\t",
    "null": "91110000600037341\u0000L",
    "everything": " \ufeff９１１１ 0000－6000\u200b37341-ｌ\n",
}


@pytest.mark.article(10)
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_a_code_has_one_form_however_it_is_typed(typed: str) -> None:
    assert units.canonical_code(typed) == GOOD


@pytest.mark.article(10)
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("91110000600037341A", "校验码"),
        ("9111000060003734", "18位，您填写的是16位"),
        ("91110000600037341LL", "18位，您填写的是19位"),
        ("", "0位"),
        (" \u200b ", "0位"),
        ("9111000060003734OL", "第17位是“O”，代码中不会出现这个字符，应为数字“0”"),
        ("9111000060003734oL", "第17位是“O”，代码中不会出现这个字符，应为数字“0”"),
        ("911１-000Ｏ-600037341L", "第8位是“O”，代码中不会出现这个字符，应为数字“0”"),
        ("91I10000600037341L", "第3位是“I”，代码中不会出现这个字符，应为数字“1”"),
        ("i1110000600037341L", "第1位是“I”，代码中不会出现这个字符，应为数字“1”"),
        ("9111000060003S341L", "第14位是“S”，代码中不会出现这个字符，请核对"),
        ("911100006000373Z1L", "第16位是“Z”"),
        ("91110000600037341Л", "第18位是“Л”"),
        ("9111000060003734１号", "第18位是“号”"),
        ("9111٠000600037341L", "第5位是“٠”"),
        ("911100A0600037341L", "登记地区"),
    ],
)
def test_a_wrong_code_is_refused_with_what_is_wrong(typed: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        units.canonical_code(typed)
    assert (refusal.value.article, refusal.value.field) == (10, "code")


@pytest.mark.article(10)
def test_however_a_code_is_typed_there_is_one_unit(owner: Any, stranger: Any) -> None:
    units.register_unit(TYPED["everything"], "洛阳轴承", "enterprise", by=owner, at=START)
    for typed in TYPED.values():
        with pytest.raises(Refused, match="已登记"):
            units.register_unit(typed, "洛阳轴承", "enterprise", by=stranger, at=START)
    assert Applicant.objects.get().code == GOOD


@pytest.mark.article(10)
def test_an_address_that_was_not_confirmed_registers_nothing(
    owner: Any, sign_in: Any, said: Any, clock_at: Any
) -> None:
    owner.emailaddress_set.update(verified=False)
    with pytest.raises(Refused, match="请先确认您的电子邮箱"):
        units.register_unit(GOOD, "洛阳轴承", "enterprise", by=owner, at=START)
    client, url = sign_in(owner), reverse("applications:register_unit")
    assert "请先确认您的电子邮箱" in said(client.get(url))
    refused = client.post(url, {"code": GOOD, "name": "洛阳轴承", "kind": "enterprise"})
    assert (refused.status_code, Applicant.objects.count()) == (409, 0)
    owner.emailaddress_set.update(verified=True, email=owner.email.upper())
    assert client.post(url, {"code": GOOD, "name": "洛阳轴承", "kind": "enterprise"}).status_code == 302
    assert "请先确认" not in said(client.get(url))


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
def test_levels_change_and_the_last_owner_stays(owner: Any, stranger: Any) -> None:
    applicant = unit(owner=owner)
    mine = applicant.memberships.get()
    with pytest.raises(Refused, match="至少要有一名负责人"):
        units.change_level(mine, "editor", by=owner, at=START)
    other = units.add_member(applicant, stranger, "reader", by=owner, at=START)
    with pytest.raises(Refused, match="只有本单位负责人"):
        units.change_level(other, "owner", by=stranger, at=START)
    with pytest.raises(Refused, match="已是查看人"):
        units.change_level(other, "reader", by=owner, at=START)
    with pytest.raises(Refused, match="请选择权限"):
        units.change_level(other, "king", by=owner, at=START)
    units.change_level(other, "owner", by=owner, at=START)
    assert units.change_level(mine, "editor", by=owner, at=START).level == "editor"
    with pytest.raises(Refused, match="只有本单位负责人"):
        units.change_level(other, "reader", by=owner, at=START)
    with pytest.raises(Refused, match="至少要有一名负责人"):
        units.change_level(other, "reader", by=stranger, at=START)


@pytest.mark.article(16)
def test_an_owner_whose_account_is_closed_does_not_count(owner: Any, stranger: Any, secretary: Any) -> None:
    applicant = unit(owner=owner)
    units.add_member(applicant, stranger, "owner", by=owner, at=START)
    people.deactivate(stranger, by=secretary, at=START, reason="离职")
    with pytest.raises(Refused, match="至少要有一名负责人"):
        units.end_membership(applicant.memberships.get(user=owner), by=owner, at=START)


@pytest.mark.article(16)
def test_everybody_may_leave_but_the_last_owner(owner: Any, stranger: Any) -> None:
    applicant = unit(owner=owner)
    other = units.add_member(applicant, stranger, "reader", by=owner, at=START)
    later = START + timedelta(hours=1)
    units.end_membership(other, by=stranger, at=later)
    assert permissions.level_of(stranger, applicant, later) == ""
    with pytest.raises(Refused, match="已终止"):
        units.end_membership(other, by=stranger, at=later)
    with pytest.raises(Refused, match="至少要有一名负责人"):
        units.end_membership(applicant.memberships.get(user=owner), by=owner, at=later)


@pytest.mark.article(16)
@pytest.mark.parametrize(("afterwards", "level"), [("editor", "editor"), ("leave", "")])
@pytest.mark.parametrize("before", ["reader", "editor", "owner"])
def test_ownership_is_handed_over(owner: Any, stranger: Any, afterwards: str, level: str, before: str) -> None:
    applicant, later = unit(owner=owner), START + timedelta(hours=1)
    other = units.add_member(applicant, stranger, before, by=owner, at=START)
    units.transfer_ownership(other, afterwards, by=owner, at=later)
    assert permissions.level_of(stranger, applicant, later) == "owner"
    assert permissions.level_of(owner, applicant, later) == level
    with pytest.raises(Refused, match="只有本单位负责人"):  # the second of two clicks
        units.transfer_ownership(other, afterwards, by=owner, at=later)


@pytest.mark.article(16)
def test_ownership_goes_only_from_the_owner_to_another_of_the_unit(owner: Any, stranger: Any, secretary: Any) -> None:
    applicant = unit(owner=owner)
    other = units.add_member(applicant, stranger, "editor", by=owner, at=START)
    mine = applicant.memberships.get(user=owner)
    for membership, by, words in ((other, stranger, "只有本单位负责人"), (mine, owner, "不能移交给自己")):
        with pytest.raises(Refused, match=words):
            units.transfer_ownership(membership, "editor", by=by, at=START)
    with pytest.raises(Refused, match="请选择"):
        units.transfer_ownership(other, "", by=owner, at=START)
    people.deactivate(stranger, by=secretary, at=START, reason="离职")
    with pytest.raises(Refused, match="停用"):
        units.transfer_ownership(other, "editor", by=owner, at=START)


@pytest.mark.article(16)
def test_the_owner_runs_the_unit_from_its_page(
    owner: Any, stranger: Any, sign_in: Any, said: Any, clock_at: Any
) -> None:
    applicant = unit(owner=owner)
    other = units.add_member(applicant, stranger, "reader", by=owner, at=START)
    page = reverse("applications:unit", args=[applicant.pk])
    reading = said(sign_in(stranger).get(page))
    assert "退出本单位" in reading
    assert "移交负责人" not in reading
    assert "邀请人员" not in reading
    client = sign_in(owner)
    assert all(words in said(client.get(page)) for words in ("调整权限", "移交负责人", "终止权限", "邀请人员"))
    level = reverse("applications:change_level", args=[other.pk])
    assert client.post(level, {"level": "editor"}).status_code == 302
    transfer = reverse("applications:transfer_ownership", args=[other.pk])
    assert client.post(transfer, {"afterwards": "editor"}).status_code == 422  # not confirmed
    assert client.post(transfer, {"afterwards": "editor", "confirmed": "on"}).status_code == 302
    assert permissions.level_of(stranger, applicant, START) == "owner"
    assert client.post(transfer, {"afterwards": "editor", "confirmed": "on"}).status_code == 403


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
