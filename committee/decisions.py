"""第十九条: cleared units go to the government; its clerk records what the standing meeting decided and the document's number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from applications import rechecks
from applications.models import AwardCycle, Recheck
from award_portal import files, regulation
from award_portal.clock import today
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_date
from committee import notices, permissions, standing
from committee.models import GovernmentDecision, Nomination, PublicNotice

N = Nomination.State
SUBMIT = Step((N.CLEARED,), N.SUBMITTED, 19)
APPROVE = Step((N.SUBMITTED,), N.APPROVED, 19)
REJECT = Step((N.SUBMITTED,), N.REJECTED, 19)
NUMBER = re.compile(
    r"(?P<prefix>[^\[\]()〔〕【】0-9\s]{1,12})[\[(〔【](?P<year>\d{4})[\])〕】](?P<serial>[1-9]\d{0,4})号?"
)


def closed_notice(cycle: AwardCycle) -> PublicNotice | None:
    """第十九条: the notice that has run its full time."""
    return PublicNotice.objects.filter(cycle=cycle, state=PublicNotice.State.CLOSED).order_by("-pk").first()


def submission_due(cycle: AwardCycle) -> Verdict:
    """第十九条: the period is over, no decision stands, and some unit is free of objections."""
    running = standing.under_way(cycle)
    if not running:
        return running
    if closed_notice(cycle) is None:
        return no("公示尚未期满，不能提请区政府。", 19)
    if GovernmentDecision.objects.filter(cycle=cycle).exists():
        return no("区政府决定已经登记。", 19)
    if not notices.cleared_without_objection(cycle):
        return no("没有公示期满且无异议的单位可以提请。", 19)
    return YES


def submittable(cycle: AwardCycle) -> Verdict:
    """第十一、十九条: a list is due, and the conditions were asked again for every unit still in."""
    return submission_due(cycle) and rechecks.done(cycle, Recheck.Stage.GOVERNMENT)


@act("提请区政府", 19, role=Role.SECRETARIAT)
def submit_list(cycle: AwardCycle, *, by: Any, at: datetime) -> list[Nomination]:
    """第十九条: this function will submit the cleared units, whose conditions still hold; a held one does not hold the others."""
    lock(cycle)
    require(submittable(cycle))
    return [advance(one, SUBMIT, by=by, at=at) for one in notices.cleared_without_objection(cycle)]


def normal_number(text: str, prefix: str) -> tuple[str, int]:
    """第十九条: `瀍政[2027]8号`, with brackets of any kind, as the document is printed: `瀍政〔2027〕8号`, and its year."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    found = NUMBER.fullmatch(plain)
    if found is None:
        raise Refused(f"发文字号应如“{prefix}〔2027〕8号”。", 19, "document_number")
    if found["prefix"] != prefix:
        raise Refused(f"发文字号的机关代字应为“{prefix}”。", 19, "document_number")
    return f"{prefix}〔{found['year']}〕{found['serial']}号", int(found["year"])


def submitted(cycle: AwardCycle) -> list[Nomination]:
    """第十九条: what lies before the standing meeting."""
    listed = Nomination.objects.filter(shortlist__cycle=cycle, state=N.SUBMITTED)
    return list(listed.select_related("application__applicant").order_by("rank", "pk"))


def recordable(cycle: AwardCycle) -> Verdict:
    """第十九条: a list was submitted and no decision is recorded yet."""
    running = standing.under_way(cycle)
    if not running:
        return running
    if GovernmentDecision.objects.filter(cycle=cycle).exists():
        return no("本届表彰决定已经登记。", 19)
    if not Nomination.objects.filter(shortlist__cycle=cycle, state=N.SUBMITTED).exists():
        return no("秘书处尚未提请拟奖名单。", 19)
    return YES


def _submitted_on(cycle: AwardCycle) -> date:
    """The day on which the last of the listed units was submitted."""
    listed = submitted(cycle)
    rows = Nomination.history.filter(id__in=[one.pk for one in listed], state=N.SUBMITTED)  # type: ignore[attr-defined]
    return today(rows.latest("history_date").history_date)


def _check_dates(cycle: AwardCycle, meeting_on: date, document_on: date, at: datetime) -> None:
    notice = closed_notice(cycle)
    if notice is None or meeting_on <= notice.last_day:
        end = cn_date(notice.last_day) if notice else "公示末日"
        raise Refused(f"常务会应在公示期满（{end}24时）之后召开。", 19, "meeting_on")
    if meeting_on < _submitted_on(cycle):
        raise Refused("常务会日期不能早于提请之日。", 19, "meeting_on")
    if document_on < meeting_on:
        raise Refused("成文日期不能早于常务会日期。", 19, "document_on")
    if document_on > today(at):
        raise Refused("成文日期不能晚于今天。", 19, "document_on")


def _kept(scan: Any, *, by: Any, at: datetime) -> Any:
    if isinstance(scan, files.Received):  # the form has looked into it already, outside of the transaction
        return files.record(scan, by=by, at=at)
    return files.store(scan, by=by, at=at, kind="document")


@act("登记表彰决定", 19, role=Role.GOVERNMENT)
def record(
    cycle: AwardCycle, *, document_number: str, meeting_on: date, document_on: date, approved: Sequence[Nomination],
    by: Any, at: datetime, scan: Any = None,
) -> GovernmentDecision:  # fmt: skip
    """第十九条: this function will record the standing meeting's decision: approved out of the submitted, the rest rejected.

    The award's date is the document's. Refused for a number that is not the government's, for dates out of order, and for
    a unit that was not submitted or has left since.
    """
    lock(cycle)
    require(recordable(cycle))
    number, year = normal_number(document_number, regulation.load(cycle.regulation).document_prefix)
    _check_dates(cycle, meeting_on, document_on, at)
    if year != document_on.year:
        raise Refused("发文字号的年份应与成文日期一致。", 19, "document_number")
    listed, chosen = submitted(cycle), {nomination.pk for nomination in approved}
    if not chosen <= {nomination.pk for nomination in listed}:
        raise Refused("只能在已提请的单位中批准。", 19, "approved")
    for nomination in listed:
        if nomination.pk in chosen and not permissions.in_standing(nomination):
            raise Refused(f"{nomination}已撤回申报或者被取消资格，不能批准。", 19, "approved")
    if len(chosen) > cycle.quota:
        raise Refused(f"获奖单位不超过{cycle.quota}家。", 4, "approved")
    stored = _kept(scan, by=by, at=at) if scan else None
    decision = store(
        GovernmentDecision(cycle=cycle, document_number=number, meeting_on=meeting_on, document_on=document_on,
                           recorded_by=by, recorded_at=at, scan=stored),
        clash="该发文字号已登记，或者本届决定已经登记。", clash_field="document_number",
    )  # fmt: skip
    for nomination in listed:
        advance(nomination, APPROVE if nomination.pk in chosen else REJECT, by=by, at=at)
    return decision
