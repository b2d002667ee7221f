"""批评、警告、取消评审资格 (第二十六条)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from applications.models import Application
from award_portal import clock, desk, people, periods, roles
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused
from review import consensus, discipline, panels, totals, voidings
from review.models import Assignment, Complaint, Discipline, Panel, ScoreSheet
from review.standards import rubric_of
from tests import factories_review as walk
from tests.conftest import hire
from tests.review.test_guards import held, run
from tests.review.test_panels import refusal
from tests.review.test_pool import PIXEL

pytestmark = [pytest.mark.django_db, pytest.mark.article(26)]


def sanction(reviewer: Any, kind: str, by: Any = None, **changes: Any) -> Discipline:
    words = {"ground": "泄露评分情况", "decision": "秘书处会议纪要〔2027〕3号", **changes}
    return discipline.sanction(
        reviewer, kind, words["ground"], words["decision"], by=by or walk.secretary_of(), at=walk.AFTER
    )


@pytest.mark.parametrize("kind", ["criticism", "warning"])
def test_criticism_and_warning_are_recorded_and_change_nothing(db: None, kind: str, at: Any) -> None:
    reviewer = walk.reviewer()
    sanction(reviewer, kind)
    reviewer.refresh_from_db()
    assert (reviewer.state, reviewer.discipline.get().sanction) == ("active", kind)
    assert roles.holds(reviewer.user, Role.REVIEWER, at)


def test_a_disqualified_reviewer_loses_everything_at_once(cycle: Any, unit: Any, at: Any, travel: Any) -> None:
    travel(at)
    assignment = walk.assigned(unit())
    review = walk.desk_of(assignment)
    walk.all_scored(review)
    lead, second, _ = walk.people_of(assignment.panel)
    sanction(second.reviewer, "disqualification")
    assert not roles.holds(second, Role.REVIEWER, at)
    assert not Application.objects.visible_to(second).exists()
    assert not Assignment.objects.visible_to(second).exists()
    assert not Panel.objects.visible_to(second).exists()
    assert not ScoreSheet.objects.visible_to(second).exists()
    assert ScoreSheet.objects.get(seat__reviewer__user=second).state == "void"
    assert "请秘书处补齐" in refusal(consensus.open_consensus, review, by=lead, at=at)
    assert "取消评审资格" in panels.objection(second.reviewer, cycle, at)
    assert "取消评审资格" in refusal(people.grant, second, Role.REVIEWER, by=walk.secretary_of(), at=at)
    assert "已经取消" in refusal(sanction, second.reviewer, "warning")


def test_a_sanction_has_ground_decision_and_another_decider(db: None, at: Any) -> None:
    reviewer = walk.reviewer()
    assert "事由" in refusal(sanction, reviewer, "warning", ground=" ")
    assert "决定" in refusal(sanction, reviewer, "warning", decision="")
    assert "请选择" in refusal(sanction, reviewer, "praise")
    with pytest.raises(Exception, match="秘书处"):
        sanction(reviewer, "warning", by=reviewer.user)
    assert not Discipline.objects.exists()


# ── a complaint, its reply, the finding and the decision ──

A_WEEK = timedelta(days=9)


def lodged(reviewer: Any, cycle: Any, **more: Any) -> Complaint:
    words = {"complainant_name": "某申报单位", "ground": "现场评审时收受礼品", **more}
    return discipline.lodge(reviewer, cycle, **words, by=walk.secretary_of(), at=walk.AFTER)


def examined(complaint: Complaint, by: Any, proposal: str = "warning") -> Complaint:
    discipline.reply(complaint, "礼品已当场退回。", by=complaint.reviewer.user, at=walk.AFTER)
    return discipline.examine(complaint, "经核实，礼品次日退回。", proposal, by=by, at=walk.AFTER)


def decided(complaint: Complaint, by: Any, outcome: str = "warning") -> Complaint:
    return discipline.decide(complaint, outcome, "秘书处会议纪要5号", "情节轻微", by=by, at=walk.AFTER)


def test_a_complaint_goes_from_reply_to_finding_to_a_decision_by_another(
    cycle: Any, at: Any, secretary: Any, second_secretary: Any, auditor: Any
) -> None:
    reviewer = walk.reviewer()
    complaint = lodged(reviewer, cycle)
    assert complaint.reply_due_at == periods.midnight(date(2027, 4, 7))  # no table of days off for 2027 yet: seven days
    assert "期限未满" in refusal(discipline.examine, complaint, "查明", "warning", by=secretary, at=at)
    assert "本人" in refusal(discipline.reply, complaint, "答复", by=second_secretary, at=at)
    assert "答复" in refusal(discipline.reply, complaint, " ", by=reviewer.user, at=at)
    assert "尚未查明" in refusal(decided, complaint, second_secretary)
    assert "尚未查明" in refusal(discipline.refer, complaint, "纪委", "函1号", "线索", by=secretary, at=at)
    examined(complaint, secretary)
    assert "已经答复" in refusal(discipline.reply, complaint, "再答", by=reviewer.user, at=at)
    assert "另一人" in refusal(decided, complaint, secretary)
    with pytest.raises(Refused, match="秘书处"):
        decided(complaint, auditor)
    assert "理由" in refusal(discipline.decide, complaint, "warning", "纪要", " ", by=second_secretary, at=at)
    assert "请选择" in refusal(discipline.decide, complaint, "praise", "纪要", "理由", by=second_secretary, at=at)
    decided(complaint, second_secretary)
    row = Discipline.objects.get()
    assert (row.sanction, row.complaint, row.decided_by) == ("warning", complaint, second_secretary)
    assert Complaint.objects.get().state == "sanctioned"
    assert "已经决定" in refusal(decided, complaint, second_secretary)
    discipline.refer(complaint, "区纪委监委", "函1号", "涉嫌收受礼品", by=secretary, at=at)
    letters = OutboxMessage.objects.filter(key__startswith="mail:complaint").values_list("payload", flat=True)
    assert len(letters) == 2
    assert "请在2027年4月6日 24:00前登录查看并答复" in letters[0]["body"]
    assert all("礼品" not in letter["body"] and "某申报单位" not in letter["body"] for letter in letters)


def test_the_time_for_a_reply_is_five_working_days_after_the_day_of_recording(db: None) -> None:
    def last_day(day: date) -> date:
        return clock.today(discipline.reply_due(periods.midnight(day)) - timedelta(seconds=1))

    assert last_day(date(2026, 3, 2)) == date(2026, 3, 9)  # Monday to Monday
    assert last_day(date(2026, 9, 28)) == date(2026, 10, 10)  # 国庆 in between, and a Saturday that is worked


def test_without_a_reply_the_finding_waits_for_the_end_of_the_time(cycle: Any, at: Any, secretary: Any) -> None:
    complaint = lodged(walk.reviewer(), cycle)
    due = complaint.reply_due_at
    just_before = due - timedelta(seconds=1)
    assert "期限未满" in refusal(discipline.examine, complaint, "查明", "dismissal", by=secretary, at=just_before)
    discipline.examine(complaint, "查无实据", "dismissal", by=secretary, at=due)
    assert "不再接受答复" in refusal(discipline.reply, complaint, "迟到", by=complaint.reviewer.user, at=due)


def test_a_late_reply_is_taken_until_the_finding_is_written(cycle: Any) -> None:
    complaint = lodged(walk.reviewer(), cycle)
    late = complaint.reply_due_at + A_WEEK
    discipline.reply(complaint, "出差在外，现答复。", by=complaint.reviewer.user, at=late)
    assert "已经答复" in refusal(discipline.reply, complaint, "又", by=complaint.reviewer.user, at=late)


def test_a_dismissed_complaint_sanctions_nobody(cycle: Any, secretary: Any, second_secretary: Any) -> None:
    complaint = examined(lodged(walk.reviewer(), cycle), secretary, "criticism")
    decided(complaint, second_secretary, "dismissal")
    assert Complaint.objects.get().state == "dismissed"
    assert not Discipline.objects.exists()


def test_who_complains_neither_finds_nor_decides(cycle: Any, at: Any, secretary: Any, second_secretary: Any) -> None:
    third = hire("第三人", Role.SECRETARIAT, by=None, at=at)
    reviewer = walk.reviewer()
    assert "没有使用该邮箱" in refusal(lodged, reviewer, cycle, complainant_email="nobody@test.example")
    assert "本人" in refusal(lodged, reviewer, cycle, complainant_email=reviewer.user.email)
    complaint = lodged(reviewer, cycle, complainant_email=second_secretary.email)
    discipline.reply(complaint, "没有此事。", by=reviewer.user, at=at)
    assert "投诉人不能" in refusal(discipline.examine, complaint, "查明", "warning", by=second_secretary, at=at)
    discipline.examine(complaint, "查明", "warning", by=secretary, at=at)
    assert "投诉人不能" in refusal(decided, complaint, second_secretary)
    titles = {item.title for item in desk.awaiting(second_secretary, at)}
    assert f"决定{complaint}" not in titles
    assert f"决定{complaint}" in {item.title for item in desk.awaiting(third, at)}
    decided(complaint, third)
    assert "投诉人不能" in refusal(
        voidings.void_scores, Discipline.objects.get(), cycle, "纪要", "理由", by=second_secretary, at=at
    )


def test_a_decision_to_disqualify_takes_effect_at_once(
    cycle: Any, at: Any, secretary: Any, second_secretary: Any
) -> None:
    reviewer = walk.reviewer()
    first, second = lodged(reviewer, cycle), lodged(reviewer, cycle, ground="迟到早退")
    decided(examined(first, secretary, "disqualification"), second_secretary, "disqualification")
    reviewer.refresh_from_db()
    assert (reviewer.state, roles.holds(reviewer.user, Role.REVIEWER, at)) == ("disqualified", False)
    examined(second, secretary)  # he still answers what is open
    assert "已经取消" in refusal(decided, second, second_secretary, "disqualification")
    decided(second, second_secretary, "criticism")
    assert reviewer.discipline.count() == 2


def test_the_database_keeps_complaints_as_they_were_written(cycle: Any, secretary: Any, second_secretary: Any) -> None:
    reviewer = walk.reviewer()
    row = lodged(reviewer, cycle)
    update = "UPDATE review_complaint SET {} WHERE id = %s"
    held("complaint_facts", update.format("ground = 'x'"), row.pk)
    held("complaint_no_delete", "DELETE FROM review_complaint WHERE id = %s", row.pk)
    with pytest.raises(IntegrityError):
        run(update.format("state = 'examined'"), row.pk)  # no finding
    examined(row, secretary)
    held("complaint_reply", update.format("reply = 'x'"), row.pk)
    held("complaint_finding", update.format("finding = 'x'"), row.pk)
    held("complaint_arrows", update.format("state = 'replied'"), row.pk)
    himself = update.format("decided_by_id = %s")
    held("complaint_not_himself", himself, reviewer.user.pk, row.pk)
    with pytest.raises(IntegrityError):
        run(himself, secretary.pk, row.pk)  # who found
    insert = (
        "INSERT INTO review_discipline (reviewer_id, sanction, ground, decision, complaint_id, decided_by_id, decided_at) "
        "VALUES (%s, 'warning', 'x', 'x', %s, %s, '2027-03-30 01:00:00')"
    )
    held("discipline_of_its_complaint", insert, reviewer.pk, row.pk, second_secretary.pk)
    held("discipline_not_himself", insert, reviewer.pk, None, reviewer.user.pk)
    decided(row, second_secretary)
    held("complaint_decision", update.format("decision = 'x'"), row.pk)
    note = discipline.refer(row, "纪委", "函", "线索", by=secretary, at=walk.AFTER)
    held("referral_no_update", "UPDATE review_referral SET note = 'x' WHERE id = %s", note.pk)
    held("referral_no_delete", "DELETE FROM review_referral WHERE id = %s", note.pk)


# ── scores ──


def test_scores_become_void_and_the_ranking_follows_only_where_nothing_is_concluded(
    cycle: Any, unit: Any, at: Any, travel: Any
) -> None:
    travel(at)
    panel, by = walk.panel_for(cycle), walk.secretary_of()
    done, going = walk.assigned(unit(), panel), walk.assigned(unit(), panel)
    walk.concluded(walk.desk_of(done))
    walk.in_consensus(walk.desk_of(going))
    person = walk.people_of(panel)[1]
    before = totals.desk(cycle, rubric_of(cycle))
    row = sanction(person.reviewer, "warning")
    assert "理由" in refusal(voidings.void_scores, row, cycle, "纪要", " ", by=by, at=at)
    made = voidings.void_scores(row, cycle, "会议纪要7号", "收受礼品", by=by, at=at)
    states = {one.sheet.review.assignment_id: (one.state, one.sheet.state) for one in made}
    assert states == {done.pk: ("referred", "locked"), going.pk: ("voided", "void")}
    assert walk.desk_of(going).state == "open"  # those who stay agree afresh, with whoever comes in
    assert person.reviewer.seats.get().ended_at is not None
    assert totals.desk(cycle, rubric_of(cycle)) == before  # a concluded stage is not touched
    assert "没有需要处理" in refusal(voidings.void_scores, row, cycle, "纪要", "理由", by=by, at=at)

    left = next(one for one in made if one.state == "referred")
    title = f"提请评委会决定{person}在{done.application.applicant.name}的评分如何处理"
    assert title in {item.title for item in desk.awaiting(by, at)}
    held("score_voiding_facts", "UPDATE review_scorevoiding SET reason = 'x' WHERE id = %s", left.pk)
    held("score_voiding_no_delete", "DELETE FROM review_scorevoiding WHERE id = %s", left.pk)
    held("score_voiding_arrows", "UPDATE review_scorevoiding SET state = 'voided' WHERE id = %s", left.pk)
    other = ScoreSheet.objects.filter(state="locked", voiding=None).exclude(seat=left.sheet.seat).first()
    insert = (
        "INSERT INTO review_scorevoiding (discipline_id, sheet_id, state, decision, reason, decided_by_id, decided_at, "
        "resolution, resolution_document) VALUES (%s, %s, 'voided', 'x', 'x', %s, '2027-03-30 01:00:00', '', '')"
    )
    held("score_voiding_fits_the_sheet", insert, row.pk, other.pk, by.pk)
    assert "评委会" in refusal(voidings.settle, left, " ", "纪要", by=by, at=at)
    voidings.settle(left, "维持合议得分", "评委会纪要2号", by=by, at=at)
    assert title not in {item.title for item in desk.awaiting(by, at)}
    held("score_voiding_settled", "UPDATE review_scorevoiding SET resolution = 'x' WHERE id = %s", left.pk)
    assert "评委会已决定" in refusal(voidings.settle, left, "再", "纪要", by=by, at=at)


# ── pages ──


def test_the_person_reads_the_ground_and_the_decision_but_not_who_complained(
    cycle: Any, at: Any, travel: Any, said: Any, secretary: Any, second_secretary: Any, auditor: Any, stranger: Any
) -> None:
    travel(at)
    reviewer, other = walk.reviewer(), walk.reviewer()
    office, second = Client(), Client()
    office.force_login(secretary)
    second.force_login(second_secretary)
    proof = SimpleUploadedFile("投诉信.png", PIXEL, content_type="image/png")
    typed = {"cycle": cycle.pk, "complainant_name": "某申报单位", "ground": "收受礼品", "file": proof}
    assert office.post(reverse("review:lodge_complaint", args=[reviewer.pk]), typed).status_code == 302
    row = Complaint.objects.get()
    url = row.get_absolute_url()
    for user, code in ((stranger, 404), (other.user, 404), (auditor, 200)):
        client = Client()
        client.force_login(user)
        assert client.get(url).status_code == code
    own = Client()
    own.force_login(reviewer.user)
    page = said(own.get(url))
    assert "收受礼品" in page
    assert "投诉信" not in page
    assert "某申报单位" not in page
    for words in ("某申报单位", "投诉信.png", "查明情况"):
        assert words in said(office.get(url))
    proof_page = reverse("review:complaint_file", args=[row.pk, row.file_id])
    assert own.get(proof_page).status_code == 404
    assert "答复关于您的投诉" in {item.title for item in desk.awaiting(reviewer.user, at)}
    answer = {"text": "礼品已退回。", "file": SimpleUploadedFile("凭证.png", PIXEL, content_type="image/png")}
    assert own.post(reverse("review:reply_complaint", args=[row.pk]), answer).status_code == 302
    found = {"finding": "情况属实。", "proposal": "warning"}
    assert office.post(reverse("review:examine_complaint", args=[row.pk]), found).status_code == 302
    assert "情况属实" not in said(own.get(url))  # until it is decided
    outcome = {"outcome": "disqualification", "decision": "纪要", "decision_reason": "情节严重"}
    assert office.post(reverse("review:decide_complaint", args=[row.pk]), outcome).status_code == 403
    assert second.post(reverse("review:decide_complaint", args=[row.pk]), outcome).status_code == 302
    page = said(own.get(url))  # he learns of it, though his role is gone
    for words in ("情况属实", "情节严重", "取消评审资格"):
        assert words in page
    assert own.get(reverse("review:record")).status_code == 403
    for words in ("收受礼品", "取消评审资格", "决定评分作废"):
        assert words in said(office.get(reviewer.get_absolute_url()))
    assert "取消评审资格" in said(office.get(reverse("review:complaints")))
