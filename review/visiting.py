"""现场: arranged, moved, recorded, closed with its feedback, signed by the team (第十四、十七条)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from PIL import Image, ImageOps

from applications import letters
from award_portal import audit, clock, files, outbox
from award_portal.lifecycle import Step, act, advance, lock, store, store_all
from award_portal.models import StoredFile, User
from award_portal.roles import Role
from award_portal.rubric import Rubric
from award_portal.verdict import YES, Refused, Verdict, no, require
from review import agenda, permissions_visits
from review.models import (
    Assignment,
    Consensus,
    PanelSeat,
    SiteVisit,
    StageReview,
    VisitMove,
    VisitPhoto,
    VisitPoint,
    VisitSignature,
)
from review.standards import rubric_of

CLOSE = Step(("running",), "closed", 14)
REOPEN = Step(("closed",), "running", 14)
LONGEST = 10  # days of one visit: a slip of the pen, not a rule of law
LONGEST_AHEAD = timedelta(days=366)  # no visit is arranged more than a year ahead, for the same reason
MOST_PHOTOS = 300
PHOTO_BYTES = 20 * 1024 * 1024
SMALL = 480  # pixels of a thumbnail's longer side
POINT_LIMIT, CAPTION_LIMIT = 1000, 200

Point = tuple[str, str]  # item and what is to be verified


# ── arranging ──


def days_refused(review: StageReview, starts_on: date, ends_on: date, at: datetime) -> None:
    """第十四条: this function will refuse days that cannot be: before the desk review ended, backwards, far off."""
    desk = review.assignment.reviews.get(stage=StageReview.Stage.DESK)
    if desk.concluded_at is not None and starts_on < clock.today(desk.concluded_at):
        raise Refused("现场日期不能早于材料评审完成之日。", 14, "visited_on")
    if starts_on > clock.today(at) + LONGEST_AHEAD:
        raise Refused("现场日期过远，请核对年份。", 14, "visited_on")
    if ends_on < starts_on:
        raise Refused("结束日期不能早于开始日期。", 14, "until")
    if (ends_on - starts_on).days >= LONGEST:
        raise Refused(f"一个单位的现场不超过{LONGEST}天，请核对日期。", 14, "until")


def arrange(
    review: StageReview,
    ends_on: date,
    companion: User | None,
    asked: str,
    points: Iterable[Point],
    *,
    by: Any,
    at: datetime,
) -> SiteVisit:
    """第十四条: this function will set up the visit of a stage just opened, inside the running act: agenda, points, mails."""
    visit = SiteVisit(review=review, ends_on=ends_on, companion=companion, asked=asked.strip() or agenda.ASKED)
    visit.agenda = agenda.of_days(visit.days)
    store(visit)
    carried = [
        VisitPoint(visit=visit, item=item, text=text, carried=True, added_by=by, added_at=at) for item, text in points
    ]
    if carried:
        store_all(carried, ("item", "text"), clash="核实事项没有带入，请重试。")
    _tell(visit, "现场评审安排", f"现场评审定于{visit.span}在{visit.place}进行。", at)
    return visit


@act("现场改期", 14, role=Role.SECRETARIAT)
def move(
    visit: SiteVisit, visited_on: date, place: str, reason: str, until: date | None = None, *, by: Any, at: datetime
) -> SiteVisit:
    """Article 14: move the visit to other days or another place, with the reason, before the first score on site."""
    review = lock(visit.review)
    lock(visit)
    require(permissions_visits.may_move(by, visit, at))
    ends_on, place, reason = until or visited_on, place.strip(), reason.strip()
    days_refused(review, visited_on, ends_on, at)
    if not place or not reason:
        raise Refused("请填写现场地点和改期原因。", 14, "reason" if place else "place")
    if (visited_on, ends_on, place) == (visit.starts_on, visit.ends_on, visit.place):
        raise Refused("日期和地点都没有变化。", 14, "visited_on")
    was, shift, length = f"{visit.span}，{visit.place}", visited_on - visit.starts_on, len(visit.days)
    store(review, visited_on=visited_on, place=place)
    visit.review, visit.ends_on = review, ends_on
    same = length == len(visit.days)
    # An agenda that was worked on stays as far as it can; of another length there is a new one to begin with.
    rows = agenda.shifted(visit.agenda, shift, visit.days) if same else agenda.of_days(visit.days)
    store(visit, ends_on=ends_on, agenda=rows)
    made = VisitMove(visit=visit, was=was, became=f"{visit.span}，{place}", reason=reason, moved_by=by, moved_at=at)
    store(made)
    _tell(visit, "现场评审改期", f"现场评审改为{visit.span}在{place}进行（原定{was}）。原因：{reason}", at)
    return visit


def _tell(visit: SiteVisit, title: str, text: str, at: datetime) -> None:
    """第十四条: the unit and the team hear when and where; nothing of what is to be verified."""
    application, key = visit.review.assignment.application, f"visit:{visit.pk}:{visit.moves.count()}"
    body = f"{text}\n日程和请贵单位配合的事项见申报页面。"
    letters.to_unit(application, title, body, key=key, at=at)
    for user in [*(seat.reviewer.user for seat in team(visit)), *([visit.companion] if visit.companion else [])]:
        outbox.mail(user.email, f"{application.applicant}：{title}", text, key=key, at=at)


@act("确定陪同人员", 14, role=Role.SECRETARIAT)
def set_companion(visit: SiteVisit, companion: User | None, *, by: Any, at: datetime) -> SiteVisit:
    """Article 14: name who of the secretariat accompanies the team; he has pledged and declared like everybody."""
    lock(visit)
    require(permissions_visits.may_arrange(by, visit, at))
    if companion is not None:
        may_accompany(companion, visit.review.assignment, at)
    return store(visit, companion=companion)


def may_accompany(companion: User, assignment: Assignment, at: datetime) -> None:
    """第九条: this function will refuse a companion who is not of the secretariat, or whose papers do not stand."""
    from award_portal import roles
    from review import permissions

    if not roles.holds(companion, Role.SECRETARIAT, at):
        raise Refused("陪同人员须是秘书处人员。", 8, "companion")
    verdict = permissions.may_open(companion, assignment.application, at)
    if not verdict:
        raise Refused(f"{companion}还不能陪同：{verdict.reason}", 9, "companion")


# ── on site ──


@act("增加核实事项", 14, role=Role.REVIEWER)
def add_point(visit: SiteVisit, item: str, text: str, *, by: Any, at: datetime) -> VisitPoint:
    """Article 14: note down one more thing to verify, of an item or of the whole."""
    lock(visit)
    require(permissions_visits.may_write(by, visit, at))
    item_of(rubric(visit), item)
    text = text.strip()
    if not text:
        raise Refused("请写明要核实什么。", 14, "text")
    if len(text) > POINT_LIMIT:
        raise Refused(f"核实事项不超过{POINT_LIMIT}字。", 14, "text")
    return store(VisitPoint(visit=visit, item=item, text=text, added_by=by, added_at=at))


def photo_fits(visit: SiteVisit, upload: Any, *, by: Any, at: datetime) -> files.Received:
    """第十四条: this function will look into a photo before any row is written; refused with its reason."""
    require(permissions_visits.may_record(by, visit, at))
    if VisitPhoto.objects.filter(visit=visit).count() >= MOST_PHOTOS:
        raise Refused(f"一次现场的照片不超过{MOST_PHOTOS}张。", 14)
    return files.receive(upload, kind="picture", max_bytes=PHOTO_BYTES)


@act("上传现场照片", 14, role=Role.REVIEWER)
def add_photo(
    visit: SiteVisit,
    item: str,
    received: files.Received,
    caption: str = "",
    small: bytes | None = None,
    *,
    by: Any,
    at: datetime,
) -> VisitPhoto:
    """Article 14: pin a photo to an item. The same picture sent twice, after a broken line, is one."""
    lock(visit)
    require(permissions_visits.may_record(by, visit, at))
    item_of(rubric(visit), item)
    same = VisitPhoto.objects.filter(visit=visit, item=item, file__sha256=received.sha256, removed_at=None).first()
    if same is not None:
        return same
    stored: StoredFile = files.record(received, by=by, at=at)
    made = VisitPhoto(visit=visit, item=item, file=stored, caption=caption.strip()[:CAPTION_LIMIT], taken_by=by)
    if small is not None:
        made.small = files.store_bytes(small, "缩略图.jpg", "image/jpeg", by=by, at=at)
    return store(made, taken_at=at)


def shrunk(received: files.Received) -> bytes | None:
    """第十四条: this function will draw a photo small, upright, and without what the camera wrote into it: for lists on a poor line."""
    content = io.BytesIO()
    try:
        with Image.open(files.path_of(received.sha256)) as picture:
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((SMALL, SMALL))
            upright.convert("RGB").save(content, "JPEG", quality=70)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    return content.getvalue()


@act("移除现场照片", 14, role=Role.REVIEWER)
def remove_photo(photo: VisitPhoto, reason: str, *, by: Any, at: datetime) -> VisitPhoto:
    """Article 14: set aside a photo of one's own, with the reason; its row stays."""
    lock(photo.visit)
    lock(photo)
    require(permissions_visits.may_remove(by, photo, at))
    if not reason.strip():
        raise Refused("请写明移除原因。", 14, "reason")
    return store(photo, removed_at=at, removal_reason=reason.strip()[:200])


# ── the end ──


@act("结束现场", 14, role=Role.REVIEWER)
def close_visit(visit: SiteVisit, *, by: Any, at: datetime) -> SiteVisit:
    """Article 14: end the visit with its closing meeting: every point has its result, the feedback stands in writing."""
    lock(visit)
    require(permissions_visits.may_close(by, visit, at))
    points = list(visit.points.all())
    open_points = [point for point in points if not point.result]
    if open_points:
        raise Refused(f"还有{len(open_points)}项没有核实情况。", 14)
    silent = [point for point in points if point.result != VisitPoint.Result.VERIFIED and not point.finding.strip()]
    if silent:
        raise Refused(f"还有{len(silent)}项部分核实或者未能核实，没有写明情况。", 14)
    if not visit.closing.strip():
        raise Refused("请先写下末次会议的反馈意见。", 14)
    changes = {"closings": visit.closings + 1, "closed_at": at, "sha256": audit.digest(content(visit))}
    return advance(visit, CLOSE, by=by, at=at, **changes)


@act("重新打开现场记录", 14, role=Role.REVIEWER)
def reopen_visit(visit: SiteVisit, reason: str, *, by: Any, at: datetime) -> SiteVisit:
    """Article 14: open the record again before the stage is concluded; the signatures under it count no more, and stay."""
    lock(visit)
    require(permissions_visits.may_reopen(by, visit, at))
    if not reason.strip():
        raise Refused("请写明原因。", 14, "reason")
    return advance(visit, REOPEN, by=by, at=at)


@act("签署现场记录", 17, role=Role.REVIEWER)
def sign_visit(visit: SiteVisit, signed_name: str, *, by: Any, at: datetime) -> VisitSignature:
    """Article 17: sign the record of the visit with one's own name."""
    from review import permissions

    lock(visit)
    require(permissions_visits.may_sign(by, visit, at))
    if signed_name.strip() != by.name:
        raise Refused(f"签名须与您的姓名一致：{by.name}。", 17, "signed_name")
    seat = permissions.seat_of(by, visit.review.assignment)
    signature = VisitSignature(
        visit=visit, seat=seat, closing=visit.closings, sha256=visit.sha256, signed_name=by.name, signed_at=at
    )
    return store(signature, clash="您已经签名。")


def signed(review: StageReview) -> Verdict:
    """第十四、十七条: this function will say whether the stage may be concluded: the visit is closed and all of the team have signed."""
    visit = SiteVisit.objects.filter(review=review).first()
    if visit is None or visit.state != SiteVisit.State.CLOSED:
        return no("末次会议还没有结束，请先在现场记录中结束现场。", 14)
    missing = [seat.reviewer.user.name for seat in unsigned(visit)]
    return no(f"现场记录还缺{'、'.join(missing)}的签名。", 17) if missing else YES


# ── what a visit is made of ──


def team(visit: SiteVisit) -> list[PanelSeat]:
    """第九、十四条: the whole panel as far as it works on this unit: every member visits, because every member scores; not who is
    absent by decision."""
    from review import permissions

    return list(permissions.taking_part(visit.review).select_related("reviewer__user").order_by("-lead", "pk"))


def unsigned(visit: SiteVisit) -> list[PanelSeat]:
    """第十七条: this function will give the seats whose signature under the present closing is missing."""
    done = set(VisitSignature.objects.filter(visit=visit, closing=visit.closings).values_list("seat", flat=True))
    return [seat for seat in team(visit) if seat.pk not in done]


def rubric(visit: SiteVisit) -> Rubric:
    """第十三条: this function will give the standard by which the unit is reviewed."""
    return rubric_of(visit.review.assignment.application.cycle)


def item_of(standard: Rubric, item: str) -> str:
    """第十三条: this function will give back an item of the standard, or "" for the whole; refused for any other."""
    if item and item not in standard.item_codes:
        raise Refused(f"评审标准没有条款{item}。", 13, "item")
    return item


def agreed_at_desk(assignment: Assignment) -> dict[str, Consensus]:
    """第十四条: this function will give the desk consensus by item, once it is official: what the site score is held against."""
    rows = Consensus.objects.filter(
        review__assignment=assignment, review__stage=StageReview.Stage.DESK, review__state=StageReview.State.CONCLUDED
    )
    return {row.item: row for row in rows}


def beside_score(review: StageReview, item: str) -> dict[str, Any] | None:
    """第十四条: this function will give, for one item of a site sheet, the desk consensus and the visit's record of it."""
    if review.stage != StageReview.Stage.SITE:
        return None
    agreed = agreed_at_desk(review.assignment).get(item)
    visit = SiteVisit.objects.filter(review=review).first()
    return {"agreed": agreed, "url": reverse("review:visit_part", args=[visit.pk, item]) if visit else ""}


def content(visit: SiteVisit) -> dict[str, Any]:
    """第十七条: this function will give everything that the team signs, as its digest is made of it."""
    return {
        "days": [visit.starts_on.isoformat(), visit.ends_on.isoformat()],
        "place": visit.place,
        "closing": visit.closing,
        "points": list(visit.points.order_by("pk").values_list("item", "text", "result", "finding")),
        "entries": list(visit.entries.order_by("pk").values_list("item", "kind", "what", "whom", "note")),
        "photos": list(
            visit.photos.filter(removed_at=None).order_by("pk").values_list("item", "caption", "file__sha256")
        ),
    }
