"""The site visit: arranged and moved, recorded by the team, closed, signed; who reads what (第八、九、十四、十七条)."""

from __future__ import annotations

import io
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from applications.filling import Typed
from award_portal import clock, desk, lifecycle, outbox, scanning
from award_portal.models import AuditEvent, OutboxMessage
from award_portal.roles import Role
from review import agenda, consensus, panels, site_visits, visit_filling, visiting
from review.models import (
    PointToVerify,
    SiteVisit,
    StageReview,
    VisitEntry,
    VisitMove,
    VisitNote,
    VisitPhoto,
    VisitPoint,
    VisitSignature,
    VisitUnmerged,
)
from tests import factories_review as walk
from tests.conftest import hire
from tests.review.test_guards import held
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(14)]
ITEM = "4.1.2"


@lifecycle.act("测试：合议留下核实事项", 14)
def asked(review: StageReview, *questions: str, by: Any, at: Any) -> None:
    for question in questions:
        point = PointToVerify(review=review, item=ITEM, question=question, marked_by=by, marked_at=at)
        lifecycle.store(point)


@pytest.fixture
def assignment(unit: Any, at: Any) -> Any:
    """A unit whose desk consensus is concluded and left one thing to be verified."""
    made = walk.assigned(unit())
    review = walk.in_consensus(walk.desk_of(made))
    lead = walk.lead_of(made.panel)
    agreed = dict.fromkeys(walk.marks(made.application.cycle), (60, ""))
    consensus.record_consensus(review, agreed, by=lead, at=at)
    walk.merged(review)
    asked(review, "核对近三年战略评审记录", by=lead, at=at)
    consensus.conclude(review, "可进入现场。", by=lead, at=at)
    return made


@pytest.fixture
def visit(assignment: Any, at: Any, travel: Any) -> SiteVisit:
    """A visit of today."""
    travel(at)
    return site_visits.open_site(assignment, clock.today(at), "东厂区", by=walk.secretary_of(), at=at).visit


@pytest.fixture
def team(visit: SiteVisit) -> Any:
    """The panel's people, the lead first."""
    return walk.people_of(visit.review.assignment.panel)


def fill(visit: SiteVisit, by: Any, at: Any = walk.AFTER, **fields: Any) -> Any:
    typed = {
        name.replace("__", "."): Typed(*value) if isinstance(value, tuple) else Typed(value)
        for name, value in fields.items()
    }
    return visit_filling.fill(visit, {name.replace("_I", ITEM): one for name, one in typed.items()}, by=by, at=at)


def jpeg() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (12, 9), (120, 140, 90)).save(made, "JPEG")
    return made.getvalue()


JPEG = jpeg()


def line(**cells: str) -> dict[str, str]:
    return {"kind": "document", "what": "", "whom": "", "when": "", "note": "", **cells}


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: Any, name: str, *args: Any) -> str:
    answer = client_of(user).get(reverse(f"review:{name}", args=args))
    assert answer.status_code == 200, answer.status_code
    token = r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"'
    return re.sub(token, "", answer.content.decode())


# ── arranging ──


def test_a_visit_is_arranged_with_agenda_points_and_mails(assignment: Any, at: Any) -> None:
    secretary, today = walk.secretary_of(), clock.today(at)
    arrange = lambda **more: refusal(  # noqa: E731
        site_visits.open_site, assignment, more.pop("day", today), "东厂区", by=secretary, at=at, **more
    )
    assert "不能早于开始日期" in arrange(until=today - timedelta(days=1))
    assert "不超过10天" in arrange(until=today + timedelta(days=10))
    stranger = hire("外人", Role.SECRETARIAT, by=None, at=at)
    assert "还不能陪同" in arrange(companion=stranger)
    assert "须是秘书处人员" in arrange(companion=walk.lead_of(assignment.panel))
    until = today + timedelta(days=1)
    review = site_visits.open_site(assignment, today, "东厂区", until, secretary, by=secretary, at=at)
    visit = review.visit
    assert (visit.starts_on, visit.ends_on, visit.companion, visit.asked) == (today, until, secretary, agenda.ASKED)
    words = [(row["day"], row["what"][:4]) for row in visit.agenda]
    assert (words[0], words[-1]) == ((today.isoformat(), "首次会议"), (until.isoformat(), "末次会议"))
    assert sum("末次会议" in what for _, what in words) == 1
    point = visit.points.get()
    assert (point.item, point.text, point.carried) == (ITEM, "核对近三年战略评审记录", True)
    letters = OutboxMessage.objects.filter(key__contains=f"visit:{visit.pk}:0")
    told = {row.payload["to"]: row.payload["body"] for row in letters}
    assert {user.email for user in walk.people_of(assignment.panel)} < set(told)
    assert all("东厂区" in body and "战略评审记录" not in body for body in told.values())


def test_a_visit_is_moved_with_its_reason_until_the_first_score(visit: SiteVisit, team: Any, at: Any) -> None:
    secretary, day = walk.secretary_of(), clock.today(at) + timedelta(days=2)
    move = lambda by=secretary, **more: visiting.move(  # noqa: E731
        visit, **({"visited_on": day, "place": "东厂区", "reason": "单位停产检修"} | more), by=by, at=at
    )
    assert "秘书处" in refusal(move, by=team[0])
    assert "原因" in refusal(move, reason=" ")
    assert "没有变化" in refusal(move, visited_on=visit.starts_on)
    fill(
        visit,
        secretary,
        asked="备好记录",
        agenda=[dict.fromkeys(agenda.COLUMNS, "") | {"day": visit.starts_on.isoformat(), "what": "首次会议"}],
    )
    move()
    visit.refresh_from_db()
    assert (visit.starts_on, visit.ends_on, visit.agenda[0]["day"]) == (day, day, day.isoformat())
    moved = VisitMove.objects.get()
    assert (moved.reason, "东厂区" in moved.was, moved.moved_by) == ("单位停产检修", True, secretary)
    letters = OutboxMessage.objects.filter(key__contains=f"visit:{visit.pk}:1")
    assert letters
    assert all("停产检修" in row.payload["body"] for row in letters)
    later = at + timedelta(days=2)
    move(until=day + timedelta(days=1))
    assert len(SiteVisit.objects.get().agenda) > 5, "of another length there is a new agenda"
    walk.scored(visit.review, team[1], at=later, locked=False)
    assert "不再改期" in refusal(move, visited_on=day + timedelta(days=5))
    held("site_moved_late", "UPDATE review_stagereview SET place = '西厂区' WHERE id = %s", visit.review_id)
    held("visit_move_no_update", "UPDATE review_visitmove SET reason = 'x'")
    held("visit_move_no_delete", "DELETE FROM review_visitmove")


def test_the_agenda_is_a_rule_of_its_days() -> None:
    days = [date(2027, 5, 31), date(2027, 6, 1), date(2027, 6, 2)]
    rows = agenda.of_days(days)
    assert [row["day"] for row in rows if "首次会议" in row["what"]] == ["2027-05-31"]
    assert [row["day"] for row in rows if "末次会议" in row["what"]] == ["2027-06-02"]
    assert all(agenda.wrong(row, days) == "" for row in rows)
    row = dict.fromkeys(agenda.COLUMNS, "")
    for change, words in [
        ({"day": "2027-06-03"}, "现场期间"),
        ({"begins": "9:30"}, "09:30"),
        ({"begins": "25:00"}, "09:30"),
        ({"begins": "10:00", "ends": "10:00"}, "晚于"),
        ({"what": "长" * 201}, "过长"),
    ]:
        assert words in agenda.wrong(row | change, days)
    moved = agenda.shifted(rows, timedelta(days=7), [day + timedelta(days=7) for day in days])
    assert (moved[0]["day"], moved[-1]["day"]) == ("2027-06-07", "2027-06-09")
    assert agenda.by_day([row | {"what": "待定"}, rows[-1], rows[0]])[0][0] == days[0]


# ── on site ──


def test_only_the_team_records_and_from_the_first_day(visit: SiteVisit, team: Any, at: Any, stranger: Any) -> None:
    tomorrow, early, at = clock.today(at) + timedelta(days=1), at, at + timedelta(days=1)
    visiting.move(visit, tomorrow, "东厂区", "改在次日", by=walk.secretary_of(), at=early)
    assert "当日起才能记录" in refusal(fill, visit, team[1], early, log___I=[line(what="战略地图")])
    assert fill(visit, team[1], early, note___I="来前想到的").marks, "one's own notes may come before"
    for person in (walk.secretary_of(), stranger):
        assert refusal(fill, visit, person, note___I="不该写")
    assert "秘书处" in refusal(fill, visit, team[1], asked="组员不改日程")
    assert "组长" in refusal(fill, visit, team[1], closing="组员不写反馈")
    assert "没有这一栏" in refusal(fill, visit, team[1], **{"note__9.9": "x"})
    assert "没有这一栏" in refusal(fill, visit, team[1], at, point__999999__result="verified")
    point = visit.points.get()
    name = f"point__{point.pk}"
    assert "三种之一" in refusal(fill, visit, team[1], at, **{f"{name}__result": "maybe"})
    fill(visit, team[1], at, **{f"{name}__result": "partly", f"{name}__finding": "2026年缺第四季度记录"})
    point.refresh_from_db()
    assert (point.result, point.checked_by, point.checked_at) == ("partly", team[1], at)
    added = visiting.add_point(visit, "", "核对获奖证书", by=team[2], at=at)
    assert (added.carried, added.item) == (False, "")
    assert "没有条款" in refusal(visiting.add_point, visit, "9.9", "x", by=team[2], at=at)


def test_the_log_keeps_its_lines_and_whose_they_are(visit: SiteVisit, team: Any, at: Any) -> None:
    first = line(what="战略评审记录", when="2027-03-30T09:30")
    fill(visit, team[1], log___I=[first, line(kind="interview", whom="战略部部长")])
    fill(visit, team[2], log___I=[line(what="顾客满意度调查")])
    one = VisitEntry.objects.get(what="战略评审记录")
    assert one.happened_at.astimezone(clock.SHANGHAI).hour == 9
    fill(visit, team[1], log___I=[first | {"note": "三年齐全"}])
    assert VisitEntry.objects.filter(recorded_by=team[1]).count() == 1
    one.refresh_from_db()
    assert (one.note, one.history.count()) == ("三年齐全", 2)
    fill(visit, team[1], log___I=[first | {"note": "三年齐全"}])
    assert one.history.count() == 2, "what did not change is not written again"
    assert "时间格式" in refusal(fill, visit, team[1], log___I=[first | {"when": "昨天"}])
    assert "过长" in refusal(fill, visit, team[1], log___I=[first | {"what": "长" * 201}])


def test_two_who_write_at_once_lose_nothing(visit: SiteVisit, team: Any, at: Any) -> None:
    point = visit.points.get()
    name = f"point__{point.pk}__finding"
    fill(visit, team[1], **{name: ("三年记录齐全", "")})
    saved = fill(visit, team[2], **{name: ("缺一个季度", "")})
    point.refresh_from_db()
    assert (point.finding, list(saved.clashes.values())) == ("三年记录齐全", ["三年记录齐全"])
    row = VisitUnmerged.objects.get()
    assert (row.value, row.typed_by) == ("缺一个季度", team[2])
    url = reverse("review:settle_visit", args=[visit.pk, row.pk])
    assert client_of(team[1]).post(url, {"use": "kept"}).status_code == 404, "each chooses for himself"
    assert "缺一个季度" in page(team[2], "visit_part", visit.pk, ITEM)
    assert (
        client_of(team[2]).post(url, {"use": "kept", "seen": saved.marks[name.replace("__", ".")]}).status_code == 302
    )
    point.refresh_from_db()
    assert (point.finding, point.checked_by) == ("缺一个季度", team[2])


def test_the_page_saves_as_it_is_typed_and_as_a_plain_form(visit: SiteVisit, team: Any, said: Any) -> None:
    client, save = client_of(team[1]), reverse("review:save_visit", args=[visit.pk])
    send = lambda changes, who=client: who.post(  # noqa: E731
        save, json.dumps({"changes": changes}), content_type="application/json"
    )
    answer = send([{"name": f"note.{ITEM}", "value": "看了战略地图", "seen": ""}])
    assert (answer.status_code, VisitNote.objects.get().text) == (200, "看了战略地图")
    clash = send([{"name": f"note.{ITEM}", "value": "另一页写的", "seen": ""}]).json()["clashes"][f"note.{ITEM}"]
    assert (clash["value"], clash["url"]) == ("看了战略地图", reverse("review:visit_part", args=[visit.pk, ITEM]))
    assert send([{"name": "closing", "value": "x"}]).status_code == 409
    assert client.post(save, "{", content_type="application/json").status_code == 400
    url = reverse("review:visit_part", args=[visit.pk, "all"])
    sent = {
        "seen.note.all": "",
        "note.all": "整体印象",
        "seen.log.all": "",
        "log.all.0.what": "质量月活动",
        "log.all.0.kind": "tour",
    }
    assert client.post(url, sent).status_code == 302
    assert VisitEntry.objects.get().what == "质量月活动"
    stale = client.post(url, sent | {"note.all": "另一页写的"})
    assert stale.status_code == 409
    assert "另一页写的" in said(stale)
    assert client.get(reverse("review:visit_part", args=[visit.pk, "4.9.9"])).status_code == 404
    assert "材料评审合议： 60%" in said(client.get(reverse("review:visit_part", args=[visit.pk, ITEM])))


def test_photos_are_pinned_looked_into_and_set_aside(
    visit: SiteVisit, team: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("review:visit_photos", args=[visit.pk, ITEM])
    client = client_of(team[1])
    send = lambda upload, who=client: who.post(  # noqa: E731
        url, {"upload": upload, "caption": "战略地图"}, headers={"X-Requested-With": "XMLHttpRequest"}
    )
    picture = lambda name="墙.jpg": SimpleUploadedFile(name, JPEG, "image/jpeg")  # noqa: E731
    assert send(picture()).json()["ok"] is True
    assert send(picture()).json()["ok"] is True, "sent twice after a broken line, it is one"
    photo = VisitPhoto.objects.get()
    assert (photo.item, photo.caption, photo.taken_by) == (ITEM, "战略地图", team[1])
    refused = send(SimpleUploadedFile("x.pdf", b"%PDF-1.4", "application/pdf"))
    assert (refused.status_code, "JPG或PNG" in refused.json()["text"]) == (409, True)
    assert send(picture("秘.jpg"), client_of(walk.secretary_of())).status_code == 409
    assert client.post(url, {"upload": [picture("一.jpg")]}).status_code == 302
    shown = client.get(reverse("review:visit_photo", args=[visit.pk, photo.pk]))
    assert (b"".join(shown.streaming_content), shown["Content-Disposition"][:6]) == (JPEG, "inline")
    before = AuditEvent.objects.count()
    b"".join(
        client_of(walk.secretary_of()).get(reverse("review:visit_photo", args=[visit.pk, photo.pk])).streaming_content
    )
    assert AuditEvent.objects.count() == before + 1, "who is not of the team is on record"
    page(walk.secretary_of(), "visit_part", visit.pk, ITEM)
    page(team[1], "visit_part", visit.pk, ITEM)
    assert AuditEvent.objects.count() == before + 2
    small = b"".join(client.get(reverse("review:visit_photo", args=[visit.pk, photo.pk]) + "?small").streaming_content)
    assert (small[:2], small != JPEG) == (b"\xff\xd8", True)
    monkeypatch.setattr(scanning, "configured", lambda: True)
    assert client.get(reverse("review:visit_photo", args=[visit.pk, photo.pk])).status_code == 409, (
        "not before the scan"
    )
    assert "自己" in refusal(visiting.remove_photo, photo, "拍错", by=team[2], at=at)
    visiting.remove_photo(photo, "拍错", by=team[1], at=at)
    assert client.get(reverse("review:visit_photo", args=[visit.pk, photo.pk])).status_code == 404
    held("visit_photo_delete", "DELETE FROM review_visitphoto")
    held("visit_photo_picture", "UPDATE review_visitphoto SET taken_by_id = %s", team[2].pk)


# ── the end ──


@pytest.mark.article(17)
def test_the_visit_is_closed_and_signed_before_the_stage_is_concluded(
    visit: SiteVisit, team: Any, at: Any, travel: Any
) -> None:
    review, lead = walk.in_consensus(visit.review), team[0]
    agreed = dict.fromkeys(walk.marks(review.assignment.application.cycle), (60, ""))
    changed = agreed | {ITEM: (65, "")}
    assert "现场看到了什么" in refusal(consensus.record_consensus, review, changed, by=lead, at=at)
    consensus.record_consensus(review, agreed | {ITEM: (65, "战略评审记录齐全")}, by=lead, at=at)
    walk.merged(review)
    conclude = lambda: refusal(consensus.conclude, review, by=lead, at=at)  # noqa: E731
    assert "末次会议还没有结束" in conclude()
    close = lambda by=lead: refusal(visiting.close_visit, visit, by=by, at=at)  # noqa: E731
    assert "组长" in close(team[1])
    assert "还有1项没有核实情况" in close()
    point = visit.points.get()
    fill(visit, lead, **{f"point__{point.pk}__result": "not"})
    assert "没有写明情况" in close()
    fill(visit, lead, **{f"point__{point.pk}__finding": "记录已归档，现场未调出"})
    assert "反馈意见" in close()
    held(
        "visit_closes",
        "UPDATE review_sitevisit SET state = 'closed', closing = 'x', closings = 7, closed_at = %s, sha256 = 'x'",
        at,
    )
    fill(visit, lead, closing="优势突出。", note___I="组长笔记", log___I=[line(what="战略地图")])
    visiting.close_visit(visit, by=lead, at=at)
    assert (visit.closings, len(visit.sha256)) == (1, 64)
    assert "已经结束" in refusal(fill, visit, team[1], note___I="太晚")
    assert f"还缺{team[0].name}、{team[1].name}、{team[2].name}的签名" in conclude()
    assert "签名须与您的姓名一致" in refusal(visiting.sign_visit, visit, "别人", by=lead, at=at)
    signed = [visiting.sign_visit(visit, user.name, by=user, at=at) for user in team[:2]]
    assert signed[0].sha256 == visit.sha256
    assert f"还缺{team[2].name}的签名" in conclude()
    visiting.reopen_visit(visit, "补记一项", by=lead, at=at)
    fill(visit, lead, closing="优势突出，数据可以更细。")
    visiting.close_visit(visit, by=lead, at=at)
    assert visit.sha256 != signed[0].sha256, "what they sign is another record"
    assert f"还缺{team[0].name}、" in conclude(), "signatures of an earlier closing count no more"
    for user in team:
        visiting.sign_visit(visit, user.name, by=user, at=at)
    assert "已经签名" in refusal(visiting.sign_visit, visit, lead.name, by=lead, at=at)
    _raw_sql_before_the_end(visit, review, team)
    consensus.conclude(review, "良好", by=lead, at=at)
    assert "已经完成" in refusal(visiting.reopen_visit, visit, "再改", by=lead, at=at)
    held("visit_concluded", "UPDATE review_sitevisit SET state = 'running'")
    held("visit_note_update", "UPDATE review_visitnote SET text = '改'")
    html = page(team[1], "visit", visit.pk)
    assert "战略评审记录齐全" in html
    assert "+5" in html


def _raw_sql_before_the_end(visit: SiteVisit, review: Any, team: Any) -> None:
    """The visit is closed and signed, the stage in consensus: what the database alone refuses."""
    point, note = VisitPoint.objects.get(), VisitNote.objects.get()
    held("visit_kept", "UPDATE review_sitevisit SET closing = '改写'")
    held("visit_arrows", "UPDATE review_sitevisit SET state = 'gone', ends_on = ends_on")
    held("visit_review", "UPDATE review_sitevisit SET review_id = %s", walk.desk_of(review.assignment).pk)
    held("visit_no_delete", "DELETE FROM review_sitevisit")
    for table, columns in (
        (
            "visitpoint",
            "visit_id, item, text, carried, added_by_id, added_at, result, finding, checked_by_id, checked_at",
        ),
        ("visitentry", "visit_id, item, position, kind, what, whom, happened_at, note, recorded_by_id, recorded_at"),
    ):
        name = f"visit_{table.removeprefix('visit')}_insert"
        held(name, f"INSERT INTO review_{table} ({columns}) SELECT {columns} FROM review_{table}")  # noqa: S608
    held("visit_point_update", "UPDATE review_visitpoint SET finding = '改写' WHERE id = %s", point.pk)
    held("visit_point_delete", "DELETE FROM review_visitpoint WHERE id = %s", point.pk)
    held("visit_entry_delete", "DELETE FROM review_visitentry WHERE what = '战略地图'")
    held("visit_entry_update", "UPDATE review_visitentry SET note = '改写'")
    held("visit_note_delete", "DELETE FROM review_visitnote WHERE id = %s", note.pk)
    held(
        "visit_note_insert",
        "INSERT INTO review_visitnote (visit_id, item, text, written_by_id, saved_at) "
        "SELECT visit_id, '4.1.3', text, %s, saved_at FROM review_visitnote",
        team[1].pk,
    )
    held("visit_signature_no_update", "UPDATE review_visitsignature SET signed_name = '别人'")
    held("visit_signature_no_delete", "DELETE FROM review_visitsignature")
    last = VisitSignature.objects.order_by("pk").last()
    held(
        "visit_signable",
        "INSERT INTO review_visitsignature (visit_id, seat_id, sha256, signed_name, signed_at, closing) "
        "SELECT visit_id, seat_id, sha256, signed_name, signed_at, 9 FROM review_visitsignature WHERE id = %s",
        last.pk,
    )


@pytest.mark.article(17)
def test_the_database_concludes_no_site_stage_unsigned_or_unexplained(visit: SiteVisit, team: Any, at: Any) -> None:
    review, lead = walk.in_consensus(visit.review, 65), team[0]
    conclude = "UPDATE review_stagereview SET state = 'concluded' WHERE id = %s"
    agreed = dict.fromkeys(walk.marks(review.assignment.application.cycle), (65, "现场证实"))
    consensus.record_consensus(review, agreed, by=lead, at=at)
    walk.merged(review)
    held("site_signed", conclude, review.pk)
    walk.visit_signed(review)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE review_consensus SET reason = '' WHERE review_id = %s AND item = %s", [review.pk, ITEM])
    held("site_explained", conclude, review.pk)
    held("visit_of_site", "INSERT INTO review_sitevisit (review_id, state, ends_on, agenda, asked, closing, closings, sha256) "
         "SELECT id, 'running', '2027-03-30', '[]', '', '', 0, '' FROM review_stagereview WHERE stage = 'desk'")  # fmt: skip


def test_what_was_to_be_verified_and_whose_lines_are_stays(visit: SiteVisit, team: Any, at: Any) -> None:
    fill(visit, team[1], note___I="我的", log___I=[line(what="战略地图")])
    held("visit_point_text", "UPDATE review_visitpoint SET text = '改写'")
    held("visit_entry_owner", "UPDATE review_visitentry SET recorded_by_id = %s", team[2].pk)
    held("visit_note_owner", "UPDATE review_visitnote SET written_by_id = %s", team[2].pk)


# ── who reads what ──


@pytest.mark.article(9)
def test_who_opens_the_visit(visit: SiteVisit, team: Any, at: Any, stranger: Any, auditor: Any) -> None:
    panels.declare(visit.review.assignment.application, True, "亲属任职", by=team[2], at=at)
    member, outsider = hire("评委", Role.MEMBER, by=None, at=at), walk.reviewer().user
    unsworn = hire("新来的", Role.SECRETARIAT, by=None, at=at)
    own = visit.review.assignment.application.applicant.memberships.first().user
    codes = {stranger: 404, member: 404, outsider: 404, team[2]: 404, own: 404, unsworn: 403, team[0]: 200, team[1]: 200,
             walk.secretary_of(): 200, auditor: 200}  # fmt: skip
    for name, args in [("visit", ()), ("visit_part", (ITEM,)), ("visit_part", ("plan",)), ("visit_photos", (ITEM,))]:
        found = {
            user: client_of(user).get(reverse(f"review:{name}", args=[visit.pk, *args])).status_code for user in codes
        }
        assert found == codes, name
    verbs = {"move_visit": walk.secretary_of(), "set_companion": walk.secretary_of(), "add_visit_point": team[1]}
    for name, who in verbs.items():
        for user, most in codes.items():
            code = client_of(user).get(reverse(f"review:{name}", args=[visit.pk])).status_code
            wanted = 200 if user == who or (name == "add_visit_point" and user == team[0]) else max(most, 403)
            assert code == wanted, (name, user)


@pytest.mark.article(17)
def test_before_the_own_lock_a_reviewer_learns_nothing_of_others_scores_and_notes(
    visit: SiteVisit, team: Any, at: Any
) -> None:
    """Two worlds that differ only in hidden scores and in others' notes: every page of the visit is the same."""
    walk.scored(visit.review, team[0], locked=False)
    urls = [
        ("visit", ()),
        ("visit_part", (ITEM,)),
        ("visit_part", ("all",)),
        ("visit_part", ("closing",)),
        ("close_visit", ()),
    ]
    world = lambda: [page(team[0], name, visit.pk, *args) for name, args in urls]  # noqa: E731
    before = world()
    walk.scored(visit.review, team[1], 20)
    walk.scored(visit.review, team[2], 95)
    fill(visit, team[1], note___I="我给20%")
    assert world() == before
    assert "我给20%" in page(team[1], "visit_part", visit.pk, ITEM)
    assert "我给20%" in page(team[2], "visit_part", visit.pk, ITEM), "who has locked reads them"
    assert "我给20%" not in page(walk.secretary_of(), "visit_part", visit.pk, ITEM)


def test_the_unit_reads_when_where_and_what_it_is_asked_for_and_nothing_else(
    visit: SiteVisit, team: Any, at: Any, said: Any
) -> None:
    fill(visit, team[0], note___I="笔记不外传", closing="反馈先写好", log___I=[line(what="内部看法")])
    application = visit.review.assignment.application
    own = application.applicant.memberships.first().user
    words = said(client_of(own).get(application.get_absolute_url()))
    for told in ("东厂区", "首次会议", "末次会议", "不安排宴请"):
        assert told in words
    for hidden in (
        "核对近三年战略评审记录",
        "笔记不外传",
        "反馈先写好",
        "内部看法",
        "60%",
        *(user.name for user in team),
    ):
        assert hidden not in words
    assert "首次会议" not in said(client_of(team[1]).get(application.get_absolute_url())), "the team has its own page"


def test_desks_call_the_team_to_the_visit_and_to_sign(visit: SiteVisit, team: Any, at: Any) -> None:
    titles = lambda user, when=at: [item.title for item in desk.awaiting(user, when) if "现场" in item.title]  # noqa: E731
    unit = visit.review.assignment.application.applicant.name
    assert titles(team[1]) == [f"{unit}：现场记录"]
    visiting.set_companion(visit, walk.secretary_of(), by=walk.secretary_of(), at=at)
    assert f"陪同现场：{unit}" in titles(walk.secretary_of())
    walk.scored(visit.review, team[0])
    point = visit.points.get()
    fill(visit, team[0], closing="好", **{f"point__{point.pk}__result": "verified"})
    visiting.close_visit(visit, by=team[0], at=at)
    visiting.sign_visit(visit, team[1].name, by=team[1], at=at)
    assert (titles(team[1]), titles(team[2])) == ([], [f"{unit}：签署现场记录"])


def test_the_pages_take_the_same_queries_whatever_they_hold(visit: SiteVisit, team: Any, at: Any) -> None:
    def counted(user: Any, name: str, *args: Any) -> int:
        client = client_of(user)
        client.get(reverse(f"review:{name}", args=[*args]))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(f"review:{name}", args=[*args])).status_code == 200
        return len(queries)

    def saving(text: str) -> int:
        client, url = client_of(team[1]), reverse("review:save_visit", args=[visit.pk])
        body = json.dumps({"changes": [{"name": f"note.{ITEM}", "value": text}]})
        with CaptureQueriesContext(connection) as queries:
            assert client.post(url, body, content_type="application/json").status_code == 200
        return len(queries)

    def count() -> list[int]:
        return [
            counted(team[1], "visit", visit.pk), counted(team[1], "visit_part", visit.pk, ITEM),
            counted(walk.secretary_of(), "admission", visit.review.assignment.application.cycle_id),
        ]  # fmt: skip

    fill(visit, team[1], note___I="一", log___I=[line(what="一")])
    fill(visit, team[2], log___I=[line(what="一")])
    visiting.add_point(visit, ITEM, "一", by=team[1], at=at)
    before, saved = count(), saving("二")
    for number in range(3):
        visiting.add_point(visit, ITEM, f"再{number}", by=team[2], at=at)
    fill(visit, team[1], log___I=[line(what="一"), line(what="二"), line(what="三")])
    fill(visit, team[2], log___I=[line(what="一"), line(what="二")])
    assert (count(), saving("三")) == (before, saved)


def test_the_mails_of_a_visit_go_out(visit: SiteVisit, at: Any) -> None:
    waiting = OutboxMessage.objects.filter(key__contains=f"visit:{visit.pk}:").count()
    assert waiting
    assert outbox.deliver() >= waiting
