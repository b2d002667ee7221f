"""评审人员库: kept by the reviewer, confirmed per cycle, imported by the secretariat; outside bodies (第九条)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from award_portal import desk, roles, tables
from award_portal.models import OutboxMessage, StoredFile, User
from award_portal.roles import Role
from award_portal.verdict import Refused
from review import bodies, declarations, pool, pool_import
from review.models import (
    BodyDeclaration,
    BodyPledge,
    Declaration,
    Engagement,
    PoolImport,
    RecordConfirmation,
    ReviewBody,
    Reviewer,
    ScoreSheet,
)
from tests import factories_review as walk
from tests.conftest import hire
from tests.review.test_guards import held, run
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(9)]

CODE = "91410300MA3X1Y2Z3R"
TODAY = date(2027, 3, 30)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def kept(reviewer: Reviewer, **record: Any) -> Reviewer:
    reviewer = Reviewer.objects.get(pk=reviewer.pk)
    now = {name: getattr(reviewer, name) for name in pool.KEPT}
    return pool.keep_record(reviewer, **{**now, **record}, by=reviewer.user, at=walk.AFTER)


def engaged(reviewer: Reviewer, kind: str = "consulting", organisation: str = "洛阳轴承", **more: Any) -> Engagement:
    return pool.engage(reviewer, kind, organisation, **more, by=reviewer.user, at=walk.AFTER)


# ── the record ──


@pytest.mark.parametrize(
    ("education", "years", "hints"),
    [
        ("", None, 2),
        ("本科", 5, 0),
        ("大专，高级工程师", 4, 1),
        ("大专", 5, 1),
        ("大专", 4, 2),
        ("博士研究生", 30, 0),
    ],
)
def test_what_is_usually_asked_is_a_hint(education: str, years: int | None, hints: int) -> None:
    assert len(list(pool.shortfalls(education, years))) == hints


def test_industries_are_codes_of_the_classification() -> None:
    assert pool.read_industries("34，C35、k  C34") == ["C34", "C35", "K"]
    assert pool.read_industries(" ") == []
    with pytest.raises(Refused, match="X9"):
        pool.read_industries("C34、X9")


def test_a_reviewer_keeps_his_own_record_and_an_employer_he_left_stays_on_it(db: None) -> None:
    reviewer, other = walk.reviewer(), walk.reviewer()
    kept(reviewer, education="本科，高级工程师", quality_years=12, industries=["C34"])
    reviewer.refresh_from_db()
    assert (reviewer.kind, reviewer.industry_names, reviewer.record_revision) == ("行业专家", "C34 通用设备制造业", 1)
    assert kept(reviewer).record_revision == 1  # nothing changed, nothing written
    kept(reviewer, employer=" 河南  科技大学 ", employer_until=TODAY - timedelta(days=9))
    past = reviewer.engagements.get()
    assert (past.kind, past.organisation, past.until) == ("employer", "洛阳质量研究院", TODAY - timedelta(days=9))
    assert Reviewer.objects.get(pk=reviewer.pk).employer == "河南 科技大学"
    assert "今天" in refusal(kept, reviewer, employer="别处", employer_until=TODAY + timedelta(days=1))
    assert "工作单位" in refusal(kept, reviewer, employer=" ")
    assert "自己的" in refusal(pool.keep_record, reviewer, employer="甲", by=other.user, at=walk.AFTER)
    # nobody makes himself an expert: that word is the secretariat's
    assert not kept(walk.reviewer(expert=False), industry_expert=True).industry_expert
    amended = pool.amend_reviewer(reviewer, industry_expert=False, by=walk.secretary_of(), at=walk.AFTER)
    assert not amended.industry_expert
    with pytest.raises(Refused, match="秘书处"):
        pool.amend_reviewer(reviewer, industry_expert=True, by=reviewer.user, at=walk.AFTER)


def test_engagements_have_days_and_codes_and_stay(db: None) -> None:
    reviewer, other = walk.reviewer(), walk.reviewer()
    row = engaged(reviewer, since=date(2024, 5, 1), note="精益咨询")
    assert "18位" in refusal(engaged, reviewer, code="123")
    assert "早于" in refusal(engaged, reviewer, since=TODAY, until=TODAY - timedelta(days=1))
    assert "晚于" in refusal(engaged, reviewer, since=TODAY + timedelta(days=1))
    assert "单位名称" in refusal(engaged, reviewer, organisation=" ")
    at = walk.AFTER
    assert "自己的" in refusal(pool.end_engagement, row, TODAY, by=other.user, at=at)
    assert "早于" in refusal(pool.end_engagement, row, date(2024, 4, 30), by=reviewer.user, at=at)
    pool.end_engagement(row, date(2025, 5, 1), by=reviewer.user, at=at)
    assert "结束日期" in refusal(pool.end_engagement, row, TODAY, by=reviewer.user, at=at)
    held("engagement_ended", "UPDATE review_engagement SET until = NULL WHERE id = %s", row.pk)
    held("engagement_facts", "UPDATE review_engagement SET organisation = 'x' WHERE id = %s", row.pk)
    held("engagement_no_delete", "DELETE FROM review_engagement WHERE id = %s", row.pk)
    assert "原因" in refusal(pool.withdraw_engagement, row, " ", by=reviewer.user, at=at)
    pool.withdraw_engagement(row, "记错了单位", by=reviewer.user, at=at)
    held("engagement_withdrawn", "UPDATE review_engagement SET note = 'x' WHERE id = %s", row.pk)
    assert (Engagement.objects.count(), Engagement.objects.counting().count()) == (1, 0)
    reviewer.refresh_from_db()
    assert reviewer.record_revision == 3
    held("record_revision_forward", "UPDATE review_reviewer SET record_revision = 0 WHERE id = %s", reviewer.pk)


def test_a_record_is_confirmed_for_a_cycle_until_it_changes(cycle: Any, at: Any) -> None:
    reviewer, other = walk.reviewer(), walk.reviewer()
    engaged(reviewer)
    title = f"核对并确认{cycle}的评审人员档案"
    assert not pool.is_confirmed(reviewer, cycle)
    assert title in {item.title for item in desk.awaiting(reviewer.user, at)}
    row = pool.confirm_record(cycle, by=reviewer.user, at=at)
    assert row.record["engagements"][0]["organisation"] == "洛阳轴承"
    assert pool.is_confirmed(reviewer, cycle)
    assert pool.confirmed(cycle) == {reviewer.pk}
    assert title not in {item.title for item in desk.awaiting(reviewer.user, at)}
    assert "已确认" in refusal(pool.confirm_record, cycle, by=reviewer.user, at=at)
    held("record_confirmation_no_update", "UPDATE review_recordconfirmation SET revision = 9 WHERE id = %s", row.pk)
    held("record_confirmation_no_delete", "DELETE FROM review_recordconfirmation WHERE id = %s", row.pk)
    engaged(reviewer, "training")
    assert not pool.is_confirmed(reviewer, cycle)
    assert pool.confirmed(cycle) == set()
    pool.confirm_record(cycle, by=reviewer.user, at=at)
    assert RecordConfirmation.objects.filter(reviewer=reviewer).count() == 2
    assert not pool.is_confirmed(other, cycle)


# ── outside bodies ──


def body_of(name: str = "中原质量认证中心") -> ReviewBody:
    return bodies.register_body(name, "柳青", by=walk.secretary_of(), at=walk.AFTER)


def test_contract_and_pledge_of_the_body_come_before_its_people(
    cycle: Any, unit: Any, at: Any, travel: Any, said: Any
) -> None:
    travel(at)
    by, body, people_ = walk.secretary_of(), body_of(), walk.pool(3)
    person = people_[1]
    bodies.place(person, body, by=by, at=at)
    assert "合同" in refusal(bodies.record_body_pledge, body, cycle, "柳青", TODAY, by=by, at=at)
    assert "委托合同" in refusal(declarations.sign_pledge, cycle, person.user.name, by=person.user, at=at)
    contract = bodies.record_contract(body, cycle, "HT-1", TODAY, "材料评审", by=by, at=at)
    assert "晚于" in refusal(
        bodies.record_contract, body, cycle, "HT-2", TODAY + timedelta(days=1), "评审", by=by, at=at
    )
    assert "承诺书" in refusal(declarations.sign_pledge, cycle, person.user.name, by=person.user, at=at)
    pledge = bodies.record_body_pledge(body, cycle, "柳青", TODAY, by=by, at=at)
    assert "本机构受托" in pledge.text
    declarations.sign_pledge(cycle, person.user.name, by=person.user, at=at)
    assignment = walk.assigned(unit(), walk.panel_for(cycle, people_), prepared=False)
    application = assignment.application
    assert "尚未声明" in refusal(declarations.declare, application, False, by=person.user, at=at)
    bodies.record_body_declaration(body, application, False, by=by, at=at)
    declarations.declare(application, False, by=person.user, at=at)
    walk.ready(people_[0].user, application)
    held("body_contract_no_update", "UPDATE review_bodycontract SET number = 'x' WHERE id = %s", contract.pk)
    held("body_contract_no_delete", "DELETE FROM review_bodycontract WHERE id = %s", contract.pk)
    held("body_pledge_no_update", "UPDATE review_bodypledge SET signed_name = 'x' WHERE id = %s", pledge.pk)
    held("body_pledge_no_delete", "DELETE FROM review_bodypledge WHERE id = %s", pledge.pk)

    # a conflict of the body: its people are out at once, the others stay
    walk.scored(walk.desk_of(assignment), person.user)
    assert "说明" in refusal(bodies.record_body_declaration, body, application, True, by=by, at=at)
    bodies.record_body_declaration(body, application, True, "本年度为其提供认证", by=by, at=at)
    assert Declaration.objects.get(user=person.user).conflict
    assert not Declaration.objects.get(user=people_[0].user).conflict
    assert ScoreSheet.objects.get().state == "void"
    assert "不能改回" in refusal(bodies.record_body_declaration, body, application, False, by=by, at=at)
    row = BodyDeclaration.objects.get()
    held("body_conflict_stays", "UPDATE review_bodydeclaration SET explanation = 'x' WHERE id = %s", row.pk)
    held("body_declaration_no_delete", "DELETE FROM review_bodydeclaration WHERE id = %s", row.pk)

    # one of the secretariat who stands aside from the unit sees and records nothing of it
    aside = hire("回避人", Role.SECRETARIAT, by=None, at=at)
    assert application.applicant.name in said(client_of(aside).get(body.get_absolute_url()))
    declarations.declare(application, True, "亲属任职", by=aside, at=at)
    assert application.applicant.name not in said(client_of(aside).get(body.get_absolute_url()))
    assert "另一人" in refusal(bodies.record_body_declaration, body_of("别家"), application, False, by=aside, at=at)

    # whoever joins the body later is bound the same way
    late = walk.reviewer()
    bodies.place(late, body, by=by, at=at)
    assert Declaration.objects.get(user=late.user, application=application).conflict


def test_who_sits_on_a_panel_joins_only_a_body_that_has_pledged(cycle: Any, at: Any) -> None:
    panel, body = walk.panel_for(cycle), body_of()
    seated = panel.seats.first().reviewer
    assert "本届已在评审组任职" in refusal(bodies.place, seated, body, by=walk.secretary_of(), at=at)
    assert not BodyPledge.objects.exists()


# ── the table ──


def table(*rows: dict[str, Any], columns: tuple[str, ...] = pool_import.HEADINGS) -> bytes:
    return tables.workbook("评审人员", columns, [[row.get(name, "") for name in columns] for row in rows])


def line(name: str, email: str = "", **more: Any) -> dict[str, Any]:
    filled = {"姓名": name, "电子邮箱": email or "new@test.example", "工作单位": "郑州大学", "类别": "评审员"}
    return {**filled, **more}


def read(*rows: dict[str, Any]) -> PoolImport:
    return pool_import.read(table(*rows), "入库表.xlsx", by=walk.secretary_of(), at=walk.AFTER)


def test_a_table_is_shown_row_by_row_and_then_stored_at_once(db: None) -> None:
    by, at = walk.secretary_of(), walk.AFTER
    same, changed, member = walk.reviewer("甲"), walk.reviewer("乙"), hire("丙", Role.MEMBER, by=None, at=at)
    body = body_of()
    as_it_is = {"工作单位": "洛阳质量研究院", "类别": "行业专家"}
    filled = read(
        line("新人", "New@test.example", 专业行业代码="C34、K", 从事质量工作年数=8, 第三方机构=str(body)),
        line("甲", same.user.email, **as_it_is),
        line("乙", changed.user.email, **as_it_is, **{"学历、职称": "博士", "资格": ""}),
        line("丙", member.email),
        line("丁", changed.user.email),
        line("戊", "not-an-address"),
        line("己", "ji@test.example", 专业行业代码="Z1"),
        line("庚", "geng@test.example", 从事质量工作年数="八"),
        line("辛", "xin@test.example", 第三方机构="没有登记的"),
        line("壬", "ren@test.example", 类别="专家"),
        line("癸", "gui@test.example", 工作单位=""),
        line("新人", "new@test.example"),
    )
    said = [(row["result"], row["column"]) for row in filled.lines]
    refused = [
        "电子邮箱",
        "电子邮箱",
        "电子邮箱",
        "专业行业代码",
        "从事质量工作年数",
        "第三方机构",
        "类别",
        "工作单位",
        "电子邮箱",
    ]
    assert said == [("created", ""), ("unchanged", ""), ("updated", ""), *(("refused", name) for name in refused)]
    assert filled.lines[2]["changes"] == ["学历、职称"]
    assert all(row["problem"] for row in filled.lines[3:])
    assert not User.objects.filter(name="新人").exists()  # only shown so far
    pool_import.confirm(filled, by=by, at=at)
    new = Reviewer.objects.get(user__email="new@test.example")
    assert (new.industries, new.quality_years, new.body) == (["C34", "K"], 8, body)
    assert roles.holds(new.user, Role.REVIEWER, at)
    assert not new.user.has_usable_password()
    letter = OutboxMessage.objects.get(key__startswith="mail:listed:").payload
    assert letter["to"] == "new@test.example"
    assert reverse("account_reset_password") in letter["body"]
    changed.refresh_from_db()
    same.refresh_from_db()
    assert (changed.education, changed.qualification, changed.record_revision) == ("博士", "质量工程师", 1)
    assert same.record_revision == 0
    assert Reviewer.objects.count() == 3
    assert "已经导入" in refusal(pool_import.confirm, filled, by=by, at=at)
    held("pool_import_arrows", "UPDATE review_poolimport SET state = 'read' WHERE id = %s", filled.pk)
    held("pool_import_lines", "UPDATE review_poolimport SET lines = '[]' WHERE id = %s", filled.pk)
    run("UPDATE review_poolimport SET name = 'x' WHERE id = %s", filled.pk)


def test_what_changed_since_the_preview_stores_nothing(db: None) -> None:
    reviewer = walk.reviewer("甲")
    filled = read(line("新人"), line("甲", reviewer.user.email, 类别="行业专家"))
    assert filled.lines[1]["changes"] == ["工作单位"]
    kept(reviewer, employer="郑州大学")
    assert "第3行" in refusal(pool_import.confirm, filled, by=walk.secretary_of(), at=walk.AFTER)
    assert not User.objects.filter(name="新人").exists()
    assert PoolImport.objects.get().state == "read"


def test_a_broken_table_is_refused_with_its_reason(db: None) -> None:
    def sentence(content: bytes) -> str:
        return refusal(pool_import.read, content, "a.xlsx", by=walk.secretary_of(), at=walk.AFTER)

    assert "缺少" in sentence(table(columns=("姓名",)))
    assert "没有填写" in sentence(table())
    assert "XLSX" in sentence(b"nothing")
    filled = read(line("癸", "gui@test.example", 工作单位=""))
    assert "没有需要" in refusal(pool_import.confirm, filled, by=walk.secretary_of(), at=walk.AFTER)


def test_a_disqualified_person_does_not_come_back_by_a_table(db: None) -> None:
    from review import discipline

    reviewer = walk.reviewer("甲")
    discipline.sanction(reviewer, "disqualification", "泄密", "纪要", by=walk.secretary_of(), at=walk.AFTER)
    assert "取消评审资格" in read(line("甲", reviewer.user.email)).lines[0]["problem"]


# ── pages ──


def test_pages_of_the_pool_open_to_whom_they_concern(
    cycle: Any, auditor: Any, stranger: Any, travel: Any, at: Any
) -> None:
    travel(at)
    reviewer, other, body = walk.reviewer(), walk.reviewer(), body_of()
    row, filled = engaged(reviewer), read(line("新人"))
    secretary = walk.secretary_of()
    matrix = {
        ("record",): {stranger: 403, reviewer.user: 200, secretary: 403},
        ("keep_record",): {stranger: 403, reviewer.user: 200, secretary: 403},
        ("engage",): {stranger: 403, reviewer.user: 200},
        ("end_engagement", row.pk): {stranger: 404, other.user: 404, reviewer.user: 200, secretary: 403},
        ("withdraw_engagement", row.pk): {other.user: 404, reviewer.user: 200},
        ("confirm_record", cycle.pk): {stranger: 403, reviewer.user: 200, secretary: 403},
        ("reviewers",): {reviewer.user: 403, secretary: 200, auditor: 200},
        ("reviewer", reviewer.pk): {reviewer.user: 404, secretary: 200, auditor: 200},
        ("amend_reviewer", reviewer.pk): {reviewer.user: 404, secretary: 200, auditor: 403},
        ("place", reviewer.pk): {reviewer.user: 404, secretary: 200, auditor: 403},
        ("import_pool",): {reviewer.user: 403, secretary: 200, auditor: 403},
        ("pool_table",): {reviewer.user: 403, secretary: 200},
        ("pool_import", filled.pk): {reviewer.user: 404, secretary: 200, auditor: 200},
        ("bodies",): {reviewer.user: 403, secretary: 200, auditor: 200},
        ("body", body.pk): {reviewer.user: 404, secretary: 200, auditor: 200},
        ("register_body",): {reviewer.user: 403, secretary: 200, auditor: 403},
        ("record_contract", body.pk): {reviewer.user: 404, secretary: 200, auditor: 403},
        ("record_body_pledge", body.pk): {secretary: 200, auditor: 403},
        ("record_body_declaration", body.pk): {secretary: 200, auditor: 403},
        ("amend_body", body.pk): {secretary: 200, auditor: 403},
    }
    clients: dict[Any, Client] = {}
    found = {}
    for page, who in matrix.items():
        for user in who:
            client = clients.setdefault(user, client_of(user))
            found[page[0], str(user)] = client.get(reverse(f"review:{page[0]}", args=page[1:])).status_code
    assert found == {(page[0], str(user)): code for page, who in matrix.items() for user, code in who.items()}
    assert clients[secretary].post(reverse("review:confirm_pool_import", args=[filled.pk])).status_code == 302


def test_record_and_bodies_are_kept_on_pages(cycle: Any, travel: Any, at: Any, said: Any) -> None:
    travel(at)
    reviewer = walk.reviewer()
    own, office = client_of(reviewer.user), client_of(walk.secretary_of())
    typed = {"employer": "河南科技大学", "industries": "C34、X9", "quality_years": 3}
    answer = own.post(reverse("review:keep_record"), typed)
    assert answer.status_code == 422
    assert "X9" in said(answer)
    assert own.post(reverse("review:keep_record"), {**typed, "industries": "C34"}).status_code == 302
    entry = {"kind": "shareholding", "organisation": "洛阳轴承", "code": "1"}
    assert own.post(reverse("review:engage"), entry).status_code == 409
    assert own.post(reverse("review:engage"), {**entry, "code": "", "note": "持股3%"}).status_code == 302
    page = said(own.get(reverse("review:record")))
    for words in ("河南科技大学", "C34 通用设备制造业", "洛阳质量研究院", "持股3%", "现为3年", "确认档案"):
        assert words in page
    assert own.post(reverse("review:confirm_record", args=[cycle.pk])).status_code == 302
    assert "已确认" in said(office.get(reverse("review:reviewers")))

    assert office.post(reverse("review:register_body"), {"name": "中原中心", "contact_name": "柳青"}).status_code == 302
    body = ReviewBody.objects.get()
    scan = SimpleUploadedFile("合同.png", PIXEL, content_type="image/png")
    contract = {"cycle": cycle.pk, "number": "HT-1", "signed_on": "2027-03-30", "scope": "评审", "scan": scan}
    assert office.post(reverse("review:record_contract", args=[body.pk]), contract).status_code == 302
    stored = StoredFile.objects.get()
    assert stored.name == "合同.png"
    assert "HT-1" in said(office.get(body.get_absolute_url()))
    missing = reverse("review:body_file", args=[body.pk, stored.pk + 1])
    assert office.get(missing).status_code == 404
    assert own.get(reverse("review:body_file", args=[body.pk, stored.pk])).status_code == 404


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f6"
    "45400000000049454e44ae426082"
)


def test_lists_of_the_pool_ask_as_often_for_three_as_for_one(cycle: Any, travel: Any, at: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    travel(at)
    client, first = client_of(walk.secretary_of()), walk.reviewer()
    urls = [reverse("review:reviewers"), first.get_absolute_url()]

    def counts() -> list[int]:
        found = []
        for url in urls:
            with CaptureQueriesContext(connection) as caught:
                assert client.get(url).status_code == 200
            found.append(len(caught))
        return found

    engaged(first)
    once = counts()
    walk.pool(2)
    engaged(first, "training")
    engaged(first, "other")
    assert counts() == once
