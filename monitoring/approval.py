"""批准撤销: the government's yes, and everything that follows from it in the same act (第二十八、二十九条)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from award_portal import audit, clock, demo_mode, documents, files, outbox
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.models import OutboxMessage, StoredFile
from award_portal.regulation import load
from award_portal.roles import Role, holders
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import article_label, cn_date, cn_numeral, yuan
from committee import decisions
from monitoring import bans, bonuses, reports, units
from monitoring.models import Award, Ban, Bonus, Recovery, Revocation

APPROVE = Step(("proposed",), "approved", 28)
REVOKE = Step(("conferred",), "revoked", 28)


def decidable(case: Revocation) -> Verdict:
    """第二十八、二十九条: this function will say whether the case lies with the government."""
    if case.state == Revocation.State.PROPOSED:
        return YES
    return no(f"该事项{case.get_state_display()}，没有待批准的撤销。", case.article)


@act("批准撤销", 28, role=Role.GOVERNMENT)
def approve(case: Revocation, document_number: str, approved_on: date, *, by: Any, at: datetime) -> Revocation:
    """第二十八、二十九条: this function will record the approval; award, recoveries, reports, ban and notice follow at once."""
    lock(case.award.applicant)  # no application of the unit goes in while its ban comes into being
    award = lock(Award(pk=case.award_id))
    require(decidable(lock(case)))
    _check_day(case, approved_on, at)
    number = _number(case, document_number, approved_on)
    advance(case, APPROVE, by=by, at=at, document_number=number, approved_on=approved_on, decided_by=by)
    advance(award, REVOKE, by=by, at=at)
    bonus = bonuses.cancel_within(award, by=by, at=at)
    recoveries = _recoveries(case, bonus)
    reports.cancel_within(award, approved_on, by=by, at=at)
    ban = bans.impose(case)
    store(case, notice=notice_text(case, recoveries, ban), notice_at=at)
    outbox.put("revocation", f"revocation:{case.pk}", {"revocation": case.pk}, at=at)
    _tell(case, at)
    return case


def _check_day(case: Revocation, approved_on: date, at: datetime) -> None:
    proposed_on = clock.today(case.proposed_at)  # type: ignore[arg-type]  # the case is proposed
    if not proposed_on <= approved_on <= clock.today(at):
        raise Refused(f"批准日期应在提请日期{cn_date(proposed_on)}至今天之间。", case.article, "approved_on")


def _number(case: Revocation, text: str, approved_on: date) -> str:
    prefix = load(case.award.cycle.regulation).document_prefix
    try:
        number, year = decisions.normal_number(text, prefix)
    except Refused as refusal:  # the same shape as the decision's number, under this case's article
        raise Refused(refusal.reason, case.article, refusal.field) from refusal
    if year != approved_on.year:
        raise Refused("发文字号的年份应与批准日期一致。", case.article, "document_number")
    return number


def _recoveries(case: Revocation, bonus: Bonus) -> list[Recovery]:
    made = []
    for thing in _things(case):
        if thing == Recovery.Thing.TROPHY and case.award.trophy_on is None:
            continue  # what was never handed over is not demanded back
        if thing != Recovery.Thing.BONUS:
            made.append(store(Recovery(revocation=case, thing=thing)))
        elif bonus.state == Bonus.State.PAID:  # what was never paid is not demanded back
            made.append(store(Recovery(revocation=case, thing=thing, amount=bonus.amount)))
    return made


def _things(case: Revocation) -> Iterable[str]:
    text = load(case.award.cycle.regulation)
    false_material = case.ground == Revocation.Ground.FALSE_MATERIAL
    return (text.recovers_false_material if false_material else text.recovers_accident).value


def _taken_back(case: Revocation, recoveries: list[Recovery]) -> str:
    listed = [f"{r.get_thing_display()}{yuan(r.amount)}" if r.amount else r.get_thing_display() for r in recoveries]
    words = "，收回" + "、".join(listed) if listed else ""
    if Recovery.Thing.TROPHY in _things(case) and case.award.trophy_on is None:
        words += "；奖杯尚未颁发，不再颁发"
    return words


def notice_text(case: Revocation, recoveries: list[Recovery], ban: Ban) -> str:
    """第二十八、二十九条: this function will write the public notice from the facts that were decided."""
    award = case.award
    text = load(award.cycle.regulation)
    years = award.cycle.ban_years
    return "\n".join([
        f"经查，{award.name}存在“{case.get_ground_display()}”的情形。依据《{text.title}》{article_label(case.article)}，"
        f"经{text.award_short_name}评定委员会审议并提请，{text.government}于{cn_date(case.decided_on)}以{case.document_number}批准，"
        f"撤销其{text.award_name}（{award.cycle.year}年）{_taken_back(case, recoveries)}。",
        f"自{cn_date(ban.starts_on)}至{cn_date(bans.last_day(ban))}，{cn_numeral(years)}年内不接受该单位再次申报。",
        f"留痕链头：{audit.anchor()}。",
    ])  # fmt: skip


def _tell(case: Revocation, at: datetime) -> None:
    path = reverse("monitoring:revocation_notice", args=[case.pk])
    body = case.notice.rsplit("\n", 1)[0]
    key = f"case-approved:{case.pk}"
    units.write_to(case.award.applicant, "撤销奖项通知", body, path=path, key=key, at=at)
    for person in holders(Role.SECRETARIAT, at):
        units.write_person(person, "撤销奖项已获批准", f"{body}\n请办理收回。", path=path, key=key, at=at)


# ── the notice as a document ──


def context(case: Revocation) -> dict[str, Any]:
    """第二十八、二十九条: this function will give the words of the notice's PDF."""
    text = load(case.award.cycle.regulation)
    *paragraphs, anchor = case.notice.split("\n")
    return {
        "title": "撤销奖项公告", "issuer": f"{text.award_short_name}评定委员会秘书处",
        "issued_on": case.notice_at and clock.today(case.notice_at), "paragraphs": paragraphs,
        "anchor": [anchor[place : place + 8] for place in range(0, len(anchor), 8)],
        "where": units.address(reverse("monitoring:revocation_notice", args=[case.pk])),
        "watermark": "演示数据" if demo_mode.state() else "",
    }  # fmt: skip


@outbox.handles("revocation")
def make(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第二十八、二十九条: this function will make the notice's PDF, once."""
    case = Revocation.objects.select_related("award__cycle").get(pk=message.payload["revocation"])
    if case.document_id is not None:
        return None
    content = documents.render("documents/revocation.html", context(case))
    return lambda: keep(
        case, files.store_bytes(content, f"撤销公告_{case.award.name}.pdf", "application/pdf", at=at), by=None, at=at
    )


@act("生成撤销公告", 28)
def keep(case: Revocation, stored: StoredFile, *, by: Any, at: datetime) -> Revocation:
    """第二十八、二十九条: this function will keep the PDF on the case, once."""
    if lock(case).document_id is not None:
        raise Refused("公告PDF已生成。", case.article)
    return store(case, document=stored)
