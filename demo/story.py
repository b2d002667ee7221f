"""One cycle, walked by the portal's own verbs with an earlier `at`: nothing here that a user could not do by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from applications import cycles, evidence, intake, rechecks, recommending, screening, units
from applications.announcing import compose
from applications.models import Applicant, Application, AwardCycle, EligibilityCheck, Evidence, Recheck, Recommendation
from award_portal import clock, regulation
from award_portal.models import User
from award_portal.periods import midnight
from committee import ballots, decisions, meetings, notices, shortlists
from committee.models import Ballot, Meeting, Nomination
from demo import conclusions, papers, scores, visits
from demo.people import Cast, register
from demo.reports import paper_of
from demo.units import CHECKERS, Unit
from monitoring import awards, bonuses
from monitoring.models import Award
from review import consensus, panels, pool, sheets, site_visits
from review.declarations import declare_all
from review.models import Finding, StageReview
from review.permissions import declarable
from review.standards import rubric_of

# Days from the announcement on which things happen; the stage is where the walk stops.
STAGES = {
    "announced": 12, "submitted": 27, "screening": 35, "desk-review": 42, "consensus": 46, "site-visit": 53,
    "ranked": 56, "shortlist": 58, "ballot": 60, "publicity": 64, "government": 79, "conferred": 84,
}  # fmt: skip
WINDOW_DAYS = 30
CURRENT_NUMBER = 6  # its first unit has the plain account


@dataclass
class Walk:
    """A walk through one cycle: who plays, which units, from which day, until which stage."""

    cast: Cast
    listed: tuple[Unit, ...]
    first_day: date
    stage: str
    number: int
    chance: random.Random
    code: str = "chanhe-2021"
    cycle: AwardCycle = field(init=False)
    owners: dict[str, User] = field(default_factory=dict)
    applicants: dict[str, Applicant] = field(default_factory=dict)
    applications: list[Application] = field(default_factory=list)

    def at(self, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """This function will give a moment of the walk: so many days after its first, at an hour of Asia/Shanghai."""
        return midnight(self.first_day + timedelta(days=day)) + timedelta(hours=hour, minutes=minute)

    def reached(self, stage: str) -> bool:
        """This function will say whether the walk goes as far as `stage`."""
        return STAGES[self.stage] >= STAGES[stage]

    # ── the walk ──

    def go(self) -> Walk:
        """This function will walk from the planning of the cycle to the stage asked for."""
        steps: list[tuple[str, Callable[[], None]]] = [
            ("announced", self.prepare), ("announced", self.announce), ("announced", self.draft_some), ("submitted", self.submit),
            ("screening", self.close_window), ("screening", self.ask), ("desk-review", self.screen), ("desk-review", self.appoint),
            ("consensus", self.score_desk), ("site-visit", self.agree_desk), ("site-visit", self.visit), ("ranked", self.finish_site),
            ("shortlist", self.shortlist), ("ballot", self.meet), ("publicity", self.vote), ("publicity", self.publish),
            ("government", self.close_notice), ("conferred", self.decide), ("conferred", self.confer),
        ]  # fmt: skip
        for stage, step in steps:
            if self.reached(stage):
                step()
        return self

    def prepare(self) -> None:
        """第四、六、七条: the cycle is planned, its rules drafted and adopted in a recorded meeting."""
        by = self.cast.secretary
        self.cycle = cycles.plan_cycle(self.number, self.first_day.year, self.code, by=by, at=self.at(-12))
        rules = cycles.draft_rules(self.cycle, by=by, at=self.at(-11))
        meeting = meetings.call(
            self.cycle, purpose=Meeting.Purpose.RULES, title=f"{self.cycle}评审规则审定会", planned_for=self.at(-8, 15),
            place="区政府三楼会议室", by=by, at=self.at(-10),
        )  # fmt: skip
        self._open(meeting, -8, 15)
        meetings.adopt_rules(meeting, rules, by=self.cast.members[0], at=self.at(-8, 15, 30))
        meetings.close_meeting(meeting, by=by, at=self.at(-8, 16))

    def _open(self, meeting: Meeting, day: int, hour: int) -> None:
        for number, user in enumerate(self.cast.members):
            seat = user.committee_seats.get(state="approved")
            meetings.sign_in(meeting, seat, by=user, at=self.at(day, hour, number))
        meetings.open_meeting(meeting, by=self.cast.secretary, at=self.at(day, hour, 10))

    def announce(self) -> None:
        """第十五条: the announcement fixes the window and the reference date."""
        opens, closes = self.at(1), midnight(self.first_day + timedelta(days=1 + WINDOW_DAYS))
        text: dict[str, Any] = dict(compose(self.cycle))
        cycles.announce(self.cycle, by=self.cast.secretary, at=self.at(0), opens_at=opens, closes_at=closes, **text)

    def draft_some(self) -> None:
        """第十六条: the first two units register and begin; the others follow."""
        for number, unit in enumerate(self.listed[:2]):
            self._begin(number, unit, day=3 + number)

    def submit(self) -> None:
        """第十六条: every unit fills in, has itself recommended and submits; inside the window one is still writing."""
        writing = self.listed[-1] if self.stage == "submitted" else None
        for number, unit in enumerate(self.listed):
            day = 8 + 2 * number
            application = (
                self._begin(number, unit, day) if number >= len(self.applications) else self.applications[number]
            )
            self._attach(application, unit, day)
            recommendation = recommending.request_recommendation(
                application, self.cast.departments[unit.department], by=self.owners[unit.code], at=self.at(day, 11)
            )
            if unit is not writing:
                self._recommend(recommendation, unit, day + 1)
                intake.submit(application, by=self.owners[unit.code], at=self.at(day + 2, 10, 20))

    def _begin(self, number: int, unit: Unit, day: int) -> Application:
        owner = self._owner(number, unit, day)
        application = intake.begin(self.cycle, self.applicants[unit.code], by=owner, at=self.at(day, 10))
        intake.fill(application, paper_of(unit, self.cycle), by=owner, at=self.at(day, 10, 40))
        self.applications.append(application)
        return application

    def _owner(self, number: int, unit: Unit, day: int) -> User:
        known = Applicant.objects.filter(code=unit.code).first()
        if known:
            self.applicants[unit.code] = known
            self.owners[unit.code] = known.memberships.get(level="owner", ends_at=None).user
            return self.owners[unit.code]
        suffix = "" if (self.number, number) == (CURRENT_NUMBER, 0) else f"-{self.number}{number + 1}"
        owner = register(f"applicant{suffix}", unit.contact, at=self.at(day, 9))
        kind = Applicant.Kind.PUBLIC if unit.industry.startswith("Q") else Applicant.Kind.ENTERPRISE
        self.applicants[unit.code] = units.register_unit(unit.code, unit.name, kind, by=owner, at=self.at(day, 9, 20))
        self.owners[unit.code] = owner
        return owner

    def _attach(self, application: Application, unit: Unit, day: int) -> None:
        owner = self.owners[unit.code]
        if unit is self.listed[0]:  # one unit hands in its printed report as well
            report = papers.upload(f"{unit.name}自我评价报告")
            evidence.attach_self_assessment(application, report, by=owner, at=self.at(day, 10, 50))
        evidence.attach_evidence(
            application,
            papers.upload(f"{unit.name}营业执照"),
            Evidence.Category.LICENCE,
            "营业执照",
            by=owner,
            at=self.at(day, 10, 55),
        )

    def _recommend(self, recommendation: Recommendation, unit: Unit, day: int) -> None:
        officer = self.cast.officers[unit.department]
        opinion = f"{unit.name}质量管理基础扎实，经营业绩和社会贡献突出，同意推荐。"
        recommending.recommend(recommendation, opinion, officer.name, by=officer, at=self.at(day, 15))

    def close_window(self) -> None:
        """第十五条: the window closes by itself."""
        at = self.at(WINDOW_DAYS + 1, 0, 1)
        for _ in cycles.windows_due(at):
            pass
        self.swear()

    def swear(self) -> None:
        """第九条: the secretariat pledges and declares as well, before it opens a file again."""
        for number, user in enumerate((self.cast.secretary, self.cast.second_secretary)):
            panels.sign_pledge(self.cycle, user.name, by=user, at=self.at(WINDOW_DAYS + 1, 9, number))
            units = declarable(user, self.cycle, self.at(WINDOW_DAYS + 1, 9))
            none = {unit.pk: (False, "") for unit in units}
            declare_all(self.cycle, none, by=user, at=self.at(WINDOW_DAYS + 1, 9, 10 + number))

    def ask(self) -> None:
        """第十七条: departments are asked; the first answers are in."""
        checkers = [self.cast.departments[name] for name in CHECKERS]
        for application in self.applications:
            screening.ask_departments(application, checkers, by=self.cast.secretary, at=self.at(32, 10))
        self._answer(EligibilityCheck.objects.filter(application__in=self.applications, department=checkers[0]), 34)

    def _answer(self, checks: Any, day: int) -> None:
        for check in checks.select_related("department", "application__applicant"):
            officer = self.cast.officers[check.department.name]
            screening.answer(check, False, "经查询本部门记录，回溯期内未发现问题。", by=officer, at=self.at(day, 16))

    def screen(self) -> None:
        """第十、十一、十七条: every limb gets its line and its conclusion, then the unit is confirmed."""
        self._answer(EligibilityCheck.objects.filter(application__in=self.applications, state="asked"), 36)
        limbs = regulation.load(self.code).limbs
        lines = {limb.code: ("met", f"已核对申报材料和部门答复，{limb.label}符合要求。") for limb in limbs}
        for application in self.applications:
            screening.conclude_limbs(application, lines, by=self.cast.secretary, at=self.at(37, 10))
            screening.prepare(application, "accept", by=self.cast.secretary, at=self.at(37, 16))
            screening.accept(application, by=self.cast.second_secretary, at=self.at(38, 10), reason="")

    def appoint(self) -> None:
        """第九条: panels are appointed; pledges and declarations come before any file opens."""
        by, people = self.cast.secretary, self.cast.reviewers
        for reviewer in people:
            pool.confirm_record(self.cycle, by=reviewer.user, at=self.at(38, 15))
        # the third person sits on both panels: so the scores of all units can be compared
        groups = [people[:3]] if len(self.applications) <= 4 else [people[:3], [people[3], people[5], people[2]]]
        made = [
            panels.appoint(
                self.cycle, f"第{n}评审组", group, group[0], reason="按专业和地域搭配组建", by=by, at=self.at(39)
            )
            for n, group in enumerate(groups, 1)
        ]
        for number, application in enumerate(self.applications):
            panels.assign(made[number % len(made)], application, by=by, at=self.at(39, 11))
        for panel, group in zip(made, groups, strict=True):
            for reviewer in group:
                if panel == made[0] or reviewer not in groups[0]:
                    panels.sign_pledge(self.cycle, reviewer.user.name, by=reviewer.user, at=self.at(40, 9))
                for assignment in panel.assignments.select_related("application"):
                    panels.declare(assignment.application, False, "", by=reviewer.user, at=self.at(40, 9, 30))
        if self.stage == "desk-review":
            self._score(StageReview.objects.filter(assignment__panel=made[0])[:1], 41, lock=False)

    def _reviews(self, stage: str) -> Any:
        found = StageReview.objects.filter(stage=stage, assignment__application__cycle=self.cycle)
        return found.select_related("assignment__panel", "assignment__application__applicant")

    def _seats(self, review: StageReview) -> list[Any]:
        return list(
            review.assignment.panel.seats.filter(ended_at=None).select_related("reviewer__user").order_by("-lead", "pk")
        )

    def _unit(self, review: StageReview) -> Unit:
        code = review.assignment.application.applicant.code
        return next(unit for unit in self.listed if unit.code == code)

    def _score(self, reviews: Any, day: int, *, lock: bool = True) -> None:
        rubric = rubric_of(self.cycle)
        self.filled: dict[int, list[dict[str, tuple[int, str]]]] = getattr(self, "filled", {})
        for review in reviews:
            for severity, seat in zip((0, 5, -5), self._seats(review), strict=True):
                by = seat.reviewer.user
                given = scores.sheet(
                    rubric, self._unit(review).quality + (3 if review.stage == "site" else 0), severity, self.chance
                )
                sheet = sheets.begin(review, by=by, at=self.at(day, 9))
                marks, said = scores.notes(given), scores.findings(given)
                sheets.record(sheet, marks, sheet.revision, said, by=by, at=self.at(day, 15))
                if lock:
                    sheets.lock_sheet(sheet, by.name, by=by, at=self.at(day, 16))
                self.filled.setdefault(review.pk, []).append(given)

    def score_desk(self) -> None:
        """第十四、十七条: every reviewer scores all items and locks."""
        self._score(self._reviews("desk"), 44)

    def agree_desk(self) -> None:
        """第十四条: the panels agree on the desk scores."""
        self._agree("desk", 47)

    def _agree(self, stage: str, day: int) -> None:
        for review in self._reviews(stage):
            lead = self._seats(review)[0].reviewer.user
            consensus.open_consensus(review, by=lead, at=self.at(day, 9))
            apart, before = set(consensus.flagged(review)), consensus.desk_percents(review)
            recorded = scores.agreed(self.filled[review.pk], apart, before)
            consensus.record_consensus(review, recorded, by=lead, at=self.at(day, 11))
            found = Finding.objects.filter(sheet__review=review).order_by(
                "-sheet__seat__lead", "sheet", "position", "pk"
            )
            asked = apart or set(list(recorded)[:2])
            merged = scores.merged(found, asked, review.stage == "desk")
            consensus.merge(review, merged, by=lead, at=self.at(day, 11, 30))
            consensus.conclude(review, "评审组讨论一致，得分如实反映该单位质量管理水平。", by=lead, at=self.at(day, 12))

    def visit(self) -> None:
        """第十四条: admitted units are visited; on site everything is scored again."""
        for admission in site_visits.admit(self.cycle):
            if admission.admitted:
                review = site_visits.open_site(
                    admission.assignment,
                    clock.today(self.at(52)),
                    "单位生产经营现场",
                    companion=self.cast.secretary,
                    by=self.cast.secretary,
                    at=self.at(49),
                )
                if self.reached("ranked"):
                    team = [seat.reviewer.user for seat in self._seats(review)]
                    visits.recorded(review.visit, team, self.at(52, 10))
                    if admission.rank == 1:
                        visits.photographed(review.visit, team[1], self.at(52, 11))
                    self._score([self._reviews("site").get(pk=review.pk)], 52)
                    visits.signed(review.visit, team, self.at(52, 17))

    def finish_site(self) -> None:
        """第十四、十七条: the panels agree on the site scores and sign their reports."""
        self._agree("site", 54)
        for number, review in enumerate(self._reviews("site")):
            team = [seat.reviewer.user for seat in self._seats(review)]
            conclusions.report(review.assignment, team, self.at(55), differs=number == 1)

    def shortlist(self) -> None:
        """第十八条: the shortlist follows the ranking."""
        by = self.cast.secretary
        chosen = [place.application for place in shortlists.places(self.cycle)][: self.cycle.quota + 1]
        drawn = shortlists.draw_up(self.cycle, chosen, by=by, at=self.at(57, 9))
        shortlists.set_shortlist(drawn, by=by, at=self.at(57, 10))

    def meet(self) -> None:
        """第十八条: the meeting opens with a quorum; forms of deliberation are on record; the ballot opens, some have voted."""
        by = self.cast.secretary
        self._recheck(Recheck.Stage.VOTE, 57, 14)
        for user in self.cast.members:
            panels.sign_pledge(self.cycle, user.name, by=user, at=self.at(58, 9))
            for nomination in self._nominations():
                panels.declare(nomination.application, False, "", by=user, at=self.at(58, 9, 30))
        self.meeting = meetings.call(
            self.cycle, purpose=Meeting.Purpose.DELIBERATION, title=f"{self.cycle}审定会", planned_for=self.at(59, 9),
            place="区政府三楼会议室", by=by, at=self.at(58, 11),
        )  # fmt: skip
        self._open(self.meeting, 59, 9)
        for number, nomination in enumerate(self._nominations()):
            form = Nomination.Form.FIELD_CHECK if number % 3 == 2 else Nomination.Form.PRESENTATION
            note = (
                "评委实地核查了生产现场和质量记录。"
                if form == Nomination.Form.FIELD_CHECK
                else "现场展示15分钟，答辩5分钟，评委提问3项。"
            )
            shortlists.note_form(nomination, form, note, by=by, at=self.at(59, 10, number))
        self.ballot = ballots.open_ballot(self.meeting, by=by, at=self.at(59, 11))
        self._cast(self.cast.members[1:4])

    def _recheck(self, stage: str, day: int, hour: int) -> None:
        """第十一条: the secretariat asks again; departments answer the same afternoon, and it concludes on every unit still in."""
        by = self.cast.secretary
        made = rechecks.recheck(self.cycle, stage, by=by, at=self.at(day, hour))
        self._answer(EligibilityCheck.objects.filter(application__cycle=self.cycle, state="asked"), day)
        label = made.get_stage_display()
        lines = {
            line.pk: ("still_holds", f"{label}再次查询，各核查部门均答复无新增记录，单位运行正常，第十、十一条的条件仍然具备。")
            for line in made.lines.all()
        }  # fmt: skip
        rechecks.conclude(made, lines, by=by, at=self.at(day, 17))

    def _nominations(self) -> list[Nomination]:
        return list(
            Nomination.objects.filter(shortlist__cycle=self.cycle)
            .select_related("application__applicant")
            .order_by("rank")
        )

    def _cast(self, voters: list[User]) -> None:
        items = ballots.items_of(self.ballot)
        for user in voters:
            choices = {
                item.nomination_id: "for" if place < self.cycle.quota else "against" for place, item in enumerate(items)
            }
            ballots.cast(self.ballot, choices, by=user, at=self.at(59, 11, 20))

    def vote(self) -> None:
        """第十八条: the last members vote, the ballot is closed and counted."""
        by = self.cast.secretary
        self._cast([self.cast.members[0], *self.cast.members[4:]])
        vacant = (
            "参评单位中达到奖励条件的不足名额数，其余名额空缺。"
            if len(ballots.items_of(self.ballot)) < self.cycle.quota
            else ""
        )
        ballot = Ballot.objects.get(pk=self.ballot.pk)
        self.ballot = ballots.close_ballot(ballot, by=by, at=self.at(59, 12), vacancy_reason=vacant)
        meetings.close_meeting(Meeting.objects.get(pk=self.meeting.pk), by=by, at=self.at(59, 12, 10))

    def publish(self) -> None:
        """第十九条: the proposed list is published for the days the Measures ask."""
        self.notice = notices.publish(
            self.cycle, contact="区市场监管局质量发展股", by=self.cast.secretary, at=self.at(60, 10)
        )

    def close_notice(self) -> None:
        """第十九条: the period ends by itself; the list goes to the government."""
        notices.close_due(self.at(77, 0, 5))
        self._recheck(Recheck.Stage.GOVERNMENT, 77, 9)
        decisions.submit_list(self.cycle, by=self.cast.secretary, at=self.at(78, 9))

    def decide(self) -> None:
        """第十九条: the standing meeting decides; the clerk records its document."""
        prefix = regulation.load(self.code).document_prefix
        decisions.record(
            self.cycle, document_number=f"{prefix}〔{clock.today(self.at(80)).year}〕8号", meeting_on=clock.today(self.at(80)),
            document_on=clock.today(self.at(81)), approved=decisions.submitted(self.cycle), by=self.cast.clerk, at=self.at(81, 16),
        )  # fmt: skip

    def confer(self) -> None:
        """第十九、二十条: awards are conferred; trophies and, for the earlier cycle, bonuses follow."""
        by = self.cast.secretary
        self.cycle.refresh_from_db()
        conferred = awards.confer(self.cycle.decision, by=by, at=self.at(82, 10))
        for award in conferred:
            awards.record_trophy(
                award, f"{self.cycle.year}-{award.slot:02d}", clock.today(self.at(83)), by=by, at=self.at(83, 15)
            )
        conclusions.tell_units(self.cycle, by=by, at=self.at(83, 16))

    def pay(self) -> None:
        """第二十条: the bonuses are paid, each with its voucher."""
        for award in Award.objects.filter(cycle=self.cycle):
            bonuses.pay(
                award.bonus,
                clock.today(self.at(95)),
                f"瀍财拨{self.cycle.year}-{award.slot:03d}",
                by=self.cast.secretary,
                at=self.at(95, 10),
            )
