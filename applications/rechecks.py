"""再核: the conditions must still hold when the committee votes and when the government meets (第十、十一条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from applications import department_checks, permissions_screening
from applications.models import Application, AwardCycle, EligibilityCheck, Recheck, RecheckLine
from award_portal.lifecycle import act, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require

S = Application.State
O = RecheckLine.Outcome  # noqa: E741
ARTICLES = {Recheck.Stage.VOTE: 18, Recheck.Stage.GOVERNMENT: 19}


def last(cycle: AwardCycle, stage: str) -> Recheck | None:
    """第十、十一条: this function will give the last re-check of a stage."""
    return Recheck.objects.filter(cycle=cycle, stage=stage).first()


def pending(recheck: Recheck) -> bool:
    """第十一条: this function will say whether a unit still in waits for its conclusion."""
    return RecheckLine.objects.filter(recheck=recheck, application__state=S.ACCEPTED, outcome=O.PENDING).exists()


def covers(recheck: Recheck) -> bool:
    """第十一条: this function will say whether every unit still in has its line: none was confirmed after it."""
    still_in = Application.objects.filter(cycle=recheck.cycle_id, state=S.ACCEPTED)  # type: ignore[attr-defined]
    return not still_in.exclude(recheck_lines__recheck=recheck).exists()


def done(cycle: AwardCycle, stage: str) -> Verdict:
    """第十、十一、十八、十九条: this function will say whether the conditions were asked again for every unit still in.

    The committee asks it before a ballot (`vote`), and before the list goes to the government (`government`).
    """
    article = ARTICLES[Recheck.Stage(stage)]
    label = Recheck.Stage(stage).label
    found = last(cycle, stage)
    if found is None:
        return no(f"{label}尚未再次核实各单位的申报条件。", article)
    still_in = Application.objects.filter(cycle=cycle, state=S.ACCEPTED)
    rows = RecheckLine.objects.filter(recheck=found, application__in=still_in)
    if not covers(found):
        return no(f"{label}再核之后又有单位确认资格，请再核。", article)
    for outcome, words in ((O.PENDING, "尚未核完"), (O.DOUBTFUL, "存在疑问，尚未处理")):
        open_now = rows.filter(outcome=outcome).count()
        if open_now:
            return no(f"{label}再核：{open_now}家单位{words}。", article)
    if overtaken(found):
        return no(f"{label}再核之后有部门答复发现问题，请再核。", article)
    return YES


def overtaken(recheck: Recheck) -> bool:
    """第十一条: this function will say whether a department found something after "still holds" was concluded about a unit still in.

    That conclusion does not change; the conditions are asked again, or the unit is disqualified.
    """
    held = RecheckLine.objects.filter(recheck=recheck, application__state=S.ACCEPTED, outcome=O.STILL_HOLDS)
    return department_checks.failures(held.values("application")).exists()


def outlived(recheck: Recheck) -> bool:
    """第十一条: this function will say whether only another re-check helps: a unit confirmed since, a finding since."""
    unsettled = RecheckLine.objects.filter(recheck=recheck, application__state=S.ACCEPTED).exclude(
        outcome=O.STILL_HOLDS
    )
    return not covers(recheck) or (not unsettled.exists() and overtaken(recheck))


@act("再次核实申报条件", 11, role=Role.SECRETARIAT)
def recheck(cycle: AwardCycle, stage: str, *, by: Any, at: datetime) -> Recheck:
    """第十、十一条: this function will ask again about all units still in: a line for each, a further round to each department."""
    lock(cycle)
    require(permissions_screening.may_recheck(by, cycle, at))
    if stage not in Recheck.Stage.values:
        raise Refused("请选择表决前或者提请区政府前。", 11, "stage")
    earlier = last(cycle, stage)
    if earlier is not None and pending(earlier):
        raise Refused(f"{earlier}尚未核完，不必另行提请。", 11)
    still_in = list(
        Application.objects.filter(cycle=cycle, state=S.ACCEPTED)
        .select_related("applicant", "cycle")
        .order_by("number")
    )
    if not still_in:
        raise Refused("没有符合资格的单位。", 17)
    made = store(Recheck(cycle=cycle, stage=stage, at=at, by=by))
    for application in still_in:
        store(RecheckLine(recheck=made, application=application))
    latest = EligibilityCheck.objects.last_rounds()  # type: ignore[attr-defined]
    asked = latest.filter(application__in=still_in).exclude(state=EligibilityCheck.State.ASKED)
    for check in asked.filter(department__active=True).select_related("department", "application__cycle"):
        department_checks.again(check, check.application, by=by, at=at)
    return made


def fails_of(recheck: Recheck) -> dict[int, list[str]]:
    """第十一条: this function will give, by application, which departments found something; one query for the page."""
    listed = RecheckLine.objects.filter(recheck=recheck).values("application")
    return _named(
        department_checks.failures(listed).values_list("check_row__application", "check_row__department__name")
    )


def unanswered(recheck: Recheck) -> dict[int, list[str]]:
    """第十七条: this function will give, by application, which departments are still waited for; silence is no answer."""
    latest = EligibilityCheck.objects.last_rounds()  # type: ignore[attr-defined]
    asked = latest.filter(application__recheck_lines__recheck=recheck, state=EligibilityCheck.State.ASKED)
    return _named(asked.values_list("application", "department__name"))


def _named(rows: QuerySet) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for application, name in sorted(set(rows)):
        found.setdefault(application, []).append(name)
    return found


def answers_of(recheck: Recheck) -> dict[int, tuple[int, int]]:
    """第十七条: this function will give, by application, how many departments were asked and how many have answered."""
    latest = EligibilityCheck.objects.last_rounds()  # type: ignore[attr-defined]
    counted: dict[int, tuple[int, int]] = {}
    rows = latest.filter(application__recheck_lines__recheck=recheck).values_list("application", "state")
    for application, state in rows:
        asked, answered = counted.get(application, (0, 0))
        counted[application] = (asked + 1, answered + (state in {"clean", "found"}))
    return counted


@act("核定再核结果", 11, role=Role.SECRETARIAT)
def conclude(recheck: Recheck, lines: Mapping[int, tuple[str, str]], *, by: Any, at: datetime) -> Recheck:
    """第十、十一条: this function will note for each unit given whether the conditions still hold, with the basis.

    What a department has found meanwhile refuses "still holds", and so does one that is still waited for; a doubt leads to the
    existing disqualification, or is resolved.
    """
    lock(recheck)
    require(permissions_screening.may_conclude_recheck(by, recheck, at))
    known = {line.pk: line for line in recheck.lines.select_related("application__applicant")}  # type: ignore[attr-defined]
    fails, waited = fails_of(recheck), unanswered(recheck)
    for pk, (outcome, basis) in lines.items():
        line = known.get(pk)
        if line is None or outcome not in O.values:
            raise Refused("没有这家单位或者这项结论。", 11)
        require(permissions_screening.may_conclude_line(by, line))
        key: int = line.application_id  # type: ignore[attr-defined]
        if line.outcome == O.STILL_HOLDS and (outcome, basis.strip()) == (line.outcome, line.basis):
            continue  # the second of two clicks
        _concludable(line, outcome, basis, fails.get(key, []), waited.get(key, []))
        store(line, outcome=outcome, basis=basis.strip(), by=by, at=at)
    return recheck


def _concludable(line: RecheckLine, outcome: str, basis: str, fails: list[str], waited: list[str]) -> None:
    unit, field = line.application.applicant, f"outcome_{line.pk}"
    if line.outcome == O.STILL_HOLDS:
        raise Refused(f"{unit}已认定仍然符合，不能改动。情况有变化的，请另行再核，或者取消申报资格。", 11, field)
    if outcome == O.PENDING:
        raise Refused("已有结论的，不能改回“待核”。", 11, field)
    if not basis.strip():
        raise Refused(f"请写明{unit}的依据。", 11, f"basis_{line.pk}")
    if outcome == O.STILL_HOLDS and fails:
        raise Refused(f"{'、'.join(fails)}答复发现问题，不能认定{unit}仍然符合。", 11, field)
    if outcome == O.STILL_HOLDS and waited:
        raise Refused(
            f"{'、'.join(waited)}尚未再次答复，不能认定{unit}仍然符合。逾期不答复的，请先登记不再等待及另行核实的情况。",
            17,
            field,
        )
