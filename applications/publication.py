"""The announcement's draft, its publication, its withdrawal, and where it appeared (第十五条)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from applications import cycles
from applications.announcing import compose
from applications.models import (
    Announcement,
    AnnouncementAttachment,
    AnnouncementDraft,
    Application,
    AwardCycle,
    Publication,
)
from applications.recommending import close_requests
from award_portal import clock, files, outbox
from award_portal.files import Received
from award_portal.lifecycle import Step, act, advance, discard, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require

S = AwardCycle.State
WORDS = ("title", "body", "materials", "contacts", "channels")
TIMES = ("opens_at", "closes_at", "reference_on")
WITHDRAW = Step((S.ANNOUNCED,), S.DRAFT, article=15)
MOST_ATTACHMENTS = 20


def draft_of(cycle: AwardCycle) -> AnnouncementDraft | None:
    """第十五条: this function will give the announcement that is being written for a planned cycle, if any."""
    return AnnouncementDraft.objects.filter(cycle=cycle).first()


def start_of(cycle: AwardCycle) -> dict[str, Any]:
    """第十五条: this function will give what the form starts from: the draft, else the announcement last withdrawn, else the composed one."""
    draft = draft_of(cycle)
    if draft is not None:
        return {name: getattr(draft, name) for name in (*WORDS, *TIMES)}
    withdrawn = cycle.announcements.filter(kind=Announcement.Kind.OPENING).first()
    return {name: getattr(withdrawn, name) for name in WORDS} if withdrawn else dict(compose(cycle))


# ── the draft ──


@act("保存公告草稿", 15, role=Role.SECRETARIAT)
def save_draft(cycle: AwardCycle, *, by: Any, at: datetime, **fields: Any) -> AnnouncementDraft:
    """第十五条: this function will save the draft; the reference date starts as the last day of the window.

    A window that could not be announced is refused here already. After a withdrawal the attachments are taken over.
    """
    lock(cycle)
    require(may_write(cycle))
    opens_at, closes_at = fields.get("opens_at"), fields.get("closes_at")
    if opens_at and closes_at:
        cycles.check_window(cycle, at, opens_at=opens_at, closes_at=closes_at, reference_on=fields.get("reference_on"))
        fields["reference_on"] = fields.get("reference_on") or cycles.last_day(closes_at)
    draft = draft_of(cycle)
    if draft is not None:
        return store(lock(draft), saved_at=at, saved_by=by, **fields)
    draft = store(AnnouncementDraft(cycle=cycle, saved_at=at, saved_by=by, **fields), clash="公告草稿刚刚已经保存过。")
    withdrawn = cycle.announcements.filter(kind=Announcement.Kind.OPENING).first()
    if withdrawn is not None:
        for kept in withdrawn.attachments.all():
            store(AnnouncementAttachment(draft=draft, title=kept.title, file=kept.file))
    return draft


def may_write(cycle: AwardCycle) -> Verdict:
    """第七、十五条: this function will say whether an announcement may be written: once the committee has adopted the rules."""
    if cycle.state != S.DRAFT:
        return no(f"{cycle}为“{cycle.get_state_display()}”，公告已发布或届次已取消。", 15)
    if not cycle.rules.adopted().exists():
        return no("评审标准和规则尚未经评委会审定，不能发布公告。", 7)
    return YES


@act("添加公告附件", 15, role=Role.SECRETARIAT)
def attach(cycle: AwardCycle, *, by: Any, at: datetime, title: str, file: Received) -> AnnouncementAttachment:
    """第十五条: this function will add an attachment to the draft."""
    lock(cycle)
    require(may_attach(cycle))
    draft = lock(AnnouncementDraft.objects.get(cycle=cycle))
    if draft.attachments.count() >= MOST_ATTACHMENTS:
        raise Refused(f"附件不超过{MOST_ATTACHMENTS}个。", 15, "file")
    return store(AnnouncementAttachment(draft=draft, title=title, file=files.record(file, by=by, at=at)))


def may_attach(cycle: AwardCycle) -> Verdict:
    """第十五条: this function will say whether there is a draft to attach to."""
    if verdict := may_write(cycle):
        return YES if draft_of(cycle) else no("请先编写公告并保存草稿。", 15)
    return verdict


@act("删除公告附件", 15, role=Role.SECRETARIAT)
def detach(attachment: AnnouncementAttachment, *, by: Any, at: datetime) -> AwardCycle:
    """第十五条: this function will take an attachment off the draft; a published one stays."""
    lock(attachment)
    if attachment.draft is None:
        raise Refused("公告已经发布，附件不能删除。", 15)
    cycle = attachment.draft.cycle
    discard(attachment)
    return cycle


@act("发布公告草稿", 15, role=Role.SECRETARIAT)
def publish(cycle: AwardCycle, *, by: Any, at: datetime) -> Announcement:
    """第十五条: this function will publish the draft as it was previewed: its words, its window, its attachments."""
    lock(cycle)
    require(may_publish(cycle))
    draft = lock(AnnouncementDraft.objects.get(cycle=cycle))
    fields: dict[str, Any] = {name: getattr(draft, name) for name in (*WORDS, *TIMES)}
    posted = cycles.announce(cycle, by=by, at=at, **fields)
    for attachment in draft.attachments.all():
        store(lock(attachment), draft=None, announcement=posted)
    discard(draft)
    return posted


def may_publish(cycle: AwardCycle) -> Verdict:
    """第七、十五条: this function will say what stands between a planned cycle and its announcement."""
    if not (verdict := may_write(cycle)):
        return verdict
    draft = draft_of(cycle)
    if draft is None:
        return no("请先编写公告，预览无误后再发布。", 15)
    if not (draft.opens_at and draft.closes_at and draft.body.strip() and draft.contacts and draft.channels):
        return no("公告草稿还没有写全正文、联系方式、发布渠道和受理时间。", 15)
    return YES


# ── withdrawal ──


@act("撤回申报公告", 15, role=Role.SECRETARIAT)
def withdraw_announcement(cycle: AwardCycle, *, by: Any, at: datetime, reason: str) -> AwardCycle:
    """第十五条: this function will withdraw what is announced while nobody has submitted; it stays in the archive, struck, with its reason.

    The cycle goes back to its preparation; drafts of units stay, what they asked of departments needs no answer (第十六条). The reference date stays on the row for them, without force,
    until the next announcement fixes one.
    """
    lock(cycle)
    require(may_withdraw(cycle, at))
    for posted in cycle.announcements.standing():
        store(lock(posted), withdrawn_at=at, withdrawn_by=by, withdrawn_reason=reason)
    close_requests(cycle.applications.all(), f"{cycle}申报公告已撤回。", by=by, at=at)
    advance(cycle, WITHDRAW, by=by, at=at, opens_at=None, closes_at=None, taken_until=None)
    for application in cycle.applications.filter(state=Application.State.DRAFT).select_related("applicant"):
        _tell_withdrawn(application, reason, at)
    return cycle


def may_withdraw(cycle: AwardCycle, at: datetime) -> Verdict:
    """第十五条: this function will say whether the announcement may be withdrawn: announced, not over, nobody has submitted."""
    if cycle.state != S.ANNOUNCED:
        return no(f"{cycle}为“{cycle.get_state_display()}”，没有可以撤回的公告。", 15)
    if cycle.applications.exclude(submitted_at=None).exists():
        return no("已有单位提交申报，公告不能撤回。", 15)
    if cycle.window_closed_at is not None or not cycles.before_close(cycle, at):
        return no("受理已经截止，公告不能撤回；没有单位申报的，可以取消本届后重新筹备。", 15)
    return YES


def _tell_withdrawn(application: Application, reason: str, at: datetime) -> None:
    number = application.cycle.announcements.filter(kind=Announcement.Kind.OPENING).count()
    text = f"{application.cycle}申报公告已撤回：{reason}\n贵单位的申报草稿仍然保留，重新公告后可以继续填报；部门尚未签署的推荐，届时请重新提请。"
    for membership in application.applicant.memberships.filter(ends_at=None, level="owner").select_related("user"):
        outbox.mail(
            membership.user.email, "申报公告已撤回，草稿保留", f"{application.applicant}：\n\n{text}",
            key=f"announcement-withdrawn:{application.pk}:{number}", at=at,
        )  # fmt: skip


# ── where it appeared ──


@act("登记公告发布情况", 15, role=Role.SECRETARIAT)
def note_publication(
    announcement: Announcement, *, by: Any, at: datetime, channel: str, published_on: date, url: str = "",
    clipping: Received | None = None,
) -> Publication:  # fmt: skip
    """第十五条: this function will enter a medium in which the announcement appeared; an entry is never changed."""
    if published_on > clock.today(at):
        raise Refused("刊发日期不能晚于今天。", 15, "published_on")
    if url and not url.lower().startswith(("http://", "https://")):
        raise Refused("网址应以http://或https://开头。", 15, "url")
    kept = files.record(clipping, by=by, at=at) if clipping else None
    entry = Publication(
        announcement=announcement, channel=channel, published_on=published_on, url=url, clipping=kept, noted_by=by, noted_at=at
    )  # fmt: skip
    return store(entry, clash="网址应以http://或https://开头。", clash_field="url")
