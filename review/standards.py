"""By which rules and which rubric a cycle is reviewed (第七、十三条)."""

from __future__ import annotations

from applications.models import AwardCycle, CycleRules
from award_portal import rubric
from award_portal.rubric import Rubric
from award_portal.verdict import Refused


def rules_of(cycle: AwardCycle) -> CycleRules:
    """第七条: this function will give the rules that the committee adopted for the cycle; without them nothing is reviewed."""
    rules = CycleRules.objects.adopted().filter(cycle=cycle).first()
    if rules is None:
        raise Refused("本届规则尚未审定，不能开展评审。", 7)
    return rules


def rubric_of(cycle: AwardCycle) -> Rubric:
    """第十三条: this function will give the rubric that the cycle's adopted rules name."""
    return rubric.load(rules_of(cycle).rubric)
