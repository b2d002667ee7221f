"""The secretariat's lists of this stage: what they show, to whom, what they keep shut, where each verb leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import intake, screening
from applications.models import (
    AnnouncementAttachment,
    AnnouncementDraft,
    Application,
    AwardCycle,
    CheckImport,
    CheckLine,
    Claim,
    ConfirmedList,
    EligibilityDecision,
    Entry,
    Invitation,
    Letter,
    Publication,
    Recheck,
    RecheckLine,
    Reconsideration,
    SetAside,
    Signal,
    Unmerged,
)
from award_portal import files
from award_portal.admin import PortalModelAdmin
from award_portal.models import AuditEvent
from award_portal.roles import Role
from tests.conftest import START, hire
from tests.factories_applications import (
    OPENS,
    announced_cycle,
    department,
    draft_application,
    owner_of,
    person,
    submitted_application,
    unit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_open")]
OPEN = START + OPENS
OF_UNITS = [CheckLine, EligibilityDecision, Letter, Reconsideration, RecheckLine, Signal, Entry]
OURS = [
    *OF_UNITS, AnnouncementAttachment, AnnouncementDraft, CheckImport, Claim, ConfirmedList, Invitation, Publication, Recheck,
    SetAside,
]  # fmt: skip
DUE = (OPEN + timedelta(days=10)).date()
VALUE, PRIVATE = "只有材料里才有的话", "部门表里才有的话"


@pytest.fixture
def _open(travel: Any) -> None:
    travel(OPEN)


@pytest.fixture
def cycle() -> AwardCycle:
    return announced_cycle()


def url(model: Any, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:applications_{model._meta.model_name}_{page}", args=args)


def one_of_each(cycle: AwardCycle) -> Application:
    """This function will add a unit's application with one row of each table, and a row of each other table."""
    secretary, named, number = person(Role.SECRETARIAT), department(), Application.objects.count()
    application = submitted_application(cycle, methods=VALUE)
    owner, of_unit = owner_of(application), {"application": application}
    file = files.store_bytes(b"%PDF-1.4", f"文件{number}.pdf", "application/pdf", at=OPEN)
    screening.ask_departments(application, [named], by=secretary, at=OPEN)
    decided = EligibilityDecision.objects.create(**of_unit, outcome="decline", prepared_by=secretary, prepared_at=OPEN)
    Letter.objects.create(**of_unit, kind="declined", file=file, key=f"文书{number}", at=OPEN)
    Reconsideration.objects.create(
        **of_unit, decision=decided, request="请复核。", asked_by=owner, asked_at=OPEN, decided_by=secretary
    )
    recheck = Recheck.objects.create(cycle=cycle, stage="vote", at=OPEN, by=secretary)
    RecheckLine.objects.create(recheck=recheck, **of_unit)
    Signal.objects.create(**of_unit, kind="phone", detail="电话相同", other="别家", raised_at=OPEN)
    ConfirmedList.objects.create(cycle=cycle, number=number + 1, rows=[{"name": "甲"}], at=OPEN, by=secretary)
    CheckImport.objects.create(department=named, name="答复.xlsx", rows=[{"note": PRIVATE}], by=secretary, at=OPEN)
    paper = {"licence": file, "letter": file, "statement": "我单位的代码。", "submitted_at": OPEN}
    taken = unit()
    claim = Claim.objects.create(applicant=taken, claimant=hire("申领人", by=None, at=START), name="真的单位", **paper)
    SetAside.objects.create(claim=claim, application=intake.begin(cycle, taken, by=owner_of(taken), at=OPEN), at=OPEN)
    Invitation.objects.create(
        applicant=taken, email=f"a{number}@x.example", level="editor", token_hash=f"{number:064}", invited_by=owner,
        invited_at=OPEN, sent_at=OPEN, expires_at=OPEN + timedelta(days=14),
    )  # fmt: skip
    draft, _ = AnnouncementDraft.objects.get_or_create(
        cycle=cycle, defaults={"title": "草稿", "saved_at": OPEN, "saved_by": secretary}
    )
    AnnouncementAttachment.objects.create(draft=draft, title=f"附件{number}", file=file)
    Publication.objects.create(
        announcement=cycle.announcements.get(),
        channel="日报",
        published_on=OPEN.date(),
        noted_by=secretary,
        noted_at=OPEN,
    )
    return application


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_table_has_its_list(model: Any) -> None:
    window = admin.site._registry[model]
    assert isinstance(window, PortalModelAdmin)
    assert window.list_display != ("__str__",)
    assert window.search_fields or model in {Publication, CheckImport}


def test_each_list_and_each_row_opens_for_its_readers_and_is_searched(sign_in: Any, cycle: Any, said: Any) -> None:
    one_of_each(cycle)
    for reader in (person(Role.SECRETARIAT), hire("郑清源", Role.AUDITOR, by=None, at=START)):
        client = sign_in(reader)
        for model in OURS:
            listed = client.get(f"{url(model)}?o=-1.2.-3&q=")
            assert listed.context["cl"].result_count, model
            first = admin.site._registry[model].get_queryset(listed.wsgi_request).first()
            assert client.get(url(model, "change", first.pk)).status_code == 200, model
            assert client.get(f"{url(model)}?q=洛阳").status_code == 200, model
            assert client.get(url(model, "history", first.pk)).status_code in {200, 302}
            assert client.post(url(model, "change", first.pk), {}).status_code == 403


def test_each_list_costs_the_same_for_one_and_three(sign_in: Any, cycle: Any) -> None:
    client = sign_in(person(Role.SECRETARIAT))

    def counted() -> dict[Any, int]:
        found = {}
        for model in OURS:
            client.get(url(model))
            with CaptureQueriesContext(connection) as captured:
                client.get(url(model))
            found[model] = len(captured)
        return found

    one_of_each(cycle)
    one = counted()
    one_of_each(cycle)
    one_of_each(cycle)
    assert counted() == one


@pytest.mark.article(9)
def test_nobody_finds_the_unit_to_which_he_belonged(sign_in: Any, cycle: Any) -> None:
    application, secretary = one_of_each(cycle), person(Role.SECRETARIAT)
    client = sign_in(secretary)
    rows = {model: admin.site._registry[model] for model in OF_UNITS}
    assert all(window.get_queryset(client.get("/admin/").wsgi_request).exists() for window in rows.values())
    application.applicant.memberships.create(user=secretary, level="reader", starts_at=START, ends_at=START)
    request = client.get("/admin/").wsgi_request
    assert [model for model, window in rows.items() if window.get_queryset(request).exists()] == []


@pytest.mark.article(9)
@pytest.mark.parametrize("state", ["draft", "returned"])
def test_what_a_unit_is_still_writing_stays_shut(sign_in: Any, cycle: Any, said: Any, state: str) -> None:
    application = draft_application(cycle) if state == "draft" else submitted_application(cycle)
    client = sign_in(person(Role.SECRETARIAT))
    if state == "returned":
        screening.return_for_correction(
            application, {"contact": "请更正联系人。"}, by=person(Role.SECRETARIAT), at=OPEN, due_on=DUE
        )
    row = application.entries.first()
    assert client.get(url(Entry)).context["cl"].result_count == 0
    assert client.get(url(Entry, "change", row.pk)).status_code == 302
    assert client.get(url(Entry, "history", row.pk)).status_code == 404
    assert Unmerged not in admin.site._registry


@pytest.mark.article(9)
def test_who_opens_a_field_of_the_form_is_on_record_and_its_past_is_the_units(
    sign_in: Any, cycle: Any, said: Any
) -> None:
    application = one_of_each(cycle)
    client, row = sign_in(person(Role.SECRETARIAT)), application.entries.get(name="methods")
    before = AuditEvent.objects.count()
    assert VALUE not in said(client.get(url(Entry) + "?q=洛阳"))
    assert AuditEvent.objects.count() == before
    assert VALUE in said(client.get(url(Entry, "change", row.pk)))
    opened = AuditEvent.objects.order_by("-height").first()
    assert (opened.verb, opened.object_label) == ("read", str(application))
    assert client.get(url(Entry, "history", row.pk)).status_code == 302
    version = row.history.first().history_id
    assert client.get(f"/admin/applications/entry/{row.pk}/history/{version}/").status_code == 404


@pytest.mark.article(17)
def test_what_is_not_the_offices_is_left_out(sign_in: Any, cycle: Any, said: Any) -> None:
    one_of_each(cycle)
    client = sign_in(person(Role.SECRETARIAT))
    imported, invited, aside = CheckImport.objects.get(), Invitation.objects.get(), SetAside.objects.get()
    assert PRIVATE not in client.get(url(CheckImport, "change", imported.pk)).content.decode()
    assert invited.token_hash not in client.get(url(Invitation, "change", invited.pk)).content.decode()
    assert f"/application/{aside.application_id}/" not in client.get(url(SetAside, "change", aside.pk)).content.decode()


def test_verbs_and_pages_are_links(sign_in: Any, cycle: Any) -> None:
    application = one_of_each(cycle)
    client = sign_in(person(Role.SECRETARIAT))
    screened = reverse("applications:screening", args=[application.pk])
    claim, signal, recheck = Claim.objects.get(), Signal.objects.get(), Recheck.objects.get()
    lines = {
        Claim: [reverse("applications:propose_claim", args=[claim.pk]), claim.get_absolute_url()],
        Signal: [reverse("applications:dismiss_signal", args=[signal.pk]), screened],
        EligibilityDecision: [screened],
        Letter: [Letter.objects.get().get_absolute_url()],
        Reconsideration: [screened],
        ConfirmedList: [reverse("applications:confirmed_list", args=[cycle.pk])],
        Recheck: [recheck.get_absolute_url()],
        AnnouncementDraft: [reverse("applications:announcement_draft", args=[cycle.pk])],
        AnnouncementAttachment: [
            reverse("applications:detach_from_announcement", args=[AnnouncementAttachment.objects.get().pk])
        ],
        AwardCycle: [reverse("applications:recheck", args=[cycle.pk])],
    }
    for model, urls in lines.items():
        page = client.get(url(model, "change", model.objects.get().pk)).content.decode()
        assert [one for one in urls if f'href="{one}"' not in page] == [], model


@pytest.mark.article(8)
def test_every_page_of_the_screening_is_found_from_the_room(sign_in: Any, cycle: Any, said: Any) -> None:
    client = sign_in(person(Role.SECRETARIAT))
    empty = client.get("/secretariat/").content.decode()
    assert url(Recheck) in empty
    one_of_each(cycle)
    page = client.get("/secretariat/")
    signals = url(Signal) + "?state__exact=open"
    names = [reverse(f"applications:{name}", args=[cycle.pk]) for name in ("matrix", "confirmed_list")]
    names += [reverse("applications:roster"), reverse("applications:claims"), signals]
    for one in [*names, Recheck.objects.get().get_absolute_url()]:
        assert f'href="{one}"' in page.content.decode(), one
        assert client.get(one).status_code == 200
    assert "1条待核实" in said(page)
    assert client.get(signals).context["cl"].result_count == 1


def test_the_room_costs_the_same_for_one_and_three(sign_in: Any, cycle: Any) -> None:
    client, counts = sign_in(person(Role.SECRETARIAT)), []
    for _ in range(3):
        one_of_each(cycle)
        with CaptureQueriesContext(connection) as captured:
            client.get("/secretariat/")
        counts.append(len(captured))
    assert len(set(counts)) == 1


def test_long_values_break_inside_the_page(sign_in: Any, cycle: Any) -> None:
    page = sign_in(person(Role.SECRETARIAT)).get(url(AwardCycle, "change", cycle.pk)).content.decode()
    assert '<link href="/static/admin.css" rel="stylesheet">' in page
