"""What an application consists of: its sections, its manifest with its hash, and what is still missing (第十、十六条)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from applications import report_plan, windows
from applications.eligibility import operation_met
from applications.models import Application, AwardCycle, Evidence, Recommendation
from applications.paper import INDICATORS, figure, form_of, years_of
from applications.quarantine import usable_of
from applications.sections import NOT_APPLICABLE, Field, Form, Section, Value, parsed, problem
from award_portal import audit, rubric
from award_portal.models import StoredFile
from award_portal.verdict import YES, Verdict, no
from award_portal.wording import cn_closing, cn_date, cn_datetime

__all__ = ["years_of"]

# The sections that a correction may list; what a section is called does not depend on the cycle.
CORRECTABLE = (
    ("facts", "基本情况"), ("contact", "联系人"), ("figures", "近三年主要指标"), ("quality", "产品或服务质量水平"),
    ("management", "质量管理"), ("innovation", "创新与品牌"), ("compliance", "守法声明"), ("secrets", "商业秘密"),
    ("self_assessment", "自我评价报告"), ("evidence", "证实性材料"),
)  # fmt: skip
REASON_LENGTH = 4  # characters: "无" is no reason
PAST = {"facts": ("established_on", "operating_since"), "management": ("excellence_since", "self_evaluated_on")}
BY_CODE = {**dict(CORRECTABLE), "pledge": "承诺"}


def values_of(application: Application) -> dict[str, Value]:
    """第十六条: this function will give everything that was typed, by the field's name; one query."""
    return dict(application.entries.values_list("name", "value"))


def label_of(application: Application, name: str) -> str:
    """第十六条: this function will give the Chinese label of a field of the form."""
    one = form_of(application.cycle).fields.get(name)
    return one.label if one else name


def figures_of(values: Mapping[str, Value], form: Form) -> dict[str, dict[int, Decimal | None]]:
    """第十、十一条: this function will give the exact figures by indicator and year; None where there is none."""
    return {
        code: {year: parsed(form.fields[figure(code, year)], values.get(figure(code, year), "")) for year in form.years}
        for code, *_ in INDICATORS
    }


def manifest_of(application: Application) -> dict[str, Any]:
    """第十六条: this function will list all that the unit hands in: every field, and each file by its SHA-256.

    The pledge is not part of it: it is made about the materials, and a department that has read them need not read them again.
    """
    values = values_of(application)
    evidence = application.evidence.select_related("file").order_by("pk")
    return {
        "cycle": application.cycle.number,
        "code": application.applicant.code,
        "name": application.applicant.name,
        "fields": {name: values[name] for name in sorted(values) if name != "pledged" and values[name]},
        "self_assessment": _file(application.self_assessment),
        "evidence": [{**_said(row), **_file(row.file)} for row in evidence],
    }


def _said(row: Evidence) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("category", "title", "items", "note", "confidential_reason")}


def _file(stored: Any) -> dict[str, Any]:
    return {"file": stored.name, "size": stored.size, "sha256": stored.sha256} if stored else {}


def digest_of(application: Application) -> str:
    """第十六条: this function will give the SHA-256 of the manifest as it stands: what a recommendation and a receipt name."""
    return audit.digest(manifest_of(application))


def window_open(cycle: AwardCycle, at: datetime, *, handing_in: bool = False) -> Verdict:
    """第十五条: this function will say whether applications are taken at `at`: the window is [opens_at, closes_at).

    `handing_in` is the submission's own question: within the grace of the rules, if they have one, it is still taken. No page asks
    it, so that no page shows it.
    """
    opens, closes = cycle.opens_at, cycle.closes_at
    if cycle.state != AwardCycle.State.ANNOUNCED or opens is None or closes is None:
        return no(f"{cycle}当前不受理申报。", 15)
    if at < opens:
        return no(f"申报自{cn_datetime(opens)}起受理。", 15)
    if at >= closes and not (handing_in and windows.within_grace(cycle, at)):
        return no(f"申报受理已于{cn_closing(closes)}截止，草稿保留，不能再提交。", 15)
    return YES


@dataclass(frozen=True)
class Missing:
    """One thing that stands between a draft and its submission: where, what to do, which article."""

    section: str
    text: str
    article: int
    field: str = ""
    part: str = ""


def missing_content(application: Application) -> list[Missing]:
    """第十、十六条: this function will list what the materials still lack, in the order of the form."""
    form, typed = form_of(application.cycle), values_of(application)
    values = {name: value for name, value in typed.items() if says_something(name, value)}
    lacking: list[Missing] = []
    for section in form.sections:
        if section.code == "pledge":
            continue
        if section.code == "figures":
            lacking += _figures(section, form, values)
        elif section.code == "self_assessment":
            lacking += _report(application, section, form, values)
        elif section.code == "evidence":
            lacking += _evidence(application)
        else:
            lacking += _fields(section, values)
        if section.code in PAST:
            lacking += _dates(application, section, form, values)
    return lacking + list(_unmerged(application, form))


def _unmerged(application: Application, form: Form) -> Iterator[Missing]:
    """A text that waits beside the saved one would disappear with the submission: somebody chooses first."""
    for name in application.unmerged.filter(settled_at=None).values_list("name", flat=True):
        if name in form.fields:
            one = form.fields[name]
            yield Missing(form.section_of[name], f"“{one.label}”有两份内容，请先选择一份。", 16, name, one.part)


def says_something(name: str, value: Value) -> bool:
    """第十六条: this function will say whether a value counts as filled in: blanks and invisible signs do not, nor does a reason
    for "not applicable" of fewer than REASON_LENGTH characters."""
    if isinstance(value, list):
        return any(report_plan.words(cell) for row in value for cell in row.values())
    return report_plan.words(value) >= (REASON_LENGTH if name.endswith(NOT_APPLICABLE) else 1)


def _evidence(application: Application) -> Iterator[Missing]:
    if not usable_of(application).exists():
        yield Missing("evidence", "请至少上传一份证实性材料。", 16, "evidence")
    held = application.evidence.filter(file__scan=StoredFile.Scan.INFECTED).values_list("title", flat=True)
    for title in held:
        yield Missing("evidence", f"“{title}”未通过病毒查杀，请移除后另行上传。", 16, "evidence")
    report = application.self_assessment
    if report is not None and report.scan == StoredFile.Scan.INFECTED:
        yield Missing("evidence", "自我评价报告文件未通过病毒查杀，请移除或者替换。", 16, "evidence")


def _fields(section: Section, values: Mapping[str, Value]) -> Iterator[Missing]:
    for one in section.fields:
        value = values.get(one.name, one.empty)
        if value:
            if sentence := problem(one, value):
                yield Missing(section.code, sentence, one.article, one.name, one.part)
        elif _asked(one, values):
            yield Missing(section.code, f"请填写{one.label}。", one.article, one.name, one.part)


def _asked(one: Field, values: Mapping[str, Value]) -> bool:
    """Whether an empty field must still be filled in."""
    if one.name.startswith("compliance.") and one.name.endswith(".facts"):
        return values.get(one.name.removesuffix(".facts")) == "yes"
    return one.required and not (one.may_not_apply and values.get(one.name + NOT_APPLICABLE))


def _dates(application: Application, section: Section, form: Form, values: Mapping[str, Value]) -> Iterator[Missing]:
    """第十条: no date of the past lies after the reference date, and the main business has run its years by then."""
    cycle, reference = application.cycle, application.cycle.reference_on
    if reference is None:
        return
    for name in PAST[section.code]:
        one = form.fields[name]
        day = parsed(one, values.get(name, ""))
        if day is not None and day > reference:
            yield Missing(section.code, f"{one.label}应在基准日{cn_date(reference)}以前，请核对。", 10, name)
        elif name == "operating_since" and day is not None and not operation_met(day, reference, cycle.operation_years):
            yield Missing(
                "facts",
                f"主体业务自{cn_date(day)}起运行，至基准日{cn_date(reference)}不满{cycle.operation_years}年。",
                10, name,
            )  # fmt: skip


def _figures(section: Section, form: Form, values: Mapping[str, Value]) -> Iterator[Missing]:
    for code, label, *_ in INDICATORS:
        fields = [form.fields[figure(code, year)] for year in form.years]
        empty = [
            one for one in fields if not values.get(one.name) and one.required and not values.get(f"figure.{code}.na")
        ]
        if empty:
            years = "、".join(one.name.rpartition(".")[2] for one in empty)
            yield Missing(section.code, f"请填写{years}年的{label}。", 10, empty[0].name)
        for one in fields:
            if sentence := problem(one, values.get(one.name, "")):
                yield Missing(section.code, sentence, 10, one.name)


def report_of(values: Mapping[str, Value]) -> tuple[dict[str, str], dict[str, list[dict[str, str]]]]:
    """第十六条: this function will part the values into the report's texts and its tables."""
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    tables = {name: value for name, value in values.items() if isinstance(value, list)}
    return texts, tables


def rubric_of(application: Application) -> rubric.Rubric:
    """第十三条: this function will give the scoring standard of the rules in force."""
    rules = application.cycle.rules.adopted().first()
    return rubric.load(rules.rubric if rules else rubric.codes()[0])


def totals_of(application: Application, form: Form, values: Mapping[str, Value]) -> report_plan.Totals:
    """第十六条: this function will count the report against the limits of the rules."""
    limits = form.limits
    return report_plan.totals(
        *report_of(values), rubric_of(application), profile_limit=limits["profile"], report_limit=limits["report"]
    )


def _report(application: Application, section: Section, form: Form, values: Mapping[str, Value]) -> Iterator[Missing]:
    skipped = 0
    for part, title in section.parts:
        fields = [one for one in section.fields if one.part == part]
        waived = bool(values.get(f"{part}{NOT_APPLICABLE}"))
        skipped += waived
        empty = [one for one in fields if one.required and not values.get(one.name)]
        if empty and not waived:
            what = "、".join(one.label.rpartition("：")[2] for one in empty)
            text = f"请填写{title}：{what}。" if len(fields) > 1 else f"请填写{title}。"
            yield Missing(section.code, text, 16, empty[0].name, part)
        for one in fields:
            if sentence := problem(one, values.get(one.name, one.empty)):
                yield Missing(section.code, sentence, 16, one.name, part)
    if skipped >= len(section.parts) - 1:
        yield Missing(section.code, "自我评价报告的条款不能全部填“不适用”。", 16, "", section.parts[-1][0])
    totals = totals_of(application, form, values)
    if totals.profile.over:
        yield Missing(
            section.code,
            f"组织概述不超过{totals.profile.limit}字，现有{totals.profile.used}字。",
            16,
            "profile",
            "profile",
        )
    if totals.whole.over:
        yield Missing(section.code, f"自我评价报告不超过{totals.whole.limit}字，现有{totals.whole.used}字。", 16)


def missing(application: Application) -> list[Missing]:
    """第十、十六条: this function will list all that a submission still lacks: materials, pledge, a recommendation that holds."""
    lacking = missing_content(application)
    if not application.pledged:
        lacking.append(Missing("pledge", "请作出承诺。", 16, "pledged"))
    if standing_recommendation(application) is None:
        lacking.append(Missing("recommendation", "请取得有关部门签署的推荐意见。", 16))
    return lacking


def standing_recommendation(application: Application) -> Recommendation | None:
    """第十六条: this function will give a signed recommendation bound to the materials as they stand, if there is one."""
    signed = application.recommendations.filter(state=Recommendation.State.SIGNED, manifest_hash=digest_of(application))
    return signed.select_related("department").first()
