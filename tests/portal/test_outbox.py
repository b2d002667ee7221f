"""What must leave is a row written with the change: once per key, delivered once, taken up again, never lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from award_portal import clock, guards, outbox, people
from award_portal.models import LegalDay, OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused

pytestmark = pytest.mark.django_db

State = OutboxMessage.State


@pytest.fixture(autouse=True)
def _handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_handlers", dict(outbox._handlers))


@pytest.fixture
def now() -> Any:
    return clock.read() - timedelta(seconds=1)


def _row() -> OutboxMessage:
    return OutboxMessage.objects.get()


def test_a_key_is_written_once(now: Any) -> None:
    first = outbox.mail("a@test.example", "主题", "正文", key="k", at=now)
    assert outbox.mail("a@test.example", "主题", "正文", key="k", at=now).pk == first.pk
    outbox.mail("b@test.example", "主题", "正文", key="k", at=now)
    assert OutboxMessage.objects.count() == 2


def test_a_row_falls_with_the_change_it_belongs_to(now: Any) -> None:
    with transaction.atomic():
        outbox.mail("a@test.example", "主题", "正文", key="k", at=now)
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


def test_a_knock_follows_the_commit_and_only_the_commit(
    now: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(outbox, "knock", lambda: heard.append("knock"))
    with django_capture_on_commit_callbacks(execute=True):
        outbox.mail("a@test.example", "主题", "正文", key="k", at=now)
        assert heard == []
    assert heard == ["knock"]


def test_a_mail_goes_out_once_with_its_own_message_id(now: Any) -> None:
    outbox.mail("a@test.example", "主题\n第二行", "正文", key="k", at=now)
    assert (outbox.deliver(), outbox.deliver()) == (1, 0)
    sent = mail.outbox[0]
    assert (sent.to, sent.subject, sent.body) == (["a@test.example"], "主题 第二行", "正文")
    assert sent.extra_headers["Message-ID"].startswith(f"<outbox-{_row().pk}@")
    assert (_row().state, _row().error, len(mail.outbox)) == (State.DONE, "", 1)


def test_what_is_not_due_waits(now: Any) -> None:
    outbox.mail("a@test.example", "主题", "正文", key="k", at=now + timedelta(days=1))
    assert (outbox.deliver(), _row().state) == (0, State.WAITING)


def test_a_failing_row_says_why_and_stops_no_other(now: Any) -> None:
    @outbox.handles("broken")
    def broken(message: OutboxMessage, at: Any) -> outbox.Keep:
        def keep() -> None:
            LegalDay.objects.create(day="2031-01-01", note="半途")
            raise ValueError("打印机没有纸")

        return keep

    outbox.put("broken", "broken:1", {}, at=now)
    outbox.mail("a@test.example", "主题", "正文", key="k", at=now)
    assert outbox.deliver() == 1
    row = OutboxMessage.objects.get(kind="broken")
    assert (row.state, row.error, row.attempts) == (State.WAITING, "打印机没有纸", 1)
    assert not LegalDay.objects.exists()  # what was being kept fell with it
    assert outbox.deliver() == 0  # it waits before the next try


def test_a_kind_nobody_handles_is_not_lost(now: Any) -> None:
    outbox.put("unknown", "unknown:1", {}, at=now)
    assert outbox.deliver() == 0
    assert (_row().state, bool(_row().error)) == (State.WAITING, True)


def _try_again() -> int:
    OutboxMessage.objects.filter(state=State.WAITING).update(leased_until=None)
    return outbox.deliver()


def test_after_twelve_failures_the_row_stands_as_failed(now: Any) -> None:
    @outbox.handles("broken")
    def broken(message: OutboxMessage, at: Any) -> None:
        raise ValueError("坏了")

    outbox.put("broken", "broken:1", {}, at=now)
    for _ in range(outbox.GIVE_UP_AFTER):
        assert _row().state == State.WAITING
        _try_again()
    assert (_row().state, _row().attempts, _row().error) == (State.FAILED, outbox.GIVE_UP_AFTER, "坏了")


def test_a_machine_that_cannot_yet_is_no_failure(now: Any) -> None:
    able = False

    @outbox.handles("later")
    def later(message: OutboxMessage, at: Any) -> None:
        if not able:
            raise outbox.NotYet("本机没有排版程序。")

    outbox.put("later", "later:1", {}, at=now)
    for _ in range(outbox.GIVE_UP_AFTER + 3):
        _try_again()
    assert (_row().state, _row().error) == (State.WAITING, "本机没有排版程序。")
    able = True
    assert (_try_again(), _row().state, _row().error) == (1, State.DONE, "")


def test_a_leased_row_is_left_alone_until_the_lease_has_run_out(now: Any) -> None:
    outbox.mail("a@test.example", "主题", "正文", key="k", at=now)
    machine = clock.machine_now()
    OutboxMessage.objects.update(leased_until=machine + outbox.LEASE, lease="other")
    assert outbox.deliver() == 0
    OutboxMessage.objects.update(leased_until=machine - timedelta(seconds=1))  # its worker died
    assert outbox.deliver() == 1


def test_a_worker_that_lost_its_lease_delivers_nothing(now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.mail("a@test.example", "主题", "正文", key="k", at=now)
    claim = outbox._claim

    def overtaken(pk: int) -> str:
        lease = claim(pk)
        OutboxMessage.objects.update(lease="somebody else")
        return lease

    monkeypatch.setattr(outbox, "_claim", overtaken)
    assert (outbox.deliver(), mail.outbox, _row().state) == (0, [], State.WAITING)


def test_what_was_prepared_too_late_is_not_kept(now: Any) -> None:
    @outbox.handles("slow")
    def slow(message: OutboxMessage, at: Any) -> outbox.Keep:
        OutboxMessage.objects.filter(pk=message.pk).update(lease="somebody else")  # it took longer than the lease
        return lambda: LegalDay.objects.create(day="2031-01-01", note="迟到")

    outbox.put("slow", "slow:1", {}, at=now)
    assert (outbox.deliver(), LegalDay.objects.exists(), _row().state) == (0, False, State.WAITING)


def test_a_delivered_row_is_never_sent_again_whoever_writes(now: Any) -> None:
    outbox.mail("a@test.example", "主题", "正文", key="k", at=now)
    outbox.deliver()
    sql = "UPDATE award_portal_outboxmessage SET state = 'waiting'"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    guards.take_down(guards.REGISTERED["outbox_done_stays"])
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert _row().state == State.WAITING


def test_a_broker_that_is_down_costs_a_knock_and_no_row(now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from award_portal.tasks import deliver_outbox

    def refused(**_: Any) -> None:
        raise ConnectionError("broker")

    monkeypatch.undo()
    monkeypatch.setattr(deliver_outbox, "apply_async", refused)
    outbox.knock()
    assert deliver_outbox() == 0


@pytest.mark.django_db(transaction=True)
def test_an_act_and_its_mail_are_committed_together(secretary: Any, stranger: Any, at: Any) -> None:
    @people.objections.plug
    def refuses(user: Any, role: str, moment: Any) -> Iterator[str]:
        outbox.mail(user.email, "主题", "正文", key="k", at=moment)
        yield "不行。"

    try:
        with pytest.raises(Refused):
            people.grant(stranger, Role.REVIEWER, by=secretary, at=at)
    finally:
        people.objections._answers.remove(refuses)
    assert not OutboxMessage.objects.exists()


def test_an_outage_never_loses_a_row(now: Any) -> None:
    @outbox.handles("unreachable")
    def unreachable(message: OutboxMessage, at: Any) -> None:
        raise ConnectionRefusedError("邮件服务器没有响应")

    outbox.put("unreachable", "unreachable:1", {}, at=now)
    for _ in range(outbox.GIVE_UP_AFTER * 2):
        _try_again()
    assert (_row().state, _row().error) == (State.WAITING, "邮件服务器没有响应")


def test_a_failed_row_is_revived_once_the_cause_is_mended(now: Any) -> None:
    mended = False

    @outbox.handles("broken")
    def broken(message: OutboxMessage, at: Any) -> None:
        if not mended:
            raise ValueError("坏了")

    outbox.put("broken", "broken:1", {}, at=now)
    for _ in range(outbox.GIVE_UP_AFTER):
        _try_again()
    assert _row().state == State.FAILED
    mended = True
    call_command("deliver_outbox", failed=True)
    assert _row().state == State.DONE
