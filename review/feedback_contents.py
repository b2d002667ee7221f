"""What a unit is told of its review: bands and ranges, what is good, what can be better, what was verified (第十四条).

No name of a person, no single score, no exact total, no rank, no recommendation and nothing of another unit: the text is made
of what the panel agreed, of bands of the standard, and of nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.models import Application
from award_portal.models import User
from award_portal.rubric import Rubric
from award_portal.wording import cn_date
from review import report_contents, scoring
from review.models import Assignment, Finding, PanelSeat, ReviewReport, SiteVisit, StageReview
from review.standards import rubric_of, rules_of

HUNDRED, STEP = 100, 50  # a total is told in steps of fifty points
DOUBTFUL = re.compile(r"得分率|打分|评分|推荐|授奖|评奖|拟奖|名次|评审员|评审人员|组长|组员")
BARRED = "含有人员姓名或者其他单位的名称"
DOUBT = "似乎谈到评分、推荐或者评审人员"


@dataclass(frozen=True)
class Held:
    """A finding that is not told as a matter of course: why, and whether the secretariat may tell it all the same."""

    key: str
    item: str
    text: str
    why: str
    final: bool


@dataclass(frozen=True)
class Told:
    """One sentence that could be told, before it is looked at."""

    key: str
    item: str
    kind: str
    words: tuple[str, ...]
    row: dict[str, str]


def content(assignment: Assignment, include: Collection[str] = ()) -> dict[str, Any]:
    """第十四、十九条: this function will give what the unit is told, in plain values: it is kept as it is.

    `include` names findings that `held` lists and that the secretariat tells after reading them.
    """
    application = assignment.application
    keys = {one.key for one in held(assignment) if one.final or one.key not in include}
    told = [one for one in _told(assignment) if one.key not in keys]
    return {
        "unit": application.applicant.name,
        "number": application.number or "",
        "cycle": f"第{application.cycle.number}届（{application.cycle.year}年）",
        "stages": _stages(assignment),
        **_bands(assignment),
        "strengths": [one.row for one in told if one.kind == Finding.Kind.STRENGTH],
        "improvements": [one.row for one in told if one.kind == Finding.Kind.IMPROVEMENT],
        "points": [one.row for one in told if one.kind == "point"],
    }


def held(assignment: Assignment) -> list[Held]:
    """第十四条: this function will list what is left out: always what names somebody, and what speaks of scores until it was read."""
    names = _names(assignment)
    found = []
    for one in _told(assignment):
        words = "\n".join(one.words)
        if any(name in words for name in names):
            found.append(Held(one.key, one.item, one.words[0], BARRED, True))
        elif DOUBTFUL.search(words):
            found.append(Held(one.key, one.item, one.words[0], DOUBT, False))
    return found


def _names(assignment: Assignment) -> set[str]:
    """Everybody who sits or sat on a panel of the cycle, and every other unit in it."""
    application = assignment.application
    seats = PanelSeat.objects.filter(panel__cycle=application.cycle_id).values("reviewer__user")
    people = User.objects.filter(pk__in=seats).values_list("name", flat=True)
    others = Application.objects.filter(cycle=application.cycle_id).exclude(applicant=application.applicant_id)
    return {name for name in (*people, *others.values_list("applicant__name", flat=True)) if name}


def _told(assignment: Assignment) -> list[Told]:
    """The panel's findings and the points verified; where no findings were merged, the report's own words, line by line."""
    rubric = rubric_of(assignment.application.cycle)
    titles = {item.code: item.name for item in rubric.items}
    rows = report_contents.remarks(assignment)
    found = [
        Told(f"finding:{one.key}", one.item, one.kind, (one.text, one.evidence), _row(one.item, titles, one.text, one.evidence))
        for one in rows
    ] or list(_of_report(assignment, titles))  # fmt: skip
    for point in report_contents.points(assignment):
        if point.result:
            row = _row(point.item, titles, point.text, "") | {
                "result": point.get_result_display(), "finding": point.finding,
            }  # fmt: skip
            found.append(Told(f"point:{point.pk}", point.item, "point", (point.text, point.finding), row))
    return found


def _of_report(assignment: Assignment, titles: dict[str, str]) -> Iterable[Told]:
    report = ReviewReport.objects.filter(assignment=assignment, state=ReviewReport.State.FINAL).first()
    if report is None:
        return
    pairs = ((Finding.Kind.STRENGTH, report.strengths), (Finding.Kind.IMPROVEMENT, report.improvements))
    for kind, text in pairs:
        for place, line in enumerate(filter(None, (part.strip() for part in text.splitlines()))):
            yield Told(f"line:{kind.value}:{place}", "", kind, (line,), _row("", titles, line, ""))


def _row(item: str, titles: dict[str, str], text: str, evidence: str) -> dict[str, str]:
    return {"item": item, "name": titles.get(item, ""), "text": text, "evidence": evidence}


def _stages(assignment: Assignment) -> list[str]:
    told = []
    for review in assignment.reviews.order_by("pk"):
        if review.stage == StageReview.Stage.DESK:
            told.append(f"材料评审：{cn_date(review.concluded_at)}完成" if review.concluded_at else "材料评审")
            continue
        visit = SiteVisit.objects.filter(review=review).first()
        day = visit.span if visit else cn_date(review.visited_on) if review.visited_on else ""
        told.append(f"现场评审：{day}，{review.place}")
    return told


# ── bands and ranges ──


def _bands(assignment: Assignment) -> dict[str, Any]:
    """Every category and item with its band, the whole in a range of fifty points: both stages by the adopted weights, or the desk alone."""
    cycle = assignment.application.cycle
    rubric, rules = rubric_of(cycle), rules_of(cycle)
    given = {
        review.stage: {row.item: row.percent for row in review.consensus.all()}
        for review in assignment.reviews.prefetch_related("consensus")
    }
    desk = given[StageReview.Stage.DESK]
    site = given.get(StageReview.Stage.SITE, desk)
    weights = scoring.Weights(rules.desk_weight, rules.site_weight)
    share = {
        item.code: scoring.weighted(Decimal(desk[item.code]), Decimal(site[item.code]), weights)
        for item in rubric.items
    }
    categories, whole = [], Decimal(0)
    for category in rubric.categories:
        points = sum((item.points * share[item.code] / HUNDRED for item in category.items), Decimal(0))
        whole += points
        items = [
            {"code": item.code, "name": item.name, **_band(rubric, share[item.code], item.points)}
            for item in category.items
        ]
        name, percent = {"code": category.code, "name": category.label}, points * HUNDRED / category.points
        categories.append(
            {**name, "points": category.points, **_band(rubric, percent, category.points), "items": items}
        )
    low = min(int(whole) // STEP * STEP, rubric.total_points - STEP)
    return {"categories": categories, "total": f"{low}分至{low + STEP}分", "total_points": rubric.total_points}


def _band(rubric: Rubric, percent: Decimal, points: int) -> dict[str, str]:
    """The band in which a percentage lies, from its lower end up to where the next begins."""
    bands: Sequence[Any] = rubric.bands
    place = max(index for index, band in enumerate(bands) if band.low <= percent)
    low, last = bands[place].low, place + 1 == len(bands)
    high = HUNDRED if last else bands[place + 1].low
    return {
        "band": bands[place].label,
        "percents": _span(Decimal(low), Decimal(high), "%", last),
        "range": _span(Decimal(points * low) / HUNDRED, Decimal(points * high) / HUNDRED, "分", last),
    }


def _span(low: Decimal, high: Decimal, unit: str, last: bool) -> str:
    if not low:
        return f"不足{_plain(high)}{unit}"
    return (
        f"{_plain(low)}{unit}至{_plain(high)}{unit}" if last else f"{_plain(low)}{unit}以上、不足{_plain(high)}{unit}"
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
