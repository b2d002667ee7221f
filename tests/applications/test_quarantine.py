"""A virus found after the application was handed in: unit and secretariat are told what to do now (第十六、十七条)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from applications import evidence, intake, quarantine, screening
from applications.models import Application
from award_portal import desk, scanning
from award_portal.models import OutboxMessage, User
from award_portal.roles import Role
from tests.factories_applications import (
    announced_cycle,
    owner_of,
    pdf,
    person,
    second_secretary,
    submitted_application,
)

pytestmark = [pytest.mark.django_db, pytest.mark.article(16), pytest.mark.article(17)]


@pytest.fixture
def application(travel: Callable[[datetime], None]) -> Application:
    cycle = announced_cycle()
    travel(cycle.opens_at)
    return submitted_application(cycle)


def found(application: Application, *, report: bool = False) -> None:
    file: Any = application.self_assessment if report else application.evidence.order_by("pk").last().file
    scanning.conclude(file, "Eicar", by=None, at=application.cycle.opens_at)


def mails(word: str) -> dict[str, str]:
    rows = OutboxMessage.objects.filter(kind="mail", key__startswith=f"mail:{word}:").values_list("payload", flat=True)
    return {row["to"]: row["body"] for row in rows}


def on_desk(user: User, at: datetime) -> list[tuple[str, str]]:
    return [(one.title, one.text) for one in desk.awaiting(User.objects.get(pk=user.pk), at) if "查出病毒" in one.title]


def test_a_late_finding_is_told_to_the_unit_and_to_every_secretary_until_the_file_is_replaced(
    application: Application, stranger: User
) -> None:
    owner, at = owner_of(application), application.cycle.opens_at
    secretary, second = person(Role.SECRETARIAT), second_secretary()
    assert on_desk(secretary, at) == on_desk(owner, at) == []
    found(application)
    name = application.evidence.get().file.name
    unit, theirs = mails("infected"), mails("infected-handed-in")
    assert set(theirs) == {secretary.email, second.email}
    assert owner.email in unit
    assert "不用重新申报。秘书处会发补正通知，请收到后移除该文件、重新上传，再重新提交。" in unit[owner.email]
    told = theirs[secretary.email]
    assert (
        f"{application.applicant}（受理编号{application.number}）提交后，其证实性材料“{name}”查出病毒（Eicar）" in told
    )
    assert "请退回补正，补正内容中列明该文件。" in told
    assert f"/applications/{application.pk}/screening/" in told or "screening" in told
    assert on_desk(secretary, at) == [
        (f"申报材料查出病毒：{application.applicant}", "请退回补正，补正内容中列明该文件。")
    ]
    assert [title for title, _ in on_desk(owner, at)] == [f"上传的文件查出病毒：{application.applicant}"]
    assert on_desk(stranger, at) == []

    screening.return_for_correction(application, {"evidence": "更换"}, by=secretary, at=at, due_on=date(2027, 4, 1))
    assert "提醒该单位一并更换" in on_desk(secretary, at)[0][1]
    assert "2027年4月1日 24:00前移除该文件" in on_desk(owner, at)[0][1]
    evidence.attach_evidence(application, pdf("干净.pdf"), "licence", by=owner, at=at)
    evidence.remove_evidence(application.evidence.order_by("pk").first(), by=owner, at=at)  # type: ignore[arg-type]
    intake.correct(application, by=owner, at=at + timedelta(hours=1))
    assert on_desk(secretary, at) == on_desk(owner, at) == []
    found(application)
    assert "请与秘书处联系" in on_desk(owner, at)[0][1], "there is one round of corrections"
    assert "补正已不能包括该文件" in on_desk(secretary, at)[0][1]


def test_an_infected_report_is_named_as_what_it_is_and_once(application: Application) -> None:
    found(application, report=True)
    (told,) = mails("infected-handed-in").values()
    assert "其自我评价报告文件“" in told
    sent = OutboxMessage.objects.count()
    assert list(quarantine.tell(application.self_assessment, application.cycle.opens_at)) == [application]  # type: ignore[arg-type]
    assert OutboxMessage.objects.count() == sent


@pytest.mark.parametrize(
    ("state", "sections", "unit", "secretariat"),
    [
        ("draft", [], "移除该文件后重新上传", None),
        ("returned", ["evidence"], "再重新提交补正", "提醒该单位一并更换"),
        ("returned", ["facts"], "不在这次补正的范围内", "补正已不能包括该文件"),
        ("accepted", [], "不用重新申报。请与秘书处联系", "补正已不能包括该文件"),
        ("withdrawn", [], "已经办结", None),
    ],
)
def test_what_to_do_depends_on_where_the_application_stands(
    state: str, sections: list[str], unit: str, secretariat: str | None
) -> None:
    application = Application(state=state, correction_sections=sections, corrections=1)
    assert unit in quarantine.for_the_unit(application, "evidence")
    if secretariat:
        assert secretariat in quarantine.for_the_secretariat(application, "evidence")
    else:
        assert state not in quarantine.UNDER_REVIEW
