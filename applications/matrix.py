"""The matrix of a cycle: every limb of articles 10 and 11 × every unit; all sums are done in the database (第十、十一、十七条)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from applications import department_checks, eligibility_grounds
from applications.hints import Hint, awards_of, hints
from applications.limbs import limbs_in, sources_of
from applications.models import Application, AwardCycle, CheckLine, EligibilityCheck, EligibilityLine
from applications.screening_facts import prefetched
from award_portal.regulation import Limb

S = Application.State
L = EligibilityLine.Conclusion
R = CheckLine.Result
PAGE = 20
SHOWN = (S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.DECLINED, S.DISQUALIFIED)
FILTERS = {"": "全部单位", "open": "只看有未核实的", "not_met": "只看有不符合的", "doubt": "只看部门发现问题的"}
# The worst answer of several departments comes first; no record says less than a pass. What was found and still stands is worse
# than all of them (`_standing`); a failure that does not stand any more comes after what is still waited for.
SEVERITY = (R.PENDING, R.FAIL, R.NO_RECORD, R.PASS)
OVERCOME = "不通过，其后已核定符合"  # a person concluded the limb anew after the answer


@dataclass(frozen=True)
class Cell:
    """One limb of one unit: what a person concluded, what departments answered, what the machine points out."""

    conclusion: str
    label: str
    answered: int
    asked: int
    worst: str
    worst_label: str
    hint: Hint | None

    @property
    def tone(self) -> str:
        """The tone of the conclusion; what nobody has concluded is quiet."""
        return {L.MET: "good", L.NOT_MET: "bad"}.get(L(self.conclusion), "quiet")

    @property
    def doubt(self) -> bool:
        """Whether something speaks against it that a person should look at."""
        return self.worst == R.FAIL or bool(self.hint and self.hint.doubt)


@dataclass(frozen=True)
class Row:
    """One limb across the units of the page, with the sums of the whole cycle."""

    limb: Limb
    source: str
    met: int
    not_met: int
    open: int
    cells: tuple[Cell, ...]


def units(cycle: AwardCycle, kept: Any, only: str = "") -> QuerySet:
    """第十七条: this function will give the cycle's applications that `kept` may see, filtered."""
    listed = kept.filter(cycle=cycle, state__in=SHOWN).order_by("submitted_at", "pk")
    if only == "open":
        concluded = EligibilityLine.objects.filter(application=OuterRef("pk")).exclude(conclusion=L.OPEN).order_by()
        number = concluded.values("application").annotate(n=Count("pk")).values("n")
        return listed.annotate(concluded=Coalesce(Subquery(number), 0)).filter(concluded__lt=len(limbs_in(cycle)))
    if only == "not_met":
        lines = EligibilityLine.objects.filter(application=OuterRef("pk"), conclusion=L.NOT_MET)
        return listed.filter(Exists(lines))
    if only == "doubt":
        standing = department_checks.failures(listed.order_by().values("pk"))
        return listed.filter(pk__in=standing.order_by().values("check_row__application"))
    return listed


def sums(cycle: AwardCycle, kept: Any) -> dict[str, dict[str, int]]:
    """第十、十一条: this function will count the conclusions of each limb over all units of the cycle; one query."""
    shown = kept.filter(cycle=cycle, state__in=SHOWN)
    rows = (
        EligibilityLine.objects.filter(application__in=shown.values("pk"))
        .values_list("limb", "conclusion")
        .annotate(n=Count("pk"))
        .order_by()
    )
    counted: dict[str, dict[str, int]] = {}
    for limb, conclusion, n in rows:
        counted.setdefault(limb, {})[conclusion] = n
    return counted


def states(cycle: AwardCycle, kept: Any) -> dict[str, int]:
    """第十七条: this function will count the applications of the cycle by state; one query."""
    rows = kept.filter(cycle=cycle, state__in=SHOWN).values_list("state").annotate(n=Count("pk")).order_by()
    return dict(rows)


def table(cycle: AwardCycle, listed: list[Application], counted: dict[str, dict[str, int]], total: int) -> list[Row]:
    """第十、十一、十七条: this function will make the rows of the matrix for the units of one page."""
    concluded = {
        (line.application_id, line.limb): line  # type: ignore[attr-defined]
        for line in EligibilityLine.objects.filter(application__in=listed)
    }
    said, standing = _answers(listed), _standing(listed)
    machine = _hints(listed)
    return [
        Row(
            limb, sources_of(limb.code), counted.get(limb.code, {}).get(L.MET, 0), counted.get(limb.code, {}).get(L.NOT_MET, 0),
            total - counted.get(limb.code, {}).get(L.MET, 0) - counted.get(limb.code, {}).get(L.NOT_MET, 0),
            tuple(
                _cell(
                    concluded.get((one.pk, limb.code)), said.get((one.pk, limb.code)), (one.pk, limb.code) in standing,
                    machine[one.pk].get(limb.code),
                )
                for one in listed
            ),
        )
        for limb in limbs_in(cycle)
    ]  # fmt: skip


def _cell(line: EligibilityLine | None, said: tuple[int, int, int] | None, standing: bool, hint: Hint | None) -> Cell:
    """A failure counts as the decision counts it: what an earlier round found stands until it is answered anew, and what a person
    has overcome since is said, but no longer the worst."""
    conclusion = line.conclusion if line else L.OPEN
    asked, answered, rank = said or (0, 0, len(SEVERITY))
    worst = R.FAIL if standing else SEVERITY[rank] if rank < len(SEVERITY) else ""
    label = R(worst).label if worst else ""
    if worst == R.FAIL and not standing:
        worst, label = "", OVERCOME
    return Cell(conclusion, L(conclusion).label, answered, asked, worst, label, hint)


def _answers(listed: list[Application]) -> dict[tuple[int, str], tuple[int, int, int]]:
    """By unit and limb: how many departments were asked, how many have answered, the worst answer of the last rounds; one query."""
    rank = Case(
        *[When(result=result, then=Value(place)) for place, result in enumerate(SEVERITY)], output_field=IntegerField()
    )
    latest = EligibilityCheck.objects.last_rounds().filter(application__in=listed)  # type: ignore[attr-defined]
    rows = CheckLine.objects.filter(check_row__in=latest).annotate(rank=rank)
    found: dict[tuple[int, str], tuple[int, int, int]] = {}
    for application, limb, result, place in rows.values_list("check_row__application", "limb", "result", "rank"):
        asked, answered, worst = found.get((application, limb), (0, 0, len(SEVERITY)))
        found[application, limb] = (asked + 1, answered + (result != R.PENDING), min(worst, place))
    return found


def _standing(listed: list[Application]) -> set[tuple[int, str]]:
    """第十一、十七条: by unit and limb, what departments found and what still stands; one query, the reading of the decision."""
    return set(department_checks.failures(listed).values_list("check_row__application", "limb"))


def _hints(listed: list[Application]) -> dict[int, dict[str, Hint]]:
    if not listed:
        return {}
    on: Any = listed[0].cycle.reference_on
    codes = [one.applicant.code for one in listed]
    grounds, won = eligibility_grounds.against_each(codes, on), awards_of(codes)
    return {one.pk: hints(one, grounds[one.applicant.code], won[one.applicant.code]) for one in prefetched(listed)}
