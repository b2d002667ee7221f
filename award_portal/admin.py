"""Where the secretariat works: lists and filters from `visible_to`, everything read-only, each verb a link to its page."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import models
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from award_portal import clock, roles, views
from award_portal.confirmation import Verb
from award_portal.models import AuditEvent, LegalDay, LegalYear, OutboxMessage, RoleGrant, User
from award_portal.roles import Role

# Who looks at a row's page. One admin object serves every thread: the person must not be kept on it.
_looking: ContextVar[Any] = ContextVar("looking", default=None)
READERS = {Role.SECRETARIAT, Role.AUDITOR}

# One door: the portal's own sign-in guards the admin too, with its throttle and second factor; passwords change there as well.
SITE: Any = admin.site
SITE.login = secure_admin_login(admin.site.login)
SITE.password_change = lambda request, extra_context=None: redirect("account_change_password")
SITE.logout = lambda request, extra_context=None: redirect("account_logout")
admin.site.site_title = admin.site.site_header = "区长质量奖秘书处"
admin.site.index_title = "管理后台"


def environment(request: HttpRequest) -> list[str] | None:
    """This function will mark a demo in the admin's head."""
    from award_portal import demo_mode

    return ["演示环境", "warning"] if demo_mode.state() else None


def stylesheet(request: HttpRequest) -> str:
    """This function will give the address of the portal's own rules for the admin's pages."""
    return static("admin.css")


class PortalModelAdmin(SimpleHistoryAdmin, ModelAdmin):
    """A window on a table: rows from `visible_to`, fields read-only, verbs as links. Drafts are the subclass' business."""

    verbs: list[Verb] = []
    readers: Any = READERS
    add_url: str = ""  # the name of the page that makes a new one
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """This function will start from what the person may see."""
        queryset = self.model._default_manager.all()
        queryset = queryset.visible_to(request.user) if hasattr(queryset, "visible_to") else queryset
        return queryset.select_related(*self.list_select_related) if self.list_select_related else queryset

    def _reads(self, request: HttpRequest) -> bool:
        return bool(roles.of(request.user, clock.now()) & self.readers)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """This function will open the section to its readers."""
        return self._reads(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """This function will open the rows to the readers of the section."""
        return self._reads(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """This function will say no: rows are made by verbs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """This function will say no: rows change by verbs."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """This function will say no: nothing is deleted here."""
        return False

    def _visible_or_404(self, request: HttpRequest, object_id: str) -> None:
        # simple_history falls back to the last version of a row that `visible_to` hides: a hidden row's past is hidden too.
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, *args: Any, **kwargs: Any
    ) -> Any:
        """This function will show one earlier version of a row that the person may see."""
        self._visible_or_404(request, object_id)
        return super().history_form_view(request, object_id, version_id, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """This function will show what a row was before; tables that only grow have no history."""
        self._visible_or_404(request, object_id)
        if not hasattr(self.model._meta, "simple_history_manager_attribute"):
            messages.info(request, "本表只增不改，没有修改历史。")
            return redirect(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_changelist")
        return super().history_view(request, object_id, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the verbs above the fields."""
        named = [field.name for field in self.model._meta.fields if field.name != "id"]
        return (["verb_links"] if self.verbs else []) + list(super().get_readonly_fields(request, obj)) + named

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will list the verbs, then every field."""
        return list(dict.fromkeys(self.get_readonly_fields(request, obj)))

    @admin.display(description="办理")
    def verb_links(self, obj: Any) -> str:
        """This function will draw each verb: a link where it is allowed, its reason where it is not."""
        if obj is None or obj.pk is None:
            return "—"
        at, user = clock.now(), _looking.get()
        lines = []
        for verb in self.verbs:
            verdict = verb.may(user, obj, at)
            if verdict:
                lines.append(
                    format_html('<a class="text-primary-600 underline" href="{}">{}</a>', verb.url(obj), verb.label)
                )
            else:
                lines.append(format_html("<span>{}（{}）</span>", verb.label, verdict.sentence))
        return format_html_join("", "<p>{}</p>", ((line,) for line in lines)) or "—"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """This function will remember who looks, for the verbs."""
        _looking.set(request.user)
        return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """This function will offer the page that makes a new row."""
        if self.add_url and request.method == "GET" and not request.headers.get("HX-Request"):
            link = format_html(
                '<a class="underline" href="{}">新建{}</a>', reverse(self.add_url), self.model._meta.verbose_name
            )
            messages.info(request, link)
        return super().changelist_view(request, extra_context)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """This function will give the admin's sidebar: every section that the person may read, by stage."""
    sections = []
    for app in admin.site.get_app_list(request):
        items = [
            {"title": model["name"], "link": model["admin_url"], "icon": "chevron_right"}
            for model in app["models"]
            if model.get("admin_url")
        ]
        if items:
            sections.append({"title": app["name"], "separator": True, "items": items})
    return [{"title": "", "items": [{"title": "返回门户", "link": "/desk/", "icon": "arrow_back"}]}, *sections]


@admin.register(User)
class UserAdmin(PortalModelAdmin):
    verbs = [views.GRANT, views.DEACTIVATE]
    list_display = ["name", "email", "is_active", "joined_at"]
    search_fields = ["name", "email"]
    list_filter = ["is_active", "grants__role"]
    add_url = "open_account"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will leave the password's digest out."""
        return ["verb_links", "name", "email", "is_active", "joined_at", "last_login"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will leave the password's digest out."""
        return self.get_fields(request, obj)


@admin.register(RoleGrant)
class RoleGrantAdmin(PortalModelAdmin):
    verbs = [views.END_GRANT]
    list_display = ["user", "role", "starts_at", "ends_at", "granted_by"]
    list_filter = ["role"]
    list_select_related = ["user", "granted_by"]


@admin.register(AuditEvent)
class AuditEventAdmin(PortalModelAdmin):
    list_display = ["height", "at", "actor_name", "role", "title", "object_label", "article"]
    list_filter = ["article"]
    search_fields = ["object_label", "actor_name", "title"]
    ordering = ["-height"]


@admin.register(OutboxMessage)
class OutboxAdmin(PortalModelAdmin):
    list_display = ["key", "state", "created_at", "attempts", "error"]
    list_filter = ["state"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will leave the content out: a mail may carry what is not the reader's."""
        return ["key", "state", "created_at", "due_at", "attempts", "error", "done_at"]


class CalendarAdmin(PortalModelAdmin):
    """Rows that only say what the State Council's notice says: entered here, by the secretariat."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """This function will let the secretariat enter rows."""
        return roles.holds(request.user, Role.SECRETARIAT, clock.now())

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will leave a new row's fields open."""
        return super().get_readonly_fields(request, obj) if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will show the row's own fields."""
        return [field.name for field in self.model._meta.fields if field.name != "id"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """This function will hand a new row to its verb."""
        from award_portal import calendar

        calendar.enter(obj, by=request.user, at=clock.now())


@admin.register(LegalDay)
class LegalDayAdmin(CalendarAdmin):
    list_display = ["day", "day_off", "note"]


@admin.register(LegalYear)
class LegalYearAdmin(CalendarAdmin):
    list_display = ["year", "source"]
