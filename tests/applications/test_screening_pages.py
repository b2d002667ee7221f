"""第十、十一、十七条 in the browser: the department's list and table, the matrix, the limbs with what they rest on."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import checks_import, confirmed_list, department_checks, rechecks, reconsideration, screening
from applications.department_checks import Answer
from applications.models import Application, AwardCycle, CheckLine, EligibilityCheck
from award_portal import outbox
from award_portal.lifecycle import act
from award_portal.roles import Role
from tests.conftest import START
from tests.factories_applications import (
    OPENS,
    accepted_application,
    announced_cycle,
    department,
    officer_of,
    owner_of,
    person,
    screen,
    second_secretary,
    submitted_application,
    third_secretary,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_open")]
OPEN = START + OPENS


@pytest.fixture
def _open(travel: Any) -> None:
    travel(OPEN)


def page(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


def content(answer: Any) -> bytes:
    found = b"".join(answer.streaming_content)
    answer.close()
    return found


def asked(application: Application, name: str = "区应急管理局", **more: Any) -> EligibilityCheck:
    screening.ask_departments(application, [department(name)], by=person(Role.SECRETARIAT), at=OPEN, **more)
    return application.checks.get(department=department(name))


# ── a department answers ──


@pytest.mark.article(17)
def test_a_department_answers_limb_by_limb_and_what_it_typed_stays(client: Any, said: Any) -> None:
    check = asked(submitted_application(announced_cycle(), "洛阳轴承"))
    client.force_login(officer_of(check.department))
    url = page("answer", check.pk)
    assert "安全事故" in said(client.get(url))
    typed = {
        "found": "yes",
        "result_safety_accident": "fail",
        "grade_safety_accident": "major",
        "note_safety_accident": "重大事故一起",
    }
    refused = client.post(url, typed)
    assert refused.status_code == 409
    assert "请填写事故发生日期" in said(refused)
    assert "重大事故一起" in refused.content.decode()
    assert not CheckLine.objects.exclude(result="pending").exists()
    assert client.post(url, typed | {"event_on_safety_accident": "2026-05-18"}).status_code == 302
    assert "待回复" in said(client.get(page("check", check.pk)))
    assert client.post(url, {"found": "yes", "result_other_violation": "no_record"}).status_code == 302
    check.refresh_from_db()
    assert check.state == "found"
    assert client.get(url).status_code == 403
    client.force_login(person(Role.SECRETARIAT))
    words = said(client.get(page("screening", check.application.pk)))
    for piece in ("发生于2026年5月18日（在回溯期内）", "等级：重大", "重大事故一起", "通常由谁提供：应急"):
        assert piece in words


@pytest.mark.article(17)
def test_the_list_shows_deadlines_progress_and_what_is_overdue(client: Any, said: Any, travel: Any) -> None:
    cycle = announced_cycle()
    late = asked(submitted_application(cycle, "甲企业"), due_on=date(2027, 3, 10))
    asked(submitted_application(cycle, "乙企业"), due_on=date(2027, 3, 30))
    screening.answer(
        late, True, by=officer_of(late.department), at=OPEN, lines={"safety_accident": Answer("no_record")}
    )
    travel(late.due_at + timedelta(hours=1))  # type: ignore[operator]
    client.force_login(officer_of(late.department))
    words = said(client.get(page("department")))
    for piece in ("待答复2件", "逾期1件", "1/2项", "0/2项", "已逾期"):
        assert piece in words
    only = said(client.get(page("department") + "?only=late"))
    assert "甲企业" in only
    assert "乙企业" not in only


@pytest.mark.article(11)
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"found": "no", "result_safety_accident": "fail", "note_safety_accident": "重大事故"}, "请选择“逐项答复”"),
        ({"found": "no", "note_other_violation": "正在调查"}, "请选择“逐项答复”"),
        ({"found": "no", "grade_safety_accident": "major"}, "请选择“逐项答复”"),
        ({"found": "yes", "answer": "其余各项稍后答复。"}, "请在下表至少填写一项"),
    ],
)
def test_what_was_typed_is_neither_dropped_nor_guessed(
    client: Any, said: Any, typed: dict[str, str], words: str
) -> None:
    check = asked(submitted_application(announced_cycle(), "洛阳轴承"))
    client.force_login(officer_of(check.department))
    answer = client.post(page("answer", check.pk), typed)
    assert answer.status_code == 422
    assert words in said(answer)
    assert set(check.lines.values_list("result", flat=True)) == {"pending"}


@pytest.mark.article(17)
def test_a_superseded_round_is_not_offered_any_more(client: Any, said: Any) -> None:
    check = asked(submitted_application(announced_cycle(), "甲企业"))
    officer, secretary = officer_of(check.department), person(Role.SECRETARIAT)
    screening.stop_waiting(check, "已另行核实", by=secretary, at=OPEN + timedelta(days=10))
    # the re-check, or a clerk, asks a silent department again
    again(check)
    client.force_login(officer)
    assert client.get(page("answer", check.pk)).status_code == 403
    assert "待答复1件" in said(client.get(page("department")))
    assert len(checks_import.template_rows(check.department)) == 2
    cycle = check.application.cycle
    AwardCycle.objects.filter(pk=cycle.pk).update(state="concluded", ended_at=OPEN)
    assert "待答复0件" in said(client.get(page("department")))
    assert not checks_import.waiting(check.department).exists()


@act("测试：再次提请", None)
def _again(check: EligibilityCheck, *, by: Any, at: Any) -> EligibilityCheck:
    return department_checks.again(check, check.application, by=by, at=at)


def again(check: EligibilityCheck) -> EligibilityCheck:
    return _again(check, by=person(Role.SECRETARIAT), at=OPEN)  # type: ignore[no-any-return]


# ── the matrix ──


@pytest.mark.article(17)
def test_the_matrix_quotes_every_limb_and_filters(client: Any, said: Any) -> None:
    cycle = announced_cycle()
    good, bad = submitted_application(cycle, "好企业"), submitted_application(cycle, "坏企业")
    screen(good)
    found = asked(bad)
    screening.answer(found, True, "重大事故", by=officer_of(found.department), at=OPEN)
    screening.conclude_limbs(bad, {"safety_accident": ("not_met", "重大")}, by=person(Role.SECRETARIAT), at=OPEN)
    client.force_login(person(Role.SECRETARIAT))
    url = page("matrix", cycle.pk)
    words = said(client.get(url))
    for limb in screening.limbs_of(good):
        assert f"“{limb.text}”" in words
    for piece in ("好企业", "坏企业", "1符合 1不符合", "1/1 ! 不通过", "中小企业", "年填报均无亏损"):
        assert piece in words
    for only, shown, hidden in (
        ("not_met", "坏企业", "好企业"),
        ("open", "坏企业", "好企业"),
        ("doubt", "坏企业", "好企业"),
    ):
        words = said(client.get(f"{url}?only={only}"))
        assert shown in words
        assert hidden not in words
    for strange in ("?only=x", "?page=999", "?page=x"):
        assert client.get(url + strange).status_code == 200
    for nobody in (owner_of(good), officer_of(found.department), person(Role.MEMBER)):
        client.force_login(nobody)
        assert client.get(url).status_code == 403


@pytest.mark.article(17)
def test_the_pages_of_a_cycle_ask_the_same_number_of_queries_for_one_and_for_three(client: Any) -> None:
    cycle, secretary = announced_cycle(), person(Role.SECRETARIAT)

    def one_more() -> None:
        accepted_application(cycle)
        asked(submitted_application(cycle))

    one_more()
    made = rechecks.recheck(cycle, "vote", by=secretary, at=OPEN)
    named = department("区应急管理局")
    pages = [
        (secretary, page("matrix", cycle.pk)), (secretary, page("confirmed_list", cycle.pk)),
        (secretary, page("recheck_page", made.pk)), (officer_of(named), page("department")),
        (officer_of(named), page("upload_checks", named.pk)),
    ]  # fmt: skip

    def count() -> list[int]:
        counted = []
        for who, url in pages:
            client.force_login(who)
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200, url
            counted.append(len(captured))
        return counted

    first = count()
    one_more()
    one_more()
    for check in EligibilityCheck.objects.filter(application__recheck_lines__recheck=made, state="asked"):
        screening.answer(check, False, by=officer_of(check.department), at=OPEN)
    for line in made.lines.all():  # type: ignore[attr-defined]
        rechecks.conclude(made, {line.pk: ("still_holds", "无变化")}, by=secretary, at=OPEN)
    made = rechecks.recheck(cycle, "vote", by=secretary, at=OPEN)
    pages[2] = (secretary, page("recheck_page", made.pk))
    assert count() == first


# ── the decision, the list, the re-check in the browser ──


@pytest.mark.article(17)
def test_decline_letter_reconsideration_and_reply_in_the_browser(client: Any, said: Any) -> None:
    application = submitted_application(announced_cycle(), "洛阳轴承")
    screen(application)
    screening.conclude_limbs(application, {"loss": ("not_met", "2025年亏损")}, by=person(Role.SECRETARIAT), at=OPEN)
    client.force_login(person(Role.SECRETARIAT))
    assert client.post(page("prepare", application.pk), {"outcome": "decline", "reason": ""}).status_code == 409
    sent = {"outcome": "decline", "reason": "2025年亏损。"}
    assert client.post(page("prepare", application.pk), sent).status_code == 302
    assert client.post(page("decline", application.pk), {"reason": "亏损。"}).status_code == 403
    client.force_login(second_secretary())
    form = client.get(page("decline", application.pk))
    assert "2025年亏损。" in form.content.decode()
    assert client.post(page("decline", application.pk), {"reason": "2025年亏损。"}).status_code == 302
    outbox.deliver()
    owner = owner_of(application)
    client.force_login(owner)
    letter = application.letters.get()
    shown = client.get(page("application", application.pk))
    assert letter.get_absolute_url() in shown.content.decode()
    assert "申请复核" in said(shown)
    assert content(client.get(letter.get_absolute_url())).startswith(b"%PDF")
    assert client.post(page("ask_reconsideration", application.pk), {"request": "年度看错。"}).status_code == 302
    request = application.reconsiderations.get()
    client.force_login(second_secretary())
    assert client.get(page("reply_reconsideration", request.pk)).status_code == 403
    client.force_login(person(Role.SECRETARIAT))
    assert "年度看错。" in said(client.get(page("screening", application.pk)))
    assert client.get(page("reply_reconsideration", request.pk)).status_code == 403  # who prepared the decision
    client.force_login(third_secretary())
    answer = {"upheld": "yes", "answer": "年度有误。"}
    assert client.post(page("reply_reconsideration", request.pk), answer).status_code == 302
    application.refresh_from_db()
    assert application.state == "submitted"
    assert client.get(page("screening", application.pk)).status_code == 200
    assert reconsideration.decision_on(application) is not None


@pytest.mark.article(17)
def test_the_list_and_the_recheck_in_the_browser(client: Any, said: Any) -> None:
    application = accepted_application(announced_cycle(), "洛阳轴承")
    cycle = application.cycle
    client.force_login(person(Role.SECRETARIAT))
    assert client.post(page("issue_list", cycle.pk)).status_code == 302
    assert client.post(page("issue_list", cycle.pk)).status_code == 403
    outbox.deliver()
    listed = cycle.confirmed_lists.get()
    assert "洛阳轴承" in said(client.get(page("confirmed_list", cycle.pk)))
    assert content(client.get(page("confirmed_list_file", listed.pk))).startswith(b"%PDF")
    assert confirmed_list.may_issue(cycle).allowed is False
    assert client.post(page("recheck", cycle.pk), {}).status_code == 422
    assert client.post(page("recheck", cycle.pk), {"stage": "vote"}).status_code == 302
    made = cycle.rechecks.get()
    line = made.lines.get()
    url = page("conclude_recheck", made.pk)
    bad = client.post(url, {f"outcome_{line.pk}": "still_holds", f"basis_{line.pk}": ""})
    assert bad.status_code == 409
    assert client.post(url, {f"outcome_{line.pk}": "x"}).status_code == 422
    check = application.checks.get(round=2)
    screening.answer(check, False, by=officer_of(check.department), at=OPEN)
    assert client.post(url, {f"outcome_{line.pk}": "still_holds", f"basis_{line.pk}": "无变化"}).status_code == 302
    concluded = client.get(page("recheck_page", made.pk))
    assert "仍然符合条件" in said(concluded)
    assert re.search(rf'<select name="outcome_{line.pk}"[^>]* disabled', concluded.content.decode())
    stale = client.post(
        url, {f"initial-outcome_{line.pk}": "pending", f"outcome_{line.pk}": "doubtful", f"basis_{line.pk}": "有疑问"}
    )
    assert stale.status_code == 409
    assert "不能改动" in said(stale)
    assert client.post(url, {}).status_code == 302  # nothing but what stands was on the page
    client.force_login(owner_of(application))
    assert client.get(page("recheck_page", made.pk)).status_code == 404
    assert client.get(page("confirmed_list_file", listed.pk)).status_code == 404


@pytest.mark.article(17)
def test_silence_and_asking_again_in_the_browser(client: Any, said: Any, travel: Any) -> None:
    application = submitted_application(announced_cycle(), "洛阳轴承")
    check = asked(application)
    travel(OPEN + timedelta(days=10))
    client.force_login(person(Role.SECRETARIAT))
    words = said(client.get(page("screening", application.pk)))
    assert "不再等待" in words
    assert client.post(page("stop_waiting", check.pk), {"reason": "已查公开信息"}).status_code == 302
    assert "已查公开信息" in said(client.get(page("screening", application.pk)))
    screening.answer(check, True, "事故", by=officer_of(check.department), at=OPEN)
    assert client.post(page("ask_again", check.pk), {"reason": "同名企业"}).status_code == 302
    assert "第2次" in said(client.get(page("screening", application.pk)))
    assert not prepare_allowed(client, application)


def prepare_allowed(client: Any, application: Application) -> bool:
    return client.get(page("prepare", application.pk)).status_code == 200
