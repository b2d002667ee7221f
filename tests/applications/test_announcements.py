"""第十五条: the announcement drafted, published, withdrawn, issued again; its documents, its attachments, where it appeared."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications import announcement_docx, announcement_text, announcing, cycles, publication
from applications.models import Announcement, AnnouncementAttachment, AnnouncementDraft, Publication
from award_portal import documents, files, guards
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START, hire
from tests.factories_applications import announced_cycle, draft_application, owner_of, pdf, submitted_application
from tests.factories_cycles import over, posted, ruled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_at")]

DAY = timedelta(days=1)
OPENS, CLOSES = datetime(2027, 3, 31, 16, tzinfo=UTC), datetime(2027, 4, 30, 16, tzinfo=UTC)  # April, in Shanghai


@pytest.fixture
def member(db: None, at: Any) -> Any:
    return hire("评委会主任", Role.MEMBER, by=None, at=at)


@pytest.fixture
def cycle(secretary: Any, member: Any, at: Any) -> Any:
    return ruled(secretary, member, at)


def drafted(cycle: Any, by: Any, **changes: Any) -> AnnouncementDraft:
    fields = announcing.compose(cycle) | {"opens_at": OPENS, "closes_at": CLOSES, "reference_on": None} | changes
    return publication.save_draft(cycle, by=by, at=START, **fields)


def attached(cycle: Any, by: Any, title: str = "申报表样表") -> AnnouncementAttachment:
    return publication.attach(
        cycle, by=by, at=START, title=title, file=files.receive(pdf(f"{title}.pdf"), kind="evidence")
    )


def _raw(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def _held_by(guard: str, sql: str, check: Callable[[], None] | None = None) -> None:
    with pytest.raises(IntegrityError):
        _raw(sql)
    guards.take_down(guards.REGISTERED[guard])
    _raw(sql)


# ── the draft and its publication ──


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("reference_on", "fixed"),
    [
        (None, date(2027, 4, 30)), (date(2027, 4, 30), date(2027, 4, 30)), (date(2027, 3, 31), date(2027, 3, 31)),
        (date(2027, 1, 1), date(2027, 1, 1)), (date(2027, 5, 1), None), (date(2026, 12, 31), None),
    ],
)  # fmt: skip
def test_the_reference_date_is_named_by_the_announcement(
    cycle: Any, secretary: Any, reference_on: date | None, fixed: date | None
) -> None:
    if fixed is None:
        with pytest.raises(Refused, match="基准日应当在2027年1月1日至受理的最后一天（2027年4月30日）之间") as refusal:
            drafted(cycle, secretary, reference_on=reference_on)
        assert refusal.value.field == "reference_on"
        return
    draft = drafted(cycle, secretary, reference_on=reference_on)
    assert draft.reference_on == fixed
    publication.publish(cycle, by=secretary, at=START)
    cycles.extend(cycle, by=secretary, at=START, closes_at=CLOSES + 20 * DAY, reason="申报单位较少")
    cycle.refresh_from_db()
    assert cycle.reference_on == fixed  # an extension does not move it
    assert {posted.reference_on for posted in cycle.announcements.all()} == {fixed}


@pytest.mark.article(15)
def test_a_draft_becomes_the_announcement_with_its_attachments(cycle: Any, secretary: Any) -> None:
    draft = drafted(cycle, secretary)
    attachment = attached(cycle, secretary)
    with pytest.raises(Refused, match="只能由秘书处办理"):
        publication.publish(cycle, by=hire("外人", by=None, at=START), at=START)
    published = publication.publish(cycle, by=secretary, at=START)
    assert (published.title, published.body, published.closes_at) == (draft.title, draft.body, CLOSES)
    attachment.refresh_from_db()
    assert (attachment.announcement, attachment.draft) == (published, None)
    assert not AnnouncementDraft.objects.exists()
    with pytest.raises(Refused, match="公告已经发布，附件不能删除"):
        publication.detach(attachment, by=secretary, at=START)
    for verb in (publication.publish, publication.save_draft):
        with pytest.raises(Refused, match="公告已发布"):
            verb(cycle, by=secretary, at=START)


@pytest.mark.article(15)
def test_an_unfinished_draft_is_saved_and_not_published(cycle: Any, secretary: Any) -> None:
    drafted(cycle, secretary, closes_at=None, opens_at=None)
    with pytest.raises(Refused, match="还没有写全"):
        publication.publish(cycle, by=secretary, at=START)


@pytest.mark.article(15)
def test_an_attachment_is_taken_off_a_draft(cycle: Any, secretary: Any) -> None:
    with pytest.raises(Refused, match="请先编写公告"):
        attached(cycle, secretary)
    drafted(cycle, secretary)
    publication.detach(attached(cycle, secretary), by=secretary, at=START)
    assert not AnnouncementAttachment.objects.exists()


@pytest.mark.article(15)
def test_attachments_on_pages(sign_in: Any, client: Any, cycle: Any, secretary: Any, said: Any) -> None:
    from django.test import Client

    drafted(cycle, secretary)
    entered, visitor = sign_in(secretary), Client()
    url = f"/cycles/{cycle.pk}/announcement/attach/"
    refused = entered.post(url, {"title": "附件", "file": SimpleUploadedFile("a.exe", b"MZ")})
    assert (refused.status_code, "不能上传" in said(refused)) == (422, True)
    assert entered.post(url, {"title": "申报表样表", "file": pdf("样表.pdf")}).status_code == 302
    attachment = AnnouncementAttachment.objects.get()
    assert "申报表样表" in said(entered.get(f"/cycles/{cycle.pk}/announcement/"))
    assert visitor.get(attachment.get_absolute_url()).status_code == 404  # not before its announcement
    published = publication.publish(cycle, by=secretary, at=START)
    assert "申报表样表" in said(visitor.get(published.get_absolute_url()))
    assert b"".join(visitor.get(attachment.get_absolute_url())).startswith(b"%PDF")
    assert entered.post(f"/announcements/attachments/{attachment.pk}/detach/").status_code == 403


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("guard", "sql"),
    [
        ("attachment_published", "UPDATE applications_announcementattachment SET title = '换过'"),
        ("attachment_no_delete", "DELETE FROM applications_announcementattachment"),
        ("publication_no_update", "UPDATE applications_publication SET channel = '换过'"),
        ("publication_no_delete", "DELETE FROM applications_publication"),
        ("announcement_published", "UPDATE applications_announcement SET reason = '换过'"),
    ],
)
def test_what_is_published_stands_in_the_database(cycle: Any, secretary: Any, guard: str, sql: str) -> None:
    drafted(cycle, secretary)
    attached(cycle, secretary)
    published = publication.publish(cycle, by=secretary, at=START)
    publication.note_publication(published, by=secretary, at=START, channel="洛阳日报", published_on=START.date())
    _held_by(guard, sql)


@pytest.mark.article(15)
def test_nothing_is_attached_to_what_is_published(cycle: Any, secretary: Any) -> None:
    drafted(cycle, secretary)
    file = attached(cycle, secretary).file
    published = publication.publish(cycle, by=secretary, at=START)
    _held_by(
        "attachment_of_draft_first",
        f"INSERT INTO applications_announcementattachment (announcement_id, title, file_id) VALUES ({published.pk}, 'x', {file.pk})",  # noqa: S608
    )


# ── withdrawal and a second issue ──


@pytest.mark.article(15)
def test_withdrawn_and_issued_again(secretary: Any, at: Any) -> None:
    cycle = announced_cycle(at)
    application = draft_application(cycle)
    cycles.extend(cycle, by=secretary, at=cycle.opens_at, closes_at=cycle.closes_at + DAY, reason="试")
    first = cycle.announcements.get(kind="opening")
    reference = cycle.reference_on
    publication.withdraw_announcement(cycle, by=secretary, at=cycle.opens_at + DAY, reason="材料清单有误")
    cycle.refresh_from_db()
    assert (cycle.state, cycle.opens_at, cycle.closes_at, cycle.taken_until) == ("draft", None, None, None)
    assert cycle.reference_on == reference  # for the drafts' years, until the next announcement fixes one
    assert {posted.withdrawn_reason for posted in cycle.announcements.all()} == {"材料清单有误"}
    application.refresh_from_db()
    assert (application.state, application.summary) == ("draft", "全员、全过程、全数据的质量管理。")
    mail = OutboxMessage.objects.get(
        payload__to=owner_of(application).email, payload__subject__startswith="申报公告已撤回"
    )
    assert "材料清单有误" in mail.payload["body"]
    again = posted(cycle, secretary, at + 3 * DAY)
    assert again.pk != first.pk
    assert cycle.announcements.standing().get() == again
    cycles.extend(cycle, by=secretary, at=at + 3 * DAY, closes_at=cycle.closes_at + DAY, reason="又延")
    with pytest.raises(Refused):
        posted(cycle, secretary, at + 4 * DAY)


@pytest.mark.article(15)
def test_a_second_issue_starts_from_the_first_ones_words_and_attachments(cycle: Any, secretary: Any, at: Any) -> None:
    drafted(cycle, secretary, title="第一次的标题")
    attached(cycle, secretary)
    publication.publish(cycle, by=secretary, at=at)
    publication.withdraw_announcement(cycle, by=secretary, at=at, reason="有误")
    words = publication.start_of(cycle)
    assert words["title"] == "第一次的标题"
    draft = publication.save_draft(cycle, by=secretary, at=at, opens_at=OPENS, closes_at=CLOSES, **words)
    assert [one.title for one in draft.attachments.all()] == ["申报表样表"]
    assert AnnouncementAttachment.objects.count() == 2  # the first one keeps its own


@pytest.mark.article(15)
def test_no_withdrawal_once_somebody_has_submitted_or_the_window_is_over(secretary: Any, member: Any, at: Any) -> None:
    cycle = announced_cycle(at)
    with pytest.raises(Refused, match="受理已经截止"):
        publication.withdraw_announcement(cycle, by=secretary, at=cycle.closes_at, reason="晚了")
    submitted_application(cycle)
    with pytest.raises(Refused, match="已有单位提交申报，公告不能撤回") as refusal:
        publication.withdraw_announcement(cycle, by=secretary, at=cycle.opens_at, reason="试")
    assert refusal.value.article == 15
    Announcement.objects.update(withdrawn_at=at, withdrawn_reason="试", withdrawn_by=secretary)
    _held_by("cycle_withdrawn_before_submission", "UPDATE applications_awardcycle SET state = 'draft'")


@pytest.mark.article(15)
def test_the_database_keeps_what_is_withdrawn_withdrawn(secretary: Any, member: Any, at: Any) -> None:
    cycle = announced_cycle(at)
    _sql = "UPDATE applications_awardcycle SET state = 'draft'"
    with pytest.raises(IntegrityError, match="公告未撤回"):
        _raw(_sql)
    publication.withdraw_announcement(cycle, by=secretary, at=at, reason="有误")
    _held_by("announcement_withdrawn", "UPDATE applications_announcement SET withdrawn_reason = '别的'")


@pytest.mark.article(15)
def test_a_withdrawn_announcement_stays_in_the_archive(
    client: Any, sign_in: Any, secretary: Any, member: Any, at: Any, said: Any
) -> None:
    from django.test import Client

    cycle, visitor = announced_cycle(at), Client()
    published = cycle.announcements.get()
    url = f"/cycles/{cycle.pk}/withdraw-announcement/"
    assert sign_in(secretary).post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "材料清单有误"}).status_code == 302
    page = visitor.get("/announcements/")
    assert "<s>" in page.content.decode()
    assert "已撤回：材料清单有误" in said(page)
    words = said(visitor.get(published.get_absolute_url()))
    assert "材料清单有误" in words
    assert "在线申报" not in words
    assert published.title not in said(visitor.get("/"))


# ── where it appeared ──


@pytest.mark.article(15)
def test_where_it_appeared(sign_in: Any, secretary: Any, said: Any, at: Any) -> None:
    from django.test import Client

    published = announced_cycle(at).announcements.get()
    entered, url = sign_in(secretary), f"/announcements/{published.pk}/publications/note/"
    for wrong in (
        {"url": "javascript:alert(1)"},
        {"url": "ftp://paper.example/x"},
        {"published_on": "昨天"},
        {"channel": ""},
    ):
        sent = {"channel": "洛阳日报", "published_on": "2027-03-08"} | wrong
        assert entered.post(url, sent).status_code in {409, 422}, wrong
    late = entered.post(url, {"channel": "洛阳日报", "published_on": "2027-03-09"})
    assert (late.status_code, "不能晚于今天" in said(late)) == (409, True)
    sent = {
        "channel": "洛阳日报第3版",
        "published_on": "2027-03-08",
        "url": "https://paper.example/3",
        "clipping": pdf("剪报.pdf"),
    }
    assert entered.post(url, sent).status_code == 302
    visitor, entry = Client(), Publication.objects.get()
    page = visitor.get(published.get_absolute_url())
    assert "洛阳日报第3版" in said(page)
    assert 'href="https://paper.example/3"' in page.content.decode()
    assert "洛阳日报第3版" in said(visitor.get("/announcements/"))
    assert b"".join(visitor.get(f"/announcements/publications/{entry.pk}/clipping/")).startswith(b"%PDF")
    assert visitor.post(url, sent).status_code == 302  # to the sign-in
    with pytest.raises(Refused, match="http://"):
        publication.note_publication(
            published, by=secretary, at=at, channel="x", published_on=at.date(), url="javascript:alert(1)"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(
            announcement=published,
            channel="x",
            published_on=at.date(),
            url="javascript:x",
            noted_by=secretary,
            noted_at=at,
        )


# ── documents ──


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("一、名额", "heading"), ("（一）条件", "subheading"), ("十二、其他", "heading"), ("一、名额。本届不超过5个。", "text"),
        ("1. 申报表。", "text"), ("一二三四", "text"), ("根据办法，现组织申报。", "text"), ("一、" + "长" * 40, "text"),
    ],
)  # fmt: skip
def test_what_a_line_is(line: str, kind: str) -> None:
    assert announcement_text.kind_of(line) == kind


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于组织申报第六届瀍河回族区区长质量奖的公告", "关于组织申报第六届\n瀍河回族区区长质量奖的公告"),
        ("关于延长第六届瀍河回族区区长质量奖申报受理时间的公告", "关于延长第六届瀍河回族区区长质量奖\n申报受理时间的公告"),
        ("短标题", "短标题"), ("长" * 24, "长" * 12 + "\n" + "长" * 12), ("长" * 60, "长" * 60),
    ],
)  # fmt: skip
def test_a_long_title_is_broken_where_words_end(title: str, lines: str) -> None:
    assert announcement_text.title_lines(title, "瀍河回族区区长质量奖") == lines


@pytest.mark.article(15)
def test_pdf_and_docx_say_the_same_paragraphs(cycle: Any, secretary: Any, at: Any) -> None:
    from docx import Document
    from docx.oxml.ns import qn

    drafted(cycle, secretary)
    for title in ("申报表样表", "自我评价报告提纲"):
        attached(cycle, secretary, title)
    published = publication.publish(cycle, by=secretary, at=at)
    row = OutboxMessage.objects.get(kind="announcement")
    award = announcing.regulation.load(cycle.regulation).award_name
    paragraphs = announcement_text.document(
        published, list(published.attachments.all()), "秘书处", published.published_at, award
    )
    texts = [paragraph.text for paragraph in paragraphs]
    assert texts[0].replace("\n", "") == published.title
    assert "五、受理时间和基准日" in texts
    assert "自2027年4月1日 00:00起，至2027年4月30日 24:00止，逾期不予受理。" in texts
    assert texts[-4:] == ["1. 申报表样表", "2. 自我评价报告提纲", "秘书处", "2027年3月8日"]
    keep = announcing.make_documents(row, at)
    assert keep is not None
    keep()
    published.refresh_from_db()
    with files.open_stored(published.docx) as stored:
        written = Document(io.BytesIO(stored.read()))
    said = [paragraph.text.removeprefix("附件：") for paragraph in written.paragraphs if paragraph.text]
    issuer = announcing.seat_of(announcing.regulation.load(cycle.regulation))
    assert said == [issuer if text == "秘书处" else text for text in texts]
    section = written.sections[0]
    assert [round(side.mm) for side in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)] == [
        37, 35, 28, 26,
    ]  # fmt: skip
    fonts = {run._r.rPr.rFonts.get(qn("w:eastAsia")) for one in written.paragraphs for run in one.runs}
    assert {"方正小标宋简体", "仿宋_GB2312", "黑体"} <= fonts
    assert not any("红头" in text for text in texts)


@pytest.mark.article(15)
def test_an_extension_is_a_document_too(cycle: Any, secretary: Any, at: Any) -> None:
    posted(cycle, secretary, at)
    further = cycles.extend(cycle, by=secretary, at=at, closes_at=cycle.closes_at + DAY, reason="申报单位较少")
    texts = [paragraph.text for paragraph in announcement_text.content(further)]
    assert texts[0] == "申报单位较少"
    assert texts[1].endswith("基准日不变，仍为2027年4月8日。")
    assert len(texts) == 3
    made = announcement_docx.make(announcement_text.document(further, [], "秘书处", at), author="秘书处", at=at)
    assert made.startswith(b"PK")


@pytest.mark.article(15)
def test_both_documents_are_public(client: Any, cycle: Any, secretary: Any, at: Any) -> None:
    published = posted(cycle, secretary, at)
    for part in ("document", "docx"):
        assert client.get(f"{published.get_absolute_url()}{part}/").status_code == 404
    try:
        keep = announcing.make_documents(OutboxMessage.objects.get(kind="announcement"), at)
    except documents.NotReady:
        pytest.skip("no PDF library here")
    assert keep is not None
    keep()
    for part, kind in (("document", "pdf"), ("docx", "wordprocessingml")):
        answer = client.get(f"{published.get_absolute_url()}{part}/")
        assert (answer.status_code, kind in answer["Content-Type"]) == (200, True)
        assert b"".join(answer)
    page = client.get("/announcements/").content.decode()
    assert f"{published.get_absolute_url()}document/" in page
    assert f"{published.get_absolute_url()}docx/" in page
    other = files.store_bytes(b"PK other", "另.docx", announcement_docx.CONTENT_TYPE, at=at)
    _held_by("announcement_docx", f"UPDATE applications_announcement SET docx_id = {other.pk}")  # noqa: S608


# ── pages ──


@pytest.mark.article(15)
def test_the_history_of_the_window_is_public(client: Any, cycle: Any, secretary: Any, at: Any, said: Any) -> None:
    first = posted(cycle, secretary, at)
    cycles.extend(cycle, by=secretary, at=at, closes_at=cycle.closes_at + DAY, reason="申报单位较少，经研究决定")
    words = said(client.get(first.get_absolute_url()))
    assert all(part in words for part in ("受理时间的变更", "申报单位较少，经研究决定", "已延长至2027年4月9日 09:00"))


def test_the_archive_costs_the_same_for_one_and_for_three(client: Any, cycle: Any, secretary: Any, at: Any) -> None:
    published, counts = posted(cycle, secretary, at), []
    for further in range(3):
        publication.note_publication(published, by=secretary, at=at, channel=f"媒体{further}", published_on=at.date())
        with CaptureQueriesContext(connection) as seen:
            for url in ("/announcements/", published.get_absolute_url()):
                assert client.get(url).status_code == 200
        counts.append(len(seen))
        cycles.extend(cycle, by=secretary, at=at, closes_at=cycle.closes_at + DAY, reason="延期")
    assert len(set(counts)) == 1


def test_a_cycle_that_is_over_keeps_its_announcements(
    client: Any, secretary: Any, member: Any, at: Any, said: Any
) -> None:
    cycle = over(secretary, member, at)
    assert cycle.announcements.get().title in said(client.get("/announcements/"))
