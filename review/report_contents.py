"""What a review report says, as the page, the PDF and the DOCX say it alike (第十三、十四、十七条)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import regulation
from award_portal.charts import PAPER_FONT, SCREEN_FONT, data_address
from award_portal.charts_scores import radar
from award_portal.rubric import Category, Item, Rubric
from award_portal.wording import cn_date
from review import permissions_reports, rankings, scoring
from review.models import (
    Absence,
    Assignment,
    ConsensusFinding,
    Declaration,
    Finding,
    PanelSeat,
    ReportSignature,
    ReviewReport,
    SiteVisit,
    StageReview,
    VisitPoint,
)
from review.standards import rubric_of, rules_of

FEWEST = 5  # units of a field: fewer would show single ones through the mean
DESK, SITE = StageReview.Stage.DESK, StageReview.Stage.SITE
REPORT = "自我评价报告"


@dataclass(frozen=True)
class Line:
    """One item or category: what the panel agreed in both stages, and both together by the adopted weights."""

    code: str
    name: str
    points: int
    desk: Decimal
    site: Decimal
    weighted: Decimal
    desk_percent: int | None = None
    site_percent: int | None = None

    @property
    def share(self) -> float:
        """The weighted points as a share of what can be had."""
        return float(self.weighted) / self.points


@dataclass(frozen=True)
class Remark:
    """A finding on which the panel agreed: a sentence, where it is shown, and what it means for the unit."""

    key: int
    item: str
    kind: str
    text: str
    evidence: str
    meaning: str = ""

    @property
    def is_key(self) -> bool:
        """Whether the lead wrote down what it means: the ones that matter most."""
        return bool(self.meaning)


# ── what is in it ──


def contents(report: ReviewReport) -> dict[str, Any]:
    """第十三、十七条: this function will give everything the report says, in its ten parts."""
    assignment = report.assignment
    application = assignment.application
    cycle: AwardCycle = application.cycle
    law = regulation.load(cycle.regulation)
    reviews = {review.stage: review for review in assignment.reviews.prefetch_related("consensus")}
    groups, total = lines(reviews, cycle)
    said = remarks(assignment, report.meanings)
    return {
        "title": f"{law.award_name}评审报告", "issuer": assignment.panel.name,
        "issued_on": report.final_at or report.signed_at, "watermark": "" if report.final_at else "未定稿",
        "report": report, "application": application, "cycle": cycle, "unit": application.applicant,
        "facts": facts(application), "desk": reviews[DESK], "site": reviews[SITE],
        "process": process(assignment, reviews), "members": members(assignment), "rules": rules_of(cycle),
        "groups": groups, "total": total, "total_points": rubric_of(cycle).total_points,
        "radar": stages_radar(groups), "strengths": [one for one in said if one.kind == Finding.Kind.STRENGTH],
        "improvements": [one for one in said if one.kind == Finding.Kind.IMPROVEMENT],
        "points": points(assignment), "field": report.field, "compared": compared(report.field, groups, total),
        "field_radar": field_radar(report.field, groups), "signatures": signatures(report), "fewest": FEWEST,
    }  # fmt: skip


def signed_words(report: ReviewReport) -> dict[str, Any]:
    """第十七条: this function will give what is signed, as its digest is made of it: the words, the official scores, the findings."""
    given = ConsensusFinding.objects.filter(review__assignment=report.assignment_id).order_by("pk")  # type: ignore[attr-defined]
    agreed = StageReview.objects.filter(assignment=report.assignment_id).order_by("pk")  # type: ignore[attr-defined]
    return {
        "words": [report.profile, report.overall, report.strengths, report.improvements, report.recommendation],
        "meanings": report.meanings,
        "field": report.field,
        "scores": list(agreed.order_by("pk", "consensus__item").values_list("stage", "consensus__item", "consensus__percent")),
        "findings": list(given.values_list("item", "kind", "text", "file", "page", "section")),
        "points": list(_points(report.assignment).order_by("pk").values_list("item", "text", "result", "finding")),
    }  # fmt: skip


def facts(application: Application) -> list[tuple[str, str]]:
    """第十三条: this function will give who the unit is, as it wrote it itself."""
    found = [
        ("单位名称", application.applicant.name), ("统一社会信用代码", application.applicant.code),
        ("受理编号", application.number or ""), ("所属行业", application.industry),
        ("企业规模", application.get_size_display() if application.size else ""),
        ("职工人数", f"{application.employees}人" if application.employees else ""),
        ("主要产品或服务", application.products), ("注册地址", application.address),
    ]  # fmt: skip
    return [(label, value) for label, value in found if value]


def process(assignment: Assignment, reviews: Mapping[str, StageReview]) -> list[tuple[str, str]]:
    """第九、十四条: this function will tell when and where it was reviewed, and who stood aside or was absent."""
    desk, site = reviews[DESK], reviews[SITE]
    visit = SiteVisit.objects.filter(review=site).first()
    when = visit.span if visit else cn_date(site.visited_on) if site.visited_on else ""
    told = [
        ("评审组", assignment.panel.name),
        (desk.get_stage_display(), f"{cn_date(desk.opened_at)}至{cn_date(desk.concluded_at)}" if desk.concluded_at else ""),
        (site.get_stage_display(), f"{when}，{site.place}"),
        ("现场合议", f"{cn_date(site.concluded_at)}完成" if site.concluded_at else ""),
        ("回避情况", "、".join(recused(assignment)) or "无"),
    ]  # fmt: skip
    absent = Absence.objects.filter(review__assignment=assignment, state=Absence.State.APPROVED)
    names = [f"{row.seat.reviewer.user.name}缺席{row.review.get_stage_display()}" for row in absent.select_related("seat__reviewer__user", "review").order_by("pk")]  # fmt: skip
    return [(label, text) for label, text in [*told, ("缺席情况", "；".join(names))] if text]


def recused(assignment: Assignment) -> list[str]:
    """第九条: this function will name those of the panel, now or before, who stood aside from this unit."""
    aside = Declaration.objects.filter(application=assignment.application_id, conflict=True).values("user")  # type: ignore[attr-defined]
    seats = PanelSeat.objects.filter(panel=assignment.panel_id, reviewer__user__in=aside)  # type: ignore[attr-defined]
    return list(
        dict.fromkeys(seat.reviewer.user.name for seat in seats.select_related("reviewer__user").order_by("pk"))
    )


def members(assignment: Assignment) -> list[tuple[str, str, str]]:
    """第九条: this function will list who reviewed the unit: name, part, where he works."""
    working = PanelSeat.objects.working(assignment.application).filter(panel=assignment.panel_id)  # type: ignore[attr-defined]
    seats = working.select_related("reviewer__user").order_by("-lead", "pk")
    return [(one.reviewer.user.name, "组长" if one.lead else "组员", one.reviewer.employer) for one in seats]


# ── scores ──


def lines(reviews: Mapping[str, StageReview], cycle: AwardCycle) -> tuple[list[tuple[Line, list[Line]]], Line]:
    """第十三、十四条: this function will give every category with its items, and the whole, from the official scores of both stages."""
    rubric, rules = rubric_of(cycle), rules_of(cycle)
    weights = scoring.Weights(rules.desk_weight, rules.site_weight)
    given = {stage: {row.item: row.percent for row in review.consensus.all()} for stage, review in reviews.items()}  # type: ignore[attr-defined]
    desk, site = given[DESK], given[SITE]
    sums = {stage: scoring.category_totals(found, rubric) for stage, found in given.items()}

    def of_item(item: Item) -> Line:
        on_desk, on_site = (scoring.item_score(item.points, found[item.code], rubric) for found in (desk, site))
        whole = scoring.weighted(on_desk, on_site, weights)
        return Line(item.code, item.name, item.points, on_desk, on_site, whole, desk[item.code], site[item.code])

    def of_category(category: Category) -> Line:
        scores = sums[DESK][category.code], sums[SITE][category.code]
        return Line(category.code, category.label, category.points, *scores, scoring.weighted(*scores, weights))

    groups = [(of_category(one), [of_item(item) for item in one.items]) for one in rubric.categories]
    totals = scoring.total(desk, rubric), scoring.total(site, rubric)
    return groups, Line("", "合计", rubric.total_points, *totals, scoring.weighted(*totals, weights))


def stages_radar(groups: list[tuple[Line, list[Line]]], *, font: str = PAPER_FONT) -> str:
    """第十四条: this function will draw both stages by category, in per cent of what can be had."""
    heads = [head for head, _ in groups]
    series = [
        ("材料评审", [float(one.desk) / one.points for one in heads]),
        ("现场评审", [float(one.site) / one.points for one in heads]),
    ]
    return data_address(radar("各类目得分率", _axes(heads), series, font=font))


def field_radar(
    field: Mapping[str, Any] | None, groups: list[tuple[Line, list[Line]]], *, font: str = PAPER_FONT
) -> str:
    """第十七条: this function will draw the unit's categories against the field's means; empty without a field."""
    if not field:
        return ""
    heads = [head for head, _ in groups]
    means = [float(field["categories"][one.code]) / one.points for one in heads]
    series = [("本单位", [one.share for one in heads]), ("本届平均", means)]
    return data_address(radar("与本届平均的比较", _axes(heads), series, font=font))


def _axes(heads: list[Line]) -> list[str]:
    return [f"{one.code} {one.name.partition('(')[0]}" for one in heads]


# ── the field ──


def field_of(cycle: AwardCycle) -> dict[str, Any] | None:
    """第十七条: this function will give the means over all units of the cycle, or None.

    None while any unit is still reviewed: a mean says something of scores that a reviewer who has yet to lock must not know.
    None with fewer than five units: a single one could be worked out.
    """
    if not rankings.settled(cycle):
        return None
    rows = rankings.places(cycle)
    if len(rows) < FEWEST:
        return None
    sums: dict[str, Decimal] = {}
    for row in rows:
        for code, value in row.categories:
            sums[code] = sums.get(code, Decimal(0)) + value
    return {
        "units": len(rows),
        "total": _mean(sum((row.total for row in rows), Decimal(0)), len(rows)),
        "categories": {code: _mean(value, len(rows)) for code, value in sums.items()},
    }


def _mean(value: Decimal, count: int) -> str:
    return str((value / count).quantize(Decimal("0.01")))


def compared(
    field: Mapping[str, Any] | None, groups: list[tuple[Line, list[Line]]], total: Line
) -> list[tuple[Line, Decimal, Decimal]]:  # fmt: skip
    """第十七条: this function will set the unit's weighted categories and whole beside the field's means, with the difference."""
    if not field:
        return []
    means = {**field["categories"], "": field["total"]}
    return [(one, Decimal(means[one.code]), one.weighted - Decimal(means[one.code])) for one in [*(head for head, _ in groups), total]]  # fmt: skip


# ── what the panel found ──


def remarks(assignment: Assignment, meanings: Mapping[str, str] | None = None) -> list[Remark]:
    """第十四、十七条: this function will give the findings on which the panel agreed, in the order of the items.

    Those of the site review stand; of an item on which it wrote none, those of the desk review. Of the same kind, that is.
    """
    rows = list(
        ConsensusFinding.objects.filter(review__assignment=assignment, review__state=StageReview.State.CONCLUDED)
        .select_related("review", "file").order_by("item", "position", "pk")
    )  # fmt: skip
    on_site = {(row.item, row.kind) for row in rows if row.review.stage == SITE}
    shown = [row for row in rows if row.review.stage == SITE or (row.item, row.kind) not in on_site]
    rubric, titles = rubric_of(assignment.application.cycle), titles_of(assignment.application) if shown else {}
    order = {code: place for place, code in enumerate(rubric.item_codes)}
    return [
        Remark(row.pk, row.item, row.kind, row.text, evidence(row, titles, rubric), (meanings or {}).get(str(row.pk), ""))
        for row in sorted(shown, key=lambda row: (order.get(row.item, len(order)), row.position, row.pk))
    ]  # fmt: skip


def titles_of(application: Application) -> dict[int, str]:
    """第十六条: this function will name the unit's files as it named them."""
    named = {row.file_id: row.title for row in application.evidence.all()}
    if application.self_assessment_id:  # type: ignore[attr-defined]
        named[application.self_assessment_id] = REPORT  # type: ignore[attr-defined]
    return named


def evidence(row: ConsensusFinding, titles: Mapping[int, str], rubric: Rubric) -> str:
    """第十四条: this function will say where a finding is shown."""
    if row.file_id:  # type: ignore[attr-defined]
        title = titles.get(row.file_id, row.file.name if row.file else "")  # type: ignore[attr-defined]
        return f"《{title}》第{row.page}页" if row.page else f"《{title}》"
    if row.section:
        return f"{REPORT}{row.section}" if row.section in rubric.item_codes else f"{REPORT}（单位概况）"
    return "现场" if row.review.stage == SITE else ""


def points(assignment: Assignment) -> list[VisitPoint]:
    """第十四条: this function will give what was to be verified on the spot, and what was found."""
    return list(_points(assignment))


def _points(assignment: Assignment) -> Any:
    return VisitPoint.objects.filter(visit__review__assignment=assignment)


# ── who signs ──


@dataclass(frozen=True)
class Signed:
    """One line of the signatures: who is to sign, and how he did."""

    name: str
    part: str
    signature: ReportSignature | None


def signatures(report: ReviewReport) -> list[Signed]:
    """第十七条: this function will give the lead's and all members' lines of the present round, signed or not yet.

    In a final report: those who had signed it and still sat on the panel then, whoever leaves it afterwards.
    """
    found = report.signatures.filter(round=report.round) if report.state != ReviewReport.State.DRAFT else ReportSignature.objects.none()  # fmt: skip
    rows = {row.seat_id: row for row in found.select_related("seat__reviewer__user").order_by("-seat__lead", "seat")}  # type: ignore[attr-defined]
    if report.state == ReviewReport.State.FINAL:
        gone = _gone_before(report)
        seats = [row.seat for row in rows.values() if row.seat_id not in gone]  # type: ignore[attr-defined]
    else:
        seats = permissions_reports.signers(report.assignment)
    return [Signed(seat.reviewer.user.name, "组长" if seat.lead else "组员", rows.get(seat.pk)) for seat in seats]


def _gone_before(report: ReviewReport) -> set[int]:
    signed = PanelSeat.objects.filter(pk__in=report.signatures.values("seat"))
    aside = Declaration.objects.filter(
        application=report.assignment.application_id, conflict=True, declared_at__lte=report.final_at
    )
    gone = signed.filter(ended_at__lte=report.final_at) | signed.filter(reviewer__user__in=aside.values("user"))
    return set(gone.values_list("pk", flat=True))


def earlier_rounds(report: ReviewReport) -> Iterator[ReportSignature]:
    """第十七条: this function will give the signatures that count no more, for those who look into how it came about."""
    rows = report.signatures.select_related("seat__reviewer__user").order_by("pk")
    yield from (row for row in rows if report.state == ReviewReport.State.DRAFT or row.round < report.round)


def screen_radars(said: dict[str, Any]) -> dict[str, str]:
    """第十四条: this function will draw the two charts again for the screen, in its own type."""
    return {
        "radar": stages_radar(said["groups"], font=SCREEN_FONT),
        "field_radar": field_radar(said["field"], said["groups"], font=SCREEN_FONT),
    }
