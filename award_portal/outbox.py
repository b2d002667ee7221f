"""What must leave the building is a row written with the change; Celery only carries the knock.

A row is leased while it is worked on: work killed half-way is taken up again when the lease has run out, within a minute. A
handler does the slow part (a PDF, a mail server) with no lock held and gives back what is to be kept; that runs in one
transaction with the row's completion, so files and numbers are made exactly once. A mail may go out twice and carries the
same Message-ID.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPConnectError, SMTPHeloError, SMTPServerDisconnected
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q

from award_portal import clock
from award_portal.models import OutboxMessage

LEASE = timedelta(seconds=45)  # with the sweeper every ten seconds: taken up again within a minute
RETRY = (10, 30, 120, 600, 3600)  # seconds to wait after the first, second … failure
GIVE_UP_AFTER = 12  # failures of the row's own; an outage of the mail server or the network never counts
OUTAGES = (OSError, SMTPServerDisconnected, SMTPConnectError, SMTPHeloError)

log = structlog.get_logger("award_portal.outbox")
Keep = Callable[[], Any]  # what a handler leaves to be stored
Handler = Callable[[OutboxMessage, datetime], Keep | None]
_handlers: dict[str, Handler] = {}


class NotYet(Exception):
    """The work cannot be done on this machine for now; the row waits and says why."""


def handles(kind: str) -> Callable[[Handler], Handler]:
    """This decorator will name the function that delivers rows of `kind`, called with the row and the moment.

    It runs outside any transaction; what it gives back is called inside the one that completes the row.
    """

    def decorate(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return decorate


def put(kind: str, key: str, payload: dict[str, Any], *, at: datetime) -> OutboxMessage:
    """This function will write what must leave, once per `key`, in the caller's transaction, and knock after commit."""
    message, _ = OutboxMessage.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": payload, "created_at": at, "due_at": at}
    )
    transaction.on_commit(knock, robust=True)
    return message


def mail(to: str, subject: str, body: str, *, key: str, at: datetime) -> OutboxMessage:
    """This function will write a mail to one address; `key` makes it one mail however often it is asked for."""
    return put("mail", f"mail:{key}:{to}"[:160], {"to": to, "subject": subject, "body": body}, at=at)


def knock() -> None:
    """This function will tell the worker that something waits; a lost knock is made good by the sweeper."""
    from award_portal.tasks import deliver_outbox

    try:
        deliver_outbox.apply_async(retry=False, expires=60)
    except Exception as error:  # noqa: BLE001 - the broker may be down: the row is safe, the sweeper comes
        log.warning("knock lost", error=str(error))


def due(at: datetime, machine: datetime) -> Any:
    """This function will give the rows that may be worked on: waiting, due and not leased."""
    return OutboxMessage.objects.filter(state=OutboxMessage.State.WAITING, due_at__lte=at).filter(
        Q(leased_until=None) | Q(leased_until__lte=machine)
    )


def deliver(limit: int = 200) -> int:
    """This function will deliver what is due, row by row, and give the number delivered. A failing row stops no other."""
    done = 0
    for pk in list(due(clock.read(), clock.machine_now()).order_by("pk").values_list("pk", flat=True)[:limit]):
        done += _deliver_one(pk)
    return done


def _claim(pk: int) -> str:
    lease = uuid.uuid4().hex
    machine = clock.machine_now()
    taken = (
        due(clock.read(), machine)
        .filter(pk=pk)
        .update(leased_until=machine + LEASE, lease=lease, attempts=F("attempts") + 1)
    )
    return lease if taken else ""


def _deliver_one(pk: int) -> int:
    lease = _claim(pk)
    if not lease:
        return 0
    try:
        with clock.moment() as at:
            message = OutboxMessage.objects.filter(pk=pk, lease=lease, state=OutboxMessage.State.WAITING).first()
            if message is None:  # somebody else has taken the row up meanwhile
                return 0
            keep = _handlers[message.kind](message, at)
            return _complete(pk, lease, keep, at)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, the row keeps it and no other row waits for it
        _postpone(pk, lease, error)
        return 0


def _complete(pk: int, lease: str, keep: Keep | None, at: datetime) -> int:
    with transaction.atomic():
        message = OutboxMessage.objects.select_for_update().get(pk=pk)
        if message.lease != lease or message.state != OutboxMessage.State.WAITING:
            return 0  # the lease ran out and somebody else has taken the row up: what was prepared is not kept
        if keep is not None:
            keep()
        message.state, message.done_at, message.error, message.leased_until = OutboxMessage.State.DONE, at, "", None
        message.save()
    return 1


def _postpone(pk: int, lease: str, error: Exception) -> None:
    message = OutboxMessage.objects.get(pk=pk)
    waiting_for_machine = isinstance(error, (NotYet, *OUTAGES))
    if not waiting_for_machine:
        log.error("outbox row failed", key=message.key, error=repr(error), exc_info=error)
    wait = RETRY[min(message.attempts, len(RETRY)) - 1] if message.attempts else RETRY[0]
    failed = message.attempts >= GIVE_UP_AFTER and not waiting_for_machine
    OutboxMessage.objects.filter(pk=pk, lease=lease).update(
        leased_until=None if failed else clock.machine_now() + timedelta(seconds=wait),
        attempts=F("attempts") - 1 if waiting_for_machine and message.attempts > len(RETRY) else F("attempts"),
        error=str(error)[:2000] or repr(error),
        state=OutboxMessage.State.FAILED if failed else OutboxMessage.State.WAITING,
    )


def revive() -> int:
    """This function will set failed rows to waiting, for the day the cause is mended; it gives their number."""
    failed = OutboxMessage.objects.filter(state=OutboxMessage.State.FAILED)
    return failed.update(state=OutboxMessage.State.WAITING, attempts=0, leased_until=None)


@handles("mail")
def _send_mail(message: OutboxMessage, at: datetime) -> None:
    payload = message.payload
    domain = settings.PORTAL_URL.split("://", 1)[-1].split("/")[0].split(":")[0]
    EmailMessage(
        subject=" ".join(payload["subject"].split()),
        body=payload["body"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[payload["to"]],
        headers={"Message-ID": f"<outbox-{message.pk}@{domain}>"},
    ).send()
