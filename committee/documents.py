"""What this stage issues as PDF: minutes and public notices, made once and frozen (第十八、十九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import CycleRules
from award_portal import documents, files, outbox, regulation
from award_portal.clock import today
from award_portal.lifecycle import act, lock, store
from award_portal.models import OutboxMessage, StoredFile
from award_portal.wording import cn_datetime
from committee.models import Ballot, Meeting, Member, NoticeEntry, PublicNotice, Vote


@act("生成会议纪要", 18)
def issue_minutes(meeting: Meeting, content: bytes, *, by: Any, at: datetime) -> Meeting:
    """第十八条: this function will keep the minutes as they were made, once."""
    return _keep(meeting, "minutes", content, f"{meeting.title}纪要.pdf", at)


@act("生成公示文件", 19)
def issue_notice(notice: PublicNotice, content: bytes, *, by: Any, at: datetime) -> PublicNotice:
    """第十九条: this function will keep the notice as it was posted, once."""
    return _keep(notice, "document", content, f"{notice.title}.pdf", at)


def _keep(row: Any, field: str, content: bytes, name: str, at: datetime) -> Any:
    lock(row)
    if getattr(row, f"{field}_id") is None:
        stored: StoredFile = files.store_bytes(content, name, "application/pdf", at=at)
        changes: dict[str, Any] = {field: stored}
        store(row, **changes)
    return row


@outbox.handles("minutes")
def make_minutes(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十八条: this function will make the minutes of a closed meeting."""
    meeting = Meeting.objects.select_related("cycle").get(pk=message.payload["meeting"])
    if meeting.minutes_id is not None:
        return None
    content = documents.render("documents/minutes.html", minutes_context(meeting))
    return lambda: issue_minutes(meeting, content, by=None, at=at)


@outbox.handles("public_notice")
def make_notice(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十九条: this function will make the notice's document."""
    notice = PublicNotice.objects.select_related("cycle").get(pk=message.payload["notice"])
    if notice.document_id is not None:
        return None
    content = documents.render("documents/public_notice.html", notice_context(notice))
    return lambda: issue_notice(notice, content, by=None, at=at)


def minutes_context(meeting: Meeting) -> dict[str, Any]:
    """第五、十八条: what the minutes say: the committee as it stood, who came, what was adopted and how it was voted."""
    text = regulation.load(meeting.cycle.regulation)
    members = Member.objects.sitting(meeting.closed_at).select_related("user").order_by("pk")  # type: ignore[arg-type]
    came = {one.member_id: one for one in meeting.attendance.all()}  # type: ignore[attr-defined]
    adopted = CycleRules.objects.filter(
        cycle=meeting.cycle_id, adopted_at__gte=meeting.opened_at, adopted_at__lte=meeting.closed_at
    )
    return {
        "title": f"{meeting.title}纪要",
        "issuer": f"{text.award_short_name}评定委员会",
        "issued_on": today(meeting.closed_at),  # type: ignore[arg-type]
        "meeting": meeting,
        "regulation": text,
        "rows": [_attendance(member, came.get(member.pk)) for member in members],
        "here": len(came),
        "adopted": list(adopted) if meeting.purpose == Meeting.Purpose.RULES else [],
        "ballots": [_ballot(ballot) for ballot in meeting.ballots.order_by("round")],  # type: ignore[attr-defined]
    }


def _attendance(member: Member, came: Any) -> dict[str, str]:
    if came is None:
        words = "缺席"
    else:
        words = f"{cn_datetime(came.arrived_at)}到会" + (f"，{cn_datetime(came.left_at)}离会" if came.left_at else "")
    return {"name": member.user.name, "office": member.get_office_display(), "post": member.post, "words": words}


def _ballot(ballot: Ballot) -> dict[str, Any]:
    cast = Vote.objects.filter(item__ballot=ballot).select_related("member__user").order_by("item", "member")
    by_unit: dict[int, list[str]] = {}
    for vote in cast.select_related("item"):
        by_unit.setdefault(vote.item.nomination_id, []).append(f"{vote.member.user.name}{vote.get_choice_display()}")  # type: ignore[union-attr]
    tally = ballot.tally or {}
    forms = {item.nomination_id: item.nomination for item in ballot.items.select_related("nomination")}  # type: ignore[attr-defined]
    rows = [
        {**row, "votes": "、".join(by_unit.get(row["nomination"], [])), "considered": forms[row["nomination"]]}
        for row in tally.get("rows", [])
    ]
    return {"ballot": ballot, "tally": tally, "rows": rows}


def notice_context(notice: PublicNotice) -> dict[str, Any]:
    """第十九条: what the notice says: units and industries, the days, how to object; no score and no vote."""
    text = regulation.load(notice.cycle.regulation)
    entries = (
        NoticeEntry.objects.filter(notice=notice).select_related("nomination__application__applicant").order_by("pk")
    )
    return {
        "title": notice.title,
        "issuer": f"{text.award_short_name}评定委员会秘书处",
        "issued_on": today(notice.posted_at),
        "notice": notice,
        "regulation": text,
        "units": [{"name": str(one.nomination), "industry": one.nomination.application.industry} for one in entries],
    }
