"""第三、十、十五、十六条: filled in, recommended, handed in, withdrawn, corrected."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications import cycles, eligibility_grounds, evidence, intake, materials, permissions, screening, units
from applications.models import ApplicationVersion, Recommendation
from award_portal import outbox
from award_portal.models import AuditEvent, OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused, no
from tests.conftest import START, hire
from tests.factories_applications import (
    announced_cycle,
    declared,
    department,
    draft_application,
    facts,
    figures,
    officer_of,
    owner_of,
    pdf,
    person,
    recommend,
    recommended_application,
    submitted_application,
    unit,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def refill(application: Any, **changes: Any) -> Any:
    intake.fill(application, changes, by=owner_of(application), at=application.cycle.opens_at)
    return application


@pytest.mark.article(16)
def test_submission_stamps_number_time_and_hash_and_freezes_what_was_handed_in() -> None:
    cycle = announced_cycle()
    first, second = submitted_application(cycle, "甲"), submitted_application(cycle, "乙")
    assert (first.number, second.number) == ("2027-0001", "2027-0002")
    assert (first.state, first.submitted_at, first.submitted_by) == ("submitted", cycle.opens_at, owner_of(first))
    version = ApplicationVersion.objects.get(application=first)
    assert (version.number, version.sha256) == (1, first.manifest_hash)
    assert version.manifest == materials.manifest_of(first)
    assert version.manifest["evidence"][0]["sha256"] == first.evidence.get().file.sha256
    assert first.recommendations.get().manifest_hash == first.manifest_hash
    assert AuditEvent.objects.filter(title="提交申报", object_id=str(first.pk)).count() == 1


@pytest.mark.article(16)
def test_a_second_click_returns_the_same_submission() -> None:
    application = submitted_application(announced_cycle())
    rows = AuditEvent.objects.count()
    again = intake.submit(application, by=owner_of(application), at=application.submitted_at + SECOND)
    assert (again.number, again.submitted_at) == ("2027-0001", application.cycle.opens_at)
    assert (application.versions.count(), AuditEvent.objects.count()) == (1, rows)


@pytest.mark.article(15)
@pytest.mark.parametrize(("edge", "moved", "allowed"), [
    ("opens_at", timedelta(0), True), ("opens_at", -SECOND, False),
    ("closes_at", -SECOND, True), ("closes_at", timedelta(0), False), ("closes_at", SECOND, False),
])  # fmt: skip
def test_the_window_is_half_open(edge: str, moved: timedelta, allowed: bool) -> None:
    cycle = announced_cycle()
    application = recommended_application(cycle, applicant=unit())
    at = getattr(cycle, edge) + moved
    if allowed:
        assert intake.submit(application, by=owner_of(application), at=at).submitted_at == at
        return
    with pytest.raises(Refused) as refusal:
        intake.submit(application, by=owner_of(application), at=at)
    assert refusal.value.article == 15
    application.refresh_from_db()
    assert (application.state, application.number, application.evidence.count()) == ("draft", None, 1)


@pytest.mark.article(15)
def test_an_extension_lets_a_draft_in() -> None:
    cycle = announced_cycle()
    application = recommended_application(cycle)
    cycles.extend(
        cycle,
        closes_at=cycle.closes_at + timedelta(days=5),
        reason="节假日",
        by=person(Role.SECRETARIAT),
        at=cycle.opens_at,
    )
    late = cycle.closes_at - timedelta(days=1)
    assert intake.submit(application, by=owner_of(application), at=late).state == "submitted"


@pytest.mark.article(3)
def test_only_the_owner_submits_and_withdraws_and_a_reader_only_reads(stranger: Any) -> None:
    application = recommended_application(announced_cycle())
    at, owner = application.cycle.opens_at, owner_of(application)
    editor, reader = stranger, hire("查看人", Role.APPLICANT, by=None, at=START)
    units.add_member(application.applicant, editor, "editor", by=owner, at=at)
    units.add_member(application.applicant, reader, "reader", by=owner, at=at)
    for somebody in (editor, reader, person(Role.SECRETARIAT)):
        for verb in (intake.submit, intake.withdraw):
            with pytest.raises(Refused, match="只有本单位负责人"):
                verb(application, by=somebody, at=at)
    with pytest.raises(Refused, match="负责人和填报人"):
        intake.fill(application, {"employees": "8"}, by=reader, at=at)
    intake.fill(application, {"employees": "9"}, by=editor, at=at)
    assert application.employees == 9


@pytest.mark.article(10)
def test_figures_are_of_the_last_three_full_years() -> None:
    cycle = announced_cycle()
    assert materials.years_of(cycle) == (2024, 2025, 2026)
    application = draft_application(cycle)
    with pytest.raises(Refused, match="没有这一栏"):
        refill(application, **{"figure.revenue.2027": "1"})
    refill(application, **{"figure.revenue.2025": ""})
    assert [line.text for line in materials.missing_content(application)] == ["请填写2025年的主营业务收入。"]


@pytest.mark.article(16)
@pytest.mark.parametrize(("change", "words"), [
    ({"address": ""}, "注册地址"), ({"employees": ""}, "职工人数"), ({"contact_email": ""}, "联系邮箱"),
    ({"pledged": ""}, "请作出承诺"), ({"size": ""}, "企业规模"),
])  # fmt: skip
def test_each_missing_fact_refuses_the_submission_and_names_itself(change: dict[str, Any], words: str) -> None:
    application = recommended_application(announced_cycle())
    refill(application, **change)
    with pytest.raises(Refused, match=words):
        intake.submit(application, by=owner_of(application), at=application.cycle.opens_at)


@pytest.mark.article(16)
def test_self_assessment_and_evidence_are_required() -> None:
    cycle = announced_cycle()
    applicant = unit()
    owner, at = owner_of(applicant), cycle.opens_at
    application = intake.begin(cycle, applicant, by=owner, at=at)
    intake.fill(application, {**figures(cycle), **declared(cycle), **facts(at)}, by=owner, at=at)
    lacking = [line.section for line in materials.missing(application)]
    assert lacking == ["self_assessment"] * 24 + ["evidence", "recommendation"]
    with pytest.raises(Refused, match="PDF"):
        evidence.attach_self_assessment(application, SimpleUploadedFile("报告.docx", b"PK"), by=owner, at=at)
    with pytest.raises(Refused, match="请先填齐申报材料"):
        intake.request_recommendation(application, department(), by=owner, at=at)


@pytest.mark.article(16)
def test_the_same_file_is_not_taken_twice_and_a_removed_one_is_gone() -> None:
    application = draft_application(announced_cycle())
    owner, at, again = owner_of(application), application.cycle.opens_at, pdf("证书.pdf", "同一内容")
    kept = evidence.attach_evidence(application, again, "system", "体系证书", by=owner, at=at)
    again.seek(0)
    with pytest.raises(Refused, match="“体系证书”内容相同"):
        evidence.attach_evidence(application, again, "other", "又一份", by=owner, at=at)
    evidence.remove_evidence(kept, by=owner, at=at)
    assert [row.title for row in application.evidence.all()] == ["营业执照"]


@pytest.mark.article(10)
@pytest.mark.parametrize(("since", "allowed"), [(date(2024, 3, 28), True), (date(2024, 3, 29), False)])
def test_three_years_of_operation_are_counted_to_the_reference_date(since: date, allowed: bool) -> None:
    cycle = announced_cycle()
    assert cycle.reference_on == date(2027, 3, 28)
    application = draft_application(cycle, operating_since=since.isoformat())
    assert [line.article for line in materials.missing_content(application)] == ([] if allowed else [10])


@pytest.mark.article(28)
def test_a_ground_of_a_later_stage_refuses_the_submission_by_code() -> None:
    application = recommended_application(announced_cycle())
    seen: list[Any] = []

    def banned(codes: list[str], on: date) -> Any:
        seen.extend((code, on) for code in codes)
        yield codes[0], no("该单位在2031年3月9日前不接受再次申报。", 28)

    with eligibility_grounds.grounds.only(banned), pytest.raises(Refused, match="2031年3月9日") as refusal:
        intake.submit(application, by=owner_of(application), at=application.cycle.opens_at)
    assert refusal.value.article == 28
    assert seen == [(application.applicant.code, date(2027, 3, 8))]
    assert intake.submit(application, by=owner_of(application), at=application.cycle.opens_at).state == "submitted"


@pytest.mark.article(16)
def test_one_live_application_per_unit_and_a_new_one_after_withdrawal() -> None:
    cycle = announced_cycle()
    application = draft_application(cycle)
    owner, at = owner_of(application), cycle.opens_at
    with pytest.raises(Refused, match="已有申报"):
        intake.begin(cycle, application.applicant, by=owner, at=at)
    intake.withdraw(application, by=owner, at=at)
    assert intake.begin(cycle, application.applicant, by=owner, at=at).pk != application.pk


@pytest.mark.article(15)
def test_nothing_begins_outside_the_window() -> None:
    cycle = announced_cycle()
    applicant = unit()
    for at in (cycle.opens_at - SECOND, cycle.closes_at):
        with pytest.raises(Refused):
            intake.begin(cycle, applicant, by=owner_of(applicant), at=at)


# ── recommendation ──


@pytest.mark.article(16)
def test_an_edit_after_signing_voids_the_recommendation_and_tells_both() -> None:
    application = recommended_application(announced_cycle())
    OutboxMessage.objects.all().delete()
    refill(application, products="另一种产品")
    recommendation = application.recommendations.get()
    assert recommendation.state == "void"
    told = {message.payload["to"] for message in OutboxMessage.objects.filter(payload__subject="推荐事项已失效")}
    assert {owner_of(application).email, officer_of(recommendation.department).email, "contact@unit.example"} == told
    with pytest.raises(Refused, match="推荐意见"):
        intake.submit(application, by=owner_of(application), at=application.cycle.opens_at)
    recommend(application)
    assert intake.submit(application, by=owner_of(application), at=application.cycle.opens_at).state == "submitted"


@pytest.mark.article(16)
def test_saving_without_a_change_and_pledging_leave_the_recommendation() -> None:
    application = recommended_application(announced_cycle())
    refill(application)
    refill(application, pledged="")
    refill(application, pledged="yes")
    assert application.recommendations.get().state == "signed"


@pytest.mark.article(16)
def test_a_signature_on_other_materials_than_those_read_is_refused() -> None:
    application = draft_application(announced_cycle())
    at, named = application.cycle.opens_at, department()
    asked = intake.request_recommendation(application, named, by=owner_of(application), at=at)
    seen = materials.digest_of(application)
    refill(application, products="另一种产品")
    officer = officer_of(named)
    with pytest.raises(Refused, match="已失效"):  # what was asked about is no longer what lies there
        intake.recommend(asked, "同意。", "赵明", by=officer, at=at, seen=seen)
    asked = intake.request_recommendation(application, named, by=owner_of(application), at=at)
    with pytest.raises(Refused, match="刚刚修改了材料"):
        intake.recommend(asked, "同意。", "赵明", by=officer, at=at, seen=seen)
    signed = intake.recommend(asked, "同意。", "赵明", by=officer, at=at, seen=materials.digest_of(application))
    assert (signed.state, signed.manifest_hash) == ("signed", materials.digest_of(application))


@pytest.mark.article(16)
def test_only_the_department_asked_signs_once_and_before_the_deadline() -> None:
    application = draft_application(announced_cycle())
    at, named, other = application.cycle.opens_at, department(), department("区税务局")
    asked = intake.request_recommendation(application, named, by=owner_of(application), at=at)
    with pytest.raises(Refused, match="只有区市场监管局"):
        intake.recommend(asked, "同意。", "赵明", by=officer_of(other), at=at)
    with pytest.raises(Refused, match="请填写意见"):
        intake.recommend(asked, " ", "赵明", by=officer_of(named), at=at)
    with pytest.raises(Refused, match="截止"):
        intake.recommend(asked, "同意。", "赵明", by=officer_of(named), at=application.cycle.closes_at)
    intake.recommend(asked, "同意。", "赵明", by=officer_of(named), at=at)
    with pytest.raises(Refused, match="不能再签署"):
        intake.refuse_recommendation(asked, "不同意。", "赵明", by=officer_of(named), at=at)


@pytest.mark.article(16)
def test_a_refusal_stands_until_the_materials_change() -> None:
    application = draft_application(announced_cycle())
    at, named, owner = application.cycle.opens_at, department(), owner_of(application)
    asked = intake.request_recommendation(application, named, by=owner, at=at)
    with pytest.raises(Refused, match="等待办理"):
        intake.request_recommendation(application, named, by=owner, at=at)
    intake.refuse_recommendation(asked, "材料不全。", "赵明", by=officer_of(named), at=at)
    with pytest.raises(Refused, match="不予推荐"):
        intake.request_recommendation(application, named, by=owner, at=at)
    refill(application, products="补充后的产品")
    assert intake.request_recommendation(application, named, by=owner, at=at).state == "requested"
    assert Recommendation.objects.get(pk=asked.pk).state == "void"


# ── after submission ──


@pytest.mark.article(16)
def test_after_submission_everything_is_read_only() -> None:
    application = submitted_application(announced_cycle())
    owner, at = owner_of(application), application.cycle.opens_at
    tries = [
        lambda: intake.fill(application, {"products": "迟到的产品"}, by=owner, at=at),
        lambda: evidence.attach_self_assessment(application, pdf(), by=owner, at=at),
        lambda: evidence.attach_evidence(application, pdf(), "other", "迟到的", by=owner, at=at),
        lambda: evidence.remove_evidence(application.evidence.get(), by=owner, at=at),
        lambda: intake.request_recommendation(application, department("区税务局"), by=owner, at=at),
    ]
    for attempt in tries:
        with pytest.raises(Refused, match="不能修改"):
            attempt()
    assert materials.digest_of(application) == application.manifest_hash


@pytest.mark.article(3)
@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "accepted"])
def test_a_unit_withdraws_until_the_government_decides(state: str) -> None:
    cycle = announced_cycle()
    application = at_state(cycle, state)
    with (
        permissions.too_late.only(lambda a, at: ["区政府已作出决定，不能撤回。"]),
        pytest.raises(Refused, match="区政府已作出决定"),
    ):
        intake.withdraw(application, by=owner_of(application), at=cycle.opens_at)
    gone = intake.withdraw(application, by=owner_of(application), at=cycle.opens_at, reason="另有安排")
    assert (gone.state, gone.ended_at) == ("withdrawn", cycle.opens_at)
    with pytest.raises(Refused, match="不能撤回"):
        intake.withdraw(application, by=owner_of(application), at=cycle.opens_at)


def at_state(cycle: Any, state: str) -> Any:
    from tests.factories_applications import accepted_application

    if state == "draft":
        return draft_application(cycle)
    if state == "accepted":
        return accepted_application(cycle)
    application = submitted_application(cycle)
    return returned(application) if state == "returned" else application


def returned(application: Any, **points: str) -> Any:
    points = points or {"evidence": "请补充质量管理体系证书。"}
    due_on = application.cycle.opens_at.date() + timedelta(days=10)
    return screening.return_for_correction(
        application, points, by=person(Role.SECRETARIAT), at=application.cycle.opens_at, due_on=due_on
    )


@pytest.mark.article(17)
def test_a_correction_is_limited_to_what_was_listed_and_makes_the_next_version() -> None:
    application = returned(submitted_application(announced_cycle()))
    owner, at, before = owner_of(application), application.cycle.opens_at, application.manifest_hash
    with pytest.raises(Refused, match="“基本情况”不在其中"):
        refill(application, products="顺手改一改")
    with pytest.raises(Refused, match="“近三年主要指标”不在其中"):
        refill(application, **figures(application.cycle, profit="1.00"))
    with pytest.raises(Refused, match="“自我评价报告”不在其中"):
        evidence.attach_self_assessment(application, pdf(), by=owner, at=at)
    evidence.attach_evidence(application, pdf("体系证书.pdf"), "system", "体系证书", by=owner, at=at)
    again = intake.correct(application, by=owner, at=at + SECOND)
    assert (again.state, again.number, again.submitted_at) == ("submitted", "2027-0001", at)
    assert [v.number for v in application.versions.all()] == [1, 2]
    assert application.versions.get(number=2).sha256 == again.manifest_hash != before
    assert application.versions.get(number=1).sha256 == before
    with pytest.raises(Refused, match="只发一次"):
        returned(application)


@pytest.mark.article(17)
def test_a_correction_after_its_period_is_refused() -> None:
    application = returned(submitted_application(announced_cycle()))
    due, owner = application.correction_due_at, owner_of(application)
    with pytest.raises(Refused, match="补正期限"):
        evidence.attach_evidence(application, pdf("证书.pdf"), "system", "证书", by=owner, at=due)
    with pytest.raises(Refused, match="届满"):
        intake.correct(application, by=owner, at=due)
    assert intake.correct(application, by=owner, at=due - SECOND).state == "submitted"


@pytest.mark.article(16)
def test_the_receipt_is_made_once_and_kept(clock_at: Any) -> None:
    from award_portal import documents

    application = submitted_application(announced_cycle(at=START - timedelta(days=1)))
    if documents.why_not_ready():
        pytest.skip(documents.why_not_ready())
    outbox.deliver()
    application.refresh_from_db()
    assert application.receipt.name == "申报回执2027-0001.pdf"
    assert OutboxMessage.objects.get(kind="receipt").state == "done"
    mailed = OutboxMessage.objects.filter(kind="mail", payload__subject="申报已提交（2027-0001）")
    assert {message.payload["to"] for message in mailed} == {owner_of(application).email, "contact@unit.example"}


@pytest.mark.article(16)
def test_receipt_numbers_go_on_after_a_cancelled_cycle_of_the_same_year() -> None:
    application = submitted_application(announced_cycle())
    cycle, at = application.cycle, application.cycle.opens_at
    intake.withdraw(application, by=owner_of(application), at=at)
    cycles.cancel(cycle, by=person(Role.SECRETARIAT), at=at, reason="重新组织")
    again = submitted_application(announced_cycle(at=at))
    assert (application.number, again.number) == ("2027-0001", "2027-0002")


@pytest.mark.article(10)
@pytest.mark.parametrize(
    ("typed", "words"), [("9999-01-01", "以前"), ("1899-12-31", "1900年以后"), ("去年", "写成日期")]
)
def test_a_date_that_cannot_be_is_kept_as_typed_and_refuses_the_submission(typed: str, words: str) -> None:
    application = recommended_application(announced_cycle())
    refill(application, operating_since=typed)
    application.refresh_from_db()
    assert application.entries.get(name="operating_since").value == typed
    assert application.operating_since is None
    assert [line.field for line in materials.missing_content(application) if words in line.text] == ["operating_since"]
    with pytest.raises(Refused, match=words):
        intake.submit(application, by=owner_of(application), at=application.cycle.opens_at)


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("late", "taken"), [(timedelta(0), True), (timedelta(minutes=5) - SECOND, True), (timedelta(minutes=5), False)]
)
def test_a_grace_takes_a_submission_writes_it_down_and_is_never_shown(late: timedelta, taken: bool) -> None:
    cycle = announced_cycle(grace_minutes=5)
    application = recommended_application(cycle)
    at = cycle.closes_at + late
    assert "截止" in intake.may_go_in(application, at).reason, "the page says that the window is closed"
    if taken:
        assert intake.submit(application, by=owner_of(application), at=at).state == "submitted"
        assert AuditEvent.objects.get(title="提交申报").reason == "宽限内接收"
    else:
        with pytest.raises(Refused, match="截止"):
            intake.submit(application, by=owner_of(application), at=at)
