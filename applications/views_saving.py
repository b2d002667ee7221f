"""The form saved as it is typed, field by field, and one of two texts chosen where two people wrote at once (第十、十六、十七条)."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from applications import filling, permissions
from applications.materials import missing, values_of
from applications.models import Application
from applications.paper import form_of
from applications.sections import problem
from applications.views_filling import page_of
from award_portal import clock
from award_portal.policy import permit, see
from award_portal.verdict import Refused
from award_portal.wording import cn_time

NAME = re.compile(r"[\w.]{1,80}", re.ASCII)  # of a field; anything else never came from a page of ours
MAX_BODY = 400_000  # bytes of one save: a page's worth of text


class Unreadable(Exception):
    """What a page sent is not what the portal's pages send."""


@see(Application)
@require_POST
def save(request: HttpRequest, obj: Application) -> JsonResponse:
    """第十、十六条: this view will save the fields that a page sends while somebody types; it answers field by field."""
    at = clock.now()
    try:
        typed = sent(request)
        saved = filling.fill(obj, typed, by=request.user, at=at)
    except Refused as refusal:
        return JsonResponse({"refused": refusal.sentence, "field": refusal.field or ""}, status=409)
    except Unreadable:
        return JsonResponse({"refused": "页面发来的内容不完整或者过长。"}, status=400)
    return JsonResponse(_answer(obj, saved, at))


def sent(request: HttpRequest) -> dict[str, filling.Typed]:
    """第十六条: this function will read the changes that a page's script sends. Raises Unreadable for what no page of ours sends."""
    try:
        return _read(request)
    except (ValueError, RecursionError, RequestDataTooBig, RawPostDataException) as error:
        raise Unreadable from error


def _read(request: HttpRequest) -> dict[str, filling.Typed]:
    if len(request.body) > MAX_BODY:
        raise ValueError("too large")
    body = json.loads(request.body)
    if not isinstance(body, dict):
        raise ValueError("body")  # noqa: TRY004 - a strange request, not a slip of ours
    if body.get("owner", str(request.user.pk)) != str(request.user.pk):
        raise Refused("现在登录的是另一个账号，请用原来的账号登录后再保存。")
    changes = body.get("changes") if isinstance(body.get("changes"), list) else None
    if not changes or len(changes) > 400:
        raise ValueError("changes")
    typed = {}
    for change in changes:
        if not isinstance(change, dict) or not _named(change.get("name")):
            raise ValueError("change")
        seen, beside = change.get("seen"), change.get("beside")
        typed[change["name"]] = filling.Typed(
            change.get("value"), seen if isinstance(seen, str) else None, beside if type(beside) is int else None
        )
    return typed


def _named(name: Any) -> bool:
    return isinstance(name, str) and NAME.fullmatch(name) is not None


def _answer(obj: Application, saved: filling.Saved, at: datetime) -> dict[str, Any]:
    form = form_of(obj.cycle)
    values = values_of(obj)
    problems = {name: problem(form.fields[name], values[name]) if values.get(name) else "" for name in saved.marks}
    names = dict(obj.entries.filter(name__in=list(saved.clashes)).values_list("name", "saved_by__name"))
    clashes = {
        name: {
            "value": value, "mark": saved.marks[name], "by": names.get(name) or "", "label": form.fields[name].label,
            "beside": saved.beside[name], "url": page_of(obj, form, name),
            "settle": reverse("applications:settle", args=[obj.pk, saved.beside[name]]),
        }
        for name, value in saved.clashes.items()
    }  # fmt: skip
    lacking = missing(obj)
    return {
        "saved_at": cn_time(at), "marks": saved.marks, "clashes": clashes, "problems": problems, "lacking": len(lacking),
    }  # fmt: skip


@permit(Application, permissions.may_fill)
@require_POST
def settle(request: HttpRequest, obj: Application, unmerged: int) -> HttpResponse:
    """第十六条: this view will take one of two texts of a field; both remain in the history."""
    row = obj.unmerged.filter(pk=unmerged).first()
    if row is None:
        raise Http404
    try:
        use, seen = request.POST.get("use") == "kept", request.POST.get("seen")
        saved = filling.settle(row, use=use, by=request.user, at=clock.now(), seen=seen)
    except Refused as refusal:
        if _by_script(request):
            return JsonResponse({"refused": refusal.sentence}, status=409)
        messages.error(request, refusal.sentence)
    else:
        if _by_script(request):
            return JsonResponse({"settled": row.pk})
        if saved.clashes:
            messages.warning(request, "其间又有人保存了这一栏，请重新核对两份内容。")
        else:
            messages.success(request, "已处理，两份内容都保留在记录中。")
    return redirect(page_of(obj, form_of(obj.cycle), row.name))


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"
