"""第九、十八、十九条: the committee's pages: who opens which, what they show and what they keep to themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import AwardCycle
from award_portal.models import AuditEvent
from award_portal.roles import Role
from award_portal.verdict import no
from committee import notices
from committee.models import Ballot, Meeting, Nomination, Objection, PublicNotice, Shortlist, Turnout, Vote
from review import rankings
from tests import factories_committee as walk
from tests.conftest import hire
from tests.factories_applications import pdf
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db]
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def url(name: str, *args: Any) -> str:
    return reverse(f"committee:{name}", args=args)


def people(at: datetime) -> dict[str, Any]:
    """One person for each kind of visitor; None is the public."""
    walk.clerk_of(at)
    return {
        "公众": None, "秘书处": secretary_of(at), "评委": walk.committee(at).members[0].user, "主任": walk.chair_of(at),
        "区政府办": walk.clerk_of(at), "审计": hire("郑清源", Role.AUDITOR, by=None, at=at),
        "评审": hire("某评审", Role.REVIEWER, by=None, at=at), "单位": hire("某单位", Role.APPLICANT, by=None, at=at),
    }  # fmt: skip


# 200 shown, 302 to the sign-in page, 403 with the reason, 404 not for these eyes
MATRIX = {
    "mine": "公众302 秘书处403 评委200 主任200 区政府办403 审计403 评审403 单位403",
    "members": "公众302 秘书处200 评委200 主任200 区政府办200 审计200 评审403 单位403",
    "nominate": "公众302 秘书处200 评委403 主任403 区政府办403 审计403 评审403 单位403",
    "appoint_office": "公众302 秘书处200 评委403 主任403 区政府办403 审计403 评审403 单位403",
    "meetings": "公众302 秘书处200 评委200 主任200 区政府办200 审计200 评审403 单位403",
    "meeting": "公众302 秘书处200 评委200 主任200 区政府办200 审计200 评审404 单位404",
    "shortlist": "公众302 秘书处200 评委200 主任200 区政府办404 审计200 评审404 单位404",
    "nomination": "公众302 秘书处200 评委200 主任200 区政府办200 审计200 评审404 单位404",
    "ballot": "公众302 秘书处200 评委200 主任200 区政府办200 审计200 评审404 单位404",
    "cast": "公众302 秘书处403 评委403 主任403 区政府办403 审计403 评审404 单位404",
    "notices": "公众200 秘书处200 评委200 主任200 区政府办200 审计200 评审200 单位200",
    "notice": "公众200 秘书处200 评委200 主任200 区政府办200 审计200 评审200 单位200",
    "lodge": "公众200 秘书处200 评委200 主任200 区政府办200 审计200 评审200 单位200",
    "find_objection": "公众200 秘书处200 评委200 主任200 区政府办200 审计200 评审200 单位200",
    "objection_status": "公众200 秘书处200 评委200 主任200 区政府办200 审计200 评审200 单位200",
    "objections": "公众302 秘书处200 评委403 主任403 区政府办403 审计200 评审403 单位403",
    "objection": "公众302 秘书处200 评委404 主任404 区政府办404 审计200 评审404 单位404",
    "approve_member": "公众302 秘书处403 评委403 主任200 区政府办403 审计403 评审404 单位404",
    "end_member": "公众302 秘书处200 评委403 主任403 区政府办403 审计403 评审404 单位404",
    "government": "公众302 秘书处403 评委403 主任403 区政府办200 审计403 评审403 单位403",
    "record_decision": "公众302 秘书处403 评委403 主任403 区政府办200 审计403 评审403 单位403",
    "submit_list": "公众302 秘书处403 评委403 主任403 区政府办403 审计403 评审403 单位403",
    "accept_objection": "公众302 秘书处200 评委404 主任404 区政府办404 审计403 评审404 单位404",
}


def test_who_opens_which_page(cycle: AwardCycle, client: Any, travel: Callable[[datetime], None]) -> None:
    notice = walk.published(cycle)
    objection = walk.objected(notice)
    walk.submitted(cycle)
    now = notice.closes_at + 2 * HOUR
    visitors, nominee = people(now), walk.nominee(at=now)
    travel(now)
    keys = {
        "meeting": Meeting.objects.get().pk, "shortlist": Shortlist.objects.get().pk, "cast": Ballot.objects.get().pk,
        "nomination": Nomination.objects.filter(state="submitted").first().pk, "ballot": Ballot.objects.get().pk,
        "notice": notice.pk, "lodge": notice.pk, "objection_status": objection.code, "objection": objection.pk,
        "approve_member": nominee.pk, "end_member": walk.committee(now).members[1].pk, "record_decision": cycle.pk,
        "submit_list": cycle.pk, "accept_objection": objection.pk,
    }  # fmt: skip
    found = {}
    for name in MATRIX:
        seen = []
        for who, person in visitors.items():
            client.logout()
            if person is not None:
                client.force_login(person)
            seen.append(f"{who}{client.get(url(name, *([keys[name]] if name in keys else []))).status_code}")
        found[name] = " ".join(seen)
    assert found == MATRIX


def test_pages_of_the_morning(
    cycle: AwardCycle, day: datetime, client: Any, travel: Callable[[datetime], None], said: Any
) -> None:
    """Shortlist, pledge, declaration, meeting: each page by the person who uses it, through the verbs' own pages."""
    travel(day)
    secretary, seat = secretary_of(day), walk.committee(day).members[0]
    client.force_login(secretary)
    page = client.get(url("draw_up", cycle.pk))
    assert "第1名　洛阳瀍河精工轴承有限公司　800.00分" in page.content.decode()
    keys = list(cycle.applications.order_by("pk").values_list("pk", flat=True))
    refused = client.post(url("draw_up", cycle.pk), {"applications": keys[1:]})
    assert (refused.status_code, "跳过了排名靠前的" in refused.content.decode()) == (409, True)
    assert client.post(url("draw_up", cycle.pk), {"applications": []}).status_code == 422
    assert client.post(url("draw_up", cycle.pk), {"applications": keys}).status_code == 302
    shortlist = Shortlist.objects.get()
    assert client.post(url("set_shortlist", shortlist.pk)).status_code == 302
    for unit in shortlist.nominations.all():
        sent = client.post(url("note_form", unit.pk), {"form": "presentation", "form_note": "现场展示。"})
        assert sent.status_code == 302
    sent = client.post(
        url("call", cycle.pk),
        {"purpose": "deliberation", "title": "审定会", "planned_for": "2027-04-17T10:00", "place": "会议室"},
    )
    assert sent.status_code == 302
    meeting = Meeting.objects.get()
    assert "不足法定人数" in said(client.get(meeting.get_absolute_url()))
    client.force_login(seat.user)
    assert "请先签署本届保密与公正承诺" in said(client.get(url("mine")))
    assert client.post(url("pledge", cycle.pk), {"signed_name": seat.user.name}).status_code == 302
    for unit in shortlist.nominations.all():
        assert client.post(url("declare", unit.pk), {"conflict": "no", "explanation": ""}).status_code == 302
    assert client.post(url("sign_in", meeting.pk)).status_code == 302
    assert client.post(url("sign_in", meeting.pk)).status_code == 403
    client.force_login(secretary)
    for other in walk.committee(day).all:
        if other != seat:
            assert client.post(url("note_attendance", meeting.pk), {"member": other.pk}).status_code == 302
    assert client.post(url("open_meeting", meeting.pk)).status_code == 302
    shown = client.get(meeting.get_absolute_url())
    assert "表决前尚未再次核实各单位的申报条件" in said(shown)
    assert reverse("applications:recheck", args=[cycle.pk]) in shown.content.decode()
    assert client.post(url("open_ballot", meeting.pk)).status_code == 403
    again = walk.recheck(cycle, "vote", day)
    assert again.get_absolute_url() in client.get(meeting.get_absolute_url()).content.decode()
    assert client.post(url("open_ballot", meeting.pk)).status_code == 302
    assert "已投票0人" in said(client.get(Ballot.objects.get().get_absolute_url()))


@pytest.mark.article(18)
def test_a_member_votes_in_two_steps(
    cycle: AwardCycle, day: datetime, client: Any, travel: Callable[[datetime], None], said: Any
) -> None:
    ballot = walk.balloting(cycle, at=day)
    travel(day)
    seat = walk.committee(day).members[0]
    client.force_login(seat.user)
    cast, fields = url("cast", ballot.pk), [f"vote_{one.nomination_id}" for one in ballot.items.all()]
    assert client.get(cast).content.decode().count('type="radio"') == 9
    half = client.post(cast, {fields[0]: "for"})
    assert (half.status_code, half.content.decode().count("checked"), Vote.objects.count()) == (422, 1, 0)
    assert client.post(cast, dict.fromkeys(fields, "perhaps")).status_code == 422
    review = client.post(cast, {**dict.fromkeys(fields, "against"), "step": "review"})
    assert ("投出后不能更改" in said(review), Turnout.objects.count()) == (True, 0)
    change = client.post(cast, {**dict.fromkeys(fields, "against"), "step": "change"})
    assert change.content.decode().count("checked") == 3
    assert client.post(cast, {**dict.fromkeys(fields, "against"), "step": "cast"}).status_code == 302
    assert client.post(cast, {**dict.fromkeys(fields, "for"), "step": "cast"}).status_code == 403
    assert list(Vote.objects.values_list("choice", flat=True)) == ["against"] * 3
    # While others still vote, nobody reads who voted what.
    open_page = said(client.get(ballot.get_absolute_url()))
    assert ("各评委投票" in open_page, f"已投票1人：{seat.user.name}" in open_page) == (False, True)


@pytest.mark.article(19)
def test_the_public_page_names_units_and_industries_and_nothing_else(
    cycle: AwardCycle, client: Any, travel: Callable[[datetime], None]
) -> None:
    notice = walk.published(cycle)
    travel(notice.posted_at + HOUR)
    page = client.get(notice.get_absolute_url()).content.decode()
    assert all(word in page for word in ("洛阳瀍河精工轴承有限公司", "C34 通用设备制造业", "提出异议", notice.anchor))
    secret = ("800.00", "第1名", "赞成", "现场展示", "马建国", "空缺说明")
    assert [word for word in secret if word in page] == []
    client.force_login(secretary_of(notice.posted_at))
    inside = client.get(cycle.shortlist.get_absolute_url()).content.decode()
    assert [word for word in secret[:2] if word in inside] == list(secret[:2])


@pytest.mark.article(19)
def test_anybody_objects_without_an_account_and_follows_it_by_its_code(
    cycle: AwardCycle, client: Any, travel: Callable[[datetime], None], said: Any
) -> None:
    notice = walk.published(cycle)
    travel(notice.posted_at + HOUR)
    unit = notice.entries.first().nomination
    typed = {"nomination": unit.pk, "name": "周明", "contact": "13800000000", "ground": "数据与实际不符。"}
    assert client.post(url("lodge", notice.pk), {**typed, "name": "a\x00b"}).status_code == 400
    for spoiled in ({"nomination": 10**30}, {"ground": ""}, {"nomination": "x"}):
        answer = client.post(url("lodge", notice.pk), {**typed, **spoiled})
        assert answer.status_code == 422
    assert "周明" in answer.content.decode()
    sent = client.post(url("lodge", notice.pk), {**typed, "file": pdf("证明.pdf")})
    objection = Objection.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, url("objection_status", objection.code))
    status = client.get(sent["Location"])
    assert [word in status.content.decode() for word in (objection.code, str(unit), "周明", "13800000000")] == [
        True,
        True,
        False,
        False,
    ]
    assert "no-store" in status["Cache-Control"]
    for guess in ("A" * 16, "x", "查" * 16, objection.code[:15]):
        assert client.get(url("objection_status", guess)).status_code == 404
        assert client.get(url("find_objection"), {"code": guess}).status_code == 404
    assert client.get(url("find_objection"), {"code": objection.code.lower()})["Location"] == sent["Location"]
    client.force_login(secretary_of(notice.posted_at))
    assert "13800000000" in said(client.get(objection.get_absolute_url()))
    assert AuditEvent.objects.filter(verb="read", title="查阅异议").count() == 1


@pytest.mark.article(19)
def test_who_comes_too_late_is_told_where_to_turn(
    cycle: AwardCycle, client: Any, travel: Callable[[datetime], None], said: Any
) -> None:
    notice = walk.published(cycle)
    typed = {"nomination": notice.entries.first().nomination_id, "name": "周明", "contact": "1", "ground": "数据不符。"}
    travel(notice.closes_at)  # the scheduler has not come yet
    assert "可以作为线索" in said(client.get(url("lodge", notice.pk)))
    late = client.post(url("lodge", notice.pk), typed)
    assert (late.status_code, "数据不符。" in late.content.decode(), Objection.objects.count()) == (409, True, 0)


@pytest.mark.article(19)
def test_the_clerk_records_the_decision_and_everybody_reads_it(
    cycle: AwardCycle, client: Any, travel: Callable[[datetime], None], said: Any
) -> None:
    walk.submitted(cycle)
    now = PublicNotice.objects.get().closes_at + 2 * DAY
    travel(now)
    client.force_login(walk.clerk_of(now))
    first, *others = Nomination.objects.filter(state="submitted").order_by("rank")
    typed = {
        "document_number": "瀍政[2027]8号",
        "meeting_on": "2027-04-27",
        "document_on": "2027-04-28",
        "approved": [first.pk],
    }
    page = url("record_decision", cycle.pk)
    assert client.post(page, {**typed, "approved": []}).status_code == 422
    wrong = client.post(page, {**typed, "document_number": "洛政〔2027〕8号"})
    assert (wrong.status_code, "洛政〔2027〕8号" in wrong.content.decode(), "机关代字" in said(wrong)) == (
        409,
        True,
        True,
    )
    assert client.post(page, typed).status_code == 302
    client.logout()
    read = said(client.get(cycle.decision.get_absolute_url()))
    assert ("瀍政〔2027〕8号" in read, str(first) in read, [str(one) in read for one in others]) == (
        True,
        True,
        [False, False],
    )


@pytest.mark.parametrize("name", ["meetings", "notices", "objections", "members", "mine"])
def test_lists_ask_as_often_for_three_rows_as_for_one(
    cycle: AwardCycle, day: datetime, client: Any, travel: Callable[[datetime], None], name: str
) -> None:
    notice = walk.published(cycle)
    units = [entry.nomination for entry in notice.entries.all()]
    walk.objected(notice, units[0])
    now = notice.posted_at + 2 * HOUR
    walk.called(cycle, at=now)
    travel(now)
    client.force_login(walk.committee(now).members[0].user if name == "mine" else secretary_of(now))
    page = url(name)
    client.get(page)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    before = asked()
    for index in (1, 2):
        walk.objected(notice, units[index])
        walk.called(cycle, at=now, title=f"会议{index}")
        walk.nominee(f"人选{index}", at=now)
    notices.withdraw_notice(notice, by=secretary_of(now), at=now, reason="有误")
    walk.published(cycle, at=now + HOUR)
    assert asked() == before


@pytest.mark.article(17)
def test_a_member_finds_the_ranking_on_his_own_page_when_it_is_final(
    cycle: AwardCycle, day: datetime, travel: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    travel(day)
    client = sign_in(walk.committee(day).members[0].user)
    links = [reverse(f"review:{name}", args=[cycle.pk]) for name in ("ranking", "calibration")]
    shown = client.get(url("mine")).content.decode()
    assert all(f'href="{link}"' in shown for link in links)
    assert [client.get(link).status_code for link in links] == [200, 200]
    monkeypatch.setattr(rankings, "settled", lambda cycle: no("还有1个单位的现场评审没有完成。", 14))
    shown = client.get(url("mine")).content.decode()
    assert not any(link in shown for link in links)
    assert [client.get(link).status_code for link in links] == [403, 403]
