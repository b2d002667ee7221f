"""批评、警告、取消评审资格 (第二十六条)."""

from __future__ import annotations

from typing import Any

import pytest

from applications.models import Application
from award_portal import people, roles
from award_portal.roles import Role
from review import consensus, discipline, panels
from review.models import Assignment, Discipline, Panel, ScoreSheet
from tests import factories_review as walk
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(26)]


def sanction(reviewer: Any, kind: str, by: Any = None, **changes: Any) -> Discipline:
    words = {"ground": "泄露评分情况", "decision": "秘书处会议纪要〔2027〕3号", **changes}
    return discipline.sanction(
        reviewer, kind, words["ground"], words["decision"], by=by or walk.secretary_of(), at=walk.AFTER
    )


@pytest.mark.parametrize("kind", ["criticism", "warning"])
def test_criticism_and_warning_are_recorded_and_change_nothing(db: None, kind: str, at: Any) -> None:
    reviewer = walk.reviewer()
    sanction(reviewer, kind)
    reviewer.refresh_from_db()
    assert (reviewer.state, reviewer.discipline.get().sanction) == ("active", kind)
    assert roles.holds(reviewer.user, Role.REVIEWER, at)


def test_a_disqualified_reviewer_loses_everything_at_once(cycle: Any, unit: Any, at: Any, travel: Any) -> None:
    travel(at)
    assignment = walk.assigned(unit())
    review = walk.desk_of(assignment)
    walk.all_scored(review)
    lead, second, _ = walk.people_of(assignment.panel)
    sanction(second.reviewer, "disqualification")
    assert not roles.holds(second, Role.REVIEWER, at)
    assert not Application.objects.visible_to(second).exists()
    assert not Assignment.objects.visible_to(second).exists()
    assert not Panel.objects.visible_to(second).exists()
    assert not ScoreSheet.objects.visible_to(second).exists()
    assert ScoreSheet.objects.get(seat__reviewer__user=second).state == "void"
    assert "请秘书处补齐" in refusal(consensus.open_consensus, review, by=lead, at=at)
    others = walk.pool(2)
    assert "取消评审资格" in refusal(
        panels.appoint, cycle, "二组", [*others, second.reviewer], others[0], by=walk.secretary_of(), at=at
    )
    assert "取消评审资格" in refusal(people.grant, second, Role.REVIEWER, by=walk.secretary_of(), at=at)
    assert "已经取消" in refusal(sanction, second.reviewer, "warning")


def test_a_sanction_has_ground_decision_and_another_decider(db: None, at: Any) -> None:
    reviewer = walk.reviewer()
    assert "事由" in refusal(sanction, reviewer, "warning", ground=" ")
    assert "决定" in refusal(sanction, reviewer, "warning", decision="")
    assert "请选择" in refusal(sanction, reviewer, "praise")
    with pytest.raises(Exception, match="秘书处"):
        sanction(reviewer, "warning", by=reviewer.user)
    assert not Discipline.objects.exists()
