"""证实性材料: categories, links, limits, twins, trade secrets, and what a virus does to them (第十六条)."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications import evidence, evidence_plan, materials, quarantine
from applications.models import Application, Evidence
from award_portal import files, scanning
from award_portal.models import OutboxMessage, StoredFile
from award_portal.verdict import Refused
from tests.conftest import START
from tests.factories_applications import announced_cycle, draft_application, owner_of, pdf, submitted_application
from tests.portal.fake_clamd import FakeClamd

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]


@pytest.fixture
def application() -> Application:
    return draft_application(announced_cycle())


def add(
    application: Application, upload: Any = None, category: str = "system", title: str = "", **more: Any
) -> Evidence:
    owner, at = owner_of(application), application.cycle.opens_at
    return evidence.attach_evidence(
        application, upload or pdf("体系证书.pdf"), category, title, by=owner, at=at, **more
    )


def describe(row: Evidence, **changes: Any) -> Evidence:
    given = {"category": row.category, "title": row.title, **changes}
    return evidence.describe_evidence(row, **given, by=owner_of(row.application), at=row.application.cycle.opens_at)


# ── categories ──


def test_every_category_of_the_model_is_planned_and_the_old_codes_stay() -> None:
    assert list(evidence_plan.BY_CODE) == Evidence.Category.values
    assert {"licence", "system", "finance", "quality", "innovation", "responsibility", "other"} <= set(
        evidence_plan.BY_CODE
    )
    for one in evidence_plan.CATEGORIES:
        assert one.section in set("ABCDEFGHIJK")
        assert one.pieces
        assert one.help.endswith("。")
    assert {one.code for one in evidence_plan.CATEGORIES if not one.brought} == {"sampling", "clean_record"}
    assert evidence_plan.BY_CODE["publicity"].optional


def test_what_the_state_has_is_not_asked_of_the_unit(application: Application) -> None:
    assert ("在本区的纳税和欠税情况", "区税务局") in evidence_plan.obtained()
    for code in ("sampling", "clean_record"):
        assert code not in dict(evidence_plan.CHOICES)
        with pytest.raises(Refused, match=r"秘书处核查取得.*国务院令第716号第七条"):
            add(application, category=code)
    with pytest.raises(Refused, match="请选择材料类别"):
        add(application, category="nothing")


# ── what a file is said to be ──


@pytest.mark.parametrize(
    ("name", "title"),
    [("体系证书.pdf", "体系证书"), ("a.b.pdf", "a.b"), ("  证  书 .pdf", "证 书"), ("长" * 150 + ".pdf", "长" * 78)],
)
def test_the_file_names_itself(application: Application, name: str, title: str) -> None:
    assert add(application, pdf(name)).title == title


def test_evidence_is_linked_to_sections_and_items_in_their_order(application: Application) -> None:
    row = add(application, items=["4.7.2", "management", "4.1.2"], note=" 第3页 \n 起 ")
    assert row.items == ["management", "4.1.2", "4.7.2"]
    assert row.note == "第3页 起"
    names = {code: title for _, group in evidence.linkable(application) for code, title in group}
    assert evidence.links_of(row, names)[:2] == ["质量管理", "4.1.2 高层领导的作用"]
    assert evidence.links_of(Evidence(items=["9.9"]), names) == ["9.9"]
    for wrong in (["4.9.9"], ["4.1"], ["evidence"], ["pledge"], [""]):
        with pytest.raises(Refused, match="不在本届申报表内"):
            describe(row, items=wrong)


def test_a_draft_s_file_is_renamed_moved_and_marked_a_trade_secret(application: Application) -> None:
    row, before = add(application, title="证书"), materials.digest_of(application)
    describe(row, title="主要顾客名单", category="market", confidential_reason="含价格。")
    row.refresh_from_db()
    assert (row.title, row.category, row.confidential, row.confidential_reason) == (
        "主要顾客名单",
        "market",
        True,
        "含价格。",
    )
    assert materials.digest_of(application) != before
    describe(row)
    assert (row.confidential, row.confidential_reason) == (False, "")
    with pytest.raises(Refused, match="请填写名称"):
        describe(row, title="  ")
    assert row.history.count() == 3


def test_the_database_asks_for_the_reason_of_a_trade_secret(application: Application) -> None:
    row = add(application)
    for change in ("confidential = NOT confidential", "confidential_reason = 'x'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE applications_evidence SET {change} WHERE id = %s", [row.pk])  # noqa: S608


def test_after_submission_nothing_is_described_any_more() -> None:
    application = submitted_application(announced_cycle())
    with pytest.raises(Refused, match="不能修改"):
        describe(application.evidence.get(), title="x")


# ── twins ──


def test_the_same_content_is_noticed_by_the_name_of_its_twin(application: Application) -> None:
    add(application, pdf("甲.pdf", "同一内容"), title="体系证书")
    with pytest.raises(evidence.Twin, match=r"“乙\.pdf”与已上传的“体系证书”内容相同") as caught:
        add(application, pdf("乙.pdf", "同一内容"), category="other")
    assert caught.value.twin == "体系证书"
    with pytest.raises(evidence.Twin, match=r"与已上传的自我评价报告“自我评价报告\.pdf”内容相同"):
        add(application, pdf("丙.pdf", "自我评价报告"))
    owner, at = owner_of(application), application.cycle.opens_at
    with pytest.raises(evidence.Twin, match="与已上传的证实性材料“体系证书”内容相同"):
        evidence.attach_self_assessment(application, pdf("报告.pdf", "同一内容"), by=owner, at=at)
    assert application.evidence.count() == 2


# ── limits ──


def limited(monkeypatch: pytest.MonkeyPatch, one: int, whole: int) -> None:
    monkeypatch.setattr(evidence, "limits_of", lambda cycle: (one, whole))


def test_the_limits_are_those_of_the_rules_and_of_the_machine(settings: Any) -> None:
    cycle = announced_cycle(file_limit_mb=8, application_limit_mb=100)
    assert evidence.limits_of(cycle) == (8 * evidence.MB, 100 * evidence.MB)
    settings.UPLOAD_MAX_BYTES = 3 * evidence.MB
    assert evidence.limits_of(cycle)[0] == 3 * evidence.MB
    settings.UPLOAD_MAX_BYTES = 50 * evidence.MB
    application = draft_application(cycle)
    big = SimpleUploadedFile("大.pdf", b"%PDF-" + b"0" * (8 * evidence.MB))
    with pytest.raises(Refused, match=r"“大\.pdf”超过8MB"):
        add(application, big)


def size_of(upload: Any) -> int:
    return len(upload.read())


@pytest.mark.parametrize(("room", "taken"), [(-1, False), (0, True), (1, True)])
def test_the_whole_is_taken_to_the_last_byte(
    application: Application, monkeypatch: pytest.MonkeyPatch, room: int, taken: bool
) -> None:
    used, new = evidence.used_by(application), pdf("新.pdf")
    assert used == sum(row.size for row in StoredFile.objects.filter(scan="pending"))
    size = size_of(new)
    new.seek(0)
    limited(monkeypatch, 10**6, used + size + room)
    if taken:
        add(application, new)
        assert evidence.room_of(application).left == room
        return
    with pytest.raises(Refused, match=r"还可以上传.*“新\.pdf”有") as caught:
        add(application, new)
    assert (caught.value.field, application.evidence.count()) == ("upload", 1)


def test_a_report_that_replaces_another_takes_its_room(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, at, new = owner_of(application), application.cycle.opens_at, pdf("新报告.pdf", "自我评价报告二")
    without = evidence.used_by(application, without=application.self_assessment)
    size = size_of(new)
    new.seek(0)
    limited(monkeypatch, 10**6, without + size)
    evidence.attach_self_assessment(application, new, by=owner, at=at)
    assert evidence.room_of(application) == evidence.Room(10**6, without + size, without + size)
    assert evidence.room_of(application).percent == 100


def test_a_unit_s_day_is_taken_to_the_last_byte_also_by_what_was_removed_again(
    application: Application, settings: Any
) -> None:
    owner, at, new = owner_of(application), application.cycle.opens_at, pdf("新.pdf")
    size = size_of(new)
    new.seek(0)
    settings.UPLOAD_DAILY_UNIT_BYTES = evidence.used_by(application) + size
    evidence.remove_evidence(add(application, new), by=owner, at=at)
    with pytest.raises(Refused, match=r"一个单位一天上传的文件合计不超过.*2027年3月9日0时起可以继续上传") as caught:
        add(application, pdf("再.pdf"))
    assert caught.value.field == "upload"
    another = draft_application(application.cycle)
    assert another.evidence.count() == 1, "another unit's day is its own"
    with pytest.raises(Refused, match="一个单位一天"):
        evidence.make_sure_it_fits(application, pdf("再.pdf"), "evidence", by=owner, at=at)
    tomorrow = at + timedelta(days=1)
    row = evidence.attach_evidence(application, pdf("再.pdf"), "other", by=owner, at=tomorrow)
    assert row.file.uploaded_at == tomorrow


def test_an_account_s_day_is_refused_at_the_field_and_nothing_reaches_the_store(
    client: Any, application: Application, settings: Any, travel: Any, said: Any
) -> None:
    travel(application.cycle.opens_at)
    settings.UPLOAD_DAILY_BYTES = evidence.used_by(application)
    upload = pdf("新.pdf")
    digest = hashlib.sha256(upload.read()).hexdigest()
    upload.seek(0)
    client.force_login(owner_of(application))
    answer = client.post(
        reverse("applications:attach_evidence", args=[application.pk]), {"category": "other", "upload": upload}
    )
    assert answer.status_code == 409
    assert "一个账号一天上传的文件合计不超过" in said(answer)
    assert not files.path_of(digest).exists()
    assert application.evidence.count() == 1


def test_the_sum_is_one_query(application: Application, django_assert_num_queries: Any) -> None:
    add(application)
    with django_assert_num_queries(1):
        evidence.used_by(application)


# ── a virus ──


@pytest.fixture
def infected(application: Application, settings: Any, travel: Any) -> Application:
    """A draft whose evidence the scanner has found infected."""
    cache.clear()
    travel(application.cycle.opens_at)
    with FakeClamd() as server, pytest.MonkeyPatch.context() as patch:
        settings.CLAMD_URL = server.url
        patch.setattr(scanning, "_judge", lambda stored: "Eicar" if stored.name == "营业执照.pdf" else "")
        assert scanning.sweep() == 2
    return application


def test_an_infected_file_does_not_count_and_its_unit_is_told(infected: Application) -> None:
    row = infected.evidence.get()
    assert not evidence.usable(row)
    assert not evidence.usable_of(infected).exists()
    letter = OutboxMessage.objects.get(key__startswith="mail:infected", key__endswith=owner_of(infected).email)
    assert "查出病毒（Eicar）" in letter.payload["body"]
    assert "移除该文件后重新上传" in letter.payload["body"]
    assert not OutboxMessage.objects.filter(key__contains="infected-handed-in").exists(), "a draft is the unit's own"
    with pytest.raises(Refused, match="已隔离"):
        files.response(row.file)
    sent = OutboxMessage.objects.count()
    for _ in quarantine.tell(row.file, START):
        pass
    assert OutboxMessage.objects.count() == sent


def test_completeness_takes_an_infected_file_as_missing(infected: Application) -> None:
    assert "evidence" in {line.section for line in materials.missing_content(infected)}
    add(infected)
    assert ["移除" in line.text for line in materials.missing_content(infected)] == [True], "it is never handed in"
    tainted = infected.evidence.get(file__scan=StoredFile.Scan.INFECTED)
    evidence.remove_evidence(tainted, by=owner_of(infected), at=infected.cycle.opens_at)
    assert "evidence" not in {line.section for line in materials.missing_content(infected)}


def test_an_infected_file_can_be_removed_from_the_draft(infected: Application) -> None:
    evidence.remove_evidence(infected.evidence.get(), by=owner_of(infected), at=infected.cycle.opens_at)
    assert not infected.evidence.exists()


def test_a_file_that_waits_counts(application: Application, settings: Any) -> None:
    settings.CLAMD_URL = "unix:///nobody/there.sock"
    row = add(application)
    assert evidence.usable(row)
    with pytest.raises(Refused, match="等待查杀"):
        files.response(row.file)


def test_hostile_names_become_titles_and_names_that_hurt_nobody(application: Application) -> None:
    content = io.BytesIO(pdf("x.pdf").read())
    upload = SimpleUploadedFile("x.pdf", content.getvalue())
    upload._name = "..\\..\\报告\u202e\r\nSet-Cookie: a=b\x00.pdf"
    row = add(application, upload)
    assert row.file.name == "报告 Set-Cookie_ a=b.pdf"
    assert row.title == "报告 Set-Cookie_ a=b"


@pytest.mark.django_db
@pytest.mark.article(16)
def test_a_file_removed_on_another_page_does_not_come_back() -> None:
    application = draft_application(announced_cycle())
    owner, at = owner_of(application), application.cycle.opens_at
    stale = application.evidence.get()
    evidence.remove_evidence(application.evidence.get(), by=owner, at=at)
    for verb in (
        lambda: evidence.describe_evidence(stale, "other", "改名", by=owner, at=at),
        lambda: evidence.remove_evidence(stale, by=owner, at=at),
    ):
        with pytest.raises(Refused, match="已经移除"):
            verb()
    assert not application.evidence.exists()


@pytest.mark.django_db
@pytest.mark.article(16)
def test_the_attached_report_can_be_taken_out_again(client: Any, travel: Any) -> None:
    application = draft_application(announced_cycle())
    travel(application.cycle.opens_at)
    client.force_login(owner_of(application))
    url = reverse("applications:remove_self_assessment", args=[application.pk])
    for _ in range(2):
        assert client.post(url).status_code == 302
    application.refresh_from_db()
    assert application.self_assessment is None
