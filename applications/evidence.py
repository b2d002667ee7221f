"""自我评价报告和证实性材料: uploads of a draft or an open correction (第十六、十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.drafting import opened, touched, within_correction
from applications.models import Application, Evidence
from award_portal import files
from award_portal.lifecycle import act, discard, store
from award_portal.verdict import Refused


@act("上传自我评价报告", 16)
def attach_self_assessment(application: Application, upload: Any, *, by: Any, at: datetime) -> Application:
    """第十六条: this function will take the self-assessment report, as PDF or OFD; a new one replaces the old."""
    opened(application, by, at)
    within_correction(application, {"self_assessment"})
    if not str(upload.name).lower().endswith(".pdf"):
        raise Refused("自我评价报告请上传PDF文件。", 16, "upload")
    stored = _taken(upload, "document", by, at)
    store(application, self_assessment=stored)
    touched(application, by, at)
    return application


@act("上传证实性材料", 16)
def attach_evidence(
    application: Application, upload: Any, category: str, title: str, *, by: Any, at: datetime
) -> Evidence:
    """第十六条: this function will take one file of evidence; the same content is not taken twice."""
    opened(application, by, at)
    within_correction(application, {"evidence"})
    if category not in Evidence.Category.values:
        raise Refused("请选择材料类别。", 16, "category")
    stored = _taken(upload, "evidence", by, at)
    twin = application.evidence.filter(file__sha256=stored.sha256).first()
    if twin is not None:
        raise Refused(f"该文件与已上传的“{twin.title}”内容相同。", 16, "upload")
    row = store(Evidence(application=application, category=category, title=title or stored.name, file=stored))
    touched(application, by, at)
    return row


def look_into(upload: Any, kind: str) -> files.Received:
    """第十六条: this function will look into an upload before any transaction begins: it may take seconds, and nobody waits."""
    try:
        return files.receive(upload, kind=kind)
    except Refused as refusal:
        raise Refused(refusal.reason, refusal.article or 16, "upload") from refusal


def _taken(upload: Any, kind: str, by: Any, at: datetime) -> Any:
    received = upload if isinstance(upload, files.Received) else look_into(upload, kind)
    return files.record(received, by=by, at=at)


@act("移除证实性材料", 16)
def remove_evidence(evidence: Evidence, *, by: Any, at: datetime) -> Application:
    """第十六条: this function will take a file out of a draft or an open correction; the content stays in the store."""
    application = evidence.application
    opened(application, by, at)
    within_correction(application, {"evidence"})
    discard(evidence)
    touched(application, by, at)
    return application
