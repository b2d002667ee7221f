"""评审人员库: entered by the secretariat, kept by the reviewer himself, confirmed by him for each cycle (第九条)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from applications.models import AwardCycle
from applications.units import canonical_code, tidy
from award_portal import clock, industries, people
from award_portal.lifecycle import act, lock, store
from award_portal.models import User
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import permissions_pool as permissions
from review.models import Engagement, RecordConfirmation, Reviewer
from review.permissions_pool import confirmed, is_confirmed

__all__ = ["confirmed", "is_confirmed", "list_reviewer"]

KEPT = ("employer", "education", "quality_years", "qualification", "industries", "specialities")
OFFICIAL = ("industry_expert",)  # the secretariat says who is an expert of the trade; nobody makes himself one
MOST_INDUSTRIES = 20
FEWEST_YEARS = 5
DEGREES = ("学士", "本科", "大学", "硕士", "博士", "研究生", "高级", "教授", "研究员")
IN_POOL = "已在评审人员库中。"


# ── what is asked of a reviewer: a hint, never a bar ──


def shortfalls(education: str, quality_years: int | None) -> Iterator[str]:
    """第九条: this function will say where a person falls short of what awards usually ask: a degree or a senior title, five years.

    The Measures themselves set no such bar, so it is shown and refuses nothing.
    """
    if not education.strip():
        yield "未填写学历、职称。"
    elif not any(word in education for word in DEGREES):
        yield "通常要求大学本科以上学历或者高级职称，请核对。"
    if quality_years is None:
        yield "未填写从事质量工作的年数。"
    elif quality_years < FEWEST_YEARS:
        yield f"通常要求从事质量管理或者技术工作满{FEWEST_YEARS}年，现为{quality_years}年。"


def read_industries(text: str) -> list[str]:
    """第九条: this function will read codes of GB/T 4754 (“C34、K”), each once, or refuse what is no code."""
    found: list[str] = []
    for part in re.split(r"[、，,；;\s]+", text.strip()):
        if not part:
            continue
        entry = industries.get(part)
        if entry is None:
            raise Refused(f"“{part}”不是国民经济行业的门类或者大类代码（如C34、K）。", 9, "industries")
        found.append(entry.code)
    if len(found) > MOST_INDUSTRIES:
        raise Refused(f"专业行业最多{MOST_INDUSTRIES}个。", 9, "industries")
    return list(dict.fromkeys(found))


# ── entering ──


@act("评审人员入库", 9, role=Role.SECRETARIAT)
def list_reviewer(
    user: User,
    employer: str,
    qualification: str = "",
    specialities: str = "",
    industry_expert: bool = False,
    *,
    by: Any,
    at: datetime,
    education: str = "",
    quality_years: int | None = None,
    industries: Sequence[str] = (),
) -> Reviewer:
    """Article 9: enter a person into the pool of reviewers; the role comes with it."""
    if Reviewer.objects.filter(user=user).exists():
        raise Refused(f"{user}{IN_POOL}", 9, "user")
    reviewer = store(
        Reviewer(
            user=user,
            employer=_named(employer),
            education=education.strip(),
            quality_years=quality_years,
            qualification=qualification.strip(),
            industries=list(industries),
            specialities=specialities.strip(),
            industry_expert=industry_expert,
            listed_at=at,
        ),
        clash=f"{user}{IN_POOL}",
        clash_field="user",
    )
    people.grant_within(user, Role.REVIEWER, at=at, reason="评审人员入库", by=by)
    return reviewer


def _named(employer: str) -> str:
    if not employer.strip():
        raise Refused("请填写工作单位。", 9, "employer")
    return " ".join(employer.split())


# ── keeping ──


@act("维护评审人员档案", 9, role=Role.REVIEWER)
def keep_record(
    reviewer: Reviewer, *, by: Any, at: datetime, employer_until: date | None = None, **record: Any
) -> Reviewer:
    """Article 9: the reviewer keeps his own record; an employer he leaves stays on it as one he had."""
    lock(reviewer)
    require(permissions.may_keep_record(by, reviewer, at))
    return change_within(reviewer, _only(record, KEPT), by=by, at=at, employer_until=employer_until)


@act("更正评审人员登记", 9, role=Role.SECRETARIAT)
def amend_reviewer(reviewer: Reviewer, *, by: Any, at: datetime, reason: str = "", **record: Any) -> Reviewer:
    """Article 9: the secretariat corrects what it entered: kind and record; the reviewer confirms it anew. The body has its own verb."""
    lock(reviewer)
    require(permissions.may_amend_reviewer(by, reviewer, at))
    return change_within(reviewer, _only(record, (*KEPT, *OFFICIAL)), by=by, at=at)


def _only(record: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in names}


def differences(reviewer: Reviewer, record: Mapping[str, Any]) -> dict[str, Any]:
    """第九条: this function will keep what differs from the record as it stands."""
    return {name: value for name, value in record.items() if getattr(reviewer, name) != value}


def change_within(
    reviewer: Reviewer, record: Mapping[str, Any], *, by: Any, at: datetime, employer_until: date | None = None
) -> Reviewer:
    """第九条: this function will write a changed record inside another act; nothing changed, nothing written."""
    if "employer" in record:
        record = {**record, "employer": _named(record["employer"])}
    changed = differences(reviewer, record)
    if not changed:
        return reviewer
    if "employer" in changed:
        _leave(reviewer, employer_until or clock.today(at), by, at)
    return store(reviewer, **changed, record_revision=reviewer.record_revision + 1)


def _leave(reviewer: Reviewer, until: date, by: Any, at: datetime) -> None:
    if until > clock.today(at):
        raise Refused("离开原单位的日期不能晚于今天。", 9, "employer_until")
    past = Engagement(reviewer=reviewer, kind=Engagement.Kind.EMPLOYER, organisation=reviewer.employer, until=until)
    store(past, recorded_by=by, recorded_at=at)


# ── employers, courses, advice, shares ──


@act("登记与单位的往来", 9, role=Role.REVIEWER)
def engage(
    reviewer: Reviewer,
    kind: str,
    organisation: str,
    code: str = "",
    since: date | None = None,
    until: date | None = None,
    note: str = "",
    *,
    by: Any,
    at: datetime,
) -> Engagement:
    """Article 9: enter an employer, a course, advice or shares: what ties the reviewer to an organisation, and until when."""
    lock(reviewer)
    require(permissions.may_keep_record(by, reviewer, at))
    if kind not in Engagement.Kind.values:
        raise Refused("请选择种类。", 9, "kind")
    if since and since > clock.today(at):
        raise Refused("开始日期不能晚于今天。", 9, "since")
    if since and until and until < since:
        raise Refused("结束日期不能早于开始日期。", 9, "until")
    row = Engagement(
        reviewer=reviewer, kind=kind, organisation=tidy(organisation), code=canonical_code(code) if code.strip() else "",
        since=since, until=until, note=note.strip(), recorded_by=by, recorded_at=at,
    )  # fmt: skip
    store(row)
    _revised(reviewer)
    return row


@act("结束与单位的往来", 9, role=Role.REVIEWER)
def end_engagement(engagement: Engagement, until: date, *, by: Any, at: datetime) -> Engagement:
    """Article 9: write down when it ended; it goes on counting for as long as the rules look back."""
    lock(engagement)
    require(permissions.may_end_engagement(by, engagement, at))
    if until > clock.today(at):
        raise Refused("结束日期不能晚于今天。", 9, "until")
    if engagement.since and until < engagement.since:
        raise Refused("结束日期不能早于开始日期。", 9, "until")
    store(engagement, until=until)
    _revised(lock(engagement.reviewer))
    return engagement


@act("撤销登记的往来", 9, role=Role.REVIEWER)
def withdraw_engagement(engagement: Engagement, reason: str, *, by: Any, at: datetime) -> Engagement:
    """Article 9: take back what was entered by mistake; the row stays with its reason, for whoever asks later."""
    lock(engagement)
    require(permissions.may_withdraw_engagement(by, engagement, at))
    if not reason.strip():
        raise Refused("请写明撤销的原因。", 9, "reason")
    store(engagement, withdrawn_at=at, withdrawal_reason=reason.strip()[:200])
    _revised(lock(engagement.reviewer))
    return engagement


def _revised(reviewer: Reviewer) -> None:
    store(reviewer, record_revision=reviewer.record_revision + 1)


# ── confirming ──


@act("确认评审人员档案", 9, role=Role.REVIEWER)
def confirm_record(cycle: AwardCycle, *, by: Any, at: datetime) -> RecordConfirmation:
    """Article 9: the reviewer says for this cycle that his record is true and complete; what it said is kept with it."""
    reviewer = permissions.record_of(by)
    if reviewer is None:
        raise Refused("您不在评审人员库中。", 9)
    lock(reviewer)
    require(permissions.may_confirm_record(by, lock(cycle), at))
    row = RecordConfirmation(
        reviewer=reviewer, cycle=cycle, revision=reviewer.record_revision, record=snapshot(reviewer), confirmed_at=at
    )
    return store(row, clash="您已确认现在的档案。")


def snapshot(reviewer: Reviewer) -> dict[str, Any]:
    """第九条: this function will write down what a record says, in plain values."""
    rows = reviewer.engagements.counting().order_by("pk")
    return {
        "name": reviewer.user.name,
        **{name: getattr(reviewer, name) for name in KEPT},
        "industry_expert": reviewer.industry_expert,
        "body": str(reviewer.body or ""),
        "engagements": [
            {
                "kind": row.kind, "organisation": row.organisation, "code": row.code, "note": row.note,
                "since": row.since.isoformat() if row.since else "", "until": row.until.isoformat() if row.until else "",
            }
            for row in rows
        ],
    }  # fmt: skip
