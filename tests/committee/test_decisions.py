"""第十九条: what goes to the government and what its clerk records."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications import intake, screening
from applications.models import AwardCycle
from award_portal import files
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import decisions, notices, objections
from committee.forms import RecordForm
from committee.models import GovernmentDecision, Nomination
from tests import factories_committee as walk
from tests.conftest import hire
from tests.factories_applications import pdf
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db, pytest.mark.article(19)]
DAY = timedelta(days=1)


def states(cycle: AwardCycle) -> list[str]:
    return list(Nomination.objects.filter(shortlist__cycle=cycle).order_by("rank").values_list("state", flat=True))


def record(cycle: AwardCycle, *, number: str = "瀍政〔2027〕8号", meeting: date = date(2027, 4, 27), issued: date = date(2027, 4, 28),
           approved: list[Nomination] | None = None, at: str = "2027-04-28T10:00:00+08:00") -> GovernmentDecision:  # fmt: skip
    moment = datetime.fromisoformat(at)
    listed = decisions.submitted(cycle) if approved is None else approved
    return decisions.record(cycle, document_number=number, meeting_on=meeting, document_on=issued, approved=listed,
                            by=walk.clerk_of(moment), at=moment)  # fmt: skip


def test_the_whole_stage_runs_from_the_ranking_to_the_decision(cycle: AwardCycle) -> None:
    decision = walk.decided(cycle)
    assert (decision.document_number, decision.document_on) == ("瀍政〔2027〕8号", date(2027, 4, 28))
    assert states(cycle) == ["approved"] * 3


def test_approved_units_come_from_the_submitted_and_the_rest_is_rejected(cycle: AwardCycle) -> None:
    walk.submitted(cycle)
    record(cycle, approved=decisions.submitted(cycle)[:1])
    assert states(cycle) == ["approved", "rejected", "rejected"]


def test_the_standing_meeting_may_approve_nobody(cycle: AwardCycle) -> None:
    walk.submitted(cycle)
    record(cycle, approved=[])
    assert states(cycle) == ["rejected"] * 3


def test_only_cleared_units_are_submitted_and_a_held_one_holds_no_other(cycle: AwardCycle) -> None:
    notice = walk.published(cycle)
    objection = walk.objected(notice)
    with pytest.raises(Refused, match="尚未期满"):
        decisions.submit_list(cycle, by=secretary_of(), at=notice.closes_at - DAY)
    notices.close(notice, by=None, at=notice.closes_at)
    walk.recheck(cycle, "government", notice.closes_at)
    decisions.submit_list(cycle, by=secretary_of(), at=notice.closes_at)
    assert states(cycle) == ["held", "submitted", "submitted"]
    with pytest.raises(Refused, match="没有公示期满且无异议"):
        decisions.submit_list(cycle, by=secretary_of(), at=notice.closes_at)
    objections.accept_objection(objection, by=secretary_of(), at=notice.closes_at)
    objections.dismiss(objection, "不成立", by=secretary_of(), at=notice.closes_at)
    decisions.submit_list(cycle, by=secretary_of(), at=notice.closes_at)
    assert states(cycle) == ["submitted"] * 3


def test_what_was_not_submitted_is_not_approved(cycle: AwardCycle) -> None:
    notice = walk.published(cycle)
    held = walk.objected(notice).nomination
    walk.submitted(cycle)
    with pytest.raises(Refused, match="只能在已提请的单位中批准"):
        record(cycle, approved=[held, *decisions.submitted(cycle)])
    assert not GovernmentDecision.objects.exists()


@pytest.mark.article(3)
def test_a_unit_that_has_left_is_neither_submitted_nor_approved(cycle: AwardCycle) -> None:
    notice = walk.cleared(cycle)
    first, second = Nomination.objects.order_by("rank")[:2]
    screening.disqualify(first.application, by=secretary_of(), at=notice.closes_at, reason="材料不实")
    walk.recheck(cycle, "government", notice.closes_at)
    decisions.submit_list(cycle, by=secretary_of(), at=notice.closes_at)
    assert states(cycle) == ["cleared", "submitted", "submitted"]
    screening.disqualify(second.application, by=secretary_of(), at=notice.closes_at, reason="材料不实")
    with pytest.raises(Refused, match="不能批准"):
        record(cycle)
    record(cycle, approved=decisions.submitted(cycle)[1:])
    assert states(cycle) == ["cleared", "rejected", "approved"]


@pytest.mark.article(3)
def test_it_is_too_late_to_withdraw_once_the_government_has_decided(cycle: AwardCycle) -> None:
    application = cycle.applications.order_by("pk").first()
    owner = application.applicant.memberships.get().user
    decision = walk.decided(cycle)
    with pytest.raises(Refused, match="已作出表彰决定"):
        intake.withdraw(application, by=owner, at=decision.recorded_at, reason="不参加了")


@pytest.mark.parametrize("typed", [
    "瀍政〔2027〕8号", "瀍政[2027]8号", "瀍政(2027)8号", "瀍政（2027）8号", "瀍政【2027】8号", " 瀍政 〔２０２７〕 ８ 号 ", "瀍政[2027]8",
])  # fmt: skip
def test_brackets_of_any_kind_become_the_printed_number(typed: str) -> None:
    assert decisions.normal_number(typed, "瀍政") == ("瀍政〔2027〕8号", 2027)


@pytest.mark.parametrize("typed", [
    "", "8号", "瀍政2027年8号", "瀍政〔27〕8号", "瀍政〔2027〕0号", "瀍政〔2027〕08号", "洛政〔2027〕8号", "瀍政办〔2027〕8号", "瀍政〔2027〕8号的通知", "\x00",
])  # fmt: skip
def test_what_is_no_number_of_the_government_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        decisions.normal_number(typed, "瀍政")
    assert refusal.value.field == "document_number"


@pytest.mark.parametrize(("meeting", "issued", "field"), [
    (date(2027, 4, 25), date(2027, 4, 28), "meeting_on"),  # the last day of publicity: it ends at 24:00
    (date(2027, 4, 27), date(2027, 4, 26), "document_on"),
    (date(2027, 4, 27), date(2027, 4, 29), "document_on"),  # tomorrow
    (date(2027, 4, 26), date(2027, 4, 26), ""),
    (date(2027, 4, 27), date(2027, 4, 28), ""),
])  # fmt: skip
def test_dates_stand_in_order(cycle: AwardCycle, meeting: date, issued: date, field: str) -> None:
    walk.submitted(cycle)
    if not field:
        assert record(cycle, meeting=meeting, issued=issued).document_on == issued
        return
    with pytest.raises(Refused) as refusal:
        record(cycle, meeting=meeting, issued=issued)
    assert refusal.value.field == field
    assert states(cycle) == ["submitted"] * 3


def test_the_number_belongs_to_the_year_of_the_document(cycle: AwardCycle) -> None:
    walk.submitted(cycle)
    with pytest.raises(Refused, match="年份"):
        record(cycle, number="瀍政〔2026〕8号")


def test_a_decision_is_recorded_once(cycle: AwardCycle) -> None:
    walk.decided(cycle)
    with pytest.raises(Refused, match="已经登记"):
        record(cycle, number="瀍政〔2027〕9号", approved=[])


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.MEMBER, Role.AUDITOR, Role.REVIEWER, Role.APPLICANT])
def test_only_the_government_clerk_records(cycle: AwardCycle, role: str) -> None:
    at = datetime.fromisoformat("2027-04-28T10:00:00+08:00")
    walk.submitted(cycle)
    with pytest.raises(Refused, match="只能由区政府办办理"):
        decisions.record(cycle, document_number="瀍政〔2027〕8号", meeting_on=date(2027, 4, 27), document_on=date(2027, 4, 28),
                         approved=[], by=hire("外人", role, by=None, at=at), at=at)  # fmt: skip


@pytest.mark.article(8)
def test_the_clerk_does_not_submit(cycle: AwardCycle) -> None:
    notice = walk.cleared(cycle)
    with pytest.raises(Refused, match="只能由秘书处办理"):
        decisions.submit_list(cycle, by=walk.clerk_of(notice.closes_at), at=notice.closes_at)


@pytest.mark.parametrize(("day", "fits"), [(date(2027, 4, 28), False), (date(2027, 4, 29), True)])
def test_the_standing_meeting_is_not_before_the_submission(cycle: AwardCycle, day: date, fits: bool) -> None:
    notice = walk.cleared(cycle)  # closed at the beginning of 26 April
    walk.recheck(cycle, "government", notice.closes_at)
    decisions.submit_list(cycle, by=secretary_of(), at=notice.closes_at + 3 * DAY)
    late = "2027-04-30T10:00:00+08:00"
    if fits:
        assert record(cycle, meeting=day, issued=day, at=late).meeting_on == day
        return
    with pytest.raises(Refused, match="不能早于提请之日") as refusal:
        record(cycle, meeting=day, issued=day, at=late)
    assert refusal.value.field == "meeting_on"


def test_the_scan_is_looked_into_before_the_verb(cycle: AwardCycle) -> None:
    walk.submitted(cycle)
    at = datetime.fromisoformat("2027-04-28T10:00:00+08:00")
    typed = {"document_number": "瀍政〔2027〕8号", "meeting_on": "2027-04-27", "document_on": "2027-04-28",
             "none_approved": "on"}  # fmt: skip
    wrong = RecordForm(typed, {"scan": SimpleUploadedFile("决定.pdf", b"no pdf")}, subject=cycle, user=None, at=at)
    assert list(wrong.errors) == ["scan"]
    form = RecordForm(typed, {"scan": pdf("决定.pdf")}, subject=cycle, user=None, at=at)
    assert form.is_valid()
    assert isinstance(form.cleaned_data["scan"], files.Received)
    decision = decisions.record(cycle, by=walk.clerk_of(at), at=at, **form.cleaned_data)
    assert (decision.scan.name, decision.scan.uploaded_by) == ("决定.pdf", walk.clerk_of(at))
