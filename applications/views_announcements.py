"""Pages of the announcement: what the public reads, the preview before it, files and the archive (第十五条)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from applications import announcement_text, cycles, publication
from applications import permissions_cycles as permissions
from applications.announcing import seat_of
from applications.models import Announcement, AnnouncementAttachment, AwardCycle, Publication
from applications.views_cycles import ANNOUNCE, ATTACH, COMPOSE, NOTE_PUBLICATION
from award_portal import clock, files, regulation
from award_portal.confirmation import offered
from award_portal.policy import cached, permit, public, see


@public
@cached
@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """第十五条: this view will list all that was ever announced, the newest first: openings, extensions, withdrawn ones."""
    listed = Announcement.objects.select_related("cycle", "document", "docx").prefetch_related("publications")
    page = Paginator(listed, 20).get_page(request.GET.get("page"))
    return render(request, "applications/announcement_list.html", {"page": page})


@see(Announcement, anonymous=True)
@cached
@require_safe
def announcement(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """第十五条: this view will show an announcement as it was published, and what became of it."""
    at, cycle = clock.now(), announcement.cycle
    announced = cycle.state == AwardCycle.State.ANNOUNCED and announcement.withdrawn_at is None
    verbs = (
        offered([NOTE_PUBLICATION], request.user, announcement, at) if permissions.secretariat(request.user, at) else []
    )
    issue = cycle.announcements.filter(withdrawn_at=announcement.withdrawn_at).order_by("published_at", "pk")
    context = _words(announcement, list(announcement.attachments.select_related("file"))) | {
        "open": announced and cycles.before_close(cycle, at),
        "announced": announced,
        "visible": AwardCycle.objects.visible_to(request.user).filter(pk=cycle.pk).exists(),
        "issue": list(issue),
        "publications": list(announcement.publications.select_related("clipping")),
        "verbs": verbs,
    }
    return render(request, "applications/announcement_detail.html", context)


def _words(posted: Any, attachments: list[AnnouncementAttachment]) -> dict[str, Any]:
    return {"announcement": posted, "paragraphs": announcement_text.content(posted), "attachments": attachments}


@permit(AwardCycle, permissions.may_preview)
@require_safe
def announcement_draft(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十五条: this view will show the draft as the public will see it, and what is still to be done."""
    draft = publication.draft_of(cycle)
    if draft is None:
        return redirect(cycle)
    at = clock.now()
    verbs = (
        offered([ANNOUNCE, COMPOSE, ATTACH], request.user, cycle, at)
        if permissions.secretariat(request.user, at)
        else []
    )
    context = _words(draft, list(draft.attachments.select_related("file"))) | {
        "cycle": cycle,
        "verbs": verbs,
        "issuer": seat_of(regulation.load(cycle.regulation)),
    }
    return render(request, "applications/announcement_draft.html", context)


@see(Announcement, anonymous=True)
@require_safe
def announcement_document(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """第十五条: this view will hand out the announcement's PDF."""
    return _file(announcement.document)


@see(Announcement, anonymous=True)
@require_safe
def announcement_docx(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """第十五条: this view will hand out the announcement's DOCX."""
    return _file(announcement.docx)


@see(AnnouncementAttachment, anonymous=True)
@require_safe
def announcement_attachment(request: HttpRequest, attachment: AnnouncementAttachment) -> HttpResponse:
    """第十五条: this view will hand out an attachment: to everybody once it is published."""
    return _file(attachment.file)


@see(Publication, anonymous=True)
@require_safe
def publication_clipping(request: HttpRequest, entry: Publication) -> HttpResponse:
    """第十五条: this view will hand out the clipping of a medium in which the announcement appeared."""
    return _file(entry.clipping)


def _file(stored: Any) -> HttpResponse:
    if stored is None:
        raise Http404
    return files.response(stored)
