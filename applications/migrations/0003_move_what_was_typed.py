"""What stood in columns of the application and in yearly figures becomes entries of the form: nothing typed is lost."""

from django.db import migrations

TEXTS = (
    "address", "legal_representative", "industry", "size", "products", "summary", "contact_name", "contact_phone", "contact_email",
)
DATES = ("established_on", "operating_since")
FIGURES = ("revenue", "profit", "tax")


def typed(application):
    """Every field of an application as a person would have typed it."""
    found = {name: getattr(application, name) for name in TEXTS}
    found |= {name: day.isoformat() for name in DATES if (day := getattr(application, name))}
    if application.employees is not None:
        found["employees"] = str(application.employees)
    found["specialised"] = "yes" if application.specialised else "no"
    found["pledged"] = "yes" if application.pledged else ""
    for row in application.figures.all():
        found |= {f"figure.{name}.{row.year}": f"{getattr(row, name):.2f}" for name in FIGURES}
    return {name: value for name, value in found.items() if value}


def move(apps, schema_editor):
    entry = apps.get_model("applications", "Entry")
    history = apps.get_model("applications", "HistoricalEntry")
    for application in apps.get_model("applications", "Application").objects.select_related("cycle", "applicant"):
        at = application.submitted_at or application.cycle.opens_at or application.applicant.registered_at
        for name, value in typed(application).items():
            row = entry.objects.create(application=application, name=name, value=value, saved_at=at, saved_by=application.submitted_by)
            history.objects.create(
                id=row.pk, application=application, name=name, value=value, saved_at=at, saved_by=application.submitted_by,
                history_date=at, history_type="+", history_user=application.submitted_by, history_change_reason="第十六条 转入填报内容",
            )


def move_checks(apps, schema_editor):
    """A check asked before has a line for each negative limb; what was found then is one line that fails."""
    from award_portal import regulation

    line = apps.get_model("applications", "CheckLine")
    for check in apps.get_model("applications", "EligibilityCheck").objects.select_related("application__cycle"):
        negative = [limb.code for limb in regulation.load(check.application.cycle.regulation).limbs_of(11) if limb.negative]
        said = {"answered_at": check.answered_at, "answered_by": check.answered_by}
        if check.state == "asked":
            line.objects.bulk_create(line(check_row=check, limb=code) for code in negative)
        elif check.state == "found":
            line.objects.create(check_row=check, limb="other_violation", result="fail", note=check.answer or "见答复", **said)
        else:
            line.objects.bulk_create(line(check_row=check, limb=code, result="no_record", **said) for code in negative)


class Migration(migrations.Migration):

    dependencies = [
        ("applications", "0002_applications_in_full"),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.RunPython(move_checks, migrations.RunPython.noop),
    ]
