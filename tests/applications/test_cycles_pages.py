"""第四、七、十五条 on screen: planning, rules, announcement; a refusal keeps what was typed; the public reads what is published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import cycles
from applications.forms_cycles import RulesForm
from applications.models import Announcement, AnnouncementDraft, AwardCycle
from award_portal import files
from award_portal.lifecycle import act, store
from award_portal.roles import Role
from tests.conftest import hire
from tests.factories_cycles import announced, over, planned, posted, ruled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_at")]

DAY = timedelta(days=1)


@pytest.fixture
def member(db: None, at: Any) -> Any:
    return hire("评委会主任", Role.MEMBER, by=None, at=at)


def _rules(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (RulesForm.start(None) | changes).items() if value is not None}


def _window(**changes: Any) -> dict[str, str]:
    words = {
        "title": "公告标题",
        "body": "公告正文",
        "materials": "材料",
        "contacts": "区市场监管局",
        "channels": "区政府网站",
    }
    return words | {"opens_at": "2027-03-10T09:00", "closes_at": "2027-05-01T00:00"} | changes


@pytest.mark.article(4)
def test_planning_on_a_page(sign_in: Any, secretary: Any, said: Any) -> None:
    client = sign_in(secretary)
    assert 'value="2027"' in client.get("/cycles/plan/").content.decode()
    answer = client.post("/cycles/plan/", {"number": 1, "year": 2027, "code": "chanhe-2021"})
    cycle = AwardCycle.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/cycles/{cycle.pk}/")
    assert "第1届（2027年）" in said(client.get(answer["Location"]))
    refused = client.post(
        "/cycles/plan/", {"number": 2, "year": 2029, "code": "chanhe-2021", "delay_reason": "写了一半的说明"}
    )
    assert refused.status_code == 409
    assert "第四条" in said(refused)
    assert "写了一半的说明" in refused.content.decode()


@pytest.mark.article(7)
def test_rules_on_a_page_from_draft_to_amendment(sign_in: Any, secretary: Any, at: Any, said: Any) -> None:
    cycle, client = planned(secretary, at), sign_in(secretary)
    page = client.get(f"/cycles/{cycle.pk}/rules/draft/")
    assert "办法未作规定，由评委会决定（第七条）" in said(page)
    assert client.post(f"/cycles/{cycle.pk}/rules/draft/", _rules()).status_code == 302
    draft = cycle.rules.get()
    assert "草案" in said(client.get(f"/rules/{draft.pk}/"))
    assert client.post(f"/rules/{draft.pk}/amend/", _rules(panel_size=5, tie_break="site_total")).status_code == 302
    draft.refresh_from_db()
    assert (draft.panel_size, draft.tie_break) == (5, ["site_total"])
    page = client.get(f"/rules/{draft.pk}/")
    assert "比现场评审总分，仍相同则名次并列" in said(page)


@pytest.mark.article(7)
@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"panel_size": 4}, 409, "评审组人数应为单数"),
        ({"quorum": "过半"}, 409, "请写成分数"),
        ({"desk_weight": 50}, 422, "两项权重之和应为100%"),
        ({"correction_days": 0}, 422, "1"),
        ({"rubric": "iso-9001"}, 422, "iso-9001"),
        ({"site_cutoff": "abc"}, 422, "数"),
        ({"site_cutoff": "1e999"}, 422, "1000"),
    ],
)
def test_rules_that_are_refused_keep_what_was_typed(
    sign_in: Any, secretary: Any, at: Any, said: Any, changes: dict[str, Any], status: int, words: str
) -> None:
    cycle = planned(secretary, at)
    answer = sign_in(secretary).post(f"/cycles/{cycle.pk}/rules/draft/", _rules(reason="想了很久的说明", **changes))
    assert answer.status_code == status
    assert words in said(answer)
    assert "想了很久的说明" in answer.content.decode()
    assert not cycle.rules.exists()


@pytest.mark.article(7)
def test_a_new_version_shows_what_it_changes(client: Any, secretary: Any, member: Any, at: Any, said: Any) -> None:
    cycle = ruled(secretary, member, at)
    posted(cycle, secretary, at)
    second = cycles.draft_rules(cycle, by=secretary, at=at, correction_days=9, reason="延长补正")
    assert client.get(f"/rules/{second.pk}/").status_code == 404  # a draft is not public
    assert f"/rules/{second.pk}/" not in client.get(f"/cycles/{cycle.pk}/").content.decode()
    cycles.adopt_rules(second, by=member, at=at, meeting="评委会第二次会议")
    words = said(client.get(f"/rules/{second.pk}/"))
    assert "评委会第二次会议" in words
    assert "9" in words


@pytest.mark.article(15)
def test_an_announcement_is_drafted_previewed_and_published_on_pages(
    sign_in: Any, secretary: Any, member: Any, at: Any, said: Any
) -> None:
    cycle, client = ruled(secretary, member, at), sign_in(secretary)
    compose = f"/cycles/{cycle.pk}/announcement/compose/"
    assert "关于组织申报第一届" in client.get(compose).content.decode()  # composed, nothing typed twice
    refused = client.get(f"/cycles/{cycle.pk}/announce/")
    assert (refused.status_code, "请先编写公告，预览无误后再发布" in said(refused)) == (403, True)
    answer = client.post(compose, _window())
    assert (answer.status_code, answer["Location"]) == (302, f"/cycles/{cycle.pk}/announcement/")
    preview = said(client.get(answer["Location"]))
    assert all(part in preview for part in ("公告标题", "公告正文", "2027年4月30日", "尚未公开", "发布公告"))
    assert not Announcement.objects.exists()
    assert "公告标题" not in said(Client().get("/announcements/"))
    assert Client().get(f"/cycles/{cycle.pk}/announcement/").status_code in {302, 404}
    assert client.post(compose, _window(body="改过的正文")).status_code == 302  # saved as often as needed
    assert "办理后不能撤回" in said(client.get(f"/cycles/{cycle.pk}/announce/"))
    assert client.post(f"/cycles/{cycle.pk}/announce/").status_code == 302
    cycle.refresh_from_db()
    assert (cycle.state, str(cycle.reference_on)) == ("announced", "2027-04-30")
    visitor = Client()
    words = said(visitor.get(Announcement.objects.get().get_absolute_url()))
    assert all(part in words for part in ("公告标题", "改过的正文", "2027年4月30日", "区政府网站"))
    assert "公告标题" in said(visitor.get("/announcements/"))
    assert "公告标题" in said(visitor.get("/"))
    assert visitor.get(f"/cycles/{cycle.pk}/").status_code == 200


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"opens_at": "2027-03-01T00:00"}, 409, "公告发布之后"),
        ({"closes_at": "2027-03-10T09:00"}, 409, "晚于开始时间"),
        ({"closes_at": "2031-03-10T09:00"}, 409, "2027年度内"),
        ({"closes_at": "四月底"}, 422, "有效"),
        ({"closes_at": ""}, 422, "必填"),
        ({"reference_on": "2027-05-01"}, 409, "基准日应当在"),
        ({"reference_on": "2026-12-31"}, 409, "基准日应当在"),
    ],
)
def test_an_announcement_that_is_refused_keeps_what_was_typed(
    sign_in: Any, secretary: Any, member: Any, at: Any, said: Any, changes: dict[str, str], status: int, words: str
) -> None:
    cycle = ruled(secretary, member, at)
    url = f"/cycles/{cycle.pk}/announcement/compose/"
    answer = sign_in(secretary).post(url, _window(body="写了很久的正文", **changes))
    assert (answer.status_code, AnnouncementDraft.objects.exists()) == (status, False)
    assert words in said(answer)
    assert "写了很久的正文" in answer.content.decode()


@pytest.mark.article(7)
def test_the_button_says_why_there_is_no_announcement_yet(sign_in: Any, secretary: Any, at: Any, said: Any) -> None:
    cycle, client = planned(secretary, at), sign_in(secretary)
    assert "评审标准和规则尚未经评委会审定，不能发布公告" in said(client.get(f"/cycles/{cycle.pk}/"))
    answer = client.post(f"/cycles/{cycle.pk}/announce/", _window())
    assert (answer.status_code, "尚未经评委会审定" in said(answer)) == (403, True)


@pytest.mark.article(15)
def test_extending_on_a_page(sign_in: Any, secretary: Any, member: Any, at: Any, said: Any, travel: Any) -> None:
    cycle, client = announced(secretary, member, at), sign_in(secretary)
    url = f"/cycles/{cycle.pk}/extend/"
    refused = client.post(url, {"closes_at": "2027-03-20T00:00", "reason": "申报单位较少，经研究决定"})
    assert (refused.status_code, "只能晚于原截止时间" in said(refused)) == (409, True)
    assert "申报单位较少，经研究决定" in said(refused)
    assert client.post(url, {"closes_at": "2027-05-01T00:00", "reason": "申报单位较少"}).status_code == 302
    assert "关于延长" in said(Client().get("/announcements/"))
    cycle.refresh_from_db()
    travel(cycle.closes_at)
    answer = client.post(url, {"closes_at": "2027-06-01T00:00", "reason": "又晚了"})
    assert (answer.status_code, "受理已经截止" in said(answer)) == (403, True)


@pytest.mark.article(4)
def test_concluding_and_cancelling_on_pages(sign_in: Any, secretary: Any, member: Any, at: Any) -> None:
    cycle, client = over(secretary, member, at), sign_in(secretary)
    with cycles.unfinished.only():
        assert client.post(f"/cycles/{cycle.pk}/conclude/", {"reason": ""}).status_code == 302
    cycle.refresh_from_db()
    assert cycle.state == "concluded"
    assert client.post(f"/cycles/{cycle.pk}/cancel/", {"reason": "试"}).status_code == 403


@pytest.mark.article(7)
def test_a_cancelled_cycles_announcement_takes_no_applications(
    client: Any, secretary: Any, member: Any, at: Any, said: Any
) -> None:
    cycle = announced(secretary, member, at)
    url = cycle.announcements.get().get_absolute_url()
    assert "在线申报" in said(client.get(url))
    cycles.cancel(cycle, by=secretary, at=at, reason="不办了")
    assert "在线申报" not in said(client.get(url))
    assert client.get(f"/cycles/{cycle.pk}/").status_code == 404


@pytest.mark.article(8)
def test_these_verbs_are_the_secretariats(
    sign_in: Any, secretary: Any, member: Any, owner: Any, auditor: Any, at: Any
) -> None:
    cycle = announced(secretary, member, at)
    verbs = (
        "rules/draft", "announcement/compose", "announcement/attach", "announce", "extend", "withdraw-announcement",
        "conclude", "cancel",
    )  # fmt: skip
    for person in (owner, member, auditor):
        client = sign_in(person)
        assert [client.post(f"/cycles/{cycle.pk}/{verb}/", {"reason": "试"}).status_code for verb in verbs] == [
            403
        ] * len(verbs)
        assert client.get("/cycles/plan/").status_code == 403
        assert "结束本届" not in client.get(f"/cycles/{cycle.pk}/").content.decode()
    assert [Client().get(f"/cycles/{cycle.pk}/{verb}/").status_code for verb in verbs] == [302] * len(verbs)


@act("测试：公告文件", 15)
def _attach(published: Announcement, *, by: Any, at: Any) -> Announcement:
    content = files.store_bytes(b"%PDF-1.7 test", "公告.pdf", "application/pdf", at=at)
    return store(published, document=content)


@pytest.mark.article(15)
def test_the_announcements_pdf_is_public_once_made(client: Any, secretary: Any, member: Any, at: Any) -> None:
    published = announced(secretary, member, at).announcements.get()
    url = f"{published.get_absolute_url()}document/"
    assert client.get(url).status_code == 404
    _attach(published, by=None, at=at)
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert b"".join(answer).startswith(b"%PDF")


def test_lists_cost_the_same_for_one_announcement_and_for_three(
    client: Any, secretary: Any, member: Any, at: Any
) -> None:
    cycle, counts = announced(secretary, member, at), []
    for further in range(3):
        with CaptureQueriesContext(connection) as seen:
            for url in ("/announcements/", f"/cycles/{cycle.pk}/", "/"):
                assert client.get(url).status_code == 200
        counts.append(len(seen))
        cycles.extend(cycle, by=secretary, at=at, closes_at=cycle.closes_at + (further + 1) * DAY, reason="延期")
    assert len(set(counts)) == 1


@pytest.mark.article(7)
def test_the_desk_names_the_next_step_of_a_cycle(sign_in: Any, secretary: Any, member: Any, at: Any, said: Any) -> None:
    client, cycle = sign_in(secretary), planned(secretary, at)
    assert "起草第1届（2027年）规则" in said(client.get("/desk/"))
    draft = cycles.draft_rules(cycle, by=secretary, at=at)
    assert "提请评委会审定第1届（2027年）规则" in said(client.get("/desk/"))
    cycles.adopt_rules(draft, by=member, at=at, meeting="会")
    assert "发布第1届（2027年）申报公告" in said(client.get("/desk/"))
    posted(cycle, secretary, at)
    assert "发布第1届" not in said(client.get("/desk/"))
