"""评审人员纪律: 批评、警告、取消评审资格, with or without a complaint before it (第二十六条).

A complaint goes one way: lodged, answered by the person, looked into by one of the secretariat, decided by another. What is
decided at a meeting may also be recorded directly (`sanction`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from applications.models import AwardCycle
from award_portal import calendar, clock, files, people, periods, wording
from award_portal.files import Received
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.models import User
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import letters, permissions
from review import permissions_discipline as rules
from review.models import Complaint, Discipline, PanelSeat, Referral, Reviewer
from review.panels import end_seat_within

S, P = Complaint.State, Complaint.Proposal
DISQUALIFY = Step(("active",), "disqualified", 26)
REPLY = Step((S.LODGED,), S.REPLIED, 26)
EXAMINE = Step((S.LODGED, S.REPLIED), S.EXAMINED, 26)
SANCTION = Step((S.EXAMINED,), S.SANCTIONED, 26)
DISMISS = Step((S.EXAMINED,), S.DISMISSED, 26)

# The Measures give no time for the reply. Five working days after the day of recording; where the year has no table of
# days off yet, seven days. A late reply is still taken until the finding is written.
REPLY_WORKING_DAYS = 5
REPLY_DAYS_WITHOUT_TABLE = 7


# ── a sanction, recorded directly ──


@act("处理评审人员", 26, role=Role.SECRETARIAT)
def sanction(reviewer: Reviewer, sanction: str, ground: str, decision: str, *, by: Any, at: datetime) -> Discipline:
    """Article 26: record a sanction with its ground and the decision. Disqualification ends role, seats and access at once."""
    lock(reviewer)
    require(permissions.may_sanction(by, reviewer, at))
    return _impose(reviewer, sanction, ground, decision, by=by, at=at)


def _impose(
    reviewer: Reviewer,
    sanction: str,
    ground: str,
    decision: str,
    *,
    by: Any,
    at: datetime,
    complaint: Complaint | None = None,
) -> Discipline:
    if sanction not in Discipline.Sanction.values:
        raise Refused("请选择批评、警告或者取消评审资格。", 26, "sanction")
    for name, text in (("ground", ground), ("decision", decision)):
        if not text.strip():
            raise Refused("请写明事由和作出决定的文书或者会议。", 26, name)
    recorded = store(
        Discipline(
            reviewer=reviewer,
            sanction=sanction,
            ground=ground.strip(),
            decision=decision.strip(),
            complaint=complaint,
            decided_by=by,
            decided_at=at,
        )
    )
    if sanction == Discipline.Sanction.DISQUALIFICATION:
        for seat in PanelSeat.objects.filter(reviewer=reviewer, ended_at=None):
            end_seat_within(seat, "取消评审资格", by=by, at=at)
        advance(reviewer, DISQUALIFY, by=by, at=at)
        people.end_within(reviewer.user, Role.REVIEWER, at=at)
    return recorded


# ── a complaint ──


@act("登记对评审人员的投诉", 26, role=Role.SECRETARIAT)
def lodge(
    reviewer: Reviewer,
    cycle: AwardCycle,
    complainant_name: str,
    ground: str,
    complainant_email: str = "",
    file: Received | None = None,
    *,
    by: Any,
    at: datetime,
) -> Complaint:
    """Article 26: record a complaint about a reviewer; he reads its ground, not who complains nor what was handed in with it."""
    lock(reviewer)
    require(rules.may_lodge(by, reviewer, at))
    complainant = _account(complainant_email)
    if complainant is not None and complainant.pk == reviewer.user_id:
        raise Refused("投诉人不能是被投诉人本人。", 26, "complainant_email")
    for name, text in (("complainant_name", complainant_name), ("ground", ground)):
        if not text.strip():
            raise Refused("请写明投诉人和事由；匿名的写“匿名”。", 26, name)
    complaint = store(
        Complaint(
            reviewer=reviewer, cycle=cycle, complainant=complainant, complainant_name=complainant_name.strip(),
            ground=ground.strip(), file=files.record(file, by=by, at=at) if file else None,
            lodged_by=by, lodged_at=at, reply_due_at=reply_due(at),
        )
    )  # fmt: skip
    until = wording.cn_closing(complaint.reply_due_at)
    _tell(complaint, "lodged", "有一件关于评审纪律的事项请您答复", f"请在{until}前登录查看并答复。", at)
    return complaint


def _account(email: str) -> User | None:
    if not email.strip():
        return None
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise Refused("没有使用该邮箱的账号；投诉人没有账号的，请留空。", 26, "complainant_email")
    return found


def reply_due(at: datetime) -> datetime:
    """第二十六条: this function will give the end of the time in which the person answers: midnight after the last day."""
    day = clock.today(at)
    try:
        last = periods.add_working_days(day, REPLY_WORKING_DAYS, calendar.current())
    except periods.NoTable:
        last = day + timedelta(days=REPLY_DAYS_WITHOUT_TABLE)
    return periods.midnight(last + periods.ONE_DAY)


def _tell(complaint: Complaint, what: str, subject: str, body: str, at: datetime) -> None:
    """第二十六条: a letter says that there is something, never what: mailboxes are not confidential."""
    person = complaint.reviewer.user
    page = reverse("review:complaint", args=[complaint.pk])
    letters.to_person(person, subject, body, page, key=f"complaint:{complaint.pk}:{what}", at=at)


@act("答复投诉", 26)
def reply(complaint: Complaint, text: str, file: Received | None = None, *, by: Any, at: datetime) -> Complaint:
    """Article 26: the person complained of answers, once; late is better than not at all, until the finding is written."""
    lock(complaint)
    require(rules.may_reply(by, complaint, at))
    if not text.strip():
        raise Refused("请填写答复。", 26, "text")
    stored = files.record(file, by=by, at=at) if file else None
    return advance(complaint, REPLY, by=by, at=at, reply=text.strip(), reply_file=stored, replied_at=at)


@act("查明投诉", 26, role=Role.SECRETARIAT)
def examine(complaint: Complaint, finding: str, proposal: str, *, by: Any, at: datetime) -> Complaint:
    """Article 26: write what was found and what is proposed, when the person has answered or his time is over."""
    lock(complaint)
    require(rules.may_examine(by, complaint, at))
    if not finding.strip():
        raise Refused("请写明查明的情况和依据。", 26, "finding")
    if proposal not in P.values:
        raise Refused("请选择处理意见。", 26, "proposal")
    return advance(
        complaint, EXAMINE, by=by, at=at, finding=finding.strip(), proposal=proposal, found_by=by, found_at=at
    )


@act("决定投诉", 26, role=Role.SECRETARIAT)
def decide(
    complaint: Complaint, outcome: str, decision: str, decision_reason: str, *, by: Any, at: datetime
) -> Complaint:
    """Article 26: decide as another person than who found, who complains and who is complained of; a sanction takes effect at once."""
    reviewer = lock(lock(complaint).reviewer)
    require(rules.may_decide(by, complaint, at))
    if outcome not in P.values:
        raise Refused("请选择决定。", 26, "outcome")
    for name, text in (("decision", decision), ("decision_reason", decision_reason)):
        if not text.strip():
            raise Refused("请写明决定文书或者会议，以及理由。", 26, name)
    gone = reviewer.state == Reviewer.State.DISQUALIFIED
    if outcome == P.DISQUALIFICATION and gone:
        raise Refused("该人员的评审资格已经取消，请选择其他决定。", 26, "outcome")
    step = DISMISS if outcome == P.DISMISSAL else SANCTION
    done = advance(
        complaint, step, by=by, at=at, decision=decision.strip(), decision_reason=decision_reason.strip(),
        decided_by=by, decided_at=at,
    )  # fmt: skip
    if outcome != P.DISMISSAL:
        _impose(reviewer, outcome, complaint.ground, decision, by=by, at=at, complaint=complaint)
    _tell(complaint, "decided", "关于评审纪律的事项已有决定", "决定及其理由请登录查看。", at)
    return done


@act("移送", 26, role=Role.SECRETARIAT)
def refer(complaint: Complaint, authority: str, document: str, note: str, *, by: Any, at: datetime) -> Referral:
    """Article 26: note that a matter beyond these Measures was handed to the authority it concerns."""
    lock(complaint)
    require(rules.may_refer(by, complaint, at))
    for name, text in (("authority", authority), ("document", document), ("note", note)):
        if not text.strip():
            raise Refused("请写明移送机关、文书和事项。", 26, name)
    row = Referral(complaint=complaint, authority=authority.strip(), document=document.strip(), note=note.strip())
    return store(row, referred_by=by, referred_at=at)
