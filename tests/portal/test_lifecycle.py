"""The one door for state: acts are whole or nothing, leave one row, and refuse with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError

from applications.models import AwardCycle
from award_portal import audit, lifecycle
from award_portal.lifecycle import Step, act, advance, discard, lock, store
from award_portal.models import AuditEvent, LegalDay
from award_portal.roles import Role
from award_portal.verdict import Refused, Verdict, no, require
from tests.factories_cycles import planned

pytestmark = pytest.mark.django_db

CANCEL = Step(("draft",), "cancelled", article=7)


@act("登记测试日", 19, role=Role.SECRETARIAT)
def enter(day: date, *, by: Any, at: Any, reason: str = "", fail: bool = False) -> LegalDay:
    row = store(LegalDay(day=day, note="测试"), clash="该日期已登记。", clash_field="day")
    if fail:
        raise Refused("最后一步不成立。", 19)
    return row


@act("测试取消", 7)
def cancel(cycle: AwardCycle, *, by: Any, at: Any, reason: str = "") -> AwardCycle:
    return advance(cycle, CANCEL, by=by, at=at, ended_at=at, end_reason=reason)


def test_an_act_leaves_one_row_and_a_version_with_its_reason(secretary: Any, at: Any) -> None:
    before = AuditEvent.objects.count()
    row = enter(date(2031, 1, 1), by=secretary, at=at, reason="国务院通知")
    event = AuditEvent.objects.order_by("-height").first()
    assert AuditEvent.objects.count() == before + 1
    assert (event.title, event.article, event.reason, event.object_id) == ("登记测试日", 19, "国务院通知", str(row.pk))
    version = row.history.get()
    assert (version.history_user, version.history_date, version.history_change_reason) == (
        secretary,
        at,
        "第十九条 登记测试日",
    )


def test_an_act_that_is_refused_leaves_nothing(secretary: Any, at: Any) -> None:
    before = audit.anchor()
    with pytest.raises(Refused):
        enter(date(2031, 1, 1), by=secretary, at=at, fail=True)
    assert not LegalDay.objects.exists()
    assert not LegalDay.history.exists()
    assert audit.anchor() == before


def test_who_lacks_the_role_is_refused_before_anything_runs(owner: Any, at: Any) -> None:
    with pytest.raises(Refused, match="“登记测试日”只能由秘书处办理") as refusal:
        enter(date(2031, 1, 1), by=owner, at=at)
    assert refusal.value.article == 19
    with pytest.raises(Refused):
        enter(date(2031, 1, 1), by=None, at=at)


def test_a_closed_account_does_nothing(secretary: Any, at: Any) -> None:
    secretary.is_active = False
    with pytest.raises(Refused, match="该账号已停用"):
        cancel(AwardCycle(), by=secretary, at=at)


def test_a_clash_of_the_database_becomes_a_sentence_with_its_field(secretary: Any, at: Any) -> None:
    enter(date(2031, 1, 1), by=secretary, at=at)
    with pytest.raises(Refused, match="该日期已登记") as refusal:
        enter(date(2031, 1, 1), by=secretary, at=at)
    assert refusal.value.field == "day"


@act("测试无词", None)
def _wordless(*, by: Any, at: Any) -> None:
    store(LegalDay(day=date(2031, 1, 1), note=""))
    store(LegalDay(day=date(2031, 1, 1), note=""))


def test_a_clash_nobody_worded_is_not_swallowed(at: Any) -> None:
    with pytest.raises(IntegrityError):
        _wordless(by=None, at=at)


def test_an_arrow_leads_only_from_its_sources(secretary: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    assert cancel(cycle, by=secretary, at=at, reason="试").state == "cancelled"
    with pytest.raises(Refused, match="当前为“已取消”，不能测试取消") as refusal:
        cancel(cycle, by=secretary, at=at)
    assert refusal.value.article == 7


def test_a_stale_object_is_read_afresh_before_it_moves(secretary: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    stale = AwardCycle.objects.get(pk=cycle.pk)
    cancel(cycle, by=secretary, at=at)
    with pytest.raises(Refused):
        cancel(stale, by=secretary, at=at)


@pytest.mark.parametrize("door", [lock, store, discard])
def test_outside_an_act_no_row_changes(secretary: Any, at: Any, door: Any) -> None:
    row = enter(date(2031, 1, 1), by=secretary, at=at)
    with pytest.raises(RuntimeError, match="only inside an act"):
        door(row)


@act("测试删除", None)
def remove(row: LegalDay, *, by: Any, at: Any) -> None:
    discard(row)


def test_a_discarded_draft_leaves_its_last_version(secretary: Any, at: Any) -> None:
    row = enter(date(2031, 1, 1), by=secretary, at=at)
    remove(row, by=secretary, at=at)
    last = LegalDay.history.order_by("-history_id").first()
    assert not LegalDay.objects.exists()
    assert (last.history_type, last.history_user, last.history_date) == ("-", secretary, at)


@act("测试内外", None)
def outer(*, by: Any, at: Any, fail: bool = False) -> LegalDay:
    row = enter(date(2031, 1, 1), by=by, at=at)
    if fail:
        raise Refused("外层不成立。")
    return store(row, note="外层")


def test_an_act_inside_an_act_writes_its_own_row_and_falls_with_the_outer(secretary: Any, at: Any) -> None:
    before = AuditEvent.objects.count()
    outer(by=secretary, at=at)
    titles = list(AuditEvent.objects.order_by("height").values_list("title", flat=True))[before:]
    assert titles == ["登记测试日", "测试内外"]
    remove(LegalDay.objects.get(), by=secretary, at=at)
    before = AuditEvent.objects.count()
    with pytest.raises(Refused):
        outer(by=secretary, at=at, fail=True)
    assert (AuditEvent.objects.count(), LegalDay.objects.exists()) == (before, False)


@act("测试保密", None, withhold=["note"])
def secretive(row: LegalDay, *, by: Any, at: Any, note: str) -> LegalDay:
    return store(row, note=note)


def test_what_is_withheld_leaves_no_digest_to_guess_from(secretary: Any, at: Any) -> None:
    row = enter(date(2031, 1, 1), by=secretary, at=at)
    secretive(row, by=secretary, at=at, note="甲")
    first = AuditEvent.objects.order_by("-height").first().change
    secretive(row, by=secretary, at=at, note="乙")
    assert AuditEvent.objects.order_by("-height").first().change == first


def test_what_changed_shows_in_the_digest(secretary: Any, at: Any) -> None:
    enter(date(2031, 1, 1), by=secretary, at=at)
    first = AuditEvent.objects.order_by("-height").first().change
    enter(date(2031, 1, 2), by=secretary, at=at)
    assert AuditEvent.objects.order_by("-height").first().change != first


def test_a_refusal_names_its_article() -> None:
    assert Refused("不行。", 19).sentence == "第十九条：不行。"
    assert Refused("不行。").sentence == "不行。"
    assert no("不行。", 7).sentence == "第七条：不行。"
    assert not no("不行。")
    require(Verdict(True))
    with pytest.raises(Refused, match="第七条：不行。"):
        require(no("不行。", 7))


def test_no_act_runs_between_acts() -> None:
    with pytest.raises(RuntimeError):
        lifecycle.running()
