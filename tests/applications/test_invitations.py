"""第十六条: a person is invited by e-mail, registers if need be, and accepts once; the link is known to the mail alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications import invitations, permissions, units
from applications.models import Applicant, ApplicantMembership, Invitation
from award_portal import desk, outbox
from award_portal.guards import REGISTERED, take_down
from award_portal.models import AuditEvent, OutboxMessage, User
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START, hire
from tests.factories_applications import unit

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def applicant(owner: User) -> Applicant:
    return unit("洛阳轴承", owner=owner)


@pytest.fixture
def invited(applicant: Applicant, owner: User, stranger: User) -> Invitation:
    return invitations.invite(applicant, stranger.email.upper(), "editor", by=owner, at=START)


def link(to: str) -> str:
    """The path in the last mail to an address."""
    outbox.deliver()
    body = next(message.body for message in reversed(mail.outbox) if message.to == [to])
    return re.search(r"(/units/invitations/open/\w+/)", body)[1]  # type: ignore[index]


def test_the_invited_person_accepts_once(applicant: Applicant, invited: Invitation, stranger: User) -> None:
    assert invited.email == stranger.email
    membership = invitations.accept(invited, by=stranger, at=START + DAY)
    assert (membership.level, permissions.level_of(stranger, applicant, START + DAY)) == ("editor", "editor")
    assert (invited.accepted_by, invited.accepted_at) == (stranger, START + DAY)
    with pytest.raises(Refused, match="已经使用"):
        invitations.accept(invited, by=stranger, at=START + DAY)
    assert ApplicantMembership.objects.filter(user=stranger).count() == 1


@pytest.mark.parametrize(
    ("after", "accepted"), [(14 * DAY - SECOND, True), (14 * DAY, False), (14 * DAY + SECOND, False)]
)
def test_it_is_valid_for_fourteen_days(invited: Invitation, stranger: User, after: timedelta, accepted: bool) -> None:
    if accepted:
        assert invitations.accept(invited, by=stranger, at=START + after).pk
    else:
        with pytest.raises(Refused, match="失效"):
            invitations.accept(invited, by=stranger, at=START + after)


def test_only_the_confirmed_invited_address_accepts(invited: Invitation, stranger: User) -> None:
    with pytest.raises(Refused, match="另一个邮箱"):
        invitations.accept(invited, by=hire("别人", Role.APPLICANT, by=None, at=START), at=START)
    stranger.emailaddress_set.update(verified=False)
    with pytest.raises(Refused, match="另一个邮箱"):
        invitations.accept(invited, by=stranger, at=START)
    stranger.emailaddress_set.update(verified=True)
    assert invitations.accept(invited, by=stranger, at=START).pk


@pytest.mark.article(9)
def test_whoever_judges_does_not_accept(applicant: Applicant, owner: User) -> None:
    for role, words in (("reviewer", "申报单位的账号"), ("secretariat", "申报单位的账号")):
        judge = hire("某人", role, by=None, at=START)
        asked = invitations.invite(applicant, judge.email, "editor", by=owner, at=START)
        with pytest.raises(Refused, match=words):
            invitations.accept(asked, by=judge, at=START)
    both = hire("某人", "applicant", "reviewer", by=None, at=START)
    asked = invitations.invite(applicant, both.email, "editor", by=owner, at=START)
    objecting = units.objections.only(lambda *_: ["您是该单位的评审人员。"])
    with objecting, pytest.raises(Refused, match="评审人员"):
        invitations.accept(asked, by=both, at=START)


def test_the_owner_revokes_and_sends_again(invited: Invitation, owner: User, stranger: User, clock_at: Any) -> None:
    first = link(stranger.email)
    with pytest.raises(Refused, match="只有本单位负责人"):
        invitations.revoke(invited, by=stranger, at=START)
    before = invited.token_hash
    invitations.resend(invited, by=owner, at=START + 13 * DAY)
    assert invited.token_hash != before
    assert invited.expires_at == START + 27 * DAY
    assert invitations.by_token(first.split("/")[-2]) is None
    invitations.revoke(invited, by=owner, at=START + 13 * DAY)
    for verb, by in ((invitations.accept, stranger), (invitations.resend, owner), (invitations.revoke, owner)):
        with pytest.raises(Refused, match="已撤回"):
            verb(invited, by=by, at=START + 14 * DAY)


def test_one_invitation_waits_per_address(
    applicant: Applicant, invited: Invitation, owner: User, stranger: User
) -> None:
    with pytest.raises(Refused, match="已邀请过"):
        invitations.invite(applicant, f" {stranger.email} ", "reader", by=owner, at=START + 14 * DAY - SECOND)
    again = invitations.invite(applicant, stranger.email, "reader", by=owner, at=START + 14 * DAY)
    invited.refresh_from_db()
    assert invited.revoked_at == START + 14 * DAY  # the one that ran out
    invitations.accept(again, by=stranger, at=START + 15 * DAY)
    with pytest.raises(Refused, match="已是本单位人员"):
        invitations.invite(applicant, stranger.email, "reader", by=owner, at=START + 15 * DAY)


def test_only_the_owner_invites_and_to_a_known_level(applicant: Applicant, owner: User, stranger: User) -> None:
    with pytest.raises(Refused, match="只有本单位负责人"):
        invitations.invite(applicant, "x@y.example", "reader", by=stranger, at=START)
    with pytest.raises(Refused, match="请选择权限"):
        invitations.invite(applicant, "x@y.example", "king", by=owner, at=START)


def test_the_link_is_nowhere_but_in_the_mail(invited: Invitation, stranger: User, travel: Any) -> None:
    travel(START)
    token = link(stranger.email).split("/")[-2]
    assert invitations.by_token(token) == invited
    assert token != invited.token_hash == invitations.hash_of(token)
    kept = [str(row) for model in (Invitation, OutboxMessage, AuditEvent) for row in model.objects.values()]
    kept += [str(row) for row in Invitation.history.values()]
    assert not any(token in row for row in kept)


def test_a_revoked_invitation_is_not_mailed(invited: Invitation, owner: User, travel: Any) -> None:
    travel(START)
    invitations.revoke(invited, by=owner, at=START)
    outbox.deliver()
    assert mail.outbox == []


def test_the_link_leads_through_registration(
    applicant: Applicant, owner: User, client: Any, said: Any, travel: Any
) -> None:
    travel(START)
    invitations.invite(applicant, "new@colleague.example", "editor", by=owner, at=START)
    path = link("new@colleague.example")
    landed = client.get(path)
    words = said(landed)
    assert "洛阳轴承" in words
    assert "填报人" in words
    assert f"/accounts/signup/?next={path.replace('/', '%2F')}" in landed.content.decode()
    assert (landed["Referrer-Policy"], "no-store" in landed["Cache-Control"]) == ("no-referrer", True)
    secret = "Right-horse-2027"
    client.post(
        "/accounts/signup/",
        {"name": "新同事", "email": "new@colleague.example", "password1": secret, "password2": secret, "next": path},
    )
    outbox.deliver()
    confirm = re.search(r"(/accounts/confirm-email/\S+)", mail.outbox[-1].body)[1]  # type: ignore[index]
    answer = client.post(confirm)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={path.replace('/', '%2F')}"
    entered = client.post(answer["Location"], {"login": "new@colleague.example", "password": secret, "next": path})
    assert entered["Location"] == path
    accept = client.get(path)
    assert accept.status_code == 302
    assert "洛阳轴承" in said(client.get(accept["Location"]))
    assert client.post(accept["Location"]).status_code == 302
    assert permissions.level_of(User.objects.get(email="new@colleague.example"), applicant, START) == "editor"
    used = client.get(path)
    assert (used.status_code, "已经使用" in said(used)) == (410, True)
    assert client.post(accept["Location"]).status_code == 403  # the second of two clicks


def test_a_link_that_does_not_work_says_why(
    invited: Invitation, owner: User, stranger: User, client: Any, said: Any, travel: Any
) -> None:
    travel(START)
    path = link(stranger.email)
    unknown = client.get(reverse("applications:invitation", args=["0" * 64]))
    assert (unknown.status_code, "该链接无效" in said(unknown)) == (404, True)
    client.force_login(owner)
    other = client.get(path)
    assert (other.status_code, "另一个邮箱" in said(other)) == (200, True)  # a live link is in no log of errors
    travel(START + 14 * DAY)
    client.force_login(stranger)
    late = client.get(path)
    assert (late.status_code, "失效" in said(late)) == (410, True)
    travel(START)
    invitations.revoke(invited, by=owner, at=START)
    client.logout()
    gone = client.get(path)
    assert (gone.status_code, "已撤回" in said(gone)) == (410, True)


def test_the_page_tells_nobody_whether_an_address_has_an_account(
    applicant: Applicant, owner: User, stranger: User, sign_in: Any, said: Any, travel: Any
) -> None:
    travel(START)
    client, url = sign_in(owner), reverse("applications:add_member", args=[applicant.pk])
    answers = [client.post(url, {"email": email, "level": "reader"}) for email in (stranger.email, "nobody@x.example")]
    assert [answer.status_code for answer in answers] == [302, 302]
    page = said(client.get(reverse("applications:unit", args=[applicant.pk])))
    assert all(words in page for words in (stranger.email, "nobody@x.example", "重新发送", "撤回邀请"))
    assert permissions.level_of(stranger, applicant, START) == ""


def test_the_desk_shows_the_invitation(invited: Invitation, stranger: User, owner: User) -> None:
    titles = [item.title for item in desk.awaiting(stranger, START)]
    assert "接受邀请：洛阳轴承" in titles
    assert not [item for item in desk.awaiting(owner, START) if "邀请" in item.title]
    assert not [item for item in desk.awaiting(stranger, START + 14 * DAY) if "邀请" in item.title]


def test_who_sees_an_invitation(
    invited: Invitation, owner: User, stranger: User, secretary: User, clock_at: Any
) -> None:
    other = hire("别人", Role.APPLICANT, by=None, at=START)
    seen = {who.name: Invitation.objects.visible_to(who).exists() for who in (owner, stranger, secretary, other)}
    assert list(seen.values()) == [True, True, True, False]


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("invitation_names", "level = 'owner'"),
        ("invitation_names", "email = 'a@b.example'"),
        ("invitation_ended", "expires_at = sent_at"),
    ],
)
def test_the_database_keeps_what_was_invited_and_accepted(
    invited: Invitation, stranger: User, guard: str, change: str
) -> None:
    invitations.accept(invited, by=stranger, at=START)
    sql = f"UPDATE applications_invitation SET {change} WHERE id = %s"  # noqa: S608
    if guard == "invitation_ended":
        sql = "UPDATE applications_invitation SET token_hash = 'x' WHERE id = %s"

    def run() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [invited.pk])

    with pytest.raises(IntegrityError):
        run()
    take_down(REGISTERED[guard])
    run()


@pytest.mark.parametrize("how", ["ended", "lowered", "handed over", "left"])
def test_whoever_is_the_owner_no_more_lets_nobody_in(applicant: Applicant, owner: User, how: str) -> None:
    other = units.add_member(
        applicant, hire("新负责人", Role.APPLICANT, by=None, at=START), "owner", by=owner, at=START
    )
    own = applicant.memberships.get(user=owner)
    back = invitations.invite(applicant, "again@unit.example", "owner", by=owner, at=START)
    kept = invitations.invite(applicant, "kept@unit.example", "reader", by=other.user, at=START)
    if how == "ended":
        units.end_membership(own, by=other.user, at=START + DAY)
    elif how == "lowered":
        units.change_level(own, "editor", by=other.user, at=START + DAY)
    else:
        units.transfer_ownership(other, "leave" if how == "left" else "editor", by=owner, at=START + DAY)
    back.refresh_from_db()
    kept.refresh_from_db()
    assert (back.revoked_at, kept.revoked_at) == (START + DAY, None)
