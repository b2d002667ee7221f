"""A file of an application in which the virus scanner found something: it does not count, and those concerned are told (第十六条).

Until the application is handed in that is the unit's own business: it removes the file and goes on. Found afterwards it is the
secretariat's too: the materials lack something, and only a correction opens them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from applications import letters
from applications.models import ApplicantMembership, Application, AwardCycle, Evidence
from award_portal import desk, outbox, roles, scanning
from award_portal.models import StoredFile
from award_portal.roles import Role, in_force
from award_portal.wording import cn_closing

S = Application.State
INFECTED = StoredFile.Scan.INFECTED
UNDER_REVIEW = (S.SUBMITTED, S.RETURNED, S.ACCEPTED)  # handed in, and what was handed in still matters
CHECK = "请先用杀毒软件检查本单位的电脑"


def usable(evidence: Evidence) -> bool:
    """第十六条: this function will say whether a piece of evidence counts: an infected file does not."""
    return scanning.usable(evidence.file)


def usable_of(application: Application) -> QuerySet[Evidence]:
    """第十六条: this function will give the evidence that counts; one query."""
    return application.evidence.exclude(file__scan=INFECTED)


# ── letters ──


@scanning.found_infected.plug
def tell(stored: StoredFile, at: datetime) -> Iterator[Application]:
    """第十六条: this function will write to the unit whose application carries an infected file, once per file, and to the
    secretariat where the application is in its hands."""
    carrying = Application.objects.filter(Q(evidence__file=stored) | Q(self_assessment=stored)).distinct()
    for application in carrying.select_related("applicant", "cycle"):
        _tell_the_unit(application, stored, at)
        if application.state in UNDER_REVIEW:
            _tell_the_secretariat(application, stored, at)
        yield application


def _tell_the_unit(application: Application, stored: StoredFile, at: datetime) -> None:
    letters.to_unit(
        application,
        "上传的文件查出病毒，已隔离",
        f"贵单位上传的“{stored.name}”查出病毒（{stored.signature}），已隔离，任何人不能下载，也不计入申报材料。\n"
        f"{CHECK}，然后准备一份没有病毒的文件。{for_the_unit(application, section_of(application, stored))}",
        key=f"infected:{stored.pk}:{application.pk}",
        at=at,
    )


def _tell_the_secretariat(application: Application, stored: StoredFile, at: datetime) -> None:
    url = reverse("applications:screening", args=[application.pk])
    text = (
        f"{application.applicant}（受理编号{application.number}）提交后，其{_title(application, stored)}“{stored.name}”"
        f"查出病毒（{stored.signature}），已隔离，任何人不能下载，也不计入申报材料。已告知该单位。\n"
        f"{for_the_secretariat(application, section_of(application, stored))}\n\n{settings.PORTAL_URL}{url}\n区长质量奖秘书处"
    )
    for user in roles.holders(Role.SECRETARIAT, at):
        outbox.mail(
            user.email, f"已提交的申报材料查出病毒：{application.applicant}", text,
            key=f"infected-handed-in:{stored.pk}:{application.pk}", at=at,
        )  # fmt: skip


def section_of(application: Application, stored: StoredFile) -> str:
    """第十七条: this function will name the part of the materials in which the file lies, as a correction lists it."""
    return "self_assessment" if application.self_assessment_id == stored.pk else "evidence"  # type: ignore[attr-defined]


def _title(application: Application, stored: StoredFile) -> str:
    return "自我评价报告文件" if section_of(application, stored) == "self_assessment" else "证实性材料"


def for_the_unit(application: Application, section: str) -> str:
    """第十六、十七条: this function will tell the unit, after it has checked its machines, what to do now."""
    if application.state == S.DRAFT:
        return "请在申报表的材料页移除该文件后重新上传。"
    if application.state == S.RETURNED:
        until = f"{cn_closing(application.correction_due_at)}前" if application.correction_due_at else "补正期限内"
        if section in application.correction_sections:
            return f"请在{until}移除该文件、重新上传，再重新提交补正。"
        return f"该文件不在这次补正的范围内，请在{until}与秘书处联系，秘书处会告知怎样补交。"
    if application.state == S.SUBMITTED and not application.corrections:
        return "申报仍然有效，不用重新申报。秘书处会发补正通知，请收到后移除该文件、重新上传，再重新提交。"
    if application.state in UNDER_REVIEW:
        return "申报仍然有效，不用重新申报。请与秘书处联系，秘书处会告知怎样补交。"
    return "该申报已经办结，不用重新上传。"


def for_the_secretariat(application: Application, section: str) -> str:
    """第十七条: this function will tell the secretariat what it can do about an infected file of an application it has."""
    if application.state == S.SUBMITTED and not application.corrections:
        return "请退回补正，补正内容中列明该文件。"
    if application.state == S.RETURNED and section in application.correction_sections:
        return "补正正在进行，该文件在补正范围内，请提醒该单位一并更换。"
    return "补正已不能包括该文件，请与该单位联系；该文件不作为资格审查和评审的依据。"


# ── what stands on the desk until the file is gone ──


def carrying(applications: QuerySet[Application]) -> QuerySet[Application]:
    """第十六、十七条: this function will keep the applications under review that hold an infected file; concluded cycles are past."""
    evidence = Evidence.objects.filter(application=OuterRef("pk"), file__scan=INFECTED)
    held = applications.annotate(infected_evidence=Exists(evidence)).filter(
        Q(infected_evidence=True) | Q(self_assessment__scan=INFECTED),
        state__in=UNDER_REVIEW,
        cycle__state=AwardCycle.State.ANNOUNCED,
    )
    return held.select_related("applicant", "cycle")


def _found_in(application: Application) -> str:
    """The part a correction would have to list: the evidence's, unless only the report is infected (see `carrying`)."""
    return "evidence" if application.infected_evidence else "self_assessment"  # type: ignore[attr-defined]


@desk.items.plug
def secretariat_tasks(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十六、十七条: materials handed in that turned out to be infected."""
    if not roles.holds(user, Role.SECRETARIAT, at):
        return
    for application in carrying(Application.objects.visible_to(user)):
        url = reverse("applications:screening", args=[application.pk])
        text = for_the_secretariat(application, _found_in(application))
        yield desk.Item(f"申报材料查出病毒：{application.applicant}", url, text, None, 17)


@desk.items.plug
def unit_tasks(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十六、十七条: the same for the unit's own people; a draft's page says it by itself."""
    if not roles.holds(user, Role.APPLICANT, at):
        return
    mine = ApplicantMembership.objects.filter(in_force(at), user=user).exclude(level=ApplicantMembership.Level.READER)
    for application in carrying(Application.objects.filter(applicant__in=mine.values("applicant"))):
        text = f"{CHECK}，准备一份没有病毒的文件。{for_the_unit(application, _found_in(application))}"
        yield desk.Item(
            f"上传的文件查出病毒：{application.applicant}", application.get_absolute_url(), text,
            application.correction_due_at if application.state == S.RETURNED else None, 16,
        )  # fmt: skip
