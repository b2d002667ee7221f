"""Awards, cases and bans of tests, walked by the verbs from a government decision on.

`conferred(cycle)` walks the whole way. A boundary needs a decision on a certain day and nothing before it: `…_at_once` writes
one down, with the guards of the earlier stages aside for that moment.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from applications.models import Applicant, ApplicantMembership, Application, AwardCycle, CycleRules
from award_portal import clock, files, guards, roles
from award_portal.lifecycle import act, store
from award_portal.models import User
from award_portal.regulation import load
from award_portal.roles import Role
from committee import standing
from committee.models import GovernmentDecision, Meeting, Member, Nomination, Shortlist
from monitoring import awards, bonuses, revocations, voting
from monitoring.models import Award, Revocation
from review import declarations
from review.models import Pledge
from tests.conftest import START, hire
from tests.factories_applications import code
from tests.factories_committee import decided
from tests.factories_committee import opened as opened_meeting

DOCUMENT_ON = date(2027, 3, 5)
NUMBERS = (
    "interval_years quota operation_years look_back_years total_points publicity_days bonus report_count "
    "accident_window_years ban_years"
).split()


def conferred(cycle: AwardCycle | None = None, *, count: int = 2, at: datetime | None = None) -> list[Award]:
    """This function will walk a cycle to the government's decision and confer its awards, the day after the document."""
    decision = GovernmentDecision.objects.filter(cycle=cycle).first() if cycle else None
    decision = decision or decided(cycle, count=count)
    at = at or decision.recorded_at + timedelta(days=1)
    return awards.confer(decision, by=secretariat(at), at=at)


def decided_at_once(units: int = 2, *, at: datetime = START, **facts: Any) -> GovernmentDecision:
    """This function will write down a decision of the government on so many units."""
    tables = ("applications_", "committee_")
    aside = [
        guard for guard in guards.REGISTERED.values() if guard.event == "INSERT" and guard.table.startswith(tables)
    ]
    guards.take_down(*aside)
    try:
        return _decided_at_once(units, by=None, at=at, **facts)
    finally:
        guards.put_up(only=aside)


@act("测试：已有表彰决定", None)
def _decided_at_once(
    units: int, *, by: Any, at: datetime, document_on: date = DOCUMENT_ON, regulation: str = "chanhe-2021",
    **numbers: Any,
) -> GovernmentDecision:  # fmt: skip
    """This function will make a cycle that ends in a decision, without its long way there: the boundary tests need many."""
    text = load(regulation)
    fields = {name: getattr(text, name).value for name in NUMBERS} | numbers
    serial = AwardCycle.objects.count() + 1
    cycle = store(
        AwardCycle(
            number=serial, year=document_on.year + serial - 1, regulation=regulation, state="concluded",
            opens_at=at - timedelta(days=200), closes_at=at - timedelta(days=170), reference_on=document_on, **fields,
        )
    )  # fmt: skip
    store(
        CycleRules(
            cycle=cycle, version=1, state="adopted", rubric="gbt-19580-2012", adopted_at=at - timedelta(days=300)
        )
    )
    shortlist = store(Shortlist(cycle=cycle, state="set", set_at=at))
    for rank in range(1, units + 1):
        _nominated(shortlist, rank, at)
    clerk = roles.holders(Role.GOVERNMENT, at).first() or hire("何立群", Role.GOVERNMENT, by=None, at=at)
    return store(
        GovernmentDecision(
            cycle=cycle, document_number=f"{text.document_prefix}〔{document_on.year}〕{serial}号", meeting_on=document_on,
            document_on=document_on, recorded_by=clerk, recorded_at=at,
        )
    )  # fmt: skip


def _nominated(shortlist: Shortlist, rank: int, at: datetime) -> Nomination:
    number = Applicant.objects.count() + 1
    applicant = store(Applicant(code=code(), name=f"洛阳瀍河第{number}机械有限公司", registered_at=at))
    joined = at - timedelta(days=365)
    owner = hire(f"负责人{number}", Role.APPLICANT, by=None, at=joined)
    store(ApplicantMembership(applicant=applicant, user=owner, level="owner", starts_at=joined))
    report = files.store_bytes(b"%PDF-1.7 self-assessment", "自评报告.pdf", "application/pdf", at=at, by=owner)
    application = store(
        Application(
            cycle=shortlist.cycle, applicant=applicant, state="accepted", number=f"T{number:06d}", submitted_at=at,
            submitted_by=owner, manifest_hash="a" * 64, self_assessment=report,
        )
    )  # fmt: skip
    return store(
        Nomination(shortlist=shortlist, application=application, state="approved", rank=rank, total=700 - rank)
    )


def secretariat(at: datetime = START) -> User:
    """This function will give somebody of the secretariat, hired where there is none."""
    return roles.holders(Role.SECRETARIAT, at).order_by("pk").first() or hire(
        "李文静", Role.SECRETARIAT, by=None, at=at
    )


def owner_of(award: Award) -> User:
    """This function will give the person who acts for the laureate."""
    return award.applicant.memberships.get(level="owner").user


def conferred_at_once(units: int = 2, *, at: datetime = START, **facts: Any) -> list[Award]:
    """This function will confer the awards of a decision made at once."""
    return awards.confer(decided_at_once(units, at=at, **facts), by=secretariat(at), at=at)


def paid(award: Award, *, at: datetime = START) -> Award:
    """This function will pay the award's bonus on the day of the award."""
    bonuses.pay(award.bonus, award.awarded_on, "记-0001", by=secretariat(at), at=at)
    award.refresh_from_db()
    return award


def handed_over(award: Award, *, at: datetime = START) -> Award:
    """This function will hand over the trophy on the day of the award."""
    awards.record_trophy(award, "T-1", award.awarded_on, by=secretariat(at), at=at)
    award.refresh_from_db()
    return award


def opened(
    award: Award, *, at: datetime = START, ground: str = "false_material", event_on: date | None = None
) -> Revocation:
    """This function will open a case against the award."""
    return revocations.open_case(
        award, ground, "核查发现提供的检测报告系伪造。", event_on=event_on, by=secretariat(at), at=at
    )


def heard(award: Award, *, at: datetime = START, **facts: Any) -> Revocation:
    """This function will open a case, let the unit state its view and record the hearing."""
    case = opened(award, at=at, **facts)
    revocations.plead(case, "检测报告由第三方提供，我单位愿意配合核查。", by=owner_of(award), at=at)
    return revocations.hear(case, "当面听取了单位意见并作了记录。", by=secretariat(at), at=at)


def in_session(award: Award, *, at: datetime = START) -> Meeting:
    """This function will find the meeting on revocations in session, or open one with the whole committee in the room."""
    meeting = voting.open_meetings().first() or opened_meeting(award.cycle, "revocation", at=at)
    bind(award, standing.present(meeting, at), at=at)
    return meeting


def bind(award: Award, members: list[Member], *, at: datetime = START) -> None:
    """This function will have members pledge and declare no conflict with the laureate, each once."""
    application = award.nomination.application
    for member in members:
        if not standing.pledged(member.user, award.cycle):
            _pledge(award.cycle, member.user, by=None, at=at)
        if standing.undeclared(member.user, award.cycle, [application]):
            declarations.declare(application, False, by=member.user, at=at)


@act("测试：已签署承诺书", None)
def _pledge(cycle: AwardCycle, user: User, *, by: Any, at: datetime) -> Pledge:
    """This function will write down a pledge signed while the cycle ran: a cycle made at once never ran."""
    return store(Pledge(user=user, cycle=cycle, text=declarations.PLEDGE_TEXT, signed_name=user.name, signed_at=at))


def voted(case: Revocation, meeting: Meeting, in_favour: int, *, at: datetime = START) -> Revocation:
    """This function will have the seven members vote: so many in favour, the others against."""
    for number, member in enumerate(standing.present(meeting, at)):
        revocations.cast(case, "for" if number < in_favour else "against", by=member.user, at=at)
    return case


def proposed(award: Award, *, at: datetime = START, **facts: Any) -> Revocation:
    """This function will bring a case to the government with five votes of seven."""
    case = heard(award, at=at, **facts)
    meeting = in_session(award, at=at)
    voted(case, meeting, 5, at=at)
    return revocations.propose(case, meeting, by=secretariat(at), at=at)


def revoked(award: Award, *, at: datetime = START, approved_on: date | None = None, **facts: Any) -> Revocation:
    """This function will bring a case through to the government's approval."""
    case = proposed(award, at=at, **facts)
    day = approved_on or clock.today(at)
    clerk = roles.holders(Role.GOVERNMENT, at).order_by("pk").first()
    return revocations.approve(case, f"瀍政[{day.year}]40号", day, by=clerk, at=at)
