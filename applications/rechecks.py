"""再核: the conditions must still hold when the committee votes and when the government meets (第十、十一条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from applications import department_checks, permissions_screening
from applications.models import Application, AwardCycle, CheckLine, EligibilityCheck, Recheck, RecheckLine
from award_portal.lifecycle import act, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require

S = Application.State
O = RecheckLine.Outcome  # noqa: E741
ARTICLES = {Recheck.Stage.VOTE: 18, Recheck.Stage.GOVERNMENT: 19}


def last(cycle: AwardCycle, stage: str) -> Recheck | None:
    """第十、十一条: this function will give the last re-check of a stage."""
    return Recheck.objects.filter(cycle=cycle, stage=stage).first()


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
    if rows.count() < still_in.count():
        return no(f"{label}再核之后又有单位确认资格，请再核。", article)
    for outcome, words in ((O.PENDING, "尚未核完"), (O.DOUBTFUL, "存在疑问，尚未处理")):
        open_now = rows.filter(outcome=outcome).count()
        if open_now:
            return no(f"{label}再核：{open_now}家单位{words}。", article)
    return YES


@act("再次核实申报条件", 11, role=Role.SECRETARIAT)
def recheck(cycle: AwardCycle, stage: str, *, by: Any, at: datetime) -> Recheck:
    """第十、十一条: this function will ask again about all units still in: a line for each, a further round to each department."""
    lock(cycle)
    require(permissions_screening.may_recheck(by, cycle, at))
    if stage not in Recheck.Stage.values:
        raise Refused("请选择表决前或者提请区政府前。", 11, "stage")
    earlier = last(cycle, stage)
    if earlier is not None and earlier.lines.filter(outcome=O.PENDING, application__state=S.ACCEPTED).exists():  # type: ignore[attr-defined]
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
    latest = EligibilityCheck.objects.last_rounds()  # type: ignore[attr-defined]
    rows = CheckLine.objects.filter(
        check_row__in=latest.filter(application__recheck_lines__recheck=recheck), result=CheckLine.Result.FAIL
    )
    found: dict[int, list[str]] = {}
    for application, name in rows.values_list("check_row__application", "check_row__department__name").distinct():
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

    What a department has found meanwhile refuses "still holds"; a doubt leads to the existing disqualification, or is resolved.
    """
    lock(recheck)
    require(permissions_screening.may_conclude_recheck(by, recheck, at))
    known = {line.pk: line for line in recheck.lines.select_related("application__applicant")}  # type: ignore[attr-defined]
    fails = fails_of(recheck)
    for pk, (outcome, basis) in lines.items():
        line = known.get(pk)
        if line is None or outcome not in O.values:
            raise Refused("没有这家单位或者这项结论。", 11)
        if outcome == O.PENDING:
            raise Refused("已有结论的，不能改回“待核”。", 11, f"outcome_{pk}")
        if not basis.strip():
            raise Refused(f"请写明{line.application.applicant}的依据。", 11, f"basis_{pk}")
        if outcome == O.STILL_HOLDS and line.application_id in fails:  # type: ignore[attr-defined]
            who = "、".join(fails[line.application_id])  # type: ignore[attr-defined]
            raise Refused(f"{who}答复发现问题，不能认定{line.application.applicant}仍然符合。", 11, f"outcome_{pk}")
        store(line, outcome=outcome, basis=basis.strip(), by=by, at=at)
    return recheck
