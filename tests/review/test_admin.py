"""The secretariat's lists of the review: windows with links to the verbs, for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from review.models import Panel, Reviewer
from tests import factories_review as walk

pytestmark = [pytest.mark.django_db, pytest.mark.article(8)]


def test_lists_open_to_secretariat_and_auditors_only(
    cycle: Any, sign_in: Any, auditor: Any, travel: Any, at: Any
) -> None:
    travel(at)
    panel = walk.panel_for(cycle)
    lists = [
        reverse(f"admin:review_{name}_changelist")
        for name in (
            *("reviewer", "engagement", "recordconfirmation", "poolimport", "reviewbody", "bodycontract", "bodypledge"),
            *("bodydeclaration", "complaint", "discipline", "referral", "scorevoiding"),
            *("panel", "assignment", "reviewreport", "pledge"),
        )
    ]
    rows = [
        reverse("admin:review_panel_change", args=[Panel.objects.get().pk]),
        reverse("admin:review_reviewer_change", args=[Reviewer.objects.first().pk]),
    ]
    for person, code in ((walk.secretary_of(), 200), (auditor, 200), (walk.lead_of(panel), 302)):
        client = sign_in(person)
        assert {client.get(url).status_code for url in lists + rows} == {code}
    page = sign_in(walk.secretary_of()).get(rows[0]).content.decode()
    assert reverse("review:assign", args=[panel.pk]) in page
