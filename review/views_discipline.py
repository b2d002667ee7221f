"""The pages of discipline: the list, one complaint, its files (第二十六条)."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from award_portal import audit, clock, files, roles
from award_portal.confirmation import offered
from award_portal.policy import see, signed_in
from award_portal.roles import Role
from review import permissions_discipline, verbs_pool
from review.models import Complaint, Discipline
from review.models.bodies import OVERSEERS


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def complaint_list(request: HttpRequest) -> HttpResponse:
    """第二十六条: this view will list all complaints and all sanctions, the newest first."""
    context = {
        "complaints": Complaint.objects.visible_to(request.user).select_related("reviewer__user", "cycle"),
        "sanctions": Discipline.objects.visible_to(request.user).select_related("reviewer__user", "decided_by"),
    }
    return render(request, "review/complaint_list.html", context)


@see(Complaint)
@require_safe
def complaint(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """第二十六条: this view will show a complaint: all of it to those who handle it, the ground and the decision to the person himself."""
    at, user = clock.now(), request.user
    handles = bool(roles.of(user, at) & OVERSEERS) and complaint.reviewer.user_id != user.pk
    open_still = complaint.state in permissions_discipline.OPEN
    context = {
        "complaint": complaint,
        "handles": handles,
        "sanction": getattr(complaint, "sanction", None),
        "referrals": complaint.referrals.select_related("referred_by") if handles else [],
        "verbs": offered(verbs_pool.ON_COMPLAINT, user, complaint, at, hide_refused=not (handles and open_still)),
    }
    return render(request, "review/complaint_detail.html", context)


@see(Complaint)
@require_safe
def complaint_file(request: HttpRequest, complaint: Complaint, file: int) -> HttpResponse:
    """第二十六条: this view will give what came with a complaint to those who handle it, and with a reply also to its author."""
    at, user = clock.now(), request.user
    own = complaint.reviewer.user_id == user.pk
    open_to = [complaint.reply_file] if own else [complaint.file, complaint.reply_file]
    for stored in open_to:
        if stored is not None and stored.pk == file:
            with transaction.atomic():
                audit.opened(complaint, by=user, at=at, title=f"查阅投诉材料：{stored.name}"[:100])
            return files.response(stored)
    raise Http404
