"""The whole cycle in a real browser, from an empty portal to a revoked award and a banned unit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys import steps
from tests.journeys.person import Person
from tests.journeys.site import Site

pytestmark = pytest.mark.journey


@pytest.mark.article(4)
@pytest.mark.article(7)
@pytest.mark.article(15)
@pytest.mark.article(16)
@pytest.mark.article(17)
@pytest.mark.article(18)
@pytest.mark.article(19)
@pytest.mark.article(28)
def test_from_the_announcement_to_the_revocation(site: Site, meet: Callable[..., Person]) -> None:
    """第四至二十九条: eight steps, each by the person whose business it is, the time moved by the bar of the demo."""
    walk = steps.Walk(site, meet)
    steps.set_up_and_announce(walk)

    code = steps.code_of(steps.CODE_STEM)
    walk.at |= {"unit": "洛阳启明精密轴承有限公司", "owner": "陈志远"}
    owner = steps.join(walk, "陈志远", "chen@journey.example", walk.at["unit"], steps.full_width(code))
    owner.sees(code)
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    steps.refuse_code(walk, owner, wrong)
    walk.at["application"] = steps.fill_in(walk, owner)
    late = steps.join(walk, "赵一鸣", "zhao@journey.example", "洛阳回洛仓食品有限公司", steps.code_of(steps.LATE_STEM))
    draft = steps.fill_in(walk, late)
    steps.recommend(walk, walk.at["unit"])
    steps.recommend(walk, "洛阳回洛仓食品有限公司")
    steps.submit(walk, owner, walk.at["application"])
    steps.submit_late(walk, late, draft)

    steps.screen(walk)
    steps.review(walk)
    steps.vote(walk)
    steps.publish_and_decide(walk)
    steps.confer(walk)
    steps.revoke(walk)
    steps.refuse_the_banned(walk)
