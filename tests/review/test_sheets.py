"""Sheets and consensus: exact scores, kept drafts, no look at others before the lock (第十三、十四、十七条)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from applications import cycles, screening
from award_portal import audit
from award_portal.verdict import Refused
from review import consensus, findings, sheets
from review.models import Consensus, Score, ScoreSheet
from tests import factories_review as walk
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]


@pytest.fixture
def desk(unit: Any) -> Any:
    """A desk review whose panel may read."""
    return walk.desk_of(walk.assigned(unit()))


@pytest.fixture
def team(desk: Any) -> Any:
    """The panel's people, the lead first."""
    return walk.people_of(desk.assignment.panel)


@pytest.mark.article(13)
def test_points_are_exact_quarters(desk: Any, team: Any, at: Any) -> None:
    sheet = sheets.begin(desk, by=team[0], at=at)
    item = next(item for item in walk.rubric_of(desk.assignment.application.cycle).items if item.points % 2)
    sheets.record(sheet, {item.code: (35, "有效")}, 0, by=team[0], at=at)
    assert Score.objects.get().points == Decimal(item.points) * 35 / 100


@pytest.mark.article(13)
@pytest.mark.parametrize("percent", [-5, 1, 62, 105])
def test_a_percentage_off_the_ladder_is_refused(desk: Any, team: Any, at: Any, percent: int) -> None:
    sheet = sheets.begin(desk, by=team[0], at=at)
    assert "5%的整数倍" in refusal(sheets.record, sheet, {"4.1.2": (percent, "x")}, 0, by=team[0], at=at)
    assert "没有条款" in refusal(sheets.record, sheet, {"9.9": (50, "x")}, 0, by=team[0], at=at)
    assert not Score.objects.exists()


def test_a_part_is_kept_also_a_remark_without_a_percentage(desk: Any, team: Any, at: Any) -> None:
    sheet = sheets.begin(desk, by=team[0], at=at)
    sheets.record(sheet, {"4.1.2": (None, "先写说明"), "4.1.3": (None, "")}, 0, by=team[0], at=at)
    assert [(row.item, row.percent, row.remark) for row in Score.objects.all()] == [("4.1.2", None, "先写说明")]
    sheets.record(sheet, {"4.1.2": (0, "先写说明")}, 1, by=team[0], at=at)
    assert Score.objects.get().points == 0


def test_the_slower_of_two_pages_is_told(desk: Any, team: Any, at: Any) -> None:
    sheet = sheets.begin(desk, by=team[0], at=at)
    sheets.record(sheet, {"4.1.2": (50, "甲")}, 0, by=team[0], at=at)
    assert "另一页面" in refusal(sheets.record, sheet, {"4.1.2": (60, "乙")}, 0, by=team[0], at=at)
    assert Score.objects.get().percent == 50


def test_a_lock_wants_every_item_with_a_finding_and_the_own_name(desk: Any, team: Any, at: Any) -> None:
    sheet, name = walk.scored(desk, team[0], locked=False), team[0].name
    refused = lambda name=name: refusal(sheets.lock_sheet, sheet, name, by=team[0], at=at)  # noqa: E731
    assert "签名" in refused("别人")
    findings.put(sheet, {"4.1.2": [("strength", " ")]}, by=team[0], at=at)
    assert "还有1个条款" in refused(), "a percentage and a note are no finding"
    findings.put(sheet, {"4.1.2": [("improvement", "没有量化目标")]}, by=team[0], at=at)
    sheets.record(sheet, {"4.1.2": (None, "只有备注")}, 3, by=team[0], at=at)
    assert "4.1.2" in refused()
    sheets.record(sheet, {"4.1.2": (0, "")}, 4, by=team[0], at=at)
    assert sheets.lock_sheet(sheet, name, by=team[0], at=at).state == "locked"
    assert "已锁定" in refusal(sheets.record, sheet, {"4.1.2": (5, "改")}, 5, by=team[0], at=at)
    assert "已锁定" in refusal(findings.put, sheet, {"4.1.2": []}, by=team[0], at=at)
    version = sheet.versions.get()
    assert (version.number, version.signed_name, version.sha256) == (1, name, audit.digest(version.content))
    assert version.content["total"] == str(sum(score.points for score in sheet.scores.all()))


def test_a_sheet_is_its_owners_alone(desk: Any, team: Any, at: Any, stranger: Any) -> None:
    sheet = sheets.begin(desk, by=team[0], at=at)
    assert sheets.begin(desk, by=team[0], at=at) == sheet
    for other in (team[1], walk.secretary_of(), stranger):
        with pytest.raises(Refused):
            sheets.record(sheet, {"4.1.2": (50, "x")}, 0, by=other, at=at)
        with pytest.raises(Refused):
            sheets.lock_sheet(sheet, other.name, by=other, at=at)
    with pytest.raises(Refused):
        sheets.begin(desk, by=walk.secretary_of(), at=at)


def test_others_sheets_show_only_after_the_own_lock(desk: Any, team: Any, at: Any, travel: Any, auditor: Any) -> None:
    travel(at)
    seen = lambda user: set(ScoreSheet.objects.visible_to(user))  # noqa: E731
    first = walk.scored(desk, team[1])
    own = walk.scored(desk, team[0], locked=False)
    assert seen(team[0]) == {own}
    assert seen(team[2]) == set()
    assert seen(team[1]) == {first}, "an open sheet shows to nobody else"
    assert seen(walk.secretary_of()) == set()
    assert seen(auditor) == {first, own}
    sheets.lock_sheet(own, team[0].name, by=team[0], at=at)
    assert seen(team[0]) == {first, own}
    walk.scored(desk, team[2])
    consensus.open_consensus(desk, by=team[0], at=at)
    assert len(seen(walk.secretary_of())) == 3


def test_only_the_lead_opens_and_only_when_all_have_locked(desk: Any, team: Any, at: Any) -> None:
    walk.scored(desk, team[1])
    walk.scored(desk, team[2])
    assert "先锁定您自己的" in refusal(consensus.open_consensus, desk, by=team[0], at=at)
    assert "组长" in refusal(consensus.open_consensus, desk, by=team[1], at=at)
    walk.scored(desk, team[0])
    assert consensus.open_consensus(desk, by=team[0], at=at).state == "consensus"
    assert "个人评分已经结束" in refusal(sheets.begin, desk, by=team[1], at=at)


@pytest.mark.parametrize(
    ("low", "high", "flagged"),
    [
        (50, 65, False),
        (50, 70, True),
        (70, 85, False),
        (60, 70, False),
        (85, 100, False),
        (25, 50, True),
        (0, 15, False),
        (5, 30, True),
    ],
)
def test_items_far_apart_come_first_and_want_a_reason(
    desk: Any, team: Any, at: Any, low: int, high: int, flagged: bool
) -> None:
    walk.scored(desk, team[0], low)
    walk.scored(desk, team[1], low)
    walk.scored(desk, team[2], low, **{"4.2.2": high})
    consensus.open_consensus(desk, by=team[0], at=at)
    _, lines = consensus.side_by_side(desk)
    assert lines[0].item.code == "4.2.2"
    assert lines[0].spread.points == high - low
    assert lines[0].spread.flagged is flagged
    assert not any(line.spread.flagged for line in lines[1:])
    if flagged:
        assert "合议说明" in refusal(consensus.record_consensus, desk, {"4.2.2": (low, " ")}, by=team[0], at=at)
    else:
        consensus.record_consensus(desk, {"4.2.2": (low, "")}, by=team[0], at=at)
        assert Consensus.objects.get().percent == low


@pytest.mark.article(14)
def test_a_stage_concludes_with_all_items_agreed(desk: Any, team: Any, at: Any) -> None:
    walk.in_consensus(desk)
    agreed = dict.fromkeys(walk.marks(desk.assignment.application.cycle), (60, ""))
    assert "组长" in refusal(consensus.record_consensus, desk, agreed, by=team[1], at=at)
    last = agreed.pop("4.7.2", None) or agreed.popitem()
    consensus.record_consensus(desk, agreed, by=team[0], at=at)
    assert "还有1个条款" in refusal(consensus.conclude, desk, by=team[0], at=at)
    assert last
    full = dict.fromkeys(walk.marks(desk.assignment.application.cycle), (65, "复核后调整"))
    consensus.record_consensus(desk, full, by=team[0], at=at)
    assert "还有23个条款没有合并的优势或者改进空间" in refusal(consensus.conclude, desk, by=team[0], at=at)
    walk.merged(desk)
    assert consensus.conclude(desk, by=team[0], at=at).state == "concluded"
    assert "不在合议阶段" in refusal(consensus.record_consensus, desk, full, by=team[0], at=at)


def test_a_unit_taken_out_is_scored_no_more(desk: Any, team: Any, at: Any) -> None:
    sheet = walk.scored(desk, team[0], locked=False)
    screening.disqualify(desk.assignment.application, "提供虚假材料", by=walk.secretary_of(), at=at)
    desk.refresh_from_db()
    sheet = ScoreSheet.objects.get(pk=sheet.pk)
    assert "不再开放" in refusal(sheets.lock_sheet, sheet, team[0].name, by=team[0], at=at)


@pytest.mark.article(7)
def test_weights_are_final_at_the_first_score(desk: Any, team: Any, at: Any) -> None:
    from tests.factories_applications import person

    cycle, by, member = desk.assignment.application.cycle, walk.secretary_of(), person("member")
    draft = cycles.draft_rules(cycle, by=by, at=at, reason="调整", desk_weight=50, site_weight=50)
    walk.scored(desk, team[0], locked=False)
    assert "已有评分" in refusal(cycles.adopt_rules, draft, by=member, at=at, meeting="二次会议")
    cycles.amend_rules(draft, by=by, at=at, desk_weight=40, site_weight=60, quorum="3/4")
    assert cycles.adopt_rules(draft, by=member, at=at, meeting="二次会议").state == "adopted"
