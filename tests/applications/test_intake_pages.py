"""The pages of units, applications, departments and screening, as each person meets them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import eligibility_grounds, intake, materials, screening, units
from applications.models import Applicant, Application, Department, EligibilityCheck, Evidence
from applications.paper import form_of
from applications.sections import with_reasons
from award_portal.models import AuditEvent
from award_portal.roles import Role
from award_portal.verdict import no
from tests.conftest import START, hire
from tests.factories_applications import (
    accepted_application,
    announced_cycle,
    code,
    department,
    draft_application,
    officer_of,
    owner_of,
    paper,
    pdf,
    person,
    recommended_application,
    screen,
    second_secretary,
    submitted_application,
    unit,
)

pytestmark = pytest.mark.django_db
OPEN = START + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _now(travel: Any) -> None:
    travel(OPEN)


def page(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


def _content(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def fill_all(client: Any, application: Application, **changes: Any) -> None:
    """What a browser without script sends: every section, every part of the report."""
    whole = {**paper(application.cycle), **changes}
    form = form_of(application.cycle)
    for section in form.sections:
        for part in [part for part, _ in section.parts] or [""]:
            fields = [one for one in with_reasons(section.fields) if one.part == part]
            sent = {f"seen.{one.name}": "" for one in fields}
            for one in fields:
                value = whole.get(one.name, "")
                if isinstance(value, list):
                    sent |= {f"{one.name}.{n}.{key}": text for n, row in enumerate(value) for key, text in row.items()}
                elif value:
                    sent[one.name] = value
            where = (
                page("fill_part", application.pk, section.code, part)
                if part
                else page("fill_section", application.pk, section.code)
            )
            if fields:
                assert client.post(where, sent).status_code == 302, section.code


@pytest.mark.article(10)
def test_a_person_registers_a_unit_and_keeps_what_was_typed(owner: Any, sign_in: Any, said: Any) -> None:
    client, good = sign_in(owner), code()
    wrong = client.post(
        page("register_unit"),
        {"code": good[:-1] + ("A" if good[-1] != "A" else "B"), "name": "洛阳轴承", "kind": "enterprise"},
    )
    assert wrong.status_code == 409
    assert "校验码" in said(wrong)
    assert 'value="洛阳轴承"' in wrong.content.decode()
    assert client.post(page("register_unit"), {"code": "", "name": "某单位", "kind": "x"}).status_code == 422
    assert client.post(page("register_unit"), {"code": "", "name": "a\x00b", "kind": "x"}).status_code == 400
    done = client.post(page("register_unit"), {"code": good.lower(), "name": "洛阳轴承", "kind": "enterprise"})
    assert done.status_code == 302
    assert Applicant.objects.get().code == good
    assert "洛阳轴承" in said(client.get(page("mine")))


@pytest.mark.article(16)
def test_the_whole_way_from_the_empty_form_to_the_receipt(client: Any, said: Any) -> None:
    cycle, applicant = announced_cycle(), unit("洛阳轴承")
    owner = owner_of(applicant)
    client.force_login(owner)
    assert client.post(page("begin", applicant.pk)).status_code == 302
    application = Application.objects.get()
    assert client.post(page("begin", applicant.pk)).url == page("fill", application.pk)
    fill_all(client, application)
    assert client.get(page("fill", application.pk)).url == page("fill_section", application.pk, "facts")
    assert client.post(page("attach_self_assessment", application.pk), {"upload": pdf()}).status_code == 302
    sent = {"upload": pdf("证.pdf"), "category": "licence", "title": "营业执照"}
    assert client.post(page("attach_evidence", application.pk), sent).status_code == 302
    not_yet = client.get(page("submit", application.pk))
    assert "请取得有关部门签署的推荐意见" in said(not_yet)
    assert "disabled>提交申报" in not_yet.content.decode()
    named = department()
    assert client.post(page("request_recommendation", application.pk), {"department": named.pk}).status_code == 302
    officer = officer_of(named)
    client.force_login(officer)
    asked = application.recommendations.get()
    assert "洛阳轴承" in said(client.get(page("department")))
    assert "精密轴承" in said(client.get(page("recommendation", asked.pk)))
    form = client.get(page("recommend", asked.pk))
    assert materials.digest_of(Application.objects.get()) in form.content.decode()
    sent = {"opinion": "同意推荐。", "signed_name": "赵明", "seen": materials.digest_of(Application.objects.get())}
    assert client.post(page("recommend", asked.pk), sent).status_code == 302
    client.force_login(owner)
    assert "disabled>提交申报" not in client.get(page("submit", application.pk)).content.decode()
    for _ in range(2):  # a double click
        assert client.post(page("submit", application.pk)).url == page("receipt", application.pk)
    receipt = said(client.get(page("receipt", application.pk)))
    application.refresh_from_db()
    assert application.number in receipt
    assert application.manifest_hash in receipt
    assert client.get(page("fill", application.pk), follow=True).status_code == 403
    assert client.get(page("application", application.pk)).status_code == 200
    assert cycle.applications.count() == 1


@pytest.mark.article(15)
def test_late_by_one_second_is_refused_and_the_draft_stays(client: Any, said: Any, travel: Any) -> None:
    application = recommended_application(announced_cycle(), applicant=unit())
    client.force_login(owner_of(application))
    travel(application.cycle.closes_at)
    response = client.post(page("submit", application.pk))
    assert response.status_code == 409
    assert "截止" in said(response)
    assert "草稿已保留" in said(response)
    assert "草稿保留" in said(client.get(page("application", application.pk)))
    assert "精密轴承" in said(client.get(page("application", application.pk)))


@pytest.mark.article(28)
def test_a_banned_unit_reads_it_on_its_page(client: Any, said: Any) -> None:
    application = draft_application(announced_cycle(), applicant=unit())
    client.force_login(owner_of(application))
    assert "2031年" not in said(client.get(page("mine")))
    with eligibility_grounds.grounds.only(
        lambda codes, on: [(code, no("在2031年3月9日前不接受再次申报。", 28)) for code in codes]
    ):
        for name, args in (("mine", ()), ("submit", (application.pk,))):
            assert "在2031年3月9日前不接受再次申报" in said(client.get(page(name, *args)))


PAGES = ["application", "files", "request_recommendation", "submit", "withdraw"]


@pytest.mark.article(9)
def test_a_draft_is_nobodys_business(client: Any, stranger: Any, clerk: Any) -> None:
    application = draft_application(announced_cycle())
    stored = application.self_assessment
    for who in (
        stranger,
        clerk,
        person(Role.SECRETARIAT),
        person(Role.AUDITOR),
        person(Role.MEMBER),
        officer_of(department()),
    ):
        client.force_login(who)
        for name in [*PAGES, "receipt", "screening", "correct", "accept"]:
            assert client.get(page(name, application.pk)).status_code == 404, (who, name)
        assert client.get(page("file", application.pk, stored.pk)).status_code == 404
    client.force_login(owner_of(application))
    for name in PAGES:
        assert client.get(page(name, application.pk)).status_code == 200, name
    client.logout()
    assert client.get(page("application", application.pk)).status_code == 302


@pytest.mark.article(9)
def test_openings_by_others_than_the_unit_are_recorded(client: Any) -> None:
    application = submitted_application(announced_cycle())
    url = page("file", application.pk, application.evidence.get().file.pk)
    opened = AuditEvent.objects.filter(verb="read")
    client.force_login(owner_of(application))
    assert _content(client.get(url)).startswith(b"%PDF")
    assert not opened.exists()
    for who in (person(Role.SECRETARIAT), officer_of(department()), person(Role.AUDITOR)):
        client.force_login(who)
        answer = client.get(url)
        assert answer["Content-Disposition"].startswith("attachment")
        assert _content(answer).startswith(b"%PDF")
        assert opened.order_by("-height").first().actor == who
    assert opened.count() == 3
    other = submitted_application(application.cycle)
    client.force_login(owner_of(application))
    foreign = page("file", application.pk, other.evidence.get().file.pk)
    assert client.get(foreign).status_code == 404


@pytest.mark.article(17)
def test_a_department_that_checks_sees_code_and_figures_and_no_more(client: Any, said: Any) -> None:
    application = submitted_application(announced_cycle(), "洛阳轴承")
    named, other = department("区税务局"), department("区生态环境局")
    screening.ask_departments(application, [named, other], by=person(Role.SECRETARIAT), at=OPEN)
    screening.answer(application.checks.get(department=other), True, "排放超标记录", by=officer_of(other), at=OPEN)
    client.force_login(officer_of(named))
    check = application.checks.get(department=named)
    words = said(client.get(page("check", check.pk)))
    assert application.applicant.code in words
    assert "12,500.00" in words
    for secret in ("精密轴承", "排放超标记录", "王芳"):
        assert secret not in words
    client.force_login(person(Role.SECRETARIAT))
    screened = said(client.get(page("screening", application.pk)))
    assert "精密轴承" in screened
    assert "排放超标记录" in screened
    client.force_login(officer_of(named))
    assert client.get(page("application", application.pk)).status_code == 404
    assert client.get(page("check", application.checks.get(department=other).pk)).status_code == 404
    assert client.post(page("answer", check.pk), {"found": "yes", "answer": " "}).status_code == 422
    assert client.post(page("answer", check.pk), {"found": "maybe"}).status_code == 422
    assert client.post(page("answer", check.pk), {"found": "no"}).status_code == 302
    client.force_login(owner_of(application))
    assert client.get(page("check", check.pk)).status_code == 404
    assert "区税务局" not in said(client.get(page("application", application.pk)))
    assert EligibilityCheck.objects.filter(state="clean").count() == 1


@pytest.mark.article(17)
def test_the_secretariat_screens_in_the_browser(client: Any, said: Any) -> None:
    application = submitted_application(announced_cycle(), "洛阳轴承")
    client.force_login(person(Role.SECRETARIAT))
    url, named = page("screening", application.pk), department()
    assert "还不能确认符合资格" in said(client.get(url))
    assert client.post(page("ask_departments", application.pk), {}).status_code == 422
    assert client.post(page("ask_departments", application.pk), {"departments": [named.pk]}).status_code == 302
    screening.answer(application.checks.get(), False, by=officer_of(named), at=OPEN)
    limbs = screening.limbs_of(application)
    matrix = {f"conclusion_{limb.code}": "met" for limb in limbs} | {
        f"basis_{limb.code}": f"依据{limb.code}" for limb in limbs
    }
    refused = client.post(page("conclude_limbs", application.pk), {**matrix, "basis_loss": ""})
    assert refused.status_code == 409
    assert "依据registered" in refused.content.decode()
    assert "请写明依据" in said(refused)
    assert client.post(page("accept", application.pk), {"reason": ""}).status_code == 403
    assert client.post(page("conclude_limbs", application.pk), matrix).status_code == 302
    assert client.post(page("conclude_limbs", application.pk), {}).status_code == 422
    assert "可以确认符合资格" in said(client.get(url))
    assert client.post(page("prepare", application.pk), {"outcome": "accept"}).status_code == 302
    assert "另一人" in said(client.get(url))
    assert client.post(page("accept", application.pk), {"reason": ""}).status_code == 403
    client.force_login(second_secretary())
    assert client.post(page("accept", application.pk), {"reason": ""}).status_code == 302
    application.refresh_from_db()
    assert application.state == "accepted"
    assert client.get(url).status_code == 200
    assert client.post(page("accept", application.pk), {"reason": ""}).status_code == 403


@pytest.mark.article(17)
def test_a_correction_in_the_browser(client: Any, said: Any) -> None:
    application = submitted_application(announced_cycle(), "洛阳轴承")
    client.force_login(person(Role.SECRETARIAT))
    url = page("return_for_correction", application.pk)
    needs_day = client.post(url, {"contact": "请更正联系电话。"})
    assert needs_day.status_code == 409
    assert "请更正联系电话。" in needs_day.content.decode()
    assert "节假日安排尚未登记" in said(needs_day)
    assert client.post(url, {"contact": "请更正联系电话。", "due_on": "2027-03-20"}).status_code == 302
    client.force_login(owner_of(application))
    assert "请更正联系电话" in said(client.get(page("application", application.pk)))
    assert client.get(page("fill", application.pk)).url == page("fill_section", application.pk, "contact")
    closed = client.post(page("fill_section", application.pk, "facts"), {"products": "想顺手改的"})
    assert closed.status_code == 409
    assert "“基本情况”不在其中" in said(closed)
    assert "不在补正范围内" in said(client.get(page("fill_section", application.pk, "facts")))
    sent = {"contact_phone": "0379-1"}
    assert client.post(page("fill_section", application.pk, "contact"), sent).status_code == 302
    application.refresh_from_db()
    assert (application.contact_phone, application.products) == ("0379-1", "精密轴承")
    assert client.post(page("correct", application.pk)).status_code == 302
    assert application.versions.count() == 2


@pytest.mark.article(16)
def test_a_bad_file_is_refused_with_its_reason_and_the_title_stays(client: Any, said: Any) -> None:
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    bad = pdf("证书.exe")
    response = client.post(
        page("attach_evidence", application.pk), {"upload": bad, "category": "system", "title": "我的证书"}
    )
    assert response.status_code == 409
    assert "不能" in said(response)
    assert 'value="我的证书"' in response.content.decode()
    assert (
        client.post(page("attach_evidence", application.pk), {"category": "system", "title": "无文件"}).status_code
        == 422
    )
    row = application.evidence.get()
    for _ in range(2):
        assert client.post(page("remove_evidence", application.pk, row.pk)).status_code == 302
    assert not Evidence.objects.exists()


@pytest.mark.article(16)
def test_people_of_a_unit_and_departments_have_their_pages(client: Any, said: Any, stranger: Any) -> None:
    applicant = unit("洛阳轴承")
    client.force_login(owner_of(applicant))
    assert client.post(page("add_member", applicant.pk), {"email": "nobody", "level": "editor"}).status_code == 422
    sent = {"email": stranger.email.upper(), "level": "editor"}
    assert client.post(page("add_member", applicant.pk), sent).status_code == 302
    assert stranger.email in said(client.get(page("unit", applicant.pk)))
    client.force_login(hire("外人", Role.APPLICANT, by=None, at=START))
    assert client.get(page("unit", applicant.pk)).status_code == 404
    secretary = person(Role.SECRETARIAT)
    client.force_login(secretary)
    assert client.post(page("name_department"), {"name": "区科技局"}).status_code == 302
    assert client.post(page("name_department"), {"name": "区科技局"}).status_code == 409
    assert client.post(page("name_department"), {"name": ""}).status_code == 422
    named = Department.objects.get(name="区科技局")
    newcomer = hire("科技局小张", by=None, at=START)
    assert client.post(page("name_officer", named.pk), {"user": newcomer.pk}).status_code == 302
    assert "科技局小张" in said(client.get(page("departments")))
    dismissed = client.post(page("dismiss_officer", named.officers.get().pk), {"reason": "调离"})
    assert dismissed.status_code == 302
    assert named.officers.get().ends_at == OPEN


@pytest.mark.article(16)
def test_lists_ask_the_same_number_of_questions_for_one_and_three(client: Any) -> None:
    cycle = announced_cycle()
    named = department()
    officer, owner = officer_of(named), hire("三家的人", Role.APPLICANT, by=None, at=START)
    urls = [(officer, page("department")), (person(Role.SECRETARIAT), page("departments")), (owner, page("mine"))]
    urls += [
        (person(Role.SECRETARIAT), reverse("admin:applications_application_changelist")),
        (person(Role.SECRETARIAT), reverse("desk")),
    ]
    urls += [(officer, reverse("desk")), (owner, reverse("desk"))]

    def count() -> list[int]:
        counted = []
        for who, url in urls:
            client.force_login(who)
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200, url
            counted.append(len(captured))
        return counted

    def one_more() -> None:
        application = submitted_application(cycle, applicant=unit(owner=owner))
        screening.ask_departments(application, [named], by=person(Role.SECRETARIAT), at=OPEN)

    one_more()
    first = count()
    one_more()
    one_more()
    department("区税务局")
    department("区科技局")
    assert count() == first


@pytest.mark.article(17)
def test_the_desk_says_whose_turn_it_is(client: Any, said: Any) -> None:
    cycle = announced_cycle()
    idle = unit("闲着的单位")
    application = submitted_application(cycle, "已交单位")
    draft_application(cycle, "草稿单位")
    screening.ask_departments(application, [department()], by=person(Role.SECRETARIAT), at=OPEN)
    expected = {
        owner_of(idle): "可以申报：闲着的单位",
        officer_of(department()): "答复资格核查：已交单位",
        person(Role.SECRETARIAT): "资格审查：已交单位",
        owner_of(Applicant.objects.get(name="草稿单位")): "完成申报：草稿单位",
        hire("新注册", Role.APPLICANT, by=None, at=START): "登记申报单位",
    }
    for who, words in expected.items():
        client.force_login(who)
        assert words in said(client.get(reverse("desk")))
    assert screen(submitted_application(cycle, "又一家"), at=OPEN).pk


@pytest.mark.article(16)
def test_strange_requests_are_answered_with_4xx(client: Any) -> None:
    application = accepted_application(announced_cycle(), applicant=unit())
    client.force_login(owner_of(application))
    huge = "9" * 30
    for url in (f"/applications/{huge}/", f"/applications/{application.pk}/files/{huge}/", f"/units/{huge}/"):
        assert client.get(url).status_code == 404
    for name in ("attach_evidence", "attach_self_assessment"):
        assert client.get(page(name, application.pk)).status_code in {403, 405}
    assert client.put(page("mine")).status_code == 405
    assert client.post(page("begin", application.applicant.pk)).status_code == 302
    assert units.people_of(application.applicant, OPEN)


@pytest.mark.article(16)
def test_a_department_reads_what_was_sent_to_it_and_nothing_of_another(client: Any, said: Any) -> None:
    application = draft_application(announced_cycle(), "洛阳轴承")
    owner, at = owner_of(application), application.cycle.opens_at
    first, second = department("区工信局"), department("区商务局")
    asked = [intake.request_recommendation(application, named, by=owner, at=at) for named in (first, second)]
    scan = pdf("盖章意见.pdf", "盖章")
    intake.recommend(asked[0], "甲局的意见", "赵明", by=officer_of(first), at=at, upload=scan)
    stored = asked[0].scan
    client.force_login(officer_of(second))
    page_of = client.get(page("application", application.pk))
    assert page_of.status_code == 200
    assert "甲局的意见" not in said(page_of)
    assert client.get(page("file", application.pk, stored.pk)).status_code == 404
    assert _content(client.get(page("file", application.pk, application.evidence.get().file.pk))).startswith(b"%PDF")
    client.force_login(officer_of(first))
    assert _content(client.get(page("file", application.pk, stored.pk))).startswith(b"%PDF")
    intake.refuse_recommendation(asked[1], "材料不全。", "李亮", by=officer_of(second), at=at)
    client.force_login(officer_of(second))
    assert client.get(page("application", application.pk)).status_code == 404
