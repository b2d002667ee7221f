"""第十六条: what a department was asked to recommend and need not any more leaves its desk in the same act, and it is told once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import claims, cycles, intake, publication
from applications.models import Application, AwardCycle, Department, Recommendation
from award_portal import audit, desk
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START, hire
from tests.factories_applications import (
    OPENS,
    announced_cycle,
    department,
    draft_application,
    officer_of,
    owner_of,
    pdf,
    person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
OPEN = START + OPENS


def requested(cycle: AwardCycle, name: str, *names: str) -> list[Recommendation]:
    application = draft_application(cycle, name)
    return [
        intake.request_recommendation(application, department(one), by=owner_of(application), at=OPEN) for one in names
    ]


def waiting(named: Department) -> list[str]:
    items = desk.awaiting(officer_of(named), OPEN)
    return sorted(item.title for item in items if item.title.startswith("办理推荐"))


def told(named: Department) -> list[str]:
    rows = OutboxMessage.objects.filter(kind="mail", payload__to=officer_of(named).email).order_by("pk")
    return [row.payload["body"] for row in rows if "不需要再办理推荐" in row.payload["subject"]]


def cancel(cycle: AwardCycle) -> None:
    cycles.cancel(cycle, by=person(Role.SECRETARIAT), at=OPEN, reason="本届不再举办")


def withdraw_announcement(cycle: AwardCycle) -> None:
    publication.withdraw_announcement(cycle, by=person(Role.SECRETARIAT), at=OPEN, reason="名额有误")


def close_window(cycle: AwardCycle) -> None:
    cycles.close_window(cycle, by=None, at=cycle.closes_at)


@pytest.mark.parametrize(
    ("ended", "why"), [(cancel, "已取消"), (withdraw_announcement, "公告已撤回"), (close_window, "受理已经截止")]
)
def test_the_end_of_a_cycle_or_announcement_closes_the_requests(ended: Any, why: str) -> None:
    cycle = announced_cycle()
    market, other = department("区市场监管局"), department("区商务局")
    signed, open_one = requested(cycle, "甲单位", "区市场监管局", "区商务局")
    second = requested(cycle, "乙单位", "区商务局")[0]
    officer = officer_of(market)
    intake.recommend(signed, "同意推荐", officer.name, by=officer, at=OPEN)
    assert waiting(other) == sorted(["办理推荐：甲单位", "办理推荐：乙单位"])
    ended(cycle)
    assert {row.pk: row.state for row in Recommendation.objects.all()} == {
        signed.pk: "signed", open_one.pk: "void", second.pk: "void",
    }  # fmt: skip
    assert (waiting(other), told(market)) == ([], [])  # who had answered hears nothing
    letter = told(other)
    assert len(letter) == 1  # one for both units
    assert all(piece in letter[0] for piece in (why, "甲单位、乙单位"))
    assert open_one.history.first().history_change_reason.startswith("第")
    assert audit.verify() is None
    with pytest.raises(Refused):
        intake.recommend(second, "同意推荐", "某人", by=officer_of(other), at=OPEN)


def test_a_unit_that_withdraws_and_a_draft_set_aside_close_theirs() -> None:
    cycle, named = announced_cycle(), department("区商务局")
    one, two = requested(cycle, "甲单位", "区商务局")[0], requested(cycle, "乙单位", "区商务局")[0]
    intake.withdraw(one.application, by=owner_of(one.application), at=OPEN, reason="不报了")
    assert (waiting(named), len(told(named))) == (["办理推荐：乙单位"], 1)
    assert "已撤回" in told(named)[0]
    assert "乙单位" not in told(named)[0]

    claimant = hire("真单位", Role.APPLICANT, by=None, at=START)
    unit = two.application.applicant
    papers = {name: claims.look_into(pdf(f"{name}.pdf"), name) for name in ("licence", "letter")}
    claim = claims.submit(unit.code, "乙单位", statement="从未委托", by=claimant, at=OPEN, **papers)
    claims.propose(claim, "grant", by=person(Role.SECRETARIAT), at=OPEN, reason="属实")
    claims.grant(claim, by=hire("二号", Role.SECRETARIAT, by=None, at=START), at=OPEN, reason="属实")
    assert (waiting(named), len(told(named))) == ([], 2)
    assert {row.state for row in Recommendation.objects.all()} == {"void"}


def test_the_same_number_of_queries_however_many_units_have_asked() -> None:
    cycle = announced_cycle()
    counted = []
    for names in (["甲"], ["乙", "丙", "丁"]):
        for name in names:
            requested(cycle, name, "区商务局")
        with CaptureQueriesContext(connection) as captured:
            close_all(cycle)
        counted.append(len(captured))
    assert counted[0] == counted[1]
    assert not Recommendation.objects.filter(state="requested").exists()
    assert Application.objects.filter(state="draft").count() == 4


def close_all(cycle: AwardCycle) -> None:
    from applications.recommending import close_requests
    from award_portal.lifecycle import act

    @act("测试：不再需要", 16)
    def closed(cycle: AwardCycle, *, by: Any, at: Any) -> AwardCycle:
        close_requests(cycle.applications.all(), "测试。", by=by, at=at)
        return cycle

    closed(cycle, by=None, at=OPEN)
