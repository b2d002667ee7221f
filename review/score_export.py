"""All individual scores of a stage as one table: a row for each unit and reviewer, a column for each item (第十七、二十七条)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from applications.models import AwardCycle
from award_portal import audit
from award_portal.lifecycle import act
from award_portal.roles import Role
from award_portal.rubric import Rubric
from award_portal.tables import Column, harmless, workbook
from award_portal.verdict import Refused
from review.models import ScoreSheet, StageReview
from review.standards import rubric_of

BEFORE = ("受理编号", "单位", "评审组", "评审人员", "状态")
LINES = 500  # of a CSV, sent at a time
REASON_LIMIT = 200
BOM = "\ufeff"  # without it a spreadsheet reads Chinese in the wrong encoding


class _Line:
    """What csv writes to: it hands the line back."""

    @staticmethod
    def write(line: str) -> str:
        return line


def sheets(cycle: AwardCycle, stage: str, user: Any) -> QuerySet[ScoreSheet]:
    """第十七条: this function will give the locked sheets of a stage that the person may see, from the consensus on only."""
    opened = [StageReview.State.CONSENSUS, StageReview.State.CONCLUDED]
    return ScoreSheet.objects.visible_to(user).filter(
        review__assignment__application__cycle=cycle,
        review__stage=stage,
        review__state__in=opened,
        state=ScoreSheet.State.LOCKED,
    )


@act("导出个人评分", 17, role=Role.SECRETARIAT)
def export_scores(cycle: AwardCycle, stage: str, *, by: Any, at: datetime, reason: str) -> QuerySet[ScoreSheet]:
    """Article 17: hand out all individual scores of a stage; who took them, what for and how many stands on record first."""
    if not reason.strip():
        raise Refused("请写明导出用途。", 9, "reason")
    found = sheets(cycle, stage, by)
    count = found.count()
    if not count:
        raise Refused("没有可以导出的评分：合议开始后，且您已签署承诺书、申报与该单位没有利害关系的，才能导出。", 17)
    label = StageReview.Stage(stage).label
    audit.append(
        by=by, verb="read", title=f"导出{label}个人评分", at=at, obj=cycle, article=9,
        reason=f"{reason.strip()[:REASON_LIMIT]}（{count}份评分表）",
    )  # fmt: skip
    return found


def columns(rubric: Rubric) -> list[str]:
    """第十三、十七条: this function will name the columns: who, then every item with its points."""
    return [*BEFORE, *(f"{item.code} {item.name}（{item.points}分）" for item in rubric.items)]


def rows(found: QuerySet[ScoreSheet], rubric: Rubric) -> Iterator[Sequence[Any]]:
    """第十七条: this function will give a row for each sheet, the percentages turned into columns by the database."""
    percents = {
        f"item_{n}": Max("scores__percent", filter=Q(scores__item=item.code)) for n, item in enumerate(rubric.items)
    }
    who = (
        "review__assignment__application__number",
        "review__assignment__application__applicant__name",
        "review__assignment__panel__name",
        "seat__reviewer__user__name",
        "review__state",
    )
    listed = found.annotate(**percents).order_by("review__assignment", "seat").values_list(*who, *percents)
    states = dict(StageReview.State.choices)
    for number, unit, panel, name, state, *given in listed.iterator(chunk_size=LINES):
        yield [number, unit, panel, name, states[state], *given]


def as_csv(found: QuerySet[ScoreSheet], cycle: AwardCycle) -> Iterator[str]:
    """第十七条: this function will write the table as CSV, piece by piece: no text in it is run by a spreadsheet."""
    rubric = rubric_of(cycle)
    line = csv.writer(_Line())
    yield BOM + line.writerow(columns(rubric))
    pieces = []
    safe: dict[str, str] = {}  # names come again and again
    for row in rows(found, rubric):
        for place in range(len(BEFORE)):
            text = row[place] or ""
            row[place] = safe.get(text) or safe.setdefault(text, harmless(text))  # type: ignore[index]
        pieces.append(line.writerow(row))
        if len(pieces) == LINES:
            yield "".join(pieces)
            pieces.clear()
    yield "".join(pieces)


def as_workbook(found: QuerySet[ScoreSheet], cycle: AwardCycle) -> bytes:
    """第十七条: this function will write the table as XLSX."""
    rubric = rubric_of(cycle)
    widths = [16, 30, 14, 12, 10]
    named = [Column(title, widths[place] if place < len(widths) else 14) for place, title in enumerate(columns(rubric))]
    return workbook("个人评分", named, rows(found, rubric))
