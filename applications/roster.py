"""申报名单: what the secretariat and auditors see of all that was handed in: filtered, counted, written as XLSX (第八、十二、十七条)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Case, Count, Prefetch, Q, Value, When
from django.db.models.functions import Substr

from applications.models import Application, AwardCycle, Department, EligibilityCheck, Recommendation
from award_portal import audit, industries, tables
from award_portal.tables import Column

S = Application.State
SME = (
    Application.Size.MEDIUM,
    Application.Size.SMALL,
    Application.Size.MICRO,
)  # 中小企业, as the unit declares its size
STATES = [(value, label) for value, label in S.choices if value != S.DRAFT]  # a draft is the unit's own business
TAGS = [("specialised", "专精特新"), ("sme", "中小企业")]
NO_SECTION = "-"  # free text, or nothing
_CODED = r"^[A-T]([0-9 ]|$)"  # "C34 …", "C …": what begins like a code of GB/T 4754
SORTS = {
    "-submitted": ("提交时间，新的在前", ("-submitted_at", "-pk")),
    "submitted": ("提交时间，早的在前", ("submitted_at", "pk")),
    "number": ("受理编号", ("number", "pk")),
    "name": ("单位名称", ("applicant__name", "pk")),
    "state": ("状态", ("state", "-submitted_at", "pk")),
}
COLUMNS = (
    Column("受理编号", 16), Column("届次", 20), Column("单位名称", 36), Column("统一社会信用代码", 22), Column("单位类型", 12),
    Column("状态", 14), Column("所属行业", 28), Column("企业规模", 10), Column("职工人数", 10), Column("专精特新", 10), Column("中小企业", 10),
    Column("主要产品或服务", 40), Column("推荐部门", 24), Column("提交时间", 18), Column("补正期限", 18), Column("资格结论时间", 18),
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What the person looks for; an empty field does not narrow."""

    cycle: AwardCycle | None = None
    state: str = ""
    section: str = ""
    size: str = ""
    tag: str = ""
    department: Department | None = None
    q: str = ""
    sort: str = "-submitted"


def seen_by(user: Any) -> models.QuerySet[Application]:
    """第九、十七条: this function will give what was handed in and `user` may read; drafts never, whoever looks."""
    return Application.objects.visible_to(user).filter(submitted_at__isnull=False).select_related("applicant", "cycle")


def chosen(queryset: models.QuerySet[Application], choice: Choice) -> models.QuerySet[Application]:
    """第十二、十七条: this function will keep the rows that a choice asks for, in its order."""
    conditions = [
        Q(cycle=choice.cycle) if choice.cycle else None,
        Q(state=choice.state) if choice.state else None,
        _of_section(choice.section) if choice.section else None,
        Q(size=choice.size) if choice.size else None,
        _tagged(choice.tag) if choice.tag else None,
        _concerning(choice.department) if choice.department else None,
        *(_mentioning(word) for word in choice.q.split()),
    ]
    for condition in conditions:
        queryset = queryset.filter(condition) if condition is not None else queryset
    return queryset.order_by(*SORTS.get(choice.sort, SORTS["-submitted"])[1])


def _of_section(section: str) -> Q:
    if section == NO_SECTION:
        return ~Q(industry__regex=_CODED)
    return Q(industry__regex=_CODED, industry__startswith=section)


def _tagged(tag: str) -> Q:
    return Q(specialised=True) if tag == "specialised" else Q(size__in=SME)


def _concerning(department: Department) -> Q:
    recommended = Recommendation.objects.filter(department=department).exclude(state=Recommendation.State.VOID)
    checked = EligibilityCheck.objects.filter(department=department)
    return Q(pk__in=recommended.values("application")) | Q(pk__in=checked.values("application"))


def _mentioning(word: str) -> Q:
    names = ("applicant__name", "applicant__code", "number", "products", "summary")
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__icontains": word})
    return found


# ── counts ──


@dataclass(frozen=True)
class Line:
    """One line of a count: what it counts, how many, and the value of the filter that shows them."""

    label: str
    number: int
    value: str


@dataclass(frozen=True)
class Counts:
    """第十二、十七条: how many there are, by state, by section of industry, by size, and with which tags."""

    total: int
    states: list[Line] = field(default_factory=list)
    sections: list[Line] = field(default_factory=list)
    sizes: list[Line] = field(default_factory=list)
    tags: list[Line] = field(default_factory=list)


def count(queryset: models.QuerySet[Application]) -> Counts:
    """第十二、十七条: this function will count in the database: four queries, however many applications there are."""
    plain = queryset.order_by().select_related(None)
    states = _by(plain, "state")
    sizes = _by(plain, "size")
    letter = Case(When(industry__regex=_CODED, then=Substr("industry", 1, 1)), default=Value(NO_SECTION))
    sections = _by(plain.annotate(letter=letter), "letter")
    tagged = plain.aggregate(
        specialised=Count("pk", filter=_tagged("specialised")), sme=Count("pk", filter=_tagged("sme"))
    )
    named = [(entry.code, entry.label) for entry in industries.load().sections] + [(NO_SECTION, "未按国标填写")]
    return Counts(
        sum(states.values()),
        _lines(STATES, states),
        _lines(named, sections),
        _lines([*Application.Size.choices, ("", "未填写")], sizes),
        _lines(TAGS, tagged),
    )


def _by(queryset: models.QuerySet[Application], name: str) -> dict[str, int]:
    return dict(queryset.values_list(name).annotate(number=Count("pk")))


def _lines(named: Any, numbers: dict[str, int]) -> list[Line]:
    return [Line(str(label), numbers[value], value) for value, label in named if numbers.get(value)]


# ── export ──


def export(queryset: models.QuerySet[Application], *, by: Any, at: datetime, reason: str) -> bytes:
    """第九、二十七条: this function will write the list as XLSX and record who took it, what for, how many, and its SHA-256."""
    number = queryset.count()
    content = tables.workbook("申报名单", COLUMNS, _rows(queryset))
    audit.append(
        by=by,
        verb=f"{__name__}.export",
        title="导出申报名单",
        at=at,
        article=9,
        reason=f"{reason.strip()}（{number}家单位）",
        change=hashlib.sha256(content).hexdigest(),
    )
    return content


def _rows(queryset: models.QuerySet[Application]) -> Iterator[list[Any]]:
    signed = Recommendation.objects.filter(state=Recommendation.State.SIGNED).select_related("department")
    listed = queryset.prefetch_related(Prefetch("recommendations", queryset=signed.order_by("pk")))
    for row in listed.iterator(chunk_size=500):
        unit = row.applicant
        departments = "、".join(recommendation.department.name for recommendation in row.recommendations.all())
        yield [
            row.number, str(row.cycle), unit.name, unit.code, unit.get_kind_display(), row.get_state_display(), row.industry,
            row.get_size_display(), row.employees, row.specialised, row.size in SME, row.products, departments,
            row.submitted_at, row.correction_due_at, row.decided_at,
        ]  # fmt: skip
