"""Where a draft stands: the rail of its steps and, for each thing that is missing, the place where it is mended (第十六条)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from applications.materials import BY_CODE, CORRECTABLE, Missing, missing
from applications.models import Application

PLACES = {"evidence": "files", "recommendation": "request_recommendation"}
LAST = (("files", "证实性材料"), ("request_recommendation", "部门推荐"), ("submit", "核对提交"))


def steps(obj: Application, current: str) -> list[dict[str, Any]]:
    """第十六条: this function will give the rail of a draft: its sections, the files, the recommendation, the submission."""
    return rail(obj, missing(obj), current)


def rail(obj: Application, lacking: list[Missing], current: str) -> list[dict[str, Any]]:
    """第十六条: this function will give the rail where it is known already what is lacking."""
    open_sections = {line.section for line in lacking}
    sections = [(code, title) for code, title in CORRECTABLE if code != "evidence"] + [("pledge", BY_CODE["pledge"])]
    listed = [
        _step(title, code in open_sections, code == current, reverse("applications:fill_section", args=[obj.pk, code]))
        for code, title in sections
    ]
    done = {"files": "evidence" not in open_sections, "request_recommendation": "recommendation" not in open_sections}
    return listed + [
        _step(title, not done.get(name, obj.state != Application.State.DRAFT), name == current, reverse(f"applications:{name}", args=[obj.pk]))
        for name, title in LAST
    ]  # fmt: skip


def _step(label: str, todo: bool, current: bool, url: str) -> dict[str, Any]:
    state = "current" if current else "todo" if todo else "done"
    return {"label": label, "state": state, "note": "未完成" if todo else "", "url": url}


def places(obj: Application, lacking: list[Missing], code: str = "", part: str = "") -> list[dict[str, Any]]:
    """第十六条: this function will put to each missing thing the address where it is mended; those of the page itself come first."""
    ordered = sorted(lacking, key=lambda line: (line.section != code, line.part != part)) if code else lacking
    return [{"text": line.text, "article": line.article, "url": _place(obj, line)} for line in ordered]


def _place(obj: Application, line: Missing) -> str:
    if line.section in PLACES:
        return reverse(f"applications:{PLACES[line.section]}", args=[obj.pk])
    anchor = "#id_" + line.field.replace(".", "-") if line.field else ""
    if line.part:
        return reverse("applications:fill_part", args=[obj.pk, line.section, line.part]) + anchor
    return reverse("applications:fill_section", args=[obj.pk, line.section]) + anchor
