"""One unit's way in a real browser, from its code to its confirmed eligibility; and every way to fail, with the sentence that is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.journeys import steps_handed_in as handed_in
from tests.journeys import steps_unit as unit
from tests.journeys.person import Person
from tests.journeys.site import FOUNDER, Site, free_port
from tests.journeys.steps import Walk

pytestmark = [pytest.mark.journey, pytest.mark.long]

# An open window of forty days that closes on a full minute, and in which a file may have one megabyte; two departments; two people of the secretariat; a reader
# and a stranger with accounts; and two more units of one owner: a recommended draft, and an application sent back.
SCENE = """
from datetime import timedelta
from applications import screening, units
from award_portal import clock
from award_portal.roles import Role
from tests import factories_applications as factories
from tests.conftest import hire
from tests.journeys.steps import OFFICERS, SECOND_SECRETARY
from tests.journeys.steps_handed_in import LATE
from tests.journeys.steps_unit import READER, STRANGER
now = clock.now().replace(microsecond=0)
factories.OPENS, factories.WINDOW = timedelta(seconds=1), timedelta(days=40) - timedelta(seconds=now.second)
secretary = factories.person(Role.SECRETARIAT, at=now)
cycle = factories.announced_cycle(now, file_limit_mb=1)
people = [hire(SECOND_SECRETARY, Role.SECRETARIAT, by=None, at=now)]
for name, title in OFFICERS:
    officer = hire(name, by=None, at=now)
    units.name_officer(units.name_department(title, by=secretary, at=now), officer, by=secretary, at=now)
    people.append(officer)
people += [hire(name, Role.APPLICANT, by=None, at=now) for name in (READER, STRANGER, LATE)]
at = cycle.opens_at
first, second = (factories.unit(name, owner=people[-1], at=at) for name in ("洛阳回洛仓食品有限公司", "洛阳瀍源纺织有限公司"))
draft = factories.recommended_application(cycle, applicant=first, products="精密轴承及组件")
returned = factories.submitted_application(cycle, applicant=second)
last = clock.today(at) + timedelta(days=25)
screening.return_for_correction(returned, {"facts": "请核对职工人数。"}, by=secretary, at=at, due_on=last)
print("SCENE", draft.pk, returned.pk, returned.correction_due_at.isoformat(), cycle.closes_at.isoformat())
print("PEOPLE", *(f"{person.name}={person.email}" for person in people))
"""


@pytest.fixture
def site(prepared: Path, tmp_path: Path, tell: Callable[[Site], None]) -> Iterator[Site]:
    """A web process that is not started yet: the scene is set first."""
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    with Site(data, free_port()) as running:
        yield running
        tell(running)


@pytest.fixture
def walk(site: Site, meet: Callable[..., Person]) -> Walk:
    """The scene, its people, and where things are."""
    said = dict(line.split(" ", 1) for line in site.shell(SCENE).splitlines() if line.startswith(("SCENE ", "PEOPLE ")))
    site.give_passwords()
    site.start_web()
    walk = Walk(site, meet)
    draft, returned, due, closes = said["SCENE"].split()
    walk.at |= {"draft": f"/applications/{draft}/", "returned": f"/applications/{returned}/", "due": due}
    walk.closes_at = datetime.fromisoformat(closes)
    known = dict(each.split("=") for each in said["PEOPLE"].split())
    walk.people = {name: meet(name, address) for name, address in known.items()}
    walk.people[FOUNDER.name] = meet(*FOUNDER)
    for name in (FOUNDER.name, handed_in.LATE):
        walk[name].sign_in()
    return walk


@pytest.mark.article(10)
@pytest.mark.article(11)
@pytest.mark.article(15)
@pytest.mark.article(16)
@pytest.mark.article(17)
def test_from_the_code_to_the_confirmed_eligibility(walk: Walk) -> None:
    """第十、十一、十五至十七条: register, invite, fill in, upload, be recommended, hand in, correct, be accepted; and fail on the way."""
    unit.register_the_unit(walk)
    unit.offer_the_claim_where_the_code_is_taken(walk)
    unit.let_the_colleague_in(walk)
    unit.let_an_invitation_run_out(walk)
    unit.let_a_reader_in(walk)
    unit.begin_and_see_what_is_missing(walk)
    unit.fill_in_together(walk)
    unit.lose_the_server_between_two_keys(walk)
    unit.write_the_same_field(walk)
    unit.upload_many_at_once(walk)
    unit.see_the_panel_empty(walk)
    handed_in.be_refused_by_a_department(walk)
    handed_in.lose_the_recommendation_by_an_edit(walk)
    handed_in.hand_in_with_a_double_click(walk)
    handed_in.fetch_the_receipt(walk)
    handed_in.send_back_with_a_list(walk)
    handed_in.correct_too_late(walk)
    handed_in.correct_only_what_is_listed(walk)
    handed_in.hand_the_correction_in(walk)
    handed_in.decide_by_two(walk)
    handed_in.read_the_result(walk)
    handed_in.hand_in_too_late(walk)
