"""Letters to a unit and to a department: outbox rows written with the change they tell of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from applications import units
from applications.models import Application, Claim, Department, EligibilityDecision, Letter, Reconsideration
from applications.screening_facts import contact_email_of
from award_portal import documents, files, outbox, regulation
from award_portal.lifecycle import act, store
from award_portal.models import OutboxMessage

K = Letter.Kind
TITLES = {
    K.ACCEPTED: "申报资格审查结论书", K.DECLINED: "申报资格审查结论书", K.DISQUALIFIED: "取消申报资格通知书",
    K.RECONSIDERED: "复核申请答复书",
}  # fmt: skip


def to_unit(application: Application, subject: str, body: str, *, key: str, at: datetime) -> None:
    """第十六、十七条: this function will write to the unit's owners and editors and to the contact it named, once per `key`."""
    unit = application.applicant
    text = f"{unit}：\n\n{body}\n\n{settings.PORTAL_URL}{application.get_absolute_url()}\n区长质量奖秘书处"
    for address in addresses(application, at):
        outbox.mail(address, subject, text, key=key, at=at)


def addresses(application: Application, at: datetime) -> list[str]:
    """第十、十六条: this function will list where letters about an application go, each address once.

    The contact was typed by whoever handed the form in: once the unit was claimed by another, it counts no more, until the new
    people have handed in another one with a correction.
    """
    people = [user.email for user in units.people_of(application.applicant, at)]
    contact = "" if _of_people_before(application) else contact_email_of(application)
    return list(dict.fromkeys(address.lower() for address in [*people, contact] if address))


def _of_people_before(application: Application) -> bool:
    unit = application.applicant
    if application.submitted_at is None:  # a draft of other people is set aside with the claim
        return False
    granted = unit.claims.filter(state=Claim.State.GRANTED, decided_at__gt=application.submitted_at)
    last = granted.order_by("-decided_at").first()
    if last is None:
        return False
    own = application.versions.filter(at__gte=last.decided_at, by__in=unit.memberships.values("user"))
    then = (
        application.history.filter(history_date__lte=last.decided_at).order_by("-history_date", "-history_id").first()
    )
    typed_before = then is not None and then.contact_email.lower() == application.contact_email.lower()
    return typed_before or not own.exists()


def to_department(department: Department, subject: str, body: str, path: str, *, key: str, at: datetime) -> None:
    """第十六、十七条: this function will write to every officer of the department, once per `key`."""
    text = f"{department}：\n\n{body}\n\n{settings.PORTAL_URL}{path}\n区长质量奖秘书处"
    for user in units.officers_of(department, at):
        outbox.mail(user.email, subject, text, key=key, at=at)


# ── documents for the unit ──


def issue(application: Application, kind: str, key: str, *, at: datetime, **payload: Any) -> None:
    """第十七条: this function will order the PDF that tells the unit a conclusion and quotes the articles, once per `key`."""
    outbox.put("letter", f"letter:{key}", {"application": application.pk, "kind": kind, "key": key, **payload}, at=at)


@outbox.handles("letter")
def make_letter(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十七条: this function will make a letter; made already, it is not made again."""
    asked = message.payload
    if Letter.objects.filter(key=asked["key"]).exists():
        return None
    application = Application.objects.select_related("applicant", "cycle").get(pk=asked["application"])
    content = documents.render("documents/eligibility_letter.html", context_of(application, asked, message.created_at))
    name = f"{TITLES[K(asked['kind'])]}{application.number}.pdf"
    return lambda: _keep(application, asked["kind"], asked["key"], content, name, by=None, at=at)


def context_of(application: Application, asked: dict[str, Any], issued_on: datetime) -> dict[str, Any]:
    """第十、十一、十七条: this function will give what a letter says: the conclusion, the clauses quoted, the way to a re-check."""
    text = regulation.load(application.cycle.regulation)
    decision = EligibilityDecision.objects.filter(pk=asked.get("decision", 0)).first()
    answered = Reconsideration.objects.filter(pk=asked.get("reconsideration", 0)).first()
    against = [row for row in decision.grounds if row["conclusion"] == "not_met"] if decision else []
    return {
        "application": application, "kind": asked["kind"], "decision": decision, "answered": answered, "against": against,
        "reason": asked.get("reason", ""), "closes_at": _closes_at(decision),
        "quoted": [text.article(number) for number in (10, 11, 17)], "title": TITLES[K(asked["kind"])], "text": text,
        "issuer": f"{text.award_short_name}评定委员会秘书处", "issued_on": issued_on,
    }  # fmt: skip


def _closes_at(decision: EligibilityDecision | None) -> datetime | None:
    from applications import reconsideration

    return reconsideration.closes_at(decision) if decision and decision.outcome == decision.Outcome.DECLINE else None


@act("资格审查文书成文", 17)
def _keep(application: Application, kind: str, key: str, content: bytes, name: str, *, by: Any, at: datetime) -> Letter:
    file = files.store_bytes(content, name, "application/pdf", at=at)
    return store(Letter(application=application, kind=kind, key=key, file=file, at=at))
