"""Who meets what on the pages of this stage, and what the public sees."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal import desk, outbox, roles, views
from award_portal.models import AuditEvent
from award_portal.roles import Role
from committee import standing
from monitoring import reports, revocations
from monitoring.models import Award, PerformanceReport, Revocation
from tests import factories_monitoring as made
from tests.conftest import hire
from tests.factories_applications import pdf
from tests.factories_committee import opened as opened_meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def award(secretary, at, clock_at):
    return made.conferred_at_once(1, at=at)[0]


@pytest.fixture
def people(award, secretary, auditor, stranger, at):
    """Everybody who may come along: by name, with the reader of the unit, a member and the government's clerk."""
    member = standing.present(made.in_session(award, at=at), at)[0].user
    clerk = roles.holders(Role.GOVERNMENT, at).first()
    return {
        "anonymous": None, "stranger": stranger, "owner": made.owner_of(award), "secretary": secretary, "auditor": auditor,
        "member": member, "clerk": clerk,
    }  # fmt: skip


def url(name, *args):
    return reverse(f"monitoring:{name}", args=args)


def open_as(client, person, where):
    client.logout()
    if person is not None:
        client.force_login(person)
    page = client.get(where)
    page.close()
    return page.status_code


# ── who may open what ──

# In the order of `people`: anonymous, stranger, owner, secretary, auditor, member, clerk. The case has just been opened.
MATRIX = {
    "laureates": "200 200 200 200 200 200 200",
    "look_up": "200 200 200 200 200 200 200",
    "award": "200 200 200 200 200 200 200",
    "awards": "302 403 403 200 200 403 403",
    "certificate": "302 403 200 200 200 403 403",
    "record_trophy": "302 403 403 200 403 403 403",
    "pay": "302 404 403 200 403 404 404",
    "reports": "302 200 200 200 200 200 200",
    "report": "302 404 200 200 200 404 404",
    "write_report": "302 404 200 403 403 404 404",
    "accept_report": "302 404 403 403 403 404 404",
    "return_report": "302 404 403 403 403 404 404",
    "revocations": "302 403 403 200 200 200 200",
    "revocation": "302 404 200 200 200 200 200",
    "open_case": "302 403 403 403 403 403 403",
    "plead": "302 404 200 403 403 403 403",
    "hear": "302 404 403 200 403 403 403",
    "drop": "302 404 403 200 403 403 403",
    "cast": "302 404 403 403 403 403 403",
    "propose": "302 404 403 403 403 403 403",
    "approve": "302 404 403 403 403 403 403",
    "reject": "302 404 403 403 403 403 403",
    "revocation_notice": "404 404 404 404 404 404 404",
}


def test_who_may_open_what(client, people, award, at, travel):
    case = made.opened(award, at=at)
    travel(at)
    outbox.deliver()
    report = award.reports.get(number=1)
    keys = {name: [] for name in ("laureates", "look_up", "awards", "reports", "revocations")} | {
        "pay": [award.bonus.pk]
    }
    keys |= {name: [award.pk] for name in ("award", "certificate", "record_trophy", "open_case")}
    keys |= {name: [report.pk] for name in ("report", "write_report", "accept_report", "return_report")}
    met = {}
    for name in MATRIX:
        where = url(name, *keys.get(name, [case.pk]))
        met[name] = " ".join(str(open_as(client, person, where)) for person in people.values())
    assert met == MATRIX


@pytest.mark.article(28)
def test_verbs_of_a_case_reach_whom_they_belong_to(client, people, award, secretary, at):
    case = made.heard(award, at=at)
    meeting = case.award.cycle.meetings.get(purpose="revocation")
    for number, member in enumerate(standing.present(meeting, at)):
        answer = _post(client, member.user, url("cast", case.pk), choice="for" if number < 6 else "abstain")
        assert answer.status_code == 302
    assert _post(client, secretary, url("propose", case.pk)).status_code == 302
    facts = {"document_number": "瀍政[2027]40号", "approved_on": "2027-03-08"}
    assert _post(client, secretary, url("approve", case.pk), **facts).status_code == 403
    assert _post(client, people["clerk"], url("approve", case.pk), **facts).status_code == 302
    assert _post(client, people["clerk"], url("approve", case.pk), **facts).status_code == 403  # a second click
    recovery = Revocation.objects.get().recoveries.first()
    assert _post(client, secretary, url("recover", recovery.pk), on="2027-03-08", note="").status_code == 302


def _post(client, person, where, **sent):
    client.force_login(person)
    return client.post(where, sent)


@pytest.mark.article(7)
def test_how_others_voted_is_shown_when_the_vote_is_over(client, people, award, secretary, at, said):
    case = made.heard(award, at=at)
    made.voted(case, made.in_session(award, at=at), 5, at=at)
    where = url("revocation", case.pk)

    def shown(who):
        client.force_login(people[who])
        return "赞成5人" in said(client.get(where))

    assert [shown(who) for who in ("secretary", "auditor", "member", "clerk", "owner")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    revocations.propose(case, case.meeting, by=secretary, at=at)
    assert [shown(who) for who in ("secretary", "auditor", "member", "clerk", "owner")] == [
        True,
        True,
        True,
        True,
        False,
    ]


@pytest.mark.article(9)
def test_a_member_is_led_to_his_declaration(client, award, secretary, at):
    case = made.heard(award, at=at)
    meeting = opened_meeting(award.cycle, "revocation", at=at)
    member = standing.present(meeting, at)[0]
    where, declare = url("revocation", case.pk), reverse("committee:declare", args=[award.nomination_id])
    assert open_as(client, member.user, declare) == 200
    assert declare in client.get(where).content.decode()
    made.bind(award, [member], at=at)
    assert declare not in client.get(where).content.decode()
    assert open_as(client, secretary, where) == 200
    assert declare not in client.get(where).content.decode()


# ── the public ──


@pytest.mark.article(23)
def test_the_register_shows_the_revoked_as_revoked(client, secretary, at, clock_at, said):
    stands, falls = made.conferred_at_once(2, at=at)
    made.revoked(falls, at=at)
    words = said(client.get(url("laureates")))
    assert stands.name in words
    assert falls.name in words
    assert "2027年" in words
    assert "已撤销" in words
    assert "第二十八条" in words
    assert falls.applicant.code not in words


@pytest.mark.article(19)
def test_a_valid_certificate(client, award, said):
    page = client.get(url("verify", award.certificate.number))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"] or "no-cache" in page["Cache-Control"]
    words = said(page)
    for expected in ("证书有效", award.name, "2027年", "2027年3月5日"):
        assert expected in words
    assert client.get(url("verify", award.certificate.number.lower())).status_code == 200


@pytest.mark.article(28)
def test_a_revoked_certificate_says_since_when_and_why(client, award, at, said):
    made.revoked(award, at=at)
    words = said(client.get(url("verify", award.certificate.number)))
    assert "证书无效" in words
    assert "2027年3月8日" in words
    assert "第二十八条" in words


@pytest.mark.parametrize("number", ["CH-2027-001-AAAAAAAA", "x", "CH-2027-001", "a" * 500, "CH-2027-001-7KQ4MX8R%27"])
def test_an_unknown_number_is_told_so(client, award, said, number):
    page = client.get(f"/verify/{number}/")
    assert page.status_code == 404
    assert "没有编号为" in said(page)


def test_a_typed_number_leads_to_its_page(client, award, said):
    number = award.certificate.number
    assert client.get(url("look_up"), {"number": f" {number.lower()} "})["Location"] == url("verify", number)
    wrong = client.get(url("look_up"), {"number": "CH-1"})
    assert wrong.status_code == 422
    assert "格式不对" in said(wrong)


@pytest.mark.article(19)
def test_the_public_does_not_see_the_certificate_s_number(client, award, stranger, said):
    assert award.certificate.number not in said(client.get(url("award", award.pk)))
    client.force_login(stranger)
    assert award.certificate.number not in said(client.get(url("award", award.pk)))
    client.force_login(made.owner_of(award))
    assert award.certificate.number in said(client.get(url("award", award.pk)))


@pytest.mark.article(28)
def test_the_certificate_is_given_out_until_revoked(client, award, at, travel, said):
    travel(at)
    outbox.deliver()
    client.force_login(made.owner_of(award))
    page = client.get(url("certificate", award.pk))
    assert page["Content-Type"] == "application/pdf"
    assert b"".join(page.streaming_content).startswith(b"%PDF")
    page.close()
    made.revoked(award, at=at)
    refused = client.get(url("certificate", award.pk))
    assert refused.status_code == 403
    assert "第二十八条" in said(refused)
    assert "不再提供下载" in said(refused)


@pytest.mark.article(28)
def test_the_notice_is_public_only_once_approved(client, award, at, travel, said):
    case = made.proposed(award, at=at)
    assert client.get(url("revocation_notice", case.pk)).status_code == 404
    assert client.get(url("revocation_document", case.pk)).status_code == 404
    revocations.approve(
        case, "瀍政〔2027〕40号", date(2027, 3, 8), by=roles.holders(Role.GOVERNMENT, at).first(), at=at
    )
    assert "四年内不接受" in said(client.get(url("revocation_notice", case.pk)))
    travel(at)
    outbox.deliver()
    document = client.get(url("revocation_document", case.pk))
    assert document["Content-Type"] == "application/pdf"
    document.close()
    assert client.get(url("revocation", case.pk)).status_code == 302  # the file itself is not public


def test_news_of_the_front_page(award, at):
    made.revoked(award, at=at)
    titles = [title for title, *_ in views.front_page.ask(at)]
    assert "2027年获奖单位名册" in titles
    assert f"关于撤销{award.name}奖项的公告" in titles


# ── writing ──


@pytest.mark.article(24)
def test_a_report_is_drafted_and_handed_in(client, award, said):
    client.force_login(made.owner_of(award))
    report = award.reports.get(number=1)
    where = url("write_report", report.pk)
    client.post(where, {"action": "draft", "indicators": "写到一半"})
    assert "写到一半" in said(client.get(where))
    missing = client.post(where, {"action": "submit", "indicators": "增长8%", "improvements": "改了三项"})
    assert missing.status_code == 409
    assert "请填写“奖金使用”" in said(missing)
    assert "改了三项" in said(missing)
    whole = {
        "indicators": "增长8%",
        "improvements": "改了三项",
        "bonus_use": "培训",
        "sharing": "现场会",
        "file": pdf("附件.pdf"),
    }
    assert client.post(where, {"action": "submit", **whole}).status_code == 302
    report.refresh_from_db()
    assert report.state == "submitted"
    before = AuditEvent.objects.count()
    attached = client.get(url("report_attachment", report.pk))
    assert attached["Content-Disposition"].startswith("attachment")
    attached.close()
    assert AuditEvent.objects.count() == before + 1
    assert client.get(where).status_code == 403


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"number": "T-1", "on": "2027-03-08"}, 302), ({"number": "T-1", "on": "2027-03-01"}, 409), ({"number": "", "on": ""}, 422),
        ({"number": "T\x001", "on": "2027-03-08"}, 400), ({"number": "T-1", "on": "99999-01-01"}, 422),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_kept(client, award, secretary, said, sent, status):
    client.force_login(secretary)
    page = client.post(url("record_trophy", award.pk), sent)
    assert page.status_code == status
    if status == 409:
        assert 'value="T-1"' in page.content.decode()
        assert "第十九条" in said(page)


def test_a_case_without_its_event_keeps_what_was_typed(client, award, secretary):
    client.force_login(secretary)
    page = client.post(url("open_case", award.pk), {"ground": "accident", "facts": "事故经过若干。", "event_on": ""})
    assert page.status_code == 409
    assert "事故经过若干。" in page.content.decode()


@pytest.mark.article(19)
def test_conferral_from_the_secretariat_s_page(client, secretary, at, clock_at, said):
    decision = made.decided_at_once(2, at=at)
    client.force_login(secretary)
    assert url("confer", decision.pk) in client.get(url("awards")).content.decode()
    assert "100,000.00元" in said(client.get(url("confer", decision.pk)))
    assert client.post(url("confer", decision.pk)).status_code == 302
    assert client.post(url("confer", decision.pk)).status_code == 403
    assert Award.objects.count() == 2


# ── the desk ──


def titles(user, at):
    return [item.title for item in desk.items.ask(user, at)]


@pytest.mark.article(24)
def test_the_desk_of_the_unit(award, at):
    owner = made.owner_of(award)
    assert not [title for title in titles(owner, at) if "绩效报告" in title]
    due = at.replace(year=2028, month=2)
    assert "第1份质量绩效报告" in titles(owner, due)
    made.opened(award, at=at)
    assert "对撤销事项提交书面陈述" in titles(owner, at)


def test_the_desks_of_secretariat_member_and_government(award, secretary, at):
    assert f"登记奖杯：{award.name}" in titles(secretary, at)
    assert f"拨付奖金：{award.name}" in titles(secretary, at)
    reports.file_report(
        award.reports.get(number=1),
        indicators="a",
        improvements="b",
        bonus_use="c",
        sharing="d",
        by=made.owner_of(award),
        at=at,
    )
    assert f"审阅质量绩效报告：{award.name}" in titles(secretary, at)
    case = made.heard(made.handed_over(award, at=at), at=at)
    meeting = made.in_session(award, at=at)
    member = standing.present(meeting, at)[0].user
    assert f"表决撤销事项：{award.name}" in titles(member, at)
    made.voted(case, meeting, 5, at=at)
    assert f"表决撤销事项：{award.name}" not in titles(member, at)
    revocations.propose(case, meeting, by=secretary, at=at)
    clerk = roles.holders(Role.GOVERNMENT, at).first()
    assert f"批准撤销：{award.name}" in titles(clerk, at)
    revocations.approve(case, "瀍政〔2027〕40号", date(2027, 3, 8), by=clerk, at=at)
    assert f"收回奖杯：{award.name}" in titles(secretary, at)


def test_the_desk_asks_for_a_conferral(secretary, at):
    decision = made.decided_at_once(1, at=at)
    assert f"授奖：{decision.cycle}" in titles(secretary, at)
    assert f"授奖：{decision.cycle}" not in titles(secretary, at - timedelta(days=10))


# ── queries ──


@pytest.mark.parametrize("name", ["laureates", "awards", "reports", "revocations", "desk"])
def test_lists_cost_the_same_for_one_and_for_more(client, secretary, at, clock_at, name):
    where = reverse("desk") if name == "desk" else url(name)
    client.force_login(secretary)
    first = made.conferred_at_once(1, at=at)[0]
    made.revoked(first, at=at)
    client.get(where)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert client.get(where).status_code == 200
    for award in made.conferred_at_once(2, at=at):
        made.revoked(award, at=at)
    with CaptureQueriesContext(connection) as more:
        assert client.get(where).status_code == 200
    assert len(more) <= len(one), [query["sql"][:120] for query in more.captured_queries]
    assert Revocation.objects.count() == 3
    assert PerformanceReport.objects.count() == 9


def test_the_admin_lists_open(client, secretary, award):
    client.force_login(secretary)
    for model in ("award", "certificate", "bonus", "performancereport", "revocation", "recovery", "ban"):
        assert client.get(reverse(f"admin:monitoring_{model}_changelist")).status_code == 200
    assert client.get(reverse("admin:monitoring_award_change", args=[award.pk])).status_code == 200


def test_a_reader_of_the_unit_reads_and_does_not_write(client, award, at):
    from applications.models import ApplicantMembership
    from award_portal.lifecycle import act, store

    @act("测试：查看人", None)
    def add_reader(*, by, at):
        person = hire("查看人", Role.APPLICANT, by=None, at=at)
        store(ApplicantMembership(applicant=award.applicant, user=person, level="reader", starts_at=at))
        return person

    reader = add_reader(by=None, at=at)
    report = award.reports.get(number=1)
    assert open_as(client, reader, url("report", report.pk)) == 200
    assert open_as(client, reader, url("write_report", report.pk)) == 403
