"""States of the committee's stage, reached by calling the verbs. Moments follow from the cycle's window, so cycles may follow on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from applications import cycles, rechecks, screening
from applications.models import Application, AwardCycle, CycleRules, EligibilityCheck, Recheck
from award_portal.clock import today
from award_portal.models import User
from award_portal.roles import Role
from committee import ballots, decisions, meetings, memberships, notices, objections, shortlists, standing
from committee.models import Ballot, GovernmentDecision, Meeting, Member, Nomination, Objection, PublicNotice, Shortlist
from review import declarations
from tests.conftest import START, hire
from tests.factories_applications import accepted_application, announced_cycle, officer_of
from tests.factories_review import reviewed_all

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OFFICES = (
    (Member.Office.CHAIR, "马建国", "副区长"),
    (Member.Office.VICE_CHAIR, "孙立新", "区政府办主任"),
    (Member.Office.SECRETARY_GENERAL, "吴正平", "区市场监管局局长"),
)
MEMBERS = (
    ("钱永康", "区发改委主任"),
    ("冯国栋", "区工信局局长"),
    ("褚慧敏", "区财政局局长"),
    ("卫东升", "区统计局局长"),
)


@dataclass
class Committee:
    """The committee in force: the three offices and the ordinary members."""

    chair: Member
    vice_chair: Member
    secretary_general: Member
    members: list[Member] = field(default_factory=list)

    @property
    def all(self) -> list[Member]:
        """This property gives every seat: seven in a fresh committee."""
        return [self.chair, self.vice_chair, self.secretary_general, *self.members]


def secretary_of(at: datetime = START) -> User:
    """This function will give somebody of the secretariat, hired at `at` if there is nobody yet."""
    found = User.objects.filter(grants__role=Role.SECRETARIAT, grants__ends_at=None).order_by("pk").first()
    return found or hire("李文静", Role.SECRETARIAT, by=None, at=at)


def committee(at: datetime = START) -> Committee:
    """This function will find the committee in force at `at`, or set one up: three offices, four approved members."""
    seats = {seat.office: seat for seat in Member.objects.sitting(at).filter(state="approved").exclude(office="member")}
    secretary = secretary_of(at)
    for office, name, post in OFFICES:
        if office not in seats:
            seats[office] = memberships.appoint_office(hire(name, by=None, at=at), office, post, by=secretary, at=at)
    members = list(Member.objects.sitting(at).filter(office="member", state="approved"))
    if not members:
        members = [member(name, post, at=at) for name, post in MEMBERS]
    return Committee(seats["chair"], seats["vice_chair"], seats["secretary_general"], members)


def chair_of(at: datetime = START) -> User:
    """This function will give the person in the chair."""
    return Member.objects.sitting(at).get(office="chair", state="approved").user


def nominee(name: str = "蒋文博", post: str = "区科技局局长", *, at: datetime = START) -> Member:
    """This function will nominate one more person, whom the chair has not approved yet."""
    return memberships.nominate(hire(name, by=None, at=at), "member", post, by=secretary_of(at), at=at)


def member(name: str, post: str = "委员单位负责人", *, at: datetime = START) -> Member:
    """This function will seat one more ordinary member: nominated, then approved by the chair."""
    return memberships.approve(nominee(name, post, at=at), by=chair_of(at), at=at)


# ── meetings ──


def called(cycle: AwardCycle, purpose: str = "deliberation", *, at: datetime = START, title: str = "") -> Meeting:
    """This function will call a meeting for the same day."""
    names = {"rules": "评委会第一次会议", "deliberation": "评委会审定会", "revocation": "评委会撤销审议会"}
    return meetings.call(cycle, purpose=purpose, title=title or names[purpose], planned_for=at, place="区政府三楼会议室",
                         by=secretary_of(at), at=at)  # fmt: skip


def attended(meeting: Meeting, members: Sequence[Member] | None = None, *, at: datetime = START) -> Meeting:
    """This function will have members sign in, each himself: everybody, or those given."""
    for seat in members if members is not None else committee(at).all:
        meetings.sign_in(meeting, seat, by=seat.user, at=at)
    return meeting


def opened(cycle: AwardCycle, purpose: str = "deliberation", *, at: datetime = START) -> Meeting:
    """This function will open a meeting with the whole committee in the room."""
    committee(at)
    if purpose == "deliberation" and Application.objects.accepted().filter(cycle=cycle).exists():
        recheck(cycle, "vote", at)
    meeting = attended(called(cycle, purpose, at=at), at=at)
    return meetings.open_meeting(meeting, by=secretary_of(at), at=at)


def recheck(cycle: AwardCycle, stage: str, at: datetime = START) -> Recheck:
    """This function will ask again about every unit still in, and conclude that the conditions of each still hold."""
    by = secretary_of(at)
    made = rechecks.recheck(cycle, stage, by=by, at=at)
    answered_again(cycle, at)
    lines = {line.pk: ("still_holds", "经再次核查，条件没有变化。") for line in made.lines.all()}  # type: ignore[attr-defined]
    return rechecks.conclude(made, lines, by=by, at=at)


def answered_again(cycle: AwardCycle, at: datetime = START) -> None:
    """This function will have every department that is still waited for answer that it has found nothing."""
    asked = EligibilityCheck.objects.filter(application__cycle=cycle, application__state="accepted", state="asked")
    for check in asked.select_related("department"):
        screening.answer(check, False, "经再次查询，无记录。", by=officer_of(check.department), at=at)


def adopted_rules(cycle: AwardCycle, *, at: datetime = START, **changes: Any) -> CycleRules:
    """This function will draft the cycle's rules and have the committee adopt them in a recorded meeting."""
    secretary = secretary_of(at)
    meeting = opened(cycle, "rules", at=at)
    draft = CycleRules.objects.filter(cycle=cycle, state="draft").first()
    draft = draft or cycles.draft_rules(cycle, by=secretary, at=at, **changes)
    rules = meetings.adopt_rules(meeting, draft, by=chair_of(at), at=at)
    meetings.close_meeting(meeting, by=secretary, at=at)
    return rules


# ── from the ranking to the decision ──


def meeting_at(cycle: AwardCycle) -> datetime:
    """This function will give the moment of the cycle's deliberation: twenty days after the window closed."""
    return cycle.closes_at + 20 * DAY  # type: ignore[no-any-return,operator]


def ranked(count: int = 2, *, at: datetime = START, percents: Sequence[int] = (), **more: Any) -> AwardCycle:
    """This function will take `count` units through both reviews: ranked in the order they were made, unless `percents` differ."""
    committee(at)
    cycle = announced_cycle(at, **more)
    units = [accepted_application(cycle, f"洛阳瀍河{name}有限公司", industry=trade) for name, trade in UNITS[:count]]
    reviewed_all(units, percents, at=cycle.closes_at + 5 * DAY)
    return cycle


UNITS = (
    ("精工轴承", "C34 通用设备制造业"), ("和谐食品", "C13 农副食品加工业"), ("明德医药", "C27 医药制造业"),
    ("东风物流", "G59 装卸搬运和仓储业"), ("启明软件", "I65 软件和信息技术服务业"), ("华泰建材", "C30 非金属矿物制品业"),
    ("古都文旅", "R90 娱乐业"),
)  # fmt: skip


def shortlisted(cycle: AwardCycle | None = None, *, count: int = 2, at: datetime | None = None) -> Shortlist:
    """This function will put the whole ranking on the shortlist, set it, and note how each unit was looked at."""
    cycle = cycle or ranked(count)
    at = at or meeting_at(cycle)
    secretary = secretary_of(at)
    shortlist = shortlists.draw_up(
        cycle, [place.application for place in shortlists.places(cycle)], by=secretary, at=at
    )
    shortlists.set_shortlist(shortlist, by=secretary, at=at)
    for nomination in shortlist.nominations.all():
        shortlists.note_form(nomination, "presentation", "现场展示并答问二十分钟。", by=secretary, at=at)
    return shortlist


def ready(cycle: AwardCycle, members: Sequence[Member] | None = None, *, at: datetime | None = None) -> None:
    """This function will have members sign the pledge and declare no conflict with any listed unit, each once."""
    at = at or meeting_at(cycle)
    listed = [nomination.application for nomination in Shortlist.objects.get(cycle=cycle).nominations.all()]
    for seat in members if members is not None else committee(at).all:
        if not standing.pledged(seat.user, cycle):
            declarations.sign_pledge(cycle, seat.user.name, by=seat.user, at=at)
        for application in standing.undeclared(seat.user, cycle, listed):
            declarations.declare(application, False, by=seat.user, at=at)


def balloting(cycle: AwardCycle | None = None, *, count: int = 2, at: datetime | None = None) -> Ballot:
    """This function will open the ballot in a meeting with the whole committee, pledged and declared."""
    cycle = cycle or ranked(count)
    at = at or meeting_at(cycle)
    if not Shortlist.objects.filter(cycle=cycle).exists():
        shortlisted(cycle, at=at)
    ready(cycle, at=at)
    meeting = Meeting.objects.filter(cycle=cycle, purpose="deliberation", state="open").first() or opened(cycle, at=at)
    return ballots.open_ballot(meeting, by=secretary_of(at), at=at)


def cast_all(
    ballot: Ballot, votes: dict[int, str] | None = None, *, at: datetime, members: Sequence[Member] | None = None
) -> None:
    """This function will have the members cast: for every unit, unless `votes` (by nomination) says otherwise."""
    for seat in members if members is not None else standing.present(ballot.meeting, at):
        own, _ = ballots.items_for(ballot, seat, at)
        choices = {item.nomination_id: (votes or {}).get(item.nomination_id, "for") for item in own}
        ballots.cast(ballot, choices, by=seat.user, at=at)


def proposed(
    cycle: AwardCycle | None = None, *, count: int = 2, against: Sequence[Nomination] = (), at: datetime | None = None
) -> Ballot:
    """This function will have everybody vote for every unit (against those of `against`), count, and close the meeting."""
    ballot = balloting(cycle, count=count, at=at)
    at = at or meeting_at(ballot.cycle)
    cast_all(ballot, {nomination.pk: "against" for nomination in against}, at=at)
    ballots.close_ballot(ballot, by=secretary_of(at), at=at, vacancy_reason="其余单位未达到授奖水平，名额空缺。")
    meetings.close_meeting(ballot.meeting, by=secretary_of(at), at=at + HOUR)
    return ballot


def published(cycle: AwardCycle | None = None, *, count: int = 2, at: datetime | None = None) -> PublicNotice:
    """This function will publish the proposed list on the day after the meeting, for as many days as the Measures ask."""
    if cycle is None or not Ballot.objects.filter(cycle=cycle, state="closed").exists():
        cycle = proposed(cycle, count=count).cycle
    at = at or meeting_at(cycle) + DAY
    last_day = today(at) + timedelta(days=cycle.publicity_days)
    return notices.publish(cycle, contact="秘书处 0379-63000000", last_day=last_day, last_day_reason="尚无该年度节假日安排。",
                           by=secretary_of(at), at=at)  # fmt: skip


def objected(notice: PublicNotice, nomination: Nomination | None = None, *, at: datetime | None = None) -> Objection:
    """This function will lodge an objection of the public against a listed unit, an hour after posting."""
    nomination = nomination or notice.entries.order_by("pk").first().nomination
    return objections.lodge(notice, nomination, name="周明", contact="13800000000", ground="该单位申报数据与实际不符。",
                            by=None, at=at or notice.posted_at + HOUR)  # fmt: skip


def cleared(cycle: AwardCycle | None = None, *, count: int = 2) -> PublicNotice:
    """This function will let the notice run its full time: its units without an objection are cleared."""
    notice = PublicNotice.objects.filter(cycle=cycle, state="running").first() if cycle else None
    notice = notice or published(cycle, count=count)
    return notices.close(notice, by=None, at=notice.closes_at)


def submitted(cycle: AwardCycle | None = None, *, count: int = 2) -> AwardCycle:
    """This function will submit the cleared units to the government."""
    notice = cleared(cycle, count=count)
    recheck(notice.cycle, "government", notice.closes_at)
    decisions.submit_list(notice.cycle, by=secretary_of(notice.closes_at), at=notice.closes_at + HOUR)
    return notice.cycle


def clerk_of(at: datetime = START) -> User:
    """This function will give the government's clerk, hired if there is none yet."""
    found = User.objects.filter(grants__role=Role.GOVERNMENT, grants__ends_at=None).first()
    return found or hire("何立群", Role.GOVERNMENT, by=None, at=at)


def decided(
    cycle: AwardCycle | None = None, *, count: int = 2, number: int = 8, approved: Sequence[Nomination] | None = None,
    at: datetime | None = None,
) -> GovernmentDecision:  # fmt: skip
    """This function will have the standing meeting approve what was submitted (or `approved`), two days after the publicity."""
    if cycle is None or not Nomination.objects.filter(shortlist__cycle=cycle, state="submitted").exists():
        cycle = submitted(cycle, count=count)
    at = at or PublicNotice.objects.filter(cycle=cycle, state="closed").latest("pk").closes_at + 2 * DAY
    listed = list(approved) if approved is not None else decisions.submitted(cycle)
    day = today(at)
    return decisions.record(cycle, document_number=f"瀍政〔{day.year}〕{number}号", meeting_on=day, document_on=day,
                            approved=listed, by=clerk_of(at), at=at)  # fmt: skip
