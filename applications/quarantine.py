"""A file of an application in which the virus scanner found something: it does not count, and its unit is told (第十六条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from applications import letters
from applications.models import Application, Evidence
from award_portal import scanning
from award_portal.models import StoredFile


def usable(evidence: Evidence) -> bool:
    """第十六条: this function will say whether a piece of evidence counts: an infected file does not."""
    return scanning.usable(evidence.file)


def usable_of(application: Application) -> QuerySet[Evidence]:
    """第十六条: this function will give the evidence that counts; one query."""
    return application.evidence.exclude(file__scan=StoredFile.Scan.INFECTED)


@scanning.found_infected.plug
def tell_the_unit(stored: StoredFile, at: datetime) -> Iterator[Application]:
    """第十六条: this function will write to the unit whose application carries an infected file, once per file."""
    carrying = Application.objects.filter(Q(evidence__file=stored) | Q(self_assessment=stored)).distinct()
    for application in carrying.select_related("applicant", "cycle"):
        letters.to_unit(
            application,
            "上传的文件查出病毒，已隔离",
            f"贵单位上传的“{stored.name}”查出病毒（{stored.signature}），已隔离，任何人不能下载，也不计入申报材料。\n"
            f"{_what_now(application)}",
            key=f"infected:{stored.pk}:{application.pk}",
            at=at,
        )
        yield application


def _what_now(application: Application) -> str:
    if application.state == Application.State.DRAFT:
        return "请用杀毒软件检查本单位的电脑，移除该文件后重新上传。"
    return "请用杀毒软件检查本单位的电脑，并与秘书处联系。"
