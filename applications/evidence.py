"""自我评价报告和证实性材料: uploads of a draft or an open correction (第十六、十七条)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet, Sum

from applications.drafting import opened, touched, within_correction
from applications.evidence_plan import BY_CODE, NOT_ASKED
from applications.materials import CORRECTABLE
from applications.models import Applicant, Application, AwardCycle, Evidence
from applications.quarantine import usable, usable_of
from award_portal import allowance, files, rubric
from award_portal.lifecycle import act, discard, lock, store
from award_portal.models import StoredFile
from award_portal.verdict import Refused
from award_portal.wording import file_size

__all__ = ["usable", "usable_of"]

MB = 1024 * 1024
TITLE = 100
DEFAULT_FILE_MB, DEFAULT_APPLICATION_MB = 50, 1024


class Twin(Refused):
    """The same content has been handed in already; `twin` is what it is called there."""

    def __init__(self, reason: str, article: int | None = None, field: str | None = None, twin: str = "") -> None:
        super().__init__(reason, article, field)
        self.twin = twin


# ── limits ──


@dataclass(frozen=True)
class Room:
    """How large one file may be, how large all of an application's, and what is taken of it, in bytes."""

    one: int
    whole: int
    used: int

    @property
    def left(self) -> int:
        """第十六条: what may still be handed in."""
        return max(0, self.whole - self.used)

    @property
    def percent(self) -> int:
        """第十六条: the part that is taken, in hundredths, rounded up."""
        return min(100, -(-self.used * 100 // self.whole)) if self.whole else 100


def limits_of(cycle: AwardCycle) -> tuple[int, int]:
    """第七、十六条: this function will give the cycle's limits in bytes: for one file, and for an application's files."""
    rules = cycle.rules.adopted().first()
    one = getattr(rules, "file_limit_mb", DEFAULT_FILE_MB) * MB
    return min(one, settings.UPLOAD_MAX_BYTES), getattr(rules, "application_limit_mb", DEFAULT_APPLICATION_MB) * MB


def room_of(application: Application) -> Room:
    """第十六条: this function will count the application's files against the rules; the same content counts once."""
    one, whole = limits_of(application.cycle)
    return Room(one, whole, used_by(application))


def used_by(application: Application, *, without: StoredFile | None = None) -> int:
    """第十六条: this function will add up, in the database, the sizes of the application's distinct files."""
    kept = Q(pk__in=application.evidence.values("file")) | Q(pk=application.self_assessment_id)  # type: ignore[attr-defined]
    distinct = StoredFile.objects.filter(kept).order_by().values("sha256", "size").distinct()
    if without is not None:
        distinct = distinct.exclude(sha256=without.sha256)
    return distinct.aggregate(used=Sum("size"))["used"] or 0


def make_sure_it_fits(application: Application, upload: Any, kind: str, *, by: Any, at: datetime) -> None:
    """第十六条: this function will refuse an upload for which there is no room before its content is put into the store.

    Asked without a lock, to spare the store; the act asks again.
    """
    replaced = application.self_assessment if kind == "document" else None
    _within_limits(application, files.clean_name(upload.name or ""), upload.size or 0, by, at, replaced)


def _within_limits(
    application: Application, name: str, size: int, by: Any, at: datetime, replaced: StoredFile | None = None
) -> None:
    """Refuses what exceeds the file's, the application's or the day's limit; in an act the application's lock guards all three."""
    one, whole = limits_of(application.cycle)
    if size > one:
        raise Refused(f"“{name}”超过{one // MB}MB，请压缩或者拆分后上传。", 16, "upload")
    left = max(0, whole - used_by(application, without=replaced))
    if size > left:
        raise Refused(
            f"一份申报的文件合计不超过{whole // MB}MB，还可以上传{file_size(left)}，“{name}”有{file_size(size)}。",
            16, "upload",
        )  # fmt: skip
    handed_in = today_by(application.applicant, at)
    of_unit = allowance.fits("一个单位", handed_in, settings.UPLOAD_DAILY_UNIT_BYTES, name, size, at)
    verdict = of_unit and allowance.of_account(by, name, size, at)
    if not verdict:
        raise Refused(verdict.reason, verdict.article, "upload")


def today_by(unit: Applicant, at: datetime) -> QuerySet[StoredFile]:
    """第十六条: this function will give what the unit's people handed in for its applications today, also what they removed again."""
    attached = Evidence.history.filter(application__applicant=unit).values("file")  # type: ignore[attr-defined]
    reports = Application.history.filter(applicant=unit).exclude(self_assessment=None).values("self_assessment")
    return allowance.today(at).filter(Q(pk__in=attached) | Q(pk__in=reports))


# ── what is handed in ──


@act("上传自我评价报告", 16)
def attach_self_assessment(application: Application, upload: Any, *, by: Any, at: datetime) -> Application:
    """第十六条: this function will take the self-assessment report as a finished PDF; a new one replaces the old."""
    opened(application, by, at)
    within_correction(application, {"self_assessment"})
    if not str(upload.name).lower().endswith(".pdf"):
        raise Refused("自我评价报告请上传PDF文件。", 16, "upload")
    received = _received(application, upload, "document")
    twin = application.evidence.filter(file__sha256=received.sha256).first()
    if twin is not None:
        raise Twin(f"该文件与已上传的证实性材料“{twin.title}”内容相同。", 16, "upload", twin.title)
    _within_limits(application, received.name, received.size, by, at, application.self_assessment)
    store(application, self_assessment=files.record(received, by=by, at=at))
    touched(application, by, at)
    return application


@act("上传证实性材料", 16)
def attach_evidence(
    application: Application,
    upload: Any,
    category: str,
    title: str = "",
    items: Iterable[str] = (),
    note: str = "",
    confidential_reason: str = "",
    *,
    by: Any,
    at: datetime,
) -> Evidence:
    """第十六条: this function will take one file of evidence; the same content is not taken twice, the file names it if nobody does."""
    opened(application, by, at)
    within_correction(application, {"evidence"})
    described = _described(application, category, items, note, confidential_reason)
    received = _received(application, upload, "evidence")
    _no_twin(application, received)
    _within_limits(application, received.name, received.size, by, at)
    stored = files.record(received, by=by, at=at)
    row = Evidence(application=application, title=_title(title) or title_of(stored.name), file=stored, **described)
    store(row)
    touched(application, by, at)
    return row


@act("修改证实性材料", 16)
def describe_evidence(
    evidence: Evidence,
    category: str,
    title: str,
    items: Iterable[str] = (),
    note: str = "",
    confidential_reason: str = "",
    *,
    by: Any,
    at: datetime,
) -> Evidence:
    """第十六条: this function will rename a file of evidence, move it to another category, or say what it proves."""
    application = opened(evidence.application, by, at)
    within_correction(application, {"evidence"})
    _still_there(evidence)
    if not _title(title):
        raise Refused("请填写名称。", 16, "title")
    described = _described(application, category, items, note, confidential_reason, now=evidence.category)
    store(evidence, title=_title(title), **described)
    touched(application, by, at)
    return evidence


@act("移除证实性材料", 16)
def remove_evidence(evidence: Evidence, *, by: Any, at: datetime) -> Application:
    """第十六条: this function will take a file out of a draft or an open correction; the content stays until a sweep takes it away."""
    application = evidence.application
    opened(application, by, at)
    within_correction(application, {"evidence"})
    _still_there(evidence)
    discard(evidence)
    touched(application, by, at)
    return application


def _still_there(evidence: Evidence) -> None:
    try:
        lock(evidence)
    except Evidence.DoesNotExist as error:
        raise Refused("该文件已经移除。", 16) from error


@act("移除自我评价报告", 16)
def remove_self_assessment(application: Application, *, by: Any, at: datetime) -> Application:
    """第十六条: this function will take the attached report out again; the report that is written in the form stays."""
    opened(application, by, at)
    within_correction(application, {"self_assessment"})
    store(application, self_assessment=None)
    return touched(application, by, at)


def look_into(upload: Any, kind: str, max_bytes: int | None = None) -> files.Received:
    """第十六条: this function will look into an upload before any transaction begins: it may take seconds, and nobody waits."""
    try:
        return files.receive(upload, kind=kind, max_bytes=max_bytes)
    except Refused as refusal:
        raise Refused(refusal.reason, refusal.article or 16, "upload") from refusal


def title_of(name: str) -> str:
    """第十六条: this function will make a title of a file's name: the name without its ending."""
    return _title(PurePath(name).stem) or "证实性材料"


# ── what it is said to be ──


def linkable(application: Application) -> list[tuple[str, list[tuple[str, str]]]]:
    """第十三、十六条: this function will list what evidence may be linked to: the form's sections and the rubric's items."""
    sections = [(code, title) for code, title in CORRECTABLE if code not in {"evidence", "self_assessment"}]
    rules = application.cycle.rules.adopted().first()
    standard = rubric.load(rules.rubric if rules else settings.RUBRIC)
    items = [(item.code, f"{item.code} {item.name}") for item in standard.items]
    return [("申报表栏目", sections), ("自我评价条款", items)]


def links_of(row: Evidence, names: dict[str, str]) -> list[str]:
    """第十六条: this function will name what a piece of evidence is linked to; a code that is no longer known stays as it is."""
    return [names.get(code, code) for code in row.items]


def _described(
    application: Application, category: str, items: Iterable[str], note: str, reason: str, now: str = ""
) -> dict[str, Any]:
    known = BY_CODE.get(category)
    if known is None:
        raise Refused("请选择材料类别。", 16, "category")
    if not known.brought and category != now:
        raise Refused(f"“{known.title}”由秘书处核查取得，不用上传（{NOT_ASKED}）。", 16, "category")
    order = [code for _, group in linkable(application) for code, _ in group]
    chosen = set(items)
    if chosen - set(order):
        raise Refused("所选的栏目或条款不在本届申报表内，请重新选择。", 16, "items")
    reason = " ".join(reason.split())[:200]
    return {
        "category": category,
        "items": [code for code in order if code in chosen],
        "note": " ".join(note.split())[:300],
        "confidential": bool(reason),
        "confidential_reason": reason,
    }


def _title(text: str) -> str:
    return " ".join(text.split())[:TITLE]


def _received(application: Application, upload: Any, kind: str) -> files.Received:
    if isinstance(upload, files.Received):
        return upload
    return look_into(upload, kind, limits_of(application.cycle)[0])


def _no_twin(application: Application, received: files.Received) -> None:
    twin = application.evidence.filter(file__sha256=received.sha256).first()
    if twin is not None:
        raise Twin(f"“{received.name}”与已上传的“{twin.title}”内容相同。", 16, "upload", twin.title)
    report = application.self_assessment
    if report is not None and report.sha256 == received.sha256:
        raise Twin(f"“{received.name}”与已上传的自我评价报告“{report.name}”内容相同。", 16, "upload", report.name)
