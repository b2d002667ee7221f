"""The whole cycle in a real browser, from an empty portal to a revoked award and a banned unit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys import steps, steps_award, steps_screening
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
    steps.apply(walk)
    steps_screening.screen(walk)
    steps.review(walk)
    steps_award.vote(walk)
    steps_award.publish_and_decide(walk)
    steps_award.confer(walk)
    steps_award.revoke(walk)
    steps_award.refuse_the_banned(walk)
    steps_award.look_around(walk)
