"""第十、十一、十七条: one prepares, another decides; letters, corrections, reconsiderations, the confirmed list, re-checks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications import (
    confirmed_list,
    corrections,
    intake,
    letters,
    permissions,
    reconsideration,
    screening,
    timeline,
)
from applications.corrections import Change, diff
from applications.models import Application, ConfirmedList, Letter, Reconsideration
from award_portal import desk, outbox
from award_portal.models import LegalDay, LegalYear, OutboxMessage, User
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import hire
from tests.factories_applications import (
    accepted_application,
    announced_cycle,
    department,
    draft_application,
    officer_of,
    owner_of,
    person,
    prepare,
    screen,
    second_secretary,
    submitted_application,
    third_secretary,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
REASON = "2025年亏损，不符合第十一条。"


@pytest.fixture
def application() -> Application:
    return submitted_application(announced_cycle(), "洛阳轴承")


@pytest.fixture
def at(application: Application) -> datetime:
    return application.cycle.opens_at  # type: ignore[return-value]


def not_met(application: Application, at: datetime) -> None:
    screen(application)
    screening.conclude_limbs(application, {"loss": ("not_met", "2025年亏损")}, by=person(Role.SECRETARIAT), at=at)


def declined(application: Application, at: datetime) -> Application:
    not_met(application, at)
    prepare(application, "decline", REASON)
    return screening.decline(application, REASON, by=second_secretary(), at=at)


# ── one prepares, another decides ──


@pytest.mark.article(17)
def test_who_prepared_does_not_decide(application: Application, at: datetime) -> None:
    first, second = person(Role.SECRETARIAT), second_secretary()
    screen(application)
    with pytest.raises(Refused, match="尚未拟定结论"):
        screening.accept(application, by=second, at=at)
    prepare(application)
    with pytest.raises(Refused, match="须由秘书处另一人审定"):
        screening.accept(application, by=first, at=at)
    with pytest.raises(Refused, match="没有任何一项条件"):
        screening.decline(application, REASON, by=second, at=at)
    assert screening.accept(application, by=second, at=at).state == "accepted"
    decided = application.decisions.get()
    assert (decided.state, decided.prepared_by, decided.decided_by) == ("decided", first, second)
    assert {row["conclusion"] for row in decided.grounds} == {"met"}


@pytest.mark.article(17)
def test_a_conclusion_is_proposed_only_when_it_could_be_drawn(application: Application, at: datetime) -> None:
    with pytest.raises(Refused, match="尚无部门答复"):
        prepare(application)
    with pytest.raises(Refused, match="没有任何一项条件"):
        prepare(application, "decline", "不喜欢")
    not_met(application, at)
    with pytest.raises(Refused, match="不符合，条件必须同时具备"):
        prepare(application)
    with pytest.raises(Refused, match="请写明理由"):
        prepare(application, "decline", " ")
    with pytest.raises(Refused, match="请选择"):
        prepare(application, "perhaps")


@pytest.mark.article(17)
def test_what_changed_since_is_prepared_anew_and_the_later_proposal_counts(
    application: Application, at: datetime
) -> None:
    screen(application)
    prepare(application)
    later = {"features": ("met", "现场核对")}
    screening.conclude_limbs(application, later, by=person(Role.SECRETARIAT), at=at + DAY)
    with pytest.raises(Refused, match="请重新拟定"):
        screening.accept(application, by=second_secretary(), at=at + DAY)
    prepare(application, at=at + DAY)
    assert sorted(application.decisions.values_list("state", flat=True)) == ["proposed", "replaced"]
    assert screening.accept(application, by=second_secretary(), at=at + DAY).state == "accepted"


@pytest.mark.article(17)
def test_a_conclusion_prepared_on_other_materials_is_not_decided(
    application: Application, at: datetime, clock_at: Any
) -> None:
    secretary, owner, due_on = person(Role.SECRETARIAT), owner_of(application), date(2027, 4, 1)
    screen(application)
    first = prepare(application)

    def prepared() -> list[str]:
        titles = [item.title for item in desk.awaiting(second_secretary(), at)]
        return [title for title in titles if title.startswith("审定资格结论")]

    assert prepared() == [f"审定资格结论：{application.applicant}"]
    screening.return_for_correction(application, {"facts": "地址"}, by=secretary, at=at, due_on=due_on)
    first.refresh_from_db()
    assert first.state == "replaced"
    assert prepared() == []
    intake.fill(application, {"address": "新地址"}, by=owner, at=at)
    intake.correct(application, by=owner, at=at)
    with pytest.raises(Refused, match="尚未拟定结论"):
        screening.accept(application, by=second_secretary(), at=at)
    prepare(application, at=at + DAY)
    assert screening.accept(application, by=second_secretary(), at=at + DAY).state == "accepted"


@pytest.mark.article(17)
def test_a_version_that_came_after_the_proposal_asks_for_another(application: Application, at: datetime) -> None:
    screen(application)
    proposal = prepare(application)
    version = application.versions.get()
    fields = {"manifest": version.manifest, "sha256": version.sha256, "by": version.by, "application": application}
    version.__class__.objects.create(number=2, at=at + DAY, **fields)
    with pytest.raises(Refused, match="请重新拟定"):
        screening.accept(application, by=second_secretary(), at=at + DAY)
    assert proposal.state == "proposed"


@pytest.mark.article(3)
def test_withdrawing_sets_a_proposal_aside(application: Application, at: datetime) -> None:
    screen(application)
    proposal = prepare(application)
    intake.withdraw(application, by=owner_of(application), at=at)
    proposal.refresh_from_db()
    assert proposal.state == "replaced"


@pytest.mark.article(19)
@pytest.mark.parametrize("outcome", ["accept", "decline"])
def test_after_the_government_has_decided_nobody_concludes(
    application: Application, at: datetime, outcome: str
) -> None:
    screen(application) if outcome == "accept" else not_met(application, at)
    verb = {"accept": lambda: screening.accept(application, by=second_secretary(), at=at),
            "decline": lambda: screening.decline(application, REASON, by=second_secretary(), at=at)}[outcome]  # fmt: skip
    decided = permissions.too_late.only(lambda a, when: ["区政府已作出决定。"])
    with decided, pytest.raises(Refused, match="区政府已作出决定"):
        prepare(application, outcome, REASON)
    prepare(application, outcome, REASON)
    with permissions.too_late.only(lambda a, when: ["区政府已作出决定。"]), pytest.raises(Refused, match="已作出决定"):
        verb()
    assert verb().state == {"accept": "accepted", "decline": "declined"}[outcome]


# ── letters ──


@pytest.mark.article(17)
def test_the_unit_gets_a_letter_that_quotes_the_articles_once(
    application: Application, at: datetime, clock_at: Any
) -> None:
    declined(application, at)
    message = OutboxMessage.objects.get(kind="letter")
    context = letters.context_of(application, message.payload, at)
    assert [row["label"] for row in context["against"]] == ["生产经营亏损"]
    assert [article.number for article in context["quoted"]] == [10, 11, 17]
    outbox.deliver()
    outbox.deliver()
    letter = Letter.objects.get()
    assert (letter.kind, letter.file.content_type) == ("declined", "application/pdf")
    assert letter in Letter.objects.visible_to(owner_of(application))
    for nobody in (hire("路人", Role.APPLICANT, by=None, at=at), officer_of(department()), person(Role.MEMBER), None):
        assert not Letter.objects.visible_to(nobody).exists()
    told = [event.title for event in timeline.events(Application.objects.get(pk=application.pk), letter.at)]
    assert "发出资格审查结论（不符合）" in told
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.update(kind="accepted")


# ── corrections ──

FILE = {"file": "甲.pdf", "size": 1, "sha256": "a" * 64}
OTHER = {"file": "甲.pdf", "size": 2, "sha256": "b" * 64}


@pytest.mark.article(17)
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({"fields": {"address": "甲"}}, {"fields": {"address": "甲"}}, []),
        ({"fields": {"address": "甲"}}, {"fields": {"address": "乙"}}, [("申报表›address", "甲", "乙")]),
        ({"fields": {"address": ""}}, {"fields": {"address": "乙"}}, [("申报表›address", "", "乙")]),
        ({"fields": {"address": "甲"}}, {"fields": {}}, [("申报表›address", "甲", "")]),
        ({"fields": {"a": True}}, {"fields": {"a": False}}, [("申报表›a", "是", "否")]),
        (
            {"fields": {"b": "1", "a": "1"}},
            {"fields": {"a": "2", "b": "2"}},
            [("申报表›b", "1", "2"), ("申报表›a", "1", "2")],
        ),
        (
            {"figures": {"2025": {"profit": "1.00"}}},
            {"figures": {"2025": {"profit": "-1.00"}}},
            [("指标›2025›profit", "1.00", "-1.00")],
        ),
        ({"self_assessment": FILE}, {"self_assessment": OTHER}, [("自我评价报告", "甲.pdf", "甲.pdf（内容已更换）")]),
        ({"self_assessment": {}}, {"self_assessment": FILE}, [("自我评价报告", "", "甲.pdf")]),
        ({"evidence": [{"title": "执照", **FILE}]}, {"evidence": []}, [("证实性材料›执照", "甲.pdf", "")]),
        ({"evidence": []}, {"evidence": [{"title": "执照", **FILE}]}, [("证实性材料›执照", "", "甲.pdf")]),
        (
            {"evidence": [{"title": "执照", **FILE}]},
            {"evidence": [{"title": "执照", **OTHER}]},
            [("证实性材料›执照", "甲.pdf", "甲.pdf（内容已更换）")],
        ),
        (
            {"evidence": [{"title": "一", **FILE}, {"title": "二", **OTHER}]},
            {"evidence": [{"title": "二", **OTHER}, {"title": "一", **FILE}]},
            [],
        ),
        ({"fields": {"rows": [{"a": "1"}]}}, {"fields": {"rows": [{"a": "2"}]}}, [("申报表›rows", "a：1", "a：2")]),
    ],
)
def test_the_difference_of_two_manifests(before: Any, after: Any, expected: list[tuple[str, str, str]]) -> None:
    assert diff(before, after) == [Change(*row) for row in expected]


@pytest.mark.article(17)
def test_the_secretariat_sees_what_a_correction_changed(application: Application, at: datetime) -> None:
    assert corrections.changes_of(application) == []
    secretary, owner = person(Role.SECRETARIAT), owner_of(application)
    screening.return_for_correction(application, {"facts": "地址"}, by=secretary, at=at, due_on=date(2027, 4, 1))
    intake.fill(application, {"address": "新地址"}, by=owner, at=at)
    intake.correct(application, by=owner, at=at)
    assert [(one.label, one.after) for one in corrections.changes_of(application)] == [("申报表›注册地址", "新地址")]


@pytest.mark.article(17)
def test_a_correction_that_did_not_come_goes_on_with_what_is_there(application: Application, at: datetime) -> None:
    secretary, owner = person(Role.SECRETARIAT), owner_of(application)
    screening.return_for_correction(application, {"facts": "地址"}, by=secretary, at=at, due_on=date(2027, 4, 1))
    intake.fill(application, {"address": "写了未交"}, by=owner, at=at)
    due: Any = application.correction_due_at
    with pytest.raises(Refused, match="期限未满"):
        corrections.close_correction(application, by=secretary, at=due - timedelta(seconds=1))
    back = corrections.close_correction(application, by=secretary, at=due)
    assert (back.state, back.versions.count()) == ("submitted", 2)
    assert back.versions.last().sha256 == back.manifest_hash  # what is there is frozen with it
    assert not permissions.may_fill(owner, back, due)
    assert not permissions.may_return(secretary, back, due)  # one round
    titles = [event.title for event in timeline.events(Application.objects.get(pk=back.pk), due)]
    assert titles[-1] == "逾期未补正，按现有材料审查"


# ── reconsideration ──


@pytest.mark.article(17)
def test_a_declined_unit_asks_once_and_another_than_the_decider_answers(
    application: Application, at: datetime, clock_at: Any
) -> None:
    owner = owner_of(application)
    with pytest.raises(Refused, match="只有结论为不符合"):
        reconsideration.ask(application, "程序", by=owner, at=at)
    declined(application, at)
    with pytest.raises(Refused, match="负责人"):
        reconsideration.ask(application, "程序", by=hire("别人", Role.APPLICANT, by=None, at=at), at=at)
    with pytest.raises(Refused, match="请写明"):
        reconsideration.ask(application, " ", by=owner, at=at)
    asked = reconsideration.ask(application, "没有通知补正。", by=owner, at=at)
    with pytest.raises(Refused, match="只能申请一次"):
        reconsideration.ask(application, "再问", by=owner, at=at)
    with pytest.raises(Refused, match="另一人答复"):
        reconsideration.reply(asked, True, "成立", by=second_secretary(), at=at)
    with pytest.raises(Refused, match="原结论由您拟定"):
        reconsideration.reply(asked, True, "成立", by=person(Role.SECRETARIAT), at=at)
    with pytest.raises(Refused, match="答复的理由"):
        reconsideration.reply(asked, True, " ", by=third_secretary(), at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reconsideration.objects.update(state="dismissed", answer="自答", answered_by=asked.decided_by)
    awaiting = {
        who: "复核申请" in " ".join(item.title for item in desk.awaiting(who, at)) for who in User.objects.all()
    }
    assert [who for who, waits in awaiting.items() if waits] == [third_secretary()]
    with (
        permissions.too_late.only(lambda a, when: ["区政府已作出决定。"]),
        pytest.raises(Refused, match="区政府已作出决定"),
    ):
        reconsideration.reply(asked, True, "成立", by=third_secretary(), at=at)
    reconsideration.reply(asked, False, "程序合规。", by=third_secretary(), at=at)
    application.refresh_from_db()
    assert (asked.state, application.state) == ("dismissed", "declined")
    with pytest.raises(Refused, match="已经答复"):
        reconsideration.reply(asked, True, "改", by=third_secretary(), at=at)


@pytest.mark.article(17)
def test_upheld_the_application_is_decided_anew(application: Application, at: datetime) -> None:
    declined(application, at)
    asked = reconsideration.ask(application, "利润表看错了年度。", by=owner_of(application), at=at)
    reconsideration.reply(asked, True, "年度有误。", by=third_secretary(), at=at)
    application.refresh_from_db()
    assert (application.state, application.decided_at) == ("submitted", None)
    screening.conclude_limbs(application, {"loss": ("met", "2025年盈利")}, by=person(Role.SECRETARIAT), at=at + DAY)
    prepare(application, at=at + DAY)
    assert screening.accept(application, by=second_secretary(), at=at + DAY).state == "accepted"
    assert OutboxMessage.objects.filter(payload__subject="申报资格审查结论：符合").exists()


@pytest.mark.article(17)
@pytest.mark.parametrize(("offset", "allowed"), [(timedelta(seconds=-1), True), (timedelta(0), False)])
def test_the_days_to_ask_are_half_open(
    application: Application, at: datetime, offset: timedelta, allowed: bool
) -> None:
    LegalDay.objects.create(day=date(2027, 1, 1), day_off=True)
    LegalYear.objects.create(year=2027, source="测试")
    decision = reconsideration.decision_on(declined(application, at))
    closes: Any = reconsideration.closes_at(decision)  # type: ignore[arg-type]
    assert closes == datetime(2027, 3, 15, 16, 0, tzinfo=UTC)  # Monday 8 March and five working days
    moment = closes + offset
    if allowed:
        assert reconsideration.ask(application, "程序", by=owner_of(application), at=moment).pk
    else:
        with pytest.raises(Refused, match="期限已过"):
            reconsideration.ask(application, "程序", by=owner_of(application), at=moment)


@pytest.mark.article(17)
def test_after_the_government_has_decided_nothing_is_reconsidered(application: Application, at: datetime) -> None:
    declined(application, at)
    with (
        permissions.too_late.only(lambda a, when: ["区政府已作出决定。"]),
        pytest.raises(Refused, match="区政府已作出决定"),
    ):
        reconsideration.ask(application, "程序", by=owner_of(application), at=at)


# ── the confirmed list ──


@pytest.mark.article(17)
def test_the_list_is_fixed_when_all_are_decided_and_again_when_it_changes(
    application: Application, at: datetime, clock_at: Any
) -> None:
    cycle, by = application.cycle, person(Role.SECRETARIAT)
    with pytest.raises(Refused, match="还有1件"):
        confirmed_list.issue(cycle, by=by, at=at)
    screen(application)
    prepare(application)
    screening.accept(application, by=second_secretary(), at=at)
    first = confirmed_list.issue(cycle, by=by, at=at)
    assert [(row["name"], row["tags"]) for row in first.rows] == [("洛阳轴承", ["中小企业", "专精特新"])]
    with pytest.raises(Refused, match="与上一次相同"):
        confirmed_list.issue(cycle, by=by, at=at)
    outbox.deliver()
    first.refresh_from_db()
    assert first.file is not None
    accepted_application(cycle, "后来的")
    assert confirmed_list.issue(cycle, by=by, at=at).number == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        ConfirmedList.objects.update(rows=[])


@pytest.mark.article(12)
def test_tags_say_who_is_small_or_specialised_and_decide_nothing(application: Application) -> None:
    from applications import screening_facts

    cycle = application.cycle
    large = draft_application(cycle, "大型", size="large", specialised="no")
    assert screening_facts.tags_of(application) == ["中小企业", "专精特新"]
    assert screening_facts.tags_of(Application.objects.get(pk=large.pk)) == []
    assert screening_facts.tag_counts(cycle.applications.all()) == {"中小企业": 1, "专精特新": 1}
