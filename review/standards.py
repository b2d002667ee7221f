"""By which rules and which rubric a cycle is reviewed (第七、十三条)."""

from __future__ import annotations

from applications.cycles import rules_of
from applications.models import AwardCycle, CycleRules
from award_portal import rubric
from award_portal.rubric import Rubric

__all__ = ["rubric_by", "rubric_of", "rules_of"]


def rubric_of(cycle: AwardCycle) -> Rubric:
    """第十三条: this function will give the rubric that the cycle's adopted rules name."""
    return rubric_by(rules_of(cycle))


def rubric_by(rules: CycleRules) -> Rubric:
    """第十三条: this function will give the rubric that these rules name, without asking for the rules again."""
    return rubric.load(rules.rubric)
