"""第四、十九、二十、二十四条: what a decision brings, all at once and once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from award_portal import outbox
from award_portal.models import AuditEvent, OutboxMessage
from award_portal.verdict import Refused
from monitoring import awards, certificates
from monitoring.models import Award, Bonus, Certificate
from tests import factories_monitoring as made

pytestmark = pytest.mark.django_db


@pytest.mark.article(19)
@pytest.mark.article(20)
@pytest.mark.article(24)
def test_conferral_brings_everything_at_once(secretary, at):
    decision = made.decided_at_once(2, at=at)
    awarded = awards.confer(decision, by=secretary, at=at)
    assert [award.slot for award in awarded] == [1, 2]
    first = awarded[0]
    assert first.awarded_on == decision.document_on == date(2027, 3, 5)
    assert first.name == first.applicant.name
    assert first.bonus.amount == Decimal("100000.00")
    assert first.bonus.state == Bonus.State.PENDING
    assert [report.due_on for report in first.reports.order_by("number")] == [
        date(2028, 3, 5), date(2029, 3, 5), date(2030, 3, 5),
    ]  # fmt: skip
    assert first.certificate.number.startswith("CH-2027-001-")
    assert awarded[1].certificate.number.startswith("CH-2027-002-")
    assert AuditEvent.objects.order_by("-height").first().title == "授奖"
    mails = OutboxMessage.objects.filter(kind="mail", key__startswith="mail:award:")
    assert {mail.payload["to"] for mail in mails} == {made.owner_of(award).email for award in awarded}
    assert "2028年3月5日" in mails[0].payload["body"]


@pytest.mark.article(19)
def test_a_second_conferral_is_refused(secretary, at):
    decision = made.decided_at_once(at=at)
    awards.confer(decision, by=secretary, at=at)
    with pytest.raises(Refused, match="不能重复办理") as refusal:
        awards.confer(decision, by=secretary, at=at)
    assert refusal.value.article == 19
    assert Award.objects.count() == 2


@pytest.mark.article(4)
@pytest.mark.parametrize(("units", "fits"), [(5, True), (6, False)])
def test_the_quota_holds(secretary, at, units, fits):
    decision = made.decided_at_once(units, at=at)
    if fits:
        assert len(awards.confer(decision, by=secretary, at=at)) == 5
        return
    with pytest.raises(Refused, match="超过名额5个") as refusal:
        awards.confer(decision, by=secretary, at=at)
    assert refusal.value.article == 4
    assert not Award.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.article(4)
def test_nobody_approved_is_a_vacancy(secretary, at):
    with pytest.raises(Refused, match="空缺"):
        awards.confer(made.decided_at_once(0, at=at), by=secretary, at=at)


@pytest.mark.article(19)
def test_not_before_the_day_of_the_document(secretary, at):
    decision = made.decided_at_once(at=at, document_on=date(2027, 3, 9))
    with pytest.raises(Refused, match="成文日期2027年3月9日"):
        awards.confer(decision, by=secretary, at=at)


@pytest.mark.article(19)
def test_only_the_secretariat_confers(clerk, at):
    with pytest.raises(Refused, match="秘书处"):
        awards.confer(made.decided_at_once(at=at), by=clerk, at=at)


@pytest.mark.article(30)
def test_an_invented_regulation_confers_by_its_own_numbers(secretary, at, shili):
    award = awards.confer(made.decided_at_once(1, at=at, regulation="shili-2024"), by=secretary, at=at)[0]
    text = shili
    assert award.bonus.amount == text.bonus.value != Decimal("100000.00")
    assert award.reports.count() == text.report_count.value != 3
    assert award.certificate.number.startswith("SH-2027-001-")


@pytest.mark.article(19)
def test_certificate_numbers_count_up_and_cannot_be_guessed(at):
    numbers = [award.certificate.number for award in made.conferred_at_once(5, at=at)]
    assert [number.split("-")[2] for number in numbers] == ["001", "002", "003", "004", "005"]
    secrets = {number.split("-")[3] for number in numbers}
    assert len(secrets) == 5
    assert all(len(secret) == 8 and set(secret) <= set(certificates.LETTERS) for secret in secrets)
    assert not set("01OIL") & set(certificates.LETTERS)


@pytest.mark.article(19)
def test_the_trophy_is_recorded_once_and_not_before_the_award(secretary, at):
    award = made.conferred_at_once(1, at=at)[0]
    for day in (date(2027, 3, 4), date(2027, 3, 9)):
        with pytest.raises(Refused, match="颁发日期") as refusal:
            awards.record_trophy(award, "T-1", day, by=secretary, at=at)
        assert refusal.value.field == "on"
    awards.record_trophy(award, " T-1 ", date(2027, 3, 8), by=secretary, at=at)
    assert award.trophy_number == "T-1"
    with pytest.raises(Refused, match="已于2027年3月8日颁发"):
        awards.record_trophy(award, "T-2", date(2027, 3, 8), by=secretary, at=at)


@pytest.mark.article(19)
def test_the_certificate_is_made_once(at, travel):
    award = made.conferred_at_once(1, at=at)[0]
    travel(at + timedelta(minutes=1))
    assert not certificates.downloadable(award)
    outbox.deliver()
    certificate = Certificate.objects.get()
    assert certificate.document.content_type == "application/pdf"
    assert certificates.downloadable(Award.objects.get())
    with pytest.raises(Refused, match="已生成"):
        certificates.keep(certificate, certificate.document, by=None, at=at)


@pytest.mark.article(19)
def test_without_the_pdf_machine_the_certificate_waits(at, travel, monkeypatch):
    from award_portal import documents

    def not_here(*_, **__):
        raise documents.NotReady(documents.NOT_INSTALLED)

    monkeypatch.setattr(documents, "render", not_here)
    made.conferred_at_once(1, at=at)
    travel(at)
    outbox.deliver()
    waiting = OutboxMessage.objects.get(kind="certificate")
    assert waiting.state == OutboxMessage.State.WAITING
    assert "apt-get" in waiting.error
    assert Certificate.objects.get().document is None


@pytest.mark.article(23)
def test_the_certificate_shows_the_year_of_the_award(at, settings):
    settings.PORTAL_URL = "https://award.example"
    award = made.conferred_at_once(1, at=at)[0]
    words = certificates.context(award.certificate)
    assert words["year"] == 2027
    assert words["verify_url"] == f"https://award.example/verify/{award.certificate.number}/"


@pytest.mark.article(19)
def test_the_whole_way_from_the_announcement_to_the_certificate(db):
    awarded = made.conferred(count=1)
    assert [award.state for award in awarded] == ["conferred"]
    assert awarded[0].awarded_on == awarded[0].decision.document_on
    assert awarded[0].certificate.number
