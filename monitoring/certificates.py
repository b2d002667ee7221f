"""证书: a number nobody can guess, a PDF made once, a status anybody can check (第十九、二十三条)."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.urls import reverse

from award_portal import demo_mode, documents, files, outbox
from award_portal.lifecycle import act, lock, store
from award_portal.models import OutboxMessage, StoredFile
from award_portal.regulation import load
from award_portal.verdict import YES, Refused, Verdict, no
from monitoring import units
from monitoring.models import Award, Certificate, CertificateCounter

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O, 1 I L: read aloud and typed from paper
SECRET_LENGTH = 8


def issue(award: Award, at: datetime) -> Certificate:
    """第十九条: this function will number the certificate inside the act of conferral and order its PDF."""
    certificate = store(Certificate(award=award, number=_next_number(award), issued_at=at))
    outbox.put("certificate", f"certificate:{certificate.pk}", {"certificate": certificate.pk}, at=at)
    return certificate


def _next_number(award: Award) -> str:
    # The counter says how many, the letters keep the next number from being guessed.
    CertificateCounter.objects.get_or_create(cycle=award.cycle)
    counter = CertificateCounter.objects.select_for_update().get(cycle=award.cycle)
    counter.last += 1
    counter.save(update_fields=["last"])
    prefix = load(award.cycle.regulation).code[:2].upper()
    return f"{prefix}-{award.cycle.year}-{counter.last:03d}-{unguessable()}"


def unguessable() -> str:
    """This function will give the part of a certificate's number that cannot be guessed."""
    return "".join(secrets.choice(LETTERS) for _ in range(SECRET_LENGTH))


def verify_path(certificate: Certificate) -> str:
    """第二十三条: this function will give the address where anybody sees the certificate's status of now."""
    return reverse("monitoring:verify", args=[certificate.number])


def downloadable(award: Award) -> Verdict:
    """第十九、二十八、二十九条: this function will say whether the certificate's PDF is still given out."""
    if award.state == Award.State.REVOKED:
        revocation = award.revocations.filter(state="approved").first()
        return no("奖项已撤销，证书同时失效，不再提供下载。", revocation.article if revocation else 28)
    if award.certificate.document_id is None:
        return no("证书PDF正在生成，请稍后再试。", 19)
    return YES


def context(certificate: Certificate) -> dict[str, Any]:
    """第十九、二十三条: this function will give the words of the certificate; the honour always carries its year."""
    award = certificate.award
    text = load(award.cycle.regulation)
    where = units.address(verify_path(certificate))
    return {
        "title": "荣誉证书", "issuer": text.government, "number": certificate.number, "issued_on": award.awarded_on,
        "holder": award.name, "honour": text.award_name, "year": award.cycle.year, "document": award.decision.document_number,
        "verify_url": where, "verify_qr": documents.qr_svg(where),
        "watermark": "演示数据" if demo_mode.state() else "",
    }  # fmt: skip


@outbox.handles("certificate")
def make(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十九条: this function will make the certificate's PDF, once; for a revoked award none is made any more."""
    certificate = Certificate.objects.select_related("award__cycle", "award__decision").get(
        pk=message.payload["certificate"]
    )
    if certificate.document_id is not None or certificate.award.state == Award.State.REVOKED:
        return None
    content = documents.render("documents/certificate.html", context(certificate))
    return lambda: keep(
        certificate,
        files.store_bytes(content, f"证书_{certificate.number}.pdf", "application/pdf", at=at),
        by=None,
        at=at,
    )


@act("生成证书", 19)
def keep(certificate: Certificate, stored: StoredFile, *, by: Any, at: datetime) -> Certificate:
    """第十九条: this function will keep the PDF on the certificate, once."""
    if lock(certificate).document_id is not None:
        raise Refused("证书PDF已生成。", 19)
    return store(certificate, document=stored)
