"""回执: number, time and SHA-256 of what was handed in, as a document made once (第十六条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import Application, ApplicationVersion
from award_portal import documents, files, outbox, regulation
from award_portal.lifecycle import act, lock, store
from award_portal.models import AuditEvent, OutboxMessage

HANDED_IN = ("提交申报", "提交补正")  # the titles of the acts that make a version


@outbox.handles("receipt")
def make_receipt(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十六条: this function will make the receipt of one version; an older version's is no longer the one to show."""
    application = Application.objects.select_related("applicant", "cycle").get(pk=message.payload["application"])
    version = application.versions.select_related("by").get(number=message.payload["version"])
    if version.number < application.versions.count():
        return None
    content = documents.render("documents/receipt.html", context_of(application, version))
    name = f"申报回执{application.number}" + (f"（第{version.number}版）" if version.number > 1 else "")
    return lambda: _keep(application, content, f"{name}.pdf", by=None, at=at)


def context_of(application: Application, version: ApplicationVersion) -> dict[str, Any]:
    """第十六条: this function will give what the receipt says."""
    text = regulation.load(application.cycle.regulation)
    manifest = version.manifest
    listed = [{"title": "自我评价报告", **manifest["self_assessment"]}, *manifest["evidence"]]
    return {
        "application": application, "version": version, "files": listed, "title": "申报回执", "text": text,
        "issuer": f"{text.award_short_name}评定委员会秘书处", "issued_on": version.at,
        "anchor": anchor_of(version),
    }  # fmt: skip


def anchor_of(version: ApplicationVersion) -> str:
    """第十六、二十七条: this function will give the head of the audit chain (`height:hash`) as the version was handed in.

    It is the chain's own row of that submission, so that the receipt proves the row and all before it: see `audit.verify`.
    """
    application = version.application
    rows = AuditEvent.objects.filter(
        object_type=application._meta.label, object_id=str(application.pk), at=version.at, title__in=HANDED_IN
    )
    row = rows.order_by("-height").first()
    return f"{row.height}:{row.hash}" if row else ""


@act("回执成文", 16)
def _keep(application: Application, content: bytes, name: str, *, by: Any, at: datetime) -> Application:
    return store(lock(application), receipt=files.store_bytes(content, name, "application/pdf", at=at))
