"""The portal's own pages: home, the Measures, the desk, people, the audit chain, the demo's clock and mail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from award_portal import audit, clock, confirmation, demo_mode, desk, people, regulation
from award_portal.confirmation import ReasonForm, Verb
from award_portal.forms import ClockForm, GrantForm, OpenAccountForm
from award_portal.models import AuditEvent, OutboxMessage
from award_portal.policy import cached, holds, public, signed_in
from award_portal.roles import Role
from award_portal.sockets import Socket
from award_portal.verdict import Refused, Verdict

front_page = Socket("what stands on the public home page?")  # answers: (title, url, text, at)
due = Socket("what falls due as time passes?")  # answers do the work and yield what they did
overviews = Socket("what does the secretariat run?")  # answers: (title, url, text)


@public
@cached
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """第三条: this view will show what is going on and how an enterprise takes part."""
    return render(
        request,
        "home.html",
        {"news": sorted(front_page.ask(clock.now()), key=lambda entry: entry[3], reverse=True)[:8]},
    )


@public
@cached
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """第一条: this view will show the full text of the Measures, each article with its anchor."""
    text = regulation.load(settings.REGULATION)
    chapters = [(chapter, text.articles_of(chapter.number)) for chapter in text.chapters]
    return render(request, "regulation.html", {"text": text, "chapters": chapters})


@public
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """This view will say whether the web process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@signed_in()
@require_safe
def desk_page(request: HttpRequest) -> HttpResponse:
    """This view will show what awaits the person, the nearest deadline first."""
    at = clock.now()
    items = desk.awaiting(request.user, at)
    shortcuts = list(desk.shortcuts.ask(request.user, at))
    return render(request, "desk.html", {"items": items, "shortcuts": shortcuts})


@signed_in(Role.SECRETARIAT)
@require_safe
def secretariat(request: HttpRequest) -> HttpResponse:
    """第八条: this view will show the secretariat its rooms, in the order of the lifecycle."""
    return render(request, "secretariat.html", {"rooms": list(overviews.ask(request.user, clock.now()))})


@signed_in(Role.AUDITOR)
@require_safe
def audit_page(request: HttpRequest) -> HttpResponse:
    """第二十七条: this view will show the audit chain, the newest first, and its head."""
    page = Paginator(AuditEvent.objects.order_by("-height"), 50).get_page(request.GET.get("page"))
    return render(request, "audit.html", {"page": page, "anchor": audit.anchor()})


# ── people ──


def may_run(user: Any, obj: Any, at: Any) -> Verdict:
    """This function will say whether the person may open accounts and grant roles."""
    return holds(Role.SECRETARIAT)(user, at)


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def open_account(request: HttpRequest) -> HttpResponse:
    """第八条: this view will open an account, with its first role where no later stage brings it."""
    at = clock.now()
    form = OpenAccountForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():  # an account without its role would stand in the way of the second try
                user = people.open_account(
                    form.cleaned_data["email"], form.cleaned_data["name"], by=request.user, at=at
                )
                if role := form.cleaned_data["role"]:
                    people.grant(user, role, by=request.user, at=at, reason="开设账号")
        except Refused as refusal:
            confirmation.blame(form, refusal)
            return render(request, "people/open_account.html", {"form": form}, status=409)
        messages.success(request, f"已为{user}开设账号。请其在登录页点“忘记密码”设定密码。")
        return redirect("admin:award_portal_user_change", user.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "people/open_account.html", {"form": form}, status=status)


def _user_page(user: Any) -> str:
    return reverse("admin:award_portal_user_change", args=[getattr(user, "user_id", user.pk)])


def may_end_grant(user: Any, granted: Any, at: Any) -> Verdict:
    """第六、八、二十六条: the secretariat ends a role that does not go with an office."""
    return may_run(user, granted, at) and people.endable(granted, at)


GRANT = Verb(
    "grant", "授予角色", may=may_run, act=people.grant, article=8, form=GrantForm, back=_user_page,
    explain="对方从现在起持有该角色，下一次打开页面即可使用。", done="已授予角色。",
)  # fmt: skip
END_GRANT = Verb(
    "end_grant", "终止角色", may=may_end_grant, act=people.end_grant, article=8, form=ReasonForm, back=_user_page, style="danger",
    explain="对方从现在起不再持有该角色，正在进行的操作立即失效。", done="已终止角色。",
)  # fmt: skip
DEACTIVATE = Verb(
    "deactivate", "停用账号", may=may_run, act=people.deactivate, article=None, form=ReasonForm, back=_user_page, style="danger",
    explain="该账号的全部角色即时终止，不能再登录；以往办理的记录保留。", done="已停用账号。",
)  # fmt: skip


# ── the demo ──


@public
@require_POST
def advance_clock(request: HttpRequest) -> HttpResponse:
    """This view will move the demo's time forward; outside a demo it does not exist."""
    if demo_mode.state() is None:
        raise Http404
    form = ClockForm(request.POST)
    if form.is_valid():
        try:
            by = request.user if request.user.is_authenticated else None
            demo_mode.advance_clock(form.cleaned_data["distance"], by=by, at=clock.now())
            _catch_up()
            messages.success(request, "演示时间已推进。")
        except Refused as refusal:
            messages.error(request, refusal.sentence)
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    back = request.POST.get("next", "/")
    return HttpResponseRedirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/")


def _catch_up() -> None:
    # What has fallen due is done at once, so that the next page shows it; the scheduler would do the same a little later.
    with clock.moment(clock.read()) as at:
        for _ in due.ask(at):
            pass


@public
@require_GET
def demo_mail(request: HttpRequest) -> HttpResponse:
    """This view will show the mails of the demo, the newest first; outside a demo it does not exist."""
    if demo_mode.state() is None:
        raise Http404
    page = Paginator(OutboxMessage.objects.filter(kind="mail").order_by("-pk"), 20).get_page(request.GET.get("page"))
    return render(request, "demo_mail.html", {"page": page})


@public
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """This view will show the elements together, in demo and debug."""
    if not settings.DEMO_MODE and not settings.DEBUG:
        raise Http404
    return render(request, "styleguide.html")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """This view will say that the form has expired, and how to go on."""
    return render(
        request,
        "403.html",
        {"reason": "页面已过期或登录状态已变化。请返回上一页刷新后重新提交，已填写的内容请先复制保存。"},
        status=403,
    )
