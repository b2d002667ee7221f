"""申报表 on paper: the form as it was handed in, in the look of the paper form, as PDF (第十六条)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from applications.models import Application, Recommendation
from award_portal import clock, documents, regulation
from award_portal.wording import cn_date, cn_datetime

EMPTY = "—"
SHORT, LONG = 16, 400  # characters: two answers to a line; an answer that may run over a page
NUMERALS = "一二三四五六七八九十"
# Sections A to K of the paper form; the opinions and the pledge are drawn by the template itself.
HEADINGS = (
    "基本情况", "联系人", "近三年主要指标", "产品或服务质量水平", "质量管理", "创新与品牌", "守法合规自我声明", "商业秘密声明", "承诺",
    "推荐和审查意见", "附件清单",
)  # fmt: skip
PLEDGE = (
    "本单位承诺：所提交的申报材料真实、准确、完整；自愿接受资格审查、材料评审和现场评审；知悉以弄虚作假等不正当手段"
    "取得奖项的，依法依规撤销并承担相应责任（第二十八条）；同意依法公示申报单位的非个人信息。"
)  # fmt: skip
Table = Mapping[str, Any]  # {"caption", "columns", "rows"}
Section = Mapping[str, Any]  # {"title", "rows": [(label, text)], "tables": [Table]}


def heading(number: int) -> str:
    """第十六条: this function will give the title of section A (1) to K (11): 一、基本情况."""
    return f"{_numeral(number)}、{HEADINGS[number - 1]}"


def _numeral(number: int) -> str:
    return NUMERALS[number - 1] if number <= 10 else f"十{NUMERALS[number - 11]}"


def pdf(application: Application, sections: Sequence[Section], *, pledge: str = PLEDGE) -> bytes:
    """第十六条: this function will make the form as PDF; a character that the fonts lack shows as 〓, since this is a copy."""
    return documents.render(
        "documents/application_form.html", context_of(application, sections, pledge=pledge), on_missing="mark"
    )


def context_of(application: Application, sections: Sequence[Section], *, pledge: str = PLEDGE) -> dict[str, Any]:
    """第十六条: this function will give what the printed form shows: the sections A to H as given, each with its title in full
    ("一、基本情况", see `heading`); pledge, opinions and list of files are added here. What is empty shows as a dash.
    """
    text = regulation.load(application.cycle.regulation)
    version = application.versions.order_by("-number").first()
    given = [_section(section) for section in sections]
    return {
        "application": application,
        "unit": application.applicant.name,
        "text": text,
        "title": f"{text.award_name}申报表",
        "sections": given,
        "opinions": opinions_of(application),
        "pledge": {"title": heading(9), "text": pledge, "made": application.pledged},
        "opinions_title": heading(10),
        "screening": _screening(application),
        "files": list(application.evidence.select_related("file").order_by("pk")),
        "files_title": heading(11),
        "version": version,
        "number": application.number or "",
        "sha256": application.manifest_hash,
        "handed_in": cn_datetime(version.at if version else application.submitted_at) if application.number else "",  # type: ignore[arg-type]
        "watermark": "" if application.number else "未提交",
        "issuer": application.applicant.name,
        "issued_on": _local(version.at if version else None),
    }


def _local(moment: datetime | None) -> Any:
    return clock.today(moment) if moment else None


def _section(section: Section) -> dict[str, Any]:
    rows = [(str(label), written(value)) for label, value in section.get("rows") or ()]
    return {
        "title": str(section.get("title", "")),
        "lines": _lines(rows),
        "tables": [_table(table) for table in section.get("tables") or ()],
    }


def _lines(rows: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Short answers stand two to a line, as on paper; a long one has its line to itself."""
    lines: list[dict[str, Any]] = []
    for label, value in rows:
        short = len(label) <= SHORT and len(value) <= SHORT and "\n" not in value
        last = lines[-1] if lines else None
        if short and last and last["open"]:
            last["pairs"].append((label, value))
            last["open"] = False
        else:
            lines.append({"pairs": [(label, value)], "open": short, "long": len(value) > LONG})
    return lines


def _table(table: Table) -> dict[str, Any]:
    rows = [[{"text": written(cell), "number": is_number(cell)} for cell in row] for row in table.get("rows") or ()]
    return {"caption": str(table.get("caption", "")), "columns": [str(name) for name in table["columns"]], "rows": rows}


def is_number(value: Any) -> bool:
    """第十六条: this function will say whether a cell is a figure, which stands to the right: 12,500.00, -3%."""
    return bool(re.fullmatch(r"[-−+]?[0-9][0-9,]*(\.[0-9]+)?%?", written(value)))


def written(value: Any) -> str:
    """第十六条: this function will write a value as text; what is empty as a dash, zero and no as they are."""
    if value is None or str(value).strip() == "":
        return EMPTY
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value).strip()


def opinions_of(application: Application) -> list[dict[str, Any]]:
    """第十六条: this function will give the signed recommendations: department, opinion, name, date, scan."""
    signed: Iterable[Recommendation] = (
        application.recommendations.filter(state=Recommendation.State.SIGNED)
        .select_related("department", "scan")
        .order_by("pk")
    )
    return [
        {
            "department": row.department.name,
            "scan": row.scan,
            "opinion": written(row.opinion),
            "name": written(row.signed_name),
            "date": cn_date(_local(row.signed_at)) if row.signed_at else EMPTY,
        }
        for row in signed
    ]


def _screening(application: Application) -> dict[str, str]:
    """The secretariat's part: empty lines on paper until there is a conclusion."""
    decided = application.state in {
        Application.State.ACCEPTED, Application.State.DECLINED, Application.State.DISQUALIFIED,
    }  # fmt: skip
    return {
        "result": application.get_state_display() if decided else "",
        "reason": application.decision_reason.strip() if decided else "",
        "date": cn_date(_local(application.decided_at)) if decided and application.decided_at else "",
    }
