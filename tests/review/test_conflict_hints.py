"""What the data say of a tie between a person and a unit; it tells and never refuses (第九条)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from review import conflict_hints, panels
from review.conflict_hints import Person, Tie, UnitFacts, hints
from review.models import Engagement
from tests import factories_review as walk
from tests.review.test_pages import client_of, queries

pytestmark = pytest.mark.article(9)
SINCE = date(2024, 3, 30)
UNIT = UnitFacts(
    7,
    "洛阳瀍东轴承制造有限公司",
    "91410304102044170X",
    "赵国栋",
    "quality@zhoucheng.example",
    ("洛阳瀍东铸造有限公司",),
)


def found(**facts: Any) -> list[tuple[str, bool]]:
    return [(hint.kind, hint.certain) for hint in hints(Person(**{"name": "顾明", **facts}), UNIT, SINCE)]


@pytest.mark.parametrize(
    ("tie", "kinds"),
    [
        (Tie("employer", "洛阳瀍东轴承制造有限公司"), [("employer", True)]),
        (Tie("employer", " 洛阳瀍东轴承制造有限公司（质量部）"), [("employer", True)]),
        (Tie("employer", "洛阳瀍东"), [("employer", False)]),
        (Tie("employer", "轴承"), []),
        (Tie("employer", "河南科技大学"), []),
        (Tie("employer", "洛阳瀍东轴承制造有限公司", SINCE), [("employer", True)]),
        (Tie("employer", "洛阳瀍东轴承制造有限公司", SINCE - timedelta(days=1)), []),
        (Tie("employer", "洛阳瀍东铸造有限公司"), [("affiliate", False)]),
        (Tie("training", "洛阳瀍东轴承制造有限公司"), [("training", False)]),
        (Tie("consulting", "瀍东轴承", None, "91410304102044170X"), [("consulting", False)]),
        (Tie("shareholding", "洛阳瀍东轴承制造有限公司", SINCE - timedelta(days=1)), []),
        (Tie("shareholding", "洛阳瀍东轴承制造有限公司"), [("shareholding", False)]),
    ],
)
def test_ties_count_until_the_day_the_rules_look_back_to(tie: Tie, kinds: list[tuple[str, bool]]) -> None:
    assert found(ties=(tie,)) == kinds


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        ({"name": "赵 国栋"}, [("legal_representative", False)]),
        ({"email": "gu@ZHOUCHENG.example"}, [("mail", False)]),
        ({"email": "gu@other.example"}, []),
        ({"email": "没有地址"}, []),
        ({"units": frozenset({7})}, [("member", True)]),
        ({"units": frozenset({8})}, []),
    ],
)
def test_names_addresses_and_membership(facts: dict[str, Any], kinds: list[tuple[str, bool]]) -> None:
    assert found(**facts) == kinds


def test_an_address_of_a_public_provider_says_nothing() -> None:
    unit = UnitFacts(1, "单位", contact_email="unit@163.com")
    assert hints(Person("顾明", "gu@163.com"), unit, SINCE) == ()
    assert {"qq.com", "163.com"} <= conflict_hints.public_domains()


@pytest.mark.django_db
def test_hints_are_shown_to_the_person_and_the_secretariat_and_keep_nobody_away(
    cycle: Any, unit: Any, at: Any, travel: Any, said: Any
) -> None:
    travel(at)
    application, clean = unit(), unit()
    people = walk.pool(3)
    by, name = walk.secretary_of(), application.applicant.name
    kept = {"recorded_by": by, "recorded_at": at, "organisation": name}
    Engagement.objects.create(reviewer=people[1], kind="consulting", **kept)
    Engagement.objects.create(reviewer=people[2], kind="training", withdrawn_at=at, withdrawal_reason="误登", **kept)
    panel = walk.panel_for(cycle, people)
    walk.assigned(application, panel, prepared=False)
    walk.assigned(clean, panel, prepared=False)
    user = people[1].user
    pairs = conflict_hints.between([row.user for row in people], [application, clean], cycle, at)
    assert {key: [str(hint) for hint in listed] for key, listed in pairs.items()} == {
        (user.pk, application.pk): [f"登记有与{name}的咨询关系"]
    }
    panels.sign_pledge(cycle, user.name, by=user, at=at)
    url = reverse("review:declare_all", args=[cycle.pk])
    page = client_of(user).get(url)
    assert f"登记有与{name}的咨询关系" in said(page)
    fields = page.context["form"].fields
    assert (fields[f"conflict-{application.pk}"].initial, fields[f"conflict-{clean.pk}"].initial) == (None, "no")
    other = people[2].user
    panels.sign_pledge(cycle, other.name, by=other, at=at)
    assert "咨询关系" not in said(client_of(other).get(url))
    assert f"登记有与{name}的咨询关系" in said(client_of(by).get(panel.get_absolute_url()))
    seat = panel.seats.get(reviewer=people[0])
    assert "提示" not in said(client_of(by).get(reverse("review:replace_seat", args=[seat.pk])))
    newcomer = walk.reviewer("赵国栋", expert=True)
    Engagement.objects.create(reviewer=newcomer, kind="shareholding", **kept)
    assert "持股关系" in said(client_of(by).get(reverse("review:replace_seat", args=[seat.pk])))
    panels.declare(application, False, by=user, at=at)  # he judges, the data do not
    assert panels.replace(seat, newcomer, "补选", by=by, at=at).pk


@pytest.mark.django_db
def test_an_employer_of_before_is_remembered_from_the_record(cycle: Any, unit: Any, at: Any) -> None:
    application = unit()
    person = walk.reviewer()
    person.employer = application.applicant.name
    person._history_date = at - timedelta(days=500)
    person.save()
    person.employer = "河南科技大学"
    person._history_date = at - timedelta(days=300)
    person.save()
    (listed,) = conflict_hints.between([person.user], [application], cycle, at).values()
    assert [(hint.kind, hint.certain) for hint in listed] == [("employer", True)]
    later = at + timedelta(days=365 * 3)
    assert conflict_hints.between([person.user], [application], cycle, later) == {}


@pytest.mark.django_db
def test_a_certain_tie_is_kept_out_of_the_draw(
    cycle: Any, unit: Any, at: Any, django_assert_max_num_queries: Any
) -> None:
    from review import drawing, draws

    application, person = unit(), walk.reviewer()
    person.employer = application.applicant.name
    person.save()
    walk.pool(3)
    units = drawing.waiting_units(cycle)
    with django_assert_max_num_queries(14):
        plan = drawing.plan_of(cycle, draws.Terms(1, 3, 5), units, at)
    barred = {row.pk: dict(row.barred or {}) for row in plan.candidates if row.barred}
    assert barred == {person.pk: {application.pk: f"现工作单位为{application.applicant.name}"}}


@pytest.mark.django_db
def test_the_page_of_all_units_asks_as_often_for_three_as_for_one(cycle: Any, unit: Any, at: Any, travel: Any) -> None:
    travel(at)
    assignment = walk.assigned(unit())
    client, url = client_of(walk.secretary_of()), reverse("review:declare_all", args=[cycle.pk])
    once = queries(client, url)
    walk.assigned(unit(), assignment.panel)
    walk.assigned(unit(), assignment.panel, prepared=False)
    assert queries(client, url) == once
