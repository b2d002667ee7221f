"""第二十四条: a report's pages: what is shown to whom before it is handed in, and how its file is taken."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from award_portal import files
from monitoring import reports
from tests import factories_monitoring as made
from tests.factories_applications import pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def award(secretary, at, clock_at):
    return made.conferred_at_once(1, at=at)[0]


def url(name, *args):
    return reverse(f"monitoring:{name}", args=args)


def open_as(client, person, where):
    client.force_login(person)
    page = client.get(where)
    page.close()
    return page.status_code


@pytest.mark.article(24)
def test_what_is_not_handed_in_is_the_unit_s_own_business(client, award, secretary, auditor, at, said):
    owner, report = made.owner_of(award), award.reports.get(number=1)
    page, attached = url("report", report.pk), url("report_attachment", report.pk)
    row = reverse("admin:monitoring_performancereport_change", args=[report.pk])
    past = reverse("admin:monitoring_performancereport_history", args=[report.pk])
    whole = dict.fromkeys(reports.TEXTS, "只写到一半的话")

    def shown(person):
        client.force_login(person)
        found = ["只写到一半的话" in said(client.get(page)), open_as(client, person, attached) == 200]
        if person != owner:
            client.force_login(person)
            found += ["只写到一半的话" in client.get(row).content.decode()]
            assert client.get(past).status_code == 200
            assert "只写到一半的话" not in client.get(past).content.decode()
        return found

    reports.save_draft(report, **whole, file=pdf("附件.pdf"), by=owner, at=at)
    assert [shown(person) for person in (owner, secretary, auditor)] == [[True] * 2, [False] * 3, [False] * 3]
    reports.file_report(report, by=owner, at=at)
    assert [shown(person) for person in (owner, secretary, auditor)] == [[True] * 2, [True] * 3, [True] * 3]
    draft = report.history.order_by("history_id").filter(state="due").last()
    earlier = reverse("admin:monitoring_performancereport_simple_history", args=[report.pk, draft.history_id])
    earlier_page = client.get(earlier)
    assert earlier_page.status_code == 200
    assert "只写到一半的话" not in earlier_page.content.decode()
    reports.return_report(report, "请补充。", by=secretary, at=at)
    assert [shown(person) for person in (owner, secretary, auditor)] == [[True] * 2, [False] * 3, [False] * 3]


@pytest.mark.article(24)
def test_a_file_is_looked_into_by_the_form(client, award, said, monkeypatch):
    report = award.reports.get(number=1)
    where = url("write_report", report.pk)
    client.force_login(made.owner_of(award))
    page = client.post(where, {"action": "draft", "indicators": "写到一半", "file": SimpleUploadedFile("a.exe", b"MZ")})
    assert page.status_code == 422
    assert "“a.exe”" in said(page)
    assert "写到一半" in said(page)
    monkeypatch.setattr(files, "store", None)  # the act only records what the form has received
    assert client.post(where, {"action": "draft", "file": pdf("附件.pdf")}).status_code == 302
    report.refresh_from_db()
    assert report.file.name == "附件.pdf"
