"""申报公告: composed from the cycle and its regulation, so that no number is typed twice; its documents (第十五条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import announcement_docx, announcement_text
from applications.models import Announcement, AwardCycle
from award_portal import documents, files, outbox, regulation
from award_portal.lifecycle import act, lock, store
from award_portal.models import OutboxMessage
from award_portal.regulation import Regulation
from award_portal.wording import cn_numeral


def compose(cycle: AwardCycle) -> dict[str, str]:
    """第十五条: this function will give the announcement's draft: quota, conditions, materials, no fee."""
    text = regulation.load(cycle.regulation)
    name = text.award_name
    body = "\n".join(
        (
            f"根据《{text.title}》（{text.number}），现组织开展第{cn_numeral(cycle.number)}届（{cycle.year}年）{name}申报工作。有关事项公告如下：",
            "一、名额",
            f"本届名额不超过{cycle.quota}个，达不到奖励条件的，奖项可以空缺（第四条）。",
            "二、申报条件",
            f"应当同时具备办法第十条、第十一条规定的条件，其中主体业务正常运行{cycle.operation_years}年以上，"
            f"近{cycle.look_back_years}年无重大事故、无亏损、无严重失信和违法违规行为。",
            "三、申报方式",
            "登录本平台在线填报，无需纸质材料，无需代理；经有关部门签署推荐意见后，在受理时间内提交（第十六条）。",
            "四、费用",
            "自愿申报，不收取任何费用（第三条）。",
        )
    )
    materials = f"1. 《{text.application_form}》（在线填写）。\n2. 《自我评价报告》。\n3. 有关证实性材料。\n4. 有关部门推荐意见（在线签署）。"
    return {
        "title": f"关于组织申报第{cn_numeral(cycle.number)}届{name}的公告",
        "body": body,
        "materials": materials,
        "contacts": f"{text.secretariat_seat}（{text.award_short_name}评定委员会秘书处）",
        "channels": f"{text.government}网站、本平台",
    }


def seat_of(text: Regulation) -> str:
    """第五条: this function will name the secretariat as it signs."""
    return f"{text.award_short_name}评定委员会秘书处"


@outbox.handles("announcement")
def make_documents(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十五条: this function will make the announcement's PDF and DOCX, of the same paragraphs, once and keep them."""
    posted = Announcement.objects.select_related("cycle").get(pk=message.payload["announcement"])
    if posted.document_id:
        return None
    text = regulation.load(posted.cycle.regulation)
    issuer, attachments = seat_of(text), list(posted.attachments.all())
    paragraphs = announcement_text.document(posted, attachments, issuer, posted.published_at, text.award_name)
    context = {"paragraphs": paragraphs, "title": posted.title, "issuer": issuer, "issued_on": posted.published_at}
    pdf = documents.render("documents/announcement.html", context)
    docx = announcement_docx.make(paragraphs, author=issuer, at=posted.published_at)
    return lambda: _keep(posted, pdf, docx, by=None, at=at)


@act("公告文件成文", 15)
def _keep(posted: Announcement, pdf: bytes, docx: bytes, *, by: Any, at: datetime) -> Announcement:
    if lock(posted).document_id is not None:
        return posted
    document = files.store_bytes(pdf, f"{posted.title}.pdf", "application/pdf", at=at)
    written = files.store_bytes(docx, f"{posted.title}.docx", announcement_docx.CONTENT_TYPE, at=at)
    return store(posted, document=document, docx=written)
