"""Everything a unit entered, to take along: the form as PDF and Word, the report, the files, and a list with digests (第十六条)."""

from __future__ import annotations

import json
import tempfile
import zipfile
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from applications import printing, report_figures, report_pdf, report_word_out
from applications.materials import manifest_of, report_of, rubric_of, values_of
from applications.models import Application, Recommendation
from applications.paper import form_of, years_of
from applications.reading import Chapter, Table, chapters
from award_portal import audit, clock, documents, files
from award_portal.models import StoredFile
from award_portal.verdict import Refused

README = "申报材料.json 列出本压缩包对应的全部填报内容和每个文件的SHA-256。\n"


def _chapters(application: Application) -> list[Chapter]:
    found = chapters(form_of(application.cycle), values_of(application))
    return [chapter for chapter in found if chapter.code != "pledge"]


def form_pdf(application: Application) -> bytes:
    """第十六条: this function will print the form in the look of the paper form."""
    sections = [
        {
            "title": printing.heading(number),
            "rows": chapter.rows,
            "tables": [{"caption": t.caption, "columns": t.columns, "rows": t.rows} for t in chapter.tables],
        }
        for number, chapter in enumerate(_chapters(application), start=1)
    ]
    return printing.pdf(application, sections)


def form_docx(application: Application) -> bytes:
    """第十六条: this function will write the form as a Word file."""
    document, content = Document(), BytesIO()
    document.core_properties.author = application.applicant.name
    document.core_properties.last_modified_by = ""
    normal = document.styles["Normal"]
    normal.font.size = Pt(11)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    document.add_heading(f"{application.applicant.name}申报表", 0)
    for number, chapter in enumerate(_chapters(application), start=1):
        document.add_heading(printing.heading(number), 1)
        if chapter.rows:
            _grid(document, Table("", [], [[label, text or printing.EMPTY] for label, text in chapter.rows]))
        for table in chapter.tables:
            document.add_paragraph(table.caption)
            _grid(document, table)
    document.save(content)
    return content.getvalue()


def _grid(document: Any, table: Table) -> None:
    lines = [table.columns, *table.rows] if table.columns else table.rows
    if not lines:
        return
    grid = document.add_table(rows=0, cols=max(len(line) for line in lines), style="Table Grid")
    for line in lines:
        for cell, text in zip(grid.add_row().cells, line, strict=False):
            cell.text = report_word_out.clean(str(text))


def report_docx(application: Application) -> bytes:
    """第十六条: this function will write the self-evaluation report as a Word file."""
    texts, tables = report_of(values_of(application))
    unit = application.applicant.name
    title = f"{unit}自我评价报告"
    figures = report_figures.printed(application)
    return report_word_out.write(
        title, unit, texts, tables, rubric_of(application), years_of(application.cycle), figures
    )


def report_as_pdf(application: Application, at: datetime) -> bytes:
    """第十六条: this function will print the self-evaluation report, with its charts."""
    texts, tables = report_of(values_of(application))
    unit, limits = application.applicant.name, form_of(application.cycle).limits
    context = report_pdf.context(
        f"{unit}自我评价报告", unit, texts, tables, rubric_of(application), years_of(application.cycle),
        profile_limit=limits["profile"], report_limit=limits["report"], issued_on=clock.today(at),
        figures=report_figures.printed(application),
    )  # fmt: skip
    return documents.render(report_pdf.TEMPLATE, context, on_missing="mark")


def everything(application: Application, at: datetime) -> IO[bytes]:
    """第十六条: this function will pack all that the unit entered into one ZIP, with the manifest and its SHA-256; a file that is
    held back by the virus check is named in the list and left out."""
    manifest = manifest_of(application)
    packed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the answer, which closes it
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("申报表.pdf", form_pdf(application))
        archive.writestr("申报表.docx", form_docx(application))
        archive.writestr("自我评价报告.pdf", report_as_pdf(application, at))
        archive.writestr("自我评价报告.docx", report_docx(application))
        left_out = _pack_files(application, archive)
        scanned = [
            {"department": name, "file": scan.name, "sha256": scan.sha256} for name, scan in _scanned(application)
        ]
        listed = {
            "sha256": audit.digest(manifest),
            "at": at.isoformat(),
            "left_out": left_out,
            "manifest": manifest,
            "recommendations": scanned,
        }
        archive.writestr("申报材料.json", json.dumps(listed, ensure_ascii=False, indent=1))
        archive.writestr("说明.txt", README)
    packed.seek(0)
    return packed


def _scanned(application: Application) -> list[tuple[str, StoredFile]]:
    """The scans that came with signed recommendations; not part of the manifest: the unit did not make them."""
    signed = application.recommendations.filter(state=Recommendation.State.SIGNED)
    rows = signed.select_related("department", "scan").order_by("pk")
    return [(row.department.name, row.scan) for row in rows if row.scan is not None]


def _pack_files(application: Application, archive: zipfile.ZipFile) -> list[str]:
    stored = [application.self_assessment] if application.self_assessment else []
    stored += [row.file for row in application.evidence.select_related("file").order_by("pk")]
    stored += [scan for _, scan in _scanned(application)]
    left_out = []
    for number, one in enumerate(stored, start=1):
        name = f"材料/{number:02d}-{one.name}"
        try:
            with files.open_stored(one) as content, archive.open(name, "w") as place:
                while chunk := content.read(1 << 20):
                    place.write(chunk)
        except Refused:
            left_out.append(one.name)
    return left_out
