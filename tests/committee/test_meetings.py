"""第六、七、十八条: meetings: offices, quorum, the rules adopted in them, minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from applications import cycles
from applications.models import AwardCycle, CycleRules
from award_portal import outbox
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import documents, meetings, memberships
from committee.models import Attendance, Meeting
from tests import factories_committee as walk
from tests.conftest import START, hire
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db, pytest.mark.article(18)]
HOUR = timedelta(hours=1)


@pytest.fixture
def planned(db: None) -> AwardCycle:
    """A cycle in preparation, with its draft rules; the committee is seated."""
    secretary = secretary_of()
    walk.committee()
    cycle = cycles.plan_cycle(1, 2027, "chanhe-2021", by=secretary, at=START)
    cycles.draft_rules(cycle, by=secretary, at=START)
    return cycle


@pytest.mark.article(7)
def test_the_committee_adopts_the_rules_in_a_recorded_meeting(planned: AwardCycle) -> None:
    rules = walk.adopted_rules(planned)
    assert (rules.state, rules.adopted_in) == ("adopted", "评委会第一次会议（2027年3月8日）")
    meeting = Meeting.objects.get()
    assert (meeting.state, meeting.members, meeting.quorum) == ("closed", 7, "2/3")
    assert meeting.anchor.partition(":")[0].isdigit()


@pytest.mark.article(7)
@pytest.mark.parametrize(
    ("who", "adopts"), [("chair", True), ("secretary_general", True), ("vice_chair", False), ("member", False)]
)
def test_chair_or_secretary_general_records_the_adoption(planned: AwardCycle, who: str, adopts: bool) -> None:
    committee = walk.committee()
    seat = committee.members[0] if who == "member" else getattr(committee, who)
    meeting, draft = walk.opened(planned, "rules"), CycleRules.objects.get()
    if adopts:
        assert meetings.adopt_rules(meeting, draft, by=seat.user, at=START).state == "adopted"
    else:
        with pytest.raises(Refused, match="主任或者秘书长"):
            meetings.adopt_rules(meeting, draft, by=seat.user, at=START)
        assert CycleRules.objects.get().state == "draft"


@pytest.mark.article(7)
@pytest.mark.article(8)
def test_the_secretariat_does_not_adopt_its_own_rules(planned: AwardCycle) -> None:
    meeting = walk.opened(planned, "rules")
    with pytest.raises(Refused):
        meetings.adopt_rules(meeting, CycleRules.objects.get(), by=secretary_of(), at=START)


@pytest.mark.article(7)
@pytest.mark.parametrize("state", ["planned", "closed", "cancelled"])
def test_rules_are_adopted_only_in_an_open_meeting(planned: AwardCycle, state: str) -> None:
    meeting = walk.attended(walk.called(planned, "rules"))
    if state == "closed":
        meetings.close_meeting(meetings.open_meeting(meeting, by=secretary_of(), at=START), by=secretary_of(), at=START)
    if state == "cancelled":
        meetings.cancel_meeting(meeting, by=secretary_of(), at=START, reason="改期")
    with pytest.raises(Refused, match="进行中"):
        meetings.adopt_rules(meeting, CycleRules.objects.get(), by=walk.chair_of(), at=START)


@pytest.mark.article(7)
def test_the_chair_must_be_in_the_room_and_the_quorum_still_there(planned: AwardCycle) -> None:
    meeting, committee = walk.opened(planned, "rules"), walk.committee()
    for seat in committee.members[:3]:
        meetings.leave(meeting, seat, by=seat.user, at=START)
    with pytest.raises(Refused, match="不足法定人数"):
        meetings.adopt_rules(meeting, CycleRules.objects.get(), by=committee.chair.user, at=START)
    meetings.leave(meeting, committee.chair, by=committee.chair.user, at=START)
    with pytest.raises(Refused, match="未在本次会议签到"):
        meetings.adopt_rules(meeting, CycleRules.objects.get(), by=committee.chair.user, at=START)


@pytest.mark.parametrize(("present", "opens"), [(5, True), (4, False), (0, False)])  # two thirds of seven
def test_a_meeting_opens_with_a_quorum(planned: AwardCycle, present: int, opens: bool) -> None:
    meeting = walk.attended(walk.called(planned, "rules"), walk.committee().all[:present])
    if opens:
        assert meetings.open_meeting(meeting, by=secretary_of(), at=START).state == "open"
    else:
        with pytest.raises(Refused, match=f"第十八条：应到7人，实到{present}人"):
            meetings.open_meeting(meeting, by=secretary_of(), at=START)


@pytest.mark.article(6)
@pytest.mark.parametrize("office", ["chair", "vice_chair", "secretary_general"])
def test_a_meeting_opens_only_with_the_offices_filled(planned: AwardCycle, office: str) -> None:
    meeting = walk.attended(walk.called(planned, "rules"))
    memberships.end_membership(getattr(walk.committee(), office), by=secretary_of(), at=START + HOUR, reason="调离")
    with pytest.raises(Refused, match=r"第六条：.*空缺"):
        meetings.open_meeting(meeting, by=secretary_of(), at=START + HOUR)


@pytest.mark.article(6)
def test_only_sitting_members_sign_in_and_each_for_himself(planned: AwardCycle) -> None:
    meeting, committee = walk.called(planned, "rules"), walk.committee()
    first, second = committee.members[:2]
    with pytest.raises(Refused, match="本人"):
        meetings.sign_in(meeting, first, by=second.user, at=START)
    nominee = walk.nominee()
    with pytest.raises(Refused, match="未经审定"):
        meetings.sign_in(meeting, nominee, by=secretary_of(), at=START)
    meetings.sign_in(meeting, first, by=first.user, at=START)
    meetings.sign_in(meeting, second, by=secretary_of(), at=START)
    with pytest.raises(Refused, match="已签到"):
        meetings.sign_in(meeting, first, by=first.user, at=START)
    assert Attendance.objects.count() == 2


def test_nobody_signs_in_before_the_day(planned: AwardCycle) -> None:
    seat = walk.committee().chair
    meeting = walk.called(planned, "rules", at=START)
    later = meetings.call(planned, purpose="rules", title="下次会议", planned_for=START + timedelta(days=1), place="会议室",
                          by=secretary_of(), at=START)  # fmt: skip
    with pytest.raises(Refused, match="当天起可以签到"):
        meetings.sign_in(later, seat, by=seat.user, at=START)
    meetings.sign_in(meeting, seat, by=seat.user, at=START)


def test_a_meeting_is_not_called_for_yesterday_nor_out_of_season(planned: AwardCycle) -> None:
    secretary = secretary_of()
    with pytest.raises(Refused, match="不能早于今天"):
        meetings.call(
            planned,
            purpose="rules",
            title="会",
            planned_for=START - timedelta(days=1),
            place="室",
            by=secretary,
            at=START,
        )
    with pytest.raises(Refused, match="不能召集“审议表决”会议"):
        walk.called(planned, "deliberation")


def test_a_closed_meeting_is_over(planned: AwardCycle) -> None:
    meeting, seat = walk.opened(planned, "rules"), walk.committee().chair
    meetings.close_meeting(meeting, by=secretary_of(), at=START + HOUR)
    for verb in (meetings.sign_in, meetings.leave):
        with pytest.raises(Refused):
            verb(meeting, seat, by=seat.user, at=START + HOUR)
    with pytest.raises(Refused):
        meetings.open_meeting(meeting, by=secretary_of(), at=START + HOUR)


def test_minutes_keep_the_committee_as_it_stood_and_are_made_once(planned: AwardCycle) -> None:
    meeting, committee = walk.opened(planned, "rules"), walk.committee()
    meetings.adopt_rules(meeting, CycleRules.objects.get(), by=committee.chair.user, at=START)
    meetings.leave(meeting, committee.members[3], by=secretary_of(), at=START + HOUR)
    meetings.close_meeting(meeting, by=secretary_of(), at=START + 2 * HOUR)
    memberships.end_membership(committee.members[0], by=secretary_of(), at=START + 3 * HOUR, reason="退休")
    context = documents.minutes_context(Meeting.objects.get())
    assert [row["name"] for row in context["rows"]] == [seat.user.name for seat in committee.all]
    assert "离会" in context["rows"][-1]["words"]
    assert [rules.version for rules in context["adopted"]] == [1]
    documents.issue_minutes(meeting, b"%PDF-first", by=None, at=START)
    documents.issue_minutes(meeting, b"%PDF-second", by=None, at=START)
    assert Meeting.objects.get().minutes.size == len(b"%PDF-first")


def test_the_minutes_go_out_as_a_pdf(planned: AwardCycle, travel: object) -> None:
    from award_portal import documents as press

    if press.why_not_ready():
        pytest.skip("no PDF on this machine")
    travel(START)  # type: ignore[operator]
    walk.adopted_rules(planned)
    outbox.deliver()
    minutes = Meeting.objects.get().minutes
    assert minutes is not None
    assert minutes.name == "评委会第一次会议纪要.pdf"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR, Role.REVIEWER, Role.APPLICANT])
def test_only_the_secretariat_runs_meetings(planned: AwardCycle, role: str) -> None:
    other, meeting = hire("外人", role, by=None, at=START), walk.attended(walk.called(planned, "rules"))
    for verb in (meetings.open_meeting, meetings.close_meeting):
        with pytest.raises(Refused):
            verb(meeting, by=other, at=START)
    with pytest.raises(Refused):
        meetings.cancel_meeting(meeting, by=other, at=START, reason="改期")
