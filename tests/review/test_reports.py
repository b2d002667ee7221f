"""The review report: written by the lead, signed by the whole panel, final with the last signature (第十七条)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from docx import Document

from applications import permissions as application_permissions
from award_portal import desk, files, outbox
from award_portal.guards import REGISTERED, take_down
from award_portal.models import OutboxMessage
from review import declarations, permissions_reports, report_contents, report_docx, report_picture, reports
from review.models import Absence, ConsensusFinding, ReportSignature, ReviewReport
from tests import factories_review as walk
from tests.factories_applications import second_secretary
from tests.review.test_guards import held
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]

S = ReviewReport.State


@pytest.fixture
def both(unit: Any, travel: Any, at: Any) -> Any:
    """A unit whose two stages are concluded."""
    travel(at)
    assignment = walk.assigned(unit())
    walk.concluded(walk.desk_of(assignment), 60)
    walk.visited(assignment, 70)
    return assignment


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def mails(title: str) -> list[str]:
    """Who was written to about the report, in the order of the letters."""
    found = OutboxMessage.objects.filter(key__startswith="mail:report:").order_by("pk")
    return [row.payload["to"] for row in found if title in row.payload["subject"]]


def sign(assignment: Any, user: Any, at: Any, **more: Any) -> ReportSignature:
    return reports.sign_report(assignment, user.name, by=user, at=at, **more)


def test_the_lead_writes_and_signs_first_and_the_last_signature_makes_it_final(both: Any, at: Any) -> None:
    lead, second, third = walk.people_of(both.panel)
    assert "组长" in refusal(reports.write_report, both, walk.WORDS, by=second, at=at)
    assert "先撰写" in refusal(reports.sign_report, both, lead.name, by=lead, at=at)
    reports.write_report(both, {"overall": "只有总体评价。"}, by=lead, at=at)
    assert "主要优势" in refusal(reports.sign_report, both, lead.name, by=lead, at=at)
    assert "组长首先" in refusal(reports.sign_report, both, second.name, by=second, at=at)
    key = ConsensusFinding.objects.filter(review__assignment=both).first().pk
    report = reports.write_report(both, walk.WORDS, {key: "可以推广。"}, 1, by=lead, at=at)
    assert "另一个页面" in refusal(reports.write_report, both, walk.WORDS, None, 1, by=lead, at=at)
    assert "合议意见" in refusal(reports.write_report, both, walk.WORDS, {0: "别处的意见"}, by=lead, at=at)
    assert "姓名一致" in refusal(reports.sign_report, both, second.name, by=lead, at=at)
    sign(both, lead, at)
    report.refresh_from_db()
    assert (report.state, report.signed_by, report.round) == (S.SIGNING, lead, 1)
    assert "须先收回" in refusal(reports.write_report, both, walk.WORDS, by=lead, at=at)
    assert "已经签署" in refusal(reports.sign_report, both, lead.name, by=lead, at=at)
    sign(both, second, at, dissent="4.7.1可再低一档。")
    assert ReviewReport.objects.get().state == S.SIGNING
    sign(both, third, at)
    assert ReviewReport.objects.get().state == S.FINAL
    assert "定稿" in refusal(reports.take_back_report, both, "再改", by=lead, at=at)
    assert "定稿" in refusal(reports.sign_report, both, third.name, by=third, at=at)
    assert "定稿" in refusal(reports.write_report, both, walk.WORDS, by=lead, at=at)


def test_before_the_last_signature_the_lead_takes_it_back_and_all_sign_again(both: Any, at: Any) -> None:
    lead, second, third = walk.people_of(both.panel)
    walk.reported(both)
    assert mails("请您会签") == [second.email, third.email]
    sign(both, second, at)
    assert len(mails("评审报告")) == 2, "nobody is told who has signed"
    assert "组长" in refusal(reports.take_back_report, both, "漏写", by=second, at=at)
    assert "原因" in refusal(reports.take_back_report, both, " ", by=lead, at=at)
    reports.take_back_report(both, "漏写一条改进空间", by=lead, at=at)
    assert mails("已收回") == [second.email, third.email]
    reports.write_report(both, {"improvements": "对比数据不足。"}, by=lead, at=at)
    report = ReviewReport.objects.get()
    assert (report.state, report.strengths, report.improvements) == (S.DRAFT, "领导重视，体系完善。", "对比数据不足。")
    first = report.sha256
    sign(both, lead, at)
    report.refresh_from_db()
    assert report.sha256 != first
    assert [seat.reviewer.user for seat in permissions_reports.unsigned(report)] == [second, third]
    assert [row.round for row in report_contents.earlier_rounds(report)] == [1, 1]
    walk.signed_by_all(both)
    assert ReviewReport.objects.get().state == S.FINAL
    assert ReportSignature.objects.count() == 5
    assert mails("请您会签") == [second.email, third.email] * 2
    written = OutboxMessage.objects.filter(key__startswith="mail:report:").values_list("payload__body", flat=True)
    assert not any(re.search(r"\d+\.\d\d|改进空间|体系完善", body) for body in written)
    assert report.history.filter(state=S.DRAFT, returned_reason="漏写一条改进空间").exists()


@pytest.mark.article(9)
def test_who_leaves_the_panel_holds_nothing_up_and_who_was_absent_signs_nothing(both: Any, at: Any) -> None:
    lead, second, third = walk.people_of(both.panel)
    walk.reported(both)
    sign(both, second, at)
    assert f"还缺{third.name}" in refusal(reports.finish_report, both, by=walk.secretary_of(), at=at)
    seat = both.panel.seats.get(reviewer__user=third)
    site = both.reviews.get(stage="site")
    away = {"review": site, "seat": seat, "reason": "住院", "proposed_by": walk.secretary_of(), "proposed_at": at}
    take_down(*(guard for guard in REGISTERED.values() if guard.table == "review_absence"))
    Absence.objects.create(**away, state="approved", decided_by=second_secretary(), decided_at=at)
    assert "缺席" in refusal(reports.sign_report, both, third.name, by=third, at=at)
    Absence.objects.all().update(state="refused")
    walk.left(seat, "调离本市")
    assert "评审组成员" in refusal(reports.sign_report, both, third.name, by=third, at=at)
    assert "组长或者秘书处" in refusal(reports.finish_report, both, by=second, at=at)
    reports.finish_report(both, by=walk.secretary_of(), at=at)
    report = ReviewReport.objects.get()
    assert report.state == S.FINAL
    assert [line.name for line in report_contents.signatures(report)] == [lead.name, second.name]


def test_the_report_says_both_stages_the_findings_the_points_and_who_differs(both: Any, at: Any) -> None:
    lead, second, third = walk.people_of(both.panel)
    site = ConsensusFinding.objects.filter(review__assignment=both, review__stage="site").first()
    reports.write_report(both, walk.WORDS, {site.pk: "值得全公司推广。"}, by=lead, at=at)
    sign(both, lead, at)
    sign(both, second, at, dissent="对结果类条款保留意见。")
    sign(both, third, at)
    report = ReviewReport.objects.get()
    said = report_contents.contents(report)
    assert (said["total"].desk, said["total"].site, said["total"].weighted) == tuple(map(Decimal, (600, 700, 660)))
    assert len(said["strengths"]) == 23, "the site review's findings stand, the desk's stand back"
    assert [one.meaning for one in said["strengths"] if one.key == site.pk] == ["值得全公司推广。"]
    assert said["field"] is None, "a field of one unit is none"
    assert report.document is None
    outbox.deliver()
    report.refresh_from_db()
    with files.open_stored(report.document) as pdf:
        assert pdf.read(5) == b"%PDF-"
    text = squeezed(re.sub(r"<[^>]+>", "", render_to_string("documents/review_report.html", said)))
    word = report_docx.write(said)
    document = Document(io.BytesIO(word))
    spoken = squeezed("\n".join(word_texts(document)))
    for words in ("一、申报单位概况", "十、签名", "660.00", "值得全公司推广。", "对结果类条款保留意见。", "建议提交评委会审议。", *(user.name for user in (lead, second, third))):  # fmt: skip
        assert words in text, words
        assert words in spoken, words
    for table in document.tables:
        assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows)
    assert sum(bool(table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")) for table in document.tables) == 5
    assert document.inline_shapes[0]._inline.docPr.get("descr").startswith("材料评审：4.1 领导60%")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def word_texts(document: Any) -> list[str]:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def test_the_field_is_compared_only_when_complete_and_of_five_units(monkeypatch: pytest.MonkeyPatch) -> None:
    from award_portal.verdict import YES, no
    from review.totals import Place

    def places(values: tuple[int, ...]) -> Callable[..., list[Place]]:
        rows = [Place(n, 1, Decimal(v), Decimal(v), Decimal(v), (("4.1", Decimal(v) / 10),), "", False, len(values)) for n, v in enumerate(values)]  # fmt: skip
        return lambda cycle: rows

    monkeypatch.setattr(report_contents.rankings, "settled", lambda cycle: YES)
    monkeypatch.setattr(report_contents.rankings, "places", places((500, 510, 520, 530)))
    assert report_contents.field_of(None) is None
    monkeypatch.setattr(report_contents.rankings, "places", places((500, 510, 520, 530, 541)))
    assert report_contents.field_of(None) == {"units": 5, "total": "520.20", "categories": {"4.1": "52.02"}}
    monkeypatch.setattr(report_contents.rankings, "settled", lambda cycle: no("还有1个单位。", 14))
    assert report_contents.field_of(None) is None


def test_pages_open_to_the_panel_once_signed_and_to_nobody_else(both: Any, at: Any, said: Any, unit: Any) -> None:
    lead, second, _ = walk.people_of(both.panel)
    stranger, secretary = walk.reviewer("外人").user, walk.secretary_of()
    pages = [reverse(f"review:{name}", args=[both.pk]) for name in ("report", "write_report", "sign_report", "take_back_report")]  # fmt: skip

    def codes(user: Any) -> list[int]:
        return [client_of(user).get(url).status_code for url in pages]

    assert codes(lead) == [403, 200, 403, 403]
    form = client_of(lead)
    typed = {name: f"写{label}。" for name, label in reports.TEXTS.items()} | {"revision": 0}
    assert form.post(pages[1], {**typed, "sign": "1"}).headers["Location"] == pages[2]
    stale = form.post(pages[1], {**typed, "overall": "另一页写的。"})
    assert (stale.status_code, "另一页写的。" in stale.content.decode()) == (409, True)
    assert codes(lead) == [200, 200, 200, 403]
    assert codes(second) == [403] * 4
    assert codes(secretary) == [403] * 4
    assert [item.title.partition("：")[2] for item in desk.items.ask(second, at) if "报告" in item.title] == []
    assert form.post(pages[2], {"signed_name": lead.name}).status_code == 302
    assert [item.title.partition("：")[2] for item in desk.items.ask(second, at) if "报告" in item.title] == [
        "签署评审报告"
    ]
    assert "写评审组建议。" in said(client_of(second).get(pages[0]))
    assert codes(second) == [200, 403, 200, 403]
    assert codes(secretary) == [200, 403, 403, 403]
    assert codes(stranger) == [404] * 4
    final = [reverse("review:read_report", args=[both.report.pk])]
    final += [reverse("review:read_report_file", args=[both.report.pk, kind]) for kind in ("pdf", "docx", "exe")]
    seen = lambda user: [client_of(user).get(url).status_code for url in final]  # noqa: E731
    assert seen(second) == [403] * 4
    walk.signed_by_all(both)
    assert seen(second) == [200, 409, 409, 404]
    outbox.deliver()
    given = client_of(secretary).get(final[2])
    assert given["Content-Type"] == report_docx.CONTENT_TYPE
    b"".join(given.streaming_content)
    assert seen(stranger) == [404] * 4
    with application_permissions.readers.only(lambda user, moment: [[both.application_id]] if user == stranger else []):
        assert "写评审组建议。" in said(client_of(stranger).get(final[0])), (
            "a member for whom the unit's papers are open"
        )
    declarations.declare(both.application, True, "亲属任职", by=second, at=at)
    assert codes(second) == [404] * 4, "who stands aside is a stranger"
    assert seen(second) == [404] * 4
    listed = client_of(secretary).get(reverse("admin:review_reviewreport_changelist")).content.decode()
    assert both.application.applicant.name in listed


def test_the_database_keeps_signatures_and_what_was_signed(both: Any, at: Any) -> None:
    report = walk.reported(both)
    change = "UPDATE review_reviewreport SET {} WHERE id = %s"
    held("review_report_signed", change.format("overall = 'x'"), report.pk)
    held(
        "review_report_signature_no_update",
        "UPDATE review_reportsignature SET dissent = 'x' WHERE report_id = %s",
        report.pk,
    )
    held("review_report_signature_no_delete", "DELETE FROM review_reportsignature WHERE report_id = %s", report.pk)
    seat = both.panel.seats.last()
    insert = (
        "INSERT INTO review_reportsignature (report_id, seat_id, round, sha256, signed_name, dissent, signed_at) "
        "VALUES (%s, %s, {}, %s, '某人', '', '2027-03-30 01:00:00')"
    )
    digest = ReviewReport.objects.get().sha256
    held("review_report_signature_round", insert.format(2), report.pk, seat.pk, digest)
    other = walk.panel_for(both.application.cycle, name="另一组").seats.first()
    held("review_report_signature_seat", insert.format(1), report.pk, other.pk, digest)
    walk.signed_by_all(both)
    held("review_report_final", change.format("final_at = '2027-01-01 00:00:00'"), report.pk)


def test_the_database_keeps_the_order_of_a_report_and_its_files(both: Any, unit: Any, at: Any) -> None:
    lead, *_ = walk.people_of(both.panel)
    report, other = walk.reported(both), walk.assigned(unit(), both.panel)
    change = "UPDATE review_reviewreport SET {} WHERE id = %s"
    held("review_report_unit", change.format(f"assignment_id = {other.pk}"), report.pk)
    begun = (
        "INSERT INTO review_reviewreport (assignment_id, state, profile, overall, strengths, improvements, "
        "recommendation, meanings, revision, round, sha256, returned_reason, written_by_id, written_at, signed_by_id, "
        "signed_at) VALUES (%s, 'signing', '', 'x', 'x', 'x', 'x', '{}', 1, 1, 'x', '', %s, '2027-03-30 01:00:00', %s, "
        "'2027-03-30 01:00:00')"
    )
    held("review_report_begins", begun, other.pk, lead.pk, lead.pk)
    take_down(REGISTERED["review_report_signature_no_delete"])
    ReportSignature.objects.filter(seat__lead=False).delete()
    final = "state = 'final', final_at = '2027-03-30 01:00:00'"
    with transaction.atomic():
        ReportSignature.objects.all().delete()
        held("review_report_final_signed", change.format(final), report.pk)
        transaction.set_rollback(True)
    reports.take_back_report(both, "再改一处", by=lead, at=at)
    held("review_report_arrows", change.format(final), report.pk)
    sign(both, lead, at)
    walk.signed_by_all(both)
    outbox.deliver()
    held("review_report_pdf", change.format("document_id = NULL"), report.pk)
    held("review_report_word", change.format("word_id = NULL"), report.pk)
    report.refresh_from_db()
    take_down(*(guard for guard in REGISTERED.values() if guard.table == "review_reportsignature"))
    ReportSignature.objects.all().delete()
    held("review_report_no_delete", "DELETE FROM review_reviewreport WHERE id = %s", report.pk)


def test_the_picture_for_word_is_drawn_and_described() -> None:
    axes, series = ["4.1 领导", "4.2 战略", "4.3 顾客"], [("材料", [0.5, 0.6, 0.7]), ("现场", [0.0, 1.0, 0.7])]
    assert report_picture.radar(axes, series)[:8] == b"\x89PNG\r\n\x1a\n"
    assert report_picture.described(axes, series) == "材料：4.1 领导50%，4.2 战略60%，4.3 顾客70%。现场：4.1 领导0%，4.2 战略100%，4.3 顾客70%。"  # fmt: skip
