"""What an application consists of: its sections, its manifest with its hash, and what is still missing (第十、十六条)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from applications.eligibility import operation_met
from applications.models import Application, AwardCycle, Recommendation
from award_portal import audit
from award_portal.verdict import YES, Verdict, no
from award_portal.wording import cn_closing, cn_date, cn_datetime


@dataclass(frozen=True)
class Section:
    """One part of the form, as the paper form has it; a correction is limited to the sections it lists."""

    code: str
    title: str
    fields: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()


SECTIONS = (
    Section(
        "facts", "基本情况",
        ("address", "legal_representative", "established_on", "operating_since", "industry", "size", "employees",
         "specialised", "products", "summary"),
        frozenset({"specialised"}),
    ),
    Section("figures", "近三年主要指标"),
    Section("self_assessment", "自我评价报告"),
    Section("evidence", "证实性材料"),
    Section("contact", "联系人", ("contact_name", "contact_phone", "contact_email")),
    Section("pledge", "真实性承诺", ("pledged",), frozenset({"pledged"})),
)  # fmt: skip
BY_CODE = {section.code: section for section in SECTIONS}
SECTION_OF = {name: section.code for section in SECTIONS for name in section.fields}
FIELDS = tuple(SECTION_OF)
FIGURES = ("revenue", "profit", "tax")
CORRECTABLE = tuple((section.code, section.title) for section in SECTIONS if section.code != "pledge")


def label_of(name: str) -> str:
    """第十六条: this function will give the Chinese label of a field of the form."""
    return str(Application._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def years_of(cycle: AwardCycle) -> tuple[int, int, int]:
    """第十、十一条: this function will give the three full years before the reference date's year."""
    year = cycle.reference_on.year  # type: ignore[union-attr]
    return year - 3, year - 2, year - 1


def manifest_of(application: Application) -> dict[str, Any]:
    """第十六条: this function will list all that the unit hands in: fields, figures, and each file by its SHA-256.

    The pledge is not part of it: it is made about the materials, and a department that has read them need not read them again.
    """
    figures = application.figures.order_by("year")
    evidence = application.evidence.select_related("file").order_by("pk")
    return {
        "cycle": application.cycle.number,
        "code": application.applicant.code,
        "name": application.applicant.name,
        "fields": {name: _plain(getattr(application, name)) for name in FIELDS if name != "pledged"},
        "figures": {str(row.year): {name: f"{getattr(row, name):.2f}" for name in FIGURES} for row in figures},
        "self_assessment": _file(application.self_assessment),
        "evidence": [{"category": row.category, "title": row.title, **_file(row.file)} for row in evidence],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _file(stored: Any) -> dict[str, Any]:
    return {"file": stored.name, "size": stored.size, "sha256": stored.sha256} if stored else {}


def digest_of(application: Application) -> str:
    """第十六条: this function will give the SHA-256 of the manifest as it stands: what a recommendation and a receipt name."""
    return audit.digest(manifest_of(application))


def window_open(cycle: AwardCycle, at: datetime) -> Verdict:
    """第十五条: this function will say whether applications are taken at `at`: the window is [opens_at, closes_at)."""
    opens, closes = cycle.opens_at, cycle.closes_at
    if cycle.state != AwardCycle.State.ANNOUNCED or opens is None or closes is None:
        return no(f"{cycle}当前不受理申报。", 15)
    if at < opens:
        return no(f"申报自{cn_datetime(opens)}起受理。", 15)
    if at >= closes:
        return no(f"申报受理已于{cn_closing(closes)}截止，草稿保留，不能再提交。", 15)
    return YES


@dataclass(frozen=True)
class Missing:
    """One thing that stands between a draft and its submission: which section, which field, what to do, which article."""

    section: str
    text: str
    article: int
    field: str = ""


def missing_content(application: Application) -> Iterator[Missing]:
    """第十、十六条: this function will list what the materials still lack, in the order of the form."""
    for section in SECTIONS:
        for name in section.fields:
            if name not in section.optional and getattr(application, name) in ("", None):
                yield Missing(section.code, f"请填写{label_of(name)}。", 16, name)
        if section.code == "facts":
            yield from _operation(application)
        elif section.code == "figures":
            yield from _figures(application)
    if application.self_assessment_id is None:  # type: ignore[attr-defined]
        yield Missing("self_assessment", "请上传自我评价报告（PDF）。", 16, "self_assessment")
    if not application.evidence.exists():
        yield Missing("evidence", "请至少上传一份证实性材料。", 16, "evidence")


def _operation(application: Application) -> Iterator[Missing]:
    cycle, started = application.cycle, application.operating_since
    reference = cycle.reference_on
    if started and reference and not operation_met(started, reference, cycle.operation_years):
        yield Missing(
            "facts",
            f"主体业务自{cn_date(started)}起运行，至基准日{cn_date(reference)}不满{cycle.operation_years}年。",
            10, "operating_since",
        )  # fmt: skip


def _figures(application: Application) -> Iterator[Missing]:
    years, filled = years_of(application.cycle), {row.year for row in application.figures.all()}
    lacking = [str(year) for year in years if year not in filled]
    if lacking:
        yield Missing("figures", f"请填写{'、'.join(lacking)}年的主要指标。", 10, f"revenue_{lacking[0]}")
    extra = sorted(filled - set(years))
    if extra:
        yield Missing("figures", f"只填报{years[0]}至{years[2]}年，请删除其他年份。", 10)


def missing(application: Application) -> list[Missing]:
    """第十、十六条: this function will list all that a submission still lacks: materials, pledge, a recommendation that holds."""
    lacking = list(missing_content(application))
    if not application.pledged:
        lacking.append(Missing("pledge", "请作出真实性承诺。", 16, "pledged"))
    if standing_recommendation(application) is None:
        lacking.append(Missing("recommendation", "请取得有关部门签署的推荐意见。", 16))
    return lacking


def standing_recommendation(application: Application) -> Recommendation | None:
    """第十六条: this function will give a signed recommendation bound to the materials as they stand, if there is one."""
    signed = application.recommendations.filter(state=Recommendation.State.SIGNED, manifest_hash=digest_of(application))
    return signed.select_related("department").first()
