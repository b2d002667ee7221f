"""第四、七、十三、十五条: a cycle every two years, its rules adopted before it is announced, its window only longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from applications import announcing, cycles
from applications.models import Announcement, AwardCycle, CycleRules
from award_portal import guards, views
from award_portal.models import AuditEvent, OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import hire
from tests.factories_cycles import announced, over, planned, posted, ruled

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MICRO = timedelta(microseconds=1)


@pytest.fixture
def member(db: None, at: Any) -> Any:
    return hire("评委会主任", Role.MEMBER, by=None, at=at)


# ── planning ──


@pytest.mark.article(4)
@pytest.mark.article(30)
def test_a_cycle_carries_the_numbers_of_its_regulation(secretary: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    assert (cycle.interval_years, cycle.quota, cycle.operation_years, cycle.look_back_years) == (2, 5, 3, 2)
    assert (cycle.total_points, cycle.bonus, cycle.accident_window_years, cycle.ban_years) == (
        1000,
        Decimal(100000),
        2,
        4,
    )
    assert cycle.regulation == "chanhe-2021"
    assert (cycle.state, str(cycle)) == ("draft", "第1届（2027年）")
    row = AuditEvent.objects.order_by("-height").first()
    assert (row.title, row.article, row.object_id) == ("筹备届次", 4, str(cycle.pk))


@pytest.mark.article(4)
@pytest.mark.parametrize(("year", "may"), [(2027, False), (2028, False), (2029, True), (2031, True)])
def test_the_next_cycle_is_two_years_later_or_more(secretary: Any, member: Any, at: Any, year: int, may: bool) -> None:
    cycles.conclude(over(secretary, member, at), by=secretary, at=at + 300 * DAY)
    if may:
        if year > 2029:
            with pytest.raises(Refused, match="请写明延期说明"):
                planned(secretary, at, number=2, year=year)
        assert planned(secretary, at, number=2, year=year, why="机构改革，推迟举办").pk
        return
    with pytest.raises(Refused, match="下一届最早为2029年") as refusal:
        planned(secretary, at, number=2, year=year)
    assert refusal.value.article == 4


@pytest.mark.article(4)
def test_one_cycle_at_a_time(secretary: Any, member: Any, at: Any) -> None:
    announced(secretary, member, at)
    with pytest.raises(Refused, match="第1届（2027年）尚未结束"):
        planned(secretary, at, number=2, year=2029)


@pytest.mark.article(4)
def test_numbers_follow_each_other(secretary: Any, member: Any, at: Any) -> None:
    cycles.conclude(over(secretary, member, at), by=secretary, at=at + 300 * DAY)
    with pytest.raises(Refused, match="本次应为第2届") as refusal:
        planned(secretary, at, number=3, year=2029)
    assert refusal.value.field == "number"


@pytest.mark.article(4)
def test_a_portal_may_begin_with_a_later_cycle(secretary: Any, at: Any) -> None:
    assert planned(secretary, at, number=4).number == 4  # earlier ones were held on paper


@pytest.mark.article(7)
def test_a_cancelled_cycle_does_not_count_as_held(secretary: Any, at: Any) -> None:
    cycle = cycles.cancel(planned(secretary, at), by=secretary, at=at, reason="疫情")
    assert (cycle.state, cycle.end_reason) == ("cancelled", "疫情")
    again = planned(secretary, at + DAY)
    assert (again.number, again.year) == (1, 2027)


def test_only_the_secretariat_plans_and_only_by_a_known_regulation(secretary: Any, owner: Any, at: Any) -> None:
    with pytest.raises(Refused, match="只能由秘书处办理"):
        planned(owner, at)
    for code in ("nowhere-1999", "../settings", ""):
        with pytest.raises(Refused, match="没有这部管理办法") as refusal:
            cycles.plan_cycle(1, 2027, code, by=secretary, at=at)
        assert refusal.value.article == 30


# ── rules ──


@pytest.mark.article(7)
@pytest.mark.article(13)
def test_rules_start_from_proposals_and_count_once_adopted(secretary: Any, member: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    with pytest.raises(Refused, match="尚未经评委会审定"):
        cycles.rules_of(cycle)
    draft = cycles.draft_rules(cycle, by=secretary, at=at)
    assert (draft.version, draft.state, draft.rubric) == (1, "draft", "gbt-19580-2012")
    assert (draft.desk_weight, draft.site_weight, draft.quorum) == (40, 60, "2/3")
    with pytest.raises(Refused, match="尚未经评委会审定"):
        cycles.rules_of(cycle)
    cycles.adopt_rules(draft, by=member, at=at + DAY, meeting="第一次会议")
    assert cycles.rules_of(cycle) == draft
    assert (draft.adopted_at, draft.adopted_by, draft.adopted_in) == (at + DAY, member, "第一次会议")


@pytest.mark.article(7)
@pytest.mark.article(8)
def test_the_secretariat_drafts_and_only_the_committee_adopts(secretary: Any, member: Any, at: Any) -> None:
    draft = cycles.draft_rules(planned(secretary, at), by=secretary, at=at)
    with pytest.raises(Refused, match="只能由评委办理") as refusal:
        cycles.adopt_rules(draft, by=secretary, at=at, meeting="会")
    assert refusal.value.article == 7
    with pytest.raises(Refused, match="只能由秘书处办理"):
        cycles.amend_rules(draft, by=member, at=at, panel_size=5)


@pytest.mark.article(7)
def test_a_draft_changes_and_adopted_rules_do_not(secretary: Any, member: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    draft = cycles.draft_rules(cycle, by=secretary, at=at)
    cycles.amend_rules(draft, by=secretary, at=at, panel_size=5, reason="增加一名")
    assert (draft.panel_size, draft.reason) == (5, "增加一名")
    with pytest.raises(Refused, match="已有第1版草案"):
        cycles.draft_rules(cycle, by=secretary, at=at)
    cycles.adopt_rules(draft, by=member, at=at, meeting="会")
    with pytest.raises(Refused, match="不能修改；请另起草新版本"):
        cycles.amend_rules(draft, by=secretary, at=at, panel_size=7)
    with pytest.raises(Refused, match="只有草案可以审定"):
        cycles.adopt_rules(draft, by=member, at=at, meeting="会")


@pytest.mark.article(7)
def test_a_new_version_starts_from_the_one_in_force_and_supersedes_it(secretary: Any, member: Any, at: Any) -> None:
    cycle = ruled(secretary, member, at, panel_size=5)
    second = cycles.draft_rules(cycle, by=secretary, at=at, correction_days=7, reason="延长补正")
    assert (second.version, second.panel_size, second.correction_days) == (2, 5, 7)
    assert cycles.rules_of(cycle).version == 1
    cycles.adopt_rules(second, by=member, at=at, meeting="第二次会议")
    assert list(cycle.rules.order_by("version").values_list("state", flat=True)) == ["superseded", "adopted"]


@pytest.mark.article(7)
def test_what_is_final_by_now_is_not_changed_by_a_new_version(secretary: Any, member: Any, at: Any) -> None:
    def scored(cycle: AwardCycle) -> Iterator[tuple[frozenset[str], str]]:
        yield cycles.FROZEN_AT_SCORE, "评分已经开始"

    cycle = ruled(secretary, member, at)
    with cycles.frozen.only(scored):
        draft = cycles.draft_rules(cycle, by=secretary, at=at, desk_weight=50, site_weight=50, correction_days=9)
        with pytest.raises(Refused, match=r"评分已经开始，.*权重.*不能再改") as refusal:
            cycles.adopt_rules(draft, by=member, at=at, meeting="会")
        assert refusal.value.article == 7
        cycles.amend_rules(draft, by=secretary, at=at, desk_weight=40, site_weight=60)
        assert cycles.adopt_rules(draft, by=member, at=at, meeting="会").correction_days == 9


@pytest.mark.article(7)
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"quorum": "三分之二"}, "quorum", "请写成分数"),
        ({"quorum": "2/0"}, "quorum", "请写成分数"),
        ({"threshold": "3/2"}, "threshold", "不超过1"),
        ({"threshold": "0"}, "threshold", "大于0"),
        ({"threshold": "-1/2"}, "threshold", "大于0"),
        ({"panel_size": 4}, "panel_size", "单数"),
        ({"rubric": "iso-9001"}, "rubric", "没有这套评审标准"),
        ({"desk_weight": 50, "site_weight": 60}, "desk_weight", "100%"),
    ],
)
def test_rules_that_could_not_be_carried_out_are_refused(
    secretary: Any, at: Any, changes: dict[str, Any], field: str, words: str
) -> None:
    cycle = planned(secretary, at)
    with pytest.raises(Refused, match=words) as refusal:
        cycles.draft_rules(cycle, by=secretary, at=at, **changes)
    assert refusal.value.field == field
    assert not cycle.rules.exists()


@pytest.mark.article(7)
def test_no_rules_for_a_cycle_that_is_over(secretary: Any, member: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    draft = cycles.draft_rules(cycle, by=secretary, at=at)
    cycles.cancel(cycle, by=secretary, at=at, reason="不办了")
    with pytest.raises(Refused, match="不能再审定"):
        cycles.adopt_rules(draft, by=member, at=at, meeting="会")
    with pytest.raises(Refused, match="不能再起草"):
        cycles.draft_rules(cycle, by=secretary, at=at)


# ── announcing ──


@pytest.mark.article(7)
@pytest.mark.article(15)
def test_no_announcement_before_the_rules_are_adopted(secretary: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    cycles.draft_rules(cycle, by=secretary, at=at)
    with pytest.raises(Refused, match="尚未经评委会审定") as refusal:
        posted(cycle, secretary, at)
    assert (refusal.value.article, Announcement.objects.exists()) == (7, False)


@pytest.mark.article(15)
@pytest.mark.article(10)
def test_the_announcement_fixes_the_window_and_the_reference_date(secretary: Any, member: Any, at: Any) -> None:
    cycle = ruled(secretary, member, at)
    opens_at, closes_at = (
        datetime(2027, 3, 31, 16, tzinfo=UTC),
        datetime(2027, 4, 30, 16, tzinfo=UTC),
    )  # April, in Shanghai
    words = announcing.compose(cycle)
    published = cycles.announce(cycle, by=secretary, at=at, opens_at=opens_at, closes_at=closes_at, **words)
    cycle.refresh_from_db()
    assert (cycle.state, cycle.reference_on) == ("announced", date(2027, 4, 30))
    assert (published.reference_on, published.published_at, published.published_by) == (
        date(2027, 4, 30),
        at,
        secretary,
    )
    assert [AwardCycle.objects.open_at(moment).exists() for moment in (opens_at - MICRO, opens_at, closes_at - MICRO, closes_at)] == [
        False, True, True, False,
    ]  # fmt: skip


@pytest.mark.article(3)
@pytest.mark.article(4)
@pytest.mark.article(15)
def test_the_announcement_is_composed_from_the_cycle(secretary: Any, at: Any) -> None:
    words = announcing.compose(planned(secretary, at))
    assert words["title"] == "关于组织申报第一届瀍河回族区区长质量奖的公告"
    assert "名额不超过5个" in words["body"]
    assert "可以空缺" in words["body"]
    assert "运行3年以上" in words["body"]
    assert "不收取任何费用" in words["body"]
    assert "自我评价报告" in words["materials"]


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("opens_in", "days", "field", "words"),
    [
        (-1, 30, "opens_at", "公告发布之后"),
        (1, 0, "closes_at", "晚于开始"),
        (1, -3, "closes_at", "晚于开始"),
        (1, 800, "closes_at", "2027年度内"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    secretary: Any, member: Any, at: Any, opens_in: int, days: int, field: str, words: str
) -> None:
    cycle = ruled(secretary, member, at)
    with pytest.raises(Refused, match=words) as refusal:
        posted(cycle, secretary, at, opens_in=opens_in, days=days)
    assert refusal.value.field == field
    cycle.refresh_from_db()
    assert cycle.state == "draft"


@pytest.mark.article(15)
def test_a_cycle_is_announced_once(secretary: Any, member: Any, at: Any) -> None:
    cycle = announced(secretary, member, at)
    with pytest.raises(Refused, match="当前为“进行中”"):
        posted(cycle, secretary, at)


# ── extending and closing ──


@pytest.mark.article(15)
def test_a_window_gets_longer_by_a_further_announcement_and_the_reference_date_stays(
    secretary: Any, member: Any, at: Any
) -> None:
    cycle = announced(secretary, member, at)
    closes_at, reference_on = cycle.closes_at, cycle.reference_on
    for wrong in (closes_at, closes_at - DAY):
        with pytest.raises(Refused, match="只能晚于原截止时间") as refusal:
            cycles.extend(cycle, by=secretary, at=at, closes_at=wrong, reason="试")
        assert (refusal.value.field, refusal.value.article) == ("closes_at", 15)
    further = cycles.extend(
        cycle, by=secretary, at=closes_at - MICRO, closes_at=closes_at + 5 * DAY, reason="申报单位较少"
    )
    cycle.refresh_from_db()
    assert (cycle.closes_at, cycle.reference_on, further.reference_on) == (
        closes_at + 5 * DAY,
        reference_on,
        reference_on,
    )
    assert (further.kind, "申报单位较少" in further.body) == ("extension", True)
    assert cycle.announcements.get(kind="opening").closes_at == closes_at  # what was published stays as it was


@pytest.mark.article(15)
@pytest.mark.parametrize("after", [timedelta(0), DAY])
def test_a_window_that_has_closed_stays_closed(secretary: Any, member: Any, at: Any, after: timedelta) -> None:
    cycle = announced(secretary, member, at)
    with pytest.raises(Refused, match="受理已经截止"):
        cycles.extend(
            cycle, by=secretary, at=cycle.closes_at + after, closes_at=cycle.closes_at + 9 * DAY, reason="晚了"
        )


@pytest.mark.article(15)
def test_windows_close_when_they_are_over_and_once(secretary: Any, member: Any, at: Any) -> None:
    cycle = announced(secretary, member, at)
    assert list(cycles.windows_due(cycle.closes_at - MICRO)) == []
    with pytest.raises(Refused, match="受理尚未截止"):
        cycles.close_window(cycle, by=None, at=cycle.closes_at - MICRO)
    assert list(cycles.windows_due(cycle.closes_at)) == [cycle]
    assert list(cycles.windows_due(cycle.closes_at)) == []
    cycle.refresh_from_db()
    assert cycle.window_closed_at == cycle.closes_at
    with pytest.raises(Refused, match="已办结"):
        cycles.close_window(cycle, by=None, at=cycle.closes_at)


@pytest.mark.article(15)
def test_the_task_and_the_command_close_what_is_over(secretary: Any, member: Any, at: Any, travel: Any) -> None:
    from applications.tasks import close_windows

    cycle = announced(secretary, member, at)
    travel(cycle.closes_at - DAY)
    assert close_windows() == 0
    travel(cycle.closes_at)
    assert (close_windows(), close_windows()) == (1, 0)
    call_command("close_windows")
    assert AuditEvent.objects.filter(title="受理截止").count() == 1


def test_moving_the_demos_time_closes_windows_too(secretary: Any, member: Any, at: Any) -> None:
    cycle = announced(secretary, member, at)
    assert cycle in list(views.due.ask(cycle.closes_at))


# ── the end ──


@pytest.mark.article(4)
def test_a_cycle_ends_once_nothing_runs_any_more(secretary: Any, member: Any, at: Any) -> None:
    cycle = announced(secretary, member, at)
    with pytest.raises(Refused, match="申报受理尚未截止"):
        cycles.conclude(cycle, by=secretary, at=at)
    cycles.close_window(cycle, by=None, at=cycle.closes_at)

    def runs(asked: AwardCycle) -> Iterator[str]:
        yield "尚有异议未办结。"

    with cycles.unfinished.only(runs), pytest.raises(Refused, match="尚有异议未办结"):
        cycles.conclude(cycle, by=secretary, at=at)
    with cycles.unfinished.only():
        assert cycles.conclude(cycle, by=secretary, at=at + DAY, reason="名额空缺").ended_at == at + DAY
        for verb in (cycles.conclude, cycles.cancel):
            with pytest.raises(Refused, match="已结束"):
                verb(cycle, by=secretary, at=at + DAY, reason="再来")


@pytest.mark.article(4)
def test_a_cycle_that_never_began_does_not_end(secretary: Any, at: Any) -> None:
    with pytest.raises(Refused, match="“筹备”，不能结束"):
        cycles.conclude(planned(secretary, at), by=secretary, at=at)


@pytest.mark.article(7)
def test_an_announced_cycle_in_which_nobody_submitted_may_be_cancelled(secretary: Any, member: Any, at: Any) -> None:
    assert cycles.cancel(announced(secretary, member, at), by=secretary, at=at, reason="不办了").state == "cancelled"


# ── what the database holds by itself ──


def _raw(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.article(4)
@pytest.mark.article(7)
@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("guard", "sql"),
    [
        ("cycle_arrows", "UPDATE applications_awardcycle SET state = 'draft' WHERE state = 'cancelled'"),
        ("cycle_numbers", "UPDATE applications_awardcycle SET quota = 9"),
        ("cycle_numbers", "UPDATE applications_awardcycle SET regulation = 'other'"),
        ("cycle_window_opening", "UPDATE applications_awardcycle SET reference_on = '2027-12-31'"),
        ("cycle_window_opening", "UPDATE applications_awardcycle SET opens_at = '2027-01-01 00:00:00'"),
        ("cycle_window_only_longer", "UPDATE applications_awardcycle SET closes_at = '2027-03-10 00:00:00'"),
        ("cycle_no_delete", "DELETE FROM applications_awardcycle WHERE state = 'cancelled'"),
        ("rules_arrows", "UPDATE applications_cyclerules SET state = 'draft'"),
        ("rules_adopted", "UPDATE applications_cyclerules SET quorum = '1/2'"),
        ("rules_adopted", "UPDATE applications_cyclerules SET tie_break = '[]'"),
        ("rules_adopted", "UPDATE applications_cyclerules SET adopted_in = '另一次会议'"),
        ("rules_no_delete", "DELETE FROM applications_cyclerules"),
        ("announcement_published", "UPDATE applications_announcement SET body = '改过'"),
        ("announcement_published", "UPDATE applications_announcement SET closes_at = '2028-01-01 00:00:00'"),
        ("announcement_no_delete", "DELETE FROM applications_announcement"),
    ],
)
def test_the_database_refuses_what_no_verb_does(secretary: Any, member: Any, at: Any, guard: str, sql: str) -> None:
    cycles.cancel(planned(secretary, at, number=7, year=2026), by=secretary, at=at, reason="试")
    announced(secretary, member, at)
    with pytest.raises(IntegrityError):
        _raw(sql)
    guards.take_down(guards.REGISTERED[guard])
    _raw(sql)  # only this guard held it


@pytest.mark.article(7)
def test_the_database_refuses_an_announcement_without_adopted_rules(secretary: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    cycles.draft_rules(cycle, by=secretary, at=at)
    sql = (
        "UPDATE applications_awardcycle SET state = 'announced', opens_at = '2027-04-01 00:00:00', "
        "closes_at = '2027-05-01 00:00:00', reference_on = '2027-04-30'"
    )
    with pytest.raises(IntegrityError, match="未经评委会审定"):
        _raw(sql)
    guards.take_down(guards.REGISTERED["cycle_ruled_first"])
    _raw(sql)


@pytest.mark.article(15)
def test_a_closed_window_is_closed_in_the_database_too(secretary: Any, member: Any, at: Any) -> None:
    cycle = announced(secretary, member, at)
    cycles.close_window(cycle, by=None, at=cycle.closes_at)
    for column in ("closes_at", "window_closed_at"):
        with pytest.raises(IntegrityError, match="受理已经截止"):
            _raw(f"UPDATE applications_awardcycle SET {column} = '2028-05-01 00:00:00'")  # noqa: S608
    guards.take_down(guards.REGISTERED["cycle_window_closed"])
    _raw("UPDATE applications_awardcycle SET closes_at = '2028-05-01 00:00:00', taken_until = '2028-05-01 00:00:00'")


@pytest.mark.article(15)
def test_the_announcements_pdf_is_kept_once(
    secretary: Any, member: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from award_portal import documents, files

    published = posted(ruled(secretary, member, at), secretary, at)
    row = OutboxMessage.objects.get(kind="announcement")
    made: list[str] = []
    monkeypatch.setattr(documents, "render", lambda template, context: made.append(template) or b"%PDF-1.7 test")
    keep = announcing.make_documents(row, at)
    assert keep is not None
    keep()
    assert announcing.make_documents(row, at) is None
    keep()  # a second worker that prepared it as well keeps nothing
    published.refresh_from_db()
    assert made == ["documents/announcement.html"]
    assert published.document.name.endswith(".pdf")
    other = files.store_bytes(b"%PDF-1.7 other", "另.pdf", "application/pdf", at=at)
    sql = f"UPDATE applications_announcement SET document_id = {other.pk}"  # noqa: S608
    with pytest.raises(IntegrityError, match="公告文件不得改动"):
        _raw(sql)
    guards.take_down(guards.REGISTERED["announcement_document"])
    _raw(sql)


@pytest.mark.article(15)
def test_a_machine_without_the_library_makes_the_pdf_later(
    secretary: Any, member: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from award_portal import documents, outbox

    def cannot(template: str, context: Any) -> bytes:
        raise documents.NotReady("本机没有排版程序。")

    posted(ruled(secretary, member, at), secretary, at)
    monkeypatch.setattr(documents, "render", cannot)
    with pytest.raises(outbox.NotYet, match="本机没有排版程序"):
        announcing.make_documents(OutboxMessage.objects.get(kind="announcement"), at)


@pytest.mark.article(7)
def test_one_set_of_rules_is_in_force(secretary: Any, member: Any, at: Any) -> None:
    cycle = ruled(secretary, member, at)
    with pytest.raises(IntegrityError), transaction.atomic():
        CycleRules.objects.create(cycle=cycle, version=2, state="adopted", adopted_at=at, rubric="x")
