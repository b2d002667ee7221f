"""届: planned, ruled, announced, extended, closed, concluded (第四、七、十三、十五条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import Max

from applications import rules_news, windows
from applications.models import Announcement, Application, AwardCycle, CycleRules
from applications.recommending import close_requests
from award_portal import clock, outbox, regulation, rubric
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.regulation import RegulationError
from award_portal.roles import Role
from award_portal.rubric import RubricError
from award_portal.sockets import Socket
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_closing, cn_date, cn_numeral

S = AwardCycle.State
R = CycleRules.State
ANNOUNCE = Step((S.DRAFT,), S.ANNOUNCED, article=15)
CONCLUDE = Step((S.ANNOUNCED,), S.CONCLUDED, article=4)
CANCEL = Step((S.DRAFT, S.ANNOUNCED), S.CANCELLED, article=7)
ADOPT = Step((R.DRAFT,), R.ADOPTED, article=7)
SUPERSEDE = Step((R.ADOPTED,), R.SUPERSEDED, article=7)

NUMBERS = (
    "interval_years", "quota", "operation_years", "look_back_years", "total_points", "publicity_days",
    "bonus", "report_count", "accident_window_years", "ban_years",
)  # fmt: skip
# What stays as adopted once the first score is given, and once a ballot or notice opens (第七条).
FROZEN_AT_SCORE = frozenset({"rubric", "desk_weight", "site_weight", "site_cutoff", "site_top_factor", "tie_break"})
FROZEN_AT_BALLOT = frozenset({"quorum", "threshold", "ballot_form", "objection_accept_days", "objection_conclude_days"})
OPEN_CHOICES = (
    "rubric", "correction_days", "panel_size", "conflict_years", "spread_points", "spread_bands", "site_cutoff",
    "site_top_factor", "desk_weight", "site_weight", "tie_break", "quorum", "threshold", "ballot_form",
    "objection_accept_days", "objection_conclude_days", "profile_limit", "report_limit", "file_limit_mb",
    "application_limit_mb", "recheck_days", "answer_days", "grace_minutes",
)  # fmt: skip
# Never on a public page, on a page of a unit or in a letter (第十五条): a grace that is known is a later deadline.
WITHHELD = frozenset({"grace_minutes"})

# Later stages answer (cycle) with (names that are final, sentence), from the first score, ballot or notice on.
frozen = Socket("which of the adopted rules are final by now?")
# Later stages answer (cycle) with sentences that stand against concluding it.
unfinished = Socket("what is still running in this cycle?")
# Later stages answer (cycle, names of the rules that a new version changes) with the people whom they concern.
concerned = Socket("whom do these changed rules concern?")


@act("筹备届次", 4, role=Role.SECRETARIAT)
def plan_cycle(number: int, year: int, code: str, *, by: Any, at: datetime, delay_reason: str = "") -> AwardCycle:
    """第四条: this function will plan a cycle and copy the regulation's numbers onto it.

    Refused where its year is less than the interval after the last cycle that was held, or another cycle still runs.
    """
    text = _regulation(code)
    require(may_follow(year, text.interval_years.value))
    _explain_delay(year, text.interval_years.value, delay_reason)
    expected = (AwardCycle.objects.exclude(state=S.CANCELLED).aggregate(last=Max("number"))["last"] or 0) + 1
    if number != expected and AwardCycle.objects.exclude(state=S.CANCELLED).exists():
        raise Refused(f"届次应当连续，本次应为第{expected}届。", 4, "number")
    numbers = {name: getattr(text, name).value for name in NUMBERS}
    cycle = AwardCycle(number=number, year=year, regulation=code, delay_reason=delay_reason, **numbers)
    return store(cycle, clash=f"第{number}届或{year}年度已有届次。", clash_field="number")


def _regulation(code: str) -> regulation.Regulation:
    try:
        return regulation.load(code)
    except RegulationError as error:
        raise Refused("没有这部管理办法的数据文件。", 30, "code") from error


def _explain_delay(year: int, interval: int, reason: str) -> None:
    last = AwardCycle.objects.exclude(state=S.CANCELLED).order_by("-year").first()
    if last is not None and year > last.year + interval and not reason.strip():
        raise Refused(f"应于{last.year + interval}年举办，延期举办的请写明延期说明。", 4, "delay_reason")


def may_follow(year: int, interval: int) -> Verdict:
    """第四条: this function will say whether a cycle may be held in `year`; a cancelled one does not count as held."""
    last = AwardCycle.objects.exclude(state=S.CANCELLED).order_by("-year").first()
    if last is None:
        return YES
    if last.state in {S.DRAFT, S.ANNOUNCED}:
        return no(f"{last}尚未结束，不能筹备下一届。", 4)
    if year < last.year + interval:
        return no(f"每{interval}年评选一届：上一届为{last.year}年，下一届最早为{last.year + interval}年。", 4)
    return YES


# ── rules ──


@act("起草届次规则", 7, role=Role.SECRETARIAT)
def draft_rules(cycle: AwardCycle, *, by: Any, at: datetime, reason: str = "", **changes: Any) -> CycleRules:
    """第七、八条: this function will draft the rules the Measures leave open: the first version from the proposals, later ones
    from the version in force."""
    lock(cycle)
    if cycle.state not in {S.DRAFT, S.ANNOUNCED}:
        raise Refused(f"{cycle}{cycle.get_state_display()}，不能再起草规则。", 7)
    current = cycle.rules.order_by("-version").first()
    if current is not None and current.state == R.DRAFT:
        raise Refused(f"已有第{current.version}版草案，请直接修改。", 7)
    values = {name: getattr(current, name) for name in OPEN_CHOICES} if current else proposals()
    values |= _checked(changes)
    draft = CycleRules(cycle=cycle, version=current.version + 1 if current else 1, reason=reason, **values)
    return store(draft, clash="权重之和应为100%。", clash_field="desk_weight")


def _column(name: str) -> Any:
    return CycleRules._meta.get_field(name)


def proposals() -> dict[str, Any]:
    """第七条: this function will give the values that a secretariat starts from; the Measures leave each to the committee."""
    values = {name: _column(name).get_default() for name in OPEN_CHOICES}
    return values | {"rubric": settings.RUBRIC, "tie_break": ["site_total", "category:4.7"]}


@act("修改规则草案", 7, role=Role.SECRETARIAT)
def amend_rules(rules: CycleRules, *, by: Any, at: datetime, **changes: Any) -> CycleRules:
    """第七条: this function will change a draft; adopted rules are superseded by a new version, never changed."""
    lock(rules)
    if rules.state != R.DRAFT:
        raise Refused(f"规则{rules.get_state_display()}，不能修改；请另起草新版本，由评委会重新审定。", 7)
    reason = changes.pop("reason", rules.reason)
    return store(rules, clash="权重之和应为100%。", clash_field="desk_weight", reason=reason, **_checked(changes))


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    """第七、十三条: rules that could not be carried out are refused when they are drafted, not when they are needed."""
    for name in ("quorum", "threshold"):
        if name in changes:
            _check_fraction(changes[name], name)
    if "rubric" in changes:
        try:
            rubric.load(changes["rubric"])
        except RubricError as error:
            raise Refused("没有这套评审标准的数据文件。", 13, "rubric") from error
    if "panel_size" in changes and changes["panel_size"] % 2 == 0:
        raise Refused("评审组人数应为单数。", 7, "panel_size")
    return changes


def _check_fraction(text: str, name: str) -> None:
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise Refused("请写成分数，如 2/3。", 7, name) from error
    if not 0 < value <= 1:
        raise Refused("比例应大于0、不超过1。", 7, name)


@act("审定届次规则", 7, role=Role.MEMBER)
def adopt_rules(rules: CycleRules, *, by: Any, at: datetime, meeting: str) -> CycleRules:
    """第七条: this function will put rules in force as the committee adopted them in `meeting`; the version before is superseded.

    Refused where something that is final by now (after the first score, ballot or notice) would change.
    """
    cycle = lock(rules.cycle)
    lock(rules)
    if cycle.state not in {S.DRAFT, S.ANNOUNCED}:
        raise Refused(f"{cycle}{cycle.get_state_display()}，不能再审定规则。", 7)
    if rules.state != R.DRAFT:
        raise Refused(f"{rules}{rules.get_state_display()}，只有草案可以审定。", 7)
    previous = cycle.rules.adopted().first()
    if previous is not None:
        _check_final(previous, rules)
        advance(previous, SUPERSEDE, by=by, at=at)
    advance(rules, ADOPT, by=by, at=at, adopted_at=at, adopted_by=by, adopted_in=meeting)
    if cycle.state == S.ANNOUNCED and cycle.closes_at is not None and cycle.window_closed_at is None:
        store(cycle, taken_until=windows.taken_until(cycle.closes_at, rules))
    if previous is not None:
        rules_news.tell(previous, rules, at=at)
    return rules


def _check_final(previous: CycleRules, rules: CycleRules) -> None:
    for names, sentence in frozen.ask(rules.cycle):
        changed = [name for name in names if getattr(previous, name) != getattr(rules, name)]
        if changed:
            labels = "、".join(str(_column(name).verbose_name) for name in sorted(changed))
            raise Refused(f"{sentence}，{labels}不能再改。", 7)


def rules_of(cycle: AwardCycle) -> CycleRules:
    """第七条: this function will give the rules in force. Refused where the committee has adopted none."""
    rules = cycle.rules.adopted().first()
    if rules is None:
        raise Refused(f"{cycle}的评审标准和规则尚未经评委会审定。", 7)
    return rules


# ── announcement and window ──


@act("发布申报公告", 15, role=Role.SECRETARIAT)
def announce(
    cycle: AwardCycle, *, by: Any, at: datetime, title: str, body: str, materials: str, contacts: str, channels: str,
    opens_at: datetime, closes_at: datetime, reference_on: date | None = None,
) -> Announcement:  # fmt: skip
    """第十五条: this function will publish the announcement and fix the window [opens_at, closes_at) and the reference date.

    The reference date (基准日) is the last day of the window first announced, or an earlier day of the cycle's year that the
    announcement names. Refused before the committee adopted the rules.
    """
    rules = rules_of(lock(cycle))
    check_window(cycle, at, opens_at=opens_at, closes_at=closes_at, reference_on=reference_on)
    running = AwardCycle.objects.announced().exclude(pk=cycle.pk).first()
    if running is not None:
        raise Refused(f"{running}尚未结束，同一时间只能进行一届。", 4)
    reference_on = reference_on or last_day(closes_at)
    advance(
        cycle, ANNOUNCE, by=by, at=at, opens_at=opens_at, closes_at=closes_at, reference_on=reference_on,
        taken_until=windows.taken_until(closes_at, rules),
    )  # fmt: skip
    return _post(
        cycle, Announcement.Kind.OPENING, by, at, title=title, body=body, materials=materials, contacts=contacts,
        channels=channels, opens_at=opens_at, closes_at=closes_at,
    )  # fmt: skip


def check_window(
    cycle: AwardCycle, at: datetime, *, opens_at: datetime, closes_at: datetime, reference_on: date | None = None
) -> None:
    """第四、十五条: this function will refuse a window or a reference date that could not be announced at `at`."""
    if opens_at < at:
        raise Refused("受理开始时间应当在公告发布之后。", 15, "opens_at")
    if closes_at <= opens_at:
        raise Refused("受理截止时间应当晚于开始时间。", 15, "closes_at")
    last = _within_year(cycle, closes_at)
    if reference_on is not None and not date(cycle.year, 1, 1) <= reference_on <= last:
        raise Refused(f"基准日应当在{cycle.year}年1月1日至受理的最后一天（{cn_date(last)}）之间。", 15, "reference_on")


def last_day(closes_at: datetime) -> date:
    """第十五条: this function will give the last day of a window that ends before `closes_at`."""
    return clock.today(closes_at - timedelta(microseconds=1))


def _within_year(cycle: AwardCycle, closes_at: datetime) -> date:
    """第四、十五条: the last day of the window; it lies in the cycle's year, at the latest in the one after."""
    last = last_day(closes_at)
    if not cycle.year <= last.year <= cycle.year + 1:
        raise Refused(f"受理时间应当在{cycle.year}年度内。", 15, "closes_at")
    return last


@act("发布延期公告", 15, role=Role.SECRETARIAT)
def extend(cycle: AwardCycle, *, by: Any, at: datetime, closes_at: datetime, reason: str) -> Announcement:
    """第十五条: this function will extend the window by a further announcement: only longer, only before it has closed.

    The reference date stays where the first announcement fixed it.
    """
    lock(cycle)
    require(may_extend(cycle, at))
    announced_close: Any = cycle.closes_at  # an announced cycle has its window: the database checks it
    if closes_at <= announced_close:
        raise Refused(f"延期只能晚于原截止时间{cn_closing(announced_close)}。", 15, "closes_at")
    _within_year(cycle, closes_at)
    name = regulation.load(cycle.regulation).award_name
    first = cycle.announcements.standing().get(kind=Announcement.Kind.OPENING)
    store(cycle, closes_at=closes_at, taken_until=windows.taken_until(closes_at, rules_of(cycle)))
    return _post(
        cycle, Announcement.Kind.EXTENSION, by, at, title=f"关于延长第{cn_numeral(cycle.number)}届{name}申报受理时间的公告",
        body=f"{reason}\n申报受理截止时间延长至{cn_closing(closes_at)}。基准日不变，仍为{cn_date(first.reference_on)}。",
        materials="", reason=reason, contacts=first.contacts, channels=first.channels, opens_at=cycle.opens_at, closes_at=closes_at,
    )  # fmt: skip


def may_extend(cycle: AwardCycle, at: datetime) -> Verdict:
    """第十五条: this function will say whether the window may still be extended at `at`."""
    if cycle.state != S.ANNOUNCED:
        return no(f"{cycle}为“{cycle.get_state_display()}”，不能延期。", 15)
    if cycle.window_closed_at is not None or not before_close(cycle, at):
        return no("受理已经截止，不能延期。", 15)
    return YES


def before_close(cycle: AwardCycle, at: datetime) -> bool:
    """第十五条: this function will say whether `at` lies before the end of the window; a cycle without one has ended."""
    return cycle.closes_at is not None and at < cycle.closes_at


def _post(cycle: AwardCycle, kind: str, by: Any, at: datetime, **fields: Any) -> Announcement:
    reference_on: Any = cycle.reference_on
    posted = Announcement(cycle=cycle, kind=kind, reference_on=reference_on, published_at=at, published_by=by, **fields)
    store(posted, clash=f"{cycle}已发布申报公告。")
    outbox.put("announcement", f"announcement:{posted.pk}", {"announcement": posted.pk}, at=at)
    return posted


@act("受理截止", 15)
def close_window(cycle: AwardCycle, *, by: Any, at: datetime) -> AwardCycle:
    """第十五条: this function will note that the window has closed, and tell units with an unsent draft.

    What departments were still asked about these drafts needs no answer any more (第十六条).
    """
    lock(cycle)
    if cycle.window_closed_at is not None:
        raise Refused("受理截止已办结。", 15)
    if cycle.state != S.ANNOUNCED or not windows.may_close(cycle, at):
        raise Refused(f"{cycle}的受理尚未截止。", 15)
    unsent = cycle.applications.filter(state=Application.State.DRAFT)
    for application in unsent.select_related("applicant"):
        _tell_unsent(application, at)
    close_requests(unsent, f"{cycle}的申报受理已经截止，", by=by, at=at)
    return store(cycle, window_closed_at=at)


def _tell_unsent(application: Application, at: datetime) -> None:
    for membership in application.applicant.memberships.filter(ends_at=None, level="owner").select_related("user"):
        outbox.mail(
            membership.user.email, "申报受理已截止，草稿未提交",
            f"{application.applicant}在{application.cycle}的申报草稿未在受理时间内提交。草稿仍保留，可随时登录查看。",
            key=f"unsent:{application.pk}", at=at,
        )  # fmt: skip


def windows_due(at: datetime) -> Iterator[AwardCycle]:
    """第十五条: this function will close every window that is over at `at`; run twice, nothing happens twice."""
    for cycle in AwardCycle.objects.announced().filter(window_closed_at=None, closes_at__lte=at):
        if windows.may_close(cycle, at):
            yield close_window(cycle, by=None, at=at)


@act("结束届次", 4, role=Role.SECRETARIAT)
def conclude(cycle: AwardCycle, *, by: Any, at: datetime, reason: str = "") -> AwardCycle:
    """第四条: this function will end a cycle, with awards or with all places vacant; only then may the next be announced."""
    lock(cycle)
    require(may_conclude(cycle))
    return advance(cycle, CONCLUDE, by=by, at=at, ended_at=at, end_reason=reason)


def may_conclude(cycle: AwardCycle) -> Verdict:
    """第四条: this function will say what is still running in a cycle, if anything."""
    if cycle.state != S.ANNOUNCED:
        return no(f"{cycle}为“{cycle.get_state_display()}”，不能结束。", 4)
    if cycle.window_closed_at is None:
        return no("申报受理尚未截止，不能结束本届。", 15)
    if cycle.applications.filter(state__in=[Application.State.SUBMITTED, Application.State.RETURNED]).exists():
        return no("还有申报未作出资格审查结论，不能结束本届。", 17)
    for sentence in unfinished.ask(cycle):
        return no(sentence, 4)
    return YES


@act("取消届次", 7, role=Role.SECRETARIAT)
def cancel(cycle: AwardCycle, *, by: Any, at: datetime, reason: str) -> AwardCycle:
    """第七条: this function will cancel a cycle in which nobody has submitted; it does not count as held.

    What units have asked of departments needs no answer any more (第十六条).
    """
    lock(cycle)
    require(may_cancel(cycle))
    close_requests(cycle.applications.all(), f"{cycle}已取消。", by=by, at=at)
    return advance(cycle, CANCEL, by=by, at=at, ended_at=at, end_reason=reason)


def may_cancel(cycle: AwardCycle) -> Verdict:
    """第七条: this function will say whether a cycle may be cancelled."""
    if cycle.state not in {S.DRAFT, S.ANNOUNCED}:
        return no(f"{cycle}为“{cycle.get_state_display()}”，不能取消。", 7)
    if cycle.applications.exclude(state__in=["draft", "withdrawn"]).exists():
        return no("已有单位提交申报，不能取消届次。", 7)
    return YES


def known_rubrics() -> list[tuple[str, str]]:
    """第十三条: this function will list the rubrics that a cycle's rules may name."""
    return [(code, rubric.load(code).title) for code in rubric.codes()]


def known_regulations() -> list[tuple[str, str]]:
    """第三十条: this function will list the regulations that a cycle may be bound to."""
    return [(code, f"{regulation.load(code).title}（{regulation.load(code).number}）") for code in regulation.codes()]
