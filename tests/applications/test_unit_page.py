"""第十、十五、十六条: what the unit finds on its pages: certificates to look at again, receipts and letters, an announcement withdrawn."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.urls import reverse

from applications import cycles, filling, hints, intake, letters, permissions, publication, receipts, screening
from applications.eligibility import Certificate, certificate_doubts
from award_portal import audit, documents
from award_portal.models import AuditEvent
from award_portal.roles import Role
from tests.conftest import START
from tests.factories_applications import (
    announced_cycle,
    draft_application,
    owner_of,
    person,
    submitted_application,
)

DAY, OPEN = timedelta(days=1), START + timedelta(hours=2)
DUE = OPEN.date() + 5 * DAY
REFERENCE = date(2027, 5, 31)
ANNOUNCED_NO_MORE = "申报公告已撤回，草稿保留，等候新的公告"


def page(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


# ── certificates ──


@pytest.mark.article(10)
@pytest.mark.parametrize(
    ("holder", "until", "reference", "other", "no_day", "expired"),
    [
        ("洛阳轴承有限公司", REFERENCE, REFERENCE, False, False, False),
        ("洛阳轴承有限公司", REFERENCE + DAY, REFERENCE, False, False, False),
        ("洛阳轴承有限公司", REFERENCE - DAY, REFERENCE, False, False, True),
        ("洛阳轴承有限公司", None, REFERENCE, False, True, False),
        ("洛阳轴承有限公司", REFERENCE - DAY, None, False, False, False),
        ("洛阳轴承有限公司", None, None, False, False, False),
        (" 洛阳 轴承\u3000有限公司 ", REFERENCE, REFERENCE, False, False, False),
        ("洛阳轴承有限公司二厂", REFERENCE, REFERENCE, True, False, False),
        ("", REFERENCE, REFERENCE, True, False, False),
        ("别的公司", REFERENCE - DAY, REFERENCE, True, False, True),
    ],
)
def test_a_certificate_is_the_units_own_and_lasts_to_the_reference_date(
    holder: str, until: date | None, reference: date | None, other: bool, no_day: bool, expired: bool
) -> None:
    found = certificate_doubts([Certificate("证书", holder, until)], "洛阳轴承有限公司", reference)
    assert [(one.other_holder, one.no_day, one.expired) for one in found] == (
        [(other, no_day, expired)] if other or no_day or expired else []
    )


@pytest.mark.article(10)
def test_names_are_compared_in_one_width() -> None:
    row = Certificate("证书", "洛阳ＡＢＣ（集团）公司", REFERENCE)
    assert certificate_doubts([row], "洛阳ABC(集团)公司", REFERENCE) == []


@pytest.mark.django_db
@pytest.mark.article(10)
def test_unit_and_secretariat_see_the_same_and_nothing_is_refused(client: Any, travel: Any, said: Any) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    owner, url = owner_of(application), page("fill_section", application.pk, "management")
    reference = application.cycle.reference_on
    row = {"name": "环境证书", "holder": "别的公司", "valid_until": (reference - DAY).isoformat()}
    client.force_login(owner)
    assert client.post(url, {"seen.certificates": filling.mark(_typed(application)), **_sent(row)}).status_code == 302
    words = said(client.get(url))
    assert "“环境证书”的持证单位与本单位名称不一致" in words
    assert "已过有效期" in words
    hint = hints.hints(type(application).objects.get())["quality_system"]
    assert hint.text == "环境证书的持有人与申报单位名称不一致；环境证书在基准日已过期。"
    own = {"name": "环境证书", "holder": application.applicant.name, "valid_until": reference.isoformat()}
    filling.fill(application, {"certificates": [own]}, by=owner, at=OPEN)
    assert "请核对；确有缘由的" not in said(client.get(url))
    assert not hints.hints(type(application).objects.get())["quality_system"].doubt


def _typed(application: Any) -> Any:
    return application.entries.get(name="certificates").value


def _sent(row: dict[str, str]) -> dict[str, str]:
    return {f"certificates.0.{name}": value for name, value in row.items()}


# ── receipts and letters ──


@pytest.mark.django_db
@pytest.mark.article(16, 27)
def test_the_receipt_names_the_chains_own_row_of_the_submission(client: Any, travel: Any, said: Any) -> None:
    travel(OPEN)
    application = submitted_application(announced_cycle(), at=OPEN)
    version = application.versions.get()
    anchor = receipts.anchor_of(version)
    height, _, digest = anchor.partition(":")
    row = AuditEvent.objects.get(height=int(height))
    assert (row.title, row.object_id, row.at, row.hash) == ("提交申报", str(application.pk), version.at, digest)
    audit.append(by=None, verb="later", title="其后", at=OPEN)
    assert audit.verify(anchor) is None
    assert audit.verify(f"{height}:{'0' * 64}") is not None
    context = receipts.context_of(application, version)
    assert (context["anchor"], context["version"].sha256) == (anchor, application.manifest_hash)
    client.force_login(owner_of(application))
    words = said(client.get(page("receipt", application.pk)))
    for word in (application.number, application.manifest_hash, anchor):
        assert word in words
    if documents.why_not_ready():
        pytest.skip(documents.why_not_ready())
    assert anchor in documents.render_to_string("documents/receipt.html", context)
    assert pikepdf.open(BytesIO(documents.render("documents/receipt.html", context))).pages


@pytest.mark.django_db
@pytest.mark.article(16, 17)
def test_the_units_page_lists_its_letters_and_the_receipt_of_every_version(client: Any, travel: Any, said: Any) -> None:
    travel(OPEN)
    application = submitted_application(announced_cycle(), at=OPEN)
    owner, secretary = owner_of(application), person(Role.SECRETARIAT)
    receipts._keep(application, b"%PDF-1", "申报回执一.pdf", by=None, at=OPEN)
    screening.return_for_correction(application, {"contact": "请补电话。"}, by=secretary, at=OPEN, due_on=DUE)
    intake.fill(application, {"contact_phone": "0379-1"}, by=owner, at=OPEN + DAY)
    intake.correct(application, by=owner, at=OPEN + DAY)
    receipts._keep(application, b"%PDF-2", "申报回执二.pdf", by=None, at=OPEN + DAY)
    letter = letters._keep(application, "accepted", "k1", b"%PDF-3", "结论书.pdf", by=None, at=OPEN + 2 * DAY)
    assert [row.name for row in permissions.receipts_of(application)] == ["申报回执二.pdf", "申报回执一.pdf"]
    travel(OPEN + 3 * DAY)
    client.force_login(owner)
    shown = client.get(page("application", application.pk)).content.decode()
    listed = re.search(r"文书和回执</h2>(.*?)</ul>", shown, re.DOTALL)
    assert re.findall(r'href="([^"]+)"', listed[1]) == [
        letter.get_absolute_url(),
        *(page("file", application.pk, row.pk) for row in permissions.receipts_of(application)),
    ]
    for url in re.findall(r'href="([^"]+)"', listed[1]):
        answer = client.get(url)
        answer.close()
        assert answer.status_code == 200
    assert permissions.receipts_of(submitted_application(application.cycle, at=OPEN)).count() == 0
    client.force_login(secretary)
    assert "文书和回执" not in said(client.get(page("application", application.pk)))


# ── an announcement withdrawn ──


@pytest.mark.django_db
@pytest.mark.article(15, 16)
def test_without_an_announcement_the_units_pages_say_so_and_show_no_empty_deadline(
    client: Any, travel: Any, said: Any
) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    pages = [
        page("mine"),
        page("application", application.pk),
        page("fill_section", application.pk, "contact"),
        page("fill_part", application.pk, "self_assessment", "4.1.2"),
        page("files", application.pk),
        page("submit", application.pk),
    ]
    for url in pages:
        assert ANNOUNCED_NO_MORE not in said(client.get(url)), url
    publication.withdraw_announcement(application.cycle, by=person(Role.SECRETARIAT), at=OPEN, reason="材料清单有误")
    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert ANNOUNCED_NO_MORE in said(answer), url
        assert "受理截止" not in said(answer), url
    cycles.cancel(type(application.cycle).objects.get(), by=person(Role.SECRETARIAT), at=OPEN, reason="重新组织")
    assert ANNOUNCED_NO_MORE not in said(client.get(page("application", application.pk)))
