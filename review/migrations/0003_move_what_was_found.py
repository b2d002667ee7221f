"""What reviewers wrote beside a percentage becomes findings; what was locked, visited and signed gets its record."""

import re
from decimal import Decimal

from django.db import migrations

PARTED = re.compile(r"\A优势[：:](.*?)改进[：:](.*)\Z", re.DOTALL)
PASSES = 50  # percent: a remark without heads is a strength from here on


def findings_of(score):
    """The remark of one item as findings: (kind, text), never empty where something was written."""
    text = score.remark.strip()
    parted = PARTED.match(text)
    if parted:
        pairs = zip(("strength", "improvement"), (part.strip(" ；。\n") for part in parted.groups()))
        found = [(kind, part) for kind, part in pairs if part]
        if found:
            return found
    kind = "strength" if score.percent is None or score.percent >= PASSES else "improvement"
    return [(kind, text)] if text else []


def move_remarks(apps, schema_editor):
    finding = apps.get_model("review", "Finding")
    for score in apps.get_model("review", "Score").objects.exclude(remark="").iterator():
        for kind, text in findings_of(score):
            finding.objects.create(sheet_id=score.sheet_id, item=score.item, kind=kind, position=1, text=text)


def write_versions(apps, schema_editor):
    """A locked sheet carries its reviewer's name, the rubric it was scored by, and its first version."""
    from award_portal import audit

    rules = apps.get_model("applications", "CycleRules")
    version = apps.get_model("review", "SheetVersion")
    sheets = apps.get_model("review", "ScoreSheet").objects.select_related(
        "seat__reviewer__user", "review__assignment__application"
    )
    for sheet in sheets:
        cycle = sheet.review.assignment.application.cycle_id
        adopted = rules.objects.filter(cycle=cycle, state="adopted").order_by("-version").first()
        if adopted is not None:
            sheet.rubric = adopted.rubric
        name = sheet.seat.reviewer.user.name
        sheet.signed_name = name if sheet.locked_at else ""
        sheet.save(update_fields=["rubric", "signed_name"])
        if sheet.locked_at is None:
            continue
        content = snapshot(sheet)
        version.objects.create(
            sheet=sheet, number=1, content=content, sha256=audit.digest(content), signed_name=name, locked_at=sheet.locked_at
        )


def snapshot(sheet):
    """The sheet whole, as the portal writes it down at a lock."""
    kept = [row for row in sheet.scores.all().order_by("pk") if row.percent is not None]
    scores = {row.item: {"percent": row.percent, "points": f"{row.points:.2f}", "remark": row.remark} for row in kept}
    found = [
        {"item": row.item, "kind": row.kind, "text": row.text, "source": "", "page": None}
        for row in sheet.findings.all().order_by("item", "kind", "position", "pk")
    ]
    total = sum((row.points or Decimal(0) for row in kept), Decimal(0))
    return {
        "rubric": sheet.rubric, "key_factors": sheet.key_factors, "first_thoughts": sheet.first_thoughts,
        "scores": scores, "findings": found, "total": f"{total:.2f}",
    }


def record_visits(apps, schema_editor):
    """Every site review has its visit; one that was concluded before visits were recorded says so."""
    from award_portal import audit

    visit = apps.get_model("review", "SiteVisit")
    for review in apps.get_model("review", "StageReview").objects.filter(stage="site"):
        ends_on = review.visited_on or review.opened_at.date()
        row = visit(review=review, ends_on=ends_on)
        if review.state == "concluded":
            row.state, row.closings, row.closed_at = "closed", 1, review.concluded_at
            row.closing = review.findings or "转入前已完成的现场评审，当时没有单独记录末次会议。"
            row.sha256 = audit.digest({"review": review.pk, "closing": row.closing})
        row.save()


def finish_reports(apps, schema_editor):
    """A report that the lead had signed was final: his signature was the only one asked for."""
    from award_portal import audit

    signature = apps.get_model("review", "ReportSignature")
    seats = apps.get_model("review", "PanelSeat")
    for report in apps.get_model("review", "ReviewReport").objects.select_related("assignment", "signed_by"):
        words = {name: getattr(report, name) for name in ("strengths", "improvements", "recommendation")}
        report.state, report.round = "final", 1
        report.overall = report.strengths
        report.written_by, report.written_at, report.final_at = report.signed_by, report.signed_at, report.signed_at
        report.sha256 = audit.digest(words)
        report.save()
        seat = seats.objects.filter(panel=report.assignment.panel_id, reviewer__user=report.signed_by).order_by("pk").last()
        if seat is not None:
            signature.objects.create(
                report=report, seat=seat, round=1, sha256=report.sha256, signed_name=report.signed_by.name,
                signed_at=report.signed_at,
            )
    for row in apps.get_model("review", "HistoricalReviewReport").objects.filter(written_at=None):
        row.written_by, row.written_at = row.signed_by, row.signed_at or row.history_date
        row.save(update_fields=["written_by", "written_at"])


class Migration(migrations.Migration):

    dependencies = [
        ("review", "0002_review_in_full"),
    ]

    operations = [
        migrations.RunPython(move_remarks, migrations.RunPython.noop),
        migrations.RunPython(write_versions, migrations.RunPython.noop),
        migrations.RunPython(record_visits, migrations.RunPython.noop),
        migrations.RunPython(finish_reports, migrations.RunPython.noop),
    ]
