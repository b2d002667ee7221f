"""第十条: a unit gets back its own code that somebody else registered; two secretaries, no draft inherited, nobody named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import claims, intake, invitations, letters, permissions, reminders, screening, units
from applications.models import Applicant, Application, Claim, SetAside
from award_portal import desk
from award_portal.guards import REGISTERED, take_down
from award_portal.models import AuditEvent, OutboxMessage, User
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START, hire
from tests.factories_applications import announced_cycle, code, draft_application, pdf, submitted_application, unit

pytestmark = [pytest.mark.django_db, pytest.mark.article(10)]


def received(name: str) -> Any:
    return claims.look_into(pdf(name), "licence")


def claimed(applicant: Applicant, by: User, **changes: Any) -> Claim:
    sent = {"code": applicant.code, "name": "洛阳真轴承", "statement": "我单位从未委托他人登记。", **changes}
    return claims.submit(licence=received("执照.pdf"), letter=received("授权书.pdf"), by=by, at=START, **sent)


@pytest.fixture
def applicant(owner: User) -> Applicant:
    return unit("抢注的单位", owner=owner)


@pytest.fixture
def claim(applicant: Applicant, stranger: User) -> Claim:
    return claimed(applicant, stranger)


@pytest.fixture
def proposed(claim: Claim, secretary: User) -> Claim:
    return claims.propose(claim, "grant", by=secretary, at=START, reason="与登记机关核实一致。")


def mails(user: User) -> str:
    rows = OutboxMessage.objects.filter(kind="mail", payload__to=user.email)
    return "\n".join(f"{row.payload['subject']}\n{row.payload['body']}" for row in rows)


def test_a_claim_is_granted_by_two(
    applicant: Applicant, proposed: Claim, owner: User, stranger: User, second_secretary: User
) -> None:
    asked = invitations.invite(applicant, "x@y.example", "owner", by=owner, at=START)
    granted = claims.grant(proposed, by=second_secretary, at=START, reason="同意。")
    assert granted.state == "granted"
    assert permissions.level_of(owner, applicant, START) == ""
    assert permissions.level_of(stranger, applicant, START) == "owner"
    applicant.refresh_from_db()
    asked.refresh_from_db()
    assert (applicant.name, asked.revoked_at) == ("洛阳真轴承", START)


@pytest.mark.parametrize("verb", [claims.grant, claims.refuse])
def test_the_one_who_proposed_does_not_decide(proposed: Claim, secretary: User, verb: Any) -> None:
    with pytest.raises(Refused, match="另一名秘书处人员"):
        verb(proposed, by=secretary, at=START, reason="同意。")


def test_nobody_decides_what_nobody_looked_into(claim: Claim, secretary: User) -> None:
    for verb in (claims.grant, claims.refuse):
        with pytest.raises(Refused, match="先由一名秘书处人员"):
            verb(claim, by=secretary, at=START, reason="同意。")


def test_a_claim_is_decided_once(proposed: Claim, secretary: User, second_secretary: User) -> None:
    with pytest.raises(Refused, match="不能再提出"):
        claims.propose(proposed, "refuse", by=second_secretary, at=START, reason="不同意。")
    claims.grant(proposed, by=second_secretary, at=START, reason="属实。")
    for verb in (claims.grant, claims.refuse):
        with pytest.raises(Refused, match="不能再作决定"):
            verb(proposed, by=second_secretary, at=START, reason="同意。")


@pytest.mark.parametrize("who", ["owner", "stranger", "auditor", "clerk"])
def test_only_the_secretariat_handles_claims(claim: Claim, who: str, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    with pytest.raises(Refused, match="秘书处"):
        claims.propose(claim, "grant", by=person, at=START, reason="同意。")


@pytest.mark.article(9)
def test_a_secretary_who_was_of_the_unit_stands_aside(claim: Claim) -> None:
    both = hire("旧人", Role.APPLICANT, by=None, at=START)
    units.add_member(claim.applicant, both, "reader", by=claim.applicant.memberships.get().user, at=START)
    both.grants.update(role=Role.SECRETARIAT)
    with pytest.raises(Refused, match="回避"):
        claims.propose(claim, "grant", by=User.objects.get(pk=both.pk), at=START, reason="同意。")


def test_reasons_are_needed(claim: Claim, secretary: User, second_secretary: User) -> None:
    with pytest.raises(Refused, match="理由"):
        claims.propose(claim, "grant", by=secretary, at=START, reason="  ")
    with pytest.raises(Refused, match="核实意见"):
        claims.propose(claim, "maybe", by=secretary, at=START, reason="再看。")
    claims.propose(claim, "refuse", by=secretary, at=START, reason="授权书看不清。")
    with pytest.raises(Refused, match="理由"):
        claims.refuse(claim, by=second_secretary, at=START, reason=" ")


def test_what_cannot_be_claimed(applicant: Applicant, owner: User, stranger: User) -> None:
    with pytest.raises(Refused, match="尚未登记"):
        claimed(applicant, stranger, code=code())
    with pytest.raises(Refused, match="已是该单位人员"):
        claimed(applicant, owner)
    with pytest.raises(Refused, match="说明情况"):
        claimed(applicant, stranger, statement=" ")
    with pytest.raises(Refused, match="单位名称"):
        claimed(applicant, stranger, name=" ")
    same = received("一份.pdf")
    with pytest.raises(Refused, match="同一份文件"):
        claims.submit(applicant.code, "某单位", same, same, "说明。", by=stranger, at=START)
    claimed(applicant, stranger)
    with pytest.raises(Refused, match="正在办理"):  # the second of two clicks
        claimed(applicant, stranger)
    stranger.emailaddress_set.update(verified=False)
    with pytest.raises(Refused, match="确认您的电子邮箱"):
        claimed(applicant, stranger)


@pytest.mark.article(9)
def test_whoever_judges_claims_nothing_and_is_granted_nothing(
    applicant: Applicant, proposed: Claim, secretary: User, second_secretary: User, owner: User
) -> None:
    with pytest.raises(Refused, match="不能代表申报单位"):
        claimed(applicant, secretary)
    objecting = units.objections.only(lambda *_: ["您是该单位的评审人员。"])
    with objecting, pytest.raises(Refused, match="评审人员"):
        claims.grant(proposed, by=second_secretary, at=START, reason="同意。")
    assert permissions.level_of(owner, applicant, START) == "owner"  # nothing was half done


@pytest.mark.article(16)
def test_the_new_owner_inherits_no_draft(stranger: User, secretary: User, second_secretary: User, travel: Any) -> None:
    draft = draft_application(announced_cycle(), applicant=None)
    at = draft.cycle.opens_at
    travel(at)
    proposed = claims.propose(claimed(draft.applicant, stranger), "grant", by=secretary, at=at, reason="属实。")
    claims.grant(proposed, by=second_secretary, at=at, reason="同意。")
    draft.refresh_from_db()
    assert (draft.state, draft.decision_reason) == ("withdrawn", claims.NOTE)
    assert SetAside.objects.get().application == draft
    assert list(Application.objects.visible_to(stranger)) == []
    fresh = intake.begin(draft.cycle, draft.applicant, by=stranger, at=at)
    assert fresh.pk != draft.pk
    assert fresh.address == ""
    assert list(Application.objects.visible_to(stranger)) == [fresh]


@pytest.mark.article(16)
def test_what_was_submitted_stays_and_is_shown_to_the_secretariat(
    stranger: User, secretary: User, second_secretary: User, travel: Any
) -> None:
    application = submitted_application(announced_cycle())
    at = application.cycle.opens_at
    travel(at)
    before = application.manifest_hash
    proposed = claims.propose(claimed(application.applicant, stranger), "grant", by=secretary, at=at, reason="属实。")
    claims.grant(proposed, by=second_secretary, at=at, reason="同意。")
    application.refresh_from_db()
    assert (application.state, application.manifest_hash) == ("submitted", before)
    assert list(application.signals.values_list("kind", "state")) == [("claimed", "open")]
    assert not application.signals.model.objects.visible_to(stranger).exists()
    assert any("核实提示" in item.title for item in desk.awaiting(secretary, at))


def test_both_sides_get_letters_and_neither_learns_who_the_other_is(
    applicant: Applicant, proposed: Claim, owner: User, stranger: User, second_secretary: User
) -> None:
    claims.grant(proposed, by=second_secretary, at=START, reason="同意。")
    told, ended = mails(stranger), mails(owner)
    assert "已收到单位申领" in told
    assert "已同意单位申领" in told
    assert "有人申领您所在的单位" in ended
    assert "单位人员权限终止" in ended
    for secret in (owner.name, owner.email, "抢注的单位"):
        assert secret not in told
    for secret in (stranger.name, stranger.email, "洛阳真轴承"):
        assert secret not in ended


def test_a_refused_claim_leaves_the_unit_and_may_be_made_again(
    applicant: Applicant, claim: Claim, owner: User, stranger: User, secretary: User, second_secretary: User
) -> None:
    proposed = claims.propose(claim, "refuse", by=secretary, at=START, reason="授权书未盖章。")
    claims.refuse(proposed, by=second_secretary, at=START, reason="授权书未盖章。")
    assert permissions.level_of(owner, applicant, START) == "owner"
    assert "授权书未盖章" in mails(stranger)
    assert "权限不变" in mails(owner)
    assert claimed(applicant, stranger).pk != proposed.pk


# ── pages ──


def _typed(applicant: Applicant, **changes: Any) -> dict[str, Any]:
    return {
        "code": applicant.code, "name": "洛阳真轴承", "statement": "从未委托他人。",
        "licence": pdf("执照.pdf"), "letter": pdf("授权书.pdf"), **changes,
    }  # fmt: skip


def test_registration_offers_the_claim(
    applicant: Applicant, owner: User, stranger: User, sign_in: Any, said: Any, clock_at: Any
) -> None:
    client, register = sign_in(stranger), reverse("applications:register_unit")
    sent = {"code": applicant.code.lower(), "name": "洛阳真轴承", "kind": "enterprise"}
    clash = client.post(register, sent)
    assert clash.status_code == 409
    where = f"{reverse('applications:claim_unit')}?code={applicant.code}"
    assert where in clash.content.decode()
    assert not any(secret in clash.content.decode() for secret in (owner.name, owner.email, applicant.name))
    assert f'value="{applicant.code}"' in client.get(where).content.decode()
    wrong = client.post(register, sent | {"code": applicant.code[:-1]})
    assert "claims/submit" not in wrong.content.decode()
    mine = sign_in(owner).post(register, sent)
    assert "已是该单位人员" in said(mine)
    assert "claims/submit" not in mine.content.decode()


def test_a_claim_goes_its_way_through_the_pages(
    applicant: Applicant,
    owner: User,
    stranger: User,
    secretary: User,
    second_secretary: User,
    sign_in: Any,
    said: Any,
    clock_at: Any,
) -> None:
    client, url = sign_in(stranger), reverse("applications:claim_unit")
    assert client.post(url, _typed(applicant, statement="")).status_code == 422
    bad = client.post(url, _typed(applicant, letter=SimpleUploadedFile("授权书.exe", b"MZ")))
    assert (bad.status_code, "类型不能" in said(bad)) == (409, True)
    assert 'value="洛阳真轴承"' in bad.content.decode()
    assert client.post(url, _typed(applicant)).status_code == 302
    claim = Claim.objects.get()
    status = said(client.get(claim.get_absolute_url()))
    assert "正在办理" in status
    assert not any(secret in status for secret in (owner.name, owner.email, applicant.name))
    assert "洛阳真轴承" in said(client.get(reverse("applications:mine")))
    assert client.get(reverse("applications:claims")).status_code == 403
    assert client.post(reverse("applications:grant_claim", args=[claim.pk]), {"reason": "x"}).status_code == 403

    client = sign_in(secretary)
    assert "核实单位申领：洛阳真轴承" in [item.title for item in desk.awaiting(secretary, START)]
    assert owner.email in said(client.get(claim.get_absolute_url()))
    propose = reverse("applications:propose_claim", args=[claim.pk])
    assert client.post(propose, {"proposal": "grant", "reason": "属实。"}).status_code == 302
    assert client.post(reverse("applications:grant_claim", args=[claim.pk]), {"reason": "同意。"}).status_code == 403
    assert not [item for item in desk.awaiting(secretary, START) if "申领" in item.title]
    assert "属实。" not in said(sign_in(stranger).get(claim.get_absolute_url()))

    client = sign_in(second_secretary)
    assert "决定单位申领：洛阳真轴承" in [item.title for item in desk.awaiting(second_secretary, START)]
    assert client.post(reverse("applications:grant_claim", args=[claim.pk]), {"reason": "同意。"}).status_code == 302
    assert client.post(reverse("applications:grant_claim", args=[claim.pk]), {"reason": "同意。"}).status_code == 403
    assert "您是本单位负责人" in said(sign_in(stranger).get(claim.get_absolute_url()))
    assert "洛阳真轴承" not in said(sign_in(owner).get(reverse("applications:mine")))


@pytest.mark.article(9)
@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 200), ("secretary", 200), ("owner", 404), ("auditor", 404), ("clerk", 404)]
)
def test_files_are_for_the_claimant_and_the_secretariat(
    claim: Claim, who: str, status: int, sign_in: Any, request: pytest.FixtureRequest, clock_at: Any
) -> None:
    client = sign_in(request.getfixturevalue(who))
    answer = client.get(reverse("applications:claim_file", args=[claim.pk, claim.letter_id]))
    assert answer.status_code == status
    if status == 200:
        b"".join(answer.streaming_content)
    assert AuditEvent.objects.filter(verb="read", object_type="applications.Claim").exists() == (who == "secretary")
    assert client.get(reverse("applications:claim_file", args=[claim.pk, 10**9])).status_code == 404


def test_the_list_asks_a_constant_number_of_questions(secretary: User, sign_in: Any, clock_at: Any) -> None:
    client, url, counted = sign_in(secretary), reverse("applications:claims"), []
    client.get(url)
    for more in (1, 2):
        for _ in range(more):
            claimed(unit(), hire("申领人", Role.APPLICANT, by=None, at=START))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]


# ── the database ──


def _run(sql: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_the_database_wants_two_people(proposed: Claim, secretary: User, second_secretary: User) -> None:
    sql = "UPDATE applications_claim SET state = 'granted', decided_by_id = %s WHERE id = %s"
    with pytest.raises(IntegrityError):
        _run(sql, secretary.pk, proposed.pk)
    _run(sql, second_secretary.pk, proposed.pk)


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("claim_asked", "statement = 'x'"),
        ("claim_proposed", "proposal_reason = 'x'"),
    ],
)
def test_the_database_keeps_a_claim_as_it_was_made(proposed: Claim, guard: str, change: str) -> None:
    sql = f"UPDATE applications_claim SET {change} WHERE id = %s"  # noqa: S608
    with pytest.raises(IntegrityError):
        _run(sql, proposed.pk)
    take_down(REGISTERED[guard], REGISTERED["claim_proposed"])
    _run(sql, proposed.pk)


def test_the_database_knows_the_arrows_of_a_claim(claim: Claim, secretary: User, second_secretary: User) -> None:
    sql = "UPDATE applications_claim SET state = 'refused', proposed_by_id = %s, decided_by_id = %s WHERE id = %s"
    with pytest.raises(IntegrityError):
        _run(sql, secretary.pk, second_secretary.pk, claim.pk)
    take_down(REGISTERED["claim_arrows"])
    _run(sql, secretary.pk, second_secretary.pk, claim.pk)


# ── two agree ──


def test_against_the_first_ones_advice_nothing_is_decided(
    applicant: Applicant, claim: Claim, owner: User, secretary: User, second_secretary: User
) -> None:
    advised = claims.propose(claim, "refuse", by=secretary, at=START, reason="授权书未盖章。")
    with pytest.raises(Refused, match="核实意见是不同意"):
        claims.grant(advised, by=second_secretary, at=START, reason="同意。")
    with pytest.raises(Refused, match="另一名"):
        claims.send_back(advised, by=secretary, at=START, reason="再看。")
    with pytest.raises(Refused, match="写明理由"):
        claims.send_back(advised, by=second_secretary, at=START, reason=" ")
    back = claims.send_back(advised, by=second_secretary, at=START, reason="补来了盖章的授权书。")
    assert (back.state, back.proposal, back.proposed_by) == ("submitted", "", None)
    assert back.history.filter(proposal_reason="授权书未盖章。").exists()
    claims.propose(back, "grant", by=second_secretary, at=START, reason="属实。")
    with pytest.raises(Refused, match="核实意见是同意"):
        claims.refuse(back, by=secretary, at=START, reason="不同意。")
    assert claims.grant(back, by=secretary, at=START, reason="同意。").state == "granted"
    assert not applicant.memberships.filter(user=owner, ends_at=None).exists()


def test_nobody_who_cannot_sign_in_is_granted_a_unit(proposed: Claim, stranger: User, second_secretary: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    with pytest.raises(Refused, match="已停用"):
        claims.grant(Claim.objects.get(pk=proposed.pk), by=second_secretary, at=START, reason="同意。")


@pytest.mark.article(17)
@pytest.mark.parametrize("corrected", [("contact",), ("facts",)])
def test_the_contact_of_the_people_before_gets_no_letter_until_the_new_owner_corrects(
    stranger: User, secretary: User, second_secretary: User, corrected: tuple[str, ...]
) -> None:
    application = submitted_application(announced_cycle())
    at, before = application.cycle.opens_at, "contact@unit.example"
    assert before in letters.addresses(application, at)
    proposed = claims.propose(claimed(application.applicant, stranger), "grant", by=secretary, at=at, reason="属实。")
    claims.grant(proposed, by=second_secretary, at=at + timedelta(hours=1), reason="同意。")
    later = at + timedelta(hours=2)
    fresh = Application.objects.get(pk=application.pk)
    assert letters.addresses(fresh, later) == reminders.addresses(fresh, later) == [stranger.email.lower()]
    due_on = (at + timedelta(days=30)).date()
    screening.return_for_correction(fresh, dict.fromkeys(corrected, "请核对"), by=secretary, at=later, due_on=due_on)
    assert not OutboxMessage.objects.filter(payload__to=before, created_at__gte=later).exists()
    typed = {"contact_email": "new@unit.example"} if "contact" in corrected else {"address": "新地址"}
    intake.fill(fresh, typed, by=stranger, at=later)
    assert letters.addresses(fresh, later) == [stranger.email.lower()]
    intake.correct(fresh, by=stranger, at=later)
    new = ["new@unit.example"] if "contact" in corrected else []  # where it could not be changed, it is still theirs
    assert letters.addresses(fresh, later) == [stranger.email.lower(), *new]


# ── taken back ──


def test_the_claimant_takes_his_claim_back_while_nobody_has_decided(
    applicant: Applicant, claim: Claim, owner: User, stranger: User, secretary: User, second_secretary: User,
    sign_in: Any, said: Any, clock_at: Any,
) -> None:  # fmt: skip
    def on_desk(who: User) -> bool:
        return any("单位申领" in item.title for item in desk.awaiting(who, START))

    url = reverse("applications:withdraw_claim", args=[claim.pk])
    assert on_desk(secretary)
    claims.propose(claim, "grant", by=secretary, at=START, reason="属实。")
    assert on_desk(second_secretary)
    for other, status in ((owner, 404), (secretary, 403), (second_secretary, 403)):
        assert sign_in(other).post(url).status_code == status
    assert url not in sign_in(second_secretary).get(claim.get_absolute_url()).content.decode()

    client = sign_in(stranger)
    assert url in client.get(claim.get_absolute_url()).content.decode()
    assert "不能撤回" in said(client.get(url))  # asked before it is done
    assert Claim.objects.get().state == "proposed"
    assert "申领已撤回" in said(client.post(url, {"reason": "材料有误"}, follow=True))
    claim.refresh_from_db()
    assert (claim.state, claim.withdrawn_at, claim.decided_by) == ("withdrawn", START, None)
    assert not on_desk(second_secretary)
    assert "申领人已撤回" in mails(owner)
    assert stranger.name not in mails(owner)
    assert permissions.level_of(owner, applicant, START) == "owner"
    page = client.get(claim.get_absolute_url())
    assert ("撤回申领，秘书处不再办理" in said(page), url in page.content.decode()) == (True, False)
    assert "申领人已于" in said(sign_in(second_secretary).get(claim.get_absolute_url()))

    # Done once: nobody decides it, nobody takes it back again, and a new claim may be made.
    assert sign_in(stranger).post(url).status_code == 403
    with pytest.raises(Refused, match="不能再作决定"):
        claims.grant(claim, by=second_secretary, at=START, reason="同意。")
    assert claimed(applicant, stranger).pk != claim.pk


def test_the_database_keeps_a_claim_withdrawn(claim: Claim, stranger: User) -> None:
    with pytest.raises(IntegrityError):
        _run("UPDATE applications_claim SET state = 'withdrawn' WHERE id = %s", claim.pk)  # without its time
    claims.withdraw(claim, by=stranger, at=START)
    later = "UPDATE applications_claim SET withdrawn_at = '2030-01-01 00:00:00+00:00' WHERE id = %s"
    with pytest.raises(IntegrityError):
        _run(later, claim.pk)
    take_down(REGISTERED["claim_withdrawn"])
    _run(later, claim.pk)
    with pytest.raises(IntegrityError):
        _run("UPDATE applications_claim SET state = 'submitted', withdrawn_at = NULL WHERE id = %s", claim.pk)
