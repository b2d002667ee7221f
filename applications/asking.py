"""批量提请核查: all units of a cycle are asked about in one act, each department about the limbs it knows (第十、十一、十七条)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from applications import letters, permissions_screening
from applications.department_checks import deadline_in
from applications.limbs import limbs_in
from applications.models import (
    ApplicantMembership,
    Application,
    AwardCycle,
    CheckLine,
    Department,
    DepartmentOfficer,
    EligibilityCheck,
)
from award_portal.lifecycle import act, lock, store_all
from award_portal.regulation import Limb
from award_portal.roles import Role, in_force
from award_portal.verdict import Refused, require
from award_portal.wording import cn_closing

S = Application.State
ASKED = ("application_id", "department_id", "round", "asked_at", "asked_by_id", "due_at")


@dataclass(frozen=True)
class Line:
    """One department as it would be asked: about which limbs, of which units, and how many are left out because they were asked."""

    department: Department
    limbs: tuple[Limb, ...]
    units: tuple[Application, ...]
    waiting: int
    answered: int
    officers: int


@dataclass(frozen=True)
class Plan:
    """What an act would ask before anything is asked: department by department, until when, and the units left to a colleague."""

    lines: tuple[Line, ...]
    due_at: datetime | None
    open_units: int
    avoided: int

    @property
    def checks(self) -> int:
        """How many requests would be made."""
        return sum(len(line.units) for line in self.lines)

    @property
    def departments(self) -> int:
        """How many departments would be written to."""
        return sum(bool(line.units) for line in self.lines)

    @property
    def units(self) -> int:
        """How many units would be asked about."""
        return len({unit.pk for line in self.lines for unit in line.units})


def open_units(cycle: AwardCycle) -> QuerySet[Application]:
    """第十七条: this function will give the units of a cycle about which departments are asked: handed in, not decided."""
    return Application.objects.filter(cycle=cycle, state__in=[S.SUBMITTED, S.RETURNED]).order_by("number", "pk")


def plan(
    cycle: AwardCycle, wanted: Mapping[int, Sequence[str]], *, by: Any, at: datetime, due_on: date | None = None
) -> Plan:
    """第十、十一、十七条: this function will say what would be asked and what is left out; the same queries for every number of units.

    `wanted` names for each department (by its key) the limbs. A department that was asked about a unit before, answered or not,
    is not asked about it here again; a unit of the person's own is left to a colleague (第九条).
    """
    return _plan(cycle, wanted, open_units(cycle), deadline_in(cycle, due_on, at), by, at)


def standing(cycle: AwardCycle, wanted: Mapping[int, Sequence[str]], *, by: Any, at: datetime) -> Plan:
    """第十七条: this function will say, whatever the deadline, how far each department has been asked."""
    return _plan(cycle, wanted, open_units(cycle), None, by, at)


def _plan(
    cycle: AwardCycle, wanted: Mapping[int, Sequence[str]], listed: QuerySet[Application], due_at: datetime | None,
    by: Any, at: datetime,
) -> Plan:  # fmt: skip
    units = list(listed.select_related("applicant"))
    own = set(ApplicantMembership.objects.filter(user=by).values_list("applicant", flat=True))
    mine = [unit for unit in units if unit.applicant_id not in own]
    known, asked, officers = limbs_in(cycle), _asked(cycle), _officers(at)
    lines = []
    for department in Department.objects.in_use().filter(pk__in=list(wanted)):
        before = asked.get(department.pk, {})
        states = [before[unit.pk] for unit in mine if unit.pk in before]
        waiting = states.count(EligibilityCheck.State.ASKED)
        lines.append(
            Line(
                department, tuple(limb for limb in known if limb.code in set(wanted[department.pk])),
                tuple(unit for unit in mine if unit.pk not in before), waiting, len(states) - waiting,
                officers.get(department.pk, 0),
            )
        )  # fmt: skip
    return Plan(tuple(lines), due_at, len(units), len(units) - len(mine))


def _asked(cycle: AwardCycle) -> dict[int, dict[int, str]]:
    """By department: the units about which it was asked, with the state of its last round."""
    found: dict[int, dict[int, str]] = {}
    last = EligibilityCheck.objects.filter(application__cycle=cycle).last_rounds()  # type: ignore[attr-defined]
    for department, application, state in last.values_list("department", "application", "state"):
        found.setdefault(department, {})[application] = state
    return found


def _officers(at: datetime) -> dict[int, int]:
    """By department: how many people a letter reaches."""
    found: dict[int, int] = {}
    reached = DepartmentOfficer.objects.filter(in_force(at), user__is_active=True)
    for department in reached.values_list("department", flat=True):
        found[department] = found.get(department, 0) + 1
    return found


@act("批量提请部门核查", 17, role=Role.SECRETARIAT)
def ask_all(
    cycle: AwardCycle, wanted: Mapping[int, Sequence[str]], *, by: Any, at: datetime, due_on: date | None = None
) -> Plan:
    """第十、十一、十七条: this function will ask each department about every unit about which it was not asked yet, and write to it once.

    Refused where nothing is left to ask: the second of two clicks asks nobody again.
    """
    lock(cycle)
    require(permissions_screening.may_ask_all(by, cycle, at))
    due_at = deadline_in(cycle, due_on, at)
    listed = open_units(cycle).select_for_update(of=("self",))  # a decision or a withdrawal comes before or after it
    made = _plan(cycle, wanted, listed, due_at, by, at)
    if any(not line.limbs for line in made.lines):
        raise Refused("请为所选部门至少选择一项《办法》规定的条件。", 10, "departments")
    if not made.checks:
        raise Refused("没有需要提请的：所选部门对各单位均已提请过。", 17, "departments")
    checks = [
        EligibilityCheck(
            application=unit, department=line.department, round=1, asked_at=at, asked_by=by, due_at=made.due_at
        )
        for line in made.lines
        for unit in line.units
    ]
    store_all(checks, ASKED, clash="有单位刚刚提请过核查，请刷新页面后再办理。")
    limbs = {line.department.pk: line.limbs for line in made.lines}
    rows = [
        CheckLine(check_row=check, limb=limb.code)
        for check in checks
        for limb in limbs[check.department_id]  # type: ignore[attr-defined]
    ]
    store_all(rows, ("check_row_id", "limb"), clash="有单位刚刚提请过核查，请刷新页面后再办理。")
    first = {check.department_id: check.pk for check in reversed(checks)}  # type: ignore[attr-defined]
    for line in made.lines:
        if line.units:
            _tell(cycle, line, made.due_at, first[line.department.pk], at)
    return made


def _tell(cycle: AwardCycle, line: Line, due_at: datetime | None, key: int, at: datetime) -> None:
    until = f"，请于{cn_closing(due_at)}前答复" if due_at else ""
    letters.to_department(
        line.department,
        f"请核查{len(line.units)}家单位的申报资格：{cycle}",
        f"请核查{cycle}{len(line.units)}家申报单位有关第十条、第十一条的情况（每家{len(line.limbs)}项），"
        f"并在门户逐项答复{until}。也可以在门户下载表格，填好后一次导入。没有记录的，也请答复“无记录”。",
        reverse("applications:department"),
        key=f"checks:{key}",
        at=at,
    )
