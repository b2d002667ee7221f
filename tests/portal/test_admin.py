"""Where the secretariat works: everything readable, nothing writable, each verb a link or its reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal.admin import CalendarAdmin, PortalModelAdmin
from award_portal.models import AuditEvent, LegalDay, OutboxMessage, RoleGrant, User
from award_portal.roles import Role
from tests.conftest import hire
from tests.factories_cycles import announced, planned

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_at")]

OURS = {"award_portal", "applications", "review", "committee", "monitoring"}
MODELS = sorted(
    (model for model in admin.site._registry if model._meta.app_label in OURS), key=lambda model: model._meta.label
)


def _url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def filled(secretary: Any, owner: Any, at: Any) -> Any:
    """A cycle on its way, a mail, a holiday: something to look at."""
    LegalDay.objects.create(day=date(2031, 1, 1), note="通知")
    OutboxMessage.objects.create(
        kind="mail", key="k", payload={"to": "x", "body": "只给本人看"}, created_at=at, due_at=at
    )
    return announced(secretary, hire("主任", Role.MEMBER, by=None, at=at), at)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_section_opens_for_its_readers(
    sign_in: Any, secretary: Any, auditor: Any, filled: Any, model: Any
) -> None:
    window = admin.site._registry[model]
    assert isinstance(window, PortalModelAdmin)
    for person in (secretary, auditor):
        client = sign_in(person)
        reads = {"secretariat"} & set(window.readers) if person == secretary else {"auditor"} & set(window.readers)
        listed = client.get(_url(model, "changelist"))
        assert listed.status_code == (200 if reads else 403)
        first = window.get_queryset(listed.wsgi_request).first()
        if first is not None:
            assert client.get(_url(model, "change", first.pk)).status_code == (200 if reads else 403)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_search_and_filter_works(sign_in: Any, secretary: Any, auditor: Any, filled: Any, model: Any) -> None:
    window = admin.site._registry[model]
    client = sign_in(secretary if "secretariat" in window.readers else auditor)
    if window.search_fields:
        assert client.get(_url(model, "changelist") + "?q=一").status_code == 200
    for column in range(1, len(window.list_display) + 1):
        assert client.get(_url(model, "changelist") + f"?o=-{column}").status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_nothing_is_written_here(sign_in: Any, secretary: Any, auditor: Any, filled: Any, model: Any) -> None:
    window = admin.site._registry[model]
    before = AuditEvent.objects.count()
    for person in (secretary, auditor):
        client = sign_in(person)
        request = client.get("/admin/").wsgi_request
        if not isinstance(window, CalendarAdmin):
            assert not window.has_add_permission(request)
            assert client.get(_url(model, "add")).status_code == 403
        first = model._default_manager.first()
        assert not window.has_change_permission(request, first)
        assert not window.has_delete_permission(request, first)
        if first is not None:
            assert client.post(_url(model, "change", first.pk), {"name": "改"}).status_code == 403
            assert client.post(_url(model, "delete", first.pk), {"post": "yes"}).status_code == 403
        sent = {"action": "delete_selected", "_selected_action": [getattr(first, "pk", 1)], "post": "yes"}
        assert client.post(_url(model, "changelist"), sent).status_code in {302, 403, 200}
        assert first is None or model._default_manager.filter(pk=first.pk).exists()
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_door_is_closed_to_everybody_else(sign_in: Any, client: Any, owner: Any, filled: Any, model: Any) -> None:
    assert client.get(_url(model, "changelist")).status_code == 302
    answer = sign_in(owner).get(_url(model, "changelist"))
    assert answer.status_code in {302, 403}
    assert "只给本人看" not in answer.content.decode()


def test_a_former_secretary_is_out_at_once(sign_in: Any, secretary: Any, at: Any) -> None:
    client = sign_in(secretary)
    assert client.get("/admin/").status_code == 200
    secretary.grants.update(ends_at=at)
    assert client.get("/admin/").status_code in {302, 403}


def test_verbs_are_links_where_allowed_and_reasons_where_not(
    sign_in: Any, secretary: Any, auditor: Any, at: Any, said: Any
) -> None:
    from applications.models import AwardCycle

    cycle = planned(secretary, at)
    page = sign_in(secretary).get(_url(AwardCycle, "change", cycle.pk))
    assert f'href="/cycles/{cycle.pk}/cancel/"' in page.content.decode()
    assert f'href="/cycles/{cycle.pk}/announce/"' not in page.content.decode()
    assert "发布公告（第七条：评审标准和规则尚未经评委会审定，不能发布公告。）" in said(page)
    page = sign_in(auditor).get(_url(AwardCycle, "change", cycle.pk))
    assert f'href="/cycles/{cycle.pk}/cancel/"' not in page.content.decode()
    assert "取消本届（本页面供秘书处使用，您的账号没有相应角色。）" in said(page)


def test_a_list_offers_the_page_that_makes_a_new_row(sign_in: Any, secretary: Any) -> None:
    assert 'href="/people/open/"' in sign_in(secretary).get(_url(User, "changelist")).content.decode()


def test_neither_passwords_nor_the_contents_of_mails_are_shown(
    sign_in: Any, secretary: Any, auditor: Any, owner: Any, filled: Any
) -> None:
    for person in (secretary, auditor):
        client = sign_in(person)
        page = client.get(_url(User, "change", owner.pk)).content.decode()
        assert owner.password not in page
        page = client.get(_url(OutboxMessage, "change", OutboxMessage.objects.get(key="k").pk)).content.decode()
        assert "只给本人看" not in page


@pytest.mark.article(19)
def test_the_secretariat_enters_the_calendar_as_an_act(sign_in: Any, secretary: Any, auditor: Any, said: Any) -> None:
    url = _url(LegalDay, "add")
    assert sign_in(auditor).get(url).status_code == 403
    client = sign_in(secretary)
    assert client.get(url).status_code == 200
    assert client.post(url, {"day": "2031-10-01", "day_off": "on", "note": "国务院办公厅通知"}).status_code == 302
    assert LegalDay.objects.get().day == date(2031, 10, 1)
    assert AuditEvent.objects.order_by("-height").first().title == "登记节假日安排"
    again = client.post(url, {"day": "2031-10-01", "day_off": "on", "note": "再来"})
    assert (again.status_code, LegalDay.objects.count()) == (200, 1)


def test_two_people_at_once_see_their_own_verbs(rf: Any, secretary: Any, owner: Any, at: Any) -> None:
    """One admin object serves all threads: whoever looks must not be kept on it."""
    import threading

    from applications.admin import AwardCycleAdmin
    from award_portal import admin as portal_admin

    cycle = planned(secretary, at)
    window = next(window for window in admin.site._registry.values() if isinstance(window, AwardCycleAdmin))
    portal_admin._looking.set(secretary)
    seen: list[Any] = []
    thread = threading.Thread(
        target=lambda: (portal_admin._looking.set(owner), seen.append(portal_admin._looking.get()))
    )
    thread.start()
    thread.join()
    assert seen == [owner]
    assert "/cancel/" in window.verb_links(cycle)


def test_a_list_costs_the_same_for_many_rows(sign_in: Any, auditor: Any, at: Any) -> None:
    client, counts = sign_in(auditor), []
    for number in range(3):
        hire(f"人{number}", Role.REVIEWER, by=None, at=at)
        with CaptureQueriesContext(connection) as seen:
            for model in (User, RoleGrant, AuditEvent):
                assert client.get(_url(model, "changelist")).status_code == 200
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_the_past_of_a_hidden_row_is_hidden_too(sign_in: Any, secretary: Any, at: Any) -> None:
    from tests.factories_applications import announced_cycle, draft_application, submitted_application

    cycle = announced_cycle()
    draft, handed_in = draft_application(cycle), submitted_application(cycle)
    client = sign_in(secretary)
    for application, status in ((draft, 404), (handed_in, 200)):
        version = application.history.first()
        base = f"/admin/applications/application/{application.pk}/history/"
        assert client.get(base).status_code == status
        assert client.get(f"{base}{version.history_id}/").status_code == status
