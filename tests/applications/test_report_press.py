"""第十六条: how many pictures one document takes: each content made once, number and pixels bounded, what is left out is named."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.template.loader import render_to_string
from docx import Document

from applications import exports, report_figures
from applications.models import Application
from award_portal import documents
from tests.applications.test_report_figures import OPEN, attach, picture
from tests.factories_applications import announced_cycle, draft_application

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]


@pytest.fixture
def application(travel: Any) -> Application:
    travel(OPEN)
    return draft_application(announced_cycle())


def test_a_content_is_brought_into_print_once_however_often_it_is_shown(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(application, picture(), "现场", "4.1.2", "4.2.2", "4.3.2")
    attach(application, picture("车间.jpg", (50, 20)), "车间", "4.1.2")
    made, in_print = [], report_figures.in_print
    monkeypatch.setattr(report_figures, "in_print", lambda stored: made.append(stored.name) or in_print(stored))
    shown = [one for listed in report_figures.printed(application).values() for one in listed]
    assert [bool(one.content) for one in shown] == [True] * 4
    assert sorted(made) == ["现场.png", "车间.jpg"]


def test_a_document_takes_so_many_pictures_and_so_many_pixels_and_names_what_it_leaves_out(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(application, picture(size=(40, 30)), "一", "4.1.2", "4.2.2")
    attach(application, picture("二.png", (50, 20)), "二", "4.1.2")
    assert report_figures.TOO_LARGE.startswith("一份文档的图片合计不超过10亿像素")

    def left_out() -> dict[str, str]:
        shown = [one for listed in report_figures.printed(application).values() for one in listed]
        return {one.caption.split("（")[0]: one.caption.partition("（")[2] for one in shown if not one.content}

    monkeypatch.setattr(report_figures, "MOST", 3)
    assert left_out() == {}
    monkeypatch.setattr(report_figures, "MOST", 2)
    assert left_out() == {"图 4.2.2-1 一": "一份文档最多列入200张图片，本图略，请查阅证实性材料原件）"}
    monkeypatch.setattr(report_figures, "MOST", 3)
    monkeypatch.setattr(report_figures, "PIXELS", 40 * 30 + 50 * 20)
    assert left_out() == {}
    monkeypatch.setattr(report_figures, "PIXELS", 40 * 30 + 50 * 20 - 1)
    assert list(left_out()) == ["图 4.1.2-2 二"]
    texts = [one.text for one in Document(BytesIO(exports.report_docx(application))).paragraphs]
    assert f"图 4.1.2-2 二（{report_figures.TOO_LARGE}）" in texts
    monkeypatch.setattr(
        documents, "render", lambda template, context, **_: render_to_string(template, context).encode()
    )
    page = exports.report_as_pdf(application, OPEN).decode()
    assert f"图 4.1.2-2 二（{report_figures.TOO_LARGE}）" in page
