"""第六、八、九条: who may be what: granted by the secretariat, ended at once, duties kept apart, nobody above the rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from award_portal import people, roles
from award_portal.models import AuditEvent, RoleGrant, User
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import hire

pytestmark = [pytest.mark.django_db, pytest.mark.article(8), pytest.mark.usefixtures("clock_at")]

DAY = timedelta(days=1)


def test_a_grant_holds_from_its_moment_to_its_end(secretary: Any, stranger: Any, at: Any) -> None:
    granted = people.grant(stranger, Role.REVIEWER, by=secretary, at=at, reason="聘任")
    people.end_grant(granted, by=secretary, at=at + DAY, reason="期满")
    held = [
        roles.holds(User.objects.get(pk=stranger.pk), Role.REVIEWER, at + after)
        for after in (-DAY, 0 * DAY, DAY / 2, DAY)
    ]
    assert held == [False, True, True, False]


def test_granting_and_ending_are_on_record(secretary: Any, stranger: Any, at: Any) -> None:
    granted = people.grant(stranger, Role.REVIEWER, by=secretary, at=at, reason="聘任")
    people.end_grant(granted, by=secretary, at=at, reason="期满")
    rows = AuditEvent.objects.order_by("-height")[:2]
    assert [(row.title, row.reason, row.actor) for row in rows] == [
        ("终止角色", "期满", secretary),
        ("授予角色", "聘任", secretary),
    ]


@pytest.mark.parametrize("pair", sorted(sorted(pair) for pair in roles.INCOMPATIBLE))
def test_what_excludes_each_other_is_not_granted_together(secretary: Any, at: Any, pair: list[str]) -> None:
    for held, wanted in (pair, pair[::-1]):
        person = hire(f"兼任{held}", held, by=None, at=at)
        with pytest.raises(Refused, match="不能同时担任") as refusal:
            people.grant(person, wanted, by=secretary, at=at)
        assert (refusal.value.article, refusal.value.field) == (8, "role")


def test_the_secretariat_is_never_left_empty(secretary: Any, second_secretary: Any, at: Any) -> None:
    with pytest.raises(Refused, match="不能终止自己的秘书处角色"):
        people.end_grant(secretary.grants.get(), by=secretary, at=at, reason="调离")
    people.end_grant(secretary.grants.get(), by=second_secretary, at=at, reason="调离")
    assert list(roles.holders(Role.SECRETARIAT, at)) == [second_secretary]


def test_a_role_that_has_ended_excludes_nothing(secretary: Any, at: Any) -> None:
    person = hire("转任", Role.AUDITOR, by=None, at=at)
    people.end_grant(person.grants.get(), by=secretary, at=at + DAY, reason="转任")
    assert people.grant(person, Role.REVIEWER, by=secretary, at=at + DAY).pk


def test_a_role_is_held_once(secretary: Any, owner: Any, at: Any) -> None:
    with pytest.raises(Refused, match="已担任申报单位"):
        people.grant(owner, Role.APPLICANT, by=secretary, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(user=owner, role=Role.APPLICANT, starts_at=at)


def test_nobody_grants_to_himself_and_only_the_secretariat_grants(
    secretary: Any, owner: Any, auditor: Any, at: Any
) -> None:
    with pytest.raises(Refused, match="不能给自己授予角色"):
        people.grant(secretary, Role.DEPARTMENT, by=secretary, at=at)
    for person in (owner, auditor):
        with pytest.raises(Refused, match="只能由秘书处办理"):
            people.grant(owner, Role.REVIEWER, by=person, at=at)


@pytest.mark.article(9)
def test_a_later_stage_may_object(secretary: Any, stranger: Any, at: Any) -> None:
    def member_of_a_unit(user: Any, role: str, moment: Any) -> Iterator[str]:
        yield f"{user}是申报单位人员。"

    with people.objections.only(member_of_a_unit), pytest.raises(Refused, match="路人甲是申报单位人员") as refusal:
        people.grant(stranger, Role.REVIEWER, by=secretary, at=at)
    assert refusal.value.article == 9
    assert not roles.holds(User.objects.get(pk=stranger.pk), Role.REVIEWER, at)


def test_an_answer_that_crashes_is_no_consent(secretary: Any, stranger: Any, at: Any) -> None:
    def broken(user: Any, role: str, moment: Any) -> Iterator[str]:
        yield from ()
        raise LookupError("表不存在")

    with people.objections.only(broken), pytest.raises(LookupError):
        people.grant(stranger, Role.REVIEWER, by=secretary, at=at)


def test_an_account_is_opened_without_a_password_and_with_a_known_address(secretary: Any, at: Any) -> None:
    person = people.open_account("New.Person@test.example", "新同志", by=secretary, at=at)
    assert (person.email, person.has_usable_password()) == ("new.person@test.example", False)
    assert person.emailaddress_set.get().verified
    with pytest.raises(Refused, match="已有账号") as refusal:
        people.open_account("NEW.person@test.example", "同名", by=secretary, at=at)
    assert refusal.value.field == "email"


def test_a_closed_account_has_no_role_and_no_way_in(secretary: Any, owner: Any, at: Any, client: Any) -> None:
    client.force_login(owner)
    assert client.get("/accounts/password/change/").status_code == 200
    people.deactivate(owner, by=secretary, at=at + DAY, reason="离职")
    closed = User.objects.get(pk=owner.pk)
    assert (closed.is_active, closed.grants.get().ends_at) == (False, at + DAY)
    assert client.get("/accounts/password/change/").status_code == 302  # the session that was open has ended
    assert owner not in roles.holders(Role.APPLICANT, at)
    with pytest.raises(Refused, match="已停用"):
        people.grant(closed, Role.REVIEWER, by=secretary, at=at + DAY)
    with pytest.raises(Refused, match="不能停用自己"):
        people.deactivate(secretary, by=secretary, at=at, reason="误")


def test_a_role_ends_once(secretary: Any, owner: Any, at: Any) -> None:
    granted = owner.grants.get()
    people.end_grant(granted, by=secretary, at=at, reason="一")
    with pytest.raises(Refused, match="已经终止"):
        people.end_grant(granted, by=secretary, at=at, reason="二")


def test_a_role_taken_away_is_gone_for_the_object_in_hand(secretary: Any, owner: Any, at: Any) -> None:
    assert roles.holds(owner, Role.APPLICANT, at)
    granted = RoleGrant.objects.get(user=owner)
    granted.user = owner
    people.end_grant(granted, by=secretary, at=at, reason="期满")
    assert not roles.holds(owner, Role.APPLICANT, at)


def test_there_is_no_superuser(secretary: Any, auditor: Any, owner: Any) -> None:
    for person in (secretary, auditor, owner):
        assert not person.is_superuser
        assert not person.has_perm("award_portal.delete_auditevent")
        assert not person.has_module_perms("award_portal")
    assert (secretary.is_staff, auditor.is_staff, owner.is_staff) == (True, True, False)
    assert not hasattr(User.objects, "create_superuser")
    assert "is_superuser" not in {field.name for field in User._meta.get_fields()}


def test_accounts_and_roles_are_seen_by_those_who_run_and_audit(
    secretary: Any, auditor: Any, owner: Any, stranger: Any
) -> None:
    everybody = User.objects.count()
    assert [User.objects.visible_to(who).count() for who in (secretary, auditor)] == [everybody] * 2
    assert list(User.objects.visible_to(owner)) == [owner]
    assert list(RoleGrant.objects.visible_to(owner)) == list(owner.grants.all())
    assert not User.objects.visible_to(None).exists()
    assert not RoleGrant.objects.visible_to(None).exists()


@pytest.mark.article(5)
def test_the_first_account_of_the_secretariat_comes_from_the_machine_and_only_the_first(at: Any) -> None:
    first = people.found("First@test.example", "首任秘书", by=None, at=at)
    assert (first.email, roles.of(first, at), first.has_usable_password()) == (
        "first@test.example",
        {Role.SECRETARIAT},
        False,
    )
    assert first.emailaddress_set.get().verified
    with pytest.raises(Refused, match="已有秘书处账号"):
        people.found("second@test.example", "后门", by=None, at=at + 2 * DAY)
    assert not User.objects.filter(email="second@test.example").exists()


# ── the pages ──


def test_the_secretariat_opens_an_account_on_a_page(sign_in: Any, secretary: Any, said: Any) -> None:
    client = sign_in(secretary)
    assert client.get("/people/open/").status_code == 200
    form = {"name": "新同志", "email": "new@test.example", "role": Role.GOVERNMENT}
    answer = client.post("/people/open/", form)
    person = User.objects.get(email="new@test.example")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/award_portal/user/{person.pk}/change/")
    assert list(person.grants.values_list("role", "granted_by")) == [(Role.GOVERNMENT, secretary.pk)]
    again = client.post("/people/open/", form | {"name": "写了一半的名字"})
    assert again.status_code == 409
    assert "该电子邮箱已有账号" in said(again)
    assert "写了一半的名字" in again.content.decode()


def test_a_role_that_is_refused_leaves_no_half_account(sign_in: Any, secretary: Any) -> None:
    def against(user: Any, role: str, moment: Any) -> Iterator[str]:
        yield "不行。"

    form = {"name": "新同志", "email": "new@test.example", "role": Role.GOVERNMENT}
    with people.objections.only(against):
        assert sign_in(secretary).post("/people/open/", form).status_code == 409
    assert not User.objects.filter(email="new@test.example").exists()


def test_a_form_that_is_not_filled_in_says_so(sign_in: Any, secretary: Any) -> None:
    client = sign_in(secretary)
    for form in ({}, {"name": "新同志", "email": "不是地址", "role": Role.GOVERNMENT}):
        assert client.post("/people/open/", form).status_code == 422
    assert client.delete("/people/open/").status_code == 405


def test_granting_on_a_page_keeps_what_was_typed_when_it_is_refused(
    sign_in: Any, secretary: Any, auditor: Any, said: Any
) -> None:
    client, url = sign_in(secretary), f"/people/{auditor.pk}/grant/"
    assert "对方从现在起持有该角色" in said(client.get(url))
    refused = client.post(url, {"role": Role.GOVERNMENT, "reason": "临时借调三个月"})
    assert (refused.status_code, "临时借调三个月" in refused.content.decode()) == (409, True)
    assert "郑清源已是审计监督，不能同时担任区政府办" in said(refused)
    assert client.post(url, {"role": Role.GOVERNMENT}).status_code == 422
    assert client.post(url, {"role": Role.MEMBER, "reason": "评委另在评委会登记"}).status_code == 422


def test_granting_ending_and_closing_on_pages(sign_in: Any, secretary: Any, at: Any) -> None:
    client, stranger = sign_in(secretary), hire("新来的", by=None, at=at)
    back = f"/admin/award_portal/user/{stranger.pk}/change/"
    assert client.post(f"/people/{stranger.pk}/grant/", {"role": Role.AUDITOR, "reason": "聘任"})["Location"] == back
    granted = stranger.grants.get(role=Role.AUDITOR)
    assert client.get(f"/people/grants/{granted.pk}/end/").status_code == 200
    assert client.post(f"/people/grants/{granted.pk}/end/", {"reason": "期满"})["Location"] == back
    granted.refresh_from_db()
    assert granted.ends_at is not None
    assert client.post(f"/people/{stranger.pk}/deactivate/", {"reason": "离职"}).status_code == 302
    assert not User.objects.get(pk=stranger.pk).is_active


def test_others_do_not_reach_these_pages(sign_in: Any, secretary: Any, auditor: Any, owner: Any, stranger: Any) -> None:
    url = f"/people/{stranger.pk}/grant/"
    assert sign_in(owner).post(url, {"role": Role.SECRETARIAT, "reason": "试"}).status_code == 404
    assert sign_in(auditor).post(url, {"role": Role.REVIEWER, "reason": "试"}).status_code == 403
    assert sign_in(owner).post("/people/open/", {}).status_code == 403
    assert not stranger.grants.filter(role__in=[Role.SECRETARIAT, Role.REVIEWER]).exists()
