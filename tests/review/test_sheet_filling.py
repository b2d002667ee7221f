"""A sheet saved field by field: findings with their evidence, two pages of one reviewer, what is refused (第十三、十七条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.filling import Typed
from award_portal.verdict import Refused
from review import declarations, findings, sheet_filling, sheets
from review.models import Finding, Score, ScoreSheet
from tests import factories_review as walk
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]


@pytest.fixture
def desk(unit: Any) -> Any:
    """A desk review whose panel may read."""
    return walk.desk_of(walk.assigned(unit()))


@pytest.fixture
def user(desk: Any) -> Any:
    """A reviewer of it, not the lead."""
    return walk.people_of(desk.assignment.panel)[1]


@pytest.fixture
def sheet(desk: Any, user: Any, at: Any) -> ScoreSheet:
    """His open sheet."""
    return sheets.begin(desk, by=user, at=at)


def row(text: str, source: str = "", page: str = "") -> dict[str, str]:
    return {"text": text, "source": source, "page": page}


def test_findings_stand_each_for_itself_with_their_evidence(sheet: ScoreSheet, user: Any, at: Any) -> None:
    file = sheet.review.assignment.application.self_assessment_id
    put = lambda said: findings.put(sheet, said, by=user, at=at)  # noqa: E731
    put({"4.1.2": [("strength", "一"), ("strength", "二", f"file:{file}", 12), ("improvement", "三", "report:4.1.2")]})
    kept = list(Finding.objects.values_list("kind", "position", "text", "file_id", "page", "section"))
    assert kept == [
        ("improvement", 1, "三", None, None, "4.1.2"),
        ("strength", 1, "一", None, None, ""),
        ("strength", 2, "二", file, 12, ""),
    ]
    first = Finding.objects.get(text="一").pk
    revision = sheet.revision
    put({"4.1.2": [("strength", "一"), ("improvement", "三", "report:4.1.2")]})
    assert sheet.revision == revision + 1
    assert Finding.objects.filter(pk=first).exists(), "what stays is the same row"
    assert Finding.objects.count() == 2
    put({"4.1.2": [("strength", "一"), ("improvement", "三", "report:4.1.2")]})
    assert sheet.revision == revision + 1, "nothing changed, nothing saved"
    assert Finding.history.filter(history_type="-").count() == 1, "what was taken away is remembered"
    other = walk.desk_of(sheet.review.assignment).pk  # any number that is no file of this unit
    for said, words in (
        ([("strength", "x", "file:999999")], "不是该单位"),
        ([("strength", "x", "report:9.9")], "不是该单位"),
        ([("strength", "x", f"ftp:{other}")], "不是该单位"),
        ([("strength", "x", f"file:{file}", 0)], "页码"),
        ([("strength", "x" * 2001)], "不超过2000字"),
        ([("strength", "x")] * 13, "不超过12条"),
        ([("praise", "x")], "两类"),
    ):
        assert words in refusal(findings.put, sheet, {"4.1.2": said}, by=user, at=at)
    assert "没有条款" in refusal(findings.put, sheet, {"9.9": [("strength", "x")]}, by=user, at=at)


def test_two_pages_of_one_reviewer_never_write_over_each_other(sheet: ScoreSheet, user: Any, at: Any) -> None:
    fill = lambda **typed: sheet_filling.fill(sheet, typed, by=user, at=at)  # noqa: E731
    name = "4.1.2.percent"
    mark = fill(**{name: Typed("55", "")}).marks[name]
    saved = fill(**{name: Typed("70", ""), "4.1.3.percent": Typed("60", ""), "4.1.2.strengths": Typed([row("好")], "")})
    assert saved.clashes == {name: "55"}, "the second page began before the first had saved"
    assert dict(Score.objects.values_list("item", "percent")) == {"4.1.2": 55, "4.1.3": 60}, "the others go in"
    waiting = sheet.unmerged.get()
    assert (waiting.name, waiting.value) == (name, "70")
    assert fill(**{name: Typed("75", "", waiting.pk)}).beside[name] == waiting.pk, "the text goes on in its row"
    sheet_filling.settle(sheet.unmerged.get(), use=True, by=user, at=at, seen=mark)
    assert Score.objects.get(item="4.1.2").percent == 75
    assert "已经处理过" in refusal(sheet_filling.settle, waiting, use=True, by=user, at=at)
    lists = fill(**{"4.1.2.strengths": Typed([row("另一页的")], "")})
    assert lists.clashes == {"4.1.2.strengths": [row("好")]}
    sheet_filling.settle(sheet.unmerged.get(settled_at=None), use=False, by=user, at=at)
    assert Finding.objects.get().text == "好"


@pytest.mark.article(13)
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("4.1.2.percent", "61", "整数倍"),
        ("4.1.2.percent", "NaN", "整数倍"),
        ("4.1.2.percent", "-5", "整数倍"),
        ("4.1.2.percent", "105", "整数倍"),
        ("4.1.2.percent", "5.0", "整数倍"),
        ("4.1.2.percent", "５０", "整数倍"),
        ("4.1.2.percent", 50, "格式"),
        ("4.1.2.percent", None, "格式"),
        ("4.1.2.strengths", "好", "格式"),
        ("4.1.2.strengths", [{"text": 5}], "格式"),
        ("4.1.2.strengths", [row("好", "file:999999", "1")], "不是该单位"),
        ("4.1.2.remark", "x" * 2001, "2000字"),
        ("key_factors", "x" * 5001, "5000字"),
        ("9.9.percent", "50", "没有这一栏"),
        ("4.1.2.points", "50", "没有这一栏"),
        ("points", "50", "没有这一栏"),
    ],
)
def test_what_no_sheet_holds_is_refused_by_its_field(
    sheet: ScoreSheet, user: Any, at: Any, name: str, value: Any, words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        sheet_filling.fill(sheet, {name: Typed(value)}, by=user, at=at)
    assert refused.value.field == name
    assert not Score.objects.exists()


def test_one_item_costs_the_same_whatever_stands_on_the_sheet(sheet: ScoreSheet, user: Any, at: Any) -> None:
    def cost(percent: str, text: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            sheet_filling.fill(
                sheet, {"4.1.2.percent": Typed(percent), "4.1.2.strengths": Typed([row(text)])}, by=user, at=at
            )
        return len(seen)

    empty = cost("50", "一")
    walk.fill_all(sheet, user, at=at)
    before = Score.history.count()
    full = cost("55", "二")
    assert full <= empty, "adding a row and changing one cost the same"
    assert Score.history.count() == before + 1, "one item changed, one item written"
    assert cost("60", "三") == full


def test_who_was_removed_in_mid_draft_saves_nothing_more(sheet: ScoreSheet, user: Any, at: Any) -> None:
    sheets.record(sheet, {"4.1.2": (50, "")}, 0, by=user, at=at)
    declarations.declare(sheet.review.assignment.application, True, "亲属任职", by=user, at=at)
    for act, *arguments in (
        (sheets.record, {"4.1.2": (60, "")}, 1),
        (findings.put, {"4.1.2": [("strength", "x")]}),
        (sheet_filling.fill, {"4.1.2.percent": Typed("60")}),
        (sheets.lock_sheet, user.name),
    ):
        assert refusal(act, sheet, *arguments, by=user, at=at)
    assert Score.objects.get().percent == 50


@pytest.mark.article(13)
def test_a_standard_changed_after_use_is_refused(
    sheet: ScoreSheet, user: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    from award_portal import rubric

    walk.fill_all(sheet, user, at=at)
    standard = rubric.load()
    dearer = dataclasses.replace(standard.categories[0].items[0], points=40)
    first = dataclasses.replace(standard.categories[0], items=(dearer, *standard.categories[0].items[1:]))
    edited = dataclasses.replace(standard, categories=(first, *standard.categories[1:]))
    monkeypatch.setattr(sheets, "rubric_of", lambda cycle: edited)
    assert "须另编新的版本" in refusal(sheets.lock_sheet, sheet, user.name, by=user, at=at)
    monkeypatch.setattr(sheets, "rubric_of", lambda cycle: dataclasses.replace(standard, code="gbt-19580-2027"))
    assert "不能混用" in refusal(sheets.lock_sheet, sheet, user.name, by=user, at=at)
    assert "不能混用" in refusal(sheets.record, sheet, {"4.1.2": (50, "")}, sheet.revision, by=user, at=at)
    monkeypatch.undo()
    assert sheets.lock_sheet(sheet, user.name, by=user, at=at).state == "locked"
