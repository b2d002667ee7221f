"""第十、二十八、二十九条: signals are shown to the secretariat, decided by a person with a reason, and refuse nothing."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from stdnum.cn import uscc

from applications import eligibility_grounds, intake, signals
from applications.models import Signal
from applications.views_signals import signal_rows
from award_portal.guards import REGISTERED, take_down
from award_portal.models import AuditEvent, User
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START, hire
from tests.factories_applications import announced_cycle, draft_application, owner_of, submitted_application
from tests.factories_monitoring import conferred_at_once, revoked

pytestmark = [pytest.mark.django_db, pytest.mark.article(10), pytest.mark.article(28)]


def numbered(serial: int) -> dict[str, str]:
    """Facts that no other unit of the test has."""
    return {
        "address": f"启明东路{serial}号", "legal_representative": f"陈{serial}", "contact_phone": f"0379-6300{serial:04d}",
        "contact_email": f"unit{serial}@unit.example",
    }  # fmt: skip


# ── pure ──


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("410304", ""),
        ("410300", ""),
        ("410000", ""),
        ("410311", "洛阳市其他"),
        ("410305", "洛阳市其他"),
        ("410100", "河南省其他"),
        ("419001", "河南省其他"),
        ("310000", "河南省以外"),
        ("420304", "河南省以外"),
        ("100000", "国家级"),
    ],
)
def test_a_code_registered_elsewhere_is_a_hint(region: str, words: str) -> None:
    found = signals.region_signal(f"91{region}MA00000000")
    assert words in found
    assert bool(found) == bool(words)


@pytest.mark.parametrize(
    ("field", "one", "other", "alike"),
    [
        ("legal_representative", "陈志远", " 陈 志远 ", True),
        ("legal_representative", "陈志远", "陈志元", False),
        ("legal_representative", "Ｊｏｈｎ Smith", "JOHN  SMITH", True),
        ("legal_representative", "", "", False),
        ("legal_representative", "无", "无", False),
        ("legal_representative", "—", "/", False),
        ("address", "洛阳市启明东路１号（3楼）", "洛阳市启明东路1号(3楼)", True),
        ("address", "启明东路1号，3楼", "启明东路1号3楼。", True),
        ("address", "启明东路1号", "启明东路11号", False),
        ("address", "启明东路1号\n中州路9号", "九都路3号\n 中州路９号", True),
        ("address", "启明东路1号\n", "\n九都路3号", False),
        ("contact_email", "A@Unit.example", "a@unit.example ", True),
        ("contact_phone", "0379-63000000", "（0379）6300 0000", True),
        ("contact_phone", "13800138000", "+86 138-0013-8000", True),
        ("contact_phone", "13800138000", "008613800138000", True),
        ("contact_phone", "0379-63000000、13800138000", "13800138000", True),
        ("contact_phone", "0379-63000000转801", "0379-63000000转802", True),
        ("contact_phone", "１３８００１３８０００", "13800138000", True),
        ("contact_phone", "13800138000", "13800138001", False),
        ("contact_phone", "110", "110", False),
        ("contact_phone", "", "", False),
        ("bank_account", "4100 1234 5678 9012", "4100123456789012", True),
        ("bank_account", "4100123456789012", "4100123456789013", False),
        ("products", "轴承", "轴承", False),
    ],
)
def test_what_counts_as_the_same(field: str, one: str, other: str, alike: bool) -> None:
    assert bool(signals.same({field: one}, {field: other})) is alike
    assert bool(signals.same({field: other}, {field: one})) is alike


# ── rows ──


def test_competing_units_with_something_in_common_are_shown_on_both() -> None:
    cycle = announced_cycle()
    first = submitted_application(cycle, **numbered(1))
    second = submitted_application(
        cycle, **(numbered(2) | {"legal_representative": "陈 1", "contact_phone": "037963000001"})
    )
    apart = submitted_application(cycle, **numbered(3))
    for application in (first, second, apart):
        signals.raise_signals(application, by=owner_of(application), at=cycle.opens_at)
    for application, other in ((first, second), (second, first)):
        rows = list(application.signals.values_list("kind", "other"))
        assert sorted(kind for kind, _ in rows) == ["phone", "representative"]
        assert all(other.applicant.code in named for _, named in rows)
    assert not apart.signals.exists()


def test_a_draft_and_a_withdrawn_application_compete_with_nobody() -> None:
    cycle = announced_cycle()
    draft_application(cycle, **numbered(1))
    gone = submitted_application(cycle, **numbered(1))
    intake.withdraw(gone, by=owner_of(gone), at=cycle.opens_at)
    last = submitted_application(cycle, **numbered(1))
    signals.raise_signals(last, by=None, at=cycle.opens_at)
    assert not last.signals.exists()


def test_every_address_and_the_account_are_compared() -> None:
    cycle = announced_cycle()
    typed = {"business_address": "中州路9号\n机场路1号", "bank_account": "4100 1234 5678 9012"}
    first = submitted_application(cycle, **numbered(1), **typed)
    second = submitted_application(cycle, **numbered(2), contact_address="机场路１号", bank_account="4100123456789012")
    signals.raise_signals(second, by=None, at=cycle.opens_at)
    assert sorted(second.signals.values_list("kind", "detail")) == [
        ("address", "机场路１号"),
        ("bank", "4100123456789012"),
    ]
    assert sorted(first.signals.values_list("kind", flat=True)) == ["address", "bank"]


def test_what_is_compared_is_asked_once_for_all_units(django_assert_num_queries: Any) -> None:
    cycle = announced_cycle()
    last = [submitted_application(cycle, **numbered(serial)) for serial in range(1, 4)][-1]
    with django_assert_num_queries(5):
        signals.find(last, cycle.opens_at)
    submitted_application(cycle, **numbered(9))
    with django_assert_num_queries(5):
        signals.find(last, cycle.opens_at)


@pytest.mark.article(29)
def test_what_a_unit_shares_with_a_banned_one_is_a_signal_and_no_refusal() -> None:
    cycle = announced_cycle()
    banned = submitted_application(cycle, "被撤销的企业", **numbered(1))
    later = submitted_application(cycle, **(numbered(2) | {"address": "启明东路 1 号"}))
    with eligibility_grounds.banned.only(lambda on: [(banned.applicant.code, "被撤销的企业")]):
        signals.raise_signals(later, by=None, at=cycle.opens_at)
    assert later.state == "submitted"
    others = list(later.signals.filter(kind="address").values_list("other", flat=True))
    assert any("被撤销的企业" in other and "不予受理期内" in other for other in others)


@pytest.mark.article(29)
def test_bans_answer_with_the_units_barred_on_a_day() -> None:
    ban = revoked(conferred_at_once(1)[0]).ban
    day = timedelta(days=1)
    expected = {ban.starts_on - day: False, ban.starts_on: True, ban.ends_on - day: True, ban.ends_on: False}
    for on, barred in expected.items():
        assert dict(eligibility_grounds.banned.ask(on)) == ({ban.code: ban.name} if barred else {})


def test_signals_are_raised_once_and_again_where_the_facts_changed() -> None:
    cycle = announced_cycle()
    first = submitted_application(cycle, code=_code("310000"), **numbered(1))
    for _ in range(2):
        signals.raise_signals(first, by=None, at=cycle.opens_at)
    assert first.signals.get().kind == "region"
    submitted_application(cycle, **numbered(1))
    signals.raise_signals(first, by=None, at=cycle.opens_at)
    assert sorted(first.signals.values_list("kind", flat=True)) == [
        "address",
        "email",
        "phone",
        "region",
        "representative",
    ]


def _code(region: str) -> str:
    body = f"91{region}MA0000099"
    return body + uscc.calc_check_digit(body)


@pytest.fixture
def signal() -> Signal:
    application = submitted_application(announced_cycle(), code=_code("310000"), **numbered(1))
    signals.raise_signals(application, by=owner_of(application), at=application.cycle.opens_at)
    return application.signals.get()


def test_the_units_person_does_not_sign_the_signal(signal: Signal) -> None:
    event = AuditEvent.objects.get(title="登记核查提示")
    assert (event.actor, signal.history.get().history_user) == (None, None)


@pytest.mark.parametrize(("verb", "state"), [(signals.dismiss, "dismissed"), (signals.confirm, "confirmed")])
def test_a_person_decides_once_with_a_reason(
    signal: Signal, secretary: User, second_secretary: User, verb: Any, state: str
) -> None:
    with pytest.raises(Refused, match="理由"):
        verb(signal, by=secretary, at=START, reason=" ")
    verb(signal, by=secretary, at=START, reason="总部在外地，本区纳税。")
    assert (signal.state, signal.decided_by) == (state, secretary)
    for again in (signals.dismiss, signals.confirm):
        with pytest.raises(Refused, match="已核实为"):
            again(signal, by=second_secretary, at=START, reason="再看。")


@pytest.mark.article(9)
def test_only_the_secretariat_sees_and_decides(
    signal: Signal, secretary: User, auditor: User, clerk: User, travel: Any
) -> None:
    travel(signal.raised_at)
    member, of_unit = hire("评委", Role.MEMBER, by=None, at=START), owner_of(signal.application)
    for who, sees in ((secretary, True), (auditor, True), (clerk, False), (member, False), (of_unit, False)):
        assert Signal.objects.visible_to(who).exists() is sees
        if who != secretary:
            with pytest.raises(Refused, match="秘书处"):
                signals.dismiss(signal, by=who, at=START, reason="无妨。")


def test_the_pages_of_a_signal(signal: Signal, secretary: User, sign_in: Any, said: Any, travel: Any) -> None:
    travel(signal.raised_at)
    url = reverse("applications:dismiss_signal", args=[signal.pk])
    assert sign_in(owner_of(signal.application)).get(url).status_code == 404
    client = sign_in(secretary)
    assert "河南省以外" in said(client.get(url))
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "总部在外地。"}).status_code == 302
    assert client.post(url, {"reason": "总部在外地。"}).status_code == 403
    rows = signal_rows(secretary, signal.application, signal.raised_at)
    shown = render_to_string("applications/_signals.html", {"signals": rows})
    assert "总部在外地" in shown
    assert "河南省以外" in shown
    assert signal_rows(owner_of(signal.application), signal.application, signal.raised_at) == []


def test_the_unit_reads_nothing_of_it(signal: Signal, sign_in: Any, said: Any, travel: Any) -> None:
    travel(signal.raised_at + timedelta(minutes=1))
    client = sign_in(owner_of(signal.application))
    for url in (signal.application.get_absolute_url(), reverse("applications:mine")):
        words = said(client.get(url))
        assert "提示" not in words
        assert "河南省以外" not in words


@pytest.mark.parametrize(
    ("guard", "sql"),
    [
        ("signal_raised", "UPDATE applications_signal SET detail = 'x' WHERE id = %s"),
        ("signal_no_delete", "DELETE FROM applications_signal WHERE id = %s"),
        (
            None,
            "UPDATE applications_signal SET state = 'dismissed' WHERE id = %s",
        ),  # nobody's decision: a check of the table
    ],
)
def test_the_database_keeps_signals(signal: Signal, guard: str | None, sql: str) -> None:
    def run() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [signal.pk])

    with pytest.raises(IntegrityError):
        run()
    if guard:
        take_down(REGISTERED[guard])
    with nullcontext() if guard else pytest.raises(IntegrityError):
        run()
