"""沿用: what the unit wrote in an earlier cycle, as a start for this one (第十六条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import permissions
from applications.filling import fill
from applications.materials import values_of
from applications.models import Application
from applications.paper import form_of
from award_portal.lifecycle import act, lock
from award_portal.verdict import YES, Refused, Verdict, no, require

# What is declared or promised anew each time; figures of years that the new form asks for too come along by their names.
ANEW = frozenset({"compliance", "pledge"})


def earlier(application: Application) -> Application | None:
    """第十六条: this function will give the unit's latest earlier application in which anything was written."""
    others = Application.objects.filter(applicant=application.applicant_id, set_aside=None).filter(
        pk__lt=application.pk
    )
    written = others.filter(entries__isnull=False)
    return written.select_related("cycle").order_by("-pk").first()


def may_copy(user: Any, application: Application, at: datetime) -> Verdict:
    """第十六条: whoever fills in a draft may start from an earlier application of the same unit."""
    verdict = permissions.may_fill(user, application, at)
    if verdict and application.state != Application.State.DRAFT:
        return no("只有填报中的申报可以沿用往届内容。", 16)
    return (YES if earlier(application) else no("本单位没有可以沿用的往届申报。", 16)) if verdict else verdict


@act("沿用往届内容", 16)
def copy_earlier(application: Application, *, by: Any, at: datetime) -> Application:
    """第十六条: this function will fill the empty fields with what the unit wrote last time; what is written already stays.

    Declarations, the pledge and files are not taken along: they are made and handed in anew.
    """
    lock(application)
    require(may_copy(by, application, at))
    source, form = earlier(application), form_of(application.cycle)
    here = values_of(application)
    found = values_of(source) if source else {}
    taken = {
        name: value
        for name, value in found.items()
        if value and not here.get(name) and name in form.fields and form.section_of[name] not in ANEW
    }
    if not taken:
        raise Refused("往届内容都已经在本表中，没有可以沿用的。", 16)
    fill(application, taken, by=by, at=at)
    return application
