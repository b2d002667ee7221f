"""撤销: reported by the secretariat, heard, decided by the committee, approved by the government (第二十八、二十九条)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from award_portal import clock
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.periods import add_years, within_accident_window
from award_portal.roles import Role, holders
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import article_label, cn_date
from committee import standing
from committee.models import Meeting
from monitoring import units, voting
from monitoring.approval import approve, decidable
from monitoring.models import Award, Recovery, Revocation, RevocationVote

__all__ = [
    "approve", "cast", "decidable", "drop", "droppable", "hear", "hearable", "open_case", "openable", "plead", "pleadable",
    "propose", "recover", "recoverable", "reject",
]  # fmt: skip

ARTICLES = {Revocation.Ground.FALSE_MATERIAL: 28, Revocation.Ground.ACCIDENT: 29}
HEAR = Step(("opened",), "heard", 28)
PROPOSE = Step(("heard",), "proposed", 28)
REJECT = Step(("proposed",), "rejected", 28)
DROP = Step(("opened", "heard"), "dropped", 28)


# ── the case ──


def openable(award: Award, at: datetime) -> Verdict:
    """第二十八、二十九条: this function will say whether a case against the award may be opened."""
    if award.state != Award.State.CONFERRED:
        return no("该奖项已撤销。", 28)
    if award.revocations.filter(state__in=["opened", "heard", "proposed"]).exists():
        return no("该奖项已有撤销事项在办。", 28)
    return YES


@act("立案撤销", 28, role=Role.SECRETARIAT)
def open_case(
    award: Award, ground: str, facts: str, *, by: Any, at: datetime, event_on: date | None = None
) -> Revocation:
    """第二十八、二十九条: this function will open a case: false material at any time, an accident within the years after the award."""
    require(openable(lock(award), at))
    if ground not in Revocation.Ground.values:
        raise Refused("请选择撤销情形。", 28, "ground")
    article = ARTICLES[Revocation.Ground(ground)]
    if not facts.strip():
        raise Refused("请写明事实与证据。", article, "facts")
    _check_event(award, ground, event_on, clock.today(at))
    case = store(
        Revocation(
            award=award, ground=ground, article=article, facts=facts.strip(), event_on=event_on, opened_at=at, opened_by=by,
        ),
        clash="该奖项已有撤销事项在办。",
    )  # fmt: skip
    body = (
        f"秘书处就贵单位{award.cycle.year}年所获奖项立案，情形为“{case.get_ground_display()}”（{article_label(article)}）。\n"
        "请在门户查看事实与证据并提交书面陈述。"
    )
    units.write_to(
        award.applicant, "撤销事项立案通知", body, path=case.get_absolute_url(), key=f"case:{case.pk}", at=at
    )
    return case


def _check_event(award: Award, ground: str, event_on: date | None, today: date) -> None:
    article = ARTICLES[Revocation.Ground(ground)]
    if event_on is not None and event_on > today:
        raise Refused("事件日期不能晚于今天。", article, "event_on")
    if ground != Revocation.Ground.ACCIDENT:
        return
    if event_on is None:
        raise Refused("请填写事故或事项发生的日期。", article, "event_on")
    years = award.cycle.accident_window_years
    if not within_accident_window(event_on, award.awarded_on, years):
        last = cn_date(add_years(award.awarded_on, years))
        raise Refused(
            f"只适用于获奖后{years}年内发生的事件，即{cn_date(award.awarded_on)}之后、{last}以前（含当日）；"
            f"{cn_date(event_on)}不在其内。",
            article,
            "event_on",
        )


def pleadable(case: Revocation) -> Verdict:
    """第二十八、二十九条: this function will say whether the unit may still state its case."""
    if case.state == Revocation.State.OPENED:
        return YES
    return no(f"该事项{case.get_state_display()}，不再接受书面陈述。", case.article)


@act("提交书面陈述", 28)
def plead(case: Revocation, statement: str, *, by: Any, at: datetime) -> Revocation:
    """第二十八、二十九条: this function will record what the unit says; until the hearing is recorded it may say more."""
    lock(case)
    if not units.acts_for(by, case.award.applicant, at):
        raise Refused("书面陈述由该单位的负责人或填报人提交。", case.article)
    require(pleadable(case))
    if not statement.strip():
        raise Refused("请填写陈述内容。", case.article, "statement")
    return store(case, statement=statement.strip(), stated_at=at)


def hearable(case: Revocation) -> Verdict:
    """第二十八、二十九条: this function will say whether the hearing may be recorded."""
    if case.state == Revocation.State.OPENED:
        return YES
    return no(f"该事项{case.get_state_display()}，不能再登记听取意见。", case.article)


@act("登记听取意见", 28, role=Role.SECRETARIAT)
def hear(case: Revocation, hearing: str, *, by: Any, at: datetime, no_statement_note: str = "") -> Revocation:
    """第二十八、二十九条: this function will record how the unit was heard; without its statement, how it was asked and by when."""
    require(hearable(lock(case)))
    if not hearing.strip():
        raise Refused("请写明听取意见的情况。", case.article, "hearing")
    words = hearing.strip()
    if case.stated_at is None:
        if not no_statement_note.strip():
            raise Refused(
                "该单位尚未提交书面陈述。请先听取其意见，或者写明通知送达情况和已过的陈述期限。",
                case.article,
                "no_statement_note",
            )
        words += f"\n未收到书面陈述：{no_statement_note.strip()}"
    return advance(case, HEAR, by=by, at=at, hearing=words, heard_at=at)


def droppable(case: Revocation) -> Verdict:
    """第二十八、二十九条: this function will say whether the case may be dropped: not while the committee votes on it."""
    if case.state not in DROP.sources:
        return no(f"该事项{case.get_state_display()}，不能终止。", case.article)
    if case.meeting is not None and case.meeting.state == Meeting.State.OPEN:
        return no("评委会正在表决，会议结束后方可终止。", case.article)
    return YES


@act("终止撤销事项", 28, role=Role.SECRETARIAT)
def drop(case: Revocation, reason: str, *, by: Any, at: datetime) -> Revocation:
    """第二十八、二十九条: this function will end a case that does not hold, with its reason. What the committee carried goes on."""
    require(droppable(lock(case)))
    if not reason.strip():
        raise Refused("请写明终止的理由。", case.article, "reason")
    if case.meeting is not None and voting.proposable(case, case.meeting, at):
        raise Refused("评委会已表决通过，应当提请区政府，不能终止。", case.article)
    advance(case, DROP, by=by, at=at, end_reason=reason.strip())
    _tell(case, "撤销事项终止通知", f"该事项已终止，奖项继续有效。说明：{case.end_reason}", "dropped", at)
    return case


# ── the committee ──


@act("表决撤销事项", 28, role=Role.MEMBER)
def cast(case: Revocation, choice: str, *, by: Any, at: datetime) -> RevocationVote:
    """第七、二十八、二十九条: this function will record a member's vote: present, not recused, in session, once and for all.

    With the first vote the case keeps its meeting and the threshold that the rules have then.
    """
    meeting = voting.meeting_of(lock(case), by)
    if meeting is not None:
        lock(meeting)  # no vote may land after the meeting is closed and counted
    require(voting.castable(case, by, at))
    if meeting is None or meeting.state != Meeting.State.OPEN:
        raise Refused("会议已经结束，不能表决。", 7)
    if choice not in RevocationVote.Choice.values:
        raise Refused("请选择赞成、反对或弃权。", case.article, "choice")
    if case.meeting_id != meeting.pk:
        store(case, meeting=meeting, threshold=case.threshold or voting.rules_of(meeting).threshold)
    vote = RevocationVote(revocation=case, meeting=meeting, member=standing.seat_of(by, at), choice=choice, at=at)
    return store(vote, clash="您已表决，或者会议已经结束，表决不能更改。")


@act("提请区政府批准撤销", 28, role=Role.SECRETARIAT)
def propose(case: Revocation, meeting: Meeting, *, by: Any, at: datetime) -> Revocation:
    """第二十八、二十九条: this function will put the case to the government, where the committee's vote carries it."""
    require(voting.proposable(lock(case), lock(meeting), at))
    return advance(case, PROPOSE, by=by, at=at, meeting=meeting, proposed_at=at)


# ── the government's no, and what is given back ──


@act("不批准撤销", 28, role=Role.GOVERNMENT)
def reject(case: Revocation, reason: str, *, by: Any, at: datetime) -> Revocation:
    """第二十八、二十九条: this function will record that the government did not approve: the award stands."""
    require(decidable(lock(case)))
    if not reason.strip():
        raise Refused("请写明不批准的理由。", case.article, "reason")
    advance(case, REJECT, by=by, at=at, decided_by=by, end_reason=reason.strip())
    _tell(case, "撤销事项结论通知", f"区政府未批准撤销，奖项继续有效。说明：{case.end_reason}", "rejected", at)
    return case


def recoverable(recovery: Recovery) -> Verdict:
    """第二十八、二十九条: this function will say whether the thing is still to be given back."""
    if recovery.recovered_on is None:
        return YES
    return no(f"{recovery.get_thing_display()}已于{cn_date(recovery.recovered_on)}收回。", recovery.revocation.article)


@act("登记收回", 28, role=Role.SECRETARIAT)
def recover(recovery: Recovery, on: date, *, by: Any, at: datetime, note: str = "") -> Recovery:
    """第二十八、二十九条: this function will record that trophy, certificate or bonus was given back, and when."""
    require(recoverable(lock(recovery)))
    case = recovery.revocation
    if not case.decided_on <= on <= clock.today(at):
        raise Refused(f"收回日期应在批准日期{cn_date(case.decided_on)}至今天之间。", case.article, "on")
    return store(recovery, recovered_on=on, note=note.strip())


def _tell(case: Revocation, subject: str, body: str, kind: str, at: datetime) -> None:
    key = f"case-{kind}:{case.pk}"
    units.write_to(case.award.applicant, subject, body, path=case.get_absolute_url(), key=key, at=at)
    for person in holders(Role.SECRETARIAT, at):
        units.write_person(person, subject, f"{case}：{body}", path=case.get_absolute_url(), key=key, at=at)
